using System;
using System.Runtime.InteropServices;

namespace ApiLevel.Windows;

/// <summary>Memory that an audit function returned.</summary>
internal sealed class AuditBuffer : SafeHandle
{
    public AuditBuffer(IntPtr memory)
        : base(IntPtr.Zero, ownsHandle: true) => SetHandle(memory);

    public override bool IsInvalid => handle == IntPtr.Zero;

    protected override bool ReleaseHandle()
    {
        AuditFree(handle);
        return true;
    }

    [DllImport("advapi32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern void AuditFree(IntPtr buffer);
}
