using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Reflection;

namespace ApiLevel.Host.Tests.Tracing;

/// <summary>The program that is traced, waiting for a line before it makes its native calls.</summary>
internal sealed class TracedProgram : IDisposable
{
    private readonly Process _process;
    private readonly string? _copy;

    /// <summary>Starts it.</summary>
    /// <param name="name">A name that no process of another suite has; null for the one of the build.</param>
    public TracedProgram(string? name = null)
    {
        if (name is not null)
        {
            // The start file finds its assembly beside it, whatever its own name is.
            _copy = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(Path)!, name + (OperatingSystem.IsWindows() ? ".exe" : ""));
            File.Copy(Path, _copy, overwrite: true);
        }

        _process = Process.Start(new ProcessStartInfo(_copy ?? Path, ["wait"])
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
        if (_copy is not null)
        {
            File.Delete(_copy);
        }
    }
}
