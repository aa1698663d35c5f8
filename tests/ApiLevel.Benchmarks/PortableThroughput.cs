using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using ApiLevel.Formats.Portable;
using Microsoft.Win32.SafeHandles;

namespace ApiLevel.Benchmarks;

/// <summary>
/// Files per second of the reader, beside two loops of two positioned reads a file, in one process and one run. Processor seconds tell
/// more than wall clock where the machine has other work. The bare loop knows in advance where the second read goes; it opens, reads,
/// reads and closes, and looks at nothing: no reader can be as fast. The plain walk (<see cref="PlainWalk"/>) lists the same imports
/// as the reader (no delay imports), from a file that is as it should be.
/// </summary>
internal static class PortableThroughput
{
    private const int HeaderBytes = 4 * 1024;
    private const int RegionBytes = 12 * 1024;
    private const int Rounds = 9;
    private const int WarmUps = 20;

    public static int Run(ReadOnlySpan<string> arguments)
    {
        if (arguments.Length == 0)
        {
            Console.Error.WriteLine("portable FOLDER [THREADS [PART-OF-A-ROW'S-NAME]]");
            return 2;
        }

        string[] files = PortableFiles.Find(arguments[0]);
        int threads = arguments.Length > 1 ? int.Parse(arguments[1], CultureInfo.InvariantCulture) : Environment.ProcessorCount;
        long[] regions = FindRegions(files);
        long references = 0;
        long walked = 0;
        long imports = 0;
        var rows = new (string Name, Func<long> Work)[]
        {
            ("bare loop, 1 thread", () => BareLoop(files, regions, 1)),
            ("plain walk, 1 thread", () => walked = Walk(files, 1)),
            ("reader, everything, 1 thread", () => references = ReadAll(files, null, 1)),
            ("reader, imports only, 1 thread", () => imports = ReadAll(files, s_imports, 1)),
            ("reader, summary, 1 thread", () => ReadAll(files, s_summary, 1)),
            ($"bare loop, {threads} threads", () => BareLoop(files, regions, threads)),
            ($"reader, everything, {threads} threads", () => ReadAll(files, null, threads)),
            ($"reader, summary, {threads} threads", () => ReadAll(files, s_summary, threads)),
        };

        if (arguments.Length > 2)
        {
            string part = arguments[2];
            rows = rows.Where((row, i) => i == 0 || row.Name.Contains(part, StringComparison.Ordinal)).ToArray();
        }

        // Rounds go over all rows, so that what the machine does meanwhile falls on all of them.
        var times = rows.Select(_ => new List<double>()).ToArray();
        var processor = rows.Select(_ => new List<double>()).ToArray();
        for (int round = -WarmUps; round < Rounds; round++)
        {
            for (int i = 0; i < rows.Length; i++)
            {
                GC.Collect();
                TimeSpan used = Environment.CpuUsage.TotalTime;
                long start = Stopwatch.GetTimestamp();
                rows[i].Work();
                double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
                if (round >= 0)
                {
                    times[i].Add(seconds);
                    processor[i].Add((Environment.CpuUsage.TotalTime - used).TotalSeconds);
                }
            }
        }

        double bare = Median(times[0]);
        double bareProcessor = Median(processor[0]);
        int plain = Array.FindIndex(rows, row => row.Name.StartsWith("plain walk", StringComparison.Ordinal));
        Console.WriteLine($"{files.Length} files, {references} references, {imports} imports and delay imports, {walked} imports by the plain walk, {Rounds} rounds");
        Console.WriteLine("| what | median seconds | files/s | to the bare loop | to the plain walk | processor seconds | to the bare loop's |");
        Console.WriteLine("|---|---|---|---|---|---|---|");
        for (int i = 0; i < rows.Length; i++)
        {
            double seconds = Median(times[i]);
            Console.WriteLine(string.Format(
                CultureInfo.InvariantCulture,
                "| {0} | {1:0.000} | {2:0} | {3:0.00} | {6:0.00} | {4:0.000} | {5:0.00} |",
                rows[i].Name,
                seconds,
                files.Length / seconds,
                seconds / bare,
                Median(processor[i]),
                Median(processor[i]) / bareProcessor,
                plain < 0 ? double.NaN : seconds / Median(times[plain])));
        }

        using var process = Process.GetCurrentProcess();
        Console.WriteLine(string.Format(CultureInfo.InvariantCulture, "peak memory {0} MB", process.PeakWorkingSet64 >> 20));
        return 0;
    }

    private static readonly PortableReadOptions s_imports = new() { Describe = false, Kinds = [ReferenceKind.Import, ReferenceKind.DelayImport] };
    private static readonly PortableReadOptions s_summary = new() { Kinds = [] };

    private static double Median(List<double> values) => values.OrderBy(v => v).ElementAt(values.Count / 2);

    private static long ReadAll(string[] files, PortableReadOptions? options, int threads)
    {
        long total = 0;
        ForEach(files.Length, threads, i =>
        {
            int count = PortableReader.Read(files[i], options).Image?.References.Count ?? 0;
            Interlocked.Add(ref total, count);
        });
        return total;
    }

    private static long Walk(string[] files, int threads)
    {
        long total = 0;
        ForEach(files.Length, threads, i => Interlocked.Add(ref total, PlainWalk.Count(files[i])));
        return total;
    }

    private static long BareLoop(string[] files, long[] regions, int threads)
    {
        long total = 0;
        ForEach(files.Length, threads, i =>
        {
            byte[] buffer = s_buffer ??= new byte[RegionBytes];
            using SafeFileHandle handle = File.OpenHandle(files[i], FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            int count = RandomAccess.Read(handle, buffer.AsSpan(0, HeaderBytes), 0);
            count += RandomAccess.Read(handle, buffer.AsSpan(0, RegionBytes), regions[i]);
            Interlocked.Add(ref total, count);
        });
        return total;
    }

    [ThreadStatic]
    private static byte[]? s_buffer;

    private static void ForEach(int count, int threads, Action<int> action)
    {
        if (threads == 1)
        {
            for (int i = 0; i < count; i++)
            {
                action(i);
            }
        }
        else
        {
            Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = threads }, action);
        }
    }

    /// <summary>Where each file's import table lies; the middle of the file where there is none.</summary>
    private static long[] FindRegions(string[] files)
    {
        var regions = new long[files.Length];
        for (int i = 0; i < files.Length; i++)
        {
            using FileStream stream = File.OpenRead(files[i]);
            regions[i] = stream.Length / 2;
            try
            {
                using var reader = new System.Reflection.PortableExecutable.PEReader(stream);
                var headers = reader.PEHeaders;
                if (headers.PEHeader is { } header && headers.TryGetDirectoryOffset(header.ImportTableDirectory, out int offset) && offset > 0)
                {
                    regions[i] = offset;
                }
            }
            catch (BadImageFormatException)
            {
                // The middle will do: the loop only reads.
            }
        }

        return regions;
    }
}
