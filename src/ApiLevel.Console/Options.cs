using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Linq;

namespace ApiLevel.Runner;

/// <summary>How output objects are written.</summary>
internal enum OutputFormat
{
    /// <summary>Tables and lists, as PowerShell shows them.</summary>
    Text,

    /// <summary>One JSON object a line.</summary>
    Json,

    /// <summary>RFC 4180 with a header.</summary>
    Csv,
}

/// <summary>What the command line asks for.</summary>
internal sealed class Options
{
    public const string Usage = """
        ApiLevel.Console: runs a PowerShell pipeline with the ApiLevel module loaded, on machines without PowerShell.

          -Command "<pipeline>"         run it and leave
          -File <script.ps1> [args]     run the script with what follows as its arguments, and leave
          -Output Text | Json | Csv     tables (default), one JSON object a line, or CSV with a header; before -File
          -Help                         this text

        Without -Command and -File it prompts; with redirected input it reads commands line by line.
        Objects go to the standard output, errors and warnings to the standard error, one line each.

        Exit code: 0; 1 when an error was written; 2 for a syntax error or an error that ended a command;
        N after "exit N"; 130 after Ctrl+C; 141 when the reader of the output has gone; 143 after SIGTERM.
        """;

    private static readonly string[] s_names = ["-Command", "-File", "-Output", "-Help"];

    public string? Command { get; private set; }

    public string? File { get; private set; }

    /// <summary>What follows the script's name.</summary>
    public IReadOnlyList<string> FileArguments { get; private set; } = [];

    public OutputFormat Output { get; private set; }

    public bool Help { get; private set; }

    /// <summary>Reads the command line; <paramref name="problem"/> says in one line what is wrong with it.</summary>
    public static bool TryParse(IReadOnlyList<string> args, out Options options, [NotNullWhen(false)] out string? problem)
    {
        options = new Options();
        problem = null;
        for (int i = 0; i < args.Count && problem is null; i++)
        {
            string? name = FullName(args[i]);
            string? value = i + 1 < args.Count ? args[i + 1] : null;
            if (name == "-Help")
            {
                options.Help = true;
            }
            else if (name is null)
            {
                problem = $"'{args[i]}' is no option; -Help lists them. A pipeline is given as one quoted argument of -Command.";
            }
            else if (value is null)
            {
                problem = $"{name} needs a value.";
            }
            else if (name == "-Output")
            {
                problem = options.SetOutput(value);
                i++;
            }
            else if (options.Command is not null)
            {
                problem = "-Command and -File are given once, and not together.";
            }
            else if (name == "-Command")
            {
                options.Command = value;
                i++;
            }
            else
            {
                options.File = value;
                options.FileArguments = [.. args.Skip(i + 2)];
                break;
            }
        }

        return problem is null;
    }

    private string? SetOutput(string value)
    {
        // Enum.TryParse alone would take numbers and lists too.
        if (!Enum.GetNames<OutputFormat>().Contains(value, StringComparer.OrdinalIgnoreCase))
        {
            return $"-Output is Text, Json or Csv, not '{value}'.";
        }

        Output = Enum.Parse<OutputFormat>(value, ignoreCase: true);
        return null;
    }

    // As in PowerShell, an option may be shortened and case does not matter.
    private static string? FullName(string arg)
    {
        string dashed = arg.StartsWith("--", StringComparison.Ordinal) ? arg[1..] : arg;
        return dashed is "-?" or "/?"
            ? "-Help"
            : dashed.Length < 2 ? null : s_names.FirstOrDefault(n => n.StartsWith(dashed, StringComparison.OrdinalIgnoreCase));
    }
}
