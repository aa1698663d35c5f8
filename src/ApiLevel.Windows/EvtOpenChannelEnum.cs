using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Runtime.InteropServices;

namespace ApiLevel.Windows;

/// <summary>The names of all channels.</summary>
internal static class EvtOpenChannelEnum
{
    private const int NoMoreItems = 259;
    private const int InsufficientBuffer = 122;

    public static List<string> Query()
    {
        using EventLogHandle handle = EvtOpenChannelEnumCore(IntPtr.Zero, 0);
        if (handle.IsInvalid)
        {
            throw new Win32Exception(Marshal.GetLastWin32Error());
        }

        var names = new List<string>();
        var buffer = new char[256];
        while (true)
        {
            if (EvtNextChannelPath(handle, (uint)buffer.Length, buffer, out uint used))
            {
                // The length counts the NUL at the end.
                names.Add(new string(buffer, 0, Math.Max(0, (int)used - 1)));
                continue;
            }

            int error = Marshal.GetLastWin32Error();
            switch (error)
            {
                case NoMoreItems:
                    return names;
                case InsufficientBuffer when used > buffer.Length && used < 65536:
                    buffer = new char[used];
                    break;
                default:
                    throw new Win32Exception(error);
            }
        }
    }

    [DllImport("wevtapi.dll", EntryPoint = "EvtOpenChannelEnum", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern EventLogHandle EvtOpenChannelEnumCore(IntPtr session, uint flags);

    [DllImport("wevtapi.dll", CharSet = CharSet.Unicode, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool EvtNextChannelPath(EventLogHandle channelEnum, uint size, [Out] char[] buffer, out uint used);
}
