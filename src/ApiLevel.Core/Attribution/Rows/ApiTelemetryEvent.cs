using System;
using System.Collections.Generic;
using ApiLevel.Formats;

namespace ApiLevel;

/// <summary>One recorded or live event and the API call that it proves.</summary>
public sealed class ApiTelemetryEvent
{
    private string? _data;

    /// <summary>When it was written, UTC; null where the record has no usable time.</summary>
    public DateTime? TimeCreated { get; init; }

    /// <summary>The event source's short name; the provider's name or GUID where the facts do not know it.</summary>
    public string Source { get; init; } = "";

    /// <summary>The event id.</summary>
    public int EventId { get; init; }

    /// <summary>The event's version.</summary>
    public int EventVersion { get; init; }

    /// <summary>The event's title; empty when neither the facts nor the record have one.</summary>
    public string EventName { get; init; } = "";

    /// <summary>The process that called, which is not always the one that wrote the event; null where the event does not say it.</summary>
    public int? ProcessId { get; init; }

    /// <summary>The thread that called; null where the event does not say it.</summary>
    public int? ThreadId { get; init; }

    /// <summary>The file name of the calling program; empty where the event does not say it.</summary>
    public string ProcessName { get; init; } = "";

    /// <summary>The best supported API behind the event; empty where no API is known or the fields contradict all.</summary>
    public string Api { get; init; } = "";

    /// <summary>The module of the API, lower case without <c>.dll</c>; empty for a managed API and where there is none.</summary>
    public string Module { get; init; } = "";

    /// <summary>How strongly the event speaks for the API: Direct, Syscall, Protocol, Effect or Stack; empty without an API.</summary>
    public string Confidence { get; init; } = "";

    /// <summary>All APIs that can be behind the event, <c>module!Name</c>, best first, joined with <c>; </c>.</summary>
    public string Candidates { get; init; } = "";

    /// <summary>How the API leads to the event: Direct, ViaLowerCall or Conditional; empty without an API.</summary>
    public string Relation { get; init; } = "";

    /// <summary>How well the pair of API and event is supported: Observed, High, Medium, Paired, Derived, Low or Disputed; empty without an API.</summary>
    public string Evidence { get; init; } = "";

    /// <summary>Which process writes the event: caller, kernel, Sysmon, lsass.exe, ...; empty when unknown.</summary>
    public string Emitter { get; init; } = "";

    /// <summary>Level 1 to 7 of the draft, newest first, joined with <c>; </c>; "none" where it does not place the event.</summary>
    public string Level { get; init; } = "";

    /// <summary>A, U or K of the published matrix, joined with <c>; </c>; "none" where the model does not place the event.</summary>
    public string Column { get; init; } = "";

    /// <summary>ATT&amp;CK techniques of the API, joined with <c>; </c>.</summary>
    public string Technique { get; init; } = "";

    /// <summary>The computer that wrote it; empty where the record does not say.</summary>
    public string Computer { get; init; } = "";

    /// <summary>The event log channel; empty for events that were never in one.</summary>
    public string Channel { get; init; } = "";

    /// <summary>The number of the record in its log; null outside event logs.</summary>
    public long? RecordId { get; init; }

    /// <summary>The payload as one line of JSON, what was decoded from it included.</summary>
    public string Data => _data ??= EventPayload.ToJson(Fields);

    /// <summary>Decoded, Partial or Undecoded.</summary>
    public string PayloadState { get; init; } = "";

    /// <summary>The file it was read from; empty for a live event or an object.</summary>
    public string Path { get; init; } = "";

    /// <summary>True for a record that was recovered from a file's slack or damaged parts: it may be old, or deleted.</summary>
    public bool Recovered { get; init; }

    /// <summary>The payload, and what was decoded from it.</summary>
    internal IReadOnlyList<EventField> Fields { get; init; } = [];

    /// <summary>A field of the payload as text; empty when the event has none of this name.</summary>
    /// <param name="name">The field's name, in any case.</param>
    public string GetField(string name)
    {
        for (int i = 0; i < Fields.Count; i++)
        {
            if (string.Equals(Fields[i].Name, name, StringComparison.OrdinalIgnoreCase))
            {
                return EventPayload.ToText(Fields[i].Value);
            }
        }

        return "";
    }

    /// <summary>A short form for messages.</summary>
    public override string ToString() => Api.Length == 0 ? $"{Source} {EventId}" : $"{Source} {EventId}: {(Module.Length == 0 ? Api : Module + "!" + Api)}";
}
