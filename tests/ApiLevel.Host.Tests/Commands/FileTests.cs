using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using ApiLevel.Host.Tests.Support;

namespace ApiLevel.Host.Tests.Commands;

/// <summary>Files that are good, bad, missing or oddly named.</summary>
public sealed class FileTests(EngineFixture engine) : IClassFixture<EngineFixture>
{
    private static readonly string[] s_commands = ["Get-ApiImport", "Test-ApiCoverage"];

    [Fact]
    public void Bad_files_in_the_middle_are_one_error_each_and_all_good_ones_come_through()
    {
        using TemporaryFolder folder = new();
        string good = folder.Write("good.exe", Images.Tool());
        string text = folder.Write("notes.txt", "no program at all, just a text that is long enough to hold headers");
        string empty = folder.Write("empty.dll", []);
        string missing = Path.Combine(folder.Path, "missing.dll");
        string directory = Directory.CreateDirectory(Path.Combine(folder.Path, "folder")).FullName;
        foreach (string command in s_commands)
        {
            int expected = engine.Invoke(command + " $f", new Dictionary<string, object> { ["f"] = good }).WithoutErrors().Count;
            EngineResult result = engine.Invoke(
                "$all | " + command,
                new Dictionary<string, object> { ["all"] = new[] { good, text, good, empty, good, missing, good, directory, good } });

            Assert.Equal(5 * expected, result.Objects.Count);
            Assert.Equal(
                new (string, ErrorCategory, object)[]
                {
                    ("FileEmpty", ErrorCategory.InvalidData, empty),
                    ("FileNotFound", ErrorCategory.ObjectNotFound, missing),
                    ("NotAPortableImage", ErrorCategory.InvalidData, text),
                    ("PathIsDirectory", ErrorCategory.InvalidArgument, directory),
                },
                result.Errors.Select(e => (e.FullyQualifiedErrorId.Split(',')[0], e.CategoryInfo.Category, e.TargetObject)).OrderBy(e => e.Item1, StringComparer.Ordinal));
        }
    }

    [Fact]
    public void A_file_without_read_permission_is_an_error_of_its_own()
    {
        if (OperatingSystem.IsWindows() || Environment.UserName == "root")
        {
            Assert.Skip("Needs a user whom file modes stop; root reads everything.");
            return;
        }

        using TemporaryFolder folder = new();
        string closed = folder.Write("closed.dll", Images.Tool());
        File.SetUnixFileMode(closed, UnixFileMode.None);
        EngineResult result = engine.Invoke("Get-ApiImport $f", new Dictionary<string, object> { ["f"] = closed });

        Assert.Equal(["FileAccessDenied"], result.ErrorIds);
        Assert.Equal(ErrorCategory.PermissionDenied, result.Errors[0].CategoryInfo.Category);
    }

    [Fact]
    public void A_file_that_another_program_keeps_to_itself_is_told_with_what_to_do()
    {
        using TemporaryFolder folder = new();
        string used = folder.Write("used.dll", Images.Tool());
        using FileStream user = new(used, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        foreach (string command in s_commands.Append("Get-ApiTelemetryEvent").Append("Import-ApiEventMapping"))
        {
            EngineResult result = engine.Invoke(command + " $f", new Dictionary<string, object> { ["f"] = used });

            Assert.Equal(["FileUnreadable"], result.ErrorIds);
            Assert.Equal($"Cannot read '{used}': Another program uses it. Close the program, or copy the file.", result.Errors[0].Exception.Message);
        }
    }

    [Theory]
    [InlineData("Get-ApiImport env:PATH")]
    [InlineData("Get-ApiImport -LiteralPath env:PATH")]
    [InlineData("Get-ApiImport env:P*TH")]
    [InlineData("Import-ApiEventMapping env:PATH")]
    [InlineData("Import-ApiEventMapping env:P*TH")]
    [InlineData("Get-ApiEventMapping LogonUserA | Export-ApiEventMapping env:PATH")]
    public void A_path_of_another_provider_is_an_error_of_its_own(string command)
    {
        EngineResult result = engine.Invoke(command);

        Assert.Equal(["PathNotInFileSystem"], result.ErrorIds);
        Assert.Contains("provider Environment", result.Errors[0].Exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Get-ApiImport")]
    [InlineData("Import-ApiEventMapping")]
    public void A_drive_that_is_not_there_is_a_file_that_is_not_there(string command)
    {
        Assert.Equal(["FileNotFound"], engine.Invoke(command + " nosuchdrive:/file.dll").ErrorIds);
        Assert.Equal(["FileNotFound"], engine.Invoke(command + " nosuchdrive:/*.dll").ErrorIds);
    }

    [Theory]
    [InlineData("$f | COMMAND")]
    [InlineData("COMMAND -LiteralPath $f")]
    [InlineData("COMMAND -Path $f")]
    [InlineData("[pscustomobject]@{ Path = $f } | COMMAND")]
    [InlineData("[pscustomobject]@{ FullName = $f } | COMMAND")]
    [InlineData("[pscustomobject]@{ ExecutablePath = $f } | COMMAND")]
    [InlineData("$ExecutionContext.InvokeProvider.ChildItem.Get(($f -replace '\\[.*', '*'), $false) | COMMAND")]
    [InlineData("[System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize([pscustomobject]@{ Path = $f })) | COMMAND")]
    [InlineData("[System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize([System.IO.FileInfo]::new($f))) | COMMAND")]
    public void A_file_with_brackets_in_its_name_is_found(string form)
    {
        using TemporaryFolder folder = new();
        string file = folder.Write("a [b] c.exe", Images.Tool());
        foreach (string command in s_commands)
        {
            Assert.NotEmpty(engine.Invoke(form.Replace("COMMAND", command, StringComparison.Ordinal), new Dictionary<string, object> { ["f"] = file }).WithoutErrors());
        }
    }

    [Fact]
    public void Patterns_take_files_and_recursion_takes_what_is_a_program()
    {
        using TemporaryFolder folder = new();
        folder.Write("one.exe", Images.Tool());
        folder.Write("below/two.dll", Images.Tool(is64: false));
        folder.Write("below/readme.md", "text");
        folder.Write("below/nothing.bin", []);
        Dictionary<string, object> here = new() { ["d"] = folder.Path };

        Assert.Equal(2, engine.Invoke("Get-ApiImport $d -Recurse -Summary", here).WithoutErrors().Count);
        Assert.Single(engine.Invoke("Get-ApiImport \"$d/*\" -Summary", here).WithoutErrors());
        Assert.Empty(engine.Invoke("Get-ApiImport \"$d/*.sys\" -Summary", here).WithoutErrors());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_pipe_is_not_waited_for(bool behindLink)
    {
        if (OperatingSystem.IsWindows() || !File.Exists("/usr/bin/mkfifo"))
        {
            Assert.Skip("Needs mkfifo.");
        }

        using TemporaryFolder folder = new();
        string pipe = Path.Combine(folder.Path, "pipe");
        System.Diagnostics.Process.Start("/usr/bin/mkfifo", pipe).WaitForExit();
        if (behindLink)
        {
            pipe = File.CreateSymbolicLink(Path.Combine(folder.Path, "link"), pipe).FullName;
        }

        using PowerShell shell = PowerShell.Create(engine.Runspace);
        IAsyncResult running = shell.AddCommand("Get-ApiImport").AddParameter("Path", pipe).BeginInvoke();

        // A guard against waiting for ever, not a measurement.
        Assert.True(running.AsyncWaitHandle.WaitOne(TimeSpan.FromMinutes(1)), "still waiting for the pipe");
        Assert.StartsWith("FileEmpty,", Assert.Single(shell.Streams.Error).FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void An_import_keeps_what_stands_in_the_file_beside_what_the_store_knows()
    {
        using TemporaryFolder folder = new();
        string file = folder.Write("tool.exe", Images.Tool());
        string[] rows =
        [
            .. engine.Invoke("Get-ApiImport $f", new Dictionary<string, object> { ["f"] = file }).WithoutErrors().Select(row => string.Join(
                ' ',
                new[] { "Kind", "Module", "Api", "ImportedFrom", "ImportedName", "Ordinal", "ResolvedBy" }.Select(name => row.Properties[name].Value))),
        ];

        Assert.Equal(
            [
                "Import kernel32 OpenProcess KERNEL32.dll OpenProcess  Exact",
                "Import kernel32 CreateRemoteThread KERNEL32.dll CreateRemoteThread  Exact",
                "Import kernel32 GetTickCount KERNEL32.dll GetTickCount  Exact",
                "Import ntdll NtUnmapViewOfSection ntdll.dll NtUnmapViewOfSection  Exact",
                "Import kernel32 WriteProcessMemory api-ms-win-core-memory-l1-1-1.dll WriteProcessMemory  ApiSet",
                "Import ws2_32 WSAStartup WS2_32.dll  115 Ordinal",
                "Import ourlib OurFunction ourlib.dll OurFunction  None",
                "Import ourlib #7 ourlib.dll  7 None",
                "DelayImport advapi32 LogonUser ADVAPI32.dll LogonUserW  CharacterSet",
            ],
            rows);
    }

    [Fact]
    public void Quiet_answers_by_the_minimum_and_verdicts_filter()
    {
        using TemporaryFolder folder = new();
        Dictionary<string, object> file = new() { ["f"] = folder.Write("tool.exe", Images.Tool()) };
        double percent = (double)engine.Invoke("Test-ApiCoverage $f -Summary", file).WithoutErrors()[0].Properties["CoveragePercent"].Value;

        Assert.InRange(percent, 1, 99.9);
        Assert.Equal(false, Assert.Single(engine.Invoke("Test-ApiCoverage $f -Quiet", file).WithoutErrors()).BaseObject);
        Assert.Equal(true, Assert.Single(engine.Invoke($"Test-ApiCoverage $f -Quiet -MinimumPercent {(int)percent}", file).WithoutErrors()).BaseObject);
        Assert.All(engine.Invoke("Test-ApiCoverage $f -Verdict Untracked", file).WithoutErrors(), row => Assert.Equal("Untracked", row.Properties["Verdict"].Value));
        Assert.Single(engine.Invoke("Test-ApiCoverage $f -Hash", file).Warnings);
        Assert.Single(engine.Invoke("Test-ApiCoverage $f -MinimumPercent 5", file).Warnings);
    }

    [Fact]
    public void Sources_that_are_not_collected_do_not_count_as_seen()
    {
        using TemporaryFolder folder = new();
        Dictionary<string, object> file = new() { ["f"] = folder.Write("tool.exe", Images.Tool()) };
        PSObject row = engine.Invoke("Test-ApiCoverage $f -Source Security", file).WithoutErrors().First(o => (string)o.Properties["Api"].Value == "CreateRemoteThread");

        Assert.NotEqual("Recordable", row.Properties["Verdict"].Value);
        Assert.Contains("Sysmon 8", (string)row.Properties["Reason"].Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_techniques_and_categories_are_judged_without_a_file()
    {
        Assert.Equal("Recordable", Assert.Single(engine.Invoke("Test-ApiCoverage -Api OpenProcess").WithoutErrors()).Properties["Verdict"].Value);
        IReadOnlyList<PSObject> technique = engine.Invoke("Test-ApiCoverage -Technique T1055*").WithoutErrors();
        Assert.All(technique, row => Assert.Contains("T1055", (string)row.Properties["Technique"].Value, StringComparison.Ordinal));
        Assert.Equal(technique.Count, technique.Select(row => row.Properties["Module"].Value + "!" + row.Properties["Api"].Value).Distinct().Count());
        Assert.NotEmpty(engine.Invoke("Test-ApiCoverage -Category *process/inject").WithoutErrors());
        Assert.Equal(["ApiNotFound"], engine.Invoke("Test-ApiCoverage -Api NoSuchName").ErrorIds);
    }
}
