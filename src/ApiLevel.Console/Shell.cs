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

    /// <summary>Until <c>exit</c> or the end of the input. Without a person there, the gravest code of the commands is returned.</summary>
    public int Run()
    {
        LineEditor editor = new(terminal, Complete);
        int gravest = ExitCodes.Success;
        while (session.ExitCode is null && Read(editor) is { } command)
        {
            if (!string.IsNullOrWhiteSpace(command))
            {
                int code = session.Execute(command, addToHistory: true);
                if (code == ExitCodes.OutputClosed)
                {
                    return code;
                }

                gravest = Math.Max(gravest, code);
            }
        }

        return session.ExitCode ?? (terminal.Interactive ? ExitCodes.Success : gravest);
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
                // What was begun and never finished still gets its syntax error.
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
