using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using ApiLevel.DataTool.Commands;
using ApiLevel.DataTool.Facts;
using ApiLevel.DataTool.Lints;

namespace ApiLevel.Data.Tests;

public class LintTests
{
    public static TheoryData<string> Examples => [.. AllLints.Lints.Select(static lint => lint.Name).Append("format")];

    [Fact]
    public void The_built_in_facts_have_no_error() => Assert.Empty(AllLints.Run(TestFolders.Facts));

    [Fact]
    public void The_good_example_has_no_finding() => Assert.Empty(Run(null));

    [Theory]
    [MemberData(nameof(Examples))]
    public void Each_lint_finds_its_bad_example_and_says_where_and_what_to_do(string name)
    {
        Finding finding = Assert.Single(Run(name), finding => finding.Name == name);
        Assert.Equal(FindingLevel.Error, finding.Level);
        Assert.True(File.Exists(Path.Combine(TestFolders.Fixtures, "bad-facts", name, finding.Origin.File)), finding.ToString());
        Assert.StartsWith(finding.Origin + ": error " + name + ": ", finding.ToString(), StringComparison.Ordinal);
        if (name != "format")
        {
            Assert.EndsWith(AllLints.Lints.Single(lint => lint.Name == name).Advice, finding.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Each_bad_example_belongs_to_a_lint()
    {
        string[] folders = [.. Directory.GetDirectories(Path.Combine(TestFolders.Fixtures, "bad-facts")).Select(static path => Path.GetFileName(path)!)];
        Assert.Equal(Examples.Select(static row => row.Data).Order(StringComparer.Ordinal), folders.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_command_fails_on_errors_and_prints_one_line_each()
    {
        string folder = TestFolders.CopyFacts("api-known");
        StringWriter output = new();
        StringWriter error = new();
        Assert.Equal(1, LintCommand.Run(Arguments.Parse(["--data", folder]), output, error));
        Assert.Equal("", output.ToString());
        Assert.Matches("^sources/sample/1-process-create.yml:16: error api-known: one!NoSuchThing ", error.ToString());
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void Facts_with_an_error_are_not_compiled()
    {
        string folder = TestFolders.CopyFacts("counts");
        string target = Path.Combine(folder, "out.facts");
        Assert.Equal(1, BuildCommand.Run(Arguments.Parse(["--data", folder, "--output", target]), TextWriter.Null, TextWriter.Null));
        Assert.False(File.Exists(target));
        Directory.Delete(folder, recursive: true);
    }

    private static List<Finding> Run(string? example)
    {
        string folder = TestFolders.CopyFacts(example);
        List<Finding> findings = AllLints.Run(FactFolder.Read(folder));
        Directory.Delete(folder, recursive: true);
        return findings;
    }
}
