using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using ApiLevel.DataTool.Facts;
using ApiLevel.Facts;

namespace ApiLevel.DataTool.Lints;

/// <summary>Tables are sorted by their key, and a key stands once.</summary>
internal sealed class SortedLint : Lint
{
    public override string Name => "sorted";

    public override string Advice => "Sort by the key columns that README.md names; compare as text, character by character";

    public override IEnumerable<Finding> Check(LintContext context)
    {
        foreach (List<CatalogueRow> rows in context.Folder.Rows.Values)
        {
            for (int i = 1; i < rows.Count; i++)
            {
                int order = rows[i - 1].CompareKey(rows[i]);
                if (order >= 0)
                {
                    yield return Found(rows[i].Origin, order == 0 ? "the row has the key of the row before" : "the row is not in order");
                }
            }
        }
    }
}

/// <summary>No table gets smaller unnoticed.</summary>
internal sealed class CountsLint : Lint
{
    public override string Name => "counts";

    public override string Advice => "Restore the rows, or list each in catalogue/excluded.csv with the reason and lower catalogue/counts.csv";

    public override IEnumerable<Finding> Check(LintContext context)
    {
        foreach (CatalogueRow row in context.Folder.Rows["counts"])
        {
            int count = context.Folder.Count(row["table"]);
            int recorded = row.Number("rows") ?? 0;
            if (count < recorded)
            {
                yield return Found(
                    row.Origin, string.Create(CultureInfo.InvariantCulture, $"{row["table"]} has {count} rows; {recorded} are recorded"));
            }
        }
    }
}

/// <summary>What was left out stays under one in a hundred of its table.</summary>
internal sealed class ExclusionShareLint : Lint
{
    public override string Name => "exclusion-share";

    public override string Advice => "Bring rows back; at most one row in a hundred may be left out";

    public override IEnumerable<Finding> Check(LintContext context)
    {
        foreach (IGrouping<string, CatalogueRow> table in context.Folder.Rows["excluded"].GroupBy(static row => row["table"]))
        {
            int left = table.Count();
            int kept = context.Folder.Count(table.Key);
            if (left * 100 >= kept + left)
            {
                yield return Found(
                    table.First().Origin, string.Create(CultureInfo.InvariantCulture, $"{left} rows of {table.Key} are left out, {kept} are kept"));
            }
        }
    }
}

/// <summary>Exactly one version of an event is the newest.</summary>
internal sealed class LatestOnceLint : Lint
{
    public override string Name => "latest-once";

    public override string Advice => "Set `latest` to true in the row with the highest version, to false in the others";

    public override IEnumerable<Finding> Check(LintContext context)
    {
        foreach (IGrouping<(string Source, int Id), EventFact> versions in context.Facts.Events.GroupBy(static fact => (fact.Source, fact.Id)))
        {
            EventFact[] latest = [.. versions.Where(static fact => fact.IsLatest)];
            if (latest.Length != 1 || latest[0].Version != versions.Max(static fact => fact.Version))
            {
                yield return Found(versions.First().Origin, $"{versions.Key.Source} {versions.Key.Id} has no single newest version");
            }
        }
    }
}

/// <summary>An RPC edge and its method agree with the table of RPC methods.</summary>
internal sealed class RpcMethodKnownLint : Lint
{
    public override string Name => "rpc-method-known";

    public override string Advice => "Check interface and opnum against catalogue/rpc-methods.csv";

    public override IEnumerable<Finding> Check(LintContext context)
    {
        HashSet<(string, int?)> known = [.. context.Facts.RpcMethods.Select(static fact => (fact.Interface, fact.Opnum))];
        return context.Facts.Calls
            .Where(call => call.RpcInterface.Length > 0 && call.Opnum is not null && !known.Contains((call.RpcInterface, call.Opnum)))
            .Select(call => Found(call.Origin, $"{call.RpcInterface} opnum {call.Opnum} is no known RPC method"));
    }
}

/// <summary>What decides between APIs names a mapping, and a field that the event has.</summary>
internal sealed class AttributionKnownLint : Lint
{
    public override string Name => "attribution-known";

    public override string Advice => "Name an API that a file of the event maps, and a field of the event as catalogue/events.csv has it";

    public override IEnumerable<Finding> Check(LintContext context)
    {
        HashSet<(string, int, string)> mapped = [.. context.Facts.Mappings.Select(static fact => (fact.Source, fact.EventId, fact.Api))];
        ILookup<(string, int), string> fields = Fields(context);
        foreach (AttributionFact fact in context.Facts.Attributions)
        {
            if (!mapped.Contains((fact.Source, fact.EventId, fact.Api)))
            {
                yield return Found(fact.Origin, $"{fact.Api} is not mapped to {fact.Source} {fact.EventId}");
            }
            else if (fact.Field.Length > 0 && !fields[(fact.Source, fact.EventId)].Contains(fact.Field, StringComparer.Ordinal))
            {
                yield return Found(fact.Origin, $"{fact.Source} {fact.EventId} has no field {fact.Field}");
            }
            else if (fact.Field.Length > 0 == (fact.Values.Length == 0))
            {
                yield return Found(fact.Origin, "a field goes with values, and no field with none");
            }
        }
    }

    /// <summary>The fields of every version of every event.</summary>
    internal static ILookup<(string Source, int Id), string> Fields(LintContext context) => context.Facts.Events
        .SelectMany(static fact => fact.Fields.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(field => (fact.Source, fact.Id, Field: field.Split(':')[0].Trim())))
        .ToLookup(static item => (item.Source, item.Id), static item => item.Field);
}

/// <summary>What a field means is one of the roles that the attribution reads, for a field that the event has.</summary>
internal sealed class RoleKnownLint : Lint
{
    private static readonly HashSet<string> s_roles =
        ["access-mask", "api-name", "api-unseen", "call-trace", "process-id", "process-name", "rpc-interface", "rpc-opnum", "thread-id"];

    public override string Name => "role-known";

    public override string Advice => "Use a role that README.md lists, and a field of the event as catalogue/events.csv has it";

    public override IEnumerable<Finding> Check(LintContext context)
    {
        HashSet<string> sources = [.. context.Facts.Sources.Select(static fact => fact.Name)];
        ILookup<(string Source, int Id), string> fields = AttributionKnownLint.Fields(context);
        foreach (EventRoleFact fact in context.Facts.EventRoles)
        {
            if (!s_roles.Contains(fact.Role))
            {
                yield return Found(fact.Origin, $"{fact.Role} is no role");
            }
            else if (!sources.Contains(fact.Source))
            {
                yield return Found(fact.Origin, $"{fact.Source} is no source");
            }
            else if (fact.EventId is { } id && fact.Field.Length > 0 && fact.Role is not ("api-name" or "api-unseen")
                && !fields[(fact.Source, id)].Contains(fact.Field, StringComparer.Ordinal))
            {
                yield return Found(fact.Origin, $"{fact.Source} {id} has no field {fact.Field}");
            }
        }
    }
}
