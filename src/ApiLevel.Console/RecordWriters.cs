using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ApiLevel.Runner;

/// <summary>Writes objects one at a time.</summary>
internal interface IRecordWriter
{
    void Write(PSObject? record);
}

/// <summary>One JSON value a line: an object of the record's properties, or the value itself where it is a scalar.</summary>
internal sealed class JsonRecordWriter(TextWriter writer) : IRecordWriter
{
    /// <summary>The module's objects are flat; in others, what is nested deeper than this is written as text.</summary>
    private const int MaximumDepth = 4;

    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public void Write(PSObject? record)
    {
        using MemoryStream line = new();
        using (Utf8JsonWriter json = new(line, s_options))
        {
            WriteValue(json, record, 0);
        }

        writer.WriteLine(System.Text.Encoding.UTF8.GetString(line.GetBuffer(), 0, (int)line.Length));
    }

    private static void WriteValue(Utf8JsonWriter json, object? value, int depth)
    {
        object? bare = value is PSObject wrapped && wrapped.BaseObject is not PSCustomObject ? wrapped.BaseObject : value;
        switch (bare)
        {
            case null:
                json.WriteNullValue();
                break;
            case bool flag:
                json.WriteBooleanValue(flag);
                break;
            case byte or sbyte or short or ushort or int or uint or long:
                json.WriteNumberValue(Convert.ToInt64(bare, CultureInfo.InvariantCulture));
                break;
            case ulong number:
                json.WriteNumberValue(number);
                break;
            case decimal number:
                json.WriteNumberValue(number);
                break;
            case double number when double.IsFinite(number):
                json.WriteNumberValue(number);
                break;
            case float number when float.IsFinite(number):
                json.WriteNumberValue(number);
                break;
            case IDictionary map when depth < MaximumDepth:
                json.WriteStartObject();
                foreach (DictionaryEntry entry in map)
                {
                    json.WritePropertyName(Record.Text(entry.Key));
                    WriteValue(json, entry.Value, depth + 1);
                }

                json.WriteEndObject();
                break;
            case IEnumerable list when bare is not string && depth < MaximumDepth:
                json.WriteStartArray();
                foreach (object? item in list)
                {
                    WriteValue(json, item, depth + 1);
                }

                json.WriteEndArray();
                break;
            case { } when Record.IsScalar(bare) || depth >= MaximumDepth:
                json.WriteStringValue(Record.Text(bare));
                break;
            default:
                json.WriteStartObject();
                foreach (PSPropertyInfo property in Record.Properties(PSObject.AsPSObject(value!)))
                {
                    json.WritePropertyName(property.Name);
                    WriteValue(json, Record.Value(property), depth + 1);
                }

                json.WriteEndObject();
                break;
        }
    }
}

/// <summary>CSV as RFC 4180 describes it. The first record's properties are the header.</summary>
internal sealed class CsvRecordWriter(TextWriter writer, TextWriter messages) : IRecordWriter
{
    private const string ScalarColumn = "Value";

    private static readonly System.Buffers.SearchValues<char> s_quoted = System.Buffers.SearchValues.Create("\",\r\n");

    private readonly System.Text.StringBuilder _line = new();
    private string[]? _columns;
    private RecordShape? _shape;
    private bool _warned;

    public void Write(PSObject? record)
    {
        if (record is null)
        {
            return;
        }

        object bare = record.BaseObject;
        if (_shape is { } shape && shape.Type == bare.GetType())
        {
            WriteLine(shape.Values(bare));
            return;
        }

        Dictionary<string, object?> values = new(StringComparer.OrdinalIgnoreCase);
        if (Record.IsScalar(bare))
        {
            values[ScalarColumn] = bare;
        }
        else
        {
            foreach (PSPropertyInfo property in Record.Properties(record))
            {
                values[property.Name] = Record.Value(property);
            }
        }

        if (_columns is null)
        {
            _columns = [.. values.Keys];
            WriteLine(_columns);

            // Later records of this type have the same columns: they are written without the engine's property lookups.
            _shape = RecordShape.Of(record);
        }

        WriteLine(_columns.Select(c => values.TryGetValue(c, out object? value) ? Record.Text(value) : string.Empty));
        if (!_warned && values.Keys.FirstOrDefault(k => !_columns.Contains(k, StringComparer.OrdinalIgnoreCase)) is { } lost)
        {
            _warned = true;
            Messages.Write(
                messages,
                "WARNING",
                null,
                $"Objects of another kind follow; properties that the header lacks, such as {lost}, are left out. -Output Json keeps them.");
        }
    }

    private void Append(string text)
    {
        if (text.AsSpan().ContainsAny(s_quoted) || text.AsSpan().Trim().Length != text.Length)
        {
            _line.Append('"').Append(text.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
        }
        else
        {
            _line.Append(text);
        }
    }

    // RFC 4180 ends lines with CRLF on every system.
    private void WriteLine(IEnumerable<string> cells)
    {
        _line.Clear();
        bool first = true;
        foreach (string cell in cells)
        {
            if (!first)
            {
                _line.Append(',');
            }

            first = false;
            Append(cell);
        }

        writer.Write(_line.Append("\r\n"));
    }
}

/// <summary>The properties of one of the module's own types, whose objects have those of their class and no others.</summary>
internal sealed class RecordShape
{
    private readonly Func<object, object?>[] _getters;

    private RecordShape(Type type, Func<object, object?>[] getters)
    {
        Type = type;
        _getters = getters;
    }

    public Type Type { get; }

    /// <summary>The shape of a record, or null where its type is not the module's or a member was added to it.</summary>
    public static RecordShape? Of(PSObject record)
    {
        Type type = record.BaseObject.GetType();
        if (type.Assembly.GetName().Name?.StartsWith("ApiLevel.", StringComparison.Ordinal) != true || Record.IsScalar(record.BaseObject))
        {
            return null;
        }

        List<Func<object, object?>> getters = [];
        foreach (PSPropertyInfo property in Record.Properties(record))
        {
            if (property is not PSProperty || type.GetProperty(property.Name) is not { CanRead: true } found || found.GetIndexParameters().Length > 0)
            {
                return null;
            }

            getters.Add(Getter(found));
        }

        return new RecordShape(type, [.. getters]);
    }

    /// <summary>The values of an object of the type, as text.</summary>
    public IEnumerable<string> Values(object record)
    {
        foreach (Func<object, object?> getter in _getters)
        {
            object? value;
            try
            {
                value = getter(record);
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                // As in Record.Value: a property that throws has no value to write.
                value = null;
            }

            yield return Record.Text(value);
        }
    }

    private static Func<object, object?> Getter(System.Reflection.PropertyInfo property)
    {
        System.Reflection.MethodInvoker invoker = System.Reflection.MethodInvoker.Create(property.GetMethod!);
        return record => invoker.Invoke(record);
    }
}

/// <summary>What both writers ask about an object.</summary>
internal static class Record
{
    public static bool IsScalar(object value) =>
        value is string or bool or char or Uri or Version or Type
        || value is IFormattable and not PSObject; // PSObject is formattable, whatever it wraps

    public static IEnumerable<PSPropertyInfo> Properties(PSObject record) =>
        record.BaseObject is IDictionary map
            ? map.Keys.Cast<object>().Select(k => new PSNoteProperty(Text(k), map[k]))
            : record.Properties.Where(p => p.IsGettable);

    public static object? Value(PSPropertyInfo property)
    {
        try
        {
            return property.Value;
        }
        catch (GetValueException)
        {
            // A property that throws (ExitTime of a running process) has no value to write.
            return null;
        }
    }

    public static string Text(object? value) => (value is PSObject wrapped ? wrapped.BaseObject : value) switch
    {
        null => string.Empty,
        string text => text,
        DateTime time => time.ToString("O", CultureInfo.InvariantCulture),
        DateTimeOffset time => time.ToString("O", CultureInfo.InvariantCulture),
        Enum name => name.ToString(),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        IEnumerable list when list is not IDictionary => string.Join("; ", list.Cast<object?>().Select(Text)),
        { } other => other.ToString() ?? string.Empty,
    };
}
