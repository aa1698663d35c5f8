using System;
using System.Collections.Generic;
using System.Linq;
using ApiLevel.Fixtures;
using ApiLevel.Formats.EventTrace;

namespace ApiLevel.Formats.Tests.EventTrace;

/// <summary>Records behind the place where the row of buffers is broken.</summary>
public class EtlRecoveryTests
{
    private const int Buffer = 8192;
    private const long Stamp = EtlBuilder.DefaultStamp;
    private static readonly Guid s_provider = new("aaaaaaaa-0000-0000-0000-00000000000a");

    [Fact]
    public void Finds_the_buffers_behind_a_cut()
    {
        byte[] whole = File(6);
        byte[] cut = [.. whole[..((2 * Buffer) + 4000)], .. whole[((2 * Buffer) + 5000)..]];

        Assert.Equal([1, 2], Ids(cut, recover: false));
        Assert.Equal([1, 2, 3, 4, 5, 6], Ids(cut, recover: true));
        Assert.Equal([3, 4, 5, 6], Read(cut, recover: true).Where(record => record.Recovered).Select(record => record.EventId));
    }

    [Fact]
    public void Finds_the_records_behind_a_damaged_one()
    {
        byte[] bad = Event(9);
        bad[0] = 5;
        byte[] file = new EtlBuilder { BuffersWritten = 0 }.Buffer(0, Event(1), bad, Event(2), Event(3)).Build();

        Assert.Equal([1], Ids(file, recover: false));
        Assert.Equal([1, 2, 3], Ids(file, recover: true));
    }

    [Fact]
    public void Adds_nothing_to_a_good_file()
    {
        byte[] file = File(3);

        Assert.Equal(Ids(file, recover: false), Ids(file, recover: true));
        Assert.DoesNotContain(Read(file, recover: true), record => record.Recovered);
    }

    [Fact]
    public void Takes_no_record_of_another_time()
    {
        byte[] file = new EtlBuilder { BuffersWritten = 0 }.Buffer(0, Event(1)).Raw([.. Enumerable.Repeat((byte)0xEE, Buffer)]).Build();
        byte[] old = EtlRecord.Event(-EtlBuilder.DefaultStart, s_provider, 7, []);
        old.CopyTo(file, (2 * Buffer) + 512);
        old.CopyTo(file, (2 * Buffer) + 512 + ((old.Length + 7) & ~7));

        Assert.Equal([1], Ids(file, recover: true));
    }

    [Fact]
    public void Ends_on_damaged_files()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        byte[] file = File(8);
        for (int i = 0; i < 200; i++)
        {
            byte[] mutant = (byte[])file.Clone();
            for (int j = random.Next(1, 6); j > 0; j--)
            {
                random.NextBytes(mutant.AsSpan(random.Next(Buffer, mutant.Length - 40), random.Next(1, 40)));
            }

            List<int> plain = Ids(mutant, recover: false);
            List<EventRecord> all = Read(mutant, recover: true);
            Assert.True(
                plain.SequenceEqual(all.Where(record => !record.Recovered).Select(record => record.EventId)), $"mutant {i} of seed {seed}");
        }
    }

    private static byte[] File(int buffers)
    {
        var builder = new EtlBuilder { BuffersWritten = 0 };
        for (int i = 1; i <= buffers; i++)
        {
            builder.Buffer(0, Event(i));
        }

        return builder.Build();
    }

    private static byte[] Event(int id) => EtlRecord.Event(Stamp + id, s_provider, id, [1, 2, 3, 4]);

    private static List<int> Ids(byte[] file, bool recover) => Read(file, recover).ConvertAll(record => record.EventId);

    private static List<EventRecord> Read(byte[] file, bool recover)
    {
        using EtlReader reader = EtlTestFile.Open(file, new EventReadOptions { Recover = recover });
        return EtlTestFile.Read(reader);
    }
}
