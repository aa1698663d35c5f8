using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using ApiLevel.Answers;
using ApiLevel.Chains;
using ApiLevel.Completion;
using ApiLevel.Errors;
using ApiLevel.Facts;
using ApiLevel.Names;
using ApiLevel.Verdicts;

namespace ApiLevel.Commands;

/// <summary>Tells which events an API leads to, and which APIs lead to an event.</summary>
[Cmdlet(VerbsCommon.Get, "ApiEventMapping", DefaultParameterSetName = "Api")]
[OutputType(typeof(ApiEventMapping))]
public sealed class GetApiEventMappingCommand : ApiLevelCommand
{
    /// <summary>APIs: a name, module!name, with wildcards.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ApiCompleter))]
    public ApiName[]? Api { get; set; }

    /// <summary>Modules the APIs are known by.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ModuleCompleter))]
    public string[]? Module { get; set; }

    /// <summary>Event sources: short name, provider, GUID or channel.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("ProviderName")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(SourceCompleter))]
    public string[]? Source { get; set; }

    /// <summary>Event ids.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("Id")]
    [ArgumentCompleter(typeof(EventIdCompleter))]
    public int[]? EventId { get; set; }

    /// <summary>ATT&amp;CK techniques.</summary>
    [Parameter]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(TechniqueCompleter))]
    public string[]? Technique { get; set; }

    /// <summary>Behaviour categories.</summary>
    [Parameter]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(CategoryCompleter))]
    public string[]? Category { get; set; }

    /// <summary>Relations to list.</summary>
    [Parameter]
    public Relation[]? Relation { get; set; }

    /// <summary>The weakest evidence to list.</summary>
    [Parameter]
    public Evidence MinimumEvidence { get; set; } = Evidence.Disputed;

    /// <summary>
    /// What is on at a machine: rows of Test-ApiTelemetryReadiness, or a snapshot as -State takes it there. The verdict of each event is then about
    /// this machine, and what it writes comes first.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(StateCompleter))]
    public PSObject[]? Readiness { get; set; }

    /// <summary>Leave out what follows from the call chain alone: events that the facts state of a lower call and not of the API itself.</summary>
    [Parameter]
    public SwitchParameter NoLowerCall { get; set; }

    /// <summary>A Windows release (11-24H2) or build number; events that came later are left out.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ReleaseCompleter))]
    public string? WindowsBuild { get; set; }

    /// <summary>A version of Sysmon (15.15) or of its schema (4.90); events that came later are left out. What is both is a schema version.</summary>
    [Parameter]
    public Version? SysmonVersion { get; set; }

    private bool _filtersEvents;
    private bool _namesModules;
    private ApiJudge _judge = null!;
    private MappingRows _rows = null!;
    private MappingQuery? _query;
    private HashSet<ApiEntry>? _restricted;
    private int? _build;
    private Version? _schema;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        // What stands on the command line is a filter; the same names bound later are the pipeline's objects.
        _filtersEvents = IsBound(nameof(Source)) || IsBound(nameof(EventId));
        _namesModules = IsBound(nameof(Module));
        _judge = new ApiJudge(Store, isOn: Readiness is null ? null : ReadReadiness(Readiness).IsOn);
        _rows = new MappingRows(_judge);
        SelectSources(Source);
        WarnOfUnknownEvents();
        if (WindowsBuild is { Length: > 0 } text)
        {
            if (!WindowsReleases.TryParse(Store, text, out int build))
            {
                ThrowTerminatingError(ApiLevelErrors.ReleaseUnknown(text, WindowsReleases.Names(Store)));
            }

            _build = build;
        }

        if (SysmonVersion is { } asked)
        {
            if (!SysmonReleases.TryGetSchema(Store, asked, out Version schema))
            {
                ThrowTerminatingError(ApiLevelErrors.SysmonVersionUnknown(asked, SysmonReleases.Names(Store)));
            }

            _schema = schema;
        }

        if (Technique is not null || Category is not null)
        {
            IEnumerable<ApiEntry> apis = Technique is not null ? ApisOfTechniques(Technique) : ApisOfCategories(Category!);
            _restricted = [.. apis];
            if (Technique is not null && Category is not null)
            {
                _restricted.IntersectWith(ApisOfCategories(Category));
            }
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        // An object whose property is null asks for nothing; it does not ask for everything.
        if ((IsBound(nameof(Module)) && Module is null && !IsBound(nameof(Api))) ||
            (!IsBound(nameof(Api)) && ((IsBound(nameof(Source)) && Source is null) || (IsBound(nameof(EventId)) && EventId is null))))
        {
            return;
        }

        Func<string, bool>? modules = Matcher(Module?.Select(ApiName.NormalizeModule).ToArray());
        if (IsBound(nameof(Api)))
        {
            WriteApis(Api ?? []);
        }
        else if (IsBound(nameof(Source)) || IsBound(nameof(EventId)))
        {
            WriteEvents(modules);
        }
        else if (_restricted is not null)
        {
            MappingQuery query = Query(ofEvents: false);
            foreach (ApiEntry api in _restricted.OrderBy(api => api.Module, StringComparer.Ordinal).ThenBy(api => api.Name, StringComparer.OrdinalIgnoreCase))
            {
                ThrowIfStopped();
                if (modules is null || modules(api.Module))
                {
                    Write(query.OfApi(api));
                }
            }
        }
        else
        {
            WriteApis([ApiName.Parse("*")]);
        }
    }

    private void WriteApis(ApiName[] names)
    {
        // Its filter is what stood on the command line: one for all objects of the pipeline, with the judgements it has made.
        MappingQuery query = _query ??= Query(_filtersEvents);
        bool tellsNone = !_filtersEvents && (Relation is null || Relation.Contains(ApiLevel.Relation.None));
        foreach (ApiName name in names)
        {
            // An object's own module that the catalogue lacks is no misspelling: the answer is that nothing is known.
            Action<ApiName>? notFound = !_namesModules && Module is { Length: 1 } && Module[0] is { Length: > 0 } module
                ? unknown => WriteUnknown(ApiName.Create(module, unknown.Name), tellsNone)
                : null;
            foreach (ApiEntry api in FindApis([name], Module, notFound))
            {
                ThrowIfStopped();
                if (_restricted is not null && !_restricted.Contains(api))
                {
                    continue;
                }

                bool any = Write(query.OfApi(api));
                if (!any && tellsNone && !name.HasWildcards && !HasWeakerOnly(api))
                {
                    WriteObject(_rows.None(api, NoLowerCall));
                }
            }
        }
    }

    private void WriteUnknown(ApiName name, bool tellsNone)
    {
        if (tellsNone && _restricted is null)
        {
            WriteObject(_rows.None(name));
        }
    }

    /// <summary>
    /// Nothing is known of an event that the facts do not have, and of one that they know without an API; silence would say that no API
    /// leads to it.
    /// </summary>
    private void WarnOfUnknownEvents()
    {
        if (Source is not { Length: 1 } || EventId is null || Store.FindSources(Source[0] ?? "") is not { Count: > 0 } sources)
        {
            return;
        }

        foreach (int id in EventId.Where(id => !sources.Any(source => Store.MappingsOf(source, id).Any())))
        {
            EventEntry known = sources.Select(source => Store.FindEvent(source, id)).FirstOrDefault(e => e.IsKnown);
            WriteWarning(known.IsKnown
                ? $"{known.Source.Name} {id} ({known.Name}) is known, but which calls lead to it is not."
                : ApiLevelErrors.EventNotFound(string.Join(", ", sources.Select(source => source.Name)), id).Exception.Message);
        }
    }

    /// <summary>True where the API has events that only the evidence filter left out: "no event known" would then be wrong.</summary>
    private bool HasWeakerOnly(ApiEntry api) =>
        (MinimumEvidence > Evidence.Disputed || Relation is not null || _build is not null || SysmonVersion is not null) && (NoLowerCall ? Store.HasMappings(api) : _judge.Judge(api).All.Count > 0);

    private void WriteEvents(Func<string, bool>? modules)
    {
        foreach (MappingAnswer answer in Query(ofEvents: true).OfEvents())
        {
            ThrowIfStopped();
            if ((modules is null || modules(answer.Api.Module)) && (_restricted is null || _restricted.Contains(answer.Api)))
            {
                WriteObject(_rows.Describe(answer));
            }
        }
    }

    private bool Write(IEnumerable<MappingAnswer> answers)
    {
        bool any = false;
        foreach (MappingAnswer answer in answers)
        {
            any = true;
            WriteObject(_rows.Describe(answer));
        }

        return any;
    }

    private MappingQuery Query(bool ofEvents) => new(_judge, new MappingFilter
    {
        Source = ofEvents ? SelectSources(Source, fromPipeline: !_filtersEvents) : null,
        EventIds = ofEvents ? EventId : null,
        Relations = Relation,
        MinimumEvidence = MinimumEvidence,
        OwnOnly = NoLowerCall,
        WindowsBuild = _build,
        SysmonVersion = _schema,
    });
}
