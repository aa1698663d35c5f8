using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Management.Automation;
using System.Runtime.InteropServices;
using ApiLevel.Answers;
using ApiLevel.Chains;
using ApiLevel.Completion;
using ApiLevel.Errors;
using ApiLevel.Facts;
using ApiLevel.Names;
using ApiLevel.Tracing;

namespace ApiLevel.Commands;

/// <summary>What the commands share that decide what to trace. Names and processes from the pipeline are collected: one plan for all.</summary>
public abstract class TracePlanCommand : ApiLevelCommand
{
    private readonly List<ApiEntry> _apis = [];
    private readonly HashSet<ApiEntry> _seen = [];
    private readonly List<int> _processIds = [];
    private bool _named;

    /// <summary>APIs: a name, module!name, with wildcards.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ApiCompleter))]
    public ApiName[]? Api { get; set; }

    /// <summary>The module of an API from the pipeline.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ModuleCompleter))]
    public string? Module { get; set; }

    /// <summary>ATT&amp;CK techniques: the APIs that the facts relate to them.</summary>
    [Parameter]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(TechniqueCompleter))]
    public string[]? Technique { get; set; }

    /// <summary>Providers: short name, provider name or GUID.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(SourceCompleter))]
    public string[]? Provider { get; set; }

    /// <summary>Only events with these ids.</summary>
    [Parameter]
    [ValidateRange(0, ushort.MaxValue)]
    [ArgumentCompleter(typeof(EventIdCompleter))]
    public int[]? EventId { get; set; }

    /// <summary>Only these processes; for an event pipe, the processes to attach to.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("Id")]
    [ValidateRange(0, int.MaxValue)]
    public int[]? ProcessId { get; set; }

    /// <summary>Only processes with these executable names.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? ProcessName { get; set; }

    /// <summary>Etw for the events of Windows, EventPipe for the native calls of a .NET process. Chosen by the other parameters where it is left out.</summary>
    [Parameter]
    public TraceKind? Kind { get; set; }

    /// <summary>Everything that was collected, once the input ends.</summary>
    private protected TracePlan MakePlan(TraceKind kind, string? name) => new TracePlanner(Store).Plan(new TraceQuestion
    {
        Kind = kind,
        Apis = _apis,
        Providers = Provider ?? [],
        EventIds = EventId ?? [],
        ProcessIds = _processIds,
        ProcessNames = ProcessName ?? [],
        SessionName = TraceNames.ForSession(name),
    });

    /// <summary>The processes that were collected.</summary>
    private protected IReadOnlyList<int> ProcessIds => _processIds;

    /// <summary>True where something was asked for but nothing of it exists; each was an error of its own.</summary>
    private protected bool NothingFound => _named && _apis.Count == 0 && Provider is null;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        if (Technique is not null)
        {
            _named = true;
            Add(ApisOfTechniques(Technique));
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Api is not null)
        {
            _named = true;
            foreach (ApiName name in Api)
            {
                Add(FindApis([Module is { Length: > 0 } && name.Module.Length == 0 ? ApiName.Create(Module, name.Name) : name], null));
            }
        }

        foreach (int id in ProcessId ?? [])
        {
            if (!_processIds.Contains(id))
            {
                _processIds.Add(id);
            }
        }
    }

    /// <summary>The kind, where it was not given: a program or, off Windows, a process can only mean an event pipe.</summary>
    private protected TraceKind ChooseKind(bool startsProgram) =>
        Kind ?? (startsProgram
            || ((_processIds.Count > 0 || ProcessName is not null) && !RuntimeInformation.IsOSPlatform(OSPlatform.Windows))
                ? TraceKind.EventPipe
                : TraceKind.Etw);

    /// <summary>An event pipe attaches to processes, so names become the processes that have them now.</summary>
    private protected void ResolveProcessNames()
    {
        foreach (string name in ProcessName ?? [])
        {
            string bare = name.EndsWith(".exe", StringComparison.OrdinalIgnoreCase) ? name.Substring(0, name.Length - 4) : name;
            Process[] found = Process.GetProcessesByName(bare);
            foreach (Process process in found)
            {
                using (process)
                {
                    if (!_processIds.Contains(process.Id))
                    {
                        _processIds.Add(process.Id);
                    }
                }
            }

            if (found.Length == 0)
            {
                WriteError(ApiLevelErrors.TraceProcessNotFound(name));
            }
        }
    }

    private void Add(IEnumerable<ApiEntry> apis)
    {
        foreach (ApiEntry api in apis)
        {
            if (_seen.Add(api))
            {
                _apis.Add(api);
            }
        }
    }
}
