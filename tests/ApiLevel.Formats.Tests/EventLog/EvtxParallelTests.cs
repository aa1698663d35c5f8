using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using ApiLevel.Fixtures;
using ApiLevel.Formats.EventLog;

namespace ApiLevel.Formats.Tests.EventLog;

/// <summary>Chunks that are decoded ahead by other threads give what one thread gives.</summary>
public class EvtxParallelTests
{
    [Fact]
    public void Gives_the_same_in_the_same_order_also_from_damaged_logs()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        byte[] log = EvtxMutation.Seed();
        for (int i = 0; i < 60; i++)
        {
            byte[] bytes = i == 0 ? log : EvtxMutation.Mutate(log, random);
            if (EventLogFile.Open(ByteSource.FromMemory(bytes), "mutant.evtx").Failure is not null)
            {
                continue;
            }

            Assert.True(Describe(bytes, 1).SequenceEqual(Describe(bytes, 3)), $"mutant {i} of seed {seed}");
        }
    }

    [Fact]
    public void Reads_real_logs_the_same()
    {
        Assert.SkipWhen(Logs.Samples() is null, "the samples are not beside this repository");
        foreach (string file in Directory.GetFiles(Logs.Samples()!, "*.evtx", SearchOption.AllDirectories))
        {
            byte[] bytes = File.ReadAllBytes(file);
            Assert.True(Describe(bytes, 1).SequenceEqual(Describe(bytes, 2)), file);
        }
    }

    [Fact]
    public void Is_disposed_in_the_middle_of_a_log()
    {
        for (int i = 0; i < 20; i++)
        {
            using EvtxReader reader = Logs.Open(EvtxMutation.Seed(), new EventReadOptions { Parallelism = 4 });
            Assert.True(reader.TryRead(out _));
        }
    }

    [Fact]
    public void Stops_when_it_is_cancelled()
    {
        using var stop = new CancellationTokenSource();
        using EvtxReader reader = Logs.Open(EvtxMutation.Seed(), new EventReadOptions { Parallelism = 2, Cancellation = stop.Token });
        Assert.True(reader.TryRead(out _));
        stop.Cancel();

        Assert.Throws<OperationCanceledException>(() =>
        {
            while (reader.TryRead(out _))
            {
            }
        });
    }

    [Fact]
    public void Throws_what_the_filter_throws()
    {
        using EvtxReader reader = Logs.Open(
            EvtxMutation.Seed(), new EventReadOptions { Parallelism = 2, HeaderFilter = static _ => throw new InvalidTimeZoneException() });

        Assert.Throws<InvalidTimeZoneException>(() => reader.TryRead(out _));
    }

    private static List<string> Describe(byte[] bytes, int threads)
    {
        (List<EventRecord> records, List<string> xml, List<Problem> problems, bool complete) =
            Logs.ReadAll(bytes, new EventReadOptions { Parallelism = threads });
        return
        [
            .. records.Select(record => record.RecordId + " " + record.Provider + " " + record.PayloadState + " " + record.Fields.Count),
            .. xml,
            .. problems.Select(problem => problem.ToString()),
            complete.ToString(),
        ];
    }
}
