using System;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using ApiLevel.Formats;

namespace ApiLevel.Tracing.Tests;

public sealed class TraceHubTests
{
    private static readonly TimeSpan s_hang = TimeSpan.FromSeconds(30);

    [Fact]
    public void Drops_and_counts_when_nobody_reads()
    {
        TraceHub hub = new(capacity: 100);
        Stopwatch clock = Stopwatch.StartNew();
        for (int i = 0; i < 100_000; i++)
        {
            hub.Write(new EventRecord { EventId = i });
        }

        // It waits for a reader once, not once an event.
        Assert.True(clock.Elapsed < s_hang);
        Assert.Equal(100_000, hub.Seen);
        Assert.Equal(99_900, hub.Dropped);
        Assert.Equal(Enumerable.Range(0, 100), Take(hub, 1000).Select(static record => record.EventId));
    }

    [Fact]
    public void Holds_no_more_bytes_than_it_may()
    {
        TraceHub hub = new(capacity: 10_000, maximumBytes: 1 << 20);
        for (int i = 0; i < 100; i++)
        {
            hub.Write(new EventRecord { RawData = new byte[1 << 16] });
        }

        Assert.Equal(15, Take(hub, 1000).Length);
        Assert.Equal(85, hub.Dropped);
        Assert.True(hub.Write(new EventRecord { RawData = new byte[2 << 20] }), "one event larger than all goes through an empty hub");
    }

    [Fact]
    public void Lets_the_writer_wait_for_a_reader_that_is_a_little_late()
    {
        // Patience enough for a machine that has other things to do.
        TraceHub hub = new(capacity: 16) { Patience = TimeSpan.FromHours(1) };
        Thread writer = Start(() =>
        {
            for (int i = 0; i < 20_000; i++)
            {
                hub.Write(new EventRecord { EventId = i });
            }

            hub.Complete();
        });
        int read = 0;
        using CancellationTokenSource hang = new(s_hang);
        while (hub.WaitToRead(hang.Token))
        {
            while (hub.TryRead(out EventRecord? record))
            {
                Assert.Equal(read++, record.EventId);
            }
        }

        writer.Join();
        Assert.Equal(20_000, read);
        Assert.Equal(0, hub.Dropped);
        Assert.Equal(20_000, hub.Received);
    }

    [Fact]
    public void Wakes_each_of_several_writers()
    {
        TraceHub hub = new(capacity: 1) { Patience = TimeSpan.FromHours(1) };
        hub.Write(new EventRecord());
        Thread[] writers = [.. Enumerable.Range(0, 4).Select(_ => Start(() => hub.Write(new EventRecord())))];
        SpinWait.SpinUntil(() => writers.All(static writer => writer.ThreadState.HasFlag(System.Threading.ThreadState.WaitSleepJoin)), s_hang);

        for (int i = 0; i < writers.Length; i++)
        {
            Take(hub, 1);

            // The one that got in is done; the others find no room and wait again.
            Assert.True(SpinWait.SpinUntil(() => writers.Count(static writer => !writer.IsAlive) == i + 1, s_hang), $"after read {i + 1} no writer went on");
            Thread.Sleep(10);
        }

        Assert.Single(Take(hub, 2));
        Assert.Equal(0, hub.Dropped);
    }

    [Fact]
    public void Begins_again_when_the_reader_comes_back()
    {
        TraceHub hub = new(capacity: 4);
        for (int i = 0; i < 10; i++)
        {
            hub.Write(new EventRecord());
        }

        Assert.Equal(6, hub.Dropped);
        Take(hub, 4);
        Assert.True(hub.Write(new EventRecord()));
        Assert.Equal(6, hub.Dropped);
    }

    [Fact]
    public void Closes_itself_at_its_limit()
    {
        using ManualResetEventSlim reached = new();
        TraceHub hub = new(limit: 3) { LimitReached = reached.Set };
        for (int i = 0; i < 5; i++)
        {
            hub.Write(new EventRecord { EventId = i });
        }

        Assert.True(reached.Wait(s_hang, TestContext.Current.CancellationToken));
        Assert.Equal(3, hub.Seen);
        Assert.True(hub.Completed);
        Assert.Equal([0, 1, 2], Take(hub, 10).Select(static record => record.EventId));
        Assert.False(hub.WaitToRead(TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_waiting_reader_can_be_cancelled()
    {
        TraceHub hub = new();
        using CancellationTokenSource stop = new(50);
        Assert.ThrowsAny<OperationCanceledException>(() => hub.WaitToRead(stop.Token));
        hub.Write(new EventRecord());
        Assert.True(hub.WaitToRead(TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Completing_frees_a_waiting_writer()
    {
        TraceHub hub = new(capacity: 1);
        hub.Write(new EventRecord());
        bool written = true;
        Thread writer = Start(() => written = hub.Write(new EventRecord()));
        hub.Complete();
        Assert.True(writer.Join(s_hang));
        Assert.False(written);
    }

    private static Thread Start(ThreadStart action)
    {
        Thread thread = new(action) { IsBackground = true };
        thread.Start();
        return thread;
    }

    private static EventRecord[] Take(TraceHub hub, int most) =>
        [.. Enumerable.Range(0, most).Select(_ => hub.TryRead(out EventRecord? record) ? record : null).OfType<EventRecord>()];
}
