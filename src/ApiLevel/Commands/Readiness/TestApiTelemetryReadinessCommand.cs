using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using ApiLevel.Attribution;
using ApiLevel.Chains;
using ApiLevel.Completion;
using ApiLevel.Errors;
using ApiLevel.Facts;
using ApiLevel.Formats;
using ApiLevel.Names;
using ApiLevel.Readiness;

namespace ApiLevel.Commands;

/// <summary>Tells of events whether a machine writes them, why, and which line turns them on.</summary>
[Cmdlet(VerbsDiagnostic.Test, "ApiTelemetryReadiness", DefaultParameterSetName = AskedSet)]
[OutputType(typeof(ApiTelemetryReadiness))]
public sealed class TestApiTelemetryReadinessCommand : ApiLevelCommand
{
    private const string AskedSet = "Asked";
    private const string InputSet = "InputObject";

    /// <summary>Event sources: short name, provider, GUID or channel. Without -Source, -Api and -Technique: every event that an API leads to.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true, ParameterSetName = AskedSet)]
    [Alias("ProviderName")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(SourceCompleter))]
    public string[]? Source { get; set; }

    /// <summary>Event ids.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true, ParameterSetName = AskedSet)]
    [Alias("Id")]
    [ArgumentCompleter(typeof(EventIdCompleter))]
    public int[]? EventId { get; set; }

    /// <summary>APIs: the events that they lead to.</summary>
    [Parameter(ParameterSetName = AskedSet)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ApiCompleter))]
    public ApiName[]? Api { get; set; }

    /// <summary>ATT&amp;CK techniques: the events that their APIs lead to.</summary>
    [Parameter(ParameterSetName = AskedSet)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(TechniqueCompleter))]
    public string[]? Technique { get; set; }

    /// <summary>
    /// The machine: snapshots of Export-ApiTelemetryState, files or folders that were collected, or a name of Microsoft's defaults. What comes later
    /// wins. Without any this Windows is read.
    /// </summary>
    [Parameter]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(StateCompleter))]
    public string[]? State { get; set; }

    /// <summary>A Sysmon configuration (XML) or a report of sysmon -c, added to the machine.</summary>
    [Parameter]
    [SupportsWildcards]
    public string[]? SysmonConfiguration { get; set; }

    /// <summary>An audit policy, added to the machine: auditpol /get /r, auditpol /backup, or audit.csv of a group policy.</summary>
    [Parameter]
    [SupportsWildcards]
    public string[]? AuditPolicy { get; set; }

    /// <summary>Events, from Get-WinEvent, Get-ApiTelemetryEvent or with their properties: would this very event be written?</summary>
    [Parameter(ValueFromPipeline = true, ParameterSetName = InputSet, Mandatory = true)]
    [ValidateNotNull]
    public PSObject InputObject { get; set; } = null!;

    private readonly HashSet<(SourceEntry, int)> _written = [];
    private ReadinessEvaluator _evaluator = null!;
    private EventObject? _objects;

    /// <inheritdoc/>
    protected override void BeginProcessing() => _evaluator = new ReadinessEvaluator(Store, ReadState(State, SysmonConfiguration, AuditPolicy));

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == InputSet)
        {
            WriteEvent();
            return;
        }

        if ((IsBound(nameof(Source)) && Source is null) || (IsBound(nameof(EventId)) && EventId is null))
        {
            return;
        }

        Func<SourceEntry, bool>? sources = SelectSources(Source, fromPipeline: MyInvocation.ExpectingInput);
        bool any = false;
        foreach ((SourceEntry source, int id) in Asked(sources))
        {
            ThrowIfStopped();
            any = true;
            if (_written.Add((source, id)))
            {
                WriteObject(_evaluator.Evaluate(source, id).ToRow());
            }
        }

        if (!any && EventId is not null && Source is { Length: 1 } && !WildcardPattern.ContainsWildcardCharacters(Source[0]) && Store.FindSource(Source[0]) is { } asked)
        {
            foreach (int id in EventId)
            {
                WriteError(ApiLevelErrors.EventNotFound(asked.Name, id));
            }
        }
    }

    private void WriteEvent()
    {
        _objects ??= new EventObject(new EventAttributor(Store));
        if (_objects.Read(InputObject) is not { } record || SourceOf(record) is not { } source)
        {
            WriteError(ApiLevelErrors.InputObjectUnknown(InputObject, "an event id (Id or EventId) and a provider or a channel (ProviderName or LogName)"));
            return;
        }

        WriteObject(_evaluator.Evaluate(source, record).ToRow());
    }

    private SourceEntry? SourceOf(EventRecord record) =>
        record.ProviderId is { } id && Store.FindSource(id) is { } byId ? byId
        : record.Provider.Length > 0 && Store.FindSource(record.Provider) is { } byName ? byName
        : record.Channel is { Length: > 0 } channel ? Store.FindSource(channel) : null;

    private IEnumerable<(SourceEntry Source, int Id)> Asked(Func<SourceEntry, bool>? sources)
    {
        IEnumerable<(SourceEntry Source, int Id)> events;
        if (Api is not null || Technique is not null)
        {
            IEnumerable<ApiEntry> apis = (Api is null ? [] : FindApis(Api, null)).Concat(Technique is null ? [] : ApisOfTechniques(Technique));
            events = apis.Distinct().SelectMany(api => Store.EventsOf(api)).Where(reached => reached.Evidence >= Evidence.Derived)
                .Select(reached => (reached.Mapping.Source, reached.Mapping.EventId));
        }
        else
        {
            events = Store.Events().Where(e => e.IsLatest && (sources is not null || EventId is not null || Store.MappingsOf(e.Source, e.Id).Any()))
                .Select(e => (e.Source, e.Id));
        }

        return events.Where(e => (sources is null || sources(e.Source)) && (EventId is null || EventId.Contains(e.Id)));
    }
}
