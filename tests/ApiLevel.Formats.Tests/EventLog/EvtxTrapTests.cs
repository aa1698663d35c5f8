using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Xml.Linq;
using ApiLevel.Fixtures;

namespace ApiLevel.Formats.Tests.EventLog;

/// <summary>What real logs do that a first reading of the format does not expect.</summary>
public class EvtxTrapTests
{
    private static readonly EvtxTemplate s_text = EvtxEvents.Data(("Text", 0x01));

    [Fact]
    public void Reads_elements_directly_in_a_record_which_have_no_dependency_id()
    {
        var chunk = new EvtxChunk();
        chunk.Record(7, EvtxEvents.Time, static c =>
        {
            c.FragmentHeader();
            DirectEvent(c);
            c.Token(0x00);
        });

        (EventRecord record, string xml) = Logs.Single(chunk);

        Assert.Equal("MSExchange CmdletLogs", record.Provider);
        Assert.Equal(1, record.EventId);
        Assert.Equal(3229, record.RecordId);
        Assert.Equal(0x80000000000000UL, record.Keywords);
        Assert.Equal(new DateTime(2021, 11, 19, 16, 52, 33, DateTimeKind.Utc).AddTicks(8337335), record.TimeCreated);
        Assert.Equal([new EventField("Data", "Set-Mailbox"), new EventField("Data", "second"), new EventField("Binary", new byte[] { 0, 0xAB })], record.Fields, FieldEquality.Instance);
        Assert.Contains("<EventID Qualifiers=\"16384\">1</EventID>", xml, StringComparison.Ordinal);
    }

    [Fact]
    public void Reads_elements_directly_in_a_BinXml_value_which_have_no_dependency_id_either()
    {
        var chunk = new EvtxChunk();
        EvtxEvents.Add(chunk, 1, 1, static c =>
        {
            c.FragmentHeader();
            c.Open("EventData");
            c.CloseStart();
            c.Open("Data", attributes: true);
            c.Attribute("Name");
            c.Text("Direct");
            c.CloseStart();
            c.Text("yes");
            c.End();
            c.End();
            c.Token(0x00);
        });

        Assert.Equal([new EventField("Direct", "yes")], Logs.Single(chunk).Record.Fields);
    }

    [Fact]
    public void Walks_to_the_end_of_the_file_whatever_the_header_counts()
    {
        byte[][] chunks = Enumerable.Range(1, 3).Select(i =>
        {
            var chunk = new EvtxChunk();
            EvtxEvents.Add(chunk, i, i, s_text, EvtxValue.Text("x"));
            return chunk.ToBytes();
        }).ToArray();

        var read = Logs.ReadAll(EvtxFile.Build(chunks, flags: 1, chunkCount: 1));

        Assert.Equal([1, 2, 3], read.Records.Select(record => record.EventId));
        Assert.Empty(read.Problems);
    }

    [Fact]
    public void Warns_about_checksums_that_do_not_fit_and_reads_on()
    {
        var chunk = new EvtxChunk();
        EvtxEvents.Add(chunk, 1, 1, s_text, EvtxValue.Text("x"));
        byte[] bytes = EvtxFile.Build(chunk);
        bytes[60]++;                // the file header
        bytes[4096 + 130]++;        // the chunk's header
        bytes[4096 + 512 + 16]++;   // the written time of the record

        var read = Logs.ReadAll(bytes);

        Assert.Single(read.Records);
        Assert.False(read.Complete);
        Assert.Equal(["file header", "chunk at offset 4096", "chunk at offset 4096"], read.Problems.Select(problem => problem.Where));
        Assert.All(read.Problems, problem => Assert.Contains("checksum", problem.What, StringComparison.Ordinal));
    }

    [Fact]
    public void Asks_for_no_checksum_where_the_log_has_none()
    {
        var chunk = new EvtxChunk { Flags = 4 };
        EvtxEvents.Add(chunk, 1, 1, s_text, EvtxValue.Text("x"));
        byte[] bytes = EvtxFile.Build([chunk.ToBytes()]);
        bytes[4096 + 52]++;
        bytes[4096 + 124]++;

        Assert.Empty(Logs.ReadAll(bytes).Problems);
        bytes[4096 + 120] = 0;
        Assert.Equal(2, Logs.ReadAll(bytes).Problems.Count);
    }

    [Fact]
    public void Goes_on_behind_a_chunk_without_a_header()
    {
        var chunk = new EvtxChunk();
        EvtxEvents.Add(chunk, 1, 1, s_text, EvtxValue.Text("x"));
        var broken = new byte[EvtxChunk.Size];
        broken.AsSpan().Fill(0x41);

        var read = Logs.ReadAll(EvtxFile.Build([chunk.ToBytes(), broken, new byte[EvtxChunk.Size], chunk.ToBytes(), broken], chunkCount: 1));

        Assert.Equal(2, read.Records.Count);

        // Zeros were never used, and rubbish behind the last good chunk is what lay on the disk before.
        Assert.Equal("chunk at offset " + (4096 + EvtxChunk.Size), Assert.Single(read.Problems).Where);
    }

    [Fact]
    public void Ignores_slack_behind_the_free_space_offset()
    {
        var chunk = new EvtxChunk();
        EvtxEvents.Add(chunk, 1, 1, s_text, EvtxValue.Text("live"));
        int free = chunk.Position;
        EvtxEvents.Add(chunk, 2, 2, s_text, EvtxValue.Text("slack"));
        chunk.Position = free;

        Assert.Equal("live", Logs.Single(chunk).Record["Text"]);
    }

    [Fact]
    public void Drops_elements_and_attributes_for_null_and_keeps_them_for_empty_text()
    {
        var template = new EvtxTemplate(static c =>
        {
            c.Open("UserData");
            c.CloseStart();
            c.Open("Inner");
            c.CloseStart();
            c.Element("Null", 0, 0x01);
            c.Element("Empty", 1, 0x01);
            c.Open("Attributes", attributes: true);
            c.Attribute("gone");
            c.Substitution(0, 0x01);
            c.Attribute("kept");
            c.Substitution(1, 0x01);
            c.CloseEmpty();
            c.Element("NotOptional", 0, 0x01, optional: false);
            c.Open("DependsOnNull", dependency: 0);
            c.CloseStart();
            c.Text("literal");
            c.End();
            c.End();
            c.End();
        });
        var chunk = new EvtxChunk();
        EvtxEvents.Add(chunk, 1, 1, c =>
        {
            c.FragmentHeader();
            c.Instance(template, EvtxValue.Null, EvtxValue.Text(""));
        });

        (EventRecord record, string xml) = Logs.Single(chunk);

        Assert.Equal(["Empty", "Attributes", "NotOptional"], record.Fields.Select(field => field.Name));
        Assert.Equal("", record["Empty"]);
        Assert.Null(record["NotOptional"]);
        Assert.Equal([new EventField("kept", "")], Assert.IsType<IReadOnlyList<EventField>>(record["Attributes"], exactMatch: false));
        Assert.EndsWith("<UserData><Inner><Empty></Empty><Attributes kept=\"\"/><NotOptional></NotOptional></Inner></UserData></Event>", xml, StringComparison.Ordinal);
    }

    [Fact]
    public void Repeats_an_element_for_each_value_of_an_array()
    {
        var chunk = new EvtxChunk();
        EvtxEvents.Add(
            chunk,
            1,
            1,
            EvtxEvents.Data(("Texts", 0x81), ("Numbers", 0x86), ("None", 0x88)),
            new EvtxValue(0x81, Encoding.Unicode.GetBytes("a\0\0c\0")),
            new EvtxValue(0x86, [1, 0, 2, 0]),
            new EvtxValue(0x88, []));

        (EventRecord record, string xml) = Logs.Single(chunk);

        Assert.Equal(
            [
                new EventField("Texts", "a"), new EventField("Texts", ""), new EventField("Texts", "c"),
                new EventField("Numbers", 1UL), new EventField("Numbers", 2UL), new EventField("None", null),
            ],
            record.Fields);
        Assert.Equal(["a", "", "c", "1", "2", ""], XElement.Parse(xml).Descendants().Where(e => e.Name.LocalName == "Data").Select(e => e.Value));
        Assert.Equal("""{"Texts":["a","","c"],"Numbers":[1,2],"None":null}""", EventPayload.ToJson(record.Fields));
    }

    [Theory]
    [InlineData(new byte[] { 1 }, true)]
    [InlineData(new byte[] { 0, 0 }, false)]
    [InlineData(new byte[] { 0, 2 }, true)]
    [InlineData(new byte[] { 4, 0, 0, 0 }, true)]
    [InlineData(new byte[] { 0, 0, 0, 0 }, false)]
    public void Reads_booleans_of_any_size_and_value(byte[] bytes, bool expected) => Assert.Equal(expected, Value(0x0D, bytes));

    [Fact]
    public void Reads_every_value_type()
    {
        var guid = new Guid("11223344-5566-7788-99aa-bbccddeeff00");
        Assert.Equal("text", Value(0x01, Encoding.Unicode.GetBytes("text\0\0")));
        Assert.Equal("ansi é", Value(0x02, [.. "ansi "u8, 0xE9, 0]));
        Assert.Equal("utf é", Value(0x02, "utf é"u8.ToArray()));
        Assert.Equal(-2L, Value(0x03, [0xFE]));
        Assert.Equal(254UL, Value(0x04, [0xFE]));
        Assert.Equal(-2L, Value(0x05, [0xFE, 0xFF]));
        Assert.Equal(0xFFFEUL, Value(0x06, [0xFE, 0xFF]));
        Assert.Equal(-2L, Value(0x07, BitConverter.GetBytes(-2)));
        Assert.Equal(0xFFFFFFFEUL, Value(0x08, BitConverter.GetBytes(-2)));
        Assert.Equal(-2L, Value(0x09, BitConverter.GetBytes(-2L)));
        Assert.Equal(ulong.MaxValue - 1, Value(0x0A, BitConverter.GetBytes(-2L)));
        Assert.Equal(1.5, Value(0x0B, BitConverter.GetBytes(1.5f)));
        Assert.Equal(-2.25, Value(0x0C, BitConverter.GetBytes(-2.25)));
        Assert.Equal(new byte[] { 1, 2 }, Value(0x0E, [1, 2]));
        Assert.Equal(guid, Value(0x0F, guid.ToByteArray()));
        Assert.Equal(588UL, Value(0x10, BitConverter.GetBytes(588)));
        Assert.Equal(588UL, Value(0x10, BitConverter.GetBytes(588L)));
        Assert.Equal(EvtxEvents.Time, Value(0x11, BitConverter.GetBytes(EvtxEvents.Time.ToFileTimeUtc())));
        Assert.Equal("S-1-5-21-1-4294967295", Value(0x13, EvtxValue.Sid(21, 1, uint.MaxValue).Bytes));
        Assert.Equal(0x1FFFFFUL, Value(0x14, BitConverter.GetBytes(0x1FFFFF)));
        Assert.Equal(0xFFFF000000000000UL, Value(0x15, BitConverter.GetBytes(0xFFFF000000000000UL)));
        Assert.Equal("<a/>", Value(0x23, Encoding.Unicode.GetBytes("<a/>")));
        Assert.Equal(new byte[] { 9 }, Value(0x55, [9]));
    }

    [Fact]
    public void Gives_the_bytes_of_values_that_are_cut_short_or_impossible()
    {
        Assert.Equal(new byte[] { 1, 5, 0, 0, 0, 0, 0, 5, 21 }, Value(0x13, [1, 5, 0, 0, 0, 0, 0, 5, 21]));
        Assert.Equal(new byte[] { 1, 2, 3 }, Value(0x08, [1, 2, 3]));
        Assert.Equal(new byte[] { 1, 2, 3 }, Value(0x0F, [1, 2, 3]));
        Assert.Equal(ulong.MaxValue, Value(0x11, BitConverter.GetBytes(-1L)));
        byte[] month13 = [0xE5, 7, 13, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        Assert.Equal(month13, Value(0x12, month13));
    }

    [Fact]
    public void Reads_SYSTEMTIME_and_takes_one_of_zeros_as_none()
    {
        Assert.Null(Value(0x12, new byte[16]));
        Assert.Equal(
            new DateTime(2021, 2, 28, 3, 4, 5, 6, DateTimeKind.Utc),
            Value(0x12, [0xE5, 7, 2, 0, 0, 0, 28, 0, 3, 0, 4, 0, 5, 0, 6, 0]));
    }

    [Fact]
    public void Writes_hexadecimal_types_in_lower_case_without_padding()
    {
        var chunk = new EvtxChunk();
        EvtxEvents.Add(chunk, 1, 1, EvtxEvents.Data(("A", 0x14), ("B", 0x15), ("C", 0x10)), new EvtxValue(0x14, [0xAB, 0, 0, 0]), EvtxValue.Hex64(0xCD), new EvtxValue(0x10, [4, 0, 0, 0]));

        Assert.Equal(["0xab", "0xcd", "0x4"], XElement.Parse(Logs.Single(chunk).Xml).Descendants().Where(e => e.Name.LocalName == "Data").Select(e => e.Value));
    }

    [Fact]
    public void Uses_the_record_stamp_where_the_event_has_no_usable_time()
    {
        EvtxValue[] values = EvtxEvents.HeaderValues(1, 1);
        values[6] = new EvtxValue(0x11, BitConverter.GetBytes(-5L));
        var chunk = new EvtxChunk();
        chunk.Record(1, EvtxEvents.Time.AddDays(1), EvtxEvents.Header, values);
        int second = chunk.Record(2, EvtxEvents.Time, EvtxEvents.Header, values);
        BinaryPrimitives.WriteInt64LittleEndian(chunk.Bytes[(second + 16)..], long.MinValue);

        List<EventRecord> records = Logs.ReadAll(chunk).Records;

        Assert.Equal(EvtxEvents.Time.AddDays(1), records[0].TimeCreated);
        Assert.Null(records[1].TimeCreated);
    }

    [Fact]
    public void Reads_a_record_of_two_fragments_and_leaves_RenderingInfo_out_of_the_fields()
    {
        var chunk = new EvtxChunk();
        chunk.Record(1, EvtxEvents.Time, static c =>
        {
            c.FragmentHeader();
            DirectEvent(c);
            c.FragmentHeader();
            c.Open("RenderingInfo", attributes: true);
            c.Attribute("Culture");
            c.Text("en-US");
            c.CloseStart();
            c.Open("Message");
            c.CloseStart();
            c.Text("A message.");
            c.End();
            c.End();
            c.Token(0x00);
        });

        (EventRecord record, string xml) = Logs.Single(chunk);

        Assert.Equal(["Data", "Data", "Binary"], record.Fields.Select(field => field.Name));
        Assert.EndsWith("<RenderingInfo Culture=\"en-US\"><Message>A message.</Message></RenderingInfo></Event>", xml, StringComparison.Ordinal);
    }

    [Fact]
    public void Takes_what_follows_the_end_token_as_padding()
    {
        var chunk = new EvtxChunk();
        chunk.Record(1, EvtxEvents.Time, static c =>
        {
            c.FragmentHeader();
            c.InstanceWithNested(EvtxEvents.Header, EvtxEvents.HeaderValues(1, 1), static nested =>
            {
                nested.FragmentHeader();
                nested.Instance(s_text, EvtxValue.Text("x"));
                nested.Token(0x00);
            });
            c.Token(0x00);

            // The rest of an older record, a whole template instance.
            c.FragmentHeader();
            c.Instance(s_text, EvtxValue.Text("old"));
        });

        Assert.Equal([new EventField("Text", "x")], Logs.Single(chunk).Record.Fields);
    }

    [Fact]
    public void Goes_on_behind_a_record_of_no_length()
    {
        var chunk = new EvtxChunk();
        EvtxEvents.Add(chunk, 1, 1, s_text, EvtxValue.Text("x"));
        int second = EvtxEvents.Add(chunk, 2, 2, s_text, EvtxValue.Text("y"));
        EvtxEvents.Add(chunk, 3, 3, s_text, EvtxValue.Text("z"));
        chunk.Bytes[(second + 4)..(second + 8)].Clear();

        var read = Logs.ReadAll(chunk);

        Assert.Equal([1, 3], read.Records.Select(record => record.EventId));
        Assert.Equal("record at offset " + (4096 + second), Assert.Single(read.Problems).Where);
    }

    [Fact]
    public void Loses_only_the_record_that_is_damaged()
    {
        var chunk = new EvtxChunk();
        EvtxEvents.Add(chunk, 1, 1, s_text, EvtxValue.Text("x"));
        int second = EvtxEvents.Add(chunk, 2, 2, s_text, EvtxValue.Text("y"));
        EvtxEvents.Add(chunk, 3, 3, s_text, EvtxValue.Text("z"));
        chunk.Bytes[second + 24 + 4] = 0x55;

        var read = Logs.ReadAll(chunk);

        Assert.Equal([1, 3], read.Records.Select(record => record.EventId));
        Assert.Equal("record 2 at offset " + (4096 + second), Assert.Single(read.Problems).Where);
    }

    [Fact]
    public void Returns_an_event_whose_payload_alone_is_damaged()
    {
        var chunk = new EvtxChunk();
        EvtxEvents.Add(chunk, 9, 1, static c => c.Token(0x0F, 1, 1, 0, 0x77));

        var read = Logs.ReadAll(chunk);

        EventRecord record = Assert.Single(read.Records);
        Assert.Equal(9, record.EventId);
        Assert.Equal(PayloadState.Undecoded, record.PayloadState);
        Assert.False(record.RawData.IsEmpty);
        Assert.Single(read.Problems);
        Assert.StartsWith("<Event", read.Xml[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Reads_processing_instructions_references_and_CDATA()
    {
        var chunk = new EvtxChunk();
        EvtxEvents.Add(chunk, 1, 1, static c =>
        {
            c.FragmentHeader();
            c.Open("EventData");
            c.CloseStart();
            c.Token(0x0A);
            c.Name("target");
            c.Token(0x0B);
            c.UInt16(2);
            c.Token(Encoding.Unicode.GetBytes("pi"));
            c.Open("Data");
            c.CloseStart();
            c.Text("a");
            c.Token(0x09);
            c.Name("lt");
            c.Token(0x08);
            c.UInt16('Z');
            c.Token(0x07);
            c.UInt16(1);
            c.Token(Encoding.Unicode.GetBytes("&"));
            c.End();
            c.End();
        });

        (EventRecord record, string xml) = Logs.Single(chunk);

        Assert.Equal("a<Z&", record["Data"]);
        Assert.EndsWith("<EventData><?target pi?><Data>a&lt;Z&amp;</Data></EventData></Event>", xml, StringComparison.Ordinal);
    }

    [Fact]
    public void Takes_the_fields_of_UserData_out_of_its_element()
    {
        var template = new EvtxTemplate(static c =>
        {
            c.Open("UserData");
            c.CloseStart();
            c.Open("EventXML", attributes: true);
            c.Attribute("xmlns");
            c.Text("Event_NS");
            c.CloseStart();
            c.Element("User", 0, 0x01);
            c.Open("Certificate", attributes: true);
            c.Attribute("subjectName");
            c.Substitution(0, 0x01);
            c.CloseStart();
            c.Element("Flags", 1, 0x08);
            c.End();
            c.End();
            c.End();
        });
        var chunk = new EvtxChunk();
        EvtxEvents.Add(chunk, 1, 1, c =>
        {
            c.FragmentHeader();
            c.Instance(template, EvtxValue.Text("bob"), EvtxValue.UInt32(3));
        });

        EventRecord record = Logs.Single(chunk).Record;

        Assert.Equal(["User", "Certificate"], record.Fields.Select(field => field.Name));
        Assert.Equal("bob", record["User"]);
        Assert.Equal("""{"User":"bob","Certificate":{"subjectName":"bob","Flags":3}}""", EventPayload.ToJson(record.Fields));
    }

    [Fact]
    public void Reads_a_log_that_ends_inside_a_chunk()
    {
        var chunk = new EvtxChunk();
        EvtxEvents.Add(chunk, 1, 1, s_text, EvtxValue.Text("x"));
        int second = EvtxEvents.Add(chunk, 2, 2, s_text, EvtxValue.Text("y"));
        byte[] bytes = EvtxFile.Build(chunk);

        var read = Logs.ReadAll(bytes[..(4096 + second + 40)]);

        Assert.Equal([1], read.Records.Select(record => record.EventId));
        Assert.Contains(read.Problems, problem => problem.What.Contains("ends inside", StringComparison.Ordinal));
        Assert.False(read.Complete);
    }

    [Fact]
    public void Replaces_what_XML_cannot_hold()
    {
        var chunk = new EvtxChunk();
        EvtxEvents.Add(chunk, 1, 1, s_text, EvtxValue.Text("a\u0003<\ud800>\"\U0001F600"));

        (EventRecord record, string xml) = Logs.Single(chunk);

        Assert.Equal("a\u0003<\ud800>\"\U0001F600", record["Text"]);
        Assert.Equal("a\ufffd<\ufffd>\"\U0001F600", XElement.Parse(xml).Descendants().Single(e => e.Name.LocalName == "Data").Value);
    }

    private static object? Value(byte type, byte[] bytes)
    {
        var chunk = new EvtxChunk();
        EvtxEvents.Add(chunk, 1, 1, EvtxEvents.Data(("V", type)), new EvtxValue(type, bytes));
        return Logs.Single(chunk).Record["V"];
    }

    private static void DirectEvent(EvtxChunk c)
    {
        void Leaf(string name, string text)
        {
            c.Open(name);
            c.CloseStart();
            c.Text(text);
            c.End();
        }

        c.Open("Event", attributes: true);
        c.Attribute("xmlns");
        c.Text("http://schemas.microsoft.com/win/2004/08/events/event");
        c.CloseStart();
        c.Open("System");
        c.CloseStart();
        c.Open("Provider", attributes: true);
        c.Attribute("Name");
        c.Text("MSExchange CmdletLogs");
        c.CloseEmpty();
        c.Open("EventID", attributes: true);
        c.Attribute("Qualifiers");
        c.Text("16384");
        c.CloseStart();
        c.Text("1");
        c.End();
        Leaf("Keywords", "0x80000000000000");
        c.Open("TimeCreated", attributes: true);
        c.Attribute("SystemTime");
        c.Text("2021-11-19T16:52:33.833733500Z");
        c.CloseEmpty();
        Leaf("EventRecordID", "3229");
        c.End();
        c.Open("EventData");
        c.CloseStart();
        Leaf("Data", "Set-Mailbox");
        Leaf("Data", "second");
        Leaf("Binary", "00AB");
        c.End();
        c.End();
    }

    private sealed class FieldEquality : IEqualityComparer<EventField>
    {
        public static readonly FieldEquality Instance = new();

        public bool Equals(EventField x, EventField y) =>
            x.Name == y.Name && (x.Value is byte[] a && y.Value is byte[] b ? a.AsSpan().SequenceEqual(b) : Equals(x.Value, y.Value));

        public int GetHashCode(EventField field) => field.Name.GetHashCode(StringComparison.Ordinal);
    }
}
