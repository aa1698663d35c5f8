namespace ApiLevel;

/// <summary>One change and what it makes visible.</summary>
public sealed class ApiBlindSpot
{
    /// <summary>The lines to run or to write, joined with <c>; </c>.</summary>
    public string Remediation { get; init; } = "";

    /// <summary>The APIs that get a record by it and had none before, joined with <c>; </c>.</summary>
    public string Apis { get; init; } = "";

    /// <summary>The ATT&amp;CK techniques of these APIs, joined with <c>; </c>.</summary>
    public string Techniques { get; init; } = "";

    /// <summary>How much it is expected to write, in the words of the facts; empty where they say nothing.</summary>
    public string Volume { get; init; } = "";

    /// <summary>How many of the APIs have a record after this change and those above it.</summary>
    public int Total { get; init; }

    /// <summary>A short form for messages.</summary>
    public override string ToString() => $"{Remediation}: {Total}";
}
