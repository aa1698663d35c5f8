using ApiLevel.Facts;
using ApiLevel.Verdicts;

namespace ApiLevel.Coverage;

/// <summary>A reference of an image, or a name that was asked for, with the judgement on it.</summary>
/// <param name="Module">The module the API is known by; empty where there is none.</param>
/// <param name="Name">The name the store knows the API by, else as it stands in the file.</param>
/// <param name="ImportedName">The name as it stands in the file; empty for an ordinal and for a name that was asked for.</param>
/// <param name="Kind">The kind of reference; null for a name that was asked for and for a part of an image that could not be read.</param>
/// <param name="Api">The API; not known where the store has none.</param>
/// <param name="Judgement">The judgement.</param>
public readonly record struct JudgedReference(
    string Module, string Name, string ImportedName, string? Kind, ApiEntry Api, ApiJudgement Judgement);

/// <summary>The verdicts on an image, counted.</summary>
public sealed class CoverageCount
{
    private readonly int[] _verdicts = new int[(int)Verdict.Recorded + 1];

    /// <summary>Regular and delay imports and P/Invokes.</summary>
    public int Imports { get; private set; }

    /// <summary>Tables that could not be read whole, and packed code: what those hold is not known.</summary>
    public int Gaps { get; internal set; }

    /// <summary>Imports that are not Untracked.</summary>
    public int Tracked => Imports - this[Verdict.Untracked];

    /// <summary>How many imports have a verdict; gaps are not counted here.</summary>
    /// <param name="verdict">The verdict.</param>
    public int this[Verdict verdict] => _verdicts[(int)verdict];

    /// <summary>Whether the verdicts are about a machine: what could be switched on does not count then.</summary>
    public bool KnowsMachine { get; init; }

    /// <summary>100 x (Recorded + Recordable) / Tracked, of a machine 100 x Recorded / Tracked, with one decimal; null where there is a gap or nothing is tracked.</summary>
    public double? Percent => Gaps > 0 || Tracked == 0
        ? null
        : System.Math.Round(100.0 * (this[Verdict.Recorded] + (KnowsMachine ? 0 : this[Verdict.Recordable])) / Tracked, 1);

    internal void Add(Verdict verdict)
    {
        Imports++;
        _verdicts[(int)verdict]++;
    }
}
