using System;
using System.IO;
using ApiLevel.DataTool.Commands;

namespace ApiLevel.Data.Tests;

public class CommandTests
{
    [Fact]
    public void Build_writes_a_store_that_opens_and_replaces_an_older_one()
    {
        string folder = TestFolders.CopyFacts();
        string target = Path.Combine(folder, "out", "ApiLevel.facts");
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal(0, BuildCommand.Run(Arguments.Parse(["--data", folder, "--output", target]), TextWriter.Null, TextWriter.Null));
        }

        Assert.Equal(2, ApiLevel.Facts.MappingStore.Open(target).MappingCount);
        Assert.Single(Directory.GetFiles(Path.Combine(folder, "out")));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void Explain_shows_each_fact_with_its_place()
    {
        string folder = TestFolders.CopyFacts();
        StringWriter output = new();
        Assert.Equal(0, ExplainCommand.Run(Arguments.Parse(["CreateThingW", "--data", folder]), output, TextWriter.Null));
        Assert.Contains("one!CreateThing  (win32)", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("at: sources/sample/1-process-create.yml:6", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("calls ntdll!NtCreateThing (medium)  catalogue/calls.csv:2", output.ToString(), StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void Explain_of_an_unknown_name_fails_with_near_names()
    {
        string folder = TestFolders.CopyFacts();
        StringWriter error = new();
        Assert.Equal(1, ExplainCommand.Run(Arguments.Parse(["CreateThin", "--data", folder]), TextWriter.Null, error));
        Assert.Contains("CreateThing", error.ToString(), StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void Stats_counts_in_text_and_in_markdown()
    {
        string folder = TestFolders.CopyFacts();
        foreach ((string[] arguments, string row) in ((string[], string)[])[
            (["--data", folder], "Direct"), (["--data", folder, "--markdown"], "| Direct | 0 | 0 | 1 | 0 | 0 | 0 | 0 | 1 |")])
        {
            StringWriter output = new();
            Assert.Equal(0, StatsCommand.Run(Arguments.Parse(arguments), output, TextWriter.Null));
            Assert.Contains(row, output.ToString(), StringComparison.Ordinal);
        }

        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("--data")]
    [InlineData("--nothing")]
    public void A_wrong_option_is_a_usage_error(string option) =>
        Assert.Throws<UsageException>(() => Arguments.Parse([option]));

    [Fact]
    public void A_folder_without_facts_is_named() => Assert.Contains(
        "sources and catalogue",
        Assert.Throws<DirectoryNotFoundException>(
            static () => LintCommand.Run(Arguments.Parse(["--data", AppContext.BaseDirectory]), TextWriter.Null, TextWriter.Null)).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData("catalogue/ordinals.csv", "module;ordinal", 1)]
    [InlineData("catalogue/ordinals.csv", "module,ordinal,name,stable,evidence,reference\none,2,X\n", 2)]
    [InlineData("catalogue/ordinals.csv", "module,ordinal,name,stable,evidence,reference\none,two,X,,medium,a/b\n", 2)]
    [InlineData("catalogue/ordinals.csv", "module,ordinal,name,stable,evidence,reference\none,2,\"X,,medium,a/b\n", 2)]
    [InlineData("catalogue/ordinals.csv", "module,ordinal,name,stable,evidence,reference\none,2,\"a\nb\",,medium,a/b\none,3,X,,sure,a/b\n", 4)]
    public void A_damaged_table_is_an_error_with_file_and_line(string file, string text, int line)
    {
        string folder = TestFolders.CopyFacts();
        File.WriteAllText(Path.Combine(folder, file), text);
        StringWriter error = new();
        Assert.Equal(1, LintCommand.Run(Arguments.Parse(["--data", folder]), TextWriter.Null, error));
        Assert.Contains(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{file}:{line}: error format: "), error.ToString(), StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }
}
