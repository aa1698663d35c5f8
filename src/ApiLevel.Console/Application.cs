using System;
using System.Collections;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace ApiLevel.Runner;

/// <summary>From a command line to an exit code.</summary>
internal static partial class Application
{
    public static int Run(IReadOnlyList<string> args, ITerminal terminal, string programFolder)
    {
        if (!Options.TryParse(args, out Options options, out string? problem))
        {
            return Fail(terminal, "BadArgument", problem);
        }

        if (options.Help)
        {
            terminal.Out.WriteLine(Options.Usage);
            return ExitCodes.Success;
        }

        if (ModuleLocation.Find(programFolder, out string whyNot) is not { } manifest)
        {
            return Fail(terminal, "ModuleNotFound", whyNot);
        }

        try
        {
            // What cannot be parsed is answered before the engine starts.
            ScriptBlock? script = null;
            if (options.File is not null && !TryReadScript(options.File, terminal, out script)
                || options.Command is not null && !Parses(options.Command, terminal))
            {
                return ExitCodes.Ended;
            }

            // A signal that comes while no command runs keeps its default action, which ends the process with the same code.
            using Session session = Session.Open(terminal, options.Output, manifest);
            using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, c => c.Cancel = session.Stop(ExitCodes.Interrupted));
            using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, c => c.Cancel = session.Stop(ExitCodes.Terminated));
            return options switch
            {
                { File: not null } => session.Execute(
                    "param($script) & $script " + string.Join(' ', options.FileArguments.Select(Argument)),
                    new Hashtable { ["script"] = script }),
                { Command: { } command } => session.Execute(command),
                _ => new Shell(session, terminal).Run(),
            };
        }
        catch (RuntimeException e)
        {
            Messages.Write(terminal.Error, e.ErrorRecord);
            return ExitCodes.Ended;
        }
    }

    private static bool TryReadScript(string path, ITerminal terminal, out ScriptBlock? script)
    {
        script = null;
        string full = Path.GetFullPath(path);
        if (!File.Exists(full))
        {
            Fail(terminal, "FileNotFound", $"There is no script '{path}'.");
            return false;
        }

        try
        {
            ScriptBlockAst ast = Parser.ParseFile(full, out _, out ParseError[] errors);
            if (Report(errors, terminal))
            {
                return false;
            }

            script = ast.GetScriptBlock();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Fail(terminal, "FileUnreadable", e.Message);
            return false;
        }
    }

    private static bool Parses(string command, ITerminal terminal)
    {
        Parser.ParseInput(command, out _, out ParseError[] errors);
        return !Report(errors, terminal);
    }

    private static bool Report(ParseError[] errors, ITerminal terminal)
    {
        foreach (ParseError error in errors)
        {
            Messages.Write(terminal.Error, error);
        }

        return errors.Length > 0;
    }

    private static int Fail(ITerminal terminal, string id, string message)
    {
        Messages.Write(terminal.Error, "ERROR", id, message);
        return ExitCodes.Ended;
    }

    // A word like -Name or -Name:value is a parameter of the script, as PowerShell's own -File takes it; all else is a literal.
    private static string Argument(string word)
    {
        Match parameter = ParameterPattern().Match(word);
        return !parameter.Success
            ? Quote(word)
            : parameter.Groups["value"].Success ? parameter.Groups["name"].Value + Quote(parameter.Groups["value"].Value) : word;
    }

    private static string Quote(string text) => $"'{CodeGeneration.EscapeSingleQuotedStringContent(text)}'";

    [GeneratedRegex(@"^(?<name>-[A-Za-z_]\w*:)(?<value>.+)$|^-[A-Za-z_]\w*$", RegexOptions.CultureInvariant)]
    private static partial Regex ParameterPattern();
}
