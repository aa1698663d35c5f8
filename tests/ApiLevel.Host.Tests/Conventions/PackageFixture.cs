using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using ApiLevel.Host.Tests.Support;

namespace ApiLevel.Host.Tests.Conventions;

/// <summary>The package, made once from this checkout.</summary>
public sealed class PackageFixture : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    public string Module => Path.Combine(_folder.Path, "ApiLevel") + Path.DirectorySeparatorChar;

    public async ValueTask InitializeAsync() => await MakeAsync(Repository.Root, Module, "--no-restore");

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    public static async Task MakeAsync(string checkout, string module, params string[] options)
    {
        (int code, string output) = await RunAsync(
            ["build", Path.Combine(checkout, "src", "ApiLevel"), "-t:Package", "-v", "q", $"-p:PackageFolder={module}", .. options]);
        Assert.True(code == 0, output);
    }

    /// <summary>The files of a package by their relative path with <c>/</c>, in ordinal order.</summary>
    public static string[] FilesOf(string module) =>
        [.. Directory.GetFiles(module, "*", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(module, f).Replace('\\', '/'))
            .Order(StringComparer.Ordinal)];

    /// <summary>Runs <c>dotnet</c> away from the checkout.</summary>
    public static async Task<(int Code, string Output)> RunAsync(params string[] args)
    {
        ProcessStartInfo start = new("dotnet", args) { WorkingDirectory = Path.GetTempPath(), RedirectStandardOutput = true };

        // What the test's own build or run set would change the build that it starts.
        foreach (string name in start.Environment.Keys.Where(k => k.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList())
        {
            start.Environment.Remove(name);
        }

        using Process process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output);
    }
}
