using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Runtime.InteropServices;
using ApiLevel.Formats.Configuration;

namespace ApiLevel.Windows;

/// <summary>What is audited of each subcategory.</summary>
internal static class AuditQuerySystemPolicy
{
    // AUDIT_POLICY_INFORMATION: subcategory, POLICY_AUDIT_EVENT_ flags, category.
    private const int Size = 36;
    private const int Flags = 16;
    private const int Success = 1;
    private const int Failure = 2;

    public static List<KeyValuePair<Guid, AuditOutcomes>> Query(Guid[] subcategories)
    {
        if (!AuditQuerySystemPolicyCore(subcategories, (uint)subcategories.Length, out IntPtr memory))
        {
            throw new Win32Exception(Marshal.GetLastWin32Error());
        }

        using var buffer = new AuditBuffer(memory);
        var settings = new List<KeyValuePair<Guid, AuditOutcomes>>(subcategories.Length);
        for (int i = 0; i < subcategories.Length; i++)
        {
            IntPtr entry = memory + (i * Size);
            int flags = Marshal.ReadInt32(entry, Flags);
            settings.Add(new KeyValuePair<Guid, AuditOutcomes>(
                Marshal.PtrToStructure<Guid>(entry),
                ((flags & Success) != 0 ? AuditOutcomes.Success : AuditOutcomes.None) | ((flags & Failure) != 0 ? AuditOutcomes.Failure : AuditOutcomes.None)));
        }

        return settings;
    }

    [DllImport("advapi32.dll", EntryPoint = "AuditQuerySystemPolicy", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.U1)]
    private static extern bool AuditQuerySystemPolicyCore([In] Guid[] subCategories, uint count, out IntPtr policy);
}
