using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using ApiLevel.Answers;
using ApiLevel.Chains;
using ApiLevel.Facts;
using ApiLevel.Formats;
using ApiLevel.Names;

namespace ApiLevel.Attribution;

/// <summary>
/// Tells which API call an event proves, and who called. What decides lies in the facts: which APIs lead to the event, what a field
/// must say for each, whose process id a field is. Safe for several threads.
/// </summary>
public sealed class EventAttributor
{
    private readonly MappingStore _store;
    private readonly AccessRights _rights;
    private readonly ConcurrentDictionary<(Guid? Id, string Provider, string? Channel), SourceEntry?> _sources = new();
    private readonly ConcurrentDictionary<(int Source, int EventId), EventPlan> _plans = new();

    /// <summary>Takes the facts.</summary>
    /// <param name="store">The facts.</param>
    public EventAttributor(MappingStore store)
    {
        _store = store ?? throw new ArgumentNullException(nameof(store));
        _rights = new AccessRights(store);
    }

    /// <summary>The facts.</summary>
    public MappingStore Store => _store;

    /// <summary>The source of a record by GUID, provider name or, where the record has no usable provider, channel; null for one the facts do not know. The header is enough.</summary>
    /// <param name="record">The record.</param>
    public SourceEntry? SourceOf(EventRecord record)
    {
        // What a file names lies in this cache, so a file must not be able to fill it.
        (Guid?, string, string?) key = (record.ProviderId, record.Provider, record.Channel);
        if (_sources.TryGetValue(key, out SourceEntry? source))
        {
            return source;
        }

        source = FindSource(record);
        if (_sources.Count < MaximumSources)
        {
            _sources.TryAdd(key, source);
        }

        return source;
    }

    /// <summary>Describes a record with the object that is written.</summary>
    /// <param name="record">The record, payload included.</param>
    /// <param name="path">The file it comes from; empty for none.</param>
    public ApiTelemetryEvent Attribute(EventRecord record, string path = "") => Attribute(record, path, out _);

    /// <summary>Why a record has no API, in words for a table of misses; empty where it has one.</summary>
    /// <param name="record">The record, payload included.</param>
    public string ExplainMiss(EventRecord record)
    {
        if (SourceOf(record) is not { } source)
        {
            return "the facts do not know the provider";
        }

        EventPlan plan = Plan(source, record.EventId);
        Proof proof = Prove(plan, record, out _);
        return proof.Api.Length > 0 ? ""
            : proof.Reason.Length > 0 ? proof.Reason
            : plan.Event.IsKnown ? "no API is known to lead to this event" : "the facts do not know the event";
    }

    /// <summary>True when a mapping leads to the record's event, or the event itself can name a call.</summary>
    /// <param name="record">The record; the header is enough.</param>
    public bool IsMapped(EventRecord record) =>
        SourceOf(record) is { } source && Plan(source, record.EventId) is { } plan && (plan.IsMapped || plan.Roles.NamesCalls);

    internal EventPlan Plan(SourceEntry source, int eventId)
    {
        if (_plans.TryGetValue((source.Row, eventId), out EventPlan? plan))
        {
            return plan;
        }

        plan = new EventPlan(_store, source, eventId);
        return _plans.Count < MaximumPlans ? _plans.GetOrAdd((source.Row, eventId), plan) : plan;
    }

    internal ApiTelemetryEvent Attribute(EventRecord record, string path, out Proof proof)
    {
        SourceEntry? source = SourceOf(record);
        EventPlan? plan = source is null ? null : Plan(source, record.EventId);
        string? caller = null;
        proof = plan is null ? Proof.Nothing : Prove(plan, record, out caller);
        return new ApiTelemetryEvent
        {
            TimeCreated = record.TimeCreated,
            Source = source?.Name ?? (record.Provider.Length > 0 ? record.Provider : record.ProviderId?.ToString("D") ?? record.Channel ?? ""),
            EventId = record.EventId,
            EventVersion = record.EventVersion,
            EventName = plan is { Name.Length: > 0 } ? plan.Name : record.EventName ?? "",
            ProcessId = Caller(plan?.Roles.ProcessId, plan, record, record.ProcessId),
            ThreadId = Caller(plan?.Roles.ThreadId, plan, record, record.ThreadId),
            ProcessName = plan is null ? "" : FileName(EventPayload.ToText(EventRoles.First(record, plan.Roles.ProcessName))),
            Api = proof.Api,
            Module = proof.Module,
            Confidence = proof.Strength == AttributionStrength.None ? "" : proof.Strength.ToString(),
            Candidates = proof.Candidates,
            Relation = proof.Relation,
            Evidence = proof.Evidence,
            Emitter = proof.Emitter.Length > 0 ? proof.Emitter : plan?.Emitter ?? "",
            Level = plan?.Level ?? Placement.Level(default),
            Column = plan?.Column ?? Placement.Column(default),
            Technique = proof.Technique,
            Computer = record.Computer ?? "",
            Channel = record.Channel ?? "",
            RecordId = record.RecordId,
            Fields = plan is null ? record.Fields : Fields(plan, record, caller),
            PayloadState = s_states[(int)record.PayloadState],
            Path = path,
            Recovered = record.Recovered,
        };
    }

    private static Proof Prove(EventPlan plan, EventRecord record, out string? caller)
    {
        caller = null;
        EventRoles roles = plan.Roles;
        if (EventPayload.ToText(EventRoles.First(record, roles.ApiName)) is { Length: > 0 } name)
        {
            return plan.ProveNamed(name, roles.SawCall(record));
        }

        if (roles.RpcInterface.Length > 0 && Identifier(EventRoles.First(record, roles.RpcInterface)) is { } id
            && FieldNumber.Of(EventRoles.First(record, roles.RpcOpnum)) is >= 0 and <= ushort.MaxValue and { } opnum
            && plan.ProveCall(id, (int)opnum) is { } call)
        {
            return call;
        }

        Proof proof = plan.Prove(record);
        if (roles.CallTrace is { } trace && EventPayload.ToText(record[trace.Field]) is { Length: > 0 } text
            && CallTrace.Modules(text, ListText.Split(trace.Value)) is { } modules)
        {
            Proof raised = plan.Raise(proof, modules);
            caller = modules.FirstOrDefault(module => !plan.IsSystemModule(module)) ?? (modules.Count > 0 ? modules[modules.Count - 1] : null);
            return raised;
        }

        return proof;
    }

    private SourceEntry? FindSource(EventRecord record)
    {
        if (record.ProviderId is { } id && _store.FindSource(id) is { } byId)
        {
            return byId;
        }

        if (record.Provider.Length > 0 && _store.FindSource(record.Provider) is { } byName)
        {
            return byName;
        }

        // Some exports have a provider's display name ("Microsoft Windows security auditing."), and some none at all.
        bool hasProvider = record.Provider.Length > 0 && record.Provider.IndexOf(' ') < 0;
        return hasProvider || string.IsNullOrEmpty(record.Channel) ? null : _store.FindSource(record.Channel!);
    }

    /// <summary>
    /// The caller's id from the field that has it. Where the facts name no field, the header's holds for an event that is written in
    /// the caller's context, and for no other.
    /// </summary>
    private static int? Caller(string[]? fields, EventPlan? plan, EventRecord record, int? header)
    {
        if (fields is null)
        {
            return plan is null || plan.Emitter is "" or "kernel" or "caller" ? header : null;
        }

        // Security writes 0 where no process is behind the event.
        return FieldNumber.Of(EventRoles.First(record, fields)) is { } number and > 0 and <= uint.MaxValue ? unchecked((int)number) : null;
    }

    /// <summary>
    /// The payload with what can be read out of it: the rights of a mask by name, the module that called. A mask itself is written
    /// in hexadecimal, as Windows shows it and detection rules compare it.
    /// </summary>
    private IReadOnlyList<EventField> Fields(EventPlan plan, EventRecord record, string? caller)
    {
        if (plan.Roles.AccessMasks.Count == 0 && caller is null)
        {
            return record.Fields;
        }

        var fields = new List<EventField>(record.Fields);
        foreach (EventRoleFact role in plan.Roles.AccessMasks)
        {
            int index = fields.FindIndex(field => string.Equals(field.Name, role.Field, StringComparison.OrdinalIgnoreCase));
            if (index < 0 || FieldNumber.Of(fields[index].Value) is not (>= 0 and <= uint.MaxValue and { } mask))
            {
                continue;
            }

            string kind = role.Value.Length > 1 && role.Value[0] == '{' ? EventPayload.ToText(record[role.Value.Trim('{', '}')]) : role.Value;
            fields[index] = new EventField(fields[index].Name, "0x" + mask.ToString("x", CultureInfo.InvariantCulture));
            Set(fields, role.Field + "Names", _rights.Describe(kind, (uint)mask));
        }

        if (caller is not null)
        {
            Set(fields, "CallingModule", caller);
        }

        return fields;
    }

    /// <summary>An object that was written here before already has what is added.</summary>
    private static void Set(List<EventField> fields, string name, string value)
    {
        fields.RemoveAll(field => field.Name == name);
        fields.Add(new EventField(name, value));
    }

    private static Guid? Identifier(object? value) => value switch
    {
        Guid id => id,
        string text when Guid.TryParse(text, out Guid id) => id,
        _ => null,
    };

    private static string FileName(string path) => path == "-" ? "" : path.Substring(path.LastIndexOfAny(s_separators) + 1);

    private const int MaximumSources = 4096;
    private const int MaximumPlans = 16384;
    private static readonly char[] s_separators = ['\\', '/'];
    private static readonly string[] s_states = Enum.GetNames(typeof(PayloadState));
}
