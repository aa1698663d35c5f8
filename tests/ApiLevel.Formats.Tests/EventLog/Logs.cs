using System.Collections.Generic;
using System.IO;
using System.Linq;
using ApiLevel.Fixtures;
using ApiLevel.Formats.EventLog;

namespace ApiLevel.Formats.Tests.EventLog;

internal static class Logs
{
    public static EvtxReader Open(byte[] bytes, EventReadOptions? options = null)
    {
        EventFileResult result = EventLogFile.Open(ByteSource.FromMemory(bytes), "test.evtx", options);
        Assert.Null(result.Failure);
        return Assert.IsType<EvtxReader>(result.Reader);
    }

    public static EvtxReader Open(EvtxChunk chunk, EventReadOptions? options = null) => Open(EvtxFile.Build(chunk), options);

    public static (List<EventRecord> Records, List<string> Xml, List<Problem> Problems, bool Complete) ReadAll(byte[] bytes, EventReadOptions? options = null)
    {
        using EvtxReader reader = Open(bytes, options);
        var records = new List<EventRecord>();
        var xml = new List<string>();
        while (reader.TryRead(out EventRecord? record))
        {
            records.Add(record);
            xml.Add(reader.GetXml());
        }

        return (records, xml, reader.Problems.ToList(), reader.Complete);
    }

    public static (List<EventRecord> Records, List<string> Xml, List<Problem> Problems, bool Complete) ReadAll(EvtxChunk chunk, EventReadOptions? options = null) =>
        ReadAll(EvtxFile.Build(chunk), options);

    /// <summary>The one record of a log without problems.</summary>
    public static (EventRecord Record, string Xml) Single(EvtxChunk chunk)
    {
        (List<EventRecord> records, List<string> xml, List<Problem> problems, bool complete) = ReadAll(chunk);
        Assert.Empty(problems);
        Assert.True(complete);
        return (Assert.Single(records), xml[0]);
    }

    /// <summary>The folder of real logs beside the repository; null where there is none.</summary>
    public static string? Samples()
    {
        for (DirectoryInfo? folder = new(System.AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "ApiLevel.sln")))
            {
                string samples = Path.Combine(folder.FullName, "..", "shared", "samples");
                return Directory.Exists(samples) ? samples : null;
            }
        }

        return null;
    }
}
