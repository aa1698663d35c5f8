using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using ApiLevel.Coverage;
using ApiLevel.Chains;
using ApiLevel.Facts;
using ApiLevel.Names;
using ApiLevel.Verdicts;

namespace ApiLevel.Answers;

/// <summary>What a question for mappings asks for; every condition that is null lets everything through.</summary>
public sealed class MappingFilter
{
    /// <summary>Decides on the event's source.</summary>
    public Func<SourceEntry, bool>? Source { get; init; }

    /// <summary>The event ids.</summary>
    public IReadOnlyCollection<int>? EventIds { get; init; }

    /// <summary>The relations.</summary>
    public IReadOnlyCollection<Relation>? Relations { get; init; }

    /// <summary>The weakest evidence that is still listed.</summary>
    public Evidence MinimumEvidence { get; init; } = Evidence.Disputed;

    /// <summary>Leave out what only calls below the API lead to.</summary>
    public bool OwnOnly { get; init; }

    /// <summary>The Windows build; an event that came later is left out. Null for the newest.</summary>
    public int? WindowsBuild { get; init; }

    /// <summary>The Sysmon schema; an event that came later is left out. Null for the newest.</summary>
    public Version? SysmonVersion { get; init; }

    /// <summary>True when the filter asks for particular events, not only for particular APIs.</summary>
    public bool NamesEvents => Source is not null || EventIds is not null;
}

/// <summary>Answers questions about mappings with the objects that are written. Not safe for several threads.</summary>
public sealed class MappingQuery
{
    private readonly MappingStore _store;
    private readonly MappingFilter _filter;
    private readonly RequirementText _requirements;
    private readonly ApiJudge _judge;
    private readonly ReleaseTable _releases;

    /// <summary>Prepares answers.</summary>
    /// <param name="store">The facts.</param>
    /// <param name="filter">What is asked for; null for everything.</param>
    public MappingQuery(MappingStore store, MappingFilter? filter = null)
    {
        _store = store;
        _filter = filter ?? new MappingFilter();
        _requirements = new RequirementText(store);
        _judge = new ApiJudge(store);
        _releases = new ReleaseTable(store);
    }

    /// <summary>The events of one API that pass the filter, the most useful to a defender first.</summary>
    /// <param name="api">The API.</param>
    public IEnumerable<ApiEventMapping> OfApi(ApiEntry api)
    {
        List<ReachedEvent>? events = null;
        foreach (ReachedEvent reached in _store.EventsOf(api, !_filter.OwnOnly))
        {
            if (Passes(reached))
            {
                (events ??= []).Add(reached);
            }
        }

        if (events is null)
        {
            yield break;
        }

        events.Sort(EventRanking.Compare);
        string verdict = _judge.Judge(api).Verdict.ToString();
        foreach (ReachedEvent reached in events)
        {
            yield return Describe(api, reached, verdict);
        }
    }

    /// <summary>The row that says that no event is known for an API.</summary>
    /// <param name="api">The API.</param>
    public ApiEventMapping NoneOfApi(ApiEntry api)
    {
        ApiEntry lower = _store.NearestLowerCallWithEvent(api);
        string verdict = _judge.Judge(api).Verdict.ToString();
        return new ApiEventMapping
        {
            Api = api.Name,
            Module = api.Module,
            Relation = nameof(Relation.None),
            Via = lower.ToString(),
            Condition = _filter.OwnOnly && _store.EventsOf(api).Count > 0 ? "no event of its own" : "no event known",
            Verdict = verdict,
            Level = "none",
            Column = "none",
            Technique = Techniques(api),
            Category = Categories(api),
            Reference = string.Join("; ", api.References),
        };
    }

    /// <summary>The row for a name that the catalogue does not have, of a file that imports it for instance.</summary>
    /// <param name="name">The name with its module.</param>
    public ApiEventMapping NoneOfName(ApiName name) => new()
    {
        Api = name.Name,
        Module = name.Module,
        Relation = nameof(Relation.None),
        Condition = "not in the catalogue",
        Verdict = _judge.JudgeUnknownName().Verdict.ToString(),
        Level = "none",
        Column = "none",
    };

    /// <summary>Every API that leads to an event which passes the filter: those with a mapping of their own, then those above them.</summary>
    public IEnumerable<ApiEventMapping> OfEvents()
    {
        foreach (SourceEntry source in _store.Sources)
        {
            if (_filter.Source is { } matches && !matches(source))
            {
                continue;
            }

            int last = -1;
            foreach (EventEntry e in _store.Events(source))
            {
                if (e.Id == last || (_filter.EventIds is { } ids && !ids.Contains(e.Id)))
                {
                    continue;
                }

                last = e.Id;
                // One event's rows by module, as the tables group them; those with a mapping of their own come before those above them.
                foreach (ApiEventMapping row in OfEvent(source, e.Id)
                    .OrderBy(row => row.Own ? 0 : 1)
                    .ThenBy(row => row.Mapping.Module, StringComparer.Ordinal)
                    .Select(row => row.Mapping))
                {
                    yield return row;
                }
            }
        }
    }

    private IEnumerable<(ApiEventMapping Mapping, bool Own)> OfEvent(SourceEntry source, int eventId)
    {
        var queue = new List<ApiEntry>();
        var seen = new HashSet<ApiEntry>();
        foreach (MappingEntry mapping in _store.MappingsOf(source, eventId))
        {
            ApiEntry api = mapping.Api;
            if (seen.Add(api))
            {
                queue.Add(api);
            }

            var reached = new ReachedEvent(mapping, [], mapping.Evidence, mapping.Condition);
            if (Passes(reached))
            {
                yield return (Describe(api, reached, _judge.Judge(api).Verdict.ToString()), true);
            }
        }

        if (_filter.OwnOnly)
        {
            yield break;
        }

        // Upwards: whoever calls one of them leads there too, at the evidence of the weakest step.
        for (int i = 0; i < queue.Count; i++)
        {
            foreach (CallEntry call in _store.CallsTo(queue[i]))
            {
                ApiEntry caller = call.Caller;
                if (!call.IsCall || !call.IsPrimary || !seen.Add(caller))
                {
                    continue;
                }

                queue.Add(caller);
                foreach (ReachedEvent reached in _store.EventsOf(caller))
                {
                    if (reached.Mapping.EventId == eventId && reached.Mapping.Source.Row == source.Row && Passes(reached))
                    {
                        yield return (Describe(caller, reached, _judge.Judge(caller).Verdict.ToString()), false);
                    }
                }
            }
        }
    }

    /// <summary>The row of a mapping as it stands, without a filter.</summary>
    /// <param name="mapping">The mapping.</param>
    public ApiEventMapping Describe(MappingEntry mapping) => Describe(
        mapping.Api,
        new ReachedEvent(mapping, [], mapping.Evidence, mapping.Condition),
        _judge.Judge(mapping.Api).Verdict.ToString());

    private bool Passes(ReachedEvent reached)
    {
        if (reached.Evidence < _filter.MinimumEvidence ||
            (_filter.EventIds is { } ids && !ids.Contains(reached.Mapping.EventId)) ||
            (_filter.Relations is { } relations && !relations.Contains(reached.Relation)) ||
            (_filter.Source is { } source && !source(reached.Mapping.Source)))
        {
            return false;
        }

        return (_filter.WindowsBuild is null && _filter.SysmonVersion is null) || Exists(reached.Mapping);
    }

    /// <summary>Whether the asked build or schema already has the event: its oldest version counts.</summary>
    private bool Exists(MappingEntry mapping)
    {
        bool any = false;
        foreach (EventEntry version in _store.EventVersions(mapping.Source, mapping.EventId))
        {
            any = true;
            if (_releases.Has(version.FirstBuild, _filter.WindowsBuild, _filter.SysmonVersion))
            {
                return true;
            }
        }

        return !any;
    }

    private ApiEventMapping Describe(ApiEntry api, ReachedEvent reached, string verdict)
    {
        MappingEntry mapping = reached.Mapping;
        EventEntry e = mapping.Event;
        string reference = string.Join("; ", mapping.References);
        return new ApiEventMapping
        {
            Api = api.Name,
            Module = api.Module,
            Source = mapping.Source.Name,
            EventId = mapping.EventId,
            EventName = e.IsKnown ? e.Name : "",
            Relation = reached.Relation.ToString(),
            Via = reached.Via,
            Condition = reached.Condition,
            Requirement = _requirements.Describe(e),
            Emitter = mapping.Emitter,
            Delivery = RequirementText.Delivery(mapping.Source, e),
            Verdict = verdict,
            Level = Placement.Level(e),
            Column = Placement.Column(e),
            Car = e.IsKnown ? e.Car : "",
            Technique = Techniques(api),
            Category = Categories(api),
            MinimumBuild = FirstBuild(mapping),
            Evidence = reached.Evidence.ToString(),
            Reference = mapping.Overlay is { } overlay ? overlay + "; " + reference : reference,
        };
    }

    private string FirstBuild(MappingEntry mapping)
    {
        string first = "";
        foreach (EventEntry version in _store.EventVersions(mapping.Source, mapping.EventId))
        {
            if (version.FirstBuild.Length > 0 && (first.Length == 0 || _releases.Compare(version.FirstBuild, first) < 0))
            {
                first = version.FirstBuild;
            }
        }

        return first;
    }

    private string Techniques(ApiEntry api) => string.Join("; ", _store.TechniquesOf(api).Select(entry => entry.Technique).Distinct());

    private string Categories(ApiEntry api) => string.Join("; ", _store.CategoriesOf(api));
}

/// <summary>Where Summiting the Pyramid places an event.</summary>
internal static class Placement
{
    private const string Unplaced = "none";

    /// <summary>The draft's level without the draft's version.</summary>
    public static string Level(EventEntry e) => e.IsKnown ? Values(e.DraftLevels) : Unplaced;

    /// <summary>The published columns, newest first.</summary>
    public static string Column(EventEntry e) => e.IsKnown ? Values(e.Columns) : Unplaced;

    private static string Values(IReadOnlyList<string> placed)
    {
        var values = new List<string>();
        foreach (string item in placed)
        {
            int at = item.IndexOf('@');
            string value = at < 0 ? item : item.Substring(0, at);
            if (!values.Contains(value))
            {
                values.Add(value);
            }
        }

        return values.Count == 0 ? Unplaced : string.Join("; ", values);
    }
}

/// <summary>Orders Windows releases and Sysmon schemas as the events name them.</summary>
internal sealed class ReleaseTable
{
    private readonly Dictionary<string, int> _builds = new(StringComparer.OrdinalIgnoreCase);

    public ReleaseTable(MappingStore store)
    {
        foreach (string item in ListText.Split(store.Property("WindowsBuilds")))
        {
            int equals = item.IndexOf('=');
            if (equals > 0 && int.TryParse(item.Substring(equals + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int build))
            {
                _builds[item.Substring(0, equals)] = build;
            }
        }
    }

    /// <summary>The releases by name with their build numbers.</summary>
    public IReadOnlyDictionary<string, int> Builds => _builds;

    /// <summary>Whether a build or schema has what first came with a release. What has no first release known is taken as there.</summary>
    public bool Has(string first, int? windowsBuild, Version? sysmon)
    {
        if (TryGetSchema(first, out Version? schema))
        {
            return sysmon is null || schema <= sysmon;
        }

        return windowsBuild is null || !_builds.TryGetValue(first, out int build) || build <= windowsBuild;
    }

    /// <summary>Older first.</summary>
    public int Compare(string left, string right)
    {
        if (TryGetSchema(left, out Version? a) && TryGetSchema(right, out Version? b))
        {
            return a.CompareTo(b);
        }

        _builds.TryGetValue(left, out int first);
        _builds.TryGetValue(right, out int second);
        return first.CompareTo(second);
    }

    private static bool TryGetSchema(string text, out Version schema)
    {
        schema = null!;
        return text.StartsWith("schema ", StringComparison.Ordinal) && Version.TryParse(text.Substring(7), out schema!);
    }
}
