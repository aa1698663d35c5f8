using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using ApiLevel.Fixtures;
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
                return Read(args.Skip(1), xml: false);
            case "readxml":
                return Read(args.Skip(1), xml: true);
            case "xml":
                return Xml(args[1]);
            case "records":
                return Records(args[1]);
            case "json":
                return Json(args.Skip(1));
            case "mutate":
                return Mutate(int.Parse(args[1], CultureInfo.InvariantCulture), args.Skip(2).ToArray());
            case "memory":
                return Memory(args[1], long.Parse(args[2], CultureInfo.InvariantCulture));
            default:
                Console.Error.WriteLine("usage: evtx read FILE... | readxml FILE... | xml FILE | records FILE | json FILE... | mutate COUNT [SEED [FILE...]] | memory FILE MIB");
                return 2;
        }
    }

    private static IEnumerable<string> Expand(IEnumerable<string> paths) =>
        paths.SelectMany(path => Directory.Exists(path) ? Directory.GetFiles(path, "*.evtx").Order(StringComparer.Ordinal).ToArray() : new[] { path });

    private static int Read(IEnumerable<string> paths, bool xml)
    {
        string[] files = Expand(paths).ToArray();
        long bytes = files.Sum(file => new FileInfo(file).Length);
        for (int round = 0; round < 3; round++)
        {
            long records = 0;
            long fields = 0;
            long problems = 0;
            long characters = 0;
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            TimeSpan processor = Process.GetCurrentProcess().TotalProcessorTime;
            var clock = Stopwatch.StartNew();
            foreach (string file in files)
            {
                EventFileResult result = EventLogFile.Open(file);
                using EventFileReader reader = result.Reader ?? throw new InvalidDataException(result.Failure!.Message);
                while (reader.TryRead(out EventRecord? record))
                {
                    records++;
                    fields += record.Fields.Count;
                    if (xml)
                    {
                        characters += ((EvtxReader)reader).GetXml().Length;
                    }
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
                "round {0}\t{1} files\t{2:F1} MB\t{3} records\t{4} fields\t{5} problems\t{6:F3} s\t{7:F1} MB/s\t{8:F2} us/record\t{9} bytes/record\tpeak {10} MiB\t{11} characters of XML\tprocessor {12:F3} s",
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
                Process.GetCurrentProcess().PeakWorkingSet64 >> 20,
                characters,
                (Process.GetCurrentProcess().TotalProcessorTime - processor).TotalSeconds));
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

    // Payloads as JSON, which is what the cmdlets ask for.
    private static int Json(IEnumerable<string> paths)
    {
        long records = 0;
        long characters = 0;
        long bytes = 0;
        var clock = Stopwatch.StartNew();
        foreach (string file in Expand(paths))
        {
            using EventFileReader reader = EventFiles.Open(file).Reader ?? throw new InvalidDataException(file);
            bytes += reader.Length;
            while (reader.TryRead(out EventRecord? record))
            {
                records++;
                characters += EventPayload.ToJson(record.Fields).Length;
            }
        }

        double seconds = clock.Elapsed.TotalSeconds;
        Console.WriteLine(string.Format(
            CultureInfo.InvariantCulture,
            "{0} records\t{1} characters\t{2:F1} MB\t{3:F3} s\t{4:F1} MB/s\tprocessor {5:F3} s\tpeak {6} MiB",
            records,
            characters,
            bytes / 1e6,
            seconds,
            bytes / 1e6 / seconds,
            Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds,
            Process.GetCurrentProcess().PeakWorkingSet64 >> 20));
        return 0;
    }

    /// <summary>Damages logs and reads them. Ends with 1 when one threw or took more than two seconds.</summary>
    private static int Mutate(int count, string[] rest)
    {
        int seed = rest.Length > 0 ? int.Parse(rest[0], CultureInfo.InvariantCulture) : Environment.TickCount;
        var random = new Random(seed);
        byte[][] logs = [EvtxMutation.Seed(), .. Expand(rest.Skip(1)).Select(File.ReadAllBytes)];
        long records = 0;
        long problems = 0;
        int crashes = 0;
        TimeSpan slowest = TimeSpan.Zero;
        var clock = Stopwatch.StartNew();
        for (int i = 0; i < count; i++)
        {
            byte[] mutant = EvtxMutation.Mutate(logs[i % logs.Length], random);
            try
            {
                (long found, int wrong, TimeSpan time) = EvtxMutation.Read(mutant);
                records += found;
                problems += wrong;
                slowest = time > slowest ? time : slowest;
            }
            catch (Exception exception)
            {
                crashes++;
                Console.WriteLine(string.Format(CultureInfo.InvariantCulture, "mutant {0}: {1}", i, exception));
            }
        }

        Console.WriteLine(string.Format(
            CultureInfo.InvariantCulture,
            "seed {0}\t{1} mutants of {2} logs\t{3} records\t{4} problems\t{5} crashes\tslowest {6:F3} s\tall {7:F1} s\tpeak {8} MiB",
            seed,
            count,
            logs.Length,
            records,
            problems,
            crashes,
            slowest.TotalSeconds,
            clock.Elapsed.TotalSeconds,
            Process.GetCurrentProcess().PeakWorkingSet64 >> 20));
        return crashes > 0 || slowest > TimeSpan.FromSeconds(2) ? 1 : 0;
    }

    /// <summary>Repeats the chunks of a log up to a size, in a temporary folder, and reads that.</summary>
    private static int Memory(string path, long mebibytes)
    {
        const int Header = 4096;
        byte[] log = File.ReadAllBytes(path);
        string folder = Directory.CreateTempSubdirectory("apilevel").FullName;
        try
        {
            string large = Path.Combine(folder, "large.evtx");
            using (FileStream file = File.Create(large))
            {
                file.Write(log, 0, Header);
                while (file.Length < mebibytes << 20)
                {
                    file.Write(log, Header, log.Length - Header);
                }
            }

            using EventFileReader reader = EventLogFile.Open(large).Reader!;
            long records = 0;
            long next = 0;
            var clock = Stopwatch.StartNew();
            while (reader.TryRead(out _))
            {
                records++;
                if (reader.Position >= next)
                {
                    next += reader.Length / 8;
                    using Process process = Process.GetCurrentProcess();
                    Console.WriteLine(string.Format(
                        CultureInfo.InvariantCulture,
                        "{0} MiB\t{1} records\tworking set {2} MiB\theap {3} KiB",
                        reader.Position >> 20,
                        records,
                        process.WorkingSet64 >> 20,
                        GC.GetTotalMemory(forceFullCollection: true) >> 10));
                }
            }

            double seconds = clock.Elapsed.TotalSeconds;
            Console.WriteLine(string.Format(
                CultureInfo.InvariantCulture,
                "{0:F1} MB\t{1} records\t{2:F2} s\t{3:F1} MB/s\tpeak {4} MiB",
                reader.Length / 1e6,
                records,
                seconds,
                reader.Length / 1e6 / seconds,
                Process.GetCurrentProcess().PeakWorkingSet64 >> 20));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        return 0;
    }
}
