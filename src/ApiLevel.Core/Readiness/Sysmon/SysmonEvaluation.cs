using System;

namespace ApiLevel.Readiness.Sysmon;

/// <summary>Where an event's values come from.</summary>
internal interface ISysmonFields
{
    /// <summary>A value; null where the event has none.</summary>
    /// <param name="place">Where the schema has it: a hint.</param>
    /// <param name="name">As the schema spells it.</param>
    object? Get(int place, string name);
}

/// <summary>One event against one plan. Values are fetched and put into lower case once, when the first filter asks for them.</summary>
internal sealed class SysmonEvaluation
{
    private const int LongestKept = 64 * 1024;

    [ThreadStatic]
    private static SysmonEvaluation? t_idle;

    private SysmonPlan _plan = null!;
    private char[][] _values = [];
    private int[] _lengths = [];
    private State[] _states = [];
    private string? _name;
    private SysmonPlanFilter? _last;
    private string? _doubt;

    private enum State : byte
    {
        NotAsked,
        Present,
        Failed,
    }

    private enum Outcome
    {
        NoMatch,
        Match,
        Failed,
    }

    public static SysmonEvaluation Rent(SysmonPlan plan)
    {
        SysmonEvaluation evaluation = t_idle ?? new SysmonEvaluation();
        t_idle = null;
        evaluation.Reset(plan);
        return evaluation;
    }

    public void Return()
    {
        _last = null;
        _plan = null!;
        t_idle = this;
    }

    public SysmonDecision Decide<TFields>(TFields fields)
        where TFields : struct, ISysmonFields
    {
        SysmonPlanSection[] sections = _plan.Sections;
        foreach (SysmonPlanSection section in sections)
        {
            _last = null;
            if (Ask(section, fields) == Outcome.Match)
            {
                return new SysmonDecision(
                    section.IsInclude,
                    section.IsInclude ? SysmonReason.Include : SysmonReason.Exclude,
                    _plan.RuleNamePlace < 0 ? null : _name,
                    section.Source,
                    _last?.Rule,
                    _last?.Source,
                    _doubt);
            }
        }

        return sections.Length == 1
            ? new SysmonDecision(!sections[0].IsInclude, SysmonReason.NoMatch, null, sections[0].Source, null, null, _doubt)
            : new SysmonDecision(false, SysmonReason.NoMatchOfSeveral, null, null, null, null, _doubt);
    }

    private void Reset(SysmonPlan plan)
    {
        _plan = plan;
        _name = null;
        _last = null;
        _doubt = null;
        int count = plan.Type.Fields.Count;
        if (_states.Length < count)
        {
            int had = _values.Length;
            Array.Resize(ref _values, count);
            Array.Resize(ref _lengths, count);
            _states = new State[count];
            for (int i = had; i < count; i++)
            {
                _values[i] = [];
            }
        }
        else
        {
            Array.Clear(_states, 0, count);
        }
    }

    private Outcome Ask<TFields>(SysmonPlanSection section, TFields fields)
        where TFields : struct, ISysmonFields
    {
        SysmonPlanFilter[] filters = section.Filters;
        if (filters.Length == 0)
        {
            return Outcome.NoMatch;
        }

        // Fields that matched outside of Rule elements; further filters of them are not asked.
        ulong matched = 0;
        for (int i = 0; i < filters.Length;)
        {
            SysmonPlanFilter filter = filters[i];
            Outcome outcome;
            if (filter.Rule is not null)
            {
                outcome = AskRule(filters, ref i, fields);
                if (outcome == Outcome.NoMatch && section.IsAnd)
                {
                    return Outcome.NoMatch;
                }
            }
            else
            {
                i++;
                ulong bit = filter.Field < 64 ? 1UL << filter.Field : 0;
                if (filter.IsUsable && (matched & bit) != 0)
                {
                    continue;
                }

                outcome = Ask(filter, fields);
                if (outcome == Outcome.Match)
                {
                    matched |= bit;
                }
                else if (outcome == Outcome.NoMatch && section.IsAnd && !filter.FieldComesAgain)
                {
                    return Outcome.NoMatch;
                }
            }

            if (outcome == Outcome.Failed || (outcome == Outcome.Match && !section.IsAnd))
            {
                return outcome;
            }
        }

        return section.IsAnd ? Outcome.Match : Outcome.NoMatch;
    }

    private Outcome AskRule<TFields>(SysmonPlanFilter[] filters, ref int i, TFields fields)
        where TFields : struct, ISysmonFields
    {
        SysmonPlanFilter first = filters[i];
        Outcome result = first.RuleIsAnd ? Outcome.Match : Outcome.NoMatch;
        bool isDecided = false;
        for (; i < filters.Length && ReferenceEquals(filters[i].Rule, first.Rule); i++)
        {
            if (isDecided)
            {
                continue;
            }

            Outcome outcome = Ask(filters[i], fields);
            if (outcome == Outcome.Failed || outcome != result)
            {
                result = outcome;
                isDecided = true;
            }
        }

        return result;
    }

    private Outcome Ask<TFields>(SysmonPlanFilter filter, TFields fields)
        where TFields : struct, ISysmonFields
    {
        if (!filter.IsUsable)
        {
            return Outcome.NoMatch;
        }

        int field = filter.Field;
        if (_states[field] == State.NotAsked)
        {
            Fetch(field, fields);
        }

        if (_states[field] == State.Failed)
        {
            return Outcome.Failed;
        }

        ReadOnlySpan<char> value = _values[field].AsSpan(0, _lengths[field]);
        if (filter.Matcher is not { } matcher)
        {
            if (filter.Literals is not { } literals || HoldsAll(value, literals))
            {
                _doubt ??= "the filter on " + filter.Source.Field + At(filter) + " has an environment variable whose value is not known";
            }

            return Outcome.NoMatch;
        }

        if (!matcher.Matches(value))
        {
            return Outcome.NoMatch;
        }

        _name = filter.Name ?? _name;
        _last = filter;
        return Outcome.Match;
    }

    private static bool HoldsAll(ReadOnlySpan<char> value, string[] literals)
    {
        foreach (string literal in literals)
        {
            if (value.IndexOf(literal.AsSpan()) < 0)
            {
                return false;
            }
        }

        return true;
    }

    private static string At(SysmonPlanFilter filter) => filter.Source.Position.Line > 0
        ? string.Format(System.Globalization.CultureInfo.InvariantCulture, " in line {0}", filter.Source.Position.Line)
        : "";

    private void Fetch<TFields>(int field, TFields fields)
        where TFields : struct, ISysmonFields
    {
        SysmonField type = _plan.Type.Fields[field];
        string? text = field == _plan.RuleNamePlace ? SysmonText.Missing : SysmonText.From(fields.Get(field, type.Name), type.Type);
        if (text is null)
        {
            _doubt ??= "the event has no field " + type.Name + ", which the rules ask for";
            if (type.Type != "UnicodeString")
            {
                // Sysmon fills a missing text; anything else missing is an error that ends the section without a match.
                _states[field] = State.Failed;
                return;
            }

            text = SysmonText.Missing;
        }

        char[] buffer = _values[field];
        if (buffer.Length < text.Length || (buffer.Length > LongestKept && text.Length <= LongestKept))
        {
            _values[field] = buffer = new char[Math.Max(text.Length, 64)];
        }

        for (int i = 0; i < text.Length; i++)
        {
            buffer[i] = SysmonText.Lower(text[i]);
        }

        _lengths[field] = text.Length;
        _states[field] = State.Present;
    }
}
