using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using ApiLevel.Answers;
using ApiLevel.Chains;
using ApiLevel.Completion;
using ApiLevel.Facts;
using ApiLevel.Names;

namespace ApiLevel.Commands;

/// <summary>Lists the events of the known sources: fields, requirement, delivery, and how many APIs lead there.</summary>
[Cmdlet(VerbsCommon.Get, "ApiEventSource")]
[OutputType(typeof(ApiEventSource))]
public sealed class GetApiEventSourceCommand : ApiLevelCommand
{
    /// <summary>Event sources: short name, provider, GUID or channel.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("ProviderName")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(SourceCompleter))]
    public string[]? Source { get; set; }

    /// <summary>Event ids.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [Alias("Id")]
    [ArgumentCompleter(typeof(EventIdCompleter))]
    public int[]? EventId { get; set; }

    /// <summary>Titles.</summary>
    [Parameter]
    [SupportsWildcards]
    public string[]? EventName { get; set; }

    /// <summary>Fields the event must have, all of them.</summary>
    [Parameter]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(FieldCompleter))]
    public string[]? Field { get; set; }

    /// <summary>Every version of every event, each field with its type, level and column with the versions of the model that say so.</summary>
    [Parameter]
    public SwitchParameter Detailed { get; set; }

    private bool _namesSources;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _namesSources = IsBound(nameof(Source));
        SelectSources(Source);
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if ((IsBound(nameof(Source)) && Source is null) || (IsBound(nameof(EventId)) && EventId is null))
        {
            return;
        }

        Func<SourceEntry, bool>? sources = SelectSources(Source, fromPipeline: !_namesSources);
        Func<string, bool>? names = Matcher(EventName);
        Func<string, bool>[]? fields = Field?.Select(pattern => Matcher([pattern])!).ToArray();
        var query = new EventQuery(Store);
        var missing = new HashSet<int>(EventId ?? []);
        foreach (SourceEntry source in Store.Sources)
        {
            if (sources is not null && !sources(source))
            {
                continue;
            }

            foreach (EventEntry e in Store.Events(source))
            {
                ThrowIfStopped();
                if ((EventId is not null && !EventId.Contains(e.Id)) || (!Detailed && !e.IsLatest) || (names is not null && !names(e.Name)))
                {
                    continue;
                }

                if (fields is not null && !Array.TrueForAll(fields, field => EventQuery.FieldNames(e).Any(field)))
                {
                    continue;
                }

                missing.Remove(e.Id);
                WriteObject(query.Describe(e, Detailed));
            }
        }

        if (sources is not null && names is null && fields is null && Source is { Length: 1 } && !WildcardPattern.ContainsWildcardCharacters(Source[0]) &&
            Store.FindSources(Source[0]) is { Count: > 0 } asked)
        {
            foreach (int id in missing)
            {
                WriteError(Errors.ApiLevelErrors.EventNotFound(string.Join(", ", asked.Select(source => source.Name)), id));
            }
        }
    }
}
