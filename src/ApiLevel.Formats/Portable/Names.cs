using System;
using System.Text;

namespace ApiLevel.Formats.Portable;

/// <summary>Names in an image: bytes that may be text.</summary>
internal static class Names
{
    private static readonly UTF8Encoding s_strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Whether bytes can be a name: not empty, printable, and UTF-8 where they are not ASCII.</summary>
    public static bool IsName(ReadOnlySpan<byte> bytes) =>
        !bytes.IsEmpty && (NameText.IsPrintableAscii(bytes) || TryDecodeUtf8(bytes, out _));

    /// <summary>Gives the string. Null when the bytes are no name (see <see cref="IsName"/>).</summary>
    public static string? GetName(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return null;
        }

        return NameText.IsPrintableAscii(bytes) ? NameText.ToAsciiString(bytes) : TryDecodeUtf8(bytes, out string text) ? text : null;
    }

    private static bool TryDecodeUtf8(ReadOnlySpan<byte> bytes, out string text)
    {
        text = "";
        bool isAscii = true;
        foreach (byte value in bytes)
        {
            if (value is < 0x20 or 0x7F)
            {
                return false;
            }

            isAscii &= value < 0x80;
        }

        if (isAscii)
        {
            return false;
        }

        try
        {
            text = NameText.GetString(s_strictUtf8, bytes);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
