using System;
using System.Collections.Generic;
using System.Linq;
using ApiLevel.Facts;

namespace ApiLevel.Readiness;

/// <summary>Whether a machine writes an event; a larger number is nearer to a record.</summary>
public enum ReadinessState
{
    /// <summary>Could not be determined: what decides was not collected, or the facts do not say it.</summary>
    Unknown,

    /// <summary>The machine cannot write it: its build, its role, or a product that is not there.</summary>
    NotApplicable,

    /// <summary>It is off.</summary>
    Off,

    /// <summary>It is on, and a part is dropped: rules or lists pick which events are written. Of a single event: the rules drop it.</summary>
    Filtered,

    /// <summary>It is on.</summary>
    On,
}

/// <summary>One thing that decides whether an event is written.</summary>
/// <param name="Name">policy, SACL, channel, sensor rule, session, field, build, product.</param>
/// <param name="State">What it says. A field decides nothing: it is On with the field's lack in the text.</param>
/// <param name="Text">What was found, for people.</param>
/// <param name="Evidence">File and line; empty where nothing was found.</param>
public sealed record ReadinessStage(string Name, ReadinessState State, string Text, string Evidence)
{
    /// <summary>Gives "name: text".</summary>
    public override string ToString() => Name + ": " + Text;
}

/// <summary>Whether a machine writes an event, and why.</summary>
/// <param name="Source">The event's source.</param>
/// <param name="EventId">The event's number.</param>
/// <param name="Event">Its newest version; not known for an event without facts.</param>
/// <param name="State">The verdict over all stages.</param>
/// <param name="Stages">What decides, in the order in which Windows asks.</param>
/// <param name="Remediation">What turns it on, all of it; empty where it is on, or nothing that can be written down does.</param>
public sealed record EventReadiness(
    SourceEntry Source,
    int EventId,
    EventEntry Event,
    ReadinessState State,
    IReadOnlyList<ReadinessStage> Stages,
    IReadOnlyList<RemediationStep> Remediation)
{
    /// <summary>The name of the Sysmon rule that decided about a single event; empty otherwise.</summary>
    public string RuleName { get; init; } = "";

    /// <summary>The stages as text.</summary>
    public string Reason => string.Join("; ", Stages);

    /// <summary>The places of the stages, each once.</summary>
    public string Evidence => string.Join("; ", Stages.Select(stage => stage.Evidence).Where(evidence => evidence.Length > 0).Distinct(StringComparer.Ordinal));

    /// <summary>The lines to run or to write, in order.</summary>
    public string RemediationText => string.Join("; ", Remediation.Select(step => step.Text));

    /// <summary>The row that is written.</summary>
    public ApiTelemetryReadiness ToRow() => new()
    {
        Source = Source.Name,
        EventId = EventId,
        EventName = Event.IsKnown ? Event.Name : "",
        State = State,
        RuleName = RuleName,
        Reason = Reason,
        Evidence = Evidence,
        Remediation = RemediationText,
    };
}
