using System;
using System.Text;

namespace ApiLevel.Formats.Portable;

/// <summary>The same byte by byte, where the wide forms are missing.</summary>
internal static class NameText
{
    public static bool IsPrintableAscii(ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes)
        {
            if (value is < 0x20 or > 0x7E)
            {
                return false;
            }
        }

        return true;
    }

    public static string ToAsciiString(ReadOnlySpan<byte> bytes) => Encoding.ASCII.GetString(bytes.ToArray());

    public static string GetString(Encoding encoding, ReadOnlySpan<byte> bytes) => encoding.GetString(bytes.ToArray());
}
