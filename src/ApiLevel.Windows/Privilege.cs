using System;
using System.ComponentModel;
using System.Runtime.InteropServices;

namespace ApiLevel.Windows;

/// <summary>Switches a right of this process on for as long as it is needed, and back to what it was.</summary>
internal sealed class Privilege : IDisposable
{
    /// <summary>Manage auditing and security log.</summary>
    public const string Security = "SeSecurityPrivilege";

    private const int Enabled = 2;
    private const int NotAllAssigned = 1300;
    private const uint AdjustAndQuery = 0x28;

    private readonly TokenHandle _token;
    private TokenPrivileges _before;

    private Privilege(TokenHandle token, TokenPrivileges before)
    {
        _token = token;
        _before = before;
    }

    public static Privilege Enable(string name)
    {
        if (!OpenProcessToken(GetCurrentProcess(), AdjustAndQuery, out TokenHandle token))
        {
            throw new Win32Exception(Marshal.GetLastWin32Error());
        }

        var wanted = new TokenPrivileges { Count = 1, Attributes = Enabled };
        if (!LookupPrivilegeValueW(null, name, out wanted.Luid) ||
            !AdjustTokenPrivileges(token, disableAll: false, ref wanted, Marshal.SizeOf<TokenPrivileges>(), out TokenPrivileges before, out _))
        {
            int failed = Marshal.GetLastWin32Error();
            token.Dispose();
            throw new Win32Exception(failed);
        }

        // It succeeds, and tells so, where the caller does not have the right at all.
        int error = Marshal.GetLastWin32Error();
        if (error == NotAllAssigned)
        {
            token.Dispose();
            throw new Win32Exception(error);
        }

        return new Privilege(token, before);
    }

    public void Dispose()
    {
        // None were changed where the right was on already.
        if (_before.Count > 0)
        {
            AdjustTokenPrivileges(_token, disableAll: false, ref _before, Marshal.SizeOf<TokenPrivileges>(), out _, out _);
        }

        _token.Dispose();
    }

    [DllImport("kernel32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern IntPtr GetCurrentProcess();

    [DllImport("advapi32.dll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool OpenProcessToken(IntPtr process, uint access, out TokenHandle token);

    [DllImport("advapi32.dll", CharSet = CharSet.Unicode, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool LookupPrivilegeValueW(string? system, string name, out long luid);

    [DllImport("advapi32.dll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool AdjustTokenPrivileges(
        TokenHandle token, [MarshalAs(UnmanagedType.Bool)] bool disableAll, ref TokenPrivileges wanted, int size, out TokenPrivileges before, out int needed);

    // One LUID_AND_ATTRIBUTES; the LUID is two 32-bit numbers, so that nothing is padded.
    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    private struct TokenPrivileges
    {
        public int Count;
        public long Luid;
        public int Attributes;
    }
}
