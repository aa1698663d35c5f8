using System;
using System.Collections.Generic;
using System.Linq;
using ApiLevel.Chains;
using ApiLevel.Facts;
using ApiLevel.Verdicts;

namespace ApiLevel.Answers;

/// <summary>One API and one event that it leads to.</summary>
/// <param name="Api">The API.</param>
/// <param name="Event">The event and the way there.</param>
public sealed record MappingAnswer(ApiEntry Api, ReachedEvent Event);

/// <summary>Answers questions about mappings. A chain is walked once for each API. Not safe for several threads.</summary>
public sealed class MappingQuery
{
    private readonly MappingStore _store;
    private readonly MappingFilter _filter;
    private readonly ApiJudge _judge;
    private readonly ReleaseTable _releases;

    /// <summary>Prepares answers.</summary>
    /// <param name="judge">Judges APIs and remembers their events.</param>
    /// <param name="filter">What is asked for; null for everything.</param>
    public MappingQuery(ApiJudge judge, MappingFilter? filter = null)
    {
        _judge = judge ?? throw new ArgumentNullException(nameof(judge));
        _store = judge.Store;
        _filter = filter ?? new MappingFilter();
        _releases = new ReleaseTable(_store);
    }

    /// <summary>The events of one API that pass the filter, the most useful to a defender first.</summary>
    /// <param name="api">The API.</param>
    public IEnumerable<MappingAnswer> OfApi(ApiEntry api)
    {
        List<ReachedEvent>? events = null;
        foreach (ReachedEvent reached in _filter.OwnOnly ? _store.EventsOf(api, lowerCalls: false) : _judge.Judge(api).All)
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

        events.Sort(_judge.Compare);
        foreach (ReachedEvent reached in events)
        {
            yield return new MappingAnswer(api, reached);
        }
    }

    /// <summary>Every API that leads to an event which passes the filter: those with a mapping of their own, then those above them.</summary>
    public IEnumerable<MappingAnswer> OfEvents()
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
                foreach (MappingAnswer answer in OfEvent(source, e.Id)
                    .OrderBy(answer => answer.Event.Path.Count == 0 ? 0 : 1)
                    .ThenBy(answer => answer.Api.Module, StringComparer.Ordinal))
                {
                    yield return answer;
                }
            }
        }
    }

    private IEnumerable<MappingAnswer> OfEvent(SourceEntry source, int eventId)
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

            ReachedEvent reached = ReachedEvent.Own(mapping);
            if (Passes(reached))
            {
                yield return new MappingAnswer(api, reached);
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
                foreach (ReachedEvent reached in _judge.Judge(caller).All)
                {
                    if (reached.Mapping.EventId == eventId && reached.Mapping.Source.Row == source.Row && Passes(reached))
                    {
                        yield return new MappingAnswer(caller, reached);
                    }
                }
            }
        }
    }

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
}
