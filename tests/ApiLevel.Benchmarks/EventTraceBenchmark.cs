using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using ApiLevel.Formats;
using ApiLevel.Formats.EventTrace;

namespace ApiLevel.Benchmarks;

internal static class EventTraceBenchmark
{
    public static int Run(string[] args)
    {
        foreach (string f in args)
        {
            var sw = Stopwatch.StartNew();
            EventFileResult r = EventTraceFile.Open(f, new EventReadOptions());
            if (r.Failure is { } x) { Console.WriteLine(f + " " + x); continue; }
            var kinds = new SortedDictionary<string, (int n, int d, int p)>(StringComparer.Ordinal);
            long n = 0; DateTime? last = null; int inv = 0;
            foreach (EventRecord e in r.Reader!)
            {
                n++;
                if (e.TimeCreated < last) inv++;
                last = e.TimeCreated;
                string k = $"{(e.Provider.Length > 0 ? e.Provider : e.ProviderId?.ToString())} {e.EventName} id={e.EventId} v{e.EventVersion} op={e.Opcode}";
                kinds.TryGetValue(k, out (int n, int d, int p) c);
                kinds[k] = (c.n + 1, c.d + (e.PayloadState == PayloadState.Decoded ? 1 : 0), c.p + (e.PayloadState == PayloadState.Partial ? 1 : 0));
            }
            Console.WriteLine($"== {f} {n} events, {sw.ElapsedMilliseconds} ms, inversions {inv} lost {r.Reader.EventsLost} complete {r.Reader.Complete} pos {r.Reader.Position}/{r.Reader.Length} start {((EtlReader)r.Reader).StartTime:o} {((EtlReader)r.Reader).SessionName}");
            foreach (Problem p in r.Reader.Problems) Console.WriteLine("   problem " + p);
            foreach (KeyValuePair<string, (int n, int d, int p)> k in kinds) Console.WriteLine($"   {k.Value.n,7} dec {k.Value.d,7} part {k.Value.p,5}  {k.Key}");
        }
        return 0;
    }
}
