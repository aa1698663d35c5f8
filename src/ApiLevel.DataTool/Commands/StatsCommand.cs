using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using ApiLevel.DataTool.Facts;
using ApiLevel.Facts;

namespace ApiLevel.DataTool.Commands;

/// <summary><c>stats</c>: counts by source, evidence and level, taken from the compiled store.</summary>
internal static class StatsCommand
{
    private const int NameWidth = 58;

    private static readonly Evidence[] s_evidence =
        [Evidence.Observed, Evidence.High, Evidence.Medium, Evidence.Paired, Evidence.Derived, Evidence.Low, Evidence.Disputed];

    public static int Run(Arguments line, TextWriter output, TextWriter error)
    {
        FactFolder folder = FactFolder.Read(line.DataFolder());
        if (!LintCommand.Passes(folder, error))
        {
            return 1;
        }

        output.Write(Format(folder, MappingStore.FromBytes(BuildCommand.Compile(folder)), line.Has("--markdown")));
        return 0;
    }

    /// <summary>The statistics as text, or as the page STATISTICS.md.</summary>
    public static string Format(FactFolder folder, MappingStore store, bool markdown)
    {
        StringBuilder text = new();
        MappingEntry[] mappings = [.. store.Mappings()];
        if (markdown)
        {
            text.Append("# The facts in numbers\n\n");
            text.Append("Written by `dotnet run --project src/ApiLevel.DataTool -- stats --markdown`; a test compares it with the store.\n\n");
        }

        Write(text, markdown, "The store", ["What", "Count"],
        [
            ["data version", store.Property("DataVersion")],
            ["event sources", Text(store.Sources.Count)],
            ["events, newest version each", Text(store.EventCount)],
            ["APIs by name", Text(store.ApiCount)],
            ["APIs that lead to an event", Text(mappings.Select(static mapping => mapping.Api.Key).Distinct().Count())],
            ["pairs of API and event", Text(mappings.Length)],
            ["events with an API", Text(mappings.Select(static mapping => (mapping.Source.Name, mapping.EventId)).Distinct().Count())],
            ["edges of the call chain, managed members included", Text(store.CallCount)],
            ["APIs of which a fact says that they write no event", Text(store.Apis().Count(api => store.InvisibleOf(api) is not null))],
            ["APIs that were judged and are not settled", Text(store.Apis().Count(api => store.UnsettledOf(api) is not null))],
        ]);
        Write(text, markdown, "Pairs by source and evidence", ["Source", .. s_evidence.Select(Word), "Sum"],
            Rows(mappings, static mapping => mapping.Source.Name));
        Write(text, markdown, "Pairs by level of the draft", ["Level", .. s_evidence.Select(Word), "Sum"],
            Rows(mappings, static mapping => Levels(mapping.Event)));
        Write(text, markdown, "Pairs by column", ["Column", .. s_evidence.Select(Word), "Sum"],
            Rows(mappings, static mapping => mapping.Event.IsKnown && mapping.Event.Columns.Count > 0
                ? string.Join(" or ", mapping.Event.Columns)
                : "not placed"));
        Write(text, markdown, "Pairs by relation", ["Relation", .. s_evidence.Select(Word), "Sum"],
            Rows(mappings, static mapping => mapping.Relation.ToString()));
        Write(text, markdown, "Pairs by the API's layer", ["Layer", .. s_evidence.Select(Word), "Sum"],
            Rows(mappings, static mapping => FactWords.ToWord(mapping.Api.Layer)));
        Write(text, markdown, "What was carried over and what was left out", ["Table", "Rows", "Left out"], Catalogue.Tables
            .Select(static table => table.Name)
            .Where(static name => name is not ("counts" or "excluded" or "properties"))
            .Append("mappings")
            .Order(StringComparer.Ordinal)
            .Select(name => new[] { name, Text(folder.Count(name)), store.Property("Excluded." + name) }));
        return text.ToString();
    }

    private static IEnumerable<string[]> Rows(MappingEntry[] mappings, Func<MappingEntry, string> key) => mappings
        .GroupBy(key, StringComparer.Ordinal)
        .OrderBy(static group => group.Key, StringComparer.Ordinal)
        .Append(mappings.GroupBy(static _ => "all").Single())
        .Select(static group => (string[])
        [
            group.Key,
            .. s_evidence.Select(evidence => Text(group.Count(mapping => mapping.Evidence == evidence))),
            Text(group.Count()),
        ]);

    // "5@draft-2023-06-12" is level 5; the drafts agree on the number of an event wherever two place it.
    private static string Levels(EventEntry fact)
    {
        string[] levels = fact.IsKnown
            ? [.. fact.DraftLevels.Select(static level => level.Split('@')[0]).Distinct(StringComparer.Ordinal)]
            : [];
        return levels.Length == 0 ? "not placed" : string.Join(" or ", levels);
    }

    private static void Write(StringBuilder text, bool markdown, string title, string[] header, IEnumerable<string[]> rows)
    {
        if (markdown)
        {
            text.Append("## ").Append(title).Append("\n\n");
            text.Append("| ").AppendJoin(" | ", header).Append(" |\n");
            text.Append("| --- |").Append(string.Concat(header.Skip(1).Select(static name => name == "Left out" ? " --- |" : " ---: |"))).Append('\n');
            foreach (string[] row in rows)
            {
                text.Append("| ").AppendJoin(" | ", row).Append(" |\n");
            }
        }
        else
        {
            text.Append(title).Append('\n');
            foreach (string[] row in rows.Prepend(header))
            {
                text.Append("  ").Append(row[0].PadRight(NameWidth));
                text.AppendJoin(' ', row.Skip(1).Select(static cell => cell.PadLeft(8))).Append('\n');
            }
        }

        text.Append('\n');
    }

    private static string Word(Evidence evidence) => evidence.ToString();

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
