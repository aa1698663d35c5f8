using System;
using System.Diagnostics;
using System.Linq;
using System.Reflection;
using System.Runtime.InteropServices;

namespace ApiLevel.Tracing.Tests.EventPipe;

/// <summary>The program that is traced, started in one of its modes.</summary>
internal sealed class TargetProgram : IDisposable
{
    private readonly Process _process;

    public TargetProgram(params string[] arguments)
    {
        ProcessStartInfo info = new(Path, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        _process = Process.Start(info)!;
        Expect("ready");
    }

    /// <summary>Where the build put it, without an extension.</summary>
    private static string Base { get; } =
        typeof(TargetProgram).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static item => item.Key == "Target").Value!;

    /// <summary>The program.</summary>
    public static string Path { get; } = Base + (RuntimeInformation.IsOSPlatform(OSPlatform.Windows) ? ".exe" : "");

    /// <summary>Its managed module.</summary>
    public static string Module { get; } = Base + ".dll";

    /// <summary>Its native calls, each with its module.</summary>
    public static string[] Calls { get; } =
    [
        "advapi32!LogonUserW", "kernel32!CreateProcessW", "kernel32!OpenProcess", "kernel32!VirtualAllocEx", "libc!getpid",
        "libc!getppid", "ntdll!NtOpenProcess", "user32!GetAsyncKeyState",
    ];

    public int Id => _process.Id;

    /// <summary>Sends a line and waits for the answer.</summary>
    public void Go(string answer = "done")
    {
        _process.StandardInput.WriteLine();
        Expect(answer);
    }

    public void End()
    {
        _process.StandardInput.WriteLine();
        Assert.True(_process.WaitForExit(20_000));
    }

    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            Kill();
        }

        _process.Dispose();
    }

    private void Expect(string line) => Assert.Equal(line, _process.StandardOutput.ReadLine());
}
