using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using ApiLevel.Formats;

namespace ApiLevel.Attribution;

/// <summary>What a field must say. A field that the event lacks contradicts nothing: older versions of an event have fewer.</summary>
internal sealed class FieldCondition
{
    private readonly Term[] _terms;
    private readonly bool _onlyExclusions;

    public FieldCondition(string field, IReadOnlyList<string> values)
    {
        Field = field;
        _terms = [.. values.Select(static value => new Term(value))];
        _onlyExclusions = Array.TrueForAll(_terms, static term => term.Kind == TermKind.Excludes);
    }

    public string Field { get; }

    /// <summary>
    /// Whether the event agrees; null where it only does not disagree: it has no such field or an empty one, nothing of it is
    /// excluded, or what matches is needed but common.
    /// </summary>
    public bool? Test(EventRecord record)
    {
        string text = EventPayload.ToText(record[Field]).Trim();
        if (text.Length == 0)
        {
            return null;
        }

        bool? matched = _onlyExclusions ? null : false;
        long? number = FieldNumber.Parse(text);
        foreach (Term term in _terms)
        {
            if (!term.Matches(text, number))
            {
                continue;
            }

            switch (term.Kind)
            {
                case TermKind.Excludes:
                    return false;
                case TermKind.Confirms:
                    matched = true;
                    break;
                default:
                    matched = matched == true ? true : null;
                    break;
            }
        }

        return matched;
    }

    private enum TermKind
    {
        Confirms,
        Needed,
        Excludes,
    }

    private sealed class Term
    {
        private readonly string _text;
        private readonly long? _number;
        private readonly long _mask;

        public Term(string value)
        {
            Kind = value.Length == 0 ? TermKind.Confirms : value[0] switch { '!' => TermKind.Excludes, '~' => TermKind.Needed, _ => TermKind.Confirms };
            _text = Kind == TermKind.Confirms ? value : value.Substring(1);
            if (_text.Length > 1 && _text[0] == '&')
            {
                _mask = FieldNumber.Parse(_text.Substring(1)) ?? 0;
            }
            else
            {
                _number = FieldNumber.Parse(_text);
            }
        }

        public TermKind Kind { get; }

        public bool Matches(string text, long? number) =>
            _mask != 0 ? number is { } bits && (bits & _mask) != 0
            : _number is not null && number is not null ? _number == number
            : Wildcard.IsMatch(text, _text);
    }
}

/// <summary>Numbers as events write them.</summary>
internal static class FieldNumber
{
    public static long? Parse(string text)
    {
        string digits = text.Trim();
        if (digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            return ulong.TryParse(digits.Substring(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong hex) ? unchecked((long)hex) : null;
        }

        return long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) ? value : null;
    }

    public static long? Of(object? value) => value switch
    {
        long number => number,
        ulong number => unchecked((long)number),
        string text => Parse(text),
        _ => null,
    };
}

/// <summary>Texts with <c>*</c> and <c>?</c>, without case; in time that grows with the text and the pattern, not with their product's power.</summary>
internal static class Wildcard
{
    public static bool IsMatch(string text, string pattern)
    {
        int at = 0;
        int p = 0;
        int star = -1;
        int resume = 0;
        while (at < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                resume = at;
            }
            else if (p < pattern.Length && (pattern[p] == '?' || char.ToUpperInvariant(pattern[p]) == char.ToUpperInvariant(text[at])))
            {
                p++;
                at++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                at = ++resume;
            }
            else
            {
                return false;
            }
        }

        while (p < pattern.Length && pattern[p] == '*')
        {
            p++;
        }

        return p == pattern.Length;
    }
}
