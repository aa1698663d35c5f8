namespace ApiLevel;

/// <summary>How much of what an image calls would be seen.</summary>
public sealed class ApiCoverageSummary
{
    /// <summary>The image.</summary>
    public string Path { get; init; } = "";

    /// <summary>PE32 or PE32+.</summary>
    public string Format { get; init; } = "";

    /// <summary>x86, x64, ARM64, ...</summary>
    public string Machine { get; init; } = "";

    /// <summary>The packer, or the reason for suspecting one; null where nothing points to one.</summary>
    public string? Packed { get; init; }

    /// <summary>The import hash; empty without imports.</summary>
    public string ImpHash { get; init; } = "";

    /// <summary>The file's SHA-256; null unless -Hash.</summary>
    public string? Sha256 { get; init; }

    /// <summary>References of the kinds Import, DelayImport and PInvoke.</summary>
    public int Imports { get; init; }

    /// <summary>Imports that are not Untracked.</summary>
    public int Tracked { get; init; }

    /// <summary>Imports whose event is on, by evidence.</summary>
    public int Recorded { get; init; }

    /// <summary>Imports with an event that is off or not known to be on.</summary>
    public int Recordable { get; init; }

    /// <summary>Imports whose chain was followed to its end without an event.</summary>
    public int Invisible { get; init; }

    /// <summary>Imports of which at most the name is known.</summary>
    public int Untracked { get; init; }

    /// <summary>Imports that could not be judged.</summary>
    public int Unknown { get; init; }

    /// <summary>100 x (Recorded + Recordable) / (Imports - Untracked), with readiness only Recorded counts; null when Complete is false, the file is packed, or nothing is tracked.</summary>
    public double? CoveragePercent { get; init; }

    /// <summary>False when a table could not be read whole.</summary>
    public bool Complete { get; init; }

    /// <summary>What could not be read, joined with <c>; </c>.</summary>
    public string Problems { get; init; } = "";

    /// <summary>The version of the facts behind the verdicts.</summary>
    public string DataVersion { get; init; } = "";

    /// <summary>A short form for messages.</summary>
    public override string ToString() => $"{Path}: {CoveragePercent} %";
}
