using BenchmarkDotNet.Running;

namespace ApiLevel.Benchmarks;

/// <summary>The first argument names a runner; without one of these names BenchmarkDotNet takes the arguments.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        string[] rest = arguments.Length > 0 ? arguments[1..] : [];
        switch (arguments.Length == 0 ? "" : arguments[0])
        {
            case "portable":
                return PortableThroughput.Run(rest);
            case "portable-dump":
                return PortableDump.Run(rest);
            case "portable-mutants":
                return PortableMutants.Run(rest);
            case "evtx":
                return EventLogBenchmark.Run(rest);
            case "etl":
                return EventTraceBenchmark.Run(rest);
            case "events":
                return EventReadRatio.Run(rest);
            case "attribution":
                return AttributionScore.Run(rest);
            case "tracing":
                return TracingBenchmark.Run(rest);
            case "sysmon":
                return SysmonBenchmark.Run(rest);
            case "store":
                return StoreThroughput.Run(rest);
            default:
                BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(arguments);
                return 0;
        }
    }
}
