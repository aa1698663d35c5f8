namespace ApiLevel;

/// <summary>One API and one event, and whether a session of this module would receive it.</summary>
public sealed class ApiTracePlan
{
    /// <summary>The name the store knows the API by; empty for a provider that was asked for by name.</summary>
    public string Api { get; init; } = "";

    /// <summary>The module the API is known by; empty for a managed API.</summary>
    public string Module { get; init; } = "";

    /// <summary>The event source's short name; null where no event is known.</summary>
    public string? Source { get; init; }

    /// <summary>The event id; null where no event is known, or for all of a provider.</summary>
    public int? EventId { get; init; }

    /// <summary>True where a session of this module receives it, with the rights under Requirement.</summary>
    public bool Deliverable { get; init; }

    /// <summary>Which session receives it: <c>ApiLevel</c>, <c>event pipe</c>, <c>EventLog-Security</c>; empty for none.</summary>
    public string Session { get; init; } = "";

    /// <summary>The provider's GUID; empty when unknown.</summary>
    public string ProviderGuid { get; init; } = "";

    /// <summary>The keyword mask in hex; empty for all keywords.</summary>
    public string Keyword { get; init; } = "";

    /// <summary>What is filtered, in words, joined with <c>; </c>.</summary>
    public string Filter { get; init; } = "";

    /// <summary>What the caller needs and what must be on, joined with <c>; </c>.</summary>
    public string Requirement { get; init; } = "";

    /// <summary>What to do instead where it is not delivered, or what serves as well; empty for nothing.</summary>
    public string Alternative { get; init; } = "";

    /// <summary>Why it is delivered or not.</summary>
    public string Reason { get; init; } = "";

    /// <summary>A short form for messages.</summary>
    public override string ToString() =>
        $"{(Api.Length == 0 ? Source : Api)}: {(Deliverable ? "delivered to " + Session : "not delivered")} ({Reason})";
}
