using System;
using System.Runtime.InteropServices;

namespace ApiLevel.Runner;

/// <summary>
/// Whether the process was given a standard stream at all. Where it was started with one closed (<c>2&gt;&amp;-</c>), the first thing that
/// the runtime opens gets that number: seen on .NET 10 was a pipe of the runtime itself, into which messages must not be written.
/// </summary>
internal static class InheritedDescriptor
{
    private const int GetDescriptorFlags = 1; // F_GETFD
    private const int CloseOnExec = 1; // FD_CLOEXEC

    /// <summary>False when the descriptor is closed, or was opened by this process: what is inherited never has the flag close-on-exec.</summary>
    public static bool Exists(int descriptor) =>
        OperatingSystem.IsWindows() || Fcntl(descriptor, GetDescriptorFlags) is >= 0 and var flags && (flags & CloseOnExec) == 0;

    [DllImport("libc", EntryPoint = "fcntl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Fcntl(int descriptor, int command);
}
