using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Text.Json;
using ApiLevel.Answers;
using ApiLevel.Attribution;
using ApiLevel.Chains;
using ApiLevel.Facts;
using ApiLevel.Formats;
using ApiLevel.Formats.JsonEvents;

namespace ApiLevel.Commands;

/// <summary>
/// Makes a record of an object that another command or tool made: by its property names, never by its type, so that rows of a CSV
/// file and objects that came over remoting serve as well.
/// </summary>
internal sealed class EventObject
{
    private const int MaximumDepth = 6;
    private const int MaximumItems = 1024;

    // What a record's header or its rendering is called; other properties of an object without a payload are its fields.
    private static readonly HashSet<string> s_header = new(StringComparer.OrdinalIgnoreCase)
    {
        "Id", "EventId", "EventID", "Version", "Qualifiers", "Level", "Task", "Opcode", "Keywords", "RecordId", "RecordNumber", "ProviderName", "ProviderId",
        "Source", "LogName", "Channel", "ProcessId", "ThreadId", "MachineName", "Computer", "UserId", "UserName", "TimeCreated", "TimeGenerated", "TimeWritten",
        "ActivityId", "RelatedActivityId", "ContainerLog", "MatchedQueryIds", "Bookmark", "LevelDisplayName", "OpcodeDisplayName", "TaskDisplayName",
        "KeywordsDisplayNames", "Properties", "Message", "PSComputerName", "RunspaceId", "PSShowComputerName", "ReplacementStrings", "InstanceId",
        "EntryType", "Index", "Category", "CategoryNumber", "Data", "Site", "Container",
    };

    private readonly MappingStore _store;
    private readonly EventAttributor _attributor;

    public EventObject(EventAttributor attributor)
    {
        _store = attributor.Store;
        _attributor = attributor;
    }

    /// <summary>Makes a record; null where the object has no event id, or neither a provider nor a channel.</summary>
    public EventRecord? Read(PSObject input)
    {
        if (FromXml(input) is { } rendered)
        {
            return rendered;
        }

        EventRecord? record = EventRecordText.FromJson(ToJson(Own(input) ?? input), out _);
        if (record is null || (record.Provider.Length == 0 && record.ProviderId is null && string.IsNullOrEmpty(record.Channel)))
        {
            return null;
        }

        AddPayload(input, record);
        return record;
    }

    /// <summary>An event that this module wrote and that came back over remoting or from a file: what stood in the record, without what was concluded.</summary>
    private static PSObject? Own(PSObject input)
    {
        if (input.BaseObject is IDictionary || input.Properties["Candidates"] is null || Value(input, "Data") is not string)
        {
            return null;
        }

        var record = new PSObject();
        foreach (string name in (string[])["Source", "EventId", "EventVersion", "TimeCreated", "Computer", "Channel", "RecordId", "Data"])
        {
            record.Properties.Add(new PSNoteProperty(name, Value(input, name)));
        }

        // The caller, where it was the record's own process; where a field says it, the field says it again.
        record.Properties.Add(new PSNoteProperty("ExecutionProcessID", Value(input, "ProcessId")));
        record.Properties.Add(new PSNoteProperty("ExecutionThreadID", Value(input, "ThreadId")));
        return record;
    }

    /// <summary>EventLogRecord names its fields only in its XML.</summary>
    private static EventRecord? FromXml(PSObject input)
    {
        if (input.BaseObject is PSCustomObject || input.Methods["ToXml"] is not { } method)
        {
            return null;
        }

        try
        {
            return method.Invoke() is { } xml ? EventRecordText.FromXml(LanguagePrimitives.ConvertTo<string>(xml)) : null;
        }
        catch (Exception exception) when (exception is MethodException or MethodInvocationException or PSInvalidCastException)
        {
            // A record whose log is gone cannot be rendered; its properties are still there.
            return null;
        }
    }

    private void AddPayload(PSObject input, EventRecord record)
    {
        bool named = record.Fields.Any(field => field.Name != "Data");
        if (named || _attributor.SourceOf(record) is not { } source)
        {
            return;
        }

        object?[] values = [.. Values(input)];
        if (values.Length > 0 && MessageFields.Name(_store, source, record, values) is { } fields)
        {
            record.Fields = fields;
        }
        else if (Value(input, "Message") is string { Length: > 0 } message
            && MessageFields.FromMessage(_store, source, record.EventId, message) is { Count: > 0 } lines)
        {
            record.Fields = lines;
        }
        else if (record.Fields.Count == 0)
        {
            record.Fields = [.. input.Properties.Where(property => !s_header.Contains(property.Name))
                .Select(property => new EventField(property.Name, Text(property)))
                .Where(field => field.Value is string { Length: > 0 })];
        }

        record.PayloadState = record.Fields.Count == 0 ? PayloadState.Undecoded : PayloadState.Decoded;
    }

    /// <summary>The payload's values without names: Properties of an EventLogRecord, ReplacementStrings of an EventLogEntry.</summary>
    private static IEnumerable<object?> Values(PSObject input)
    {
        object? list = Value(input, "Properties") ?? Value(input, "ReplacementStrings");
        if (list is string or null || LanguagePrimitives.GetEnumerable(list) is not { } items)
        {
            yield break;
        }

        int count = 0;
        foreach (object? item in items)
        {
            if (++count > MaximumItems)
            {
                yield break;
            }

            object? value = item is null ? null : PSObject.AsPSObject(item).Properties["Value"] is { } inner ? Get(inner) : item;
            value = value is PSObject wrapped ? wrapped.BaseObject : value;
            switch (value)
            {
                // Remoting leaves the type's name where it did not go deep enough.
                case string text when text.EndsWith(".EventProperty", StringComparison.Ordinal):
                    yield break;
                case null or string or bool or long or ulong or double or DateTime or Guid or byte[]:
                    yield return value;
                    break;
                case IConvertible number:
                    yield return number is ulong or uint ? number.ToUInt64(CultureInfo.InvariantCulture) : number is float or decimal
                        ? number.ToDouble(CultureInfo.InvariantCulture)
                        : number is char ? number.ToString(CultureInfo.InvariantCulture) : number.ToInt64(CultureInfo.InvariantCulture);
                    break;
                default:
                    yield return value.ToString();
                    break;
            }
        }
    }

    private static byte[] ToJson(PSObject input)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            WriteObject(writer, input, 0);
        }

        return stream.ToArray();
    }

    private static void WriteObject(Utf8JsonWriter writer, PSObject input, int depth)
    {
        writer.WriteStartObject();
        if (input.BaseObject is IDictionary dictionary)
        {
            foreach (DictionaryEntry entry in dictionary)
            {
                writer.WritePropertyName(LanguagePrimitives.ConvertTo<string>(entry.Key));
                WriteValue(writer, entry.Value, depth + 1);
            }
        }
        else
        {
            foreach (PSPropertyInfo property in input.Properties)
            {
                object? value = Get(property);
                writer.WritePropertyName(property.Name);
                if (IsTime(property.Name) && value is string text && LocalTime(text) is { } time)
                {
                    writer.WriteStringValue(time);
                }
                else
                {
                    WriteValue(writer, value, depth + 1);
                }
            }
        }

        writer.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter writer, object? value, int depth)
    {
        object? item = value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : value;
        switch (item)
        {
            case null:
                writer.WriteNullValue();
                break;
            case string text:
                writer.WriteStringValue(text);
                break;
            case bool flag:
                writer.WriteBooleanValue(flag);
                break;
            case DateTime time:
                writer.WriteStringValue(time.ToUniversalTime());
                break;
            case DateTimeOffset time:
                writer.WriteStringValue(time.UtcDateTime);
                break;
            case Guid id:
                writer.WriteStringValue(id);
                break;
            case byte[] bytes:
                writer.WriteStringValue(EventPayload.ToText(bytes));
                break;
            case Enum or char:
                writer.WriteStringValue(item.ToString());
                break;
            case ulong number:
                writer.WriteNumberValue(number);
                break;
            case sbyte or byte or short or ushort or int or uint or long:
                writer.WriteNumberValue(Convert.ToInt64(item, CultureInfo.InvariantCulture));
                break;
            case decimal number:
                writer.WriteNumberValue(number);
                break;
            case float or double when Convert.ToDouble(item, CultureInfo.InvariantCulture) is var number && !double.IsNaN(number) && !double.IsInfinity(number):
                writer.WriteNumberValue(number);
                break;
            case IDictionary or PSObject when depth < MaximumDepth:
                WriteObject(writer, PSObject.AsPSObject(item), depth);
                break;
            case IEnumerable list when depth < MaximumDepth:
                writer.WriteStartArray();
                int count = 0;
                foreach (object? element in list)
                {
                    if (++count > MaximumItems)
                    {
                        break;
                    }

                    object? inner = element is null ? null : PSObject.AsPSObject(element).Properties["Value"] is { } property && element is not string ? Get(property) : element;
                    WriteValue(writer, inner, depth + 1);
                }

                writer.WriteEndArray();
                break;
            default:
                writer.WriteStringValue(item.ToString());
                break;
        }
    }

    private static bool IsTime(string name) =>
        name.Equals("TimeCreated", StringComparison.OrdinalIgnoreCase) || name.Equals("TimeGenerated", StringComparison.OrdinalIgnoreCase);

    /// <summary>Export-Csv writes local times in the culture of the session; a time that names its zone, or ISO 8601, is read elsewhere.</summary>
    private static DateTime? LocalTime(string text)
    {
        if (text.Length > 10 && text[4] == '-')
        {
            return null;
        }

        const DateTimeStyles Local = DateTimeStyles.AssumeLocal | DateTimeStyles.AdjustToUniversal | DateTimeStyles.AllowWhiteSpaces;
        return DateTime.TryParse(text, CultureInfo.CurrentCulture, Local, out DateTime time)
            || DateTime.TryParse(text, CultureInfo.InvariantCulture, Local, out time)
            ? time
            : null;
    }

    private static object? Value(PSObject input, string name)
    {
        object? value = input.BaseObject is IDictionary dictionary && dictionary.Contains(name)
            ? dictionary[name]
            : input.Properties[name] is { } property ? Get(property) : null;
        return value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : value;
    }

    private static string Text(PSPropertyInfo property) =>
        Get(property) is { } value && LanguagePrimitives.TryConvertTo(value, CultureInfo.InvariantCulture, out string text) ? text : "";

    private static object? Get(PSPropertyInfo property)
    {
        try
        {
            return property.Value;
        }
        catch (GetValueException)
        {
            // A property that computes its value from a log that is gone.
            return null;
        }
    }
}
