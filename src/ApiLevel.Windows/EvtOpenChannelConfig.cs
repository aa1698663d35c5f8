using System;
using System.Runtime.InteropServices;

namespace ApiLevel.Windows;

/// <summary>Whether a channel is on.</summary>
internal static unsafe class EvtOpenChannelConfig
{
    private const int Enabled = 0; // EvtChannelConfigEnabled
    private const int Boolean = 13; // EvtVarTypeBoolean
    private const int VariantSize = 16; // value, count, type

    /// <summary>Null where the caller may not see it.</summary>
    public static bool? IsEnabled(string channel)
    {
        using EventLogHandle handle = EvtOpenChannelConfigCore(IntPtr.Zero, channel, 0);
        if (handle.IsInvalid)
        {
            return null;
        }

        byte* variant = stackalloc byte[VariantSize];
        return EvtGetChannelConfigProperty(handle, Enabled, 0, VariantSize, variant, out _) && *(uint*)(variant + 12) == Boolean
            ? *(int*)variant != 0
            : null;
    }

    [DllImport("wevtapi.dll", EntryPoint = "EvtOpenChannelConfig", CharSet = CharSet.Unicode, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern EventLogHandle EvtOpenChannelConfigCore(IntPtr session, string channelPath, uint flags);

    [DllImport("wevtapi.dll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool EvtGetChannelConfigProperty(
        EventLogHandle channelConfig, int propertyId, uint flags, uint size, byte* value, out uint used);
}
