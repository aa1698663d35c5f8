using System;
using System.Collections.Generic;
using System.IO;

namespace ApiLevel.DataTool.Commands;

/// <summary>The command line after the command's name: options with a value, switches, and the rest.</summary>
internal sealed class Arguments
{
    private static readonly string[] s_options = ["--data", "--output", "--pack", "--folder", "--version"];
    private static readonly string[] s_switches = ["--markdown"];

    private readonly Dictionary<string, string> _options = new(StringComparer.Ordinal);

    public List<string> Values { get; } = [];

    public static Arguments Parse(string[] arguments)
    {
        Arguments line = new();
        for (int i = 0; i < arguments.Length; i++)
        {
            string argument = arguments[i];
            if (Array.IndexOf(s_switches, argument) >= 0)
            {
                line._options[argument] = "";
            }
            else if (Array.IndexOf(s_options, argument) >= 0)
            {
                if (++i == arguments.Length)
                {
                    throw new UsageException(argument + " needs a value");
                }

                line._options[argument] = arguments[i];
            }
            else if (argument.StartsWith("--", StringComparison.Ordinal))
            {
                throw new UsageException("'" + argument + "' is no option");
            }
            else
            {
                line.Values.Add(argument);
            }
        }

        return line;
    }

    public bool Has(string option) => _options.ContainsKey(option);

    public string? Find(string option) => _options.GetValueOrDefault(option);

    public string Need(string option) => Find(option) ?? throw new UsageException(option + " is needed");

    /// <summary>The folder of the facts: as asked, or src/ApiLevel.Data of this folder or one above it.</summary>
    public string DataFolder()
    {
        if (Find("--data") is { } folder)
        {
            return folder;
        }

        for (DirectoryInfo? current = new(Environment.CurrentDirectory); current is not null; current = current.Parent)
        {
            string candidate = Path.Combine(current.FullName, "src", "ApiLevel.Data");
            if (Directory.Exists(candidate))
            {
                return candidate;
            }
        }

        throw new UsageException("--data is needed: there is no src/ApiLevel.Data here or above");
    }
}

/// <summary>The command line is wrong; the message says how.</summary>
internal sealed class UsageException(string message) : Exception(message);
