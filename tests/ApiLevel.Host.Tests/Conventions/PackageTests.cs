using System;
using System.Diagnostics;
using System.IO;
using System.Reflection.PortableExecutable;
using System.Threading.Tasks;
using ApiLevel.Host.Tests.Support;

namespace ApiLevel.Host.Tests.Conventions;

/// <summary>
/// The package, imported in a process of its own: a process keeps the first ApiLevel.dll it loaded. The runner takes the module that
/// lies above it, so a copy of it is put into the package.
/// </summary>
public sealed class PackageTests
{
    [Fact]
    public async Task The_package_works_away_from_the_checkout()
    {
        using TemporaryFolder folder = new();
        string module = Path.Combine(folder.Path, "ApiLevel") + Path.DirectorySeparatorChar;
        string configuration = AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}", StringComparison.Ordinal) ? "Release" : "Debug";
        (int code, string output) = await Run(
            "build", Path.Combine(Repository.Root, "src", "ApiLevel"), "--no-restore", "-c", configuration, "-t:Package", "-v", "q", $"-p:PackageFolder={module}");
        Assert.True(code == 0, output);

        string runner = Path.Combine(module, "runner");
        Copy(AppContext.BaseDirectory, runner);
        (code, output) = await Run(
            Path.Combine(runner, "ApiLevel.Console.dll"),
            "-Command",
            "(Get-Module ApiLevel).ModuleBase; (Get-ApiEventMapping LogonUserA -Source Security -EventId 4624).Api; (Get-Help Get-ApiEventMapping).Name; " +
            "[AppDomain]::CurrentDomain.GetAssemblies().Where({ $_.GetName().Name -eq 'ApiLevel' }).Location");

        Assert.Equal(
            [module.TrimEnd(Path.DirectorySeparatorChar), "LogonUser", "Get-ApiEventMapping", Path.Combine(module, "bin", "net8.0", "ApiLevel.dll")],
            output.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(0, code);
        Assert.Empty(Directory.GetFiles(Path.Combine(module, "bin"), "*.pdb", SearchOption.AllDirectories));
        Assert.True(Directory.Exists(Path.Combine(module, "bin", "netstandard2.0")));
        Assert.All(
            Directory.GetFiles(Path.Combine(module, "bin"), "ApiLevel*.dll", SearchOption.AllDirectories),
            file => Assert.True(RunsAnywhere(file), $"{file} has code for one kind of machine"));
    }

    /// <summary>The checkout's own assemblies have native code for the machine that built them; another would refuse to load them.</summary>
    private static bool RunsAnywhere(string file)
    {
        using PEReader reader = new(File.OpenRead(file));
        return reader.PEHeaders.CorHeader is { } header && header.Flags.HasFlag(CorFlags.ILOnly) && header.ManagedNativeHeaderDirectory.Size == 0;
    }

    private static void Copy(string from, string to)
    {
        foreach (string file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    private static async Task<(int Code, string Output)> Run(params string[] args)
    {
        using Process process = Process.Start(new ProcessStartInfo("dotnet", args)
        {
            WorkingDirectory = Path.GetTempPath(),
            RedirectStandardOutput = true,
        })!;
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output);
    }
}
