using System;

namespace ApiLevel.Benchmarks;

internal static class Program
{
    private static int Main(string[] args) => args.Length > 0 && args[0] == "etl"
        ? EventTraceBenchmark.Run(args[1..])
        : Usage();

    private static int Usage()
    {
        Console.Error.WriteLine("usage: etl [options]");
        return 2;
    }
}
