using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ApiLevel.Formats;

/// <summary>Turns payloads into text.</summary>
public static class EventPayload
{
    private static readonly JsonWriterOptions s_options = new()
    {
        // The text is not written into web pages: only what JSON itself requires is escaped.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Indented = false,
        SkipValidation = true,
    };

    /// <summary>
    /// A payload as one line of JSON, one object. A name that is repeated becomes one array, in the place of its first use. Bytes are
    /// upper-case hexadecimal, times ISO 8601 in UTC with up to seven digits of seconds, whole numbers decimal, identifiers as
    /// 8-4-4-4-12, and numbers that JSON does not know (NaN, infinities) text.
    /// </summary>
    /// <param name="fields">The payload.</param>
    public static string ToJson(IReadOnlyList<EventField> fields)
    {
        if (fields is null)
        {
            throw new ArgumentNullException(nameof(fields));
        }

        if (fields.Count == 0)
        {
            return "{}";
        }

        using var stream = new MemoryStream(512);
        using (var writer = new Utf8JsonWriter(stream, s_options))
        {
            WriteObject(writer, fields);
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    /// <summary>One value as text, the way <see cref="ToJson"/> writes it but without quotes; empty for null.</summary>
    /// <param name="value">A value as <see cref="EventField.Value"/> has it.</param>
    public static string ToText(object? value)
    {
        switch (value)
        {
            case null:
                return "";
            case string text:
                return text;
            case bool flag:
                return flag ? "true" : "false";
            case byte[] bytes:
                return Hex(bytes);
            case DateTime time:
                return Time(time);
            case IReadOnlyList<EventField> fields:
                return ToJson(fields);
            case object?[] items:
                return string.Join("; ", Array.ConvertAll(items, ToText));
            case IFormattable other:
                return other.ToString(null, CultureInfo.InvariantCulture);
            default:
                return value.ToString() ?? "";
        }
    }

    private static void WriteObject(Utf8JsonWriter writer, IReadOnlyList<EventField> fields)
    {
        writer.WriteStartObject();

        // next[i] is the next field of the same name, 0 for none; negative for a field that an earlier one of its name writes.
        int[]? next = Repeats(fields);
        for (int i = 0; i < fields.Count; i++)
        {
            if (next is not null && next[i] < 0)
            {
                continue;
            }

            writer.WritePropertyName(fields[i].Name ?? "");
            if (next is null || next[i] == 0)
            {
                WriteValue(writer, fields[i].Value);
                continue;
            }

            writer.WriteStartArray();
            for (int j = i; ; j = Math.Abs(next[j]))
            {
                WriteValue(writer, fields[j].Value);
                if (next[j] is 0 or int.MinValue + 1)
                {
                    break;
                }
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private static int[]? Repeats(IReadOnlyList<EventField> fields)
    {
        if (fields.Count < 2)
        {
            return null;
        }

        int[]? next = null;
        var last = new Dictionary<string, int>(fields.Count, StringComparer.Ordinal);
        for (int i = 0; i < fields.Count; i++)
        {
            string name = fields[i].Name ?? "";
            if (last.TryGetValue(name, out int before))
            {
                next ??= new int[fields.Count];
                next[before] = next[before] < 0 ? -i : i;
                next[i] = int.MinValue + 1; // repeated, and the last one so far
            }

            last[name] = i;
        }

        return next;
    }

    private static void WriteValue(Utf8JsonWriter writer, object? value)
    {
        switch (value)
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
            case long number:
                writer.WriteNumberValue(number);
                break;
            case ulong number:
                writer.WriteNumberValue(number);
                break;
            case int number:
                writer.WriteNumberValue(number);
                break;
            case double number when !double.IsNaN(number) && !double.IsInfinity(number):
                writer.WriteNumberValue(number);
                break;
            case IReadOnlyList<EventField> fields:
                WriteObject(writer, fields);
                break;
            case object?[] items:
                writer.WriteStartArray();
                foreach (object? item in items)
                {
                    WriteValue(writer, item);
                }

                writer.WriteEndArray();
                break;
            default:
                writer.WriteStringValue(ToText(value));
                break;
        }
    }

    private static string Time(DateTime time)
    {
        DateTime utc = time.Kind == DateTimeKind.Local ? time.ToUniversalTime() : time;
        return utc.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);
    }

    private static string Hex(byte[] bytes)
    {
        var text = new StringBuilder(2 * bytes.Length);
        foreach (byte b in bytes)
        {
            text.Append("0123456789ABCDEF"[b >> 4]).Append("0123456789ABCDEF"[b & 15]);
        }

        return text.ToString();
    }
}
