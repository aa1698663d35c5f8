using System;
using System.Text;

namespace ApiLevel.Formats.Portable;

/// <summary>The same byte by byte, where the wide forms are missing.</summary>
internal static class NameText
{
    public static bool IsPrintableAscii(ReadOnlySpan<byte> bytes) => PrintableLength(bytes) == bytes.Length;

    public static int PrintableLength(ReadOnlySpan<byte> bytes)
    {
        int length = 0;
        while (length < bytes.Length && bytes[length] is >= 0x20 and <= 0x7E)
        {
            length++;
        }

        return length;
    }

    public static string ToAsciiString(ReadOnlySpan<byte> bytes) => Encoding.ASCII.GetString(bytes.ToArray());

    public static string GetString(Encoding encoding, ReadOnlySpan<byte> bytes) => encoding.GetString(bytes.ToArray());
}
