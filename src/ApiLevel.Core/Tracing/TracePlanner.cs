using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using ApiLevel.Answers;
using ApiLevel.Chains;
using ApiLevel.Coverage;
using ApiLevel.Facts;
using ApiLevel.Formats;
using ApiLevel.Names;
using ApiLevel.Verdicts;

namespace ApiLevel.Tracing;

/// <summary>
/// Chooses providers, keywords, event ids and filters for APIs, and says beforehand what cannot be delivered, why, and what to do
/// instead. It asks the facts only, so it answers the same on every system.
/// </summary>
public sealed class TracePlanner
{
    private const string RuntimeProvider = "Microsoft-Windows-DotNETRuntime";
    private const int StubEvent = 88;
    private const int EntryPointEvent = 159;
    private const int CompiledEvent = 143;

    private readonly MappingStore _store;
    private readonly RequirementText _requirements;

    /// <summary>Prepares plans.</summary>
    /// <param name="store">The facts.</param>
    public TracePlanner(MappingStore store)
    {
        _store = store;
        _requirements = new RequirementText(store);
    }

    /// <summary>Makes a plan.</summary>
    /// <param name="question">What is wanted.</param>
    public TracePlan Plan(TraceQuestion question) =>
        question.Kind == TraceKind.EventPipe ? PlanEventPipe(question) : PlanEtw(question);

    private static string Hex(ulong value) => "0x" + value.ToString("X", CultureInfo.InvariantCulture);

    private static bool TryReadMask(string text, out ulong mask)
    {
        mask = 0;
        return text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            && ulong.TryParse(text.Substring(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out mask)
            && mask != 0;
    }

    private static string ReadChannel(string channel, int? id) =>
        "Get-WinEvent -FilterHashtable @{LogName='" + channel + "'"
        + (id is { } value ? "; Id=" + value.ToString(CultureInfo.InvariantCulture) : "") + "} | Resolve-ApiEvent";

    private static string Join(params string[] parts) => string.Join("; ", parts.Where(static part => part.Length > 0));

    private static string FilterOf(TraceQuestion question, int? id)
    {
        List<string> parts = [];
        if (id is { } value)
        {
            parts.Add("event id " + value.ToString(CultureInfo.InvariantCulture));
        }

        if (question.ProcessIds.Count > 0)
        {
            parts.Add("process id " + string.Join(", ", question.ProcessIds));
        }

        if (question.ProcessNames.Count > 0)
        {
            parts.Add("process name " + string.Join(", ", question.ProcessNames));
        }

        return string.Join("; ", parts);
    }

    private TracePlan PlanEtw(TraceQuestion question)
    {
        List<ApiTracePlan> rows = [];
        Dictionary<string, ProviderPlan> providers = new(StringComparer.OrdinalIgnoreCase);
        foreach (ApiEntry api in question.Apis)
        {
            AddApi(question, api, rows, providers);
        }

        foreach (string name in question.Providers)
        {
            AddProvider(question, name, rows, providers);
        }

        return new TracePlan(TraceKind.Etw, rows, [.. providers.Values.Select(static plan => plan.ToRequest())], [], null);
    }

    private void AddApi(
        TraceQuestion question, ApiEntry api, List<ApiTracePlan> rows, Dictionary<string, ProviderPlan> providers)
    {
        ReachedEvent[] events =
        [
            .. _store.EventsOf(api)
                .Where(reached => reached.Evidence >= question.MinimumEvidence
                    && (question.EventIds.Count == 0 || question.EventIds.Contains(reached.Mapping.EventId)))
                .OrderBy(static reached => reached, Comparer<ReachedEvent>.Create(Compare)),
        ];
        if (events.Length == 0)
        {
            rows.Add(new ApiTracePlan
            {
                Api = api.Name,
                Module = api.Module,
                Alternative = api.Layer == ApiLayer.Managed ? "trace a .NET process: -Kind EventPipe -ProcessId" : "",
                Reason = question.EventIds.Count > 0 ? "none of its events has one of these ids" : "no event is known for it",
            });
            return;
        }

        foreach (ReachedEvent reached in events)
        {
            MappingEntry mapping = reached.Mapping;
            ApiTracePlan row = Describe(question, api, reached, events);
            rows.Add(row);
            if (row.Deliverable)
            {
                Provider(providers, mapping.Source).Add(mapping.EventId, mapping.Event);
            }
        }
    }

    private static int Compare(ReachedEvent left, ReachedEvent right)
    {
        int order = Rank(left).CompareTo(Rank(right));
        return order != 0 ? order : EventRanking.Compare(left, right);
    }

    // What a session receives first; then what lies in a log; then what only a protected process gets.
    private static int Rank(ReachedEvent reached)
    {
        Delivery delivery = reached.Mapping.Delivery;
        return delivery.IsProtected ? 3 : !delivery.BySession ? 2 : delivery.Log.Length == 0 ? 0 : 1;
    }

    private ApiTracePlan Describe(TraceQuestion question, ApiEntry api, ReachedEvent reached, ReachedEvent[] all)
    {
        MappingEntry mapping = reached.Mapping;
        EventEntry e = mapping.Event;
        string keyword = e.IsKnown && TryReadMask(e.KeywordMask, out ulong mask) ? Hex(mask) : "";
        string why = reached.Path.Count > 0 ? "through " + reached.Via : "";
        string condition = reached.Condition.Length > 0 ? "when: " + reached.Condition : "";
        Delivered delivered = Deliver(question, mapping.Source, mapping.Delivery, mapping.EventId);
        return new ApiTracePlan
        {
            Api = api.Name,
            Module = api.Module,
            Source = mapping.Source.Name,
            EventId = mapping.EventId,
            Deliverable = delivered.Deliverable,
            Session = delivered.Session,
            ProviderGuid = mapping.Source.Fact.Guid,
            Keyword = keyword,
            Filter = FilterOf(question, mapping.EventId),
            Requirement = Join(mapping.Source.Fact.Privileges, _requirements.Describe(e)),
            Alternative = delivered.Alternative.Length > 0 ? delivered.Alternative : delivered.Deliverable ? "" : Instead(all),
            Reason = Join(delivered.Reason, why, condition),
        };
    }

    private static Delivered Deliver(TraceQuestion question, SourceEntry source, Delivery delivery, int? id)
    {
        string read = delivery.Log.Length > 0 ? ReadChannel(delivery.Log, id) : "";
        if (delivery.IsProtected)
        {
            return new Delivered(false, "", "", "PPL only: protected antimalware processes get it, this session would be refused");
        }

        if (delivery.SystemOnly)
        {
            return new Delivered(
                false,
                "EventLog-Security",
                ReadChannel(delivery.Log, id),
                "in the event log " + delivery.Log + "; live it goes to the session EventLog-Security alone, which only SYSTEM may read");
        }

        return delivery.BySession
            ? new Delivered(
                true,
                question.SessionName,
                read,
                source.Fact.DefaultState == "not-installed"
                    ? "a session receives it where " + source.Name + " is installed and configured for it"
                    : "a session receives it")
            : new Delivered(false, "", read, "it is written to the event log channel " + delivery.Log + " only");
    }

    // The other events of the same API, for one that is not delivered.
    private static string Instead(ReachedEvent[] all)
    {
        foreach (ReachedEvent other in all)
        {
            MappingEntry mapping = other.Mapping;
            if (!mapping.Delivery.IsProtected)
            {
                string label = EventLabel.Of(mapping.Source.Name, mapping.EventId);
                string channel = mapping.Delivery.Log;
                return channel.Length > 0 ? label + ": " + ReadChannel(channel, mapping.EventId) : label + " in the same session";
            }
        }

        return "read a recording that such a process made (Get-ApiTelemetryEvent -Path), or trace the calls that come before it, "
            + "such as the one that opens its target";
    }

    private void AddProvider(
        TraceQuestion question, string name, List<ApiTracePlan> rows, Dictionary<string, ProviderPlan> providers)
    {
        SourceEntry? source = _store.FindSource(name);
        int?[] ids = question.EventIds.Count == 0 ? [null] : [.. question.EventIds.Select(static id => (int?)id)];
        foreach (int? id in ids)
        {
            if (source is null)
            {
                rows.Add(new ApiTracePlan
                {
                    Source = name,
                    EventId = id,
                    Deliverable = true,
                    Session = question.SessionName,
                    ProviderGuid = Guid.TryParse(name, out Guid given) ? given.ToString("D") : "",
                    Filter = FilterOf(question, id),
                    Requirement = "administrator or member of Performance Log Users",
                    Reason = "not in the catalogue; its name is looked up on the machine before the start",
                });
            }
            else
            {
                EventEntry e = id is { } value ? _store.FindEvent(source, value) : default;
                Delivered delivered = Deliver(question, source, _store.DeliveryOf(source, id ?? -1), id);
                rows.Add(new ApiTracePlan
                {
                    Source = source.Name,
                    EventId = id,
                    Deliverable = delivered.Deliverable,
                    Session = delivered.Session,
                    ProviderGuid = source.Fact.Guid,
                    Keyword = e.IsKnown && TryReadMask(e.KeywordMask, out ulong mask) ? Hex(mask) : "",
                    Filter = FilterOf(question, id),
                    Requirement = Join(source.Fact.Privileges, _requirements.Describe(e)),
                    Alternative = delivered.Alternative,
                    Reason = delivered.Reason,
                });
            }

            if (rows[rows.Count - 1].Deliverable)
            {
                ProviderPlan plan = source is null ? Provider(providers, name, null) : Provider(providers, source);
                if (id is { } wanted)
                {
                    plan.Add(wanted, source is null ? default : _store.FindEvent(source, wanted));
                }
                else
                {
                    plan.AddAll();
                }
            }
        }
    }

    private static ProviderPlan Provider(Dictionary<string, ProviderPlan> providers, SourceEntry source) =>
        Provider(providers, source.Provider, source.ProviderId);

    private static ProviderPlan Provider(Dictionary<string, ProviderPlan> providers, string name, Guid? id)
    {
        if (!providers.TryGetValue(name, out ProviderPlan? plan))
        {
            plan = new ProviderPlan(name, id);
            providers.Add(name, plan);
        }

        return plan;
    }

    private TracePlan PlanEventPipe(TraceQuestion question)
    {
        List<ApiTracePlan> rows = [];
        HashSet<string> members = new(StringComparer.Ordinal);
        HashSet<ApiEntry> wanted = [.. question.Apis];
        foreach (ApiEntry api in question.Apis)
        {
            bool isManaged = api.Layer == ApiLayer.Managed;
            if (api.Layer is ApiLayer.Kernel or ApiLayer.RpcMethod or ApiLayer.ComMethod or ApiLayer.ServiceInternal)
            {
                rows.Add(new ApiTracePlan
                {
                    Api = api.Name,
                    Module = api.Module,
                    Reason = "a .NET program cannot bind to it by name",
                    Alternative = "-Kind Etw",
                });
                continue;
            }

            rows.Add(EventPipeRow(question, api, isManaged ? EntryPointEvent : StubEvent));
            if (isManaged)
            {
                members.Add(api.Name);
                continue;
            }

            foreach (ApiEntry caller in _store.CallsTo(api).Select(static call => call.Caller).Where(
                caller => caller.Layer == ApiLayer.Managed && wanted.Add(caller)))
            {
                members.Add(caller.Name);
                rows.Add(EventPipeRow(question, caller, EntryPointEvent));
            }
        }

        foreach (string name in question.Providers)
        {
            rows.Add(new ApiTracePlan
            {
                Source = name,
                EventId = question.EventIds.Count == 1 ? question.EventIds[0] : null,
                Deliverable = true,
                Session = "event pipe",
                Filter = FilterOf(question, null),
                Requirement = "a .NET process of the same user",
                Reason = "delivered where the process has an event source of this name",
            });
        }

        if (question.Apis.Count == 0 && question.Providers.Count == 0)
        {
            rows.Add(new ApiTracePlan
            {
                Source = RuntimeProvider,
                EventId = StubEvent,
                Deliverable = true,
                Session = "event pipe",
                ProviderGuid = RuntimeProviderId(),
                Keyword = Hex(0x2000),
                Filter = FilterOf(question, StubEvent),
                Requirement = "a .NET process of the same user",
                Reason = "every native function at its first call after the attach; calls are not counted",
            });
        }

        TraceProviderRequest[] providers =
        [
            .. question.Providers.Select(name => new TraceProviderRequest { Name = name, EventIds = question.EventIds }),
        ];
        Func<EventRecord, bool>? accept = question.Apis.Count == 0 && question.EventIds.Count == 0
            ? null
            : record => (question.EventIds.Count == 0 || question.EventIds.Contains(record.EventId))
                && (question.Apis.Count == 0 || IsWanted(record, wanted, question));
        return new TracePlan(TraceKind.EventPipe, rows, providers, members, accept);
    }

    private ApiTracePlan EventPipeRow(TraceQuestion question, ApiEntry api, int id) => new()
    {
        Api = api.Name,
        Module = api.Module,
        Source = RuntimeProvider,
        EventId = id,
        Deliverable = question.EventIds.Count == 0 || question.EventIds.Contains(id),
        Session = "event pipe",
        ProviderGuid = RuntimeProviderId(),
        Keyword = Hex(id == StubEvent ? 0x2000UL : 0x20_0000_0010UL),
        Filter = Join(FilterOf(question, null), (id == StubEvent ? "function " : "member ") + api.Key),
        Requirement = "a .NET process of the same user",
        Reason = question.EventIds.Count > 0 && !question.EventIds.Contains(id)
            ? "the asked event ids leave it out"
            : id == StubEvent
            ? "named once, at its first call after the attach; calls are not counted"
            : "named once, when its code is first prepared (event " + EntryPointEvent + " or " + CompiledEvent + "); calls are not counted",
    };

    private string RuntimeProviderId() => _store.SourceNamed(RuntimeProvider)?.Fact.Guid ?? "";

    private bool IsWanted(EventRecord record, HashSet<ApiEntry> wanted, TraceQuestion question)
    {
        if (record["Api"] is not string name)
        {
            return question.Providers.Contains(record.Provider, StringComparer.OrdinalIgnoreCase);
        }

        // A name without a module (code loaded from memory) may be any function of this name.
        foreach (ApiEntry api in _store.Find(ApiName.Parse(name)))
        {
            if (wanted.Contains(api))
            {
                return true;
            }
        }

        return false;
    }

    private readonly record struct Delivered(bool Deliverable, string Session, string Alternative, string Reason);

    private sealed class ProviderPlan(string name, Guid? id)
    {
        private readonly SortedSet<int> _ids = [];
        private ulong _keywords;
        private bool _allIds;
        private bool _allKeywords;

        public void Add(int eventId, EventEntry e)
        {
            _ids.Add(eventId);

            // "+?" marks an event whose keywords are not all known: then no keyword may be left out.
            if (e.IsKnown && TryReadMask(e.KeywordMask, out ulong mask))
            {
                _keywords |= mask;
            }
            else if (!e.IsKnown || e.KeywordMask != "0x0")
            {
                _allKeywords = true;
            }
        }

        public void AddAll()
        {
            _allIds = true;
            _allKeywords = true;
        }

        public TraceProviderRequest ToRequest() => new()
        {
            Name = name,
            Id = id,
            Keywords = _allKeywords || _keywords == 0 ? ulong.MaxValue : _keywords,
            EventIds = _allIds ? [] : [.. _ids],
        };
    }
}
