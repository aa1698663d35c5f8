using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using ApiLevel.Formats;
using ApiLevel.Tracing;

namespace ApiLevel.Benchmarks;

/// <summary>
/// Measures event pipe traces of a program: attach to ready, stop, and 100,000 events with a reader that keeps up and with one that
/// sleeps. Argument: the traced program of the tracing tests, as the build left it.
/// </summary>
internal static class TracingBenchmark
{
    private const int Rounds = 10;
    private const int Flood = 100_000;

    public static int Run(string[] arguments)
    {
        if (arguments.Length != 1 || !File.Exists(arguments[0]))
        {
            Console.Error.WriteLine("tracing <path of ApiLevel.Tracing.Target>");
            return 2;
        }

        TracingProvider provider = new();
        List<double> attach = [];
        List<double> stop = [];
        for (int i = 0; i < Rounds; i++)
        {
            using Process program = Start(arguments[0], "wait");
            Stopwatch clock = Stopwatch.StartNew();
            TelemetryTrace trace = TelemetryTrace.Start(
                provider, new TraceRequest { Kind = TraceKind.EventPipe, ProcessIds = [program.Id] });
            attach.Add(clock.Elapsed.TotalMilliseconds);
            clock.Restart();
            trace.Dispose();
            stop.Add(clock.Elapsed.TotalMilliseconds);
            program.Kill();
        }

        Print("attach to ready, ms", attach);
        Print("stop, ms", stop);
        Console.WriteLine("flood of {0} events:", Flood);
        RunFlood(provider, arguments[0], sleep: false);
        RunFlood(provider, arguments[0], sleep: true);
        return 0;
    }

    private static void RunFlood(TracingProvider provider, string path, bool sleep)
    {
        using Process program = Start(path, "flood", Flood.ToString(CultureInfo.InvariantCulture));
        using TelemetryTrace trace = TelemetryTrace.Start(provider, new TraceRequest
        {
            Kind = TraceKind.EventPipe,
            ProcessIds = [program.Id],
            Providers = [new TraceProviderRequest { Name = "ApiLevel-Test-Flood" }],
            BufferTotalMB = 256,
            Accept = static record => record.EventId == 7,
        });
        Stopwatch clock = Stopwatch.StartNew();
        program.StandardInput.WriteLine();
        long received = 0;
        long memory = 0;
        while (received + trace.Statistics.Dropped < Flood && clock.Elapsed < TimeSpan.FromMinutes(2))
        {
            if (sleep && received == 1000)
            {
                // A reader that is away for longer than the writer waits.
                Thread.Sleep(TimeSpan.FromSeconds(10));
            }

            while (trace.TryRead(out EventRecord? _))
            {
                if (++received % 10_000 == 0)
                {
                    memory = Math.Max(memory, GC.GetTotalMemory(forceFullCollection: false));
                }

                if (sleep && received == 1000)
                {
                    break;
                }
            }

            Thread.Yield();
        }

        TraceStatistics statistics = trace.Statistics;
        Console.WriteLine(
            "  {0}: received {1}, dropped {2}, lost {3}, {4:F1} s, managed memory at most {5:F0} MiB",
            sleep ? "sleeping reader" : "steady reader",
            received,
            statistics.Dropped,
            statistics.Lost,
            clock.Elapsed.TotalSeconds,
            memory / 1048576.0);
        program.Kill();
    }

    private static Process Start(string path, params string[] arguments)
    {
        Process program = Process.Start(new ProcessStartInfo(path, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        program.StandardOutput.ReadLine();
        return program;
    }

    private static void Print(string what, List<double> values)
    {
        double[] sorted = [.. values.Order()];
        Console.WriteLine(
            "{0}: median {1:F0}, least {2:F0}, most {3:F0} of {4}", what, sorted[sorted.Length / 2], sorted[0], sorted[^1], sorted.Length);
    }
}
