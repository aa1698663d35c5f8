using System.IO;
using System.Threading.Tasks;
using ApiLevel.Host.Tests.Support;

namespace ApiLevel.Host.Tests.RunnerTests;

public sealed class ExitCodeTests
{
    [Theory]
    [InlineData("1 + 1", 0)]
    [InlineData("Get-ApiEventMapping LogonUserA", 0)]
    [InlineData("Get-ApiEventMapping NoSuchApiName", 1)]
    [InlineData("Get-ApiEventMapping NoSuchApiName -ErrorAction SilentlyContinue", 0)]
    [InlineData("Get-ApiEventMapping NoSuchApiName -ErrorAction Ignore", 0)]
    [InlineData("Get-ApiEventMapping NoSuchApiName 2>$null", 0)]
    [InlineData("try { throw 'x' } catch { 'caught' }", 0)]
    [InlineData("Get-ApiEventMapping NoSuchApiName -ErrorAction Stop", 2)]
    [InlineData("Get-ApiEventMapping -Source NoSuchSource", 2)]
    [InlineData("Get-ApiEventMapping -Source NoSuchSource | Where-Object { $true }", 2)]
    [InlineData("throw 'x'", 2)]
    [InlineData("Get-Content x", 2)]
    [InlineData("if (", 2)]
    [InlineData("exit 0", 0)]
    [InlineData("exit 7", 7)]
    [InlineData("Get-ApiEventMapping NoSuchApiName; exit 7", 7)]
    [InlineData("& { exit 9 }", 9)]
    public async Task The_exit_code_says_how_a_command_went(string command, int expected)
    {
        ConsoleResult result = await ConsoleProcess.RunAsync("-Command", command);

        Assert.Equal(expected, result.ExitCode);
    }

    [Theory]
    [InlineData("'fine'", 0)]
    [InlineData("exit 5", 5)]
    [InlineData("'a'; throw 'x'", 2)]
    [InlineData("'a'; if (", 2)]
    [InlineData("Get-ApiEventMapping NoSuchApiName; 'goes on'", 1)]
    public async Task The_exit_code_says_how_a_script_went(string text, int expected)
    {
        using TemporaryFolder folder = new();
        string script = folder.Write("script.ps1", text);

        ConsoleResult result = await ConsoleProcess.RunAsync("-File", script);

        Assert.Equal(expected, result.ExitCode);
    }

    [Fact]
    public async Task A_script_that_is_not_there_is_one_line_and_exit_code_2()
    {
        ConsoleResult result = await ConsoleProcess.RunAsync("-File", Path.Combine("no", "such.ps1"));

        Assert.Equal(2, result.ExitCode);
        Assert.StartsWith("ERROR FileNotFound: ", Assert.Single(result.ErrorLines));
    }

    [Theory]
    [InlineData("-Wrong")]
    [InlineData("-Command")]
    [InlineData("-Output", "Xml")]
    [InlineData("-Output", "1")]
    [InlineData("Get-Command")]
    [InlineData("-Command", "1", "-File", "x.ps1")]
    public async Task A_wrong_argument_is_one_line_and_exit_code_2(params string[] args)
    {
        ConsoleResult result = await ConsoleProcess.RunAsync(args);

        Assert.Equal(2, result.ExitCode);
        Assert.StartsWith("ERROR BadArgument: ", Assert.Single(result.ErrorLines));
        Assert.Empty(result.Output);
    }

    [Fact]
    public async Task Help_lists_every_option()
    {
        ConsoleResult result = await ConsoleProcess.RunAsync("-Help");

        Assert.Equal(0, result.ExitCode);
        Assert.All(["-Command", "-File", "-Output", "Exit code"], word => Assert.Contains(word, result.Output));
    }

    [Fact]
    public async Task Redirected_input_is_run_line_by_line_and_gives_the_highest_code()
    {
        ConsoleResult result = await ConsoleProcess.RunAsync("1 + 1\nGet-ApiEventMapping NoSuchApiName\nif ($true) {\n  'inside'\n}\n\n", []);

        Assert.Equal(["2", "inside"], result.OutputLines);
        Assert.Equal(1, result.ExitCode);
    }

    [Fact]
    public async Task Exit_ends_redirected_input()
    {
        ConsoleResult result = await ConsoleProcess.RunAsync("'a'\nexit 4\n'b'\n", []);

        Assert.Equal(["a"], result.OutputLines);
        Assert.Equal(4, result.ExitCode);
    }

    [Fact]
    public async Task A_script_gets_its_arguments_by_name_and_by_position()
    {
        using TemporaryFolder folder = new();
        string script = folder.Write("script.ps1", "param($First, [switch]$Flag, $Named) \"$First|$Flag|$Named|$args|$($PSScriptRoot.Length -gt 0)\"");

        ConsoleResult result = await ConsoleProcess.RunAsync("-File", script, "it's $one", "-Flag", "-Named:7", "rest");

        Assert.Equal("it's $one|True|7|rest|True", Assert.Single(result.OutputLines));
    }
}
