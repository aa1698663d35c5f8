using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using ApiLevel.Formats;
using ApiLevel.Formats.EventLog;

namespace ApiLevel.Benchmarks;

/// <summary>Throughput and checks of the event log reader: see <c>scripts/compare-evtx.py</c>, which calls it.</summary>
public static class EventLogBenchmark
{
    /// <summary>Runs one command; prints tab-separated lines.</summary>
    public static int Run(string[] args)
    {
        switch (args.FirstOrDefault())
        {
            case "read":
                return Read(args.Skip(1));
            case "xml":
                return Xml(args[1]);
            case "records":
                return Records(args[1]);
            default:
                Console.Error.WriteLine("usage: evtx read FILE... | xml FILE | records FILE");
                return 2;
        }
    }

    private static IEnumerable<string> Expand(IEnumerable<string> paths) =>
        paths.SelectMany(path => Directory.Exists(path) ? Directory.GetFiles(path, "*.evtx").Order(StringComparer.Ordinal).ToArray() : new[] { path });

    private static int Read(IEnumerable<string> paths)
    {
        string[] files = Expand(paths).ToArray();
        long bytes = files.Sum(file => new FileInfo(file).Length);
        for (int round = 0; round < 3; round++)
        {
            long records = 0;
            long fields = 0;
            long problems = 0;
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            var clock = Stopwatch.StartNew();
            foreach (string file in files)
            {
                EventFileResult result = EventLogFile.Open(file);
                using EventFileReader reader = result.Reader ?? throw new InvalidDataException(result.Failure!.Message);
                while (reader.TryRead(out EventRecord? record))
                {
                    records++;
                    fields += record.Fields.Count;
                }

                problems += reader.Problems.Count;
                if (round == 0)
                {
                    foreach (Problem problem in reader.Problems)
                    {
                        Console.WriteLine(Path.GetFileName(file) + "\t" + problem);
                    }
                }
            }

            double seconds = clock.Elapsed.TotalSeconds;
            Console.WriteLine(string.Format(
                CultureInfo.InvariantCulture,
                "round {0}\t{1} files\t{2:F1} MB\t{3} records\t{4} fields\t{5} problems\t{6:F3} s\t{7:F1} MB/s\t{8:F2} us/record\t{9} bytes/record\tpeak {10} MiB",
                round,
                files.Length,
                bytes / 1e6,
                records,
                fields,
                problems,
                seconds,
                bytes / 1e6 / seconds,
                seconds * 1e6 / Math.Max(1, records),
                (GC.GetAllocatedBytesForCurrentThread() - allocated) / Math.Max(1, records),
                Process.GetCurrentProcess().PeakWorkingSet64 >> 20));
        }

        return 0;
    }

    private static int Xml(string path)
    {
        EventFileResult result = EventLogFile.Open(path);
        using var reader = result.Reader as EvtxReader ?? throw new InvalidDataException(result.Failure!.Message);
        using var output = new StreamWriter(Console.OpenStandardOutput());
        while (reader.TryRead(out _))
        {
            output.WriteLine(reader.GetXml());
        }

        foreach (Problem problem in reader.Problems)
        {
            Console.Error.WriteLine(problem);
        }

        return 0;
    }

    // One JSON object a record: what the record object holds, all values as text, for the comparison script.
    private static int Records(string path)
    {
        EventFileResult result = EventLogFile.Open(path);
        using EventFileReader reader = result.Reader ?? throw new InvalidDataException(result.Failure!.Message);
        using var output = new StreamWriter(Console.OpenStandardOutput());
        while (reader.TryRead(out EventRecord? record))
        {
            var header = new Dictionary<string, string?>
            {
                ["Provider"] = record.Provider,
                ["ProviderId"] = record.ProviderId?.ToString(),
                ["EventId"] = Text(record.EventId),
                ["EventVersion"] = Text(record.EventVersion),
                ["Level"] = Text(record.Level),
                ["Task"] = Text(record.Task),
                ["Opcode"] = Text(record.Opcode),
                ["Keywords"] = "0x" + record.Keywords.ToString("x", CultureInfo.InvariantCulture),
                ["TimeCreated"] = Text(record.TimeCreated),
                ["RecordId"] = Text(record.RecordId),
                ["ActivityId"] = record.ActivityId?.ToString(),
                ["ProcessId"] = record.ProcessId is { } process ? Text((uint)process) : null,
                ["ThreadId"] = record.ThreadId is { } thread ? Text((uint)thread) : null,
                ["Channel"] = record.Channel,
                ["Computer"] = record.Computer,
                ["UserSid"] = record.UserSid,
            };
            output.WriteLine(JsonSerializer.Serialize(new
            {
                Header = header,
                Fields = record.Fields.Select(field => new[] { field.Name, Text(field.Value) }),
            }));
        }

        return 0;
    }

    private static string? Text(object? value) => value switch
    {
        null => null,
        bool flag => flag ? "true" : "false",
        byte[] bytes => Convert.ToHexString(bytes),
        DateTime time => time.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };
}
