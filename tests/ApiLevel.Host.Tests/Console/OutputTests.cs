using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using ApiLevel.Host.Tests.Support;

namespace ApiLevel.Host.Tests.RunnerTests;

public sealed class OutputTests
{
    [Theory]
    [InlineData("Json", "{\"N\":1}")]
    [InlineData("Csv", "N")]
    [InlineData("Text", "1")]
    public async Task The_first_object_is_written_before_the_last_is_made(string format, string expected)
    {
        // The command makes its second object only after the test has seen the first and says so with a file.
        using TemporaryFolder folder = new();
        string go = Path.Combine(folder.Path, "go");
        string first = format == "Text" ? "1" : "[pscustomobject]@{ N = 1 }";
        using Process process = ConsoleProcess.Start(
            withInput: false,
            "-Output",
            format,
            "-Command",
            $"{first}; while (-not [IO.File]::Exists('{go}')) {{ [Threading.Thread]::Sleep(20) }}; {first}");

        Assert.Equal(expected, await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));

        await File.WriteAllTextAsync(go, string.Empty, TestContext.Current.CancellationToken);
        await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
    }

    [Fact]
    public async Task Json_is_one_object_a_line_with_types_kept()
    {
        ConsoleResult result = await ConsoleProcess.RunAsync(
            "-Command",
            "[pscustomobject]@{ Text = \"a`nb\"; Number = 5; Share = 0.5; Flag = $true; Nothing = $null; Day = [datetime]'2020-02-01'; Color = [ConsoleColor]::Red; List = 1, 2; Map = @{ A = 1 } }; 'x'; 7",
            "-Output",
            "json");

        Assert.Equal(3, result.OutputLines.Count);
        JsonElement record = JsonDocument.Parse(result.OutputLines[0]).RootElement;
        Assert.Equal("a\nb", record.GetProperty("Text").GetString());
        Assert.Equal(5, record.GetProperty("Number").GetInt32());
        Assert.Equal(0.5, record.GetProperty("Share").GetDouble());
        Assert.True(record.GetProperty("Flag").GetBoolean());
        Assert.Equal(JsonValueKind.Null, record.GetProperty("Nothing").ValueKind);
        Assert.StartsWith("2020-02-01T00:00:00", record.GetProperty("Day").GetString());
        Assert.Equal("Red", record.GetProperty("Color").GetString());
        Assert.Equal(2, record.GetProperty("List").GetArrayLength());
        Assert.Equal(1, record.GetProperty("Map").GetProperty("A").GetInt32());
        Assert.Equal(["\"x\"", "7"], result.OutputLines.Skip(1));
    }

    [Fact]
    public async Task Csv_follows_rfc_4180()
    {
        ConsoleResult result = await ConsoleProcess.RunAsync(
            "-Output",
            "Csv",
            "-Command",
            "[pscustomobject]@{ A = 'x,y'; B = 'say \"hi\"'; C = \"two`nlines\" }; [pscustomobject]@{ A = 1.5; B = $null; C = 'plain' }");

        Assert.Equal("A,B,C\r\n\"x,y\",\"say \"\"hi\"\"\",\"two\nlines\"\r\n1.5,,plain\r\n", result.Output);
    }

    [Fact]
    public async Task Csv_says_when_a_later_object_has_properties_that_the_header_lacks()
    {
        ConsoleResult result = await ConsoleProcess.RunAsync("-Output", "Csv", "-Command", "[pscustomobject]@{ A = 1 }; [pscustomobject]@{ A = 2; B = 3 }");

        Assert.Equal("A\r\n1\r\n2\r\n", result.Output);
        Assert.StartsWith("WARNING: ", Assert.Single(result.ErrorLines));
    }

    [Fact]
    public async Task Redirected_text_is_120_wide_and_has_no_escape_sequences()
    {
        ConsoleResult result = await ConsoleProcess.RunAsync("-Command", "$Host.UI.RawUI.BufferSize.Width; Get-ApiEventMapping -Source Sysmon");

        Assert.Equal("120", result.OutputLines[0]);
        Assert.DoesNotContain('\u001b', result.Output);
        Assert.All(result.OutputLines, line => Assert.InRange(line.Length, 0, 120));
        Assert.Contains(result.OutputLines, line => line.Length > 80);
    }

    [Fact]
    public async Task Errors_warnings_and_verbose_text_are_one_marked_line_each_beside_the_output()
    {
        using TemporaryFolder folder = new();
        string script = folder.Write(
            "script.ps1",
            "function Say { [CmdletBinding()] param() $PSCmdlet.WriteWarning('careful'); $PSCmdlet.WriteVerbose('step'); " +
            "$PSCmdlet.WriteProgress([Management.Automation.ProgressRecord]::new(1, 'busy', 'now')); " +
            "$PSCmdlet.WriteError([Management.Automation.ErrorRecord]::new([Exception]::new(\"two`nlines\"), 'TheId', 'InvalidData', $null)); 'out' }\n" +
            "Say -Verbose");

        ConsoleResult result = await ConsoleProcess.RunAsync("-File", script);

        Assert.Equal(["out"], result.OutputLines);
        Assert.Equal(["WARNING: careful", "VERBOSE: step", "ERROR TheId,Say: two lines"], result.ErrorLines);
    }

    [Theory]
    [InlineData("if (")]
    [InlineData("'unclosed")]
    [InlineData("throw [InvalidOperationException]::new('x')")]
    [InlineData("[int]::Parse('x')")]
    [InlineData("Import-Module ./no/such/module.psd1")]
    public async Task No_error_shows_a_stack_trace(string command)
    {
        ConsoleResult result = await ConsoleProcess.RunAsync("-Command", command);

        Assert.NotEqual(0, result.ExitCode);
        Assert.All(result.ErrorLines, line => Assert.StartsWith("ERROR ", line));
        Assert.DoesNotContain("   at ", result.Error);
    }

    [Theory]
    [InlineData("Get-ChildItem", "Get-ChildItem", "Microsoft.PowerShell.Management")]
    [InlineData("gci *.dll", "Get-ChildItem", "Microsoft.PowerShell.Management")]
    [InlineData("Get-ApiEventMapping LogonUser | Export-Csv x.csv", "Export-Csv", "Microsoft.PowerShell.Utility")]
    [InlineData("'a' | Select-Object Length", "Select-Object", "Microsoft.PowerShell.Utility")]
    [InlineData("Get-WinEvent -LogName Security", "Get-WinEvent", "Microsoft.PowerShell.Diagnostics")]
    public async Task A_cmdlet_that_comes_with_PowerShell_is_answered_by_one_line(string command, string cmdlet, string module)
    {
        ConsoleResult result = await ConsoleProcess.RunAsync("-Command", command);

        string line = Assert.Single(result.ErrorLines);
        Assert.StartsWith($"ERROR CommandNotFoundException: {cmdlet} comes with PowerShell ({module})", line);
        Assert.Equal(2, result.ExitCode);
    }

    [Fact]
    public async Task A_command_that_nothing_brings_is_not_said_to_come_with_PowerShell()
    {
        ConsoleResult result = await ConsoleProcess.RunAsync("-Command", "Get-Nothing");

        Assert.DoesNotContain("comes with PowerShell", Assert.Single(result.ErrorLines));
    }

    [Fact]
    public async Task A_question_that_nobody_can_answer_is_an_error_and_no_wait()
    {
        ConsoleResult result = await ConsoleProcess.RunAsync("-Command", "Get-ApiImport");

        Assert.Equal(2, result.ExitCode);
        Assert.Single(result.ErrorLines);
    }

    [Theory]
    [InlineData("Text")]
    [InlineData("Json")]
    public async Task An_endless_command_ends_when_nobody_reads_its_output(string format)
    {
        Assert.SkipWhen(System.OperatingSystem.IsWindows(), "A Windows console stream does not tell that its reader has gone.");
        using Process process = ConsoleProcess.Start(withInput: false, "-Output", format, "-Command", "while ($true) { 'more' }");
        await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);

        process.StandardOutput.Close();

        await EndsByItself(process);
        Assert.Equal(141, process.ExitCode);
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_signal_stops_the_pipeline(string signal)
    {
        Assert.SkipWhen(System.OperatingSystem.IsWindows(), "A test cannot send Ctrl+C to one process on Windows.");
        using Process process = ConsoleProcess.Start(withInput: false, "-Command", "try { 'up'; while ($true) { } } finally { [Console]::Out.WriteLine('finally') }");
        await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);

        if (signal == "INT" && Ignores(process, 2))
        {
            process.Kill(entireProcessTree: true);
            Assert.Skip("These tests were started in the background, where a shell has SIGINT ignored by all that it starts.");
        }

        using (Process kill = Process.Start("kill", ["-" + signal, process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        await EndsByItself(process);
        Assert.Equal(signal == "TERM" ? 143 : 130, process.ExitCode);
        Assert.Contains("finally", await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    private static bool Ignores(Process process, int signal)
    {
        string status = $"/proc/{process.Id}/status";
        const string Name = "SigIgn:";
        return File.Exists(status)
            && File.ReadLines(status).FirstOrDefault(static line => line.StartsWith(Name, System.StringComparison.Ordinal)) is { } line
            && ((System.Convert.ToUInt64(line[Name.Length..].Trim(), 16) >> (signal - 1)) & 1) != 0;
    }

    private static async Task EndsByItself(Process process)
    {
        try
        {
            await process.WaitForExitAsync(TestContext.Current.CancellationToken)
                .WaitAsync(System.TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);
        }
        catch
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
