using System;
using System.Collections.Generic;

namespace ApiLevel.Formats.JsonEvents;

/// <summary>Reads single events that others hold as text: an object of an export, or the XML that Windows renders. Safe for several threads.</summary>
public static class EventRecordText
{
    private const int MaximumXml = 4 << 20;

    /// <summary>Reads one JSON object, whichever tool made it.</summary>
    /// <param name="json">The object, UTF-8.</param>
    /// <param name="problem">What is wrong with it; empty when nothing is.</param>
    /// <returns>The record; null when the object is no event.</returns>
    public static EventRecord? FromJson(ReadOnlyMemory<byte> json, out string problem)
    {
        var record = new EventRecord();
        var mapper = new JsonEventMapper(new TextPool());
        problem = mapper.TryHeader(json, record) ?? "";
        if (problem.Length > 0)
        {
            return null;
        }

        mapper.Payload(record);
        return record;
    }

    /// <summary>Reads the XML of one event, as EventLogRecord.ToXml() gives it.</summary>
    /// <param name="xml">The XML.</param>
    /// <returns>The record; null when the text is no event.</returns>
    public static EventRecord? FromXml(string xml)
    {
        if (string.IsNullOrEmpty(xml) || xml.Length > MaximumXml)
        {
            return null;
        }

        var record = new EventRecord();
        var fields = new List<EventField>();
        if (!EventText.TryXml(xml, record, fields: null) || !EventText.TryXml(xml, record, fields))
        {
            return null;
        }

        record.Fields = fields.ToArray();
        record.PayloadState = PayloadState.Decoded;
        return record;
    }
}
