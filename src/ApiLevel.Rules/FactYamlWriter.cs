using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using ApiLevel.Facts;

namespace ApiLevel.Rules;

/// <summary>
/// Writes facts in the format that <see cref="FactYamlReader"/> reads: the same facts give the same bytes, sorted, each event with
/// the APIs that lead to it, so that a file can be handed in as it is.
/// </summary>
public static class FactYamlWriter
{
    /// <summary>Writes sources, events and mappings; several documents are separated by <c>---</c>.</summary>
    /// <param name="sources">Sources.</param>
    /// <param name="events">
    /// Events; of several versions of one event the newest is written. An event that a mapping names and that is not given here
    /// is written with its source and number only.
    /// </param>
    /// <param name="mappings">Mappings.</param>
    /// <param name="output">Where to write; it is not closed.</param>
    public static void Write(
        IEnumerable<SourceFact> sources, IEnumerable<EventFact> events, IEnumerable<MappingFact> mappings, TextWriter output)
    {
        if (sources is null || events is null || mappings is null || output is null)
        {
            throw new ArgumentNullException(nameof(output), "Sources, events, mappings and the output are all needed.");
        }

        List<string> documents = [];
        List<SourceFact> sortedSources = [.. sources];
        sortedSources.Sort((left, right) => string.CompareOrdinal(left.Name, right.Name));
        foreach (SourceFact source in sortedSources)
        {
            documents.Add(Format(source));
        }

        foreach (KeyValuePair<(string Source, int Id), EventDocument> pair in Group(events, mappings))
        {
            documents.Add(Format(pair.Value.Fact, pair.Value.Mappings));
        }

        for (int i = 0; i < documents.Count; i++)
        {
            if (i > 0)
            {
                output.Write("---\n");
            }

            output.Write(documents[i]);
        }
    }

    private static SortedDictionary<(string Source, int Id), EventDocument> Group(
        IEnumerable<EventFact> events, IEnumerable<MappingFact> mappings)
    {
        SortedDictionary<(string, int), EventDocument> documents = new(Comparer<(string, int)>.Create(
            static (left, right) => string.CompareOrdinal(left.Item1, right.Item1) is int order and not 0
                ? order
                : left.Item2.CompareTo(right.Item2)));
        foreach (EventFact fact in events)
        {
            if (!documents.TryGetValue((fact.Source, fact.Id), out EventDocument? document)
                || document.Fact.Version < fact.Version)
            {
                documents[(fact.Source, fact.Id)] = new EventDocument(fact);
            }
        }

        foreach (MappingFact mapping in mappings)
        {
            if (!documents.TryGetValue((mapping.Source, mapping.EventId), out EventDocument? document))
            {
                document = new EventDocument(new EventFact { Source = mapping.Source, Id = mapping.EventId });
                documents.Add((mapping.Source, mapping.EventId), document);
            }

            document.Mappings.Add(mapping);
        }

        return documents;
    }

    private static string Format(SourceFact source)
    {
        StringBuilder text = new();
        Add(text, "", source);
        return text.ToString();
    }

    private static string Format(EventFact fact, List<MappingFact> mappings)
    {
        StringBuilder text = new();

        // Without a reference the evidence is the default of the type and says nothing.
        Add(text, "", fact, fact.Reference.Length == 0 ? EventColumns.Evidence : null);
        if (mappings.Count > 0)
        {
            text.Append("apis:\n");
            mappings.Sort(Compare);
            foreach (MappingFact mapping in mappings)
            {
                int start = text.Length;
                Add(text, "    ", mapping, mapping.Emitter == fact.Emitter ? MappingColumns.Emitter : null);
                text[start + 2] = '-';
            }
        }

        return text.ToString();
    }

    private static void Add(StringBuilder text, string indent, Fact fact, FactColumn? leftOut = null)
    {
        foreach (FactColumn column in FactSchema.KeysOf(fact.Table))
        {
            if (column != leftOut)
            {
                Add(text, indent, column.Key!, Spell(fact, column));
            }
        }
    }

    /// <summary>A cell as the file has it; empty where nothing was said and where the default is meant.</summary>
    private static string Spell(Fact fact, FactColumn column) => column.Kind switch
    {
        FactKind.Number => fact.Number(column) is { } number && (number > 0 || column.IsKeyNeeded) ? number.ToString(CultureInfo.InvariantCulture) : "",
        FactKind.Relation => fact[column]?.ToString() ?? "",
        FactKind.Evidence => fact[column]?.ToString()?.ToLowerInvariant() ?? "",
        FactKind.Layer => fact[column] is ApiLayer layer and not ApiLayer.Win32 ? FactWords.ToWord(layer) : "",
        _ => column.Style == ListStyle.Spaced ? ListText.Normalize(fact.Text(column)).Replace(";", "; ") : fact.Text(column),
    };

    // Foreign facts may hold one pair twice; the order must not depend on how they came in.
    private static int Compare(MappingFact left, MappingFact right)
    {
        int order = string.CompareOrdinal(left.Api, right.Api);
        order = order != 0 ? order : string.CompareOrdinal(left.Condition, right.Condition);
        order = order != 0 ? order : left.Relation.CompareTo(right.Relation);
        order = order != 0 ? order : right.Evidence.CompareTo(left.Evidence);
        return order != 0 ? order : string.CompareOrdinal(left.Reference, right.Reference);
    }

    private static void Add(StringBuilder text, string indent, string key, string value)
    {
        if (value.Length > 0)
        {
            text.Append(indent).Append(key).Append(": ").Append(Scalar(value)).Append('\n');
        }
    }

    /// <summary>Writes a value plain where every reader of YAML takes it for the same text, and quoted otherwise.</summary>
    private static string Scalar(string value)
    {
        string clean = value;
        foreach (char c in value)
        {
            if (char.IsControl(c) || c is '\u2028' or '\u2029' or '\uFEFF')
            {
                clean = OneLine(value);
                break;
            }
        }

        return IsPlain(clean) ? clean : "'" + clean.Replace("'", "''") + "'";
    }

    // A fact is a line; what breaks one (from a foreign overlay) becomes a blank.
    private static string OneLine(string value)
    {
        StringBuilder text = new(value.Length);
        foreach (char c in value)
        {
            text.Append(char.IsControl(c) || c is '\u2028' or '\u2029' or '\uFEFF' ? ' ' : c);
        }

        return text.ToString();
    }

    private static bool IsPlain(string value)
    {
        if (value.Length == 0 || char.IsWhiteSpace(value[0]) || char.IsWhiteSpace(value[value.Length - 1])
            || value[value.Length - 1] == ':'
            || value.IndexOf(": ", StringComparison.Ordinal) >= 0
            || value.IndexOf(" #", StringComparison.Ordinal) >= 0)
        {
            return false;
        }

        char first = value[0];
        if (IsDigit(first))
        {
            return IsPlainNumber(value);
        }

        bool isWord = first is (>= 'A' and <= 'Z') or (>= 'a' and <= 'z') or '(' or '_' or '.' or '/' or '<' or '\\';
        bool isFraction = first == '.' && value.Length > 1 && IsDigit(value[1]);
        return isWord && !isFraction && !IsReserved(value);
    }

    // A number in decimal is a number to everybody; what only starts like one is plain where no reader takes it for a number.
    private static bool IsPlainNumber(string value)
    {
        bool onlyDigits = true;
        bool hasLetter = false;
        for (int i = 0; i < value.Length; i++)
        {
            char c = value[i];
            onlyDigits &= IsDigit(c);
            hasLetter |= c is (>= 'A' and <= 'Z') or (>= 'a' and <= 'z') or '@';
            if (!IsDigit(c) && !hasLetter && c is not ('@' or '+' or '.' or '-' or ' '))
            {
                return false;
            }
        }

        if (onlyDigits)
        {
            return true;
        }

        bool isForeignBase = value.Length > 1 && value[0] == '0' && (value[1] is 'x' or 'X' or 'o' or 'O' or 'b' or 'B');
        return hasLetter && !isForeignBase && !LooksLikeExponent(value);
    }

    private static bool LooksLikeExponent(string value)
    {
        int i = 0;
        while (i < value.Length && (IsDigit(value[i]) || value[i] == '.'))
        {
            i++;
        }

        return i < value.Length && (value[i] is 'e' or 'E');
    }

    private static bool IsDigit(char c) => c is >= '0' and <= '9';

    private static bool IsReserved(string value) =>
        value.ToLowerInvariant() is "true" or "false" or "yes" or "no" or "on" or "off" or "null" or "y" or "n" or ".nan" or ".inf";

    private sealed class EventDocument(EventFact fact)
    {
        public EventFact Fact { get; } = fact;

        public List<MappingFact> Mappings { get; } = [];
    }
}
