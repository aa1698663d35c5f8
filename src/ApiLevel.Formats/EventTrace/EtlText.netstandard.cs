using System;
using System.Text;

namespace ApiLevel.Formats.EventTrace;

/// <summary>Bytes to text; the encodings of .NET Framework take arrays only.</summary>
internal static class EtlText
{
    private static readonly UTF8Encoding s_strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly Encoding s_latin1 = Encoding.GetEncoding(28591);

    /// <summary>UTF-8, with replacement characters where it is none.</summary>
    public static string Utf8(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes.ToArray());

    /// <summary>Text of a code page that the event does not name: UTF-8 where it is valid, else one byte a character.</summary>
    public static string Ansi(ReadOnlySpan<byte> bytes)
    {
        byte[] copy = bytes.ToArray();
        try
        {
            return s_strictUtf8.GetString(copy);
        }
        catch (DecoderFallbackException)
        {
            return s_latin1.GetString(copy);
        }
    }
}
