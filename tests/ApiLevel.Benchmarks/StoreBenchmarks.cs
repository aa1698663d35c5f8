using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using ApiLevel.Answers;
using ApiLevel.Coverage;
using ApiLevel.Facts;
using ApiLevel.Formats.Portable;
using ApiLevel.Names;
using ApiLevel.Verdicts;
using BenchmarkDotNet.Attributes;

namespace ApiLevel.Benchmarks;

/// <summary>Opening the facts and asking them.</summary>
[MemoryDiagnoser]
public class StoreBenchmarks
{
    private readonly MappingStore _store = MappingStore.Open(FactsFile.Store);
    private MappingQuery _query = null!;
    private ApiEntry _api;

    [GlobalSetup]
    public void SetUp()
    {
        _query = new MappingQuery(new ApiJudge(_store));
        _api = _store.Find(ApiName.Parse("OpenProcess"))[0];
    }

    [Benchmark]
    public MappingStore Open() => MappingStore.Open(FactsFile.Store);

    [Benchmark]
    public IReadOnlyList<ApiEntry> FindByName() => _store.Find(ApiName.Parse("LogonUserW"));

    [Benchmark]
    public ApiResolution ResolveThroughApiSet() => _store.Resolve("api-ms-win-core-processthreads-l1-1-0.dll", "OpenProcess");

    [Benchmark]
    public int MappingsOfOneApi() => _query.OfApi(_api).Count();
}

/// <summary>
/// The same questions timed in one plain run, and the first question in a fresh process. What counts there is the engine's time: from
/// before the cmdlet is called to after it has written, measured inside the process, with nothing warmed up.
/// </summary>
internal static class StoreThroughput
{
    private const int Rounds = 15;
    private const int FreshProcesses = 9;

    public static int Run(string[] arguments)
    {
        if (arguments.Length > 0 && arguments[0] == "first")
        {
            return FirstQuery();
        }

        string image = FactsFile.Image;
        string folder = arguments.Length > 0 ? arguments[0] : FactsFile.ImageFolder;
        MappingStore store = MappingStore.Open(FactsFile.Store);
        var query = new MappingQuery(new ApiJudge(store));
        ApiEntry api = store.Find(ApiName.Parse("OpenProcess"))[0];
        string[] names = store.Apis().Where((_, i) => i % 25 == 0).Select(entry => entry.Key).ToArray();
        ApiName[] keys = names.Select(ApiName.Parse).ToArray();
        string[] files = PortableFiles.Find(folder);
        Console.WriteLine($"facts {store.DataVersion}, {store.ApiCount} APIs, {new FileInfo(FactsFile.Store).Length} bytes; folder of {files.Length} images");
        Console.WriteLine("| what | median microseconds | processor microseconds | a second |");
        Console.WriteLine("|---|---|---|---|");
        Time("open the store", 1, () => MappingStore.Open(FactsFile.Store).ApiCount);
        Time("lookup by module and name", keys.Length, () => keys.Sum(key => store.Find(key).Count));
        Time("lookup by name", keys.Length, () => keys.Sum(key => store.Find(ApiName.Create("", key.Name)).Count));
        Time("mappings of one API, built anew", 100, () => Enumerable.Range(0, 100).Sum(_ => query.OfApi(api).Count()));
        Time("import listing of one file", 1, () => Imports(store, image));
        Time("coverage of one file", 1, () => new CoverageEvaluator(new ApiJudge(store)).Evaluate(PortableReader.Read(image).Image!).Count());
        Time("coverage of a folder, a file", files.Length, () =>
        {
            var evaluator = new CoverageEvaluator(new ApiJudge(store));
            return files.Sum(file => PortableReader.Read(file).Image is { } read ? evaluator.Evaluate(read).Count() : 0);
        });
        return 0;
    }

    private static int Imports(MappingStore store, string file) => new ImageReferences(store).Resolve(PortableReader.Read(file).Image!).Count();

    private static void Time(string what, int count, Func<int> work)
    {
        var times = new List<double>();
        var processor = new List<double>();
        int kept = 0;
        for (int round = -3; round < Rounds; round++)
        {
            TimeSpan used = Environment.CpuUsage.TotalTime;
            long start = Stopwatch.GetTimestamp();
            kept ^= work();
            if (round >= 0)
            {
                processor.Add((Environment.CpuUsage.TotalTime - used).TotalMicroseconds / count);
                times.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds / count);
            }
        }

        double median = Middle(times);
        Console.WriteLine(string.Format(
            CultureInfo.InvariantCulture, "| {0} | {1:0.0} | {2:0.0} | {3:0} |", what, median, Middle(processor), 1e6 / median));
        GC.KeepAlive(kept);
    }

    private static int FirstQuery()
    {
        string? runner = Directory.GetFiles(Path.Combine(FactsFile.Root, "src", "ApiLevel.Console", "bin"), "ApiLevel.Console.dll", SearchOption.AllDirectories)
            .OrderByDescending(File.GetLastWriteTimeUtc)
            .FirstOrDefault();
        if (runner is null)
        {
            Console.Error.WriteLine("Build src/ApiLevel.Console first.");
            return 2;
        }

        // The script is warmed up with a command of the engine, so that what is timed is the module's part: store, engine, cmdlet.
        const string Script =
            "$w = [System.Diagnostics.Stopwatch]::StartNew(); $null = Get-Command Get-ApiEventMapping; $w.Restart(); " +
            "$u = [Environment]::CpuUsage.TotalTime; $w.Restart(); $first = @(Get-ApiEventMapping OpenProcess); " +
            "$a = $w.Elapsed.TotalMilliseconds; $c = ([Environment]::CpuUsage.TotalTime - $u).TotalMilliseconds; $w.Restart(); " +
            "$second = @(Get-ApiEventMapping CreateRemoteThread); $b = $w.Elapsed.TotalMilliseconds; " +
            "[string]::Format([cultureinfo]::InvariantCulture, '{0} {1} {2}', $a, $b, $c)";
        var first = new List<double>();
        var second = new List<double>();
        var used = new List<double>();
        for (int i = 0; i < FreshProcesses; i++)
        {
            var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, WorkingDirectory = FactsFile.Root };
            start.ArgumentList.Add(runner);
            start.ArgumentList.Add("-Command");
            start.ArgumentList.Add(Script);
            using Process process = Process.Start(start)!;
            string[] parts = process.StandardOutput.ReadToEnd().Split(' ', StringSplitOptions.TrimEntries);
            process.WaitForExit();
            if (process.ExitCode != 0 || parts.Length != 3)
            {
                Console.Error.WriteLine("The runner failed.");
                return 1;
            }

            first.Add(double.Parse(parts[0], CultureInfo.InvariantCulture));
            second.Add(double.Parse(parts[1], CultureInfo.InvariantCulture));
            used.Add(double.Parse(parts[2], CultureInfo.InvariantCulture));
        }

        Console.WriteLine(string.Format(
            CultureInfo.InvariantCulture,
            "first query in a fresh process: median {0:0.0} ms, least {1:0.0} ms, most {2:0.0} ms, processor {5:0.0} ms; the next one {3:0.0} ms ({4} processes)",
            Middle(first), first.Min(), first.Max(), Middle(second), FreshProcesses, Middle(used)));
        return 0;
    }

    private static double Middle(List<double> values) => values.OrderBy(value => value).ElementAt(values.Count / 2);
}
