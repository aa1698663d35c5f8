using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation.Language;
using ApiLevel.Host.Tests.Support;
using ApiLevel.Runner;

namespace ApiLevel.Host.Tests.Help;

/// <summary>Runs the commands of a page's examples in the runner, from the repository's root, as a reader would.</summary>
internal static class ExampleRunner
{
    /// <summary>Outputs longer than this are cut by the mode that writes them into pages.</summary>
    private const int LongestShown = 20;

    /// <summary>What a command's output looks like on a screen of 120 columns, errors below it.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Run(HelpExample example)
    {
        ScriptedTerminal terminal = new();
        using Session session = Session.Open(terminal, OutputFormat.Text, Repository.Manifest);
        session.Runspace.SessionStateProxy.Path.SetLocation(Repository.Root);
        List<IReadOnlyList<string>> outputs = [];
        foreach ((string command, _) in example.Steps)
        {
            terminal.Written.Clear();
            ((StringWriter)terminal.Error).GetStringBuilder().Clear();
            session.Execute(command);
            outputs.Add(Trim((terminal.Written + terminal.Error.ToString()).ReplaceLineEndings("\n")
                .Replace(Repository.Root, ".", StringComparison.Ordinal).Split('\n')));
        }

        return outputs;
    }

    /// <summary>The names of the cmdlets of an example that come with PowerShell and not with the engine.</summary>
    public static IReadOnlyList<string> PowerShellCommands(HelpExample example) =>
        [.. example.Steps
            .SelectMany(s => Parser.ParseInput(s.Command, out _, out _).FindAll(a => a is CommandAst, searchNestedScriptBlocks: true))
            .Select(a => ((CommandAst)a).GetCommandName())
            .Where(n => Messages.PowerShellModuleOf(n) is not null)
            .Distinct(StringComparer.OrdinalIgnoreCase)];

    /// <summary>Whether the output is what the page shows; "..." in a page stands for any lines.</summary>
    public static bool Matches(IReadOnlyList<string> shown, IReadOnlyList<string> actual)
    {
        // As wildcards are matched: after a mismatch the last "..." takes one line more.
        string[] expected = Trim(shown);
        int e = 0;
        int a = 0;
        int ellipsis = -1;
        int taken = 0;
        while (a < actual.Count)
        {
            if (e < expected.Length && expected[e] == HelpExample.Ellipsis)
            {
                ellipsis = e++;
                taken = a;
            }
            else if (e < expected.Length && expected[e] == actual[a])
            {
                e++;
                a++;
            }
            else if (ellipsis >= 0)
            {
                e = ellipsis + 1;
                a = ++taken;
            }
            else
            {
                return false;
            }
        }

        return expected.Skip(e).All(line => line == HelpExample.Ellipsis);
    }

    /// <summary>The example's block with the outputs of now.</summary>
    public static string Refresh(HelpExample example, IReadOnlyList<IReadOnlyList<string>> outputs)
    {
        List<string> lines = [];
        for (int i = 0; i < outputs.Count; i++)
        {
            (string command, IReadOnlyList<string> shown) = example.Steps[i];
            lines.AddRange(command.Split('\n').Select((line, n) => (n == 0 ? HelpExample.CommandMark : HelpExample.ContinuationMark) + line));
            bool cut = outputs[i].Count > LongestShown;
            lines.AddRange(Matches(shown, outputs[i]) ? Trim(shown) : cut ? [.. outputs[i].Take(LongestShown - 8), HelpExample.Ellipsis] : outputs[i]);
            if (i + 1 < outputs.Count)
            {
                lines.Add(string.Empty);
            }
        }

        return $"```powershell\n{string.Join('\n', lines)}\n```";
    }

    private static string[] Trim(IEnumerable<string> lines)
    {
        string[] trimmed = [.. lines.Select(l => l.TrimEnd())];
        int first = Array.FindIndex(trimmed, l => l.Length > 0);
        int last = Array.FindLastIndex(trimmed, l => l.Length > 0);
        return first < 0 ? [] : trimmed[first..(last + 1)];
    }
}
