using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using ApiLevel.Attribution;
using ApiLevel.Facts;
using ApiLevel.Formats;

namespace ApiLevel.Benchmarks;

/// <summary>
/// Scores the attribution on recorded files: the share of the events that the facts map which get an API, at each strength, and the
/// misses with their reasons. A file named ID4688... must hold events of that id, with an API where the facts map it.
/// </summary>
internal static partial class AttributionScore
{
    private static readonly string[] s_strengths = ["Stack", "Direct", "Syscall", "Protocol", "Effect"];

    public static int Run(string[] arguments)
    {
        if (arguments.Length == 0)
        {
            Console.Error.WriteLine("attribution <folder or file>... [--facts <ApiLevel.facts>] [--all]");
            return 2;
        }

        bool all = arguments.Contains("--all");
        int factsAt = Array.IndexOf(arguments, "--facts");
        string facts = factsAt >= 0 ? arguments[factsAt + 1] : FindFacts();
        string[] files = [.. arguments.Where((argument, i) => argument != "--all" && (factsAt < 0 || (i != factsAt && i != factsAt + 1)))
            .SelectMany(path => Directory.Exists(path) ? Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories) : [path])
            .Order(StringComparer.Ordinal)];

        MappingStore store = MappingStore.Open(facts);
        EventAttributor attributor = new(store);
        Dictionary<(string Source, int Id), Row> rows = [];
        List<string> nameMisses = [];
        int named = 0;
        int read = 0;
        foreach (string file in files)
        {
            Dictionary<int, (int Count, int WithApi, bool Mapped)> ids = [];
            EventFileResult opened = EventFiles.Open(file, new EventReadOptions { Schemas = new StoreSchemas(store) });
            if (opened.Reader is null)
            {
                continue;
            }

            read++;
            using (opened.Reader)
            {
                foreach (EventRecord record in opened.Reader)
                {
                    ApiTelemetryEvent e = attributor.Attribute(record, file);
                    bool mapped = attributor.IsMapped(record);
                    if (!rows.TryGetValue((e.Source, e.EventId), out Row? row))
                    {
                        rows.Add((e.Source, e.EventId), row = new Row { Mapped = mapped });
                    }

                    row.Count++;
                    if (e.Api.Length > 0)
                    {
                        row.Strengths[e.Confidence] = row.Strengths.GetValueOrDefault(e.Confidence) + 1;
                        string key = e.Module.Length == 0 ? e.Api : e.Module + "!" + e.Api;
                        row.Apis[key] = row.Apis.GetValueOrDefault(key) + 1;
                    }
                    else
                    {
                        string reason = attributor.ExplainMiss(record);
                        row.Misses[reason] = row.Misses.GetValueOrDefault(reason) + 1;
                    }

                    (int count, int withApi, bool known) = ids.GetValueOrDefault(e.EventId);
                    ids[e.EventId] = (count + 1, withApi + (e.Api.Length > 0 ? 1 : 0), known | mapped);
                }
            }

            if (NameId().Match(Path.GetFileName(file)) is { Success: true } match)
            {
                named++;
                int id = int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
                (int count, int withApi, bool known) = ids.GetValueOrDefault(id);
                if (count == 0 || (known && withApi == 0))
                {
                    nameMisses.Add(string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(file)}: {count} events {id}, {withApi} with an API"));
                }
            }
        }

        Print(rows, all);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Files read: {read}. Named ID<n>: {named}, of which {nameMisses.Count} miss:"));
        foreach (string miss in nameMisses)
        {
            Console.WriteLine("  " + miss);
        }

        return 0;
    }

    private static void Print(Dictionary<(string Source, int Id), Row> rows, bool all)
    {
        int total = rows.Values.Sum(row => row.Count);
        Row[] mapped = [.. rows.Values.Where(row => row.Mapped)];
        int mappedCount = mapped.Sum(row => row.Count);
        int withApi = mapped.Sum(row => row.Strengths.Values.Sum());
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Events: {total}. Mapped by the facts: {mappedCount}. With an API: {withApi} ({Percent(withApi, mappedCount)})."));
        Console.WriteLine();
        Console.WriteLine("Strength    Events   Share of mapped");
        foreach (string strength in s_strengths)
        {
            int count = mapped.Sum(row => row.Strengths.GetValueOrDefault(strength));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{strength,-10}{count,8}   {Percent(count, mappedCount)}"));
        }

        Console.WriteLine();
        Console.WriteLine("Misses of mapped events   Reason");
        foreach (((string source, int id), Row row) in rows.Where(pair => pair.Value.Mapped && pair.Value.Misses.Count > 0).OrderByDescending(pair => pair.Value.Misses.Values.Sum()))
        {
            foreach ((string reason, int count) in row.Misses)
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count,7} of {row.Count,6}  {source} {id}: {reason}"));
            }
        }

        Console.WriteLine();
        Console.WriteLine("Not mapped, by reason");
        foreach (var reason in rows.Values.Where(row => !row.Mapped).SelectMany(row => row.Misses).GroupBy(pair => pair.Key))
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{reason.Sum(pair => pair.Value),7}  {reason.Key}"));
        }

        if (all)
        {
            Console.WriteLine();
            Console.WriteLine("Mapped events and the APIs they got");
            foreach (((string source, int id), Row row) in rows.Where(pair => pair.Value.Mapped).OrderBy(pair => pair.Key.Source, StringComparer.Ordinal).ThenBy(pair => pair.Key.Id))
            {
                string apis = string.Join(", ", row.Apis.OrderByDescending(pair => pair.Value).Select(pair => pair.Key + " " + pair.Value.ToString(CultureInfo.InvariantCulture)));
                string strengths = string.Join(", ", row.Strengths.Select(pair => pair.Key));
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{row.Count,7}  {source} {id} [{strengths}]: {apis}"));
            }
        }

        Console.WriteLine();
    }

    private static string Percent(int part, int whole) =>
        whole == 0 ? "-" : (100.0 * part / whole).ToString("F1", CultureInfo.InvariantCulture) + " %";

    private static string FindFacts()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            string path = Path.Combine(at.FullName, "bin", "ApiLevel.facts");
            if (File.Exists(path))
            {
                return path;
            }
        }

        throw new FileNotFoundException("bin/ApiLevel.facts is not built; name it with --facts.");
    }

    [GeneratedRegex("^ID_?(\\d+)")]
    private static partial Regex NameId();

    private sealed class Row
    {
        public int Count { get; set; }

        public bool Mapped { get; init; }

        public Dictionary<string, int> Strengths { get; } = [];

        public Dictionary<string, int> Apis { get; } = [];

        public Dictionary<string, int> Misses { get; } = [];
    }
}
