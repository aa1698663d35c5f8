using System;
using System.Collections.Generic;
using System.Reflection;
using ApiLevel.Formats;
using Microsoft.Diagnostics.Tracing;

namespace ApiLevel.Tracing;

/// <summary>
/// Makes records from TraceEvent's objects. Those live for one callback only and are used again for the next event, so everything
/// is copied.
/// </summary>
internal static class EventConverter
{
    private static readonly FieldInfo? s_eventRecord =
        typeof(TraceEvent).GetField("eventRecord", BindingFlags.Instance | BindingFlags.NonPublic);

    /// <summary>Fills the header alone.</summary>
    public static EventRecord ReadHeader(TraceEvent data)
    {
        DateTime time = data.TimeStamp;
        bool isClassic = data.IsClassicProvider;
        return new EventRecord
        {
            TimeCreated = time.Kind == DateTimeKind.Unspecified ? DateTime.SpecifyKind(time, DateTimeKind.Utc) : time.ToUniversalTime(),
            Provider = NameOf(data),
            ProviderId = data.ProviderGuid == Guid.Empty ? null : data.ProviderGuid,
            EventId = isClassic ? 0 : (ushort)data.ID,
            EventVersion = data.Version,
            EventName = EventNameOf(data),
            Level = (int)data.Level,
            Opcode = (int)data.Opcode & 0xFF,
            Task = (int)data.Task & 0xFFFF,
            Keywords = unchecked((ulong)data.Keywords),
            ProcessId = data.ProcessID < 0 ? null : data.ProcessID,
            ThreadId = data.ThreadID < 0 ? null : data.ThreadID,
            ActivityId = data.ActivityID == Guid.Empty ? null : data.ActivityID,
        };
    }

    /// <summary>Adds the payload as TraceEvent decodes it, or its bytes where it cannot.</summary>
    public static void ReadPayload(TraceEvent data, EventRecord record, bool keepRawData)
    {
        int length = data.EventDataLength;
        if (length == 0)
        {
            record.PayloadState = PayloadState.Decoded;
            return;
        }

        string[]? names = null;
        try
        {
            names = data.PayloadNames;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // A payload description that the library cannot read is as good as none; the bytes are kept below.
        }

        if (names is not { Length: > 0 })
        {
            record.PayloadState = PayloadState.Undecoded;
            record.RawData = data.EventData();
            return;
        }

        List<EventField> fields = new(names.Length);
        long characters = 0;
        try
        {
            for (int i = 0; i < names.Length; i++)
            {
                object? value = Normalize(data.PayloadValue(i), depth: 0);
                characters += value is string text ? text.Length : 0;
                fields.Add(new EventField(names[i], value));
            }

            record.PayloadState = PayloadState.Decoded;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            record.PayloadState = fields.Count == 0 ? PayloadState.Undecoded : PayloadState.Partial;
        }

        // A text without its end makes the library read on past the payload, into memory that is not the event's.
        if (characters > length)
        {
            fields.Clear();
            record.PayloadState = PayloadState.Undecoded;
        }

        record.Fields = fields;
        if (keepRawData || record.PayloadState != PayloadState.Decoded)
        {
            record.RawData = data.EventData();
        }
    }

    /// <summary>Reads the return addresses that came with an event; null where there are none.</summary>
    public static unsafe IReadOnlyList<ulong>? ReadStack(TraceEvent data)
    {
        // TraceEvent shows stacks through its TraceLog only, which needs a file. The structure behind it is Windows' own EVENT_RECORD.
        if (s_eventRecord?.GetValue(data) is not Pointer boxed)
        {
            return null;
        }

        byte* record = (byte*)Pointer.Unbox(boxed);
        if (record == null)
        {
            return null;
        }

        const int ExtendedDataCountOffset = 84;
        const int ExtendedDataOffset = 88;
        int count = *(ushort*)(record + ExtendedDataCountOffset);
        byte* item = *(byte**)(record + ExtendedDataOffset);
        if (item == null)
        {
            return null;
        }

        const ushort StackTrace32 = 5;
        const ushort StackTrace64 = 6;
        for (int i = 0; i < count; i++, item += 16)
        {
            ushort type = *(ushort*)(item + 2);
            int size = *(ushort*)(item + 6);
            byte* start = *(byte**)(item + 8);
            if (type is not (StackTrace32 or StackTrace64) || start == null || size <= 8)
            {
                continue;
            }

            int width = type == StackTrace64 ? 8 : 4;
            ulong[] frames = new ulong[(size - 8) / width];
            for (int n = 0; n < frames.Length; n++)
            {
                frames[n] = width == 8 ? *(ulong*)(start + 8 + (n * 8)) : *(uint*)(start + 8 + (n * 4));
            }

            return frames;
        }

        return null;
    }

    private static string NameOf(TraceEvent data)
    {
        string name = data.ProviderName ?? "";
        return name.StartsWith("Provider(", StringComparison.Ordinal) || name == "UnknownProvider" ? "" : name;
    }

    private static string? EventNameOf(TraceEvent data)
    {
        string? name = data.EventName;
        return string.IsNullOrEmpty(name) || name!.StartsWith("EventID(", StringComparison.Ordinal)
            || name.IndexOf("Opcode(", StringComparison.Ordinal) >= 0 || name.StartsWith("Task(", StringComparison.Ordinal)
            ? null
            : name;
    }

    private static object? Normalize(object? value, int depth)
    {
        if (depth > 8)
        {
            return null;
        }

        switch (value)
        {
            case null or string or bool or long or ulong or double or Guid or byte[]:
                return value;
            case Enum e:
                return e.ToString();
            case sbyte or short or int:
                return Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture);
            case byte or ushort or uint:
                return Convert.ToUInt64(value, System.Globalization.CultureInfo.InvariantCulture);
            case IntPtr pointer:
                return pointer.ToInt64();
            case UIntPtr pointer:
                return pointer.ToUInt64();
            case float number:
                return (double)number;
            case char character:
                return character.ToString();
            case DateTime time:
                return time.Kind == DateTimeKind.Unspecified ? DateTime.SpecifyKind(time, DateTimeKind.Utc) : time.ToUniversalTime();
            case IEnumerable<KeyValuePair<string, object>> structure:
                List<EventField> fields = [];
                foreach (KeyValuePair<string, object> pair in structure)
                {
                    fields.Add(new EventField(pair.Key, Normalize(pair.Value, depth + 1)));
                }

                return fields;
            case Array array:
                object?[] items = new object?[array.Length];
                for (int i = 0; i < items.Length; i++)
                {
                    items[i] = Normalize(array.GetValue(i), depth + 1);
                }

                return items;
            default:
                return Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture);
        }
    }
}
