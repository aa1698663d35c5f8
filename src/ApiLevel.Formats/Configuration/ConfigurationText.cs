using System;
using System.Collections.Generic;
using System.Text;

namespace ApiLevel.Formats.Configuration;

/// <summary>Bytes of a text whose encoding nobody wrote down, and its lines with their numbers.</summary>
internal static partial class ConfigurationText
{
    /// <summary>
    /// The pages that commands of a Western Windows write to files, most likely first; beyond ASCII they say nothing that decides here.
    /// </summary>
    private static readonly int[] s_pages = [850, 1252];

    /// <summary>
    /// Decodes a text: a byte order mark, else UTF-16 by its zero bytes, else UTF-8 where all of it is, else the code pages. Several
    /// answers come only in the last case; the caller takes the one whose words it knows.
    /// </summary>
    /// <param name="bytes">The file's bytes.</param>
    public static IEnumerable<(string Text, string Encoding)> Decode(byte[] bytes)
    {
        if (Starts(bytes, 0xEF, 0xBB, 0xBF))
        {
            yield return (Encoding.UTF8.GetString(bytes, 3, bytes.Length - 3), "UTF-8");
            yield break;
        }

        if (Starts(bytes, 0xFF, 0xFE))
        {
            yield return (Encoding.Unicode.GetString(bytes, 2, bytes.Length - 2), "UTF-16");
            yield break;
        }

        if (Starts(bytes, 0xFE, 0xFF))
        {
            yield return (Encoding.BigEndianUnicode.GetString(bytes, 2, bytes.Length - 2), "UTF-16BE");
            yield break;
        }

        if (ZeroBytes(bytes) is { } wide)
        {
            yield return (wide.GetString(bytes), wide == Encoding.Unicode ? "UTF-16" : "UTF-16BE");
            yield break;
        }

        string? text = Utf8(bytes);
        if (text is not null)
        {
            yield return (text, "UTF-8");
            yield break;
        }

        foreach (int page in s_pages)
        {
            yield return (Page(page).GetString(bytes), $"code page {page}");
        }
    }

    /// <summary>The lines of a text, numbered from 1, without their ends. A NUL ends none: it stays, and matches nothing.</summary>
    /// <param name="text">The text.</param>
    public static IEnumerable<(int Number, string Line)> Lines(string text)
    {
        int number = 1;
        int start = 0;
        while (start < text.Length)
        {
            int end = text.IndexOf('\n', start);
            int next = end < 0 ? text.Length : end + 1;
            int stop = end < 0 ? text.Length : end;
            if (stop > start && text[stop - 1] == '\r')
            {
                stop--;
            }

            yield return (number++, text.Substring(start, stop - start));
            start = next;
        }
    }

    private static bool Starts(byte[] bytes, params byte[] mark) => bytes.AsSpan().StartsWith(mark);

    // A text of commands is mostly ASCII, so that half of the bytes of UTF-16 are zero, all on one side.
    private static Encoding? ZeroBytes(byte[] bytes)
    {
        int length = Math.Min(bytes.Length, 512) & ~1;
        int even = 0;
        int odd = 0;
        for (int i = 0; i < length; i += 2)
        {
            even += bytes[i] == 0 ? 1 : 0;
            odd += bytes[i + 1] == 0 ? 1 : 0;
        }

        int half = length / 4;
        return length < 4 ? null : odd > half && even == 0 ? Encoding.Unicode : even > half && odd == 0 ? Encoding.BigEndianUnicode : null;
    }

    private static string? Utf8(byte[] bytes)
    {
        try
        {
            return new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
