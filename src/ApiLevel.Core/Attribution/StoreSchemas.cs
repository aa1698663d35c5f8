using System;
using System.Collections.Generic;
using ApiLevel.Answers;
using ApiLevel.Chains;
using ApiLevel.Facts;
using ApiLevel.Formats;
using ApiLevel.Names;

namespace ApiLevel.Attribution;

/// <summary>Describes the payloads of manifest-based events from the catalogue's field lists. Safe for several threads.</summary>
public sealed class StoreSchemas : IEventSchemaSource
{
    private readonly MappingStore _store;

    /// <summary>Takes the descriptions from a store.</summary>
    /// <param name="store">The facts.</param>
    public StoreSchemas(MappingStore store) => _store = store ?? throw new ArgumentNullException(nameof(store));

    /// <inheritdoc/>
    public bool TryGetSchema(
        Guid providerId,
        int eventId,
        int version,
        out string provider,
        out string eventName,
        out IReadOnlyList<EventFieldSchema> fields)
    {
        if (_store.FindSource(providerId) is { } source)
        {
            foreach (EventEntry entry in _store.EventVersions(source, eventId))
            {
                // A list without fields is an event without payload or one whose fields nobody listed: the bytes decide elsewhere.
                if (entry.Version == version && entry.Fields.Count > 0)
                {
                    var list = new EventFieldSchema[entry.Fields.Count];
                    for (int i = 0; i < list.Length; i++)
                    {
                        string field = entry.Fields[i];
                        int colon = field.LastIndexOf(':');
                        list[i] = colon < 0 ? new EventFieldSchema(field, "") : new EventFieldSchema(field.Substring(0, colon), field.Substring(colon + 1));
                    }

                    provider = source.Provider;
                    eventName = entry.Name;
                    fields = list;
                    return true;
                }
            }
        }

        provider = "";
        eventName = "";
        fields = [];
        return false;
    }
}
