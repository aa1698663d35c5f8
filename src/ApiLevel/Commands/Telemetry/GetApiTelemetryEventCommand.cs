using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using ApiLevel.Answers;
using ApiLevel.Attribution;
using ApiLevel.Chains;
using ApiLevel.Completion;
using ApiLevel.Errors;
using ApiLevel.Facts;
using ApiLevel.Formats;
using ApiLevel.Names;
using ApiLevel.Tracing;

namespace ApiLevel.Commands;

/// <summary>Reads recorded events (.evtx, .etl, .nettrace, JSON exports) and tells which API calls they prove.</summary>
[Cmdlet(VerbsCommon.Get, "ApiTelemetryEvent", DefaultParameterSetName = PathSet)]
[OutputType(typeof(ApiTelemetryEvent))]
public sealed class GetApiTelemetryEventCommand : PathInputCommand
{
    /// <summary>APIs that can be behind the events, by themselves or through the calls below them.</summary>
    [Parameter]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ApiCompleter))]
    public ApiName[]? Api { get; set; }

    /// <summary>ATT&amp;CK techniques whose APIs can be behind the events.</summary>
    [Parameter]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(TechniqueCompleter))]
    public string[]? Technique { get; set; }

    /// <summary>Event sources: short name, provider, GUID or channel; also of providers that the facts do not know.</summary>
    [Parameter]
    [Alias("ProviderName")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(SourceCompleter))]
    public string[]? Source { get; set; }

    /// <summary>Event ids.</summary>
    [Parameter]
    [Alias("Id")]
    [ArgumentCompleter(typeof(EventIdCompleter))]
    public int[]? EventId { get; set; }

    /// <summary>The earliest time; local where its kind is not said.</summary>
    [Parameter]
    public DateTime? StartTime { get; set; }

    /// <summary>The latest time; local where its kind is not said.</summary>
    [Parameter]
    public DateTime? EndTime { get; set; }

    /// <summary>The processes that called.</summary>
    [Parameter]
    public int[]? ProcessId { get; set; }

    /// <summary>Fields of the payload to add as columns; empty where an event lacks the field.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(FieldCompleter))]
    public string[]? Field { get; set; }

    /// <summary>Also give records that lie outside of a file's tables: in slack, behind damaged headers, after a cut. Recovered is true for them.</summary>
    [Parameter]
    public SwitchParameter Recover { get; set; }

    private readonly Queue<(string Path, bool Found)> _waiting = new();
    private readonly Queue<(AttributedFile File, bool Found)> _running = new();
    private readonly ProgressClock _clock = new();
    private SourceSelection? _sources;
    private TelemetryFilter _filter = null!;
    private StoreSchemas _schemas = null!;
    private FieldColumns _columns = null!;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        IEnumerable<ApiEntry>? apis = Api is null ? null : FindApis(Api, null).ToArray();
        if (Technique is not null)
        {
            ApiEntry[] ofTechniques = ApisOfTechniques(Technique).ToArray();
            apis = apis is null ? ofTechniques : apis.Intersect(ofTechniques).ToArray();
        }

        _sources = SelectionOf(Source);
        _filter = new TelemetryFilter(new EventAttributor(Store), apis)
        {
            Source = _sources is null ? null : _sources.Matches,
            EventIds = EventId is null ? null : new HashSet<int>(EventId),
            StartTime = StartTime?.ToUniversalTime(),
            EndTime = EndTime?.ToUniversalTime(),
            ProcessIds = ProcessId is null ? null : new HashSet<int>(ProcessId),
        };
        _schemas = new StoreSchemas(Store);
        _columns = new FieldColumns(Field);
    }

    /// <inheritdoc/>
    protected override void AddFile(string path, bool found)
    {
        _waiting.Enqueue((path, found));
        Advance(all: false);
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        Advance(all: true);
        foreach (string name in _sources?.Unseen ?? [])
        {
            WriteError(ApiLevelErrors.SourceNotFound(name, Store.SuggestSources(name)));
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            // A pipeline that ended early leaves files open: all are told first, then each is waited for.
            StopProcessing();
            while (_running.Count > 0)
            {
                _running.Dequeue().File.Dispose();
            }
        }

        base.Dispose(disposing);
    }

    /// <summary>Keeps a few files being read, and writes what there is of the first of them.</summary>
    private void Advance(bool all)
    {
        while (true)
        {
            while (_running.Count < s_filesAhead && _waiting.Count > 0)
            {
                (string path, bool inFolder) = _waiting.Dequeue();
                _running.Enqueue((new AttributedFile(path, _filter, _schemas, OpenNetTrace, Recover, StopToken), inFolder));
            }

            if (_running.Count == 0)
            {
                return;
            }

            (AttributedFile head, bool found) = _running.Peek();
            while (Take(head, all) is { } batch)
            {
                foreach (ApiTelemetryEvent e in batch)
                {
                    WriteObject(_columns.Apply(e));
                }

                ShowProgress(head);
            }

            if (!head.Ended)
            {
                if (!all)
                {
                    return;
                }

                ShowProgress(head);
                continue;
            }

            _running.Dequeue();
            using (head)
            {
                Finish(head, found);
            }
        }
    }

    private List<ApiTelemetryEvent>? Take(AttributedFile head, bool wait)
    {
        try
        {
            return head.TryTake(wait ? 200 : 0, StopToken, out List<ApiTelemetryEvent>? batch) ? batch : null;
        }
        catch (OperationCanceledException)
        {
            throw new PipelineStoppedException();
        }
    }

    private void ShowProgress(AttributedFile head)
    {
        if (_clock.IsDue)
        {
            WriteProgress(new ProgressRecord(1, MyInvocation.MyCommand.Name, head.Path)
            {
                PercentComplete = head.Percent,
                CurrentOperation = _waiting.Count > 0 ? $"{_waiting.Count} files wait" : null,
            });
        }
    }

    /// <summary>What is to be said about a file once everything in it was written.</summary>
    private void Finish(AttributedFile file, bool found)
    {
        try
        {
            file.ThrowIfFailed();
        }
        catch (PartMissingException exception)
        {
            WriteError(ApiLevelErrors.ModuleIncomplete(PrivateAssemblies.Folder, exception.InnerException!));
            return;
        }

        if (StopToken.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }

        if (file.Failure is { } failure)
        {
            if (found && failure.Kind is ReadFailureKind.WrongFormat or ReadFailureKind.FileEmpty)
            {
                WriteVerbose($"Passed over '{file.Path}': {failure.Message}");
            }
            else
            {
                WriteError(ApiLevelErrors.ForEventFile(file.Path, failure));
            }

            return;
        }

        if (file.Complete)
        {
            return;
        }

        // JSON that a directory holds beside event files need not be events.
        if (found && file.Records == 0 && file.Path.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
        {
            WriteVerbose($"Passed over '{file.Path}': no events in it.");
            return;
        }

        WriteWarning($"{file.Path}: not read whole: {Describe(file)}");
    }

    private static string Describe(AttributedFile file)
    {
        const int Shown = 5;
        var parts = file.Problems.Take(Shown).Select(problem => problem.ToString()).ToList();
        if (file.Problems.Count > Shown)
        {
            parts.Add($"{file.Problems.Count - Shown} more problems");
        }

        if (file.EventsLost > 0)
        {
            parts.Add($"{file.EventsLost} events were lost when it was recorded");
        }

        return parts.Count == 0 ? "its end is missing" : string.Join("; ", parts);
    }

    private static EventFileResult OpenNetTrace(ByteSource source, string path, EventReadOptions? options)
    {
        ITracingProvider provider;
        try
        {
            provider = PrivateAssemblies.Create<ITracingProvider>("ApiLevel.Tracing", "ApiLevel.Tracing.TracingProvider");
        }
        catch (Exception exception) when (exception is FileNotFoundException or FileLoadException or BadImageFormatException or TypeLoadException)
        {
            source.Dispose();
            throw new PartMissingException(exception);
        }

        return provider.OpenNetTrace(source, path, options);
    }

    private static readonly int s_filesAhead = Math.Max(2, Math.Min(8, Environment.ProcessorCount));

    private sealed class PartMissingException(Exception inner) : Exception(inner.Message, inner);
}
