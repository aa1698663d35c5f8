using System;
using System.ComponentModel;
using System.Runtime.InteropServices;

namespace ApiLevel.Windows;

/// <summary>The subcategories that this Windows has.</summary>
internal static class AuditEnumerateSubCategories
{
    public static Guid[] Query()
    {
        if (!AuditEnumerateSubCategoriesCore(IntPtr.Zero, retrieveAllSubCategories: true, out IntPtr memory, out uint count))
        {
            throw new Win32Exception(Marshal.GetLastWin32Error());
        }

        using var buffer = new AuditBuffer(memory);
        var guids = new Guid[checked((int)count)];
        for (int i = 0; i < guids.Length; i++)
        {
            guids[i] = Marshal.PtrToStructure<Guid>(memory + (i * 16));
        }

        return guids;
    }

    [DllImport("advapi32.dll", EntryPoint = "AuditEnumerateSubCategories", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.U1)]
    private static extern bool AuditEnumerateSubCategoriesCore(
        IntPtr category, [MarshalAs(UnmanagedType.U1)] bool retrieveAllSubCategories, out IntPtr subCategories, out uint count);
}
