using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Threading;
using ApiLevel.Attribution;
using ApiLevel.Completion;
using ApiLevel.Errors;
using ApiLevel.Formats;
using ApiLevel.Mapping;

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

    private readonly Queue<(string Path, bool Found)> _waiting = new();
    private readonly Queue<EventFileStream> _running = new();
    private readonly ProgressClock _clock = new();
    private SourceNames? _sources;
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

        _sources = Source is null ? null : new SourceNames(Store, Source);
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
        foreach (string name in _sources?.Unmatched ?? [])
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
                _running.Dequeue().Dispose();
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
                (string path, bool found) = _waiting.Dequeue();
                _running.Enqueue(new EventFileStream(path, found, _filter, _schemas, StopToken));
            }

            if (_running.Count == 0)
            {
                return;
            }

            EventFileStream head = _running.Peek();
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
                Finish(head);
            }
        }
    }

    private List<ApiTelemetryEvent>? Take(EventFileStream head, bool wait)
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

    private void ShowProgress(EventFileStream head)
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
    private void Finish(EventFileStream file)
    {
        file.ThrowIfFailed();
        if (StopToken.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }

        if (file.MissingPart is { } part)
        {
            WriteError(ApiLevelErrors.ModuleIncomplete(PrivateAssemblies.Folder, part));
            return;
        }

        if (file.Failure is { } failure)
        {
            if (file.Found && failure.Kind is ReadFailureKind.WrongFormat or ReadFailureKind.FileEmpty)
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
        if (file.Found && file.Records == 0 && file.Path.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
        {
            WriteVerbose($"Passed over '{file.Path}': no events in it.");
            return;
        }

        WriteWarning($"{file.Path}: not read whole: {Describe(file)}");
    }

    private static string Describe(EventFileStream file)
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

    private static readonly int s_filesAhead = Math.Max(2, Math.Min(8, Environment.ProcessorCount));

    /// <summary>The names given to -Source, against the facts and against what the records say. Safe for several threads.</summary>
    private sealed class SourceNames
    {
        private const int MaximumKept = 4096;

        private readonly MappingStore _store;
        private readonly string[] _names;
        private readonly bool[] _seen;
        private readonly WildcardPattern?[] _patterns;
        private readonly ConcurrentDictionary<(string, string), bool> _kept = new();

        public SourceNames(MappingStore store, string[] names)
        {
            _store = store;
            _names = [.. names.Where(name => !string.IsNullOrWhiteSpace(name)).Select(name => name.Trim())];
            _seen = [.. _names.Select(name => WildcardPattern.ContainsWildcardCharacters(name) || store.FindSource(name) is not null)];
            _patterns = [.. _names.Select(name => WildcardPattern.ContainsWildcardCharacters(name)
                ? WildcardPattern.Get(name, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant)
                : null)];
        }

        /// <summary>Plain names that neither the facts nor a record has.</summary>
        public IEnumerable<string> Unmatched => _names.Where((_, i) => !_seen[i]);

        public bool Matches(SourceEntry? source, EventRecord record)
        {
            string provider = record.Provider.Length > 0 ? record.Provider : record.ProviderId?.ToString("D") ?? "";
            (string, string) key = (source?.Name ?? provider, record.Channel ?? "");
            if (_kept.TryGetValue(key, out bool matches))
            {
                return matches;
            }

            for (int i = 0; i < _names.Length; i++)
            {
                if (_patterns[i] is { } pattern
                    ? pattern.IsMatch(provider) || pattern.IsMatch(source?.Name ?? "") || pattern.IsMatch(source?.Provider ?? "") || pattern.IsMatch(record.Channel ?? "")
                    : (source is not null && ReferenceEquals(_store.FindSource(_names[i]), source))
                        || Same(_names[i], provider) || Same(_names[i], record.Channel) || Same(_names[i].Trim('{', '}'), record.ProviderId?.ToString("D")))
                {
                    _seen[i] = true;
                    matches = true;
                }
            }

            if (_kept.Count < MaximumKept)
            {
                _kept.TryAdd(key, matches);
            }

            return matches;
        }

        private static bool Same(string left, string? right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);
    }
}
