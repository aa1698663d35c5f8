using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace ApiLevel.Mapping;

/// <summary>What an overlay must hold, and where it says something else than the facts below it.</summary>
public static class OverlayRules
{
    /// <summary>The fields of a row from CSV or another object, in the order of the objects that Get-ApiEventMapping writes.</summary>
    public static IReadOnlyList<string> RowFields { get; } =
        ["Api", "Module", "Source", "EventId", "Relation", "Via", "Condition", "Emitter", "Evidence", "Reference"];

    /// <summary>Makes a mapping of a row.</summary>
    /// <param name="field">Gives a field's text; empty where the row has none.</param>
    /// <param name="origin">Where the row stands.</param>
    /// <param name="mapping">The mapping.</param>
    /// <param name="problem">The field and what is wrong with it; empty when all is well.</param>
    public static bool TryReadRow(Func<string, string> field, FactOrigin origin, out MappingFact mapping, out string problem)
    {
        mapping = null!;
        string api = field("Api");
        string source = field("Source");
        if (api.Length == 0)
        {
            problem = "Api: is empty";
            return false;
        }

        if (source.Length == 0)
        {
            problem = "Source: is empty";
            return false;
        }

        if (!int.TryParse(field("EventId"), NumberStyles.None, CultureInfo.InvariantCulture, out int eventId))
        {
            problem = $"EventId: '{field("EventId")}' is no event id";
            return false;
        }

        string relation = field("Relation");
        if (!FactWords.TryParseRelation(relation, out Relation parsed) || parsed == Relation.None)
        {
            problem = $"Relation: '{relation}' is none of Direct, ViaLowerCall, Conditional";
            return false;
        }

        string evidence = field("Evidence");
        if (!FactWords.TryParseEvidence(evidence, out Evidence strength))
        {
            problem = $"Evidence: '{evidence}' is none of High, Medium, Derived, Low, Disputed";
            return false;
        }

        string reference = field("Reference");
        if (reference.Length == 0)
        {
            problem = "Reference: is empty; say who states it";
            return false;
        }

        ApiName name = ApiName.Parse(api);
        string module = name.Module.Length > 0 ? name.Module : ApiName.NormalizeModule(field("Module"));
        mapping = new MappingFact
        {
            Api = module.Length == 0 ? name.Name : module + "!" + name.Name,
            Layer = module.Length == 0 ? ApiLayer.Managed : ApiLayer.Win32,
            Source = source,
            EventId = eventId,
            Relation = parsed,
            Via = field("Via"),
            Condition = field("Condition"),
            Emitter = field("Emitter"),
            Evidence = strength,
            Reference = reference,
            Origin = origin,
        };
        problem = "";
        return true;
    }

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
                Api = api.IsKnown ? api.Key : mapping.Api,
                Layer = api.IsKnown ? api.Layer : mapping.Layer,
                Source = store.FindSource(mapping.Source)?.Name ?? mapping.Source,
            };
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
