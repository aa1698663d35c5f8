using System;
using System.Collections.Generic;
using System.IO;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace ApiLevel.Runner;

/// <summary>What goes to the standard error: one line each, marked by its kind.</summary>
internal static class Messages
{
    private static readonly Lazy<Dictionary<string, string>> s_powerShellCommands = new(ReadPowerShellCommands);

    public static void Write(TextWriter writer, string kind, string? id, string message) =>
        writer.WriteLine(id is null ? $"{kind}: {OneLine(message)}" : $"{kind} {id}: {OneLine(message)}");

    public static void Write(TextWriter writer, ErrorRecord error) =>
        Write(writer, "ERROR", error.FullyQualifiedErrorId, Explain(error));

    public static void Write(TextWriter writer, ParseError error) =>
        Write(
            writer,
            "ERROR",
            error.ErrorId,
            $"line {error.Extent.StartLineNumber}, column {error.Extent.StartColumnNumber}: {error.Message}");

    /// <summary>The module of PowerShell that brings a command; null when PowerShell brings none of that name.</summary>
    public static string? PowerShellModuleOf(string? command) =>
        command is not null && s_powerShellCommands.Value.TryGetValue(command, out string? module) ? module : null;

    private static string Explain(ErrorRecord error) =>
        error.Exception is CommandNotFoundException { CommandName: { } name } && PowerShellModuleOf(name) is { } module
            ? $"{name} comes with PowerShell ({module}), not with the engine that this runner embeds; " +
              "start PowerShell and Import-Module ApiLevel.psd1 there."
            : error.ErrorDetails?.Message ?? error.Exception.Message;

    private static string OneLine(string text) =>
        string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static Dictionary<string, string> ReadPowerShellCommands()
    {
        using Stream stream = typeof(Messages).Assembly.GetManifestResourceStream("PowerShellCommands.txt")!;
        using StreamReader reader = new(stream);
        Dictionary<string, string> modules = new(StringComparer.OrdinalIgnoreCase);
        string module = string.Empty;
        while (reader.ReadLine() is { } line)
        {
            if (line.EndsWith(':'))
            {
                module = line[..^1];
            }
            else if (!line.StartsWith('#'))
            {
                foreach (string name in line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                {
                    modules[name] = module;
                }
            }
        }

        return modules;
    }
}
