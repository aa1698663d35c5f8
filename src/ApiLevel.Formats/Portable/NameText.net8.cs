using System;
using System.Text;

namespace ApiLevel.Formats.Portable;

/// <summary>The steps over names that .NET does several bytes at a time.</summary>
internal static class NameText
{
    public static bool IsPrintableAscii(ReadOnlySpan<byte> bytes) => bytes.IndexOfAnyExceptInRange((byte)0x20, (byte)0x7E) < 0;

    /// <summary>How many bytes from the start are printable.</summary>
    public static int PrintableLength(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOfAnyExceptInRange((byte)0x20, (byte)0x7E);
        return end < 0 ? bytes.Length : end;
    }

    public static string ToAsciiString(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    public static string GetString(Encoding encoding, ReadOnlySpan<byte> bytes) => encoding.GetString(bytes);
}
