using System;
using System.Diagnostics;
using System.Linq;
using System.Reflection;

namespace ApiLevel.Host.Tests.Tracing;

/// <summary>The program that is traced, waiting for a line before it makes its native calls.</summary>
internal sealed class TracedProgram : IDisposable
{
    private readonly Process _process;

    public TracedProgram()
    {
        _process = Process.Start(new ProcessStartInfo(Path, ["wait"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        Assert.Equal("ready", _process.StandardOutput.ReadLine());
    }

    /// <summary>Where the build put it.</summary>
    public static string Path { get; } =
        typeof(TracedProgram).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static item => item.Key == "Target").Value!
        + (OperatingSystem.IsWindows() ? ".exe" : "");

    public int Id => _process.Id;

    /// <summary>Makes the calls.</summary>
    public void Go()
    {
        _process.StandardInput.WriteLine();
        Assert.Equal("done", _process.StandardOutput.ReadLine());
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
