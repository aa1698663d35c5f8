using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Xml.Linq;
using ApiLevel.Host.Tests.Support;
using Markdig.Syntax;

namespace ApiLevel.Host.Tests.Help;

/// <summary>
/// Writes a page's skeleton for a new cmdlet, and brings syntax and parameter tables of an existing page up to date without touching
/// what people wrote. First texts come from the XML comments of the cmdlet's class.
/// </summary>
internal static class PageScaffold
{
    private static readonly string[] s_commentFiles =
    [
        Path.Combine("src", "ApiLevel", "bin"),
        Path.Combine("src", "ApiLevel.Core", "bin"),
    ];

    private static readonly Lazy<Dictionary<string, string>> s_comments = new(ReadComments);

    public static string Create(CommandReference command)
    {
        StringBuilder page = new();
        page.Append($"""
            ---
            external help file: ApiLevel.dll-Help.xml
            Module Name: ApiLevel
            online version:
            schema: 2.0.0
            ---

            # {command.Name}

            ## SYNOPSIS
            {Comment("T:" + command.Cmdlet.ImplementingType.FullName) ?? HelpPage.Placeholder + "Fill in the Synopsis }}"}

            ## SYNTAX

            {SyntaxSection(command).TrimEnd('\n')}

            ## DESCRIPTION
            {HelpPage.Placeholder}Fill in the Description {"}}"}

            ## EXAMPLES

            ### Example 1: {HelpPage.Placeholder}Title {"}}"}
            ```powershell
            {HelpExample.CommandMark}{command.Name}
            ```

            {HelpPage.Placeholder}Say what the example shows {"}}"}

            ## PARAMETERS


            """.ReplaceLineEndings("\n"));
        foreach (IGrouping<string, ParameterReference> parameter in command.Parameters.GroupBy(p => p.Name, StringComparer.Ordinal))
        {
            page.Append(ParameterSection(command, parameter.Key, [.. parameter]));
        }

        page.Append("""
            ### CommonParameters
            This cmdlet supports the common parameters: -Debug, -ErrorAction, -ErrorVariable, -InformationAction, -InformationVariable, -OutVariable, -OutBuffer, -PipelineVariable, -Verbose, -WarningAction, and -WarningVariable. For more information, see [about_CommonParameters](http://go.microsoft.com/fwlink/?LinkID=113216).

            ## INPUTS


            """.ReplaceLineEndings("\n"));
        string[] inputs = [.. command.Parameters.Where(p => p.PipelineInput != "False").Select(p => p.Type).Distinct(StringComparer.Ordinal)];
        foreach (string input in inputs.Length == 0 ? ["None"] : inputs)
        {
            page.Append($"### {input}\n\n");
        }

        page.Append("## OUTPUTS\n\n");
        foreach (string output in command.OutputTypes)
        {
            page.Append($"### {output}\n{Comment("T:" + output)}\n\n");
        }

        return page.Append("## NOTES\n\n## RELATED LINKS\n").ToString();
    }

    /// <summary>The page with syntax and parameter tables as the command has them now.</summary>
    public static string Update(HelpPage page, CommandReference command)
    {
        List<(int Start, int End, string Text)> edits = [];
        IReadOnlyList<Block> syntax = page.Section("SYNTAX");
        if (syntax.Count > 0)
        {
            edits.Add((syntax[0].Span.Start, syntax[^1].Span.End + 1, SyntaxSection(command).TrimEnd('\n')));
        }

        Dictionary<string, HelpParameter> known = page.Parameters.ToDictionary(p => p.Name, StringComparer.Ordinal);
        foreach (IGrouping<string, ParameterReference> parameter in command.Parameters.GroupBy(p => p.Name, StringComparer.Ordinal))
        {
            if (known.TryGetValue(parameter.Key, out HelpParameter? section) && section.Blocks.Count > 0)
            {
                edits.Add((section.Blocks[0].Span.Start, section.Blocks[^1].Span.End + 1, YamlBlocks(parameter).TrimEnd('\n')));
            }
            else if (section is null)
            {
                // Before the first section that sorts after it; CommonParameters is last.
                HeadingBlock next = page.Subsections("PARAMETERS")
                    .First(s => s.Title == "CommonParameters" || string.CompareOrdinal(s.Title, "-" + parameter.Key) > 0).Heading;
                edits.Add((next.Span.Start, next.Span.Start, ParameterSection(command, parameter.Key, [.. parameter])));
            }
        }

        StringBuilder text = new(page.Text);
        foreach ((int start, int end, string replacement) in edits.OrderByDescending(e => e.Start))
        {
            text.Remove(start, end - start).Insert(start, replacement);
        }

        return text.ToString();
    }

    /// <summary>The text of the SYNTAX section.</summary>
    public static string SyntaxSection(CommandReference command)
    {
        StringBuilder section = new();
        foreach (SyntaxReference set in command.Syntax)
        {
            if (command.Syntax.Count > 1)
            {
                section.Append($"### {set.Set}{(set.IsDefault ? " (Default)" : string.Empty)}\n");
            }

            section.Append($"```\n{string.Join('\n', command.SyntaxLines(set))}\n```\n\n");
        }

        return section.ToString();
    }

    private static string ParameterSection(CommandReference command, string name, IReadOnlyList<ParameterReference> parameter) =>
        $"### -{name}\n{TextOf(command, name)}\n\n{YamlBlocks(parameter)}";

    private static string TextOf(CommandReference command, string name)
    {
        for (Type? type = command.Cmdlet.ImplementingType; type is not null; type = type.BaseType)
        {
            string declaring = (type.IsGenericType ? type.GetGenericTypeDefinition() : type).FullName!;
            if (Comment($"P:{declaring}.{name}") is { } text)
            {
                return text;
            }
        }

        return name switch
        {
            "WhatIf" => "Shows what would happen if the cmdlet runs. The cmdlet is not run.",
            "Confirm" => "Prompts you for confirmation before running the cmdlet.",
            _ => $"{HelpPage.Placeholder}Fill {name} Description }}}}",
        };
    }

    private static string YamlBlocks(IEnumerable<ParameterReference> parameter) =>
        string.Concat(parameter.Select(p => $"```yaml\n{string.Join('\n', p.Yaml)}\n```\n\n"));

    private static string? Comment(string member) => s_comments.Value.GetValueOrDefault(member);

    private static Dictionary<string, string> ReadComments()
    {
        Dictionary<string, string> comments = new(StringComparer.Ordinal);
        foreach (string file in s_commentFiles.Select(f => Path.Combine(Repository.Root, f)).Where(Directory.Exists)
            .SelectMany(f => Directory.GetFiles(f, "ApiLevel*.xml", SearchOption.AllDirectories)).Order(StringComparer.Ordinal))
        {
            foreach (XElement member in XDocument.Load(file).Descendants("member"))
            {
                string text = string.Join(' ', (member.Element("summary")?.Value ?? string.Empty).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
                if (text.Length > 0)
                {
                    comments[(string)member.Attribute("name")!] = text;
                }
            }
        }

        return comments;
    }
}
