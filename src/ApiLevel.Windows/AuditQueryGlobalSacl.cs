using System;
using System.ComponentModel;
using System.Runtime.InteropServices;

namespace ApiLevel.Windows;

/// <summary>The system access control list that holds for all files or all keys.</summary>
internal static class AuditQueryGlobalSacl
{
    private const int FileNotFound = 2; // there is no such list

    public static string Query(string type)
    {
        if (!AuditQueryGlobalSaclW(type, out IntPtr memory))
        {
            int error = Marshal.GetLastWin32Error();
            return error == FileNotFound ? "" : throw new Win32Exception(error);
        }

        using var buffer = new AuditBuffer(memory);
        return memory == IntPtr.Zero ? "" : ConvertSecurityDescriptor.FromSystemList(memory);
    }

    [DllImport("advapi32.dll", CharSet = CharSet.Unicode, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.U1)]
    private static extern bool AuditQueryGlobalSaclW(string objectTypeName, out IntPtr acl);
}
