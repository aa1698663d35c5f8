using System;
using System.Collections.Generic;

namespace ApiLevel.Formats.EventTrace;

/// <summary>Decodes payloads of records that came from elsewhere than a file, a live session for instance.</summary>
public static class RecordDecoder
{
    /// <summary>
    /// Decodes the payload in <see cref="EventRecord.RawData"/> where a description of this event is known, and says so in the record.
    /// A record without a provider's GUID or without such a description stays as it is.
    /// </summary>
    /// <param name="record">The record; changed.</param>
    /// <param name="schemas">Describes payloads.</param>
    /// <param name="pointerSize">4 or 8, of the process that wrote it.</param>
    public static void Decode(EventRecord record, IEventSchemaSource schemas, int pointerSize)
    {
        if (record is null)
        {
            throw new ArgumentNullException(nameof(record));
        }

        if (schemas is null)
        {
            throw new ArgumentNullException(nameof(schemas));
        }

        if (record.ProviderId is not { } id
            || !schemas.TryGetSchema(
                id, record.EventId, record.EventVersion, out string provider, out string name, out IReadOnlyList<EventFieldSchema> fields))
        {
            return;
        }

        PayloadState state = PayloadDecoder.Decode(
            PayloadSchema.FromFields(provider, name, fields), record.RawData.Span, pointerSize, out IReadOnlyList<EventField> values);
        record.EventName ??= name.Length == 0 ? null : name;
        record.Fields = values;
        record.PayloadState = state;
        if (state == PayloadState.Decoded)
        {
            record.RawData = default;
        }
    }
}
