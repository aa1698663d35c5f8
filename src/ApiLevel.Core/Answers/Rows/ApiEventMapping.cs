namespace ApiLevel;

/// <summary>One API and one event it leads to, or one API for which no event is known.</summary>
public sealed class ApiEventMapping
{
    /// <summary>The name the store knows the API by; what was asked for where it knows none.</summary>
    public string Api { get; init; } = "";

    /// <summary>The module the API is known by, lower case without <c>.dll</c>; empty for a managed API.</summary>
    public string Module { get; init; } = "";

    /// <summary>The event source's short name; null where no event is known.</summary>
    public string? Source { get; init; }

    /// <summary>The event id; null where no event is known.</summary>
    public int? EventId { get; init; }

    /// <summary>The event's title; null where no event is known.</summary>
    public string? EventName { get; init; }

    /// <summary>Direct, ViaLowerCall, Conditional, or None where no event is known.</summary>
    public string Relation { get; init; } = "";

    /// <summary>The calls on the way down, nearest first, joined with <c>; </c>; for None the nearest lower call that leads to an event. Empty when none is known.</summary>
    public string Via { get; init; } = "";

    /// <summary>When the event is written; empty for always, "no event known" for None.</summary>
    public string Condition { get; init; } = "";

    /// <summary>What must be switched on, in words, joined with <c>; </c>.</summary>
    public string Requirement { get; init; } = "";

    /// <summary>Which process writes it: caller, kernel, Sysmon, lsass.exe, ...; empty when unknown.</summary>
    public string Emitter { get; init; } = "";

    /// <summary>The routine that raises the event; empty when unknown.</summary>
    public string Mechanism { get; init; } = "";

    /// <summary>How the event reaches a reader: channel NAME, ETW session, PPL antimalware consumer. Empty for None.</summary>
    public string Delivery { get; init; } = "";

    /// <summary>How much the event writes, as Microsoft's pages say: Low, Medium, High, VeryHigh, or a range; empty where no page says it.</summary>
    public string Volume { get; init; } = "";

    /// <summary>The verdict on the API with evidence from Derived up: Recordable, Invisible, Untracked or Unknown.</summary>
    public string Verdict { get; init; } = "";

    /// <summary>Level 1 to 7 of the June 2023 draft, newest first, joined with <c>; </c>; "none" where it does not place the event.</summary>
    public string Level { get; init; } = "";

    /// <summary>A, U or K of the published matrix, newest version first, joined with <c>; </c>; "none" where the model does not place the event.</summary>
    public string Column { get; init; } = "";

    /// <summary>CAR object/action; empty when there is none.</summary>
    public string Car { get; init; } = "";

    /// <summary>ATT&amp;CK techniques of the API, joined with <c>; </c>.</summary>
    public string Technique { get; init; } = "";

    /// <summary>Behaviour categories of the API, joined with <c>; </c>.</summary>
    public string Category { get; init; } = "";

    /// <summary>The first Windows release or Sysmon schema with this event; empty when unknown.</summary>
    public string MinimumBuild { get; init; } = "";

    /// <summary>Observed, High, Medium, Paired, Derived, Low or Disputed; empty for None.</summary>
    public string Evidence { get; init; } = "";

    /// <summary>Who says so, joined with <c>; </c>; for a fact of an overlay, its file first.</summary>
    public string Reference { get; init; } = "";

    /// <summary>A short form for messages.</summary>
    public override string ToString() => $"{Api} -> {(EventId is null ? "no event known" : Source + " " + EventId)}";
}
