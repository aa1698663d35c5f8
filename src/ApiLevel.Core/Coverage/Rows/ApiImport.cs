namespace ApiLevel;

/// <summary>One thing outside an image that the image refers to, led to the API the store knows.</summary>
public sealed class ApiImport
{
    /// <summary>The image.</summary>
    public string Path { get; init; } = "";

    /// <summary>Import, DelayImport, BoundImport, Forwarder, PInvoke, ManagedReference, ComClass, DynamicName or ApiHash.</summary>
    public string Kind { get; init; } = "";

    /// <summary>The module the API is known by, lower case without <c>.dll</c>.</summary>
    public string Module { get; init; } = "";

    /// <summary>The name the store knows the API by; an ordinal without a name is <c>#115</c>. Never empty, except for a bound module.</summary>
    public string Api { get; init; } = "";

    /// <summary>The module as it stands in the file.</summary>
    public string ImportedFrom { get; init; } = "";

    /// <summary>The name as it stands in the file; empty for an ordinal.</summary>
    public string ImportedName { get; init; } = "";

    /// <summary>The ordinal; null for a name.</summary>
    public int? Ordinal { get; init; }

    /// <summary>The hint; null where there is none.</summary>
    public int? Hint { get; init; }

    /// <summary>For a forwarder, the image's own export; null otherwise.</summary>
    public string? ExportName { get; init; }

    /// <summary>The rule that led from the file's name to the API: Exact, CharacterSet, NtZw, SameFunction, ApiSet, HostModule, Ordinal, Decoration, Forwarder, or None.</summary>
    public string ResolvedBy { get; init; } = "";

    /// <summary>For an inferred reference, what it was inferred from; null for an entry of a table.</summary>
    public string? Inferred { get; init; }

    /// <summary>A short form for messages.</summary>
    public override string ToString() => $"{Module}!{Api} ({Kind})";
}
