using System.Collections.Generic;
using System.Linq;
using ApiLevel.Facts;

namespace ApiLevel.Answers;

/// <summary>Describes events with the objects that are written.</summary>
public sealed class EventQuery
{
    private readonly MappingStore _store;
    private readonly RequirementText _requirements;

    /// <summary>Prepares descriptions.</summary>
    /// <param name="store">The facts.</param>
    public EventQuery(MappingStore store)
    {
        _store = store;
        _requirements = new RequirementText(store);
    }

    /// <summary>The names of an event's fields.</summary>
    /// <param name="e">The event.</param>
    public static IEnumerable<string> FieldNames(EventEntry e) => e.Fields.Select(NameOf);

    /// <summary>One row for one version of an event.</summary>
    /// <param name="e">The event.</param>
    /// <param name="withTypes">Write each field with its type, and level and column with the versions of the model that say so.</param>
    public ApiEventSource Describe(EventEntry e, bool withTypes)
    {
        SourceEntry source = e.Source;
        return new ApiEventSource
        {
            Source = source.Name,
            Provider = source.Provider,
            ProviderGuid = source.Fact.Guid,
            Channel = string.Join("; ", e.Channels),
            EventId = e.Id,
            EventName = e.Name,
            Version = e.Version,
            Fields = string.Join("; ", withTypes ? e.Fields : FieldNames(e)),
            Requirement = _requirements.Describe(e),
            Delivery = e.Delivery.ToString(),
            Column = withTypes && e.ColumnReferences.Count > 0 ? string.Join("; ", e.ColumnReferences) : Placement.Column(e),
            Level = withTypes && e.DraftLevels.Count > 0 ? string.Join("; ", e.DraftLevels) : Placement.Level(e),
            ApiCount = _store.MappingsOf(source, e.Id).Select(mapping => mapping.Api).Distinct().Count(),
        };
    }

    private static string NameOf(string field) => field.IndexOf(':') is > 0 and int colon ? field.Substring(0, colon) : field;
}
