using System;
using System.Linq;
using System.Threading;
using ApiLevel.Fixtures;
using ApiLevel.Formats.EventTrace;

namespace ApiLevel.Formats.Tests.EventTrace;

public class EtlHeaderTests
{
    private const long Stamp = EtlBuilder.DefaultStamp;
    private static readonly Guid s_provider = new("aaaaaaaa-0000-0000-0000-000000000009");

    [Fact]
    public void Reads_all_parts_of_a_manifest_event()
    {
        var activity = Guid.Parse("12345678-1234-1234-1234-123456789012");
        EventRecord record = EtlTestFile.ReadOne(EtlRecord.Event(
            Stamp + 25, s_provider, 4321, [1, 2, 3], version: 2, level: 3, opcode: 9, task: 77, keywords: 0x8000000000000010, activity: activity, items: [(2, EtlSeeds.Sid())]));
        Assert.Equal(DateTime.FromFileTimeUtc(EtlBuilder.DefaultStart + 25), record.TimeCreated);
        Assert.Equal((s_provider, 4321, 2, 3, 9, 77), (record.ProviderId!.Value, record.EventId, record.EventVersion, record.Level, record.Opcode, record.Task));
        Assert.Equal(0x8000000000000010UL, record.Keywords);
        Assert.Equal((100, 200), (record.ProcessId!.Value, record.ThreadId!.Value));
        Assert.Equal(activity, record.ActivityId);
        Assert.Equal("S-1-5-21-1-2-3-500", record.UserSid);
        Assert.Equal(PayloadState.Undecoded, record.PayloadState);
        Assert.Equal([1, 2, 3], record.RawData.ToArray());
        Assert.Empty(record.Fields);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(8)]
    public void Reads_each_kind_of_header(int pointerSize)
    {
        var records = EtlTestFile.Read(new EtlBuilder { PointerSize = pointerSize }.Buffer(
            0,
            EtlRecord.System(Stamp + 1, 7, 32, [1], pointerSize: pointerSize),
            EtlRecord.Compact(Stamp + 2, 7, 33, [2], pointerSize: pointerSize),
            EtlRecord.PerfInfo(Stamp + 3, 7, 34, [3], pointerSize: pointerSize),
            EtlRecord.Classic(Stamp + 4, s_provider, 35, [4], version: 3, level: 2, pointerSize: pointerSize),
            EtlRecord.Instance(Stamp + 5, s_provider, 36, [5], pointerSize: pointerSize),
            EtlRecord.Event(Stamp + 6, s_provider, 37, [6], pointerSize: pointerSize),
            EtlRecord.Message(Stamp + 7, s_provider, 38, [7])));
        Assert.Equal([1, 2, 3, 4, 5, 6, 7], records.Select(record => (int)record.RawData.Span[0]));
        Assert.Equal(["Job/Create", "Job/Terminate", "Job/Open", null, null, null, null], records.Select(record => record.EventName));
        Assert.Equal([100, 100, null, 100, 100, 100, 100], records.Select(record => record.ProcessId));
        Assert.Equal([200, 200, null, 200, 200, 200, 200], records.Select(record => record.ThreadId));
        Assert.Equal([32, 33, 34, 35, 36, 37, 38], records.Select(record => record.EventId));
        Assert.Equal([32, 33, 34, 35, 36, 0, 0], records.Select(record => record.Opcode));
        Assert.Equal(Enumerable.Range(1, 7).Select(i => (DateTime?)DateTime.FromFileTimeUtc(EtlBuilder.DefaultStart + i)), records.Select(record => record.TimeCreated));
        Assert.Equal((3, 2), (records[3].EventVersion, records[3].Level));
    }

    [Fact]
    public void Shows_no_process_where_the_kernel_had_none()
    {
        EventRecord record = EtlTestFile.ReadOne(EtlRecord.System(Stamp, 7, 32, [], processId: -1, threadId: -1));
        Assert.Null(record.ProcessId);
        Assert.Null(record.ThreadId);
    }

    [Fact]
    public void Skips_processor_counters_between_header_and_payload()
    {
        // Two counters by the version's bits 8 to 10, then the address.
        byte[] payload = new BytesWriter().Int64(11).Int64(12).Int64(0x7FF012345678).ToArray();
        EventRecord record = EtlTestFile.ReadOne(EtlRecord.PerfInfo(Stamp, 15, 51, payload, version: 0x0202));
        Assert.Equal(0x7FF012345678UL, record["SysCallAddress"]);
    }

    [Theory]
    [InlineData(5, 4)]
    [InlineData(6, 8)]
    public void Reads_the_stack_of_an_event(int item, int size)
    {
        byte[] stack = new BytesWriter().Int64(99).Pointer(0x1000, size).Pointer(0x2000, size).ToArray();
        EventRecord record = EtlTestFile.ReadOne(EtlRecord.Event(Stamp, s_provider, 1, [], items: [(item, stack)]));
        Assert.Equal([0x1000UL, 0x2000UL], record.Stack!);
    }

    [Theory]
    [InlineData(1, 1_000_000, 1_000_000 + 3_000_000, 3 * TimeSpan.TicksPerSecond)]
    [InlineData(3, 1_000_000, 1_000_000 + 2_000_000_000, TimeSpan.TicksPerSecond)]
    public void Turns_the_stamps_of_counting_clocks_into_time(int clock, long startStamp, long stamp, long ticks)
    {
        var builder = new EtlBuilder { Clock = clock, Frequency = 1_000_000, CpuMegahertz = 2000, StartStamp = startStamp };
        using EtlReader reader = EtlTestFile.Open(builder.Buffer(0, EtlRecord.Event(stamp, s_provider, 1, [])));
        Assert.Equal(DateTime.FromFileTimeUtc(EtlBuilder.DefaultStart).AddTicks(ticks), EtlTestFile.Read(reader)[0].TimeCreated);
    }

    [Fact]
    public void Takes_the_stamps_of_the_system_clock_as_they_are()
    {
        long time = EtlBuilder.DefaultStart + 12345;
        var records = EtlTestFile.Read(new EtlBuilder { Clock = 2, StartStamp = EtlBuilder.DefaultStart }.Buffer(0, EtlRecord.Event(time, s_provider, 1, [])));
        Assert.Equal(DateTime.FromFileTimeUtc(time), records[0].TimeCreated);
    }

    [Fact]
    public void Describes_the_recording()
    {
        using EtlReader reader = EtlTestFile.Open(new EtlBuilder { EventsLost = 5, BuffersLost = 2, SessionName = "Mine" });
        EventRecord header = Assert.Single(reader);
        Assert.Equal("EventTrace/Header", header.EventName);
        Assert.Equal("MSNT_SystemTrace", header.Provider);
        Assert.Equal("Mine", header["SessionName"]);
        Assert.Equal("C:\\trace.etl", header["LogFileName"]);
        Assert.Equal((5, 2, false), (reader.EventsLost, reader.BuffersLost, reader.Complete));
    }

    [Fact]
    public void Counts_losses_that_buffers_and_events_tell()
    {
        using EtlReader reader = EtlTestFile.Open(new EtlBuilder()
            .RawBuffer(0, EtlBuilder.Join(EtlRecord.Event(Stamp, s_provider, 1, [])), flags: 0x2)
            .Buffer(0, EtlRecord.Classic(Stamp, new Guid("6a399ae0-4bc6-4de9-870b-3657f8947e7e"), 32, [])));
        EtlTestFile.Read(reader);
        Assert.Equal(2, reader.EventsLost);
        Assert.False(reader.Complete);
    }

    [Fact]
    public void Asks_the_filter_with_a_filled_header_and_returns_what_it_lets_through()
    {
        int asked = 0;
        var options = new EventReadOptions
        {
            HeaderFilter = record =>
            {
                asked++;
                Assert.Empty(record.Fields);
                return record.EventId == 2;
            },
        };
        var records = EtlTestFile.Read(
            new EtlBuilder().Buffer(0, [.. Enumerable.Range(0, 5).Select(i => EtlRecord.Event(Stamp + i, s_provider, i, [(byte)i], activity: i == 1 ? s_provider : default))]), options);
        Assert.Equal(6, asked);
        Assert.Equal(2, Assert.Single(records).EventId);
        Assert.Null(records[0].ActivityId);
    }

    [Fact]
    public void Carries_nothing_over_from_a_record_that_the_filter_refused()
    {
        byte[] full = EtlRecord.Event(
            Stamp + 1, s_provider, 77, [], version: 2, level: 3, opcode: 9, task: 7, keywords: 5, activity: s_provider, items: [(2, EtlSeeds.Sid()), (6, new byte[16])]);
        byte[] bare = EtlRecord.PerfInfo(Stamp + 2, 0xEE, 1, [], version: 0);
        byte[] message = EtlRecord.Message(Stamp + 3, s_provider, 1, []);
        foreach (byte[] after in (byte[][])[bare, message])
        {
            var options = new EventReadOptions { HeaderFilter = record => record.EventId != 77 };
            EventRecord filtered = Assert.Single(EtlTestFile.Read(new EtlBuilder().Buffer(0, full, after), options));
            Assert.Equivalent(EtlTestFile.ReadOne(after), filtered, strict: true);
            Assert.Null(filtered.ActivityId);
            Assert.Null(filtered.UserSid);
            Assert.Null(filtered.Stack);
        }
    }

    [Fact]
    public void Takes_the_pointer_size_of_the_flags_before_that_of_the_header()
    {
        var options = new EventReadOptions { Schemas = new OneSchema(s_provider, 1, 0, ("p", "Pointer")) };
        EventRecord record = EtlTestFile.ReadOne(EtlRecord.Event(Stamp, s_provider, 1, [1, 2, 3, 4], flags: 0x20), options);
        Assert.Equal(0x04030201UL, record["p"]);
    }

    [Fact]
    public void Ends_at_once_when_it_is_cancelled()
    {
        using var cancellation = new CancellationTokenSource();
        using EtlReader reader = EtlTestFile.Open(new EtlBuilder().Buffer(0, EtlRecord.Event(Stamp, s_provider, 1, [])), new EventReadOptions { Cancellation = cancellation.Token });
        Assert.True(reader.TryRead(out _));
        cancellation.Cancel();
        Assert.Throws<OperationCanceledException>(() => reader.TryRead(out _));
    }
}
