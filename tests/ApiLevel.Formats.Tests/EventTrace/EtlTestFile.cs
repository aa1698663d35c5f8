using System;
using System.Collections.Generic;
using ApiLevel.Fixtures;
using ApiLevel.Formats.EventTrace;

namespace ApiLevel.Formats.Tests.EventTrace;

/// <summary>Opens what the builder wrote.</summary>
internal static class EtlTestFile
{
    public static EtlReader Open(byte[] bytes, EventReadOptions? options = null)
    {
        EventFileResult result = EventTraceFile.Open(ByteSource.FromMemory(bytes), "test.etl", options);
        Assert.Null(result.Failure);
        return Assert.IsType<EtlReader>(result.Reader);
    }

    public static EtlReader Open(EtlBuilder builder, EventReadOptions? options = null) => Open(builder.Build(), options);

    /// <summary>All records but the one that stands for the logfile header.</summary>
    public static List<EventRecord> Read(EtlReader reader)
    {
        var records = new List<EventRecord>();
        foreach (EventRecord record in reader)
        {
            if (record.EventName != "EventTrace/Header")
            {
                records.Add(record);
            }
        }

        return records;
    }

    public static List<EventRecord> Read(EtlBuilder builder, EventReadOptions? options = null)
    {
        using EtlReader reader = Open(builder, options);
        return Read(reader);
    }

    public static EventRecord ReadOne(byte[] record, EventReadOptions? options = null) =>
        Assert.Single(Read(new EtlBuilder().Buffer(0, record), options));
}

/// <summary>One schema for one event, asked for by a test.</summary>
internal sealed class OneSchema(Guid provider, int id, int version, params (string Name, string Type)[] fields) : IEventSchemaSource
{
    public int Asked { get; private set; }

    public bool TryGetSchema(
        Guid providerId, int eventId, int eventVersion, out string provider1, out string eventName, out IReadOnlyList<EventFieldSchema> fields1)
    {
        Asked++;
        provider1 = "Test-Provider";
        eventName = "TestEvent";
        fields1 = Array.ConvertAll(fields, field => new EventFieldSchema(field.Name, field.Type));
        return providerId == provider && eventId == id && eventVersion == version;
    }
}
