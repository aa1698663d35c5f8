using System;
using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace ApiLevel.Windows;

/// <summary>A registry value as text.</summary>
internal static class RegQueryValue
{
    private const int FileNotFound = 2;
    private const int MoreData = 234;
    private const int DWord = 4;
    private const int QWord = 11;
    private const int LargestValue = 1 << 20;

    /// <summary>Null for a value that is not set.</summary>
    public static string? Query(RegistryKeyHandle key, string name)
    {
        var data = new byte[256];
        while (true)
        {
            int size = data.Length;
            int error = RegQueryValueExW(key, name, IntPtr.Zero, out int type, data, ref size);
            switch (error)
            {
                case 0:
                    return Text(type, data, size);
                case FileNotFound:
                    return null;
                case MoreData when size > data.Length && size <= LargestValue:
                    data = new byte[size];
                    break;
                default:
                    throw new Win32Exception(error);
            }
        }
    }

    private static string Text(int type, byte[] data, int size) => type switch
    {
        DWord when size >= 4 => BitConverter.ToUInt32(data, 0).ToString(CultureInfo.InvariantCulture),
        QWord when size >= 8 => BitConverter.ToUInt64(data, 0).ToString(CultureInfo.InvariantCulture),
        _ => Encoding.Unicode.GetString(data, 0, size & ~1).TrimEnd('\0'),
    };

    [DllImport("advapi32.dll", CharSet = CharSet.Unicode)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int RegQueryValueExW(
        RegistryKeyHandle key, string name, IntPtr reserved, out int type, [Out] byte[] data, ref int size);
}
