using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using ApiLevel.Host.Tests.Support;

namespace ApiLevel.Host.Tests.Help;

/// <summary>
/// The pages in en-US are the source of the help; the file that Get-Help reads is made from them and from what the commands say about
/// themselves. This class makes it and finds every difference. With APILEVEL_WRITE_HELP in the environment it writes:
/// "1" the MAML, "scaffold" skeletons of missing pages and the tables of existing ones, "examples" the outputs in the pages.
/// scaffold and examples write the MAML too.
/// </summary>
public sealed class HelpTests(EngineFixture engine, ITestOutputHelper log) : IClassFixture<EngineFixture>
{
    private const string Variable = "APILEVEL_WRITE_HELP";
    private static readonly string s_mode = Environment.GetEnvironmentVariable(Variable) ?? string.Empty;
    private static bool s_written;
    private static readonly string s_mamlFile = Path.Combine(Repository.HelpFolder, "ApiLevel.dll-Help.xml");
    private static readonly string[] s_sections = ["SYNOPSIS", "SYNTAX", "DESCRIPTION", "EXAMPLES", "PARAMETERS", "INPUTS", "OUTPUTS", "NOTES", "RELATED LINKS"];

    [Fact]
    public void Each_cmdlet_has_a_page_and_each_page_a_cmdlet()
    {
        WriteIfAsked();
        Assert.NotEmpty(engine.Cmdlets);

        Assert.Equal(
            engine.Cmdlets.Select(c => c.Name).Order(StringComparer.Ordinal),
            PageFiles().Select(f => Path.GetFileNameWithoutExtension(f)!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Each_page_says_everything_that_help_needs()
    {
        WriteIfAsked();
        Assert.Empty(Pages().SelectMany(p => MissingParts(p.Page, p.Command)));
    }

    [Fact]
    public void Syntax_and_parameter_tables_are_those_of_the_commands()
    {
        WriteIfAsked();
        Assert.Empty(Pages().SelectMany(p => Differences(p.Page, p.Command)));
    }

    [Fact]
    public void The_help_file_is_the_one_that_the_pages_give()
    {
        WriteIfAsked();
        string written = File.Exists(s_mamlFile) ? File.ReadAllText(s_mamlFile).ReplaceLineEndings("\n") : string.Empty;

        Assert.True(written == MamlWriter.Write(Pages()), $"{s_mamlFile} is not what the pages give. Run the help tests with {Variable}=1.");
    }

    [Fact]
    public void Examples_show_what_the_commands_write()
    {
        WriteIfAsked();
        List<string> differences = [];
        List<string> skipped = [];
        int run = 0;
        foreach ((HelpPage page, _) in Pages().Where(p => !IsSkeleton(p.Page)))
        {
            foreach (HelpExample example in page.Examples)
            {
                string name = $"{page.Name}, {example.Title}";
                IReadOnlyList<string> foreign = ExampleRunner.PowerShellCommands(example);
                if (example.NeedsPowerShell != foreign.Count > 0)
                {
                    differences.Add($"{name}: the title ends with '(needs PowerShell)' exactly where a cmdlet of PowerShell is used ({string.Join(", ", foreign)}).");
                }
                else if (example.NeedsPowerShell || example.NeedsWindows && !OperatingSystem.IsWindows())
                {
                    skipped.Add(name);
                }
                else
                {
                    run++;
                    IReadOnlyList<IReadOnlyList<string>> outputs = ExampleRunner.Run(example);
                    differences.AddRange(example.Steps.Zip(outputs)
                        .Where(s => !ExampleRunner.Matches(s.First.Output, s.Second))
                        .Select(s => $"{name}: {s.First.Command}\nThe page shows\n{string.Join('\n', s.First.Output)}\nand the command writes\n{string.Join('\n', s.Second.Take(40))}\n"));
                }
            }
        }

        log.WriteLine($"{run} examples ran, {skipped.Count} need more than the engine on this system: {string.Join("; ", skipped)}");
        Assert.True(differences.Count == 0, string.Join('\n', differences) + $"\n{Variable}=examples writes the outputs of now into the pages.");
        Assert.NotEqual(0, run);
    }

    [Fact]
    public void Get_Help_shows_the_page()
    {
        foreach ((HelpPage page, CommandReference command) in Pages())
        {
            string text = engine.Render($"Get-Help {command.Name} -Full");
            string flat = string.Concat(text.Where(c => !char.IsWhiteSpace(c)));

            Assert.All(
                page.Synopsis.Concat(page.Description).Concat(page.Parameters.SelectMany(p => p.Text)).Concat(page.Examples.Select(e => e.Title)),
                paragraph => Assert.Contains(string.Concat(paragraph.Where(c => !char.IsWhiteSpace(c))), flat, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("about_ApiLevel")]
    [InlineData("about_ApiLevel_Errors")]
    public void Get_Help_finds_the_topic(string topic)
    {
        Assert.Contains("LONG DESCRIPTION", engine.Render($"Get-Help {topic}"));
    }

    [Fact]
    public void A_page_that_differs_from_its_command_is_found()
    {
        CommandReference command = CommandReference.Of(engine.Cmdlets[0]);
        HelpPage Page(Func<string, string> change) => HelpPage.Parse("x.md", change(PageScaffold.Create(command)));
        string parameter = command.Parameters[0].Name;

        Assert.Empty(Differences(Page(t => t), command));
        Assert.NotEmpty(Differences(Page(t => t.Replace($"### -{parameter}\n", "### -Other\n", StringComparison.Ordinal)), command));
        Assert.NotEmpty(Differences(Page(t => t.Replace("Required: False", "Required: True", StringComparison.Ordinal)), command));
        Assert.NotEmpty(Differences(Page(t => t.Replace("[<CommonParameters>]", "[-More] [<CommonParameters>]", StringComparison.Ordinal)), command));
        Assert.NotEmpty(Differences(Page(t => t.Replace($"### {command.OutputTypes[0]}\n", "### System.Object\n", StringComparison.Ordinal)), command));
        Assert.NotEmpty(MissingParts(Page(t => t), command)); // a skeleton has places to fill
        Assert.False(ExampleRunner.Matches(["a", "b"], ["a"]));
        Assert.False(ExampleRunner.Matches(["a", HelpExample.Ellipsis, "c"], ["a", "b"]));
        Assert.True(ExampleRunner.Matches(["a", HelpExample.Ellipsis], ["a", "b", "c"]));
        Assert.True(ExampleRunner.Matches(["a", HelpExample.Ellipsis, "c", ""], ["a", "c", "b", "c"]));
    }

    [Fact]
    public void Bringing_a_page_up_to_date_keeps_what_people_wrote()
    {
        CommandReference command = CommandReference.Of(engine.Cmdlets[0]);
        string current = PageScaffold.Create(command).Replace("Fill in the Description", "Our own words", StringComparison.Ordinal);
        string parameter = command.Parameters[^1].Name;
        int section = current.IndexOf($"### -{parameter}\n", StringComparison.Ordinal);
        int end = current.IndexOf("### CommonParameters", StringComparison.Ordinal);
        string old = current.Remove(section, end - section)
            .Replace("Required: False", "Required: Perhaps", StringComparison.Ordinal)
            .Replace("[<CommonParameters>]", "[-Gone]", StringComparison.Ordinal);

        Assert.Equal(current, PageScaffold.Update(HelpPage.Parse("x.md", old), command));
    }

    private static string[] PageFiles() => Directory.GetFiles(Repository.HelpFolder, "*-*.md");

    private List<(HelpPage Page, CommandReference Command)> Pages() =>
        [.. engine.Cmdlets
            .Select(c => (Path: Path.Combine(Repository.HelpFolder, c.Name + ".md"), Cmdlet: c))
            .Where(x => File.Exists(x.Path))
            .Select(x => (HelpPage.Read(x.Path), CommandReference.Of(x.Cmdlet)))];

    // Its examples are not run; that a page is one is a failure of its own.
    private static bool IsSkeleton(HelpPage page) => page.Text.Contains(HelpPage.Placeholder, StringComparison.Ordinal);

    private static IEnumerable<string> MissingParts(HelpPage page, CommandReference command)
    {
        foreach (string section in s_sections.Where(s => !page.Text.Contains($"\n## {s}\n", StringComparison.Ordinal)))
        {
            yield return $"{page.Name}: no section {section}.";
        }

        if (page.Name != command.Name)
        {
            yield return $"{page.Path}: the title is '{page.Name}', not '{command.Name}'.";
        }

        foreach ((string key, string value) in new[] { ("external help file", "ApiLevel.dll-Help.xml"), ("Module Name", "ApiLevel"), ("schema", "2.0.0") })
        {
            if (page.Metadata.GetValueOrDefault(key) != value)
            {
                yield return $"{page.Name}: the front matter lacks '{key}: {value}'.";
            }
        }

        if (IsSkeleton(page))
        {
            yield return $"{page.Name}: a place that the scaffold left is not filled in ({HelpPage.Placeholder}).";
        }

        if (page.Synopsis.Count != 1 || page.Description.Count == 0)
        {
            yield return $"{page.Name}: a synopsis of one paragraph and a description are needed.";
        }

        foreach (HelpParameter parameter in page.Parameters.Where(p => p.Text.Count == 0))
        {
            yield return $"{page.Name}: -{parameter.Name} has no text.";
        }

        if (page.Examples.Count == 0)
        {
            yield return $"{page.Name}: no example.";
        }

        foreach (HelpExample example in page.Examples.Where(e => e.Steps.Count == 0 || e.Remarks.Count == 0 || (e.Steps[^1].Output.Count == 0 && !e.NeedsPowerShell && !e.NeedsWindows)))
        {
            yield return $"{page.Name}, {example.Title}: a block with '{HelpExample.CommandMark}command' and its output, and a sentence about it are needed.";
        }
    }

    private static IEnumerable<string> Differences(HelpPage page, CommandReference command)
    {
        string syntax = string.Join("\n\n", page.Section("SYNTAX").Select(b => page.Text.Substring(b.Span.Start, b.Span.Length))).Replace("\n\n```\n", "\n```\n", StringComparison.Ordinal);
        if (syntax != PageScaffold.SyntaxSection(command).TrimEnd('\n'))
        {
            yield return $"{page.Name}: SYNTAX is not the command's. Run the help tests with {Variable}=scaffold.";
        }

        string[] known = [.. command.Parameters.Select(p => p.Name).Distinct(StringComparer.Ordinal)];
        string[] shown = [.. page.Parameters.Select(p => p.Name)];
        foreach (string name in known.Except(shown, StringComparer.Ordinal))
        {
            yield return $"{page.Name}: -{name} has no section.";
        }

        foreach (string name in shown.Except(known, StringComparer.Ordinal).Concat(shown.GroupBy(n => n, StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => g.Key)))
        {
            yield return $"{page.Name}: the command has no -{name}, or the page has it twice.";
        }

        foreach (HelpParameter parameter in page.Parameters)
        {
            IEnumerable<string> expected = command.Parameters.Where(p => p.Name == parameter.Name).Select(p => string.Join('\n', p.Yaml));
            if (!expected.SequenceEqual(parameter.Yaml.Select(y => string.Join('\n', y)), StringComparer.Ordinal))
            {
                yield return $"{page.Name}: the table of -{parameter.Name} is not the command's. Run the help tests with {Variable}=scaffold.";
            }
        }

        if (!page.Outputs.Select(o => o.Title).SequenceEqual(command.OutputTypes, StringComparer.Ordinal))
        {
            yield return $"{page.Name}: OUTPUTS are {string.Join(", ", page.Outputs.Select(o => o.Title))}, the command's are {string.Join(", ", command.OutputTypes)}.";
        }
    }

    // Whichever test comes first writes, so that one run both writes and checks. The tests of a class run one after the other.
    private void WriteIfAsked()
    {
        if (s_mode.Length == 0 || s_written)
        {
            return;
        }

        s_written = true;
        if (s_mode == "scaffold")
        {
            foreach (CommandReference command in engine.Cmdlets.Select(CommandReference.Of))
            {
                string file = Path.Combine(Repository.HelpFolder, command.Name + ".md");
                Write(file, File.Exists(file) ? PageScaffold.Update(HelpPage.Read(file), command) : PageScaffold.Create(command));
            }
        }
        else if (s_mode == "examples")
        {
            foreach (HelpPage page in Pages().Select(p => p.Page).Where(p => !IsSkeleton(p)))
            {
                StringBuilder text = new(page.Text);
                foreach (HelpExample example in page.Examples.Reverse().Where(e => e.Code is not null && !e.NeedsPowerShell && !e.NeedsWindows))
                {
                    text.Remove(example.Code!.Span.Start, example.Code.Span.Length)
                        .Insert(example.Code.Span.Start, ExampleRunner.Refresh(example, ExampleRunner.Run(example)));
                }

                Write(page.Path, text.ToString());
            }
        }
        else if (s_mode != "1")
        {
            Assert.Fail($"{Variable} is 1, scaffold or examples, not '{s_mode}'.");
        }

        Write(s_mamlFile, MamlWriter.Write(Pages()));
    }

    private static void Write(string file, string text)
    {
        if (!File.Exists(file) || File.ReadAllText(file) != text)
        {
            File.WriteAllText(file, text);
        }
    }
}
