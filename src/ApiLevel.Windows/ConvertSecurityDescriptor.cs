using System;
using System.ComponentModel;
using System.Runtime.InteropServices;

namespace ApiLevel.Windows;

/// <summary>A list as SDDL.</summary>
internal static unsafe class ConvertSecurityDescriptor
{
    private const int Revision = 1;
    private const int SystemList = 8; // SACL_SECURITY_INFORMATION
    private const int DescriptorSize = 64; // SECURITY_DESCRIPTOR_MIN_LENGTH is 40 on 64 bits

    public static string FromSystemList(IntPtr list)
    {
        byte* descriptor = stackalloc byte[DescriptorSize];
        if (!InitializeSecurityDescriptor(descriptor, Revision) ||
            !SetSecurityDescriptorSacl(descriptor, present: true, list, defaulted: false) ||
            !ConvertSecurityDescriptorToStringSecurityDescriptorW(descriptor, Revision, SystemList, out IntPtr text, out _))
        {
            throw new Win32Exception(Marshal.GetLastWin32Error());
        }

        try
        {
            return Marshal.PtrToStringUni(text) ?? "";
        }
        finally
        {
            LocalFree(text);
        }
    }

    [DllImport("advapi32.dll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool InitializeSecurityDescriptor(byte* descriptor, int revision);

    [DllImport("advapi32.dll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool SetSecurityDescriptorSacl(
        byte* descriptor, [MarshalAs(UnmanagedType.Bool)] bool present, IntPtr list, [MarshalAs(UnmanagedType.Bool)] bool defaulted);

    [DllImport("advapi32.dll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool ConvertSecurityDescriptorToStringSecurityDescriptorW(
        byte* descriptor, int revision, int information, out IntPtr text, out uint length);

    [DllImport("kernel32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern IntPtr LocalFree(IntPtr memory);
}
