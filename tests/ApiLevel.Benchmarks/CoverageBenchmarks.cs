using System.Linq;
using ApiLevel.Coverage;
using ApiLevel.Facts;
using ApiLevel.Formats.Portable;
using ApiLevel.Verdicts;
using BenchmarkDotNet.Attributes;

namespace ApiLevel.Benchmarks;

/// <summary>What the file commands do with one file and with a folder.</summary>
[MemoryDiagnoser]
public class CoverageBenchmarks
{
    private readonly MappingStore _store = MappingStore.Open(FactsFile.Store);
    private readonly string[] _files = PortableFiles.Find(FactsFile.ImageFolder);

    [Benchmark]
    public int ImportListingOfOneFile() =>
        new ImageReferences(_store).Resolve(PortableReader.Read(FactsFile.Image).Image!).Count();

    [Benchmark]
    public int CoverageOfOneFile() =>
        new CoverageEvaluator(new ApiJudge(_store)).Evaluate(PortableReader.Read(FactsFile.Image).Image!).Count();

    [Benchmark]
    public int CoverageOfAFolder()
    {
        var evaluator = new CoverageEvaluator(new ApiJudge(_store));
        return _files.Sum(file => PortableReader.Read(file).Image is { } image ? evaluator.Evaluate(image).Count() : 0);
    }
}
