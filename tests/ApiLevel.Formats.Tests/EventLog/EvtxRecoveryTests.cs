using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using ApiLevel.Fixtures;
using ApiLevel.Formats.EventLog;

namespace ApiLevel.Formats.Tests.EventLog;

/// <summary>Records that no chunk header leads to: found only where they are asked for, marked, and given once.</summary>
public class EvtxRecoveryTests
{
    private const int HeaderBlock = 4096;
    private const int ChunkSize = 0x10000;
    private static readonly EvtxTemplate s_text = EvtxEvents.Data(("Text", 0x01));

    [Fact]
    public void Leaves_slack_alone_unless_it_is_asked_for()
    {
        byte[] log = EvtxFile.Build([ChunkWithSlack(4, kept: 2)]);

        Assert.Equal([1, 2], Ids(Logs.ReadAll(log).Records));
    }

    [Fact]
    public void Finds_records_behind_the_free_space_offset()
    {
        byte[] log = EvtxFile.Build([ChunkWithSlack(4, kept: 2)]);

        (List<EventRecord> records, List<string> xml, List<Problem> problems, bool _) = Logs.ReadAll(log, Recover());

        Assert.Equal([1, 2, 3, 4], Ids(records));
        Assert.Equal([false, false, true, true], records.Select(record => record.Recovered));
        Assert.Equal("text 3", records[2]["Text"]);
        Assert.Contains("text 4", xml[3], StringComparison.Ordinal);
        Assert.Empty(problems);
    }

    [Fact]
    public void Gives_recovered_records_after_all_others()
    {
        byte[] log = EvtxFile.Build([ChunkWithSlack(4, kept: 2), Chunk(11, 12)]);

        Assert.Equal([1, 2, 11, 12, 3, 4], Ids(Logs.ReadAll(log, Recover()).Records));
    }

    [Fact]
    public void Finds_the_records_of_a_chunk_without_a_header()
    {
        byte[] log = EvtxFile.Build([Chunk(1, 2), Chunk(3, 4), Chunk(5)]);
        log.AsSpan(HeaderBlock + ChunkSize, 512).Clear();

        List<EventRecord> records = Logs.ReadAll(log, Recover()).Records;

        Assert.Equal([1, 2, 5, 3, 4], Ids(records));
        Assert.Equal("text 4", records[4]["Text"]);
    }

    [Fact]
    public void Does_not_repeat_what_a_table_has()
    {
        // Windows writes a chunk over the memory of the one before: its slack holds that one's records.
        byte[] first = Chunk(1, 2, 3, 4, 5);
        byte[] second = Chunk(6);
        int free = BinaryPrimitives.ReadInt32LittleEndian(second.AsSpan(48));
        first.AsSpan(free).CopyTo(second.AsSpan(free));
        byte[] log = EvtxFile.Build([first, second]);

        Assert.Equal([1, 2, 3, 4, 5, 6], Ids(Logs.ReadAll(log, Recover()).Records));
    }

    [Fact]
    public void Gives_a_record_once_that_lies_in_the_slack_twice()
    {
        byte[] log = EvtxFile.Build([ChunkWithSlack(3, kept: 2), ChunkWithSlack(3, kept: 2)]);

        Assert.Single(Logs.ReadAll(log, Recover()).Records, record => record.Recovered);
    }

    [Fact]
    public void Keeps_two_records_apart_that_have_the_same_number()
    {
        byte[] log = EvtxFile.Build([ChunkWithSlack(3, kept: 2), Chunk("other", 1, 2, 3)]);

        EventRecord recovered = Assert.Single(Logs.ReadAll(log, Recover()).Records, record => record.Recovered);
        Assert.Equal("text 3", recovered["Text"]);
    }

    [Fact]
    public void Reads_a_file_that_has_lost_its_beginning()
    {
        byte[] log = EvtxFile.Build([Chunk(1, 2, 3, 4), Chunk(5, 6)]);
        byte[] cut = log.AsSpan(HeaderBlock + 1000).ToArray();

        List<EventRecord> records = Logs.ReadAll(cut, Recover()).Records;

        // The second chunk is whole. Of the first, the records behind the cut are found, and their templates where they still are.
        Assert.Equal([5, 6], Ids(records.Where(record => !record.Recovered)));
        Assert.Contains(records, record => record.Recovered);
        Assert.All(records.Where(record => record.Recovered), record => Assert.InRange(record.RecordId!.Value, 1, 4));
        Assert.NotNull(EventLogFile.Open(ByteSource.FromMemory(cut), "cut.evtx").Failure);
    }

    [Fact]
    public void Reads_a_file_that_has_lost_a_part_in_its_middle()
    {
        byte[] log = EvtxFile.Build([Chunk(1, 2), Chunk(3, 4), Chunk(5, 6)]);
        byte[] cut = [.. log.AsSpan(0, HeaderBlock + ChunkSize - 1000), .. log.AsSpan(HeaderBlock + ChunkSize)];

        Assert.Equal([1, 2, 3, 4, 5, 6], Ids(Logs.ReadAll(cut, Recover()).Records).Order());
    }

    [Fact]
    public void Gives_what_is_left_of_a_record_at_the_end_of_the_file()
    {
        byte[] chunk = Chunk(1, 2, 3);
        int last = chunk.AsSpan().LastIndexOf("**\0\0"u8);
        int size = BinaryPrimitives.ReadInt32LittleEndian(chunk.AsSpan(last + 4));
        byte[] log = EvtxFile.Build([chunk]);
        byte[] cut = log.AsSpan(0, HeaderBlock + last + size - 10).ToArray();

        EventRecord record = Assert.Single(Logs.ReadAll(cut, Recover()).Records, record => record.Recovered);
        Assert.Equal(3, record.RecordId);
        Assert.Equal(PayloadState.Undecoded, record.PayloadState);
    }

    [Fact]
    public void Takes_a_template_from_another_chunk_where_the_own_one_is_overwritten()
    {
        byte[] damaged = Chunk(3, 4);
        int second = damaged.AsSpan().LastIndexOf("**\0\0"u8);
        damaged.AsSpan(0, second).Clear(); // the header, the first record, and both templates in it
        byte[] log = EvtxFile.Build([Chunk(1, 2), damaged]);

        EventRecord record = Assert.Single(Logs.ReadAll(log, Recover()).Records, record => record.Recovered);
        Assert.Equal("text 4", record["Text"]);
        Assert.Equal(PayloadState.Decoded, record.PayloadState);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(500, true)]
    public void Says_that_a_log_has_none_of_the_records_that_its_header_counts(long next, bool isWiped)
    {
        byte[] log = EvtxFile.Build([new EvtxChunk().ToBytes()]);
        BinaryPrimitives.WriteInt64LittleEndian(log.AsSpan(24), next);
        BinaryPrimitives.WriteUInt32LittleEndian(log.AsSpan(124), EvtxFile.Crc(log.AsSpan(0, 120)));

        (List<EventRecord> records, List<string> _, List<Problem> problems, bool complete) = Logs.ReadAll(log);

        Assert.Empty(records);
        Assert.Equal(!isWiped, complete);
        Assert.Equal(isWiped ? ["it counts records up to number 499, none is in the file"] : [], problems.Select(problem => problem.What));
    }

    [Fact]
    public void Asks_the_filter_for_recovered_records_too()
    {
        byte[] log = EvtxFile.Build([ChunkWithSlack(4, kept: 2)]);

        Assert.Equal([4], Ids(Logs.ReadAll(log, new EventReadOptions { Recover = true, HeaderFilter = record => record.RecordId == 4 }).Records));
    }

    [Fact]
    public void Ends_on_damaged_logs_and_gives_the_records_of_the_tables_first()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        byte[] log = EvtxMutation.Seed();
        for (int i = 0; i < 100; i++)
        {
            byte[] mutant = EvtxMutation.Mutate(log, random);
            if (EventLogFile.Open(ByteSource.FromMemory(mutant), "mutant.evtx").Reader is not { } plain)
            {
                continue;
            }

            using (plain)
            {
                List<long?> expected = plain.Select(record => record.RecordId).ToList();
                List<EventRecord> all = Logs.ReadAll(mutant, Recover()).Records;
                Assert.True(
                    expected.SequenceEqual(all.TakeWhile(record => !record.Recovered).Select(record => record.RecordId)), $"mutant {i} of seed {seed}");
                Assert.True(all.SkipWhile(record => !record.Recovered).All(record => record.Recovered), $"mutant {i} of seed {seed}");
            }
        }
    }

    [Fact]
    public void Ends_soon_on_chunk_headers_without_end()
    {
        byte[] log = EvtxFile.Build([Chunk(1)]);
        byte[] hostile = new byte[log.Length + (64 * ChunkSize)];
        log.CopyTo(hostile, 0);
        for (int at = log.Length; at + 8 <= hostile.Length; at += 8)
        {
            "ElfChnk\0"u8.CopyTo(hostile.AsSpan(at));
        }

        var clock = System.Diagnostics.Stopwatch.StartNew();
        Assert.Equal([1], Ids(Logs.ReadAll(hostile, Recover()).Records));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), $"{clock.Elapsed}");
    }

    private static EventReadOptions Recover() => new() { Recover = true };

    private static IEnumerable<long> Ids(IEnumerable<EventRecord> records) => records.Select(record => record.RecordId!.Value);

    private static byte[] Chunk(params int[] ids) => Chunk("text", ids);

    private static byte[] Chunk(string text, params int[] ids)
    {
        var chunk = new EvtxChunk();
        foreach (int id in ids)
        {
            EvtxEvents.Add(chunk, id, id, s_text, EvtxValue.Text(text + " " + id));
        }

        return chunk.ToBytes();
    }

    /// <summary>A chunk whose header knows the first records only, as after a log was cleared.</summary>
    private static byte[] ChunkWithSlack(int count, int kept)
    {
        byte[] all = Chunk(Enumerable.Range(1, count).ToArray());
        byte[] fewer = Chunk(Enumerable.Range(1, kept).ToArray());
        int free = BinaryPrimitives.ReadInt32LittleEndian(fewer.AsSpan(48));
        all.AsSpan(free).CopyTo(fewer.AsSpan(free));
        return fewer;
    }
}
