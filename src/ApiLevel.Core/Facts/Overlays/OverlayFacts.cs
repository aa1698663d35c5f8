using System;
using System.Collections.Generic;

namespace ApiLevel.Facts;

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
            if (store.SourceNamed(source.Name) is null)
            {
                next.Sources.Add(source);
            }
        }

        foreach (EventFact e in facts.Events)
        {
            // The compiled description of an event stays; an overlay describes what the store does not have.
            if (store.SourceNamed(e.Source) is not { } known || !store.FindEvent(known, e.Id).IsKnown)
            {
                next.Events.Add(e);
            }
        }

        int compiled = store.ApiCount - Apis.Count;
        foreach (MappingFact mapping in facts.Mappings)
        {
            int bang = mapping.Api.IndexOf('!');
            string module = bang < 0 ? "" : mapping.Api.Substring(0, bang);
            string name = mapping.Api.Substring(bang + 1);
            int row = store.TryGetApi(module, name, out ApiEntry api, out _) ? api.Row : next.Apis.FindIndex(known => known.Is(module, name)) + compiled;
            if (row < compiled && !api.IsKnown)
            {
                next.Apis.Add(new OverlayApi(module, name, mapping.Layer));
                row = compiled + next.Apis.Count - 1;
            }

            next.AddMapping(mapping with { Origin = mapping.Origin.File is { Length: > 0 } ? mapping.Origin : new FactOrigin(path, 0) }, row);
        }

        next.Paths.Add(path);
        return next;
    }

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
        public bool Is(string module, string name) => module == Module && string.Equals(name, Name, StringComparison.OrdinalIgnoreCase);

        public string Text(int column) => column switch
        {
            StoreTables.Api.Name => Name,
            StoreTables.Api.Module => Module,
            _ => "",
        };
    }
}
