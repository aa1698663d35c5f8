using System;
using System.Collections.Generic;
using System.Linq;
using ApiLevel.Chains;
using ApiLevel.Facts;

namespace ApiLevel.Verdicts;

/// <summary>A verdict with what it rests on.</summary>
/// <param name="Verdict">The verdict.</param>
/// <param name="Events">The events it rests on, best first; empty without one.</param>
/// <param name="All">All events that the API leads to, whatever their evidence and source, in the order of the walk.</param>
/// <param name="Reason">Why, with the version of the facts.</param>
public sealed record ApiJudgement(Verdict Verdict, IReadOnlyList<ReachedEvent> Events, IReadOnlyList<ReachedEvent> All, string Reason)
{
    /// <summary>The judgement on something that could not be read: what it calls is not known.</summary>
    /// <param name="reason">Why.</param>
    public static ApiJudgement Gap(string reason) => new(Verdict.Unknown, [], [], reason);
}

/// <summary>Judges APIs by the facts: one judgement an API, kept for the next time it is asked. Not safe for several threads.</summary>
public sealed class ApiJudge
{
    private readonly MappingStore _store;
    private readonly Evidence _minimum;
    private readonly Func<SourceEntry, bool>? _sources;
    private readonly Func<SourceEntry, int, bool?>? _isOn;
    private readonly Dictionary<int, ApiJudgement> _known = [];
    private ApiJudgement? _unknownName;

    /// <summary>Prepares judgements.</summary>
    /// <param name="store">The facts.</param>
    /// <param name="minimum">The weakest evidence that counts.</param>
    /// <param name="sources">Which sources are collected; null for all.</param>
    /// <param name="isOn">
    /// Whether a machine writes an event, or not, or null where that is not known; null to judge without a machine. With one, Recorded means
    /// that this machine writes an event.
    /// </param>
    public ApiJudge(
        MappingStore store,
        Evidence minimum = Evidence.Derived,
        Func<SourceEntry, bool>? sources = null,
        Func<SourceEntry, int, bool?>? isOn = null)
    {
        _isOn = isOn;
        _store = store;
        _minimum = minimum;
        _sources = sources;
    }

    /// <summary>The facts.</summary>
    public MappingStore Store => _store;

    /// <summary>Whether verdicts are about a machine.</summary>
    public bool KnowsMachine => _isOn is not null;

    /// <summary>The order of events: those that the machine writes first, then the more useful.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public int Compare(ReachedEvent left, ReachedEvent right)
    {
        bool isOn = IsOn(left) == true;
        int order = (IsOn(right) == true).CompareTo(isOn);
        return order != 0 ? order : isOn ? EventRanking.CompareRecorded(left, right) : EventRanking.Compare(left, right);
    }

    /// <summary>The verdict of one event of an API: Recorded where the machine writes it; the API's own where no machine is known.</summary>
    /// <param name="api">The API.</param>
    /// <param name="reached">One of its events.</param>
    public Verdict VerdictOf(ApiEntry api, ReachedEvent reached)
    {
        Verdict verdict = Judge(api).Verdict;
        return verdict == Verdict.Recorded && IsOn(reached) != true ? Verdict.Recordable : verdict;
    }

    /// <summary>Judges an API of the store.</summary>
    /// <param name="api">The API.</param>
    public ApiJudgement Judge(ApiEntry api)
    {
        if (!_known.TryGetValue(api.Row, out ApiJudgement? judgement))
        {
            judgement = Decide(api);
            _known.Add(api.Row, judgement);
        }

        return judgement;
    }

    /// <summary>The judgement on a name that the store does not have.</summary>
    public ApiJudgement JudgeUnknownName() => _unknownName ??= new(Verdict.Untracked, [], [], WithVersion("not in the catalogue"));

    private ApiJudgement Decide(ApiEntry api)
    {
        IReadOnlyList<ReachedEvent> all = _store.EventsOf(api);
        var counted = new List<ReachedEvent>();
        var weak = new List<ReachedEvent>();
        var elsewhere = new List<ReachedEvent>();
        foreach (ReachedEvent reached in all)
        {
            if (_sources is { } collected && !collected(reached.Mapping.Source))
            {
                elsewhere.Add(reached);
            }
            else
            {
                (reached.Evidence < _minimum ? weak : counted).Add(reached);
            }
        }

        if (counted.Count > 0)
        {
            counted.Sort(Compare);
            ReachedEvent best = counted[0];
            bool? isOn = IsOn(best);
            string machine = isOn == true ? "it is on"
                : _isOn is null ? "whether it is on was not checked"
                : counted.Exists(reached => IsOn(reached) is null) ? "that it is on is not known"
                : "it is off";
            string how = best.Via.Length > 0 ? " via " + best.Via : "";
            string when = best.Condition.Length > 0 ? " when " + best.Condition : "";
            return new ApiJudgement(
                isOn == true ? Verdict.Recorded : Verdict.Recordable,
                counted,
                all,
                WithVersion($"{best.Label} ({best.Evidence}){how}{when}; {machine}"));
        }

        if (weak.Count > 0)
        {
            weak.Sort(EventRanking.Compare);
            return new ApiJudgement(Verdict.Unknown, [], all, WithVersion($"only evidence below {_minimum}: {Labels(weak)}"));
        }

        if (elsewhere.Count > 0)
        {
            return new ApiJudgement(
                Verdict.Unknown, [], all, WithVersion("no event of these sources is known; the sources left out have " + Labels(elsewhere)));
        }

        return Undecided(api, all);
    }

    /// <summary>The judgement where no event is known: only a fact of its own makes a call Invisible.</summary>
    private ApiJudgement Undecided(ApiEntry api, IReadOnlyList<ReachedEvent> all)
    {
        if (_store.InvisibleOf(api) is { } invisible)
        {
            string basis = $"{invisible.Reason.TrimEnd('.')}; searched: {invisible.Searched} ({invisible.Evidence}: {string.Join("; ", ListText.Split(invisible.Reference))})";
            return invisible.Evidence >= _minimum
                ? new ApiJudgement(Verdict.Invisible, [], all, WithVersion(basis))
                : new ApiJudgement(Verdict.Unknown, [], all, WithVersion($"only evidence below {_minimum} that it writes no event: {basis}"));
        }

        if (_store.UnsettledOf(api) is { } unsettled)
        {
            return new ApiJudgement(
                Verdict.Unknown, [], all, WithVersion($"{unsettled.Reason.TrimEnd('.')}; what would settle it: {unsettled.SettledBy.TrimEnd('.')}"));
        }

        return _store.IsJudged(api)
            ? new ApiJudgement(Verdict.Unknown, [], all, WithVersion("its calls were followed and no event is known; nobody judged that it writes none"))
            : new ApiJudgement(Verdict.Untracked, [], all, WithVersion("only the name is in the catalogue"));
    }

    private bool? IsOn(ReachedEvent reached) => _isOn?.Invoke(reached.Mapping.Source, reached.Mapping.EventId);

    private string WithVersion(string reason) => reason + "; facts " + _store.DataVersion;

    private static string Labels(IEnumerable<ReachedEvent> events) =>
        string.Join(", ", events.Select(reached => reached.Label + " (" + reached.Evidence + ")").Distinct().Take(5));
}
