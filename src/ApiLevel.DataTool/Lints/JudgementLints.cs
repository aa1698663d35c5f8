using System;
using System.Collections.Generic;
using System.Linq;
using ApiLevel.DataTool.Facts;
using ApiLevel.Facts;

namespace ApiLevel.DataTool.Lints;

/// <summary>A judgement is about a known name, is one of the two kinds, and no mapping contradicts it.</summary>
internal sealed class JudgementAgreesLint : Lint
{
    public override string Name => "judgement-agrees";

    public override string Advice => "A call is Invisible, unsettled or mapped, never two of them: keep what its reference supports";

    public override IEnumerable<Finding> Check(LintContext context)
    {
        HashSet<string> invisible = [.. context.Facts.Invisible.Select(static fact => fact.Api)];
        Dictionary<string, Evidence> mapped = new(StringComparer.Ordinal);
        foreach (MappingFact fact in context.Facts.Mappings)
        {
            mapped.TryGetValue(fact.Api, out Evidence known);
            mapped[fact.Api] = known > fact.Evidence ? known : fact.Evidence;
        }

        foreach (InvisibleFact fact in context.Facts.Invisible)
        {
            if (mapped.GetValueOrDefault(fact.Api) > Evidence.Disputed)
            {
                yield return Found(fact.Origin, $"{fact.Api} writes no event here and is mapped to one");
            }
        }

        foreach (UnsettledFact fact in context.Facts.Unsettled)
        {
            if (invisible.Contains(fact.Api) || mapped.GetValueOrDefault(fact.Api) >= Evidence.Derived)
            {
                yield return Found(fact.Origin, $"{fact.Api} is unsettled here and judged elsewhere");
            }
        }
    }
}

/// <summary>A denied pair names an event that exists and is not mapped.</summary>
internal sealed class DeniedKnownLint : Lint
{
    public override string Name => "denied-known";

    public override string Advice => "Check source and number against catalogue/events.csv; a pair that a source states and we doubt is a `disputed` mapping as well";

    public override IEnumerable<Finding> Check(LintContext context)
    {
        HashSet<(string, string, int)> mapped =
        [
            .. context.Facts.Mappings
                .Where(static fact => fact.Evidence > Evidence.Disputed)
                .Select(static fact => (fact.Api, fact.Source, fact.EventId)),
        ];
        foreach (DeniedFact fact in context.Facts.Denied)
        {
            if (!context.Latest.ContainsKey((fact.Source, fact.EventId)))
            {
                yield return Found(fact.Origin, $"{fact.Source} {fact.EventId} is no known event");
            }
            else if (mapped.Contains((fact.Api, fact.Source, fact.EventId)))
            {
                yield return Found(fact.Origin, $"{fact.Api} and {fact.Source} {fact.EventId} are denied and mapped");
            }
        }
    }
}

/// <summary>What callers fix and what conditions ask use the same words.</summary>
internal sealed class ArgumentKnownLint : Lint
{
    private static readonly string[] s_arguments = ["process", "thread", "class", "access", "disposition", "object", "mode", "flags"];

    public override string Name => "argument-known";

    public override string Advice => "README.md lists the arguments; the two APIs stand at the ends of an edge of calls.csv or managed-calls.csv";

    public override IEnumerable<Finding> Check(LintContext context)
    {
        HashSet<(string, string)> edges = [.. context.Facts.Calls.Concat(context.Facts.ManagedCalls).Select(static call => (call.Caller, call.Callee))];
        foreach (ArgumentFact fact in context.Facts.Arguments)
        {
            if (!s_arguments.Contains(fact.Argument, StringComparer.Ordinal) || !edges.Contains((fact.Caller, fact.Callee)))
            {
                yield return Found(fact.Origin, $"{fact.Caller} does not call {fact.Callee} here, or `{fact.Argument}` is no argument");
            }
        }

        foreach (ConditionFact fact in context.Facts.Conditions.Where(static fact => !s_arguments.Contains(fact.Argument, StringComparer.Ordinal)))
        {
            yield return Found(fact.Origin, $"`{fact.Argument}` is no argument");
        }
    }
}

/// <summary>The members of a family of functions have the same events, or a row says why not.</summary>
internal sealed class FamilyAgreesLint : Lint
{
    private static readonly string[] s_endings = ["Ex", "Ex2", "2", "3", "Transacted"];

    public override string Name => "family-agrees";

    public override string Advice => "Map the member too, or say in catalogue/family-differences.csv why it lacks the event";

    public override IEnumerable<Finding> Check(LintContext context)
    {
        HashSet<(string, string, int)> explained =
        [
            .. context.Facts.FamilyDifferences.Select(static fact => (fact.Api, fact.Source, fact.EventId)),
            .. context.Facts.Denied.Select(static fact => (fact.Api, fact.Source, fact.EventId)),
        ];
        ILookup<string, MappingFact> byApi = context.Facts.Mappings
            .Where(static fact => fact.Evidence >= Evidence.Derived)
            .ToLookup(static fact => fact.Api);
        HashSet<(string, string, int)> any = [.. context.Facts.Mappings.Select(static fact => (fact.Api, fact.Source, fact.EventId))];
        foreach (IGrouping<string, MappingFact> member in byApi)
        {
            foreach (string ending in s_endings.Where(ending => byApi.Contains(member.Key + ending)))
            {
                string other = member.Key + ending;
                foreach (MappingFact fact in member)
                {
                    if (!any.Contains((other, fact.Source, fact.EventId)) && !explained.Contains((other, fact.Source, fact.EventId)))
                    {
                        yield return Found(fact.Origin, $"{other} lacks {fact.Source} {fact.EventId}, which {member.Key} has");
                    }
                }
            }
        }
    }
}
