using System;
using System.Runtime.InteropServices;

namespace ApiLevel.Windows;

/// <summary>A handle of the event log.</summary>
internal sealed class EventLogHandle : SafeHandle
{
    public EventLogHandle()
        : base(IntPtr.Zero, ownsHandle: true)
    {
    }

    public override bool IsInvalid => handle == IntPtr.Zero;

    protected override bool ReleaseHandle() => EvtClose(handle);

    [DllImport("wevtapi.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool EvtClose(IntPtr handle);
}
