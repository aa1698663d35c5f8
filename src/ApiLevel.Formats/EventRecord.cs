using System;
using System.Collections.Generic;

namespace ApiLevel.Formats;

/// <summary>How much of an event's payload could be given names and types.</summary>
public enum PayloadState
{
    /// <summary>All of it.</summary>
    Decoded,

    /// <summary>The first fields; the rest is in <see cref="EventRecord.RawData"/>.</summary>
    Partial,

    /// <summary>None: no description of this event is known here. <see cref="EventRecord.RawData"/> has the bytes.</summary>
    Undecoded,
}

/// <summary>One named value of an event's payload.</summary>
/// <param name="Name">As the event names it. A payload may repeat a name.</param>
/// <param name="Value">
/// null, string, bool, long, ulong, double, DateTime (UTC), Guid, byte[] or an object?[] of these; a nested structure is an
/// IReadOnlyList of EventField.
/// </param>
public readonly record struct EventField(string Name, object? Value);

/// <summary>
/// One recorded event, whatever file or session it came from. The header is filled first; the payload only when the header
/// passed <see cref="EventReadOptions.HeaderFilter"/>.
/// </summary>
public sealed class EventRecord
{
    /// <summary>When it was written, UTC; null where the record has no usable time.</summary>
    public DateTime? TimeCreated { get; set; }

    /// <summary>The provider's name; empty where only <see cref="ProviderId"/> is known.</summary>
    public string Provider { get; set; } = "";

    /// <summary>The provider's GUID; null where the record has none.</summary>
    public Guid? ProviderId { get; set; }

    /// <summary>
    /// The event id; 0 for TraceLogging, which <see cref="EventName"/> tells apart. Classic events, those of the kernel for instance, have no
    /// id of their own: it is the opcode, which only with <see cref="ProviderId"/>, the event's class, says which event it is.
    /// </summary>
    public int EventId { get; set; }

    /// <summary>The event's version.</summary>
    public int EventVersion { get; set; }

    /// <summary>The event's name where the record itself or its schema has one ("Process/Start"); null otherwise.</summary>
    public string? EventName { get; set; }

    /// <summary>The record's level: 1 critical to 5 verbose, 0 always.</summary>
    public int Level { get; set; }

    /// <summary>The record's opcode.</summary>
    public int Opcode { get; set; }

    /// <summary>The record's task.</summary>
    public int Task { get; set; }

    /// <summary>The record's keyword bits.</summary>
    public ulong Keywords { get; set; }

    /// <summary>The process of the record's header: the one that wrote it, which is not always the one that called. Null where the record has none.</summary>
    public int? ProcessId { get; set; }

    /// <summary>The thread of the record's header; null where the record has none.</summary>
    public int? ThreadId { get; set; }

    /// <summary>The computer that wrote it; null where the record does not say.</summary>
    public string? Computer { get; set; }

    /// <summary>The event log channel; null for records that were never in one.</summary>
    public string? Channel { get; set; }

    /// <summary>The number of the record in its log; null outside event logs.</summary>
    public long? RecordId { get; set; }

    /// <summary>The security identifier (S-1-...) of the record's header; null where there is none.</summary>
    public string? UserSid { get; set; }

    /// <summary>The activity of the record's header; null where there is none.</summary>
    public Guid? ActivityId { get; set; }

    /// <summary>The payload, in the record's order. Empty when undecoded; never null.</summary>
    public IReadOnlyList<EventField> Fields { get; set; } = [];

    /// <summary>How much of the payload <see cref="Fields"/> holds.</summary>
    public PayloadState PayloadState { get; set; } = PayloadState.Undecoded;

    /// <summary>The payload's bytes where it was not decoded completely, or where <see cref="EventReadOptions.KeepRawData"/> asks for them; a copy of its own.</summary>
    public ReadOnlyMemory<byte> RawData { get; set; }

    /// <summary>Return addresses, innermost first; null where no stack was recorded.</summary>
    public IReadOnlyList<ulong>? Stack { get; set; }

    /// <summary>
    /// Found outside of what the file's own tables name, by <see cref="EventReadOptions.Recover"/>: deleted, overwritten in part, or
    /// in a damaged part of the file. Such a record follows after all others.
    /// </summary>
    public bool Recovered { get; set; }

    /// <summary>Makes a refused record, whose payload nobody decoded, what a new one is, so that the next header can use the object.</summary>
    internal void ResetHeader()
    {
        TimeCreated = null;
        Provider = "";
        ProviderId = null;
        EventId = 0;
        EventVersion = 0;
        EventName = null;
        Level = 0;
        Opcode = 0;
        Task = 0;
        Keywords = 0;
        ProcessId = null;
        ThreadId = null;
        Computer = null;
        Channel = null;
        RecordId = null;
        UserSid = null;
        ActivityId = null;
        Stack = null;
        RawData = default;
        Recovered = false;
    }

    /// <summary>The first field with this name, compared without case; null when there is none (or its value is null).</summary>
    /// <param name="name">A field's name.</param>
    public object? this[string name]
    {
        get
        {
            for (int i = 0; i < Fields.Count; i++)
            {
                if (string.Equals(Fields[i].Name, name, StringComparison.OrdinalIgnoreCase))
                {
                    return Fields[i].Value;
                }
            }

            return null;
        }
    }
}
