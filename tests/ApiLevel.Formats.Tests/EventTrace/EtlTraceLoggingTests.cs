using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using ApiLevel.Fixtures;

namespace ApiLevel.Formats.Tests.EventTrace;

public class EtlTraceLoggingTests
{
    private const long Stamp = EtlBuilder.DefaultStamp;

    [Fact]
    public void Reads_names_and_simple_types_from_the_event_itself()
    {
        var guid = Guid.NewGuid();
        byte[] payload = new BytesWriter().Text("wide").Utf8("narrow").UInt8(0xFF).UInt8(0xFF).UInt16(0xFFFF).UInt16(0xFFFF).Int32(-1).Int32(-1).Int64(-1).Int64(-1)
            .Bytes(BitConverter.GetBytes(1.5f)).Bytes(BitConverter.GetBytes(2.5)).Int32(1).Guid(guid).Pointer(0x1234, 8).Int64(EtlBuilder.DefaultStart)
            .UInt16(2024).UInt16(2).UInt16(4).UInt16(29).UInt16(1).UInt16(2).UInt16(3).UInt16(4).Bytes(EtlSeeds.Sid()).Int32(7).Int64(8).ToArray();
        int[] types = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 16, 17, 18, 19, 20, 21];
        EventRecord record = Read([.. types.Select(type => EtlRecord.Field("f" + type, type))], payload);
        Assert.Equal("Test.Provider", record.Provider);
        Assert.Equal("Simple", record.EventName);
        Assert.Equal(PayloadState.Decoded, record.PayloadState);
        Assert.True(record.RawData.IsEmpty);
        object[] expected =
        [
            "wide", "narrow", -1L, 255UL, -1L, 65535UL, -1L, (ulong)uint.MaxValue, -1L, ulong.MaxValue, 1.5, 2.5, true, guid, 0x1234UL,
            DateTime.FromFileTimeUtc(EtlBuilder.DefaultStart), new DateTime(2024, 2, 29, 1, 2, 3, 4, DateTimeKind.Utc), "S-1-5-21-1-2-3-500", 7UL, 8UL,
        ];
        Assert.Equal(expected, record.Fields.Select(field => field.Value));
        Assert.Equal(types.Select(type => "f" + type), record.Fields.Select(field => field.Name));
    }

    [Theory]
    [InlineData(8, 17, "ffffffff", -1L)]
    [InlineData(7, 18, "ffffffff", 4294967295UL)]
    [InlineData(4, 2, "41", "A")]
    [InlineData(6, 2, "ac20", "€")]
    [InlineData(4, 3, "01", true)]
    [InlineData(8, 3, "00000000", false)]
    [InlineData(6, 7, "01bb", 443UL)]
    [InlineData(8, 8, "0a000001", "10.0.0.1")]
    [InlineData(2, 35, "c3a400", "ä")]
    [InlineData(23, 35, "0200c3a4", "ä")]
    [InlineData(14, 9, "100000000000000000000000000000000001", "::1")]
    public void Honours_the_out_type(int inType, int outType, string bytes, object expected)
    {
        EventRecord record = Read([EtlRecord.Field("f", inType, outType)], Convert.FromHexString(bytes));
        Assert.Equal(expected, record["f"]);
        Assert.Equal(PayloadState.Decoded, record.PayloadState);
    }

    [Fact]
    public void Reads_counted_strings_and_binaries()
    {
        byte[] payload = new BytesWriter().UInt16(4).Bytes(Encoding.Unicode.GetBytes("ab")).UInt16(3).Bytes("abc"u8.ToArray()).UInt16(2).Bytes([1, 2]).UInt16(1).Bytes([3]).ToArray();
        EventRecord record = Read([EtlRecord.Field("a", 22), EtlRecord.Field("b", 23), EtlRecord.Field("c", 14), EtlRecord.Field("d", 25)], payload);
        Assert.Equal(["ab", "abc", new byte[] { 1, 2 }, new byte[] { 3 }], record.Fields.Select(field => field.Value));
    }

    [Fact]
    public void Reads_arrays_with_a_constant_and_with_a_variable_count()
    {
        byte[] payload = new BytesWriter().Int32(1).Int32(2).UInt16(2).Text("x").Text("y").ToArray();
        EventRecord record = Read([EtlRecord.Field("a", 8, count: 2), EtlRecord.Field("b", 1 | 0x40)], payload);
        Assert.Equal(new object[] { 1UL, 2UL }, record["a"]);
        Assert.Equal(new object[] { "x", "y" }, record["b"]);
    }

    [Fact]
    public void Reads_structures_in_structures_and_arrays_of_them()
    {
        byte[][] fields =
        [
            EtlRecord.Field("Outer", 24, outType: 2),
            EtlRecord.Field("Name", 1),
            EtlRecord.Field("Inner", 24 | 0x40, outType: 1),
            EtlRecord.Field("Value", 6),
            EtlRecord.Field("After", 4),
        ];
        EventRecord record = Read(fields, new BytesWriter().Text("n").UInt16(2).UInt16(10).UInt16(20).UInt8(9).ToArray());
        Assert.Equal(["Outer", "After"], record.Fields.Select(field => field.Name));
        var outer = Assert.IsAssignableFrom<IReadOnlyList<EventField>>(record["Outer"]);
        Assert.Equal("n", outer[0].Value);
        var inner = Assert.IsType<object[]>(outer[1].Value);
        Assert.Equal(new EventField("Value", 20UL), Assert.IsAssignableFrom<IReadOnlyList<EventField>>(inner[1])[0]);
        Assert.Equal(9UL, record["After"]);
    }

    [Theory]
    [InlineData(4, "78563412", 0x12345678UL)]
    [InlineData(8, "7856341200000000", 0x12345678UL)]
    public void Reads_pointers_by_the_size_that_the_header_says(int pointerSize, string bytes, ulong expected)
    {
        byte[] record = EtlRecord.TraceLogging(
            Stamp, "p", EtlRecord.TraceLoggingSchema("e", EtlRecord.Field("f", 16)), Convert.FromHexString(bytes), pointerSize);
        Assert.Equal(expected, EtlTestFile.ReadOne(record)["f"]);
    }

    [Fact]
    public void Returns_the_first_fields_and_the_bytes_when_the_payload_is_short()
    {
        EventRecord record = Read([EtlRecord.Field("a", 4), EtlRecord.Field("b", 10)], [1, 2, 3]);
        Assert.Equal(PayloadState.Partial, record.PayloadState);
        Assert.Equal([new EventField("a", 1UL)], record.Fields);
        Assert.Equal([1, 2, 3], record.RawData.ToArray());
    }

    [Fact]
    public void Does_not_follow_structures_without_end_or_arrays_without_bytes()
    {
        // 65,535 structures of no member, three levels deep, would be values without number from a few bytes.
        byte[][] fields =
        [
            EtlRecord.Field("a", 24, outType: 1, count: 65535),
            EtlRecord.Field("b", 24, outType: 1, count: 65535),
            EtlRecord.Field("c", 24, outType: 0, count: 65535),
        ];
        EventRecord record = Read(fields, []);
        Assert.NotEqual(PayloadState.Decoded, record.PayloadState);

        byte[][] deep = [.. Enumerable.Range(0, 200).Select(i => EtlRecord.Field("s", 24, outType: 1))];
        Assert.NotEqual(PayloadState.Decoded, Read(deep, [1]).PayloadState);
    }

    private static EventRecord Read(byte[][] fields, byte[] payload) =>
        EtlTestFile.ReadOne(EtlRecord.TraceLogging(Stamp, "Test.Provider", EtlRecord.TraceLoggingSchema("Simple", fields), payload));
}
