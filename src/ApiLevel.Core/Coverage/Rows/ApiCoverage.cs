namespace ApiLevel;

/// <summary>The verdict on one API, of a file or asked for by name.</summary>
public sealed class ApiCoverage
{
    /// <summary>The image; null for an API that was asked for by name.</summary>
    public string? Path { get; init; }

    /// <summary>The module the API is known by.</summary>
    public string Module { get; init; } = "";

    /// <summary>The name the store knows the API by.</summary>
    public string Api { get; init; } = "";

    /// <summary>The name as it stands in the file; empty for an ordinal and for an API asked for by name.</summary>
    public string ImportedName { get; init; } = "";

    /// <summary>The kind of reference; null for an API that was asked for by name.</summary>
    public string? Kind { get; init; }

    /// <summary>Recorded, Recordable, Invisible, Untracked or Unknown.</summary>
    public string Verdict { get; init; } = "";

    /// <summary>The source of the best event; null without one.</summary>
    public string? Source { get; init; }

    /// <summary>The id of the best event; null without one.</summary>
    public int? EventId { get; init; }

    /// <summary>All events by evidence from the asked minimum up, best first, joined with <c>; </c>.</summary>
    public string Events { get; init; } = "";

    /// <summary>The calls on the way down to the best event, nearest first.</summary>
    public string Via { get; init; } = "";

    /// <summary>What must be switched on for the best event.</summary>
    public string Requirement { get; init; } = "";

    /// <summary>Level of the best event in the June 2023 draft; "none" where unplaced or without event.</summary>
    public string Level { get; init; } = "";

    /// <summary>Column of the best event in the published matrix; "none" where unplaced or without event.</summary>
    public string Column { get; init; } = "";

    /// <summary>ATT&amp;CK techniques of the API.</summary>
    public string Technique { get; init; } = "";

    /// <summary>Behaviour categories of the API.</summary>
    public string Category { get; init; } = "";

    /// <summary>Why this verdict.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Evidence for the best event; empty without one.</summary>
    public string Evidence { get; init; } = "";

    /// <summary>The version of the facts behind the verdict.</summary>
    public string DataVersion { get; init; } = "";

    /// <summary>A short form for messages.</summary>
    public override string ToString() => $"{Module}!{Api}: {Verdict}";
}
