namespace ApiLevel;

/// <summary>One version of one event of one source.</summary>
public sealed class ApiEventSource
{
    /// <summary>The short name: Security, Sysmon, or the provider's own name.</summary>
    public string Source { get; init; } = "";

    /// <summary>The provider's name.</summary>
    public string Provider { get; init; } = "";

    /// <summary>The provider's GUID; empty when unknown.</summary>
    public string ProviderGuid { get; init; } = "";

    /// <summary>The event log channels, joined with <c>; </c>; empty where none is known.</summary>
    public string Channel { get; init; } = "";

    /// <summary>The event id.</summary>
    public int EventId { get; init; }

    /// <summary>The title.</summary>
    public string EventName { get; init; } = "";

    /// <summary>The event's version.</summary>
    public int Version { get; init; }

    /// <summary>Field names in order, joined with <c>; </c>; with -Detailed each with its type.</summary>
    public string Fields { get; init; } = "";

    /// <summary>What must be switched on, in words.</summary>
    public string Requirement { get; init; } = "";

    /// <summary>How it reaches a reader.</summary>
    public string Delivery { get; init; } = "";

    /// <summary>A, U or K of the published matrix; "none" where the model does not place it. With -Detailed each with the versions that say so.</summary>
    public string Column { get; init; } = "";

    /// <summary>Level of the June 2023 draft; "none" where it does not place the event.</summary>
    public string Level { get; init; } = "";

    /// <summary>How many APIs are known to lead to it.</summary>
    public int ApiCount { get; init; }

    /// <summary>A short form for messages.</summary>
    public override string ToString() => $"{Source} {EventId} {EventName}";
}
