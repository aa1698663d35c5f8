using System;
using System.Runtime.InteropServices;

namespace ApiLevel.Windows;

/// <summary>An access token.</summary>
internal sealed class TokenHandle : SafeHandle
{
    public TokenHandle()
        : base(IntPtr.Zero, ownsHandle: true)
    {
    }

    public override bool IsInvalid => handle == IntPtr.Zero;

    protected override bool ReleaseHandle() => CloseHandle(handle);

    [DllImport("kernel32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool CloseHandle(IntPtr handle);
}
