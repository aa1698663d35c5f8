using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using ApiLevel.Fixtures;
using ApiLevel.Formats.EventTrace;

namespace ApiLevel.Formats.Tests.EventTrace;

public class EtlDamageTests
{
    private const long Stamp = EtlBuilder.DefaultStamp;
    private static readonly Guid s_provider = new("aaaaaaaa-0000-0000-0000-000000000009");

    [Fact]
    public void Says_why_a_file_gives_nothing()
    {
        Assert.Equal(ReadFailureKind.FileEmpty, Failure([]));
        Assert.Equal(ReadFailureKind.WrongFormat, Failure(new byte[1000]));
        Assert.Equal(ReadFailureKind.WrongFormat, Failure([.. "ElfFile\0"u8, .. new byte[4096]]));
        Assert.Equal(ReadFailureKind.WrongFormat, Failure(new EtlBuilder().Build()[..200]));
        Assert.Equal(ReadFailureKind.FileNotFound, EventTraceFile.Open(Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString())).Failure!.Kind);
        Assert.Equal(ReadFailureKind.PathIsDirectory, EventTraceFile.Open(Path.GetTempPath()).Failure!.Kind);
    }

    [Fact]
    public void Returns_what_comes_before_and_after_a_damaged_buffer()
    {
        byte[] good = EtlRecord.Event(Stamp + 1, s_provider, 1, []);
        byte[] bad = EtlRecord.Event(Stamp + 3, s_provider, 9, []);
        bad[0] = 5;
        using EtlReader reader = EtlTestFile.Open(new EtlBuilder().Buffer(0, good).Buffer(0, EtlRecord.Event(Stamp + 2, s_provider, 2, []), bad).Buffer(0, EtlRecord.Event(Stamp + 4, s_provider, 3, [])));
        Assert.Equal([1, 2, 3], EtlTestFile.Read(reader).Select(record => record.EventId));
        Problem problem = Assert.Single(reader.Problems);
        Assert.Contains("buffer at 0x4000", problem.Where, StringComparison.Ordinal);
        Assert.False(reader.Complete);
    }

    [Fact]
    public void Says_that_a_file_is_cut_short()
    {
        byte[] whole = new EtlBuilder().Buffer(0, EtlRecord.Event(Stamp + 1, s_provider, 1, new byte[500]), EtlRecord.Event(Stamp + 2, s_provider, 2, new byte[500])).Buffer(0, EtlRecord.Event(Stamp + 3, s_provider, 3, [])).Build();
        using EtlReader reader = EtlTestFile.Open(whole[..(8192 + 800)]);
        Assert.Equal(1, Assert.Single(EtlTestFile.Read(reader)).EventId);
        Assert.Contains(reader.Problems, problem => problem.What.Contains("ends after 800", StringComparison.Ordinal));
        Assert.Contains(reader.Problems, problem => problem.What.Contains("counts 3 buffers, 2 are there", StringComparison.Ordinal));
    }

    [Fact]
    public void Steps_over_a_hole_and_takes_unused_space_for_no_damage()
    {
        using EtlReader hole = EtlTestFile.Open(new EtlBuilder { BuffersWritten = 0 }.Raw([.. Enumerable.Repeat((byte)0xEE, 8192)]).Buffer(0, EtlRecord.Event(Stamp, s_provider, 1, [])));
        Assert.Single(EtlTestFile.Read(hole));
        Assert.Single(hole.Problems);

        using EtlReader unused = EtlTestFile.Open(new EtlBuilder { BuffersWritten = 0 }.Buffer(0, EtlRecord.Event(Stamp, s_provider, 1, [])).Raw(new byte[8192 * 3]));
        Assert.Single(EtlTestFile.Read(unused));
        Assert.True(unused.Complete);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(71u)]
    [InlineData(0x7FFFFFFFu)]
    [InlineData(0xFFFFFFFFu)]
    public void Allocates_nothing_by_a_length_from_the_file(uint length)
    {
        byte[] file = new EtlBuilder { BuffersWritten = 0 }.Buffer(0, EtlRecord.Event(Stamp, s_provider, 1, [])).Build();
        BitConverter.TryWriteBytes(file.AsSpan(8192), length);
        BitConverter.TryWriteBytes(file.AsSpan(8196), length);
        long before = GC.GetAllocatedBytesForCurrentThread();
        using EtlReader reader = EtlTestFile.Open(file);
        EtlTestFile.Read(reader);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
        Assert.False(reader.Complete);
    }

    [Fact]
    public void Ends_a_bomb_of_compressed_buffers_by_its_budget()
    {
        // Each of these buffers says in 100 bytes that 16 MiB of zeros follow; zeros end a buffer, so nothing comes of them.
        byte[] packed = EtlCompressors.CompressXpress(new byte[16 << 20]);
        byte[] buffer = new byte[0x48 + packed.Length];
        BitConverter.TryWriteBytes(buffer, buffer.Length);
        BitConverter.TryWriteBytes(buffer.AsSpan(4), 16 << 20);
        BitConverter.TryWriteBytes(buffer.AsSpan(0x34), (ushort)0x60);
        packed.CopyTo(buffer, 0x48);
        var builder = new EtlBuilder { Compression = EtlCompressors.Xpress, BuffersWritten = 0 };
        for (int i = 0; i < 2000; i++)
        {
            builder.Raw(buffer);
        }

        var watch = Stopwatch.StartNew();
        using EtlReader reader = EtlTestFile.Open(builder);
        Assert.Empty(EtlTestFile.Read(reader));
        Assert.Contains(reader.Problems, problem => problem.What.Contains("more work than the file's size allows", StringComparison.Ordinal));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), "hang guard");
    }

    [Fact]
    public void Lists_a_bounded_number_of_problems()
    {
        byte[] bad = EtlRecord.Event(Stamp, s_provider, 1, []);
        bad[2] = 0x77;
        var builder = new EtlBuilder { BufferSize = 1024 };
        for (int i = 0; i < 500; i++)
        {
            builder.Buffer(0, bad);
        }

        using EtlReader reader = EtlTestFile.Open(builder);
        EtlTestFile.Read(reader);
        Assert.Equal(100, reader.Problems.Count);
        Assert.Contains("401 more", reader.Problems[99].What, StringComparison.Ordinal);
    }

    [Fact]
    public void Closes_the_source_when_it_is_disposed_early()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, EtlSeeds.Mixed(null, 8));
            using (EventFileReader reader = EventTraceFile.Open(path).Reader!)
            {
                Assert.True(reader.TryRead(out _));
                reader.Dispose();
                Assert.Throws<ObjectDisposedException>(() => reader.TryRead(out _));
            }

            File.Move(path, path + ".moved");
            path += ".moved";
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Reads_the_undamaged_seeds_completely()
    {
        foreach (byte[] seed in EtlSeeds.All())
        {
            using EtlReader reader = EtlTestFile.Open(seed);
            int count = EtlTestFile.Read(reader).Count;
            Assert.Equal(count > 40 ? 66 : 33, count);
            Assert.Empty(reader.Problems);
        }
    }

    [Fact]
    public void Survives_mutants()
    {
        const int Seed = 20240229;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {Seed}");
        EtlMutationReport report = EtlMutations.Run(EtlSeeds.All(), 1500, Seed);
        Assert.Null(report.FirstException);
        Assert.Equal(1500, report.Files);
        Assert.True(report.Records > 10_000, $"only {report.Records} records: the mutants are refused too early");
        Assert.True(report.Slowest < TimeSpan.FromSeconds(10), $"hang guard: {report.SlowestWhat} took {report.Slowest}");
    }

    private static ReadFailureKind Failure(byte[] bytes)
    {
        EventFileResult result = EventTraceFile.Open(ByteSource.FromMemory(bytes), "x.etl");
        Assert.Null(result.Reader);
        return result.Failure!.Kind;
    }
}
