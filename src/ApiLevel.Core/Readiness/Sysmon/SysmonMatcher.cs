using System;
using System.Collections.Generic;

namespace ApiLevel.Readiness.Sysmon;

/// <summary>How a filter compares.</summary>
internal enum SysmonCondition
{
    Is,
    IsNot,
    IsAny,
    Contains,
    ContainsAny,
    ContainsAll,
    Excludes,
    ExcludesAny,
    ExcludesAll,
    BeginWith,
    NotBeginWith,
    EndWith,
    NotEndWith,
    LessThan,
    MoreThan,
    Image,
}

/// <summary>
/// One condition with its value, made ready to be asked often. Values come in lower case. It follows the public engine, oddities
/// included: an empty text is contained in each text but the empty one, lists are cut at semicolons without trimming, and an empty
/// item of a list of substrings stands for the rest of the list, its semicolons included.
/// </summary>
internal sealed class SysmonMatcher
{
    private const char Separator = ';';

    private readonly SysmonCondition _condition;
    private readonly string _text;
    private readonly Item[] _items;
    private readonly bool _hasDirectory;
    private readonly bool _byUpperCase;

    /// <param name="condition">How to compare.</param>
    /// <param name="text">With what, in lower case.</param>
    /// <param name="byUpperCase">How letters are ordered against other characters; see <see cref="SysmonText.Compare"/>.</param>
    public SysmonMatcher(SysmonCondition condition, string text, bool byUpperCase)
    {
        _condition = condition;
        _text = text;
        _byUpperCase = byUpperCase;
        _hasDirectory = text.IndexOf('\\') >= 0;
        _items = condition switch
        {
            SysmonCondition.IsAny => Split(text),
            SysmonCondition.ContainsAny or SysmonCondition.ExcludesAny => Substrings(text, any: true),
            SysmonCondition.ContainsAll or SysmonCondition.ExcludesAll => Substrings(text, any: false),
            _ => [],
        };
    }

    /// <summary>Finds the condition of a name, in any case; no name is "is".</summary>
    public static bool TryParse(string? name, out SysmonCondition condition)
    {
        SysmonCondition? found = name is null ? SysmonCondition.Is : SysmonText.Lower(name) switch
        {
            "" or "is" => SysmonCondition.Is,
            "is not" => SysmonCondition.IsNot,
            "is any" => SysmonCondition.IsAny,
            "contains" => SysmonCondition.Contains,
            "contains any" => SysmonCondition.ContainsAny,
            "contains all" => SysmonCondition.ContainsAll,
            "excludes" => SysmonCondition.Excludes,
            "excludes any" => SysmonCondition.ExcludesAny,
            "excludes all" => SysmonCondition.ExcludesAll,
            "begin with" => SysmonCondition.BeginWith,
            "not begin with" => SysmonCondition.NotBeginWith,
            "end with" => SysmonCondition.EndWith,
            "not end with" => SysmonCondition.NotEndWith,
            "less than" => SysmonCondition.LessThan,
            "more than" => SysmonCondition.MoreThan,
            "image" => SysmonCondition.Image,
            _ => null,
        };
        condition = found ?? SysmonCondition.Is;
        return found is not null;
    }

    /// <summary>Whether a field's value, in lower case, is what the filter asks for.</summary>
    public bool Matches(ReadOnlySpan<char> value)
    {
        switch (_condition)
        {
            case SysmonCondition.Is:
                return value.SequenceEqual(_text.AsSpan());
            case SysmonCondition.IsNot:
                return !value.SequenceEqual(_text.AsSpan());
            case SysmonCondition.IsAny:
                foreach (Item item in _items)
                {
                    if (value.SequenceEqual(_text.AsSpan(item.Start, item.Length)))
                    {
                        return true;
                    }
                }

                return false;
            case SysmonCondition.Contains:
                return Contains(value, _text.AsSpan());
            case SysmonCondition.Excludes:
                return !Contains(value, _text.AsSpan());
            case SysmonCondition.ContainsAny:
                return ContainsAny(value);
            case SysmonCondition.ExcludesAny:
                return !ContainsAny(value);
            case SysmonCondition.ContainsAll:
                return ContainsAll(value);
            case SysmonCondition.ExcludesAll:
                return !ContainsAll(value);
            case SysmonCondition.BeginWith:
                return value.StartsWith(_text.AsSpan());
            case SysmonCondition.NotBeginWith:
                return !value.StartsWith(_text.AsSpan());
            case SysmonCondition.EndWith:
                return value.EndsWith(_text.AsSpan());
            case SysmonCondition.NotEndWith:
                return !value.EndsWith(_text.AsSpan());
            case SysmonCondition.LessThan:
                return SysmonText.Compare(value, _text.AsSpan(), _byUpperCase) < 0;
            case SysmonCondition.MoreThan:
                return SysmonText.Compare(value, _text.AsSpan(), _byUpperCase) > 0;
            default:
                // Without a directory in the filter, the file's name alone counts.
                return value.Slice(_hasDirectory ? 0 : value.LastIndexOf('\\') + 1).SequenceEqual(_text.AsSpan());
        }
    }

    private static Item[] Split(string text)
    {
        List<Item> items = [];
        int start = 0;
        while (true)
        {
            int end = text.IndexOf(Separator, start);
            items.Add(new Item(start, (end < 0 ? text.Length : end) - start));
            if (end < 0)
            {
                return [.. items];
            }

            start = end + 1;
        }
    }

    // The engine passes 0 as the length of an empty item, which means "up to the end" to its search. Each such rest ends the text, so a
    // value with a long rest has all shorter ones: of the rests, "any" needs the shortest only and "all" the longest.
    private static Item[] Substrings(string text, bool any)
    {
        List<Item> items = [];
        int rest = -1;
        foreach (Item item in Split(text))
        {
            if (item.Length > 0)
            {
                items.Add(item);
            }
            else if (any || rest < 0)
            {
                rest = item.Start;
            }
        }

        if (rest >= 0)
        {
            items.Add(new Item(rest, text.Length - rest));
        }

        return [.. items];
    }

    private static bool Contains(ReadOnlySpan<char> value, ReadOnlySpan<char> text) => value.Length != 0 && value.IndexOf(text) >= 0;

    private bool ContainsAny(ReadOnlySpan<char> value)
    {
        foreach (Item item in _items)
        {
            if (Contains(value, _text.AsSpan(item.Start, item.Length)))
            {
                return true;
            }
        }

        return false;
    }

    private bool ContainsAll(ReadOnlySpan<char> value)
    {
        foreach (Item item in _items)
        {
            if (!Contains(value, _text.AsSpan(item.Start, item.Length)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A part of the text: a list of a hundred megabytes is kept once.</summary>
    private readonly record struct Item(int Start, int Length);
}
