using System;
using System.Globalization;
using ApiLevel.Formats;

namespace ApiLevel.Readiness.Sysmon;

/// <summary>Texts as Sysmon's engine sees them.</summary>
internal static class SysmonText
{
    /// <summary>What Sysmon puts where an event has no value.</summary>
    public const string Missing = "-";

    /// <summary>
    /// Only the letters A to Z have a case: that is what the public engine folds, and what the C library of Windows folds while no
    /// locale is set. Whether Sysmon for Windows sets one is not public.
    /// </summary>
    public static char Lower(char c) => c is >= 'A' and <= 'Z' ? (char)(c | 0x20) : c;

    public static string Lower(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] is >= 'A' and <= 'Z')
            {
                char[] chars = text.ToCharArray();
                for (; i < chars.Length; i++)
                {
                    chars[i] = Lower(chars[i]);
                }

                return new string(chars);
            }
        }

        return text;
    }

    /// <summary>
    /// Compares two texts in lower case for "less than" and "more than": character by character, never as numbers. Windows orders by
    /// lower case, the Linux build by upper case; that differs for letters against the six characters between Z and a.
    /// </summary>
    public static int Compare(ReadOnlySpan<char> left, ReadOnlySpan<char> right, bool byUpperCase)
    {
        int length = Math.Min(left.Length, right.Length);
        for (int i = 0; i < length; i++)
        {
            char a = left[i];
            char b = right[i];
            if (a != b)
            {
                return byUpperCase ? Upper(a) - Upper(b) : a - b;
            }
        }

        return left.Length - right.Length;
    }

    /// <summary>The text that the rules compare with for a recorded value of a type of the schema; null for no value.</summary>
    public static string? From(object? value, string type)
    {
        switch (value)
        {
            case null:
                return null;
            case string text:
                return FromText(text, type);
            case bool flag:
                return flag ? "true" : "false";
            case Guid guid:
                return guid.ToString("B").ToUpperInvariant();
            case DateTime time:
                return time.ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture);
            case sbyte or short or int or long:
                return FromNumber(unchecked((ulong)((IConvertible)value).ToInt64(CultureInfo.InvariantCulture)), type);
            case byte or ushort or uint or ulong:
                return FromNumber(((IConvertible)value).ToUInt64(CultureInfo.InvariantCulture), type);
            default:
                return EventPayload.ToText(value);
        }
    }

    private static char Upper(char c) => c is >= 'a' and <= 'z' ? (char)(c & ~0x20) : c;

    private static string FromText(string text, string type)
    {
        switch (type)
        {
            // Other readers of event logs write these in forms of their own.
            case "HexInt32" or "HexInt64" when ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number):
                return FromNumber(number, type);
            case "GUID" when Guid.TryParse(text, out Guid guid):
                return From(guid, type)!;
            default:
                int zero = text.IndexOf('\0');
                return zero < 0 ? text : text.Substring(0, zero);
        }
    }

    private static string FromNumber(ulong number, string type) => type switch
    {
        "Boolean" => number == 0 ? "false" : "true",
        "HexInt32" or "HexInt64" => "0x" + number.ToString("x", CultureInfo.InvariantCulture),
        _ => number.ToString(CultureInfo.InvariantCulture),
    };
}
