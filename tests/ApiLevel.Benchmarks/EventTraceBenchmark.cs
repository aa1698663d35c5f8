using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.IO.Compression;
using System.Linq;
using ApiLevel.Fixtures;
using ApiLevel.Formats;
using ApiLevel.Formats.EventTrace;

namespace ApiLevel.Benchmarks;

/// <summary>
/// Measures the .etl reader: agreement with the listings that Windows' own decoder gave for the sample files, speed, memory on
/// a long file, and behaviour on damaged files.
/// </summary>
internal static class EventTraceBenchmark
{
    private const string SpeedSample = "net.4.5.2.x64";

    /// <summary>Runs what the arguments ask for.</summary>
    /// <param name="args">
    /// [folder of the samples] [--compare] [--speed] [--mutants N] [--seed N] [--repeat MIB]; without a switch: compare and speed.
    /// </param>
    public static int Run(string[] args)
    {
        int mutants = Number(args, "--mutants", 0);
        int repeat = Number(args, "--repeat", 0);
        bool all = !args.Any(argument => argument.StartsWith("--", StringComparison.Ordinal));
        string? folder = args.Length > 0 && !args[0].StartsWith("--", StringComparison.Ordinal) ? args[0] : FindSamples();
        if (folder is null || !Directory.Exists(folder))
        {
            Console.Error.WriteLine("The samples are not here: give the folder as the first argument.");
            return 2;
        }

        string temporary = Directory.CreateTempSubdirectory("etl-benchmark-").FullName;
        try
        {
            bool good = true;
            if (all || args.Contains("--compare"))
            {
                good &= EventTraceComparison.Run(folder, temporary);
            }

            if (all || args.Contains("--speed"))
            {
                Speed(Extract(folder, SpeedSample, temporary));
            }

            if (mutants > 0)
            {
                good &= Mutants(folder, temporary, mutants, Number(args, "--seed", 1));
            }

            if (repeat > 0)
            {
                good &= Repeat(Extract(folder, SpeedSample, temporary), temporary, repeat);
            }

            return good ? 0 : 1;
        }
        finally
        {
            Directory.Delete(temporary, recursive: true);
        }
    }

    /// <summary>Unpacks a sample and returns the trace in it.</summary>
    public static string Extract(string folder, string name, string temporary)
    {
        string target = Path.Combine(temporary, name);
        if (!Directory.Exists(target))
        {
            ZipFile.ExtractToDirectory(Path.Combine(folder, name + ".etl.zip"), target);
        }

        return Directory.GetFiles(target, "*.etl", SearchOption.AllDirectories).Single();
    }

    public static EtlReader Open(string path, EventReadOptions? options = null)
    {
        EventFileResult result = EventTraceFile.Open(path, options);
        return result.Reader as EtlReader ?? throw new InvalidDataException(path + ": " + result.Failure?.Message);
    }

    private static void Speed(string path)
    {
        const int Rounds = 7;
        double megabytes = new FileInfo(path).Length / 1e6;
        foreach ((string what, EventReadOptions options) in (ReadOnlySpan<(string, EventReadOptions)>)
        [
            ("all payloads decoded", new EventReadOptions()),
            ("headers only, all refused", new EventReadOptions { HeaderFilter = _ => false }),
        ])
        {
            double best = double.MaxValue;
            long records = 0;
            long allocated = 0;
            for (int round = 0; round < Rounds; round++)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                var watch = Stopwatch.StartNew();
                using EtlReader reader = Open(path, options);
                records = 0;
                while (reader.TryRead(out _))
                {
                    records++;
                }

                best = Math.Min(best, watch.Elapsed.TotalSeconds);
                allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            }

            Print($"speed, {what}: {megabytes:F1} MB in {best * 1000:F0} ms (best of {Rounds}) = {megabytes / best:F1} MB/s on disk, {records} records returned, {allocated / 1e6:F0} MB allocated");
        }
    }

    private static bool Mutants(string folder, string temporary, int count, int seed)
    {
        var seeds = new List<byte[]>(EtlSeeds.All());
        seeds.AddRange(Directory.GetFiles(folder, "*.etl").Select(File.ReadAllBytes));
        seeds.AddRange(Directory.GetFiles(folder, "*.etl.zip")
            .Select(path => Path.GetFileName(path)[..^".etl.zip".Length])
            .Where(name => name != SpeedSample)
            .Select(name => File.ReadAllBytes(Extract(folder, name, temporary))));

        // The long sample would take most of the time; its first megabyte has all that is special about it.
        byte[] start = File.ReadAllBytes(Extract(folder, SpeedSample, temporary)).AsSpan(0, 1 << 20).ToArray();
        seeds.Add(start);
        var watch = Stopwatch.StartNew();
        EtlMutationReport report = EtlMutations.Run(seeds.ToArray(), count, seed);
        Print($"mutants: seed {seed}, {report.Files} files from {seeds.Count}, {report.Refused} refused, {report.Records} records, {report.Threw} exceptions, slowest {report.Slowest.TotalMilliseconds:F0} ms ({report.SlowestWhat}), {watch.Elapsed.TotalSeconds:F0} s in all");
        if (report.FirstException is not null)
        {
            Console.WriteLine(report.FirstException);
        }

        return report.Threw == 0 && report.Slowest < TimeSpan.FromSeconds(2);
    }

    private static bool Repeat(string path, string temporary, int mebibytes)
    {
        byte[] once = File.ReadAllBytes(path);
        string longFile = Path.Combine(temporary, "long.etl");
        using (FileStream output = File.Create(longFile))
        {
            while (output.Length < (long)mebibytes << 20)
            {
                output.Write(once);
            }
        }

        GC.Collect();
        long peak = 0;
        long records = 0;
        var watch = Stopwatch.StartNew();
        using EtlReader reader = Open(longFile);
        while (reader.TryRead(out _))
        {
            if (++records % 100_000 == 0)
            {
                peak = Math.Max(peak, GC.GetTotalMemory(forceFullCollection: records % 10_000_000 == 0));
            }
        }

        using var process = Process.GetCurrentProcess();
        Print($"memory: {reader.Length / 1048576.0:F0} MiB, {records} records in {watch.Elapsed.TotalSeconds:F0} s, largest managed heap {peak / 1048576.0:F0} MiB, largest working set {process.PeakWorkingSet64 / 1048576.0:F0} MiB, {reader.Problems.Count} problems");
        return reader.Problems.Count == 0;
    }

    private static void Print(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    private static int Number(string[] args, string name, int otherwise)
    {
        int index = Array.IndexOf(args, name);
        return index >= 0 && index + 1 < args.Length ? int.Parse(args[index + 1], CultureInfo.InvariantCulture) : otherwise;
    }

    private static string? FindSamples()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "ApiLevel.sln")))
            {
                return Path.Combine(at.Parent!.FullName, "shared", "samples", "etl");
            }
        }

        return null;
    }
}
