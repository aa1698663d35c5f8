using System;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using ApiLevel.Fixtures;
using ApiLevel.Formats.Tests.EventLog;

namespace ApiLevel.Formats.Tests.JsonEvents;

public class EventFilesTests
{
    [Fact]
    public void Tells_formats_by_their_bytes()
    {
        Assert.Equal(EventFileFormat.EventLog, Detect(EvtxFile.Build(new EvtxChunk())));
        Assert.Equal(EventFileFormat.NetTrace, Detect("Nettrace\x14\0\0\0!FastSerialization.1"u8.ToArray()));
        Assert.Equal(EventFileFormat.NetTrace, Detect("\x14\0\0\0!FastSerialization.1"u8.ToArray()));
        Assert.Equal(EventFileFormat.Json, Detect("\r\n [ {"u8.ToArray()));
        Assert.Equal(EventFileFormat.Json, Detect([.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes("{\"a\":1}")]));
        Assert.Equal(EventFileFormat.Json, Detect(Encoding.Unicode.GetBytes("{\"a\":1}")));
        Assert.Equal(EventFileFormat.Unknown, Detect([]));
        Assert.Equal(EventFileFormat.Unknown, Detect("MZ"u8.ToArray()));
        Assert.Equal(EventFileFormat.Unknown, Detect(new byte[4096]));
        Assert.Equal(EventFileFormat.Unknown, Detect("EventID,Provider"u8.ToArray()));
    }

    [Fact]
    public void Tells_a_trace_by_its_first_buffer()
    {
        var trace = new byte[0x1000];
        BitConverter.GetBytes(0x1000).CopyTo(trace, 0);
        BitConverter.GetBytes(0x220).CopyTo(trace, 4);
        new byte[] { 2, 0, 2, 0xC0 }.CopyTo(trace, 0x48);

        Assert.Equal(EventFileFormat.EventTrace, Detect(trace));
    }

    [Fact]
    public void Tells_real_files_apart()
    {
        string? samples = Logs.Samples();
        if (samples is null)
        {
            Assert.Skip("The folder of sample files is not beside the repository.");
        }

        foreach (string path in Directory.GetFiles(Path.Combine(samples!, "etl"), "*.etl").Concat(Directory.GetFiles(Path.Combine(samples!, "evtx"), "*.evtx")))
        {
            using ByteSource source = ByteSource.OpenFile(path);
            Assert.Equal(path.EndsWith(".etl", StringComparison.Ordinal) ? EventFileFormat.EventTrace : EventFileFormat.EventLog, EventFiles.Detect(source));
        }
    }

    [Fact]
    public void Opens_a_file_whatever_it_is_called()
    {
        string path = Path.GetTempFileName();
        try
        {
            var chunk = new EvtxChunk();
            EvtxEvents.Add(chunk, 42, 1, EvtxEvents.Data());
            File.WriteAllBytes(path, EvtxFile.Build(chunk));
            using (EventFileReader log = EventFiles.Open(path).Reader!)
            {
                Assert.Equal(42, log.Single().EventId);
            }

            File.WriteAllText(path, """{"EventId":43}""", Encoding.Unicode);
            using (EventFileReader json = EventFiles.Open(path).Reader!)
            {
                Assert.Equal(43, json.Single().EventId);
            }

            File.WriteAllText(path, "hello");
            Assert.Equal(ReadFailureKind.WrongFormat, EventFiles.Open(path).Failure!.Kind);
            File.WriteAllText(path, "");
            Assert.Equal(ReadFailureKind.FileEmpty, EventFiles.Open(path).Failure!.Kind);
        }
        finally
        {
            File.Delete(path); // and nothing holds it open
        }

        Assert.Equal(ReadFailureKind.FileNotFound, EventFiles.Open(path).Failure!.Kind);
    }

    private static EventFileFormat Detect(byte[] bytes) => EventFiles.Detect(bytes.AsSpan());
}

public class EventPayloadTests
{
    [Fact]
    public void Writes_every_kind_of_value()
    {
        EventField[] fields =
        [
            new("Text", "a\"b\\c\né<>&'"), new("Null", null), new("True", true), new("Long", -5L), new("ULong", ulong.MaxValue), new("Double", 0.1),
            new("NaN", double.NaN), new("Infinity", double.PositiveInfinity), new("Time", new DateTime(2021, 10, 21, 1, 2, 3, DateTimeKind.Utc).AddTicks(1200000)),
            new("Whole", new DateTime(2021, 10, 21, 0, 0, 0, DateTimeKind.Utc)), new("Guid", new Guid("11223344-5566-7788-99AA-BBCCDDEEFF00")),
            new("Bytes", new byte[] { 0, 0xAB }), new("Items", new object?[] { 1L, null, "x" }),
            new("Nested", new EventField[] { new("Inner", 1L), new("Inner", 2L) }), new("Empty", Array.Empty<EventField>()),
        ];

        string json = EventPayload.ToJson(fields);

        Assert.Equal(
            """{"Text":"a\"b\\c\né<>&'","Null":null,"True":true,"Long":-5,"ULong":18446744073709551615,"Double":0.1,"NaN":"NaN","Infinity":"Infinity","Time":"2021-10-21T01:02:03.12Z","Whole":"2021-10-21T00:00:00Z","Guid":"11223344-5566-7788-99aa-bbccddeeff00","Bytes":"00AB","Items":[1,null,"x"],"Nested":{"Inner":[1,2]},"Empty":{}}""",
            json);
        Assert.DoesNotContain('\n', json);
    }

    [Fact]
    public void Makes_one_array_of_a_name_that_is_repeated()
    {
        EventField[] fields = [new("A", 1L), new("B", 2L), new("A", 3L), new("C", 4L), new("B", null), new("A", 5L)];

        Assert.Equal("""{"A":[1,3,5],"B":[2,null],"C":4}""", EventPayload.ToJson(fields));
        Assert.Equal("""{"A":1,"a":2}""", EventPayload.ToJson([new("A", 1L), new("a", 2L)]));
        Assert.Equal("{}", EventPayload.ToJson([]));
    }

    [Fact]
    public void Writes_text_that_any_reader_takes()
    {
        string json = EventPayload.ToJson([new("\ud800name", "\udc00\u0000\u001f\u2028"), new("", "x")]);

        using JsonDocument document = JsonDocument.Parse(json);
        Assert.Equal(2, document.RootElement.EnumerateObject().Count());
    }

    [Fact]
    public void Writes_ten_thousand_repeats_without_looking_back_each_time()
    {
        EventField[] fields = Enumerable.Range(0, 100_000).Select(i => new EventField("Same", (long)i)).ToArray();

        using JsonDocument document = JsonDocument.Parse(EventPayload.ToJson(fields));
        Assert.Equal(100_000, document.RootElement.GetProperty("Same").GetArrayLength());
    }
}
