using System;
using System.ComponentModel;
using System.Runtime.InteropServices;

namespace ApiLevel.Windows;

/// <summary>An open registry key.</summary>
internal sealed class RegistryKeyHandle : SafeHandle
{
    public RegistryKeyHandle()
        : base(IntPtr.Zero, ownsHandle: true)
    {
    }

    public override bool IsInvalid => handle == IntPtr.Zero;

    protected override bool ReleaseHandle() => RegCloseKey(handle) == 0;

    [DllImport("advapi32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int RegCloseKey(IntPtr key);
}

/// <summary>Opens keys of the machine for reading, in the view of 64 bits.</summary>
internal static class RegOpenKey
{
    private static readonly IntPtr s_localMachine = new(unchecked((int)0x80000002));

    private const uint Read64 = 0x20119; // KEY_READ | KEY_WOW64_64KEY
    private const int FileNotFound = 2;
    private const int PathNotFound = 3;

    /// <summary>Null for a key that does not exist.</summary>
    public static RegistryKeyHandle? Open(string key)
    {
        int error = RegOpenKeyExW(s_localMachine, key, 0, Read64, out RegistryKeyHandle handle);
        if (error == 0)
        {
            return handle;
        }

        handle.Dispose();
        return error is FileNotFound or PathNotFound ? null : throw new Win32Exception(error);
    }

    [DllImport("advapi32.dll", CharSet = CharSet.Unicode)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int RegOpenKeyExW(IntPtr key, string subKey, uint options, uint access, out RegistryKeyHandle result);
}
