using System;
using System.Collections.Generic;

namespace ApiLevel.Mapping;

/// <summary>Facts of a session that lie over the compiled ones, numbered after them. Never changed: an overlay more is a new instance.</summary>
internal sealed class OverlayFacts
{
    public static OverlayFacts Empty { get; } = new();

    public List<SourceFact> Sources { get; } = [];

    public List<EventFact> Events { get; } = [];

    public List<MappingFact> Mappings { get; } = [];

    /// <summary>APIs that the compiled facts do not have.</summary>
    public List<OverlayApi> Apis { get; } = [];

    /// <summary>The API row of each mapping.</summary>
    public List<int> MappingApis { get; } = [];

    /// <summary>Mapping numbers by API row.</summary>
    public Dictionary<int, List<int>> MappingsByApi { get; } = [];

    public List<string> Paths { get; } = [];

    public OverlayFacts Append(FactSet facts, string path, MappingStore store)
    {
        var next = new OverlayFacts();
        next.Sources.AddRange(Sources);
        next.Events.AddRange(Events);
        next.Apis.AddRange(Apis);
        next.Paths.AddRange(Paths);
        for (int i = 0; i < Mappings.Count; i++)
        {
            next.AddMapping(Mappings[i], MappingApis[i]);
        }

        foreach (SourceFact source in facts.Sources)
        {
            if (store.FindSource(source.Name) is null)
            {
                next.Sources.Add(source);
            }
        }

        foreach (EventFact e in facts.Events)
        {
            // The compiled description of an event stays; an overlay describes what the store does not have.
            if (store.FindSource(e.Source) is not { } known || !store.FindEvent(known, e.Id).IsKnown)
            {
                next.Events.Add(e);
            }
        }

        int compiled = store.ApiCount - Apis.Count;
        foreach (MappingFact mapping in facts.Mappings)
        {
            ApiName name = ApiName.Parse(mapping.Api);
            ApiResolution resolution = store.Resolve(name.Module, name.Name);
            int row = resolution.Api.IsKnown ? resolution.Api.Row : next.Apis.FindIndex(api => api.Is(name)) + compiled;
            if (row < compiled && !resolution.Api.IsKnown)
            {
                next.Apis.Add(new OverlayApi(name.Module, name.Name, mapping.Layer));
                row = compiled + next.Apis.Count - 1;
            }

            next.AddMapping(mapping with { Origin = mapping.Origin.File is { Length: > 0 } ? mapping.Origin : new FactOrigin(path, 0) }, row);
        }

        next.Paths.Add(path);
        return next;
    }

    public static int EventCell(EventFact e, int column) => column switch
    {
        StoreTables.Event.Id => e.Id,
        StoreTables.Event.Version => e.Version,
        StoreTables.Event.IsLatest => e.IsLatest ? 1 : 0,
        StoreTables.Event.Evidence => (int)e.Evidence,
        _ => 0,
    };

    public static string EventText(EventFact e, int column) => column switch
    {
        StoreTables.Event.Name => e.Name,
        StoreTables.Event.Symbol => e.Symbol,
        StoreTables.Event.Keywords => e.Keywords,
        StoreTables.Event.AuditReference => e.AuditReference,
        StoreTables.Event.Fields => e.Fields,
        StoreTables.Event.Channel => e.Channel,
        StoreTables.Event.KeywordMask => e.KeywordMask,
        StoreTables.Event.Opcode => e.Opcode,
        StoreTables.Event.Task => e.Task,
        StoreTables.Event.Severity => e.Severity,
        StoreTables.Event.Requirement => e.Requirement,
        StoreTables.Event.FirstBuild => e.FirstBuild,
        StoreTables.Event.Car => e.Car,
        StoreTables.Event.CarReference => e.CarReference,
        StoreTables.Event.DataComponent => e.DataComponent,
        StoreTables.Event.AuditSubcategory => e.AuditSubcategory,
        StoreTables.Event.Column => e.Column,
        StoreTables.Event.ColumnReference => e.ColumnReference,
        StoreTables.Event.DraftLevel => e.DraftLevel,
        StoreTables.Event.Fires => e.Fires,
        StoreTables.Event.Emitter => e.Emitter,
        StoreTables.Event.Reference => e.Reference,
        _ => "",
    };

    public static int MappingCell(MappingFact mapping, int column) => column switch
    {
        StoreTables.Mapping.EventId => mapping.EventId,
        StoreTables.Mapping.Relation => (int)mapping.Relation,
        StoreTables.Mapping.Evidence => (int)mapping.Evidence,
        _ => 0,
    };

    public static string MappingText(MappingFact mapping, int column) => column switch
    {
        StoreTables.Mapping.Via => mapping.Via,
        StoreTables.Mapping.Condition => mapping.Condition,
        StoreTables.Mapping.Emitter => mapping.Emitter,
        StoreTables.Mapping.Mechanism => mapping.Mechanism,
        StoreTables.Mapping.Reference => mapping.Reference,
        _ => "",
    };

    private void AddMapping(MappingFact mapping, int apiRow)
    {
        if (!MappingsByApi.TryGetValue(apiRow, out List<int>? rows))
        {
            rows = [];
            MappingsByApi.Add(apiRow, rows);
        }

        rows.Add(Mappings.Count);
        Mappings.Add(mapping);
        MappingApis.Add(apiRow);
    }

    /// <summary>An API that only an overlay names.</summary>
    internal sealed record OverlayApi(string Module, string Name, ApiLayer Layer)
    {
        public bool Is(ApiName name) => name.Module == Module && string.Equals(name.Name, Name, StringComparison.OrdinalIgnoreCase);

        public string Text(int column) => column switch
        {
            StoreTables.Api.Name => Name,
            StoreTables.Api.Module => Module,
            _ => "",
        };
    }
}
