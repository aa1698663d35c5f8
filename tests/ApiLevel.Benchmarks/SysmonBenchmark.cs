using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using ApiLevel.Core.Tests.Readiness;
using ApiLevel.Formats;
using ApiLevel.Formats.Configuration.Sysmon;
using ApiLevel.Formats.JsonEvents;
using ApiLevel.Readiness.Sysmon;

namespace ApiLevel.Benchmarks;

/// <summary>
/// 10,000 events against 2,000 rules on one core, beside what reading the events from JSON costs. "spread": rules over ten tags, all
/// conditions. "one tag": all rules in one include section of ProcessCreate that no event matches, so that each event meets each rule.
/// </summary>
public static class SysmonBenchmark
{
    private static readonly string[] s_conditions =
    [
        "is", "image", "contains", "contains any", "contains all", "begin with", "end with", "excludes", "is any", "not begin with", "not end with",
    ];

    private static readonly string[] s_words =
    [
        "powershell", "cmd", "rundll32", "regsvr32", "wscript", "mshta", "svchost", "explorer", "update", "service", "temp", "public",
        "appdata", "roaming", "system32", "syswow64", "program files", "windows", "users", "downloads", "currentversion", "run", "policies",
    ];

    /// <summary>Runs both; prints tab-separated lines. The first argument is the seed.</summary>
    public static int Run(string[] args)
    {
        int seed = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 20261125;
        int rules = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 2000;
        const int Events = 10_000;
        Console.WriteLine(string.Format(CultureInfo.InvariantCulture, "seed {0}, {1} rules, {2} events", seed, rules, Events));
        SysmonSchema schema = SysmonTables.Load();
        IReadOnlyList<SysmonEventType> types = schema.GetEvents("4.90");
        int[] ids = [1, 3, 7, 10, 11, 12, 13, 17, 22, 23];
        foreach (bool spread in (bool[])[true, false])
        {
            var random = new Random(seed);
            SysmonEventType[] used = types.Where(type => spread ? ids.Contains(type.EventId) : type.EventId == 1).ToArray();
            byte[] xml = Encoding.UTF8.GetBytes(Configuration(random, used, rules, spread));
            byte[] json = Records(random, used, Events);
            for (int round = 0; round < 5; round++)
            {
                long start = Stopwatch.GetTimestamp();
                SysmonConfigurationResult read = SysmonConfigurationReader.Read(ByteSource.FromMemory(xml), "benchmark.xml");
                SysmonRules compiled = SysmonRules.Compile(read.Configuration!, schema);
                TimeSpan loading = Stopwatch.GetElapsedTime(start);
                if (compiled.Problems.Count != 0 || compiled.Refusal is not null)
                {
                    throw new InvalidDataException(compiled.Refusal ?? compiled.Problems[0].ToString());
                }

                start = Stopwatch.GetTimestamp();
                List<EventRecord> records = [];
                using (EventFileReader reader = JsonEventFile.Open(ByteSource.FromMemory(json), "benchmark.jsonl").Reader!)
                {
                    while (reader.TryRead(out EventRecord? record))
                    {
                        records.Add(record);
                    }
                }

                TimeSpan reading = Stopwatch.GetElapsedTime(start);
                long allocated = GC.GetAllocatedBytesForCurrentThread();
                TimeSpan processor = Process.GetCurrentProcess().TotalProcessorTime;
                start = Stopwatch.GetTimestamp();
                int included = 0;
                foreach (EventRecord record in records)
                {
                    included += compiled.Decide(record).Included ? 1 : 0;
                }

                TimeSpan deciding = Stopwatch.GetElapsedTime(start);
                processor = Process.GetCurrentProcess().TotalProcessorTime - processor;
                Console.WriteLine(string.Format(
                    CultureInfo.InvariantCulture,
                    "{0}\tround {1}\tload {2:F1} ms\tread {3:F1} ms\tdecide {4:F1} ms\tprocessor {9:F1} ms\tdecide/read {5:F2}\t{6} included of {7}\t{8} bytes/event",
                    spread ? "spread" : "one tag",
                    round,
                    loading.TotalMilliseconds,
                    reading.TotalMilliseconds,
                    deciding.TotalMilliseconds,
                    deciding / reading,
                    included,
                    records.Count,
                    (GC.GetAllocatedBytesForCurrentThread() - allocated) / Math.Max(1, records.Count),
                    processor.TotalMilliseconds));
            }
        }

        return 0;
    }

    private static string Configuration(Random random, SysmonEventType[] types, int rules, bool spread)
    {
        var text = new StringBuilder("<Sysmon schemaversion=\"4.90\"><EventFiltering>\n");
        string[] tags = types.Select(static type => type.Tag!).Distinct().ToArray();
        foreach (string tag in tags)
        {
            SysmonEventType type = types.First(type => type.Tag == tag);
            string[] fields = type.Fields.Where(static field => field.Type == "UnicodeString" && field.Name is not ("RuleName" or "UtcTime"))
                .Select(static field => field.Name).ToArray();
            foreach (string onmatch in spread ? (string[])["include", "exclude"] : ["include"])
            {
                text.Append(CultureInfo.InvariantCulture, $"<RuleGroup name=\"\" groupRelation=\"or\"><{tag} onmatch=\"{onmatch}\">\n");
                int count = rules / tags.Length / (spread ? 2 : 1);
                for (int i = 0; i < count; i++)
                {
                    string condition = spread ? s_conditions[random.Next(s_conditions.Length)] : s_conditions[random.Next(7)];
                    string field = fields[random.Next(fields.Length)];
                    string value = Phrase(random) + (spread && condition != "excludes" && !condition.StartsWith("not", StringComparison.Ordinal)
                        ? "" : "\\~" + i.ToString(CultureInfo.InvariantCulture));
                    if (condition is "contains any" or "contains all" or "is any")
                    {
                        value += ";" + Phrase(random) + "~;" + Phrase(random) + "~";
                    }

                    bool negative = condition == "excludes" || condition.StartsWith("not", StringComparison.Ordinal);
                    text.Append(negative ? "<Rule groupRelation=\"and\">" : "");
                    text.Append(CultureInfo.InvariantCulture, $"<{field} condition=\"{condition}\" name=\"technique_id=T{i}\">{value}</{field}>");
                    text.Append(negative ? "<" + fields[0] + " condition=\"begin with\">~</" + fields[0] + "></Rule>\n" : "\n");
                }

                text.Append(CultureInfo.InvariantCulture, $"</{tag}></RuleGroup>\n");
            }
        }

        return text.Append("</EventFiltering></Sysmon>").ToString();
    }

    private static string Phrase(Random random) =>
        s_words[random.Next(s_words.Length)] + "\\" + s_words[random.Next(s_words.Length)] + random.Next(100).ToString(CultureInfo.InvariantCulture);

    private static byte[] Records(Random random, SysmonEventType[] types, int count)
    {
        using var stream = new MemoryStream();
        for (int i = 0; i < count; i++)
        {
            SysmonEventType type = types[random.Next(types.Length)];
            using (var json = new Utf8JsonWriter(stream))
            {
                json.WriteStartObject();
                json.WriteString("SourceName", "Microsoft-Windows-Sysmon");
                json.WriteString("Channel", "Microsoft-Windows-Sysmon/Operational");
                json.WriteNumber("EventID", type.EventId);
                json.WriteString("EventTime", "2026-01-01 10:00:00");
                foreach (SysmonField field in type.Fields)
                {
                    json.WriteString(field.Name, field.Type switch
                    {
                        "UnicodeString" => "C:\\Windows\\" + Phrase(random) + "\\" + Phrase(random)
                            + (field.Name.Contains("CommandLine", StringComparison.Ordinal) ? " -a " + Phrase(random) + " /b " + Phrase(random) + " " + Phrase(random) : ".exe"),
                        "GUID" => "{00000000-0000-0000-0000-000000000001}",
                        "Boolean" => "true",
                        _ => "0x10",
                    });
                }

                json.WriteEndObject();
            }

            stream.WriteByte((byte)'\n');
        }

        return stream.ToArray();
    }
}
