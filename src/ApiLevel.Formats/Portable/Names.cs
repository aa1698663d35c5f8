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

    /// <summary>Whether a name is not empty and has no control characters, which would reach a terminal; U+0080 to U+009F are such, too.</summary>
    public static bool IsText(string name)
    {
        foreach (char c in name)
        {
            if (char.IsControl(c))
            {
                return false;
            }
        }

        return name.Length > 0;
    }

    private static bool TryDecodeUtf8(ReadOnlySpan<byte> bytes, out string text)
    {
        text = "";
        try
        {
            text = NameText.GetString(s_strictUtf8, bytes);
            return IsText(text);
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
