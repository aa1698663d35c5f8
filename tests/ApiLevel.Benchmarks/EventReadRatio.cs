using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using ApiLevel.Formats;
using Microsoft.Win32.SafeHandles;

namespace ApiLevel.Benchmarks;

/// <summary>
/// What reading events costs beside the least that any reader of the format has to do, in one run: for .evtx a walk over chunks and
/// records, for JSON a pass of Utf8JsonReader over the tokens.
/// </summary>
internal static class EventReadRatio
{
    private const int ChunkSize = 0x10000;

    public static int Run(string[] arguments)
    {
        int threads = 1;
        int rounds = 9;
        var files = new List<string>();
        for (int i = 0; i < arguments.Length; i++)
        {
            switch (arguments[i])
            {
                case "--threads":
                    threads = int.Parse(arguments[++i], CultureInfo.InvariantCulture);
                    break;
                case "--rounds":
                    rounds = int.Parse(arguments[++i], CultureInfo.InvariantCulture);
                    break;
                case var path when Directory.Exists(path):
                    files.AddRange(Directory.GetFiles(path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal));
                    break;
                case var path:
                    files.Add(path);
                    break;
            }
        }

        if (files.Count == 0)
        {
            Console.Error.WriteLine("usage: events [--threads N] [--rounds N] FILE-OR-FOLDER...");
            return 2;
        }

        foreach (IGrouping<EventFileFormat, string> group in files.GroupBy(Detect).Where(group => group.Key is EventFileFormat.EventLog or EventFileFormat.Json))
        {
            bool isLog = group.Key == EventFileFormat.EventLog;
            long bytes = group.Sum(static file => new FileInfo(file).Length);
            long records = 0;
            var plain = new List<double>();
            var wall = new List<double>();
            var processor = new List<double>();
            for (int round = 0; round <= rounds; round++)
            {
                TimeSpan start = Used();
                foreach (string file in group)
                {
                    _ = isLog ? WalkLog(file) : WalkJson(file);
                }

                TimeSpan middle = Used();
                var clock = Stopwatch.StartNew();
                records = group.Sum(file => Read(file, threads));
                if (round > 0)
                {
                    // The first round is for the compiler.
                    plain.Add((middle - start).TotalSeconds);
                    processor.Add((Used() - middle).TotalSeconds);
                    wall.Add(clock.Elapsed.TotalSeconds);
                }
            }

            Console.WriteLine(string.Format(
                CultureInfo.InvariantCulture,
                "{0}\t{1} files\t{2:F1} MB\t{3} records\tbare pass {4:F3} s\treader {5:F3} s processor, {6:F3} s wall\tratio {7:F2}\t{8:F0} MB/s a processor",
                group.Key,
                group.Count(),
                bytes / 1e6,
                records,
                Median(plain),
                Median(processor),
                Median(wall),
                Median(processor) / Median(plain),
                bytes / 1e6 / Median(processor)));
        }

        return 0;
    }

    private static TimeSpan Used()
    {
        using Process process = Process.GetCurrentProcess();
        return process.TotalProcessorTime;
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }

    private static EventFileFormat Detect(string file)
    {
        using ByteSource source = ByteSource.OpenFile(file);
        return EventFiles.Detect(source);
    }

    private static long Read(string file, int threads)
    {
        using EventFileReader? reader = EventFiles.Open(file, new EventReadOptions { Parallelism = threads }).Reader;
        long count = 0;
        while (reader is not null && reader.TryRead(out _))
        {
            count++;
        }

        return count;
    }

    // Believes every number; what it returns keeps the compiler from leaving it out.
    private static long WalkLog(string file)
    {
        using SafeFileHandle handle = File.OpenHandle(file);
        byte[] chunk = new byte[ChunkSize];
        long sum = 0;
        int count;
        for (long position = 4096; (count = RandomAccess.Read(handle, chunk, position)) > 512; position += count)
        {
            int end = chunk.AsSpan().StartsWith("ElfChnk\0"u8) ? Math.Min(count, BinaryPrimitives.ReadInt32LittleEndian(chunk.AsSpan(48))) : 0;
            for (int at = 512; at + 28 <= end && BinaryPrimitives.ReadInt32LittleEndian(chunk.AsSpan(at)) == 0x2A2A;)
            {
                sum += BinaryPrimitives.ReadInt64LittleEndian(chunk.AsSpan(at + 8));
                int size = BinaryPrimitives.ReadInt32LittleEndian(chunk.AsSpan(at + 4));
                at += Math.Max(28, size);
            }
        }

        return sum;
    }

    private static long WalkJson(string file)
    {
        using FileStream stream = File.OpenRead(file);
        byte[] buffer = new byte[1 << 20];
        int length = 0;
        long tokens = 0;
        var state = new JsonReaderState(new JsonReaderOptions { AllowMultipleValues = true });
        while (true)
        {
            int read = stream.Read(buffer, length, buffer.Length - length);
            length += read;
            var reader = new Utf8JsonReader(buffer.AsSpan(0, length), read == 0, state);
            while (reader.Read())
            {
                tokens++;
            }

            if (read == 0)
            {
                return tokens;
            }

            state = reader.CurrentState;
            int consumed = (int)reader.BytesConsumed;
            buffer.AsSpan(consumed, length - consumed).CopyTo(buffer);
            length -= consumed;
            if (length == buffer.Length)
            {
                Array.Resize(ref buffer, 2 * length);
            }
        }
    }
}
