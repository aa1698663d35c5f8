using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using ApiLevel.DataTool.Facts;
using ApiLevel.Facts;

namespace ApiLevel.DataTool.Lints;

/// <summary>An event file lists at least one API; without one the catalogue alone has the event.</summary>
internal sealed class EventHasApiLint : Lint
{
    public override string Name => "event-has-api";

    public override string Advice => "List an API under `apis:`, or remove the file; the event stays in catalogue/events.csv";

    public override IEnumerable<Finding> Check(LintContext context)
    {
        HashSet<(string, int)> mapped = [.. context.Facts.Mappings.Select(static fact => (fact.Source, fact.EventId))];
        return context.Folder.EventFiles
            .Where(fact => !mapped.Contains((fact.Source, fact.Id)))
            .Select(fact => Found(fact.Origin, LintContext.Describe(fact) + " lists no API"));
    }
}

/// <summary>One API and event stand together once.</summary>
internal sealed class DuplicatePairLint : Lint
{
    public override string Name => "duplicate-pair";

    public override string Advice => "Join the two entries: one relation, the conditions in one sentence, all references";

    public override IEnumerable<Finding> Check(LintContext context)
    {
        Dictionary<(string, string, int), FactOrigin> seen = [];
        foreach (MappingFact fact in context.Facts.Mappings)
        {
            if (!seen.TryAdd((fact.Api.ToLowerInvariant(), fact.Source, fact.EventId), fact.Origin))
            {
                FactOrigin first = seen[(fact.Api.ToLowerInvariant(), fact.Source, fact.EventId)];
                yield return Found(fact.Origin, $"{fact.Api} leads to {fact.Source} {fact.EventId} at {first} already");
            }
        }
    }
}

/// <summary>A mapped API is a name that the catalogue has.</summary>
internal sealed class ApiKnownLint : Lint
{
    public override string Name => "api-known";

    public override string Advice =>
        "Check the spelling and `layer`; a name that no table has goes to catalogue/other-names.csv with the reason";

    public override IEnumerable<Finding> Check(LintContext context) => context.Facts.Mappings
        .Where(fact => !context.IsKnown(fact.Api, fact.Layer))
        .Select(fact => Found(fact.Origin, $"{fact.Api} is in no table of the layer {FactWords.ToWord(fact.Layer)}"));
}

/// <summary>A name is written the one way the facts know it by.</summary>
internal sealed class ApiSpellingLint : Lint
{
    public override string Name => "api-spelling";

    public override string Advice => "Use that spelling; look-ups accept the others";

    public override IEnumerable<Finding> Check(LintContext context)
    {
        IEnumerable<(FactOrigin Origin, string Api)> names = context.Facts.Mappings
            .SelectMany(static fact => fact.Via.Split(';', StringSplitOptions.RemoveEmptyEntries).Prepend(fact.Api)
                .Select(api => (fact.Origin, api)))
            .Concat(Column(context, "calls", "caller"))
            .Concat(Column(context, "calls", "callee"))
            .Concat(Column(context, "managed-calls", "callee"))
            .Concat(Column(context, "techniques", "api"))
            .Concat(Column(context, "categories", "api"));
        foreach ((FactOrigin origin, string api) in names)
        {
            if (context.Canonical(api, out string reason) is { } canonical)
            {
                yield return Found(origin, $"{api} is written {canonical}: {reason}");
            }
        }
    }

    private static IEnumerable<(FactOrigin Origin, string Api)> Column(LintContext context, string table, string column) =>
        context.Folder.Rows[table].Select(row => (row.Origin, row[column]));
}

/// <summary>The calls on the way down are known names.</summary>
internal sealed class ViaKnownLint : Lint
{
    public override string Name => "via-known";

    public override string Advice => "Check the spelling, or add the edge to catalogue/calls.csv";

    public override IEnumerable<Finding> Check(LintContext context)
    {
        foreach (MappingFact fact in context.Facts.Mappings)
        {
            foreach (string via in fact.Via.Split(';', StringSplitOptions.RemoveEmptyEntries))
            {
                if (!context.IsKnownAnywhere(via) || via == fact.Api)
                {
                    yield return Found(fact.Origin, $"`via` names {via}, which is not known or is the API itself");
                }
            }

            if (fact.Relation == Relation.Direct && fact.Via.Length > 0)
            {
                yield return Found(fact.Origin, $"{fact.Api} is Direct and yet has a `via`");
            }
        }
    }
}

/// <summary>Evidence derived along a chain is no stronger than its weakest edge, and a derivation alone is at most derived.</summary>
internal sealed class DerivedNotStrongerLint : Lint
{
    public override string Name => "derived-not-stronger";

    public override string Advice => "Lower the evidence, or name a source that states the pair itself";

    public override IEnumerable<Finding> Check(LintContext context)
    {
        Dictionary<(string, string), Evidence> edges = [];
        foreach (CallFact call in context.Facts.Calls)
        {
            edges.TryGetValue((call.Caller, call.Callee), out Evidence known);
            edges[(call.Caller, call.Callee)] = known > call.Evidence ? known : call.Evidence;
        }

        foreach (MappingFact fact in context.Facts.Mappings)
        {
            bool isDerivation = IsDerivation(fact.Reference);
            if (fact.Evidence != Evidence.Derived && !(isDerivation && fact.Evidence > Evidence.Derived))
            {
                continue;
            }

            // Above derived, each step must be an edge that is as strong; a pair that is only derived may leave steps out.
            string caller = fact.Api;
            bool isWhole = fact.Via.Length > 0;
            foreach (string callee in fact.Via.Split(';', StringSplitOptions.RemoveEmptyEntries))
            {
                if (!edges.TryGetValue((caller, callee), out Evidence edge))
                {
                    isWhole = false;
                }
                else if (edge < fact.Evidence)
                {
                    yield return Found(
                        fact.Origin, $"{fact.Api} is {Word(fact.Evidence)} through {caller} to {callee}, which is only {Word(edge)}");
                }

                caller = callee;
            }

            if (!isWhole && fact.Evidence > Evidence.Derived)
            {
                yield return Found(fact.Origin, $"{fact.Api} is {Word(fact.Evidence)} and its reference is a derivation whose path is not given");
            }
        }

        foreach (CallFact call in context.Facts.ManagedCalls)
        {
            if (call.Evidence > Evidence.Derived && IsDerivation(call.Reference))
            {
                yield return Found(call.Origin, $"{call.Caller} is stronger than its reference");
            }
        }
    }

    private static bool IsDerivation(string reference) =>
        reference.Split("; ").All(static part => part.StartsWith("derived", StringComparison.Ordinal));

    private static string Word(Evidence evidence) => evidence.ToString().ToLowerInvariant();
}

/// <summary>A disputed pair says what the doubt is.</summary>
internal sealed class DisputedSaysWhyLint : Lint
{
    public override string Name => "disputed-says-why";

    public override string Advice => "Give the reason in `condition`";

    public override IEnumerable<Finding> Check(LintContext context) => context.Facts.Mappings
        .Where(static fact => fact.Evidence == Evidence.Disputed && fact.Condition.Length == 0)
        .Select(fact => Found(fact.Origin, $"{fact.Api} is disputed without a reason"));
}

/// <summary>An evidence above low rests on something that can be opened: a repository, a page, a protocol document.</summary>
internal sealed partial class ReferenceIsASourceLint : Lint
{
    public override string Name => "reference-is-a-source";

    public override string Advice => "Name a repository (owner/name), a page (https://...) or the derivation, or lower the evidence to low";

    public override IEnumerable<Finding> Check(LintContext context) => context.Facts.Mappings
        .Where(static fact => fact.Evidence > Evidence.Low && !SourceRegex().IsMatch(fact.Reference))
        .Select(fact => Found(fact.Origin, $"`{fact.Reference}` names no source for {fact.Api}"));

    [GeneratedRegex(@"https://|[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+|\bMS-[A-Z]{2,}|derived:|public sample")]
    private static partial Regex SourceRegex();
}

/// <summary>A technique is written as ATT&amp;CK numbers it.</summary>
internal sealed partial class TechniqueFormatLint : Lint
{
    public override string Name => "technique-format";

    public override string Advice => "Write T1055 or T1055.012";

    public override IEnumerable<Finding> Check(LintContext context) => context.Folder.Rows["techniques"]
        .Where(static row => !TechniqueRegex().IsMatch(row["technique"]))
        .Select(row => Found(row.Origin, "`" + row["technique"] + "` is no technique"));

    [GeneratedRegex(@"^T\d{4}(\.\d{3})?$")]
    private static partial Regex TechniqueRegex();
}
