using System;
using System.Collections.Generic;
using System.Linq;
using ApiLevel.Fixtures;
using ApiLevel.Formats.EventTrace;

namespace ApiLevel.Formats.Tests.EventTrace;

public class EtlMergeTests
{
    private const long Stamp = EtlBuilder.DefaultStamp;
    private static readonly Guid s_provider = new("aaaaaaaa-0000-0000-0000-000000000009");

    [Fact]
    public void Merges_the_buffers_of_several_processors_by_time()
    {
        var builder = new EtlBuilder();
        const int Processors = 8;

        // Each processor fills its buffers with every eighth stamp, and writes them at other times than it fills them.
        var buffers = new List<(int Processor, byte[][] Records)>();
        for (int processor = 0; processor < Processors; processor++)
        {
            for (int buffer = 0; buffer < 4; buffer++)
            {
                buffers.Add((processor, Enumerable.Range(0, 20).Select(i => Numbered(((buffer * 20) + i) * Processors + processor)).ToArray()));
            }
        }

        foreach ((int processor, byte[][] records) in buffers.OrderBy(buffer => (buffer.Processor * 7 + buffer.Records[0][40]) % 13))
        {
            builder.Buffer(processor, records);
        }

        List<EventRecord> read = EtlTestFile.Read(builder);
        Assert.Equal(Enumerable.Range(0, 640), read.Select(record => record.EventId));
        Assert.Equal(read.Select(record => record.TimeCreated).Order(), read.Select(record => record.TimeCreated));
    }

    [Fact]
    public void Sorts_records_within_a_buffer_and_keeps_the_order_of_equal_stamps()
    {
        byte[][] records =
        [
            EtlRecord.Event(Stamp + 1, s_provider, 0, []),
            EtlRecord.Event(Stamp + 5, s_provider, 3, []),
            EtlRecord.Event(Stamp + 3, s_provider, 1, []),
            EtlRecord.Event(Stamp + 3, s_provider, 2, []),
        ];
        Assert.Equal([0, 1, 2, 3], EtlTestFile.Read(new EtlBuilder().Buffer(0, records)).Select(record => record.EventId));
    }

    [Fact]
    public void Finds_a_buffer_that_was_filled_first_and_written_last()
    {
        var builder = new EtlBuilder();
        for (int i = 1; i <= 50; i++)
        {
            builder.Buffer(0, Numbered(i * 10));
        }

        builder.Buffer(1, Numbered(0), Numbered(255), Numbered(505));
        Assert.Equal([0, .. Enumerable.Range(1, 25).Select(i => i * 10), 255, .. Enumerable.Range(26, 25).Select(i => i * 10), 505], EtlTestFile.Read(builder).Select(record => record.EventId));
    }

    [Fact]
    public void Reads_compressed_buffers_of_each_format()
    {
        foreach (EtlCompression compression in (EtlCompression[])[EtlCompressors.Lznt1, EtlCompressors.Xpress, EtlCompressors.XpressHuffman])
        {
            var builder = new EtlBuilder { Compression = compression };
            builder.Buffer(0, Enumerable.Range(0, 300).Select(i => Numbered(i * 2)).ToArray());
            builder.Buffer(1, Enumerable.Range(0, 300).Select(i => Numbered((i * 2) + 1)).ToArray());
            byte[] file = builder.Build();
            Assert.True(file.Length < 600 * 60, compression.Number + " does not compress");
            using EtlReader reader = EtlTestFile.Open(file);
            Assert.Equal(Enumerable.Range(0, 600), EtlTestFile.Read(reader).Select(record => record.EventId));
            Assert.True(reader.Complete);
        }
    }

    [Fact]
    public void Reads_recordings_that_follow_one_another_each_with_its_own_clock()
    {
        byte[] first = new EtlBuilder { BuffersWritten = 0 }.Buffer(0, Numbered(1), Numbered(2)).Build();
        byte[] second = new EtlBuilder { BuffersWritten = 0, StartTime = EtlBuilder.DefaultStart - TimeSpan.TicksPerDay, Frequency = 1000 }.Buffer(0, Numbered(3)).Build();
        using EtlReader reader = EtlTestFile.Open([.. first, .. second]);
        List<EventRecord> records = EtlTestFile.Read(reader);
        Assert.Equal([1, 2, 3], records.Select(record => record.EventId));
        Assert.Equal(DateTime.FromFileTimeUtc(EtlBuilder.DefaultStart + 2), records[1].TimeCreated);
        Assert.Equal(DateTime.FromFileTimeUtc(EtlBuilder.DefaultStart - TimeSpan.TicksPerDay + (3 * 10_000)), records[2].TimeCreated);
        Assert.True(reader.Complete);
    }

    [Fact]
    public void Keeps_the_first_clock_where_headers_stand_together()
    {
        byte[] other = new EtlBuilder { Frequency = 10, BuffersWritten = 0 }.Build();
        using EtlReader reader = EtlTestFile.Open(new EtlBuilder { BuffersWritten = 0 }.Raw(other).Buffer(0, Numbered(4)));
        Assert.Equal(DateTime.FromFileTimeUtc(EtlBuilder.DefaultStart + 4), EtlTestFile.Read(reader)[^1].TimeCreated);
    }

    [Fact]
    public void Reports_how_far_it_is()
    {
        var builder = new EtlBuilder();
        for (int i = 0; i < 20; i++)
        {
            builder.Buffer(0, Numbered(i));
        }

        using EtlReader reader = EtlTestFile.Open(builder);
        long last = -1;
        while (reader.TryRead(out _))
        {
            Assert.InRange(reader.Position, last, reader.Length);
            last = reader.Position;
        }

        Assert.True(last > reader.Length / 2);
        Assert.Equal(reader.Length, reader.Position);
        Assert.True(reader.Complete);
    }

    private static byte[] Numbered(int number) => EtlRecord.Event(Stamp + number, s_provider, number, []);
}
