using System;
using ApiLevel.Benchmarks;

return args.Length > 0 && args[0] == "evtx"
    ? EventLogBenchmark.Run(args[1..])
    : Usage();

static int Usage()
{
    Console.Error.WriteLine("usage: evtx <command>");
    return 2;
}
