using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Markdig;
using Markdig.Extensions.Yaml;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace ApiLevel.Host.Tests.Help;

/// <summary>An example of a page: its title, its block of commands and output, and what is said about it.</summary>
/// <param name="Code">The block's position, for the mode that writes outputs anew.</param>
internal sealed record HelpExample(string Title, FencedCodeBlock? Code, IReadOnlyList<string> Lines, IReadOnlyList<string> Remarks)
{
    public const string CommandMark = "PS> ";
    public const string ContinuationMark = ">> ";

    /// <summary>Stands for lines of output that the page leaves out.</summary>
    public const string Ellipsis = "...";

    public bool NeedsWindows => Title.EndsWith("(needs Windows)", StringComparison.Ordinal);

    public bool NeedsPowerShell => Title.EndsWith("(needs PowerShell)", StringComparison.Ordinal);

    /// <summary>The commands with the output that the page shows for each.</summary>
    public IReadOnlyList<(string Command, IReadOnlyList<string> Output)> Steps
    {
        get
        {
            List<(string Command, List<string> Output)> steps = [];
            foreach (string line in Lines)
            {
                if (line.StartsWith(CommandMark, StringComparison.Ordinal))
                {
                    steps.Add((line[CommandMark.Length..], []));
                }
                else if (steps.Count > 0 && steps[^1].Output.Count == 0 && line.StartsWith(ContinuationMark, StringComparison.Ordinal))
                {
                    steps[^1] = (steps[^1].Command + "\n" + line[ContinuationMark.Length..], []);
                }
                else if (steps.Count > 0)
                {
                    steps[^1].Output.Add(line);
                }
            }

            return [.. steps.Select(s => (s.Command, (IReadOnlyList<string>)s.Output))];
        }
    }
}

/// <summary>A parameter's section of a page.</summary>
internal sealed record HelpParameter(string Name, IReadOnlyList<string> Text, IReadOnlyList<FencedCodeBlock> Blocks, IReadOnlyList<IReadOnlyList<string>> Yaml);

/// <summary>A named piece of a page: a syntax, an input or output type.</summary>
internal sealed record HelpItem(string Title, IReadOnlyList<string> Text, IReadOnlyList<string> CodeLines);

/// <summary>A cmdlet's page in the format of platyPS (schema 2.0.0).</summary>
internal sealed class HelpPage
{
    /// <summary>What the scaffold leaves where a person has to write.</summary>
    public const string Placeholder = "{{ ";

    private static readonly MarkdownPipeline s_pipeline = new MarkdownPipelineBuilder().UseYamlFrontMatter().UsePreciseSourceLocation().Build();

    private HelpPage(string path, string text)
    {
        Path = path;
        Text = text;
        Document = Markdown.Parse(text, s_pipeline);
        Metadata = Document.OfType<YamlFrontMatterBlock>().SelectMany(b => LinesOf(b))
            .Select(l => l.Split(':', 2))
            .Where(p => p.Length == 2)
            .ToDictionary(p => p[0].Trim(), p => p[1].Trim(), StringComparer.Ordinal);
        Name = Document.OfType<HeadingBlock>().Where(h => h.Level == 1).Select(h => PlainText(h.Inline)).FirstOrDefault() ?? string.Empty;
    }

    public string Path { get; }

    public string Text { get; }

    public MarkdownDocument Document { get; }

    public IReadOnlyDictionary<string, string> Metadata { get; }

    public string Name { get; }

    public IReadOnlyList<string> Synopsis => Paragraphs(Section("SYNOPSIS"));

    public IReadOnlyList<string> Description => Paragraphs(Section("DESCRIPTION"));

    public IReadOnlyList<HelpItem> Syntax => Items("SYNTAX");

    public IReadOnlyList<HelpItem> Inputs => Items("INPUTS");

    public IReadOnlyList<HelpItem> Outputs => Items("OUTPUTS");

    public IReadOnlyList<string> Notes => Paragraphs(Section("NOTES"));

    public IReadOnlyList<HelpExample> Examples =>
        [.. Subsections("EXAMPLES").Select(s =>
        {
            FencedCodeBlock? code = s.Blocks.OfType<FencedCodeBlock>().FirstOrDefault();
            return new HelpExample(s.Title, code, code is null ? [] : LinesOf(code), Paragraphs(s.Blocks));
        })];

    public IReadOnlyList<HelpParameter> Parameters =>
        [.. Subsections("PARAMETERS").Where(s => s.Title.StartsWith('-')).Select(s =>
        {
            FencedCodeBlock[] blocks = [.. s.Blocks.OfType<FencedCodeBlock>().Where(b => b.Info == "yaml")];
            return new HelpParameter(s.Title[1..], Paragraphs(s.Blocks), blocks, [.. blocks.Select(LinesOf)]);
        })];

    /// <summary>Links as text and address.</summary>
    public IReadOnlyList<(string Text, string Uri)> Links =>
        [.. Section("RELATED LINKS").OfType<LeafBlock>().SelectMany(b => b.Inline?.Descendants<LinkInline>() ?? []).Select(l => (PlainText(l), l.Url ?? string.Empty))];

    public static HelpPage Read(string path) => new(path, File.ReadAllText(path).ReplaceLineEndings("\n"));

    public static HelpPage Parse(string path, string text) => new(path, text);

    /// <summary>The blocks under a heading of the second level, up to the next one.</summary>
    public IReadOnlyList<Block> Section(string title) =>
        [.. Document.SkipWhile(b => !(b is HeadingBlock { Level: 2 } h && PlainText(h.Inline) == title)).Skip(1).TakeWhile(b => b is not HeadingBlock { Level: <= 2 })];

    /// <summary>The parts of a section by its headings of the third level.</summary>
    public IReadOnlyList<(string Title, HeadingBlock Heading, IReadOnlyList<Block> Blocks)> Subsections(string title)
    {
        List<(string Title, HeadingBlock Heading, IReadOnlyList<Block> Blocks)> parts = [];
        foreach (Block block in Section(title))
        {
            if (block is HeadingBlock { Level: 3 } heading)
            {
                parts.Add((PlainText(heading.Inline), heading, new List<Block>()));
            }
            else if (parts.Count > 0)
            {
                ((List<Block>)parts[^1].Blocks).Add(block);
            }
        }

        return parts;
    }

    public static IReadOnlyList<string> LinesOf(LeafBlock block) =>
        [.. block.Lines.Lines.Take(block.Lines.Count).Select(l => l.ToString().TrimEnd())];

    private IReadOnlyList<HelpItem> Items(string title) =>
        [.. Subsections(title).Select(s => new HelpItem(s.Title, Paragraphs(s.Blocks), [.. s.Blocks.OfType<FencedCodeBlock>().SelectMany(LinesOf)]))];

    // Help shows plain text: one string a paragraph, and one a list item.
    private static List<string> Paragraphs(IEnumerable<Block> blocks)
    {
        List<string> texts = [];
        foreach (Block block in blocks)
        {
            switch (block)
            {
                case ParagraphBlock paragraph:
                    texts.Add(PlainText(paragraph.Inline));
                    break;
                case ListBlock list:
                    texts.AddRange(list.OfType<ListItemBlock>().Select(item => "- " + string.Join(' ', Paragraphs(item))));
                    break;
            }
        }

        return texts;
    }

    private static string PlainText(Inline? inline) => inline switch
    {
        null => string.Empty,
        LiteralInline literal => literal.Content.ToString(),
        CodeInline code => code.Content,
        LineBreakInline => " ",
        AutolinkInline link => link.Url,
        HtmlEntityInline entity => entity.Transcoded.ToString(),
        ContainerInline container => string.Concat(container.Select(PlainText)),
        _ => string.Empty,
    };
}
