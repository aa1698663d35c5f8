using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using ApiLevel.Formats;
using ApiLevel.Formats.EventTrace;

namespace ApiLevel.Benchmarks;

/// <summary>
/// Compares with the listings beside the samples (*.baseline.txt): COUNT lines give the number of each kind of event, EVENT
/// lines the payloads of the first of each kind, as PerfView's library printed them on Windows.
/// </summary>
/// <remarks>
/// The listings name events in PerfView's words, the reader in Windows'. So no names are compared: an EVENT line is matched
/// with the record of the same time (2 microseconds of rounding allowed) and payload length, and what the lines of a name
/// were matched with is that name's kind. The counts of all records of the kind then have to be the listing's.
/// </remarks>
internal static class EventTraceComparison
{
    private const string KernelProvider = "MSNT_SystemTrace";
    private const string MergeProvider = "KernelTraceControl";
    private const string Sampled = "Windows Kernel/PerfInfo/Sample";

    /// <summary>Fields that PerfView calls otherwise than Windows does.</summary>
    private static readonly Dictionary<string, string> s_otherNames = new(StringComparer.Ordinal)
    {
        ["PageDirectoryBase"] = "DirectoryTableBase",
        ["FileKey"] = "FileObject",
        ["SampleSource"] = "Source",
        ["ModuleILFileName"] = "ModuleILPath",
        ["IrpPtr"] = "Irp",
        ["FileAttributes"] = "CreateAttributes",
        ["DevicePath"] = "DeviceID",
    };

    /// <summary>Differences that are understood, by what they start with, and why.</summary>
    private static readonly (string Start, string Reason)[] s_allowed =
    [
        ("not comparable: enumeration", "PerfView prints the names of flags and enumerations, the record holds the number"),
        ("not comparable: no such field", "PerfView computes the field, renames it or shows one that this version of the event does not have"),
        ("not comparable: Undecoded", "neither the file nor the reference table describes this version of the event"),
        ("not comparable: Partial", "the description ends before the payload, or names a type without its length or count"),
        ("different: solar_system/PrimitiveTypesTest int64_type", "the event declares the field unsigned; PerfView prints 64-bit numbers as signed"),
        ("different: solar_system/PrimitiveTypesTest char_type", "the event declares the field a character; PerfView prints its number"),
        ("different: Windows Kernel/SystemConfig/Network MaxHashTableSize", "PerfView prints the unsigned number as signed"),
        ("different: Windows Kernel/Process/DCStart SessionID", "PerfView prints the unsigned number as signed"),
        ("different: Windows Kernel/Process/DCStop SessionID", "PerfView prints the unsigned number as signed"),
        ("different: Windows Kernel/Image/Load TimeDateStamp", "PerfView prints the unsigned number as signed"),
        ("different: Windows Kernel/Image/Unload TimeDateStamp", "PerfView prints the unsigned number as signed"),
        ("different: Microsoft-Windows-DotNETRuntime/Exception/Start ExceptionHRESULT", "PerfView prints the unsigned number as signed"),
        ("different: Windows Kernel/Image/", "PerfView turns the kernel's path into one with a drive letter"),
        ("different: Microsoft-Windows-Kernel-File/Create FileName", "PerfView turns the kernel's path into one with a drive letter"),
        ("different: Microsoft-Windows-Kernel-File/Create CreateOptions", "PerfView takes the disposition in the upper byte off"),
        ("different: Windows Kernel/PerfInfo/Sample Count", "PerfView takes the flags in the upper half off"),
        ("different: Windows Kernel/SystemConfig/Services ProcessName", "PerfView shows the process of the header under this name, not the field"),
        ("different: KernelTraceControl/ImageID ProcessID", "PerfView gives images of the kernel the process 0, the record says 4"),
    ];

    public static bool Run(string folder, string temporary)
    {
        IEventSchemaSource? schemas = ReferenceSchemas.TryLoad(Path.Combine(folder, "..", "..", "reference", "event.csv"));
        Console.WriteLine(schemas is null ? "no reference schemas: manifest payloads stay undecoded" : "manifest schemas from the reference table");
        bool good = true;
        foreach (string baseline in Directory.GetFiles(folder, "*.baseline.txt").Order(StringComparer.Ordinal))
        {
            string name = Path.GetFileName(baseline)[..^".baseline.txt".Length];
            good &= Compare(name, EventTraceBenchmark.Extract(folder, name, temporary), File.ReadAllLines(baseline), schemas);
        }

        foreach (string path in Directory.GetFiles(folder, "*.etl").Order(StringComparer.Ordinal))
        {
            WithoutListing(path, schemas);
        }

        return good;
    }

    private static void WithoutListing(string path, IEventSchemaSource? schemas)
    {
        var states = new Dictionary<string, long>(StringComparer.Ordinal);
        using EtlReader reader = EventTraceBenchmark.Open(path, new EventReadOptions { Schemas = schemas });
        foreach (EventRecord record in reader)
        {
            string name = record.Provider.Length > 0 ? record.Provider : record.ProviderId.ToString()!;
            Add(states, FormattableString.Invariant($"{name} {record.PayloadState}"));
        }

        Print($"== {Path.GetFileName(path)} (no listing): {states.Values.Sum()} records, {reader.Problems.Count} problems, {reader.EventsLost} lost: {string.Join("; ", states.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Key + " " + pair.Value))}");
    }

    private static bool Compare(string name, string path, string[] baseline, IEventSchemaSource? schemas)
    {
        List<Line> lines = baseline.Where(line => line.StartsWith("EVENT ", StringComparison.Ordinal)).Select(Line.Parse).ToList();
        Dictionary<string, long> expected = baseline.Where(line => line.StartsWith("COUNT ", StringComparison.Ordinal))
            .Select(line => line[6..])
            .ToDictionary(
                line => line[..line.LastIndexOf(':')],
                line => long.Parse(line[(line.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture),
                StringComparer.Ordinal);

        var counts = new Dictionary<Kind, long>();
        var awake = new Dictionary<Kind, long>();
        var byTime = new Dictionary<long, List<EventRecord>>();
        HashSet<long> wanted = lines.SelectMany(line => Enumerable.Range(-2, 5).Select(d => line.Microseconds + d)).ToHashSet();
        var states = new Dictionary<PayloadState, long>();
        using (EtlReader reader = EventTraceBenchmark.Open(path, new EventReadOptions { KeepRawData = true, Schemas = schemas }))
        {
            DateTime? start = null;
            foreach (EventRecord record in reader)
            {
                start ??= record.TimeCreated;
                var kind = Kind.Of(record);
                Add(counts, kind);
                Add(states, record.PayloadState);
                if (!IsIdleSample(record))
                {
                    Add(awake, kind);
                }

                long microseconds = (record.TimeCreated!.Value - start!.Value).Ticks / 10;
                if (wanted.Contains(microseconds))
                {
                    if (!byTime.TryGetValue(microseconds, out List<EventRecord>? list))
                    {
                        byTime[microseconds] = list = [];
                    }

                    list.Add(record);
                }
            }
        }

        var kinds = new Dictionary<string, HashSet<Kind>>(StringComparer.Ordinal);
        var payloads = new PayloadComparison();
        int unmatched = 0;
        foreach (Line line in lines)
        {
            if (Match(line, byTime, kinds) is not { } record)
            {
                unmatched++;
                Console.WriteLine("   no record for the line: " + line.Text[..Math.Min(160, line.Text.Length)]);
                continue;
            }

            if (!kinds.TryGetValue(line.Name, out HashSet<Kind>? set))
            {
                kinds[line.Name] = set = [];
            }

            set.Add(Kind.Of(record));
            payloads.Add(line, record);
        }

        int equal = 0;
        var differing = new List<string>();
        foreach ((string key, long count) in expected.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            Dictionary<Kind, long> source = key == Sampled ? awake : counts;
            long ours = kinds.TryGetValue(key, out HashSet<Kind>? set) ? set.Sum(kind => source.GetValueOrDefault(kind)) : 0;
            if (ours == count)
            {
                equal++;
            }
            else
            {
                differing.Add(FormattableString.Invariant($"{key}: {ours} for {count} ({(set is null ? "no kind" : string.Join(", ", set))})"));
            }
        }

        HashSet<Kind> named = kinds.Values.SelectMany(set => set).ToHashSet();
        Print($"== {name}: {counts.Values.Sum()} records, payload {string.Join(", ", states.OrderBy(s => s.Key).Select(s => s.Key + " " + s.Value))}");
        Print($"   counts equal: {equal} of {expected.Count} kinds; lines matched: {lines.Count - unmatched} of {lines.Count}");
        foreach (string text in differing)
        {
            Console.WriteLine("   different count: " + text);
        }

        if (expected.ContainsKey(Sampled))
        {
            Print($"   {Sampled} is counted without thread 0 outside interrupts: the listing's tool leaves out samples of the idle process");
        }

        Print($"   kinds that the listing has no line for (its tool folds them into tables): {string.Join("; ", counts.Where(pair => !named.Contains(pair.Key)).OrderByDescending(pair => pair.Value).Select(pair => pair.Key + " " + pair.Value))}");
        bool understood = payloads.Report(s_allowed);
        return differing.Count == 0 && unmatched == 0 && understood;
    }

    /// <summary>A sample of thread 0 that is in no interrupt and no deferred call, told by two bits in the count's upper half.</summary>
    private static bool IsIdleSample(EventRecord record) =>
        record["ThreadId"] is 0UL && record["Count"] is ulong count && ((count >> 16) & 3) == 0;

    private static EventRecord? Match(Line line, Dictionary<long, List<EventRecord>> byTime, Dictionary<string, HashSet<Kind>> kinds)
    {
        EventRecord? best = null;
        int bestScore = -1;
        foreach (int distance in (ReadOnlySpan<int>)[0, 1, -1, 2, -2])
        {
            foreach (EventRecord record in byTime.GetValueOrDefault(line.Microseconds + distance) ?? [])
            {
                string provider = line.Name[..line.Name.IndexOf('/')];
                bool otherProvider = record.Provider.Length > 0 && record.Provider is not (KernelProvider or MergeProvider) && record.Provider != provider;
                if (record.RawData.Length != line.Length || otherProvider)
                {
                    continue;
                }

                // Several records may have one time and length: equal fields, a kind that this name had before, or a like name decide.
                int score = 16 * line.Fields.Count(field => PayloadComparison.TryFind(record, field.Name, out object? ours) && PayloadComparison.Same(field.Value, ours) == true);
                score += kinds.TryGetValue(line.Name, out HashSet<Kind>? set) && set.Contains(Kind.Of(record)) ? 8 : 0;
                score += record.Provider == provider ? 32 : 0;
                score += line.Tail == Tail(record.EventName) ? 4 : 0;
                score += kinds.Any(pair => pair.Key != line.Name && pair.Value.Contains(Kind.Of(record))) ? 0 : 2;
                score += record.ProcessId == line.ProcessId ? 1 : 0;
                if (score > bestScore)
                {
                    best = record;
                    bestScore = score;
                }
            }
        }

        if (best is not null)
        {
            foreach (List<EventRecord> list in byTime.Values)
            {
                list.Remove(best);
            }
        }

        return best;
    }

    private static string Tail(string? name) => name is null ? "" : name[(name.LastIndexOf('/') + 1)..];

    private static void Add<T>(Dictionary<T, long> counts, T key)
        where T : notnull => counts[key] = counts.GetValueOrDefault(key) + 1;

    private static void Print(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    private readonly record struct Kind(Guid? Provider, string Name, int Id, int Opcode)
    {
        public static Kind Of(EventRecord record)
        {
            // Events without an id of their own have 0, or their opcode.
            bool isNamed = record.EventId == 0 || record.EventId == record.Opcode;
            return new(record.ProviderId, isNamed ? record.EventName ?? "" : "", record.EventId, isNamed ? record.Opcode : 0);
        }

        public override string ToString() => Name.Length > 0
            ? Name + (Opcode > 0 ? FormattableString.Invariant($"({Opcode})") : "")
            : FormattableString.Invariant($"{Provider} {Id}");
    }

    /// <summary>One EVENT line.</summary>
    private sealed record Line(string Text, long Microseconds, string Name, int ProcessId, int Length, List<(string Name, string Value)> Fields)
    {
        public string Tail { get; } = Name[(Name.LastIndexOf('/') + 1)..];

        public static Line Parse(string text)
        {
            int colon = text.IndexOf(": ", StringComparison.Ordinal);
            int pid = text.IndexOf(" PID=", StringComparison.Ordinal);
            double milliseconds = double.Parse(text[6..colon], NumberStyles.Number, CultureInfo.InvariantCulture);
            List<(string Name, string Value)> fields = text[(pid + 1)..].Split("; ", StringSplitOptions.RemoveEmptyEntries)
                .Select(part => (Part: part, At: part.IndexOf('=')))
                .Where(part => part.At > 0)
                .Select(part => (part.Part[..part.At], part.Part[(part.At + 1)..]))
                .ToList();
            string Find(string name) => fields.First(field => field.Name == name).Value;
            int length = int.Parse(Find("DataLen"), CultureInfo.InvariantCulture);
            int process = int.Parse(Find("PID"), CultureInfo.InvariantCulture);
            return new Line(text, (long)Math.Round(milliseconds * 1000), text[(colon + 2)..pid], process, length, fields.Skip(5).ToList());
        }
    }

    /// <summary>Compares the fields of matched lines.</summary>
    private sealed class PayloadComparison
    {
        private readonly Dictionary<string, (int Count, string Example)> _differences = new(StringComparer.Ordinal);
        private readonly Dictionary<string, (int Equal, int Comparable)> _lines = [];
        private int _equal;
        private int _fields;

        public void Add(Line line, EventRecord record)
        {
            int equal = 0;
            int comparable = 0;
            foreach ((string name, string value) in line.Fields)
            {
                _fields++;
                if (!TryFind(record, name, out object? ours))
                {
                    Note(
                        record.PayloadState == PayloadState.Decoded
                            ? $"not comparable: no such field: {line.Name} {name}"
                            : $"not comparable: {record.PayloadState}: {line.Name} (version {record.EventVersion})",
                        name + "=" + value);
                    continue;
                }

                switch (Same(value, ours))
                {
                    case true:
                        _equal++;
                        equal++;
                        comparable++;
                        break;
                    case false:
                        comparable++;
                        Note($"different: {line.Name} {name}", value + " for " + Show(ours));
                        break;
                    default:
                        Note($"not comparable: enumeration: {line.Name} {name}", value + " for " + Show(ours));
                        break;
                }
            }

            (int Equal, int Comparable) sum = _lines.GetValueOrDefault(line.Name);
            _lines[line.Name] = (sum.Equal + equal, sum.Comparable + comparable);
        }

        public bool Report((string Start, string Reason)[] allowed)
        {
            Print($"   payload fields equal: {_equal} of {_fields} ({_lines.Sum(pair => pair.Value.Comparable)} comparable) in {_lines.Count} kinds");
            bool understood = true;
            foreach (IGrouping<string, KeyValuePair<string, (int Count, string Example)>> group in _differences
                .OrderBy(pair => pair.Key, StringComparer.Ordinal)
                .GroupBy(pair => allowed.FirstOrDefault(one => pair.Key.StartsWith(one.Start, StringComparison.Ordinal)).Reason ?? "NOT UNDERSTOOD"))
            {
                understood &= group.Key != "NOT UNDERSTOOD";
                Print($"   {group.Sum(pair => pair.Value.Count)} fields: {group.Key}");
                foreach (KeyValuePair<string, (int Count, string Example)> pair in group)
                {
                    Print($"      {pair.Value.Count,4} {pair.Key}   e.g. {pair.Value.Example}");
                }
            }

            return understood;
        }

        private void Note(string what, string example) =>
            _differences[what] = _differences.TryGetValue(what, out (int Count, string Example) found) ? (found.Count + 1, found.Example) : (1, example);

        public static bool TryFind(EventRecord record, string name, out object? value)
        {
            foreach (EventField field in record.Fields)
            {
                if (string.Equals(field.Name, name, StringComparison.OrdinalIgnoreCase))
                {
                    value = field.Value;
                    return true;
                }
            }

            value = null;
            return s_otherNames.TryGetValue(name, out string? other) && TryFind(record, other, out value);
        }

        /// <summary>Null where the listing shows something else than the value: the name of an enumeration.</summary>
        public static bool? Same(string theirs, object? ours)
        {
            bool cut = theirs.EndsWith("...", StringComparison.Ordinal);
            string start = cut ? theirs[..^3] : theirs;
            switch (ours)
            {
                case null:
                    return theirs.Length == 0 || theirs is "NULL";
                case string text:
                    // A name of PerfView's own is the path's last part.
                    string last = text[(text.LastIndexOf('\\') + 1)..];
                    return cut
                        ? text.StartsWith(start, StringComparison.Ordinal) || last.StartsWith(start, StringComparison.Ordinal)
                        : text == theirs || last == theirs;
                case bool flag:
                    return bool.TryParse(theirs, out bool their) ? their == flag : null;
                case Guid guid:
                    return guid.ToString().StartsWith(start, StringComparison.OrdinalIgnoreCase);
                case long or ulong:
                    return Number(theirs) is { } number ? number == Convert.ToDecimal(ours, CultureInfo.InvariantCulture) : null;
                case DateTime time:
                    // The listing was made in another time zone; minutes and seconds are the same in most.
                    return start.Length >= 17 && start[11..17] == time.ToString(":mm:ss", CultureInfo.InvariantCulture);
                default:
                    return null;
            }
        }

        private static decimal? Number(string text)
        {
            if (text.StartsWith("0x", StringComparison.Ordinal))
            {
                return ulong.TryParse(text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong hex) ? hex : null;
            }

            return decimal.TryParse(text, NumberStyles.Number, CultureInfo.InvariantCulture, out decimal number) ? number : null;
        }

        private static string Show(object? value) => value switch
        {
            null => "null",
            byte[] bytes => Convert.ToHexString(bytes.AsSpan(0, Math.Min(bytes.Length, 16))),
            IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
            _ => value.ToString() ?? "",
        };
    }
}

/// <summary>The reference table of events as a schema source; for measuring only, the library brings no facts.</summary>
internal sealed class ReferenceSchemas : IEventSchemaSource
{
    private readonly Dictionary<(Guid Provider, int Id, int Version), (string Provider, string Name, IReadOnlyList<EventFieldSchema> Fields)> _events = [];

    public static ReferenceSchemas? TryLoad(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        var result = new ReferenceSchemas();
        List<List<string>> rows = Csv(File.ReadAllText(path));
        List<string> head = rows[0];
        foreach (List<string> row in rows.Skip(1))
        {
            string Cell(string name) => row[head.IndexOf(name)];
            if (Guid.TryParse(Cell("provider_guid"), out Guid provider)
                && int.TryParse(Cell("event_id"), CultureInfo.InvariantCulture, out int id)
                && int.TryParse(Cell("version"), CultureInfo.InvariantCulture, out int version))
            {
                result._events[(provider, id, version)] = (
                    Cell("provider"),
                    Cell("event_name"),
                    Cell("fields").Split(';', StringSplitOptions.RemoveEmptyEntries)
                        .Select(field => field.Split(':'))
                        .Select(field => new EventFieldSchema(field[0], field.Length > 1 ? field[1] : ""))
                        .ToArray());
            }
        }

        return result;
    }

    public bool TryGetSchema(Guid providerId, int eventId, int version, out string provider, out string eventName, out IReadOnlyList<EventFieldSchema> fields)
    {
        bool found = _events.TryGetValue((providerId, eventId, version), out (string Provider, string Name, IReadOnlyList<EventFieldSchema> Fields) one);
        (provider, eventName, fields) = found ? one : ("", "", []);
        return found;
    }

    private static List<List<string>> Csv(string text)
    {
        var rows = new List<List<string>>();
        var row = new List<string>();
        var cell = new System.Text.StringBuilder();
        bool quoted = false;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (quoted)
            {
                if (c != '"')
                {
                    cell.Append(c);
                }
                else if (i + 1 < text.Length && text[i + 1] == '"')
                {
                    cell.Append(c);
                    i++;
                }
                else
                {
                    quoted = false;
                }
            }
            else if (c == '"')
            {
                quoted = true;
            }
            else if (c is ',' or '\n')
            {
                row.Add(cell.ToString());
                cell.Clear();
                if (c == '\n')
                {
                    rows.Add(row);
                    row = [];
                }
            }
            else if (c != '\r')
            {
                cell.Append(c);
            }
        }

        return rows;
    }
}
