using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using ApiLevel.Mapping;

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
        Add(text, "", "name", source.Name);
        Add(text, "", "provider", source.Provider);
        Add(text, "", "guid", source.Guid);
        AddList(text, "", "channel", source.Channel);
        AddList(text, "", "delivery", source.Delivery);
        Add(text, "", "privileges", source.Privileges);
        Add(text, "", "default", source.DefaultState);
        Add(text, "", "description", source.Description);
        Add(text, "", "documentation", source.Documentation);
        return text.ToString();
    }

    private static string Format(EventFact fact, List<MappingFact> mappings)
    {
        StringBuilder text = new();
        Add(text, "", "source", fact.Source);
        Add(text, "", "event", fact.Id.ToString(CultureInfo.InvariantCulture));
        Add(text, "", "version", fact.Version == 0 ? "" : fact.Version.ToString(CultureInfo.InvariantCulture));
        Add(text, "", "name", fact.Name);
        Add(text, "", "fires", fact.Fires);
        Add(text, "", "emitter", fact.Emitter);
        Add(text, "", "requirement", fact.Requirement);
        Add(text, "", "car", fact.Car);
        Add(text, "", "car-reference", fact.CarReference);
        Add(text, "", "level", fact.DraftLevel);
        Add(text, "", "column", fact.Column);
        Add(text, "", "column-reference", fact.ColumnReference);
        AddList(text, "", "channel", fact.Channel);
        Add(text, "", "fields", fact.Fields);
        Add(text, "", "symbol", fact.Symbol);
        Add(text, "", "task", fact.Task);
        Add(text, "", "opcode", fact.Opcode);
        Add(text, "", "severity", fact.Severity);
        Add(text, "", "keywords", fact.Keywords);
        Add(text, "", "keyword-mask", fact.KeywordMask);
        Add(text, "", "first-build", fact.FirstBuild);
        AddList(text, "", "data-component", fact.DataComponent);
        AddList(text, "", "audit-subcategory", fact.AuditSubcategory);
        AddList(text, "", "audit-reference", fact.AuditReference);

        // Without a reference the evidence is the default of the type and says nothing.
        Add(text, "", "evidence", fact.Reference.Length == 0 ? "" : Word(fact.Evidence));
        Add(text, "", "reference", fact.Reference);
        if (mappings.Count > 0)
        {
            text.Append("apis:\n");
            mappings.Sort(Compare);
            foreach (MappingFact mapping in mappings)
            {
                int start = text.Length;
                Add(text, "    ", "api", mapping.Api);
                text[start + 2] = '-';
                Add(text, "    ", "layer", mapping.Layer == ApiLayer.Win32 ? "" : FactWords.ToWord(mapping.Layer));
                Add(text, "    ", "relation", mapping.Relation.ToString());
                AddList(text, "    ", "via", mapping.Via);
                Add(text, "    ", "condition", mapping.Condition);
                Add(text, "    ", "emitter", mapping.Emitter == fact.Emitter ? "" : mapping.Emitter);
                Add(text, "    ", "mechanism", mapping.Mechanism);
                Add(text, "    ", "evidence", Word(mapping.Evidence));
                Add(text, "    ", "reference", mapping.Reference);
            }
        }

        return text.ToString();
    }

    // Foreign facts may hold one pair twice; the order must not depend on how they came in.
    private static int Compare(MappingFact left, MappingFact right)
    {
        int order = string.CompareOrdinal(left.Api, right.Api);
        order = order != 0 ? order : string.CompareOrdinal(left.Condition, right.Condition);
        order = order != 0 ? order : left.Relation.CompareTo(right.Relation);
        order = order != 0 ? order : right.Evidence.CompareTo(left.Evidence);
        return order != 0 ? order : string.CompareOrdinal(left.Reference, right.Reference);
    }

    private static string Word(Evidence evidence) => evidence.ToString().ToLowerInvariant();

    private static void AddList(StringBuilder text, string indent, string key, string value) =>
        Add(text, indent, key, FactSchema.JoinList(value).Replace(";", FactSchema.ListSeparator));

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
