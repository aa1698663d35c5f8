using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Xml.Linq;
using ApiLevel.Fixtures;
using ApiLevel.Formats.EventLog;

namespace ApiLevel.Formats.Tests.EventLog;

public class EvtxReaderTests
{
    private static readonly EvtxTemplate s_data = EvtxEvents.Data(("TargetImage", 0x01), ("GrantedAccess", 0x14), ("ProcessId", 0x08));

    private static readonly EvtxValue[] s_values =
        [EvtxValue.Text(@"C:\Windows\lsass.exe"), new EvtxValue(0x14, BitConverter.GetBytes(0x1FFFFF)), EvtxValue.UInt32(4711)];

    [Fact]
    public void Fills_the_header_from_the_System_element()
    {
        var chunk = new EvtxChunk();
        EvtxEvents.Add(chunk, 10, 82849, s_data, s_values);

        EventRecord record = Logs.Single(chunk).Record;

        Assert.Equal("Test-Provider", record.Provider);
        Assert.Equal(EvtxEvents.ProviderId, record.ProviderId);
        Assert.Equal(10, record.EventId);
        Assert.Equal(5, record.EventVersion);
        Assert.Equal(4, record.Level);
        Assert.Equal(7, record.Task);
        Assert.Equal(2, record.Opcode);
        Assert.Equal(0x8000000000000001, record.Keywords);
        Assert.Equal(EvtxEvents.Time, record.TimeCreated);
        Assert.Equal(DateTimeKind.Utc, record.TimeCreated!.Value.Kind);
        Assert.Equal(82849, record.RecordId);
        Assert.Null(record.ActivityId);
        Assert.Equal(1152, record.ProcessId);
        Assert.Equal(1764, record.ThreadId);
        Assert.Equal("Test/Operational", record.Channel);
        Assert.Equal("FS03.example", record.Computer);
        Assert.Equal("S-1-5-18", record.UserSid);
        Assert.Equal(PayloadState.Decoded, record.PayloadState);
        Assert.True(record.RawData.IsEmpty);
    }

    [Fact]
    public void Gives_the_fields_in_order_with_their_types()
    {
        var chunk = new EvtxChunk();
        EvtxEvents.Add(chunk, 10, 1, s_data, s_values);

        EventRecord record = Logs.Single(chunk).Record;

        Assert.Equal(
            [new EventField("TargetImage", @"C:\Windows\lsass.exe"), new EventField("GrantedAccess", 0x1FFFFFUL), new EventField("ProcessId", 4711UL)],
            record.Fields);
        Assert.Equal(4711UL, record["processid"]);
    }

    [Fact]
    public void Writes_the_XML_that_Windows_shows()
    {
        var chunk = new EvtxChunk();
        EvtxEvents.Add(chunk, 10, 1, s_data, s_values);

        XElement xml = XElement.Parse(Logs.Single(chunk).Xml);

        XNamespace ns = "http://schemas.microsoft.com/win/2004/08/events/event";
        Assert.Equal(ns + "Event", xml.Name);
        Assert.Equal("2021-10-21T20:40:12.8678222Z", (string?)xml.Element(ns + "System")!.Element(ns + "TimeCreated")!.Attribute("SystemTime"));
        Assert.Equal("0x8000000000000001", (string?)xml.Element(ns + "System")!.Element(ns + "Keywords"));
        Assert.Null(xml.Element(ns + "System")!.Element(ns + "EventID")!.Attribute("Qualifiers"));
        Assert.Equal(
            ["TargetImage=C:\\Windows\\lsass.exe", "GrantedAccess=0x1fffff", "ProcessId=4711"],
            xml.Element(ns + "EventData")!.Elements().Select(data => (string?)data.Attribute("Name") + "=" + data.Value));
    }

    [Fact]
    public void Asks_the_filter_before_anything_of_the_payload_is_decoded()
    {
        var chunk = new EvtxChunk();
        for (int i = 1; i <= 6; i++)
        {
            EvtxEvents.Add(chunk, i, i, s_data, s_values);
        }

        var seen = new List<int>();
        var options = new EventReadOptions
        {
            HeaderFilter = header =>
            {
                Assert.Empty(header.Fields);
                Assert.Equal("Test-Provider", header.Provider);
                Assert.Equal(1152, header.ProcessId);
                Assert.NotNull(header.TimeCreated);
                seen.Add(header.EventId);
                return header.EventId % 3 == 0;
            },
        };

        List<EventRecord> records = Logs.ReadAll(EvtxFile.Build(chunk), options).Records;

        Assert.Equal([1, 2, 3, 4, 5, 6], seen);
        Assert.Equal([3, 6], records.Select(record => record.EventId));
        Assert.All(records, record => Assert.Equal(3, record.Fields.Count));
    }

    [Fact]
    public void Gives_each_caller_a_record_of_its_own()
    {
        var chunk = new EvtxChunk();
        EvtxEvents.Add(chunk, 1, 1, s_data, s_values);
        EvtxEvents.Add(chunk, 2, 2, s_data, s_values);
        EvtxEvents.Add(chunk, 3, 3, s_data, s_values);

        List<EventRecord> records = Logs.ReadAll(EvtxFile.Build(chunk), new EventReadOptions { HeaderFilter = header => header.EventId != 2 }).Records;

        Assert.Equal([1, 3], records.Select(record => record.EventId));
        Assert.NotSame(records[0], records[1]);
    }

    [Fact]
    public void Keeps_raw_data_when_asked()
    {
        var chunk = new EvtxChunk();
        int start = EvtxEvents.Add(chunk, 1, 1, s_data, s_values);

        EventRecord record = Assert.Single(Logs.ReadAll(EvtxFile.Build(chunk), new EventReadOptions { KeepRawData = true }).Records);

        Assert.Equal(chunk.Bytes[(start + 24)..(chunk.Position - 4)].ToArray(), record.RawData.ToArray());
    }

    [Fact]
    public void Reads_a_template_of_a_chunk_once_and_none_of_another_chunk()
    {
        var first = new EvtxChunk();
        EvtxEvents.Add(first, 1, 1, s_data, s_values);
        EvtxEvents.Add(first, 1, 2, s_data, s_values);

        // The same place in the second chunk holds another template.
        var second = new EvtxChunk();
        EvtxEvents.Add(second, 1, 3, EvtxEvents.Data(("TargetOther", 0x01), ("GrantedOther", 0x14), ("ProcessXy", 0x08)), s_values);

        List<EventRecord> records = Logs.ReadAll(EvtxFile.Build([first.ToBytes(), second.ToBytes()])).Records;

        Assert.Equal(["TargetImage", "TargetImage", "TargetOther"], records.Select(record => record.Fields[0].Name));
    }

    [Fact]
    public void Tells_how_far_it_is()
    {
        var chunk = new EvtxChunk();
        EvtxEvents.Add(chunk, 1, 1, s_data, s_values);
        byte[] bytes = EvtxFile.Build([chunk.ToBytes(), chunk.ToBytes()]);
        using EvtxReader reader = Logs.Open(bytes);

        Assert.Equal(bytes.Length, reader.Length);
        Assert.Equal(4096, reader.Position);
        Assert.True(reader.TryRead(out _));
        Assert.InRange(reader.Position, 4097, 4096 + EvtxChunk.Size);
        Assert.False(reader.Complete);
        while (reader.TryRead(out _))
        {
        }

        Assert.Equal(bytes.Length, reader.Position);
        Assert.True(reader.Complete);
    }

    [Fact]
    public void Stops_when_cancelled_and_when_disposed()
    {
        var chunk = new EvtxChunk();
        EvtxEvents.Add(chunk, 1, 1, s_data, s_values);
        EvtxEvents.Add(chunk, 2, 2, s_data, s_values);
        using var cancel = new CancellationTokenSource();
        EvtxReader reader = Logs.Open(EvtxFile.Build(chunk), new EventReadOptions { Cancellation = cancel.Token });

        Assert.True(reader.TryRead(out _));
        cancel.Cancel();
        Assert.Throws<OperationCanceledException>(() => reader.TryRead(out _));
        reader.Dispose();
        Assert.Throws<InvalidOperationException>(reader.GetXml);
        Assert.False(reader.TryRead(out _));
    }

    [Fact]
    public void Closes_the_file_when_the_consumer_stops()
    {
        string path = Path.GetTempFileName();
        try
        {
            var chunk = new EvtxChunk();
            EvtxEvents.Add(chunk, 1, 1, s_data, s_values);
            EvtxEvents.Add(chunk, 2, 2, s_data, s_values);
            File.WriteAllBytes(path, EvtxFile.Build(chunk));

            using (EventFileReader reader = EventLogFile.Open(path).Reader!)
            {
                Assert.Equal(1, reader.First().EventId);
            }

            using FileStream exclusive = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            Assert.True(exclusive.Length > 0);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData(new byte[0], ReadFailureKind.FileEmpty)]
    [InlineData(new byte[] { (byte)'E', (byte)'l', (byte)'f' }, ReadFailureKind.WrongFormat)]
    [InlineData(new byte[] { (byte)'{', (byte)'}' }, ReadFailureKind.WrongFormat)]
    public void Says_why_a_file_is_no_log(byte[] bytes, ReadFailureKind kind)
    {
        EventFileResult result = EventLogFile.Open(ByteSource.FromMemory(bytes), "some.evtx");

        Assert.Null(result.Reader);
        Assert.Equal(kind, result.Failure!.Kind);
        Assert.Equal("some.evtx", result.Failure.Path);
    }

    [Fact]
    public void Says_why_a_path_cannot_be_opened()
    {
        Assert.Equal(ReadFailureKind.FileNotFound, EventLogFile.Open(Path.Combine(Path.GetTempPath(), "no such log.evtx")).Failure!.Kind);
        Assert.Equal(ReadFailureKind.PathIsDirectory, EventLogFile.Open(Path.GetTempPath()).Failure!.Kind);
    }
}
