using System;
using System.Collections.Generic;
using System.Globalization;
using ApiLevel.Facts;

namespace ApiLevel.Names;

/// <summary>A row of an overlay that comes from CSV or another object.</summary>
public static class OverlayRow
{
    /// <summary>The fields of a row from CSV or another object, in the order of the objects that Get-ApiEventMapping writes.</summary>
    public static IReadOnlyList<string> Fields { get; } =
        ["Api", "Module", "Source", "EventId", "Relation", "Via", "Condition", "Emitter", "Evidence", "Reference"];

    /// <summary>Makes a mapping of a row.</summary>
    /// <param name="field">Gives a field's text; empty where the row has none.</param>
    /// <param name="origin">Where the row stands.</param>
    /// <param name="mapping">The mapping.</param>
    /// <param name="problem">The field and what is wrong with it; empty when all is well.</param>
    public static bool TryRead(Func<string, string> field, FactOrigin origin, out MappingFact mapping, out string problem)
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
            problem = $"Evidence: '{evidence}' is none of Observed, High, Medium, Paired, Derived, Low, Disputed";
            return false;
        }

        string reference = field("Reference");
        if (reference.Length == 0)
        {
            problem = "Reference: is empty; say who states it";
            return false;
        }

        ApiName name = ApiName.Parse(api);
        name = name.Module.Length > 0 ? name : ApiName.Create(field("Module"), name.Name);
        mapping = new MappingFact
        {
            Api = name.ToString(),
            Layer = name.Module.Length == 0 ? ApiLayer.Managed : ApiLayer.Win32,
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
}
