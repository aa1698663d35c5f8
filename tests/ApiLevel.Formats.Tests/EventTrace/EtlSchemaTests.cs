using System;
using System.Linq;
using System.Text;
using ApiLevel.Fixtures;

namespace ApiLevel.Formats.Tests.EventTrace;

public class EtlSchemaTests
{
    private const long Stamp = EtlBuilder.DefaultStamp;
    private static readonly Guid s_provider = new("aaaaaaaa-0000-0000-0000-000000000009");

    [Theory]
    [InlineData("UnicodeString", "610062000000", "ab")]
    [InlineData("UnicodeString", "61006200", "ab")]
    [InlineData("AnsiString", "616200", "ab")]
    [InlineData("AnsiString", "e400", "ä")]
    [InlineData("Int8", "ff", -1L)]
    [InlineData("UInt8", "ff", 255UL)]
    [InlineData("Int16", "feff", -2L)]
    [InlineData("UInt16", "0102", 513UL)]
    [InlineData("Int32", "fdffffff", -3L)]
    [InlineData("UInt32", "00000080", 2147483648UL)]
    [InlineData("Int64", "fcffffffffffffff", -4L)]
    [InlineData("UInt64", "ffffffffffffffff", ulong.MaxValue)]
    [InlineData("HexInt32", "05000000", 5UL)]
    [InlineData("HexInt64", "0500000000000000", 5UL)]
    [InlineData("Pointer", "0500000000000000", 5UL)]
    [InlineData("SizeT", "0600000000000000", 6UL)]
    [InlineData("Boolean", "01000000", true)]
    [InlineData("Float", "0000c03f", 1.5)]
    [InlineData("Double", "0000000000000440", 2.5)]
    [InlineData("SID", "010100000000000512000000", "S-1-5-18")]
    public void Decodes_each_type_of_a_manifest(string type, string bytes, object expected)
    {
        EventRecord record = Read(Convert.FromHexString(bytes), ("f", type));
        Assert.Equal(expected, record["f"]);
        Assert.Equal(PayloadState.Decoded, record.PayloadState);
        Assert.Equal(("Test-Provider", "TestEvent"), (record.Provider, record.EventName));
    }

    [Fact]
    public void Decodes_identifiers_and_times()
    {
        var guid = Guid.NewGuid();
        byte[] payload = new BytesWriter().Guid(guid).Int64(EtlBuilder.DefaultStart).UInt16(2020).UInt16(12).UInt16(0).UInt16(31).UInt16(23).UInt16(59).UInt16(58).UInt16(7).Int64(0).ToArray();
        EventRecord record = Read(payload, ("g", "GUID"), ("f", "FILETIME"), ("s", "SYSTEMTIME"), ("never", "FILETIME"));
        Assert.Equal([guid, DateTime.FromFileTimeUtc(EtlBuilder.DefaultStart), new DateTime(2020, 12, 31, 23, 59, 58, 7, DateTimeKind.Utc), null], record.Fields.Select(field => field.Value));
    }

    [Fact]
    public void Gives_a_binary_what_the_fields_after_it_leave()
    {
        EventRecord record = Read([1, 0, 9, 8, 7, 5, 0, 0, 0], ("a", "UInt16"), ("data", "Binary"), ("b", "UInt32"));
        Assert.Equal(new byte[] { 9, 8, 7 }, record["data"]);
        Assert.Equal(5UL, record["b"]);
        Assert.Equal(PayloadState.Decoded, record.PayloadState);
    }

    [Fact]
    public void Takes_the_length_of_a_binary_from_the_field_before_it()
    {
        byte[] payload = new BytesWriter().UInt16(2).Bytes([7, 8]).Text("after").ToArray();
        EventRecord record = Read(payload, ("HashLength", "UInt16"), ("Hash", "Binary"), ("Text", "UnicodeString"));
        Assert.Equal(new byte[] { 7, 8 }, record["Hash"]);
        Assert.Equal("after", record["Text"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Finds_out_whether_a_string_has_its_length_before_it_or_a_terminator(bool terminated)
    {
        byte[] path = Encoding.Unicode.GetBytes(terminated ? "C:\\x\0" : "C:\\x");
        byte[] payload = new BytesWriter().UInt16(4).Bytes(path).Int32(77).ToArray();
        EventRecord record = Read(payload, ("FilePathLength", "UInt16"), ("FilePath", "UnicodeString"), ("Result", "UInt32"));
        Assert.Equal("C:\\x", record["FilePath"]);
        Assert.Equal(77UL, record["Result"]);
        Assert.Equal(PayloadState.Decoded, record.PayloadState);
    }

    [Fact]
    public void Stops_at_a_binary_of_unknown_length_and_keeps_the_bytes()
    {
        EventRecord record = Read([1, 2, 3, 0, 0], ("a", "UInt8"), ("hash", "Binary"), ("text", "UnicodeString"));
        Assert.Equal(PayloadState.Partial, record.PayloadState);
        Assert.Equal([new EventField("a", 1UL)], record.Fields);
        Assert.Equal(5, record.RawData.Length);
    }

    [Fact]
    public void Keeps_raw_bytes_where_asked_and_asks_for_each_schema_once()
    {
        var schema = new OneSchema(s_provider, 1, 0, ("f", "UInt8"));
        byte[] record = EtlRecord.Event(Stamp, s_provider, 1, [5]);
        var records = EtlTestFile.Read(new EtlBuilder().Buffer(0, record, record, record), new EventReadOptions { Schemas = schema, KeepRawData = true });
        Assert.All(records, one => Assert.Equal([5], one.RawData.ToArray()));
        Assert.Equal(1, schema.Asked);
    }

    [Fact]
    public void Uses_the_description_that_a_merged_file_carries()
    {
        byte[] payload = new BytesWriter().Int32(2).Bytes([1, 2]).Text("x").ToArray();
        var records = EtlTestFile.Read(new EtlBuilder().Buffer(
            0,
            EtlRecord.Event(Stamp, EtlSeeds.MetaData, 0, EtlSeeds.Information(), opcode: 32, flags: 0x100),
            EtlRecord.Event(Stamp + 1, EtlSeeds.Merged, 7, payload)));
        Assert.Equal("MetaData/EventInfo", records[0].EventName);
        Assert.Equal(("Merged-Provider", "Task/Start"), (records[1].Provider, records[1].EventName));
        Assert.Equal([2UL, new byte[] { 1, 2 }, "x"], records[1].Fields.Select(field => field.Value));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Uses_the_manifest_that_an_EventSource_writes(int pieces)
    {
        var file = new EtlBuilder();
        for (int i = 0; i < pieces; i++)
        {
            Range part = pieces == 1 ? .. : i == 0 ? ..300 : 300..;
            file.Buffer(0, EtlRecord.Event(Stamp + i, EtlSeeds.Source, 0xFFFE, EtlSeeds.Manifest(pieces, i, part), version: 1));
        }

        file.Buffer(0, EtlRecord.Event(Stamp + 9, EtlSeeds.Source, 3, new BytesWriter().Text("hi").Int32(4).ToArray()));
        var records = EtlTestFile.Read(file);
        Assert.Equal("ManifestData", records[0].EventName);
        Assert.Equal(("Seed-EventSource", "Say/Start"), (records[^1].Provider, records[^1].EventName));
        Assert.Equal([new EventField("text", "hi"), new EventField("times", 4L)], records[^1].Fields);
    }

    [Fact]
    public void Shows_an_event_that_is_only_text()
    {
        EventRecord record = EtlTestFile.ReadOne(EtlRecord.Event(Stamp, s_provider, 0, new BytesWriter().Text("hello").ToArray(), flags: 0x04));
        Assert.Equal("hello", record["Message"]);
    }

    private static EventRecord Read(byte[] payload, params (string Name, string Type)[] fields) => EtlTestFile.ReadOne(
        EtlRecord.Event(Stamp, s_provider, 1, payload, version: 3),
        new EventReadOptions { Schemas = new OneSchema(s_provider, 1, 3, fields) });
}
