using ApiLevel.Readiness;

namespace ApiLevel;

/// <summary>Whether a machine writes an event, why, and what turns it on.</summary>
public sealed class ApiTelemetryReadiness
{
    /// <summary>The event source's short name.</summary>
    public string Source { get; init; } = "";

    /// <summary>The event id.</summary>
    public int EventId { get; init; }

    /// <summary>The event's name; empty where the facts have none.</summary>
    public string EventName { get; init; } = "";

    /// <summary>On, Filtered, Off, NotApplicable or Unknown.</summary>
    public ReadinessState State { get; init; }

    /// <summary>The name of the Sysmon rule that decided about a single event; empty otherwise.</summary>
    public string RuleName { get; init; } = "";

    /// <summary>Stage by stage what was found: policy, SACL, channel, sensor rule, session, field; joined with <c>; </c>.</summary>
    public string Reason { get; init; } = "";

    /// <summary>File and line of what was found, joined with <c>; </c>; empty where nothing was.</summary>
    public string Evidence { get; init; } = "";

    /// <summary>The lines that turn it on, all of them, joined with <c>; </c>; empty where it is on or no line does.</summary>
    public string Remediation { get; init; } = "";

    /// <summary>A short form for messages.</summary>
    public override string ToString() => $"{Source} {EventId}: {State}";
}
