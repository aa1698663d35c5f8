using System.Collections.Generic;
using ApiLevel.Formats.Configuration.Sysmon;

namespace ApiLevel.Readiness.Sysmon;

/// <summary>A filter made ready for the events of one id.</summary>
internal sealed class SysmonPlanFilter
{
    /// <summary>The field's place in the event that the section was written for.</summary>
    public int Field { get; init; }

    /// <summary>What it compares; null where an environment variable has no known value.</summary>
    public SysmonMatcher? Matcher { get; init; }

    /// <summary>
    /// Where <see cref="Matcher"/> is null: the literal parts around the variables, in lower case, all of which a match needs; null for a
    /// condition of which nothing is known.
    /// </summary>
    public string[]? Literals { get; init; }

    /// <summary>The name that a match leaves for RuleName; null for none.</summary>
    public string? Name { get; init; }

    /// <summary>The Rule element that it stands in; null for none.</summary>
    public SysmonRule? Rule { get; init; }

    public bool RuleIsAnd { get; init; }

    public required SysmonFilter Source { get; init; }

    /// <summary>Whether a later filter outside of Rule elements asks the same field: in an "and" section those are alternatives.</summary>
    public bool FieldComesAgain { get; set; }

    /// <summary>Whether the event has this field at this place; a tag that several events share may name fields that one of them lacks.</summary>
    public bool IsUsable { get; init; }

    public SysmonPlanFilter For(SysmonEventType from, SysmonEventType to) => new()
    {
        Field = Field,
        Matcher = Matcher,
        Literals = Literals,
        Name = Name,
        Rule = Rule,
        RuleIsAnd = RuleIsAnd,
        Source = Source,
        FieldComesAgain = FieldComesAgain,
        IsUsable = Field < to.Fields.Count && to.Fields[Field].Name == from.Fields[Field].Name,
    };
}

/// <summary>A section made ready for the events of one id.</summary>
internal sealed class SysmonPlanSection
{
    public required SysmonEventSection Source { get; init; }

    public bool IsInclude { get; init; }

    public bool IsAnd { get; init; }

    public required SysmonPlanFilter[] Filters { get; init; }

    public string Describe() => (IsInclude ? "include" : "exclude") + (Source.Position.Line > 0
        ? string.Format(System.Globalization.CultureInfo.InvariantCulture, " (line {0})", Source.Position.Line)
        : "");

    /// <summary>Whether some event could match.</summary>
    public bool CanMatch()
    {
        if (Filters.Length == 0)
        {
            return false;
        }

        // Of an "and" section each field and each rule must be possible, of an "or" section one.
        HashSet<int> open = [];
        HashSet<int> possible = [];
        for (int i = 0; i < Filters.Length;)
        {
            SysmonPlanFilter filter = Filters[i];
            if (filter.Rule is not null)
            {
                bool all = true;
                bool any = false;
                for (; i < Filters.Length && ReferenceEquals(Filters[i].Rule, filter.Rule); i++)
                {
                    all &= Filters[i].IsUsable;
                    any |= Filters[i].IsUsable;
                }

                bool can = filter.RuleIsAnd ? all : any;
                if (can != IsAnd)
                {
                    return can;
                }

                continue;
            }

            if (filter.IsUsable && !IsAnd)
            {
                return true;
            }

            (filter.IsUsable ? possible : open).Add(filter.Field);
            i++;
        }

        open.ExceptWith(possible);
        return IsAnd && open.Count == 0;
    }
}

/// <summary>What decides about the events of one id.</summary>
internal sealed class SysmonPlan
{
    public required SysmonEventType Type { get; init; }

    /// <summary>In the order in which the engine asks them.</summary>
    public required SysmonPlanSection[] Sections { get; init; }

    /// <summary>The place of the event's own RuleName, which is empty while the rules run; -1 where it has none.</summary>
    public int RuleNamePlace { get; init; }
}
