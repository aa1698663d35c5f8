using System;
using System.Collections.Generic;
using System.Linq;
using ApiLevel.Answers;
using ApiLevel.Chains;
using ApiLevel.Facts;
using ApiLevel.Formats;

namespace ApiLevel.Attribution;

/// <summary>Gives names to what an export of events lost them: values in a row, or the message alone.</summary>
public static class MessageFields
{
    private const int MaximumLines = 512;

    /// <summary>
    /// Names values by the catalogue's field list of the event: of the record's version, else of a version with as many fields. Null
    /// where no list fits; a guess is no name.
    /// </summary>
    /// <param name="store">The facts.</param>
    /// <param name="source">The event's source.</param>
    /// <param name="record">The record, with its id and version.</param>
    /// <param name="values">The values in the event's order.</param>
    public static IReadOnlyList<EventField>? Name(MappingStore store, SourceEntry source, EventRecord record, IReadOnlyList<object?> values)
    {
        EventEntry[] fitting = [.. store.EventVersions(source, record.EventId).Where(entry => entry.Fields.Count == values.Count)];
        EventEntry entry = fitting.FirstOrDefault(candidate => candidate.Version == record.EventVersion);
        if (!entry.IsKnown)
        {
            entry = fitting.LastOrDefault();
        }

        return entry.IsKnown ? [.. EventQuery.FieldNames(entry).Select((name, i) => new EventField(name, values[i]))] : null;
    }

    /// <summary>
    /// Fields from a message's lines "Name: value", those whose names the catalogue has for the event; blanks in a name do not count
    /// ("Process Name" is ProcessName). The first of several lines of one name counts.
    /// </summary>
    /// <param name="store">The facts.</param>
    /// <param name="source">The event's source.</param>
    /// <param name="eventId">The event's id.</param>
    /// <param name="message">The rendered message, in English.</param>
    public static IReadOnlyList<EventField> FromMessage(MappingStore store, SourceEntry source, int eventId, string message)
    {
        var names = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (string name in store.EventVersions(source, eventId).SelectMany(EventQuery.FieldNames))
        {
            names[name] = name;
        }

        var fields = new List<EventField>();
        foreach (string line in message.Split(['\n'], MaximumLines))
        {
            int colon = line.IndexOf(':');
            if (colon > 0 && names.TryGetValue(line.Substring(0, colon).Replace(" ", "").Trim(), out string? name))
            {
                names.Remove(name);
                fields.Add(new EventField(name, line.Substring(colon + 1).Trim()));
            }
        }

        return fields;
    }
}
