using System;
using System.Collections.Generic;
using System.Linq;
using ApiLevel.Answers;
using ApiLevel.Chains;
using ApiLevel.Facts;
using ApiLevel.Formats;

namespace ApiLevel.Attribution;

/// <summary>Which events are wanted. What a record's header answers is answered before its payload is decoded. Safe for several threads.</summary>
public sealed class TelemetryFilter
{
    private readonly EventAttributor _attributor;
    private readonly Dictionary<(int Source, int EventId), HashSet<ApiEntry>>? _reached;
    private readonly HashSet<ApiEntry>? _apis;

    /// <summary>Prepares a filter.</summary>
    /// <param name="attributor">What tells the source of a record.</param>
    /// <param name="apis">
    /// APIs that must be among the candidates, by themselves or through the calls below them; null for all events. An empty list
    /// lets nothing through.
    /// </param>
    public TelemetryFilter(EventAttributor attributor, IEnumerable<ApiEntry>? apis = null)
    {
        _attributor = attributor ?? throw new ArgumentNullException(nameof(attributor));
        if (apis is null)
        {
            return;
        }

        _apis = [.. apis];
        _reached = [];
        foreach (ApiEntry api in _apis)
        {
            foreach (ReachedEvent reached in attributor.Store.EventsOf(api))
            {
                (int, int) key = (reached.Mapping.Source.Row, reached.Mapping.EventId);
                if (!_reached.TryGetValue(key, out HashSet<ApiEntry>? wanted))
                {
                    _reached.Add(key, wanted = []);
                }

                wanted.Add(reached.Mapping.Api);
            }
        }
    }

    /// <summary>Decides on the source; its arguments are the source, null where the facts do not know it, and the record. Null for all.</summary>
    public Func<SourceEntry?, EventRecord, bool>? Source { get; init; }

    /// <summary>The event ids; null for all.</summary>
    public ISet<int>? EventIds { get; init; }

    /// <summary>The earliest time, UTC; null for none. A record without a time is then left out.</summary>
    public DateTime? StartTime { get; init; }

    /// <summary>The latest time, UTC; null for none. A record without a time is then left out.</summary>
    public DateTime? EndTime { get; init; }

    /// <summary>The calling processes; null for all.</summary>
    public ISet<int>? ProcessIds { get; init; }

    /// <summary>What the header says: false when the record is not wanted whatever its payload holds.</summary>
    /// <param name="record">The record; the header is enough.</param>
    public bool PassesHeader(EventRecord record)
    {
        if (EventIds is not null && !EventIds.Contains(record.EventId))
        {
            return false;
        }

        if ((StartTime is not null || EndTime is not null) &&
            (record.TimeCreated is not { } time || time < StartTime || time > EndTime))
        {
            return false;
        }

        if (Source is null && _reached is null && ProcessIds is null)
        {
            return true;
        }

        SourceEntry? source = _attributor.SourceOf(record);
        if (Source is not null && !Source(source, record))
        {
            return false;
        }

        if (_reached is not null)
        {
            if (source is null || (!_reached.ContainsKey((source.Row, record.EventId)) && !_attributor.Plan(source, record.EventId).Roles.NamesCalls))
            {
                return false;
            }
        }

        // Whose id the header has depends on the event; where it is the caller's, it is known here.
        return ProcessIds is null
            || (source is not null && _attributor.Plan(source, record.EventId).Roles.ProcessId is not null)
            || (record.ProcessId is { } id && ProcessIds.Contains(id));
    }

    /// <summary>Attributes a record that passed by its header; null when its payload shows that it is not wanted.</summary>
    /// <param name="record">The record, payload included.</param>
    /// <param name="path">The file it comes from; empty for none.</param>
    public ApiTelemetryEvent? Attribute(EventRecord record, string path = "")
    {
        ApiTelemetryEvent e = _attributor.Attribute(record, path, out Proof proof);
        if (ProcessIds is not null && (e.ProcessId is not { } id || !ProcessIds.Contains(id)))
        {
            return null;
        }

        return _apis is null || IsWanted(record, proof) ? e : null;
    }

    private bool IsWanted(EventRecord record, Proof proof)
    {
        HashSet<ApiEntry>? wanted = null;
        if (_attributor.SourceOf(record) is { } source)
        {
            _reached!.TryGetValue((source.Row, record.EventId), out wanted);
        }

        return proof.Apis.Any(api => _apis!.Contains(api) || wanted?.Contains(api) == true);
    }
}
