using System;
using System.Globalization;

namespace ApiLevel.Readiness.Sysmon;

/// <summary>
/// A schema version as Sysmon counts it: the text is read as a decimal number and cut to two decimals, so that 4.1 is 4.10 and what
/// stands behind the number does not matter.
/// </summary>
internal readonly record struct SysmonVersion(int Major, int Minor) : IComparable<SysmonVersion>
{
    private const int Highest = 0xFFFF;

    /// <summary>Null where Sysmon finds no version: no number in front, below 1, above 65535.</summary>
    public static SysmonVersion? Parse(string? text)
    {
        if (text is null)
        {
            return null;
        }

        int start = 0;
        while (start < text.Length && text[start] is ' ' or (>= '\t' and <= '\r'))
        {
            start++;
        }

        int end = start;
        if (end < text.Length && text[end] is '+' or '-')
        {
            end++;
        }

        int digits = Digits(text, ref end);
        if (end < text.Length && text[end] == '.')
        {
            int fraction = end + 1;
            int decimals = Digits(text, ref fraction);
            if (digits + decimals > 0)
            {
                end = fraction;
                digits += decimals;
            }
        }

        if (digits == 0)
        {
            return null;
        }

        if (end < text.Length && text[end] is 'e' or 'E')
        {
            int exponent = end + 1;
            if (exponent < text.Length && text[exponent] is '+' or '-')
            {
                exponent++;
            }

            if (Digits(text, ref exponent) > 0)
            {
                end = exponent;
            }
        }

        if (!double.TryParse(text.Substring(start, end - start), NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
            || !(number < Highest + 1.0))
        {
            return null;
        }

        string rounded = number.ToString("F2", CultureInfo.InvariantCulture);
        int dot = rounded.IndexOf('.');
        // A minus sign, and a first digit of 0, are no version.
        return rounded[0] is >= '1' and <= '9' && int.Parse(rounded.Substring(0, dot), CultureInfo.InvariantCulture) is var major and <= Highest
            ? new SysmonVersion(major, int.Parse(rounded.Substring(dot + 1), CultureInfo.InvariantCulture))
            : null;
    }

    public int CompareTo(SysmonVersion other) => Major != other.Major ? Major.CompareTo(other.Major) : Minor.CompareTo(other.Minor);

    public override string ToString() => string.Format(CultureInfo.InvariantCulture, "{0}.{1:00}", Major, Minor);

    private static int Digits(string text, ref int at)
    {
        int start = at;
        while (at < text.Length && text[at] is >= '0' and <= '9')
        {
            at++;
        }

        return at - start;
    }
}
