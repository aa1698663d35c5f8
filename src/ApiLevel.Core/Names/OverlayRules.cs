using System;
using System.Collections.Generic;
using System.Linq;
using ApiLevel.Facts;

namespace ApiLevel.Names;

/// <summary>What an overlay's names mean in a store, and where it says something else than the facts below it.</summary>
public static class OverlayRules
{
    /// <summary>What keeps facts from being laid over a store: a mapping to a source that neither knows.</summary>
    /// <param name="store">The store.</param>
    /// <param name="facts">The facts.</param>
    public static IReadOnlyList<string> Check(MappingStore store, FactSet facts)
    {
        var known = new HashSet<string>(facts.Sources.Select(source => source.Name), StringComparer.Ordinal);
        return [.. facts.Mappings
            .Where(mapping => store.FindSource(mapping.Source) is null && !known.Contains(mapping.Source))
            .Select(mapping => $"{mapping.Origin}: source: '{mapping.Source}' is not known; describe it in the same file")
            .Concat(facts.Events
                .Where(e => store.FindSource(e.Source) is null && !known.Contains(e.Source))
                .Select(e => $"{e.Origin}: source: '{e.Source}' is not known; describe it in the same file"))
            .Distinct()];
    }

    /// <summary>Lays facts over a store. Built-in facts stay; what an overlay says differently is seen beside them.</summary>
    /// <param name="store">The store.</param>
    /// <param name="facts">Sources, events and mappings, in any spelling of names; changed in place. Other facts of the set are not used.</param>
    /// <param name="path">The file they come from.</param>
    public static MappingStore WithOverlay(this MappingStore store, FactSet facts, string path)
    {
        Canonicalize(store, facts);
        return store.WithCanonicalOverlay(facts, path);
    }

    /// <summary>The facts with the store's own spelling of sources and APIs.</summary>
    /// <param name="store">The store.</param>
    /// <param name="facts">The facts; changed in place.</param>
    public static void Canonicalize(MappingStore store, FactSet facts)
    {
        for (int i = 0; i < facts.Mappings.Count; i++)
        {
            MappingFact mapping = facts.Mappings[i];
            ApiName name = ApiName.Parse(mapping.Api);
            ApiEntry api = store.Resolve(name.Module, name.Name).Api;
            facts.Mappings[i] = mapping with
            {
                Api = api.IsKnown ? api.Key : name.ToString(),
                Layer = api.IsKnown ? api.Layer : mapping.Layer,
                Source = store.FindSource(mapping.Source)?.Name ?? mapping.Source,
            };
        }

        for (int i = 0; i < facts.Events.Count; i++)
        {
            EventFact e = facts.Events[i];
            facts.Events[i] = e with { Source = store.FindSource(e.Source)?.Name ?? e.Source };
        }
    }

    /// <summary>What a mapping says differently from the built-in one for the same API and event; empty when nothing.</summary>
    /// <param name="store">The store.</param>
    /// <param name="mapping">The mapping, with the store's spelling.</param>
    public static string Contradiction(MappingStore store, MappingFact mapping)
    {
        ApiName name = ApiName.Parse(mapping.Api);
        ApiEntry api = store.Resolve(name.Module, name.Name).Api;
        if (!api.IsKnown)
        {
            return "";
        }

        foreach (MappingEntry known in store.MappingsOf(api))
        {
            if (known.EventId != mapping.EventId || known.Source.Name != mapping.Source || known.Overlay is not null)
            {
                continue;
            }

            var differences = new List<string>();
            Compare("Relation", known.Relation.ToString(), mapping.Relation.ToString(), differences);
            Compare("Condition", known.Condition, mapping.Condition, differences);
            Compare("Evidence", known.Evidence.ToString(), mapping.Evidence.ToString(), differences);
            if (mapping.Emitter.Length > 0)
            {
                Compare("Emitter", known.Emitter, mapping.Emitter, differences);
            }

            return string.Join("; ", differences);
        }

        return "";
    }

    private static void Compare(string field, string known, string other, List<string> differences)
    {
        if (!string.Equals(known, other, StringComparison.OrdinalIgnoreCase))
        {
            differences.Add($"{field}: built-in '{known}', overlay '{other}'");
        }
    }
}
