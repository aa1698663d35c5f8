using System;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace ApiLevel.Runner;

/// <summary>The prompt: reads a command, on several lines where it is not finished, and runs it.</summary>
internal sealed class Shell(Session session, ITerminal terminal)
{
    public const string Prompt = "PS> ";
    public const string Continuation = ">> ";

    /// <summary>Runs until <c>exit</c> or the end of the input. With redirected input it returns the highest code of the commands.</summary>
    public int Run()
    {
        LineEditor editor = new(terminal, Complete);
        int highest = ExitCodes.Success;
        while (session.ExitCode is null && Read(editor) is { } command)
        {
            if (!string.IsNullOrWhiteSpace(command))
            {
                int code = session.Execute(command, addToHistory: true);
                if (code is ExitCodes.OutputClosed or ExitCodes.Terminated)
                {
                    return code;
                }

                highest = Math.Max(highest, code);
            }
        }

        return session.ExitCode ?? (terminal.Interactive ? ExitCodes.Success : highest);
    }

    private string? Read(LineEditor editor)
    {
        string command = string.Empty;
        while (true)
        {
            string? line = terminal.Interactive
                ? editor.ReadLine(command.Length == 0 ? Prompt : Continuation)
                : terminal.In.ReadLine();
            if (line is null)
            {
                // An unfinished command is returned as well: running it reports its syntax error.
                return command.Length == 0 ? null : command;
            }

            command = command.Length == 0 ? line : command + Environment.NewLine + line;
            if (line.Length == 0 || !IsUnfinished(command))
            {
                return command;
            }
        }
    }

    private static bool IsUnfinished(string command)
    {
        Parser.ParseInput(command, out _, out ParseError[] errors);
        return errors.Any(e => e.IncompleteInput);
    }

    private CommandCompletion Complete(string text, int cursor)
    {
        using PowerShell shell = PowerShell.Create(session.Runspace);
        return CommandCompletion.CompleteInput(text, cursor, null, shell);
    }
}
