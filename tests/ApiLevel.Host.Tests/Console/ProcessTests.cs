using System;
using System.Diagnostics;
using System.IO;
using System.Threading.Tasks;
using ApiLevel.Host.Tests.Support;
using ApiLevel.Runner;

namespace ApiLevel.Host.Tests.RunnerTests;

/// <summary>The runner as a process among others: where its module comes from, closed streams, signals.</summary>
public sealed class ProcessTests
{
    private static readonly TimeSpan s_hangGuard = TimeSpan.FromMinutes(2);

    [Fact]
    public void The_GUID_that_the_runner_expects_is_the_manifests() =>
        Assert.Contains($"GUID = '{ModuleLocation.ModuleId}'", File.ReadAllText(Repository.Manifest));

    [Theory]
    [InlineData("program", "program", true)]
    [InlineData("program", "", true)]
    [InlineData("a/program", "", false)]
    [InlineData("src/Any/bin/Release/net10.0", "", true)]
    [InlineData("tests/Any/bin/Debug/net10.0", "", true)]
    [InlineData("src/Any/bin/Release/net10.0", "src", false)]
    [InlineData("other/Any/bin/Release/net10.0", "", false)]
    [InlineData("src/Any/out/Release/net10.0", "", false)]
    public void The_module_is_looked_for_in_three_places_only(string program, string module, bool isFound)
    {
        using TemporaryFolder folder = new();
        string programFolder = Directory.CreateDirectory(Path.Combine(folder.Path, program)).FullName;
        string manifest = folder.Write(Path.Combine(module, ModuleLocation.ManifestName), File.ReadAllText(Repository.Manifest));

        Assert.Equal(isFound ? manifest : null, ModuleLocation.Find(programFolder + Path.DirectorySeparatorChar, out string problem));
        Assert.Equal(isFound, problem.Length == 0);
    }

    [Theory]
    [InlineData("@{ RootModule = 'x.psm1'; ModuleVersion = '1.0'; GUID = '00000000-0000-0000-0000-000000000001' }")]
    [InlineData("@{ RootModule = 'x.psm1'; ModuleVersion = '1.0' }")]
    [InlineData("@{ GUID = $(throw 'run') }")]
    [InlineData("throw 'run'")]
    [InlineData("")]
    public void Another_modules_manifest_is_refused_by_its_GUID_and_named(string text)
    {
        using TemporaryFolder folder = new();
        string manifest = folder.Write(ModuleLocation.ManifestName, text);

        Assert.Null(ModuleLocation.Find(folder.Path, out string problem));
        Assert.Contains(manifest, problem);
    }

    [Fact]
    public async Task A_copy_below_a_foreign_manifest_ends_with_one_line()
    {
        using TemporaryFolder folder = new();
        folder.Write(ModuleLocation.ManifestName, "@{ RootModule = 'evil.psm1'; ModuleVersion = '1.0'; GUID = '00000000-0000-0000-0000-000000000001' }");
        folder.Write("evil.psm1", "[Console]::Out.WriteLine('ran')");
        string runner = Path.Combine(folder.Path, "runner");
        foreach (string file in Directory.GetFiles(AppContext.BaseDirectory, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(runner, Path.GetRelativePath(AppContext.BaseDirectory, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        (int code, string output, string error) = await Shell($"dotnet '{Path.Combine(runner, "ApiLevel.Console.dll")}' -Command 1");

        Assert.Equal(2, code);
        Assert.Empty(output);
        Assert.StartsWith("ERROR ModuleNotFound: ", error);
    }

    [Theory]
    [InlineData("2>&-")]
    [InlineData("2>/dev/full")]
    public async Task A_standard_error_that_cannot_be_written_to_costs_the_messages_alone(string redirection)
    {
        (int code, string output, _) = await Shell($"dotnet '{ConsoleProcess.Assembly}' -Command \"Get-ApiEventMapping NoSuchApiName; 'goes on'\" {redirection}");

        Assert.Equal("goes on\n", output);
        Assert.Equal(1, code);
    }

    [Fact]
    public async Task What_the_runtime_opened_in_the_place_of_a_closed_standard_error_is_not_written_to()
    {
        // With all three closed the runtime's own files have their numbers.
        const string Command = "Get-ApiEventMapping NoSuchApiName; [IO.File]::WriteAllText($env:RESULT, \"goes on\")";
        using TemporaryFolder folder = new();
        string result = Path.Combine(folder.Path, "result");
        (int code, _, _) = await Shell($"RESULT='{result}' dotnet '{ConsoleProcess.Assembly}' -Command '{Command}' <&- >&- 2>&-");

        Assert.Equal(1, code);
        Assert.Equal("goes on", File.ReadAllText(result));
    }

    [Theory]
    [InlineData("while ($true) { [Threading.Thread]::Sleep(50) }")]
    [InlineData("Get-ApiEventMapping * | ForEach-Object { [Threading.Thread]::Sleep(50) }")]
    public async Task SIGTERM_ends_a_command_with_143(string command) =>
        Assert.Equal(143, await Terminate("-Command", "[Console]::Out.WriteLine('started'); " + command));

    [Fact]
    public async Task SIGTERM_ends_commands_that_come_from_the_input_with_143() =>
        Assert.Equal(143, await Terminate(input: "[Console]::Out.WriteLine('started'); while ($true) { [Threading.Thread]::Sleep(50) }\n'next'\n", []));

    [Fact]
    public async Task SIGTERM_while_no_command_runs_ends_with_143() =>
        Assert.Equal(143, await Terminate(input: "[Console]::Out.WriteLine('started')\n", []));

    private static Task<int> Terminate(params string[] args) => Terminate(null, args);

    private static async Task<int> Terminate(string? input, string[] args)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no SIGTERM");
        using Process process = ConsoleProcess.Start(withInput: true, args);
        if (input is not null)
        {
            await process.StandardInput.WriteAsync(input);
            await process.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
        }

        try
        {
            Assert.Equal("started", await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
            using Process kill = Process.Start("kill", ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(s_hangGuard, TestContext.Current.CancellationToken);
            return process.ExitCode;
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    // A process of .NET always starts others with all streams open; a shell does not.
    private static async Task<(int Code, string Output, string Error)> Shell(string command)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs a POSIX shell");
        using Process process = Process.Start(new ProcessStartInfo("sh", ["-c", command])
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(s_hangGuard, TestContext.Current.CancellationToken);
        return (process.ExitCode, output, await error);
    }
}
