using System;
using System.Runtime.InteropServices;

namespace ApiLevel.Tracing.Target;

/// <summary>Native functions, most of them absent here: the runtime makes the stub before it looks for the library.</summary>
internal static partial class NativeCalls
{
    /// <summary>Calls each once.</summary>
    public static void All()
    {
        Try(static () => OpenProcess(0, false, 0));
        Try(static () => CreateProcess(null, null));
        Try(static () => LogonUser("", "", "", 0, 0, out _));
        Try(static () => VirtualAllocEx(0, 0, 0, 0, 0));
        Try(static () => NtOpenProcess(out _, 0));
        Try(static () => ReadKey(0));
        Try(static () => getpid());
        Try(static () => Parent());
    }

    private static void Try(Func<object?> call)
    {
        try
        {
            call();
        }
        catch (DllNotFoundException)
        {
            // Not here; the stub was made.
        }
        catch (EntryPointNotFoundException)
        {
            // The same for a library that exists.
        }
    }

    [DllImport("kernel32.dll", SetLastError = true)]
    private static extern nint OpenProcess(uint access, bool inherit, int processId);

    [DllImport("KERNEL32", EntryPoint = "CreateProcessW", CharSet = CharSet.Unicode)]
    private static extern bool CreateProcess(string? application, string? commandLine);

    [DllImport("advapi32.dll", EntryPoint = "LogonUserW", CharSet = CharSet.Unicode, SetLastError = true)]
    private static extern bool LogonUser(string user, string domain, string password, int type, int provider, out nint token);

    [DllImport("kernel32.dll")]
    private static extern nint VirtualAllocEx(nint process, nint address, nuint size, uint type, uint protect);

    [DllImport("ntdll")]
    private static extern int NtOpenProcess(out nint handle, uint access);

    [LibraryImport("user32.dll", EntryPoint = "GetAsyncKeyState", SetLastError = true)]
    private static partial short ReadKey(int key);

    [DllImport("libc")]
#pragma warning disable IDE1006 // the name of the C function
    private static extern int getpid();
#pragma warning restore IDE1006

    /// <summary>The same signature as getpid: the runtime serves both with one stub.</summary>
    [DllImport("libc", EntryPoint = "getppid")]
    private static extern int Parent();
}
