using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Threading;
using ApiLevel.Fixtures;
using ApiLevel.Formats.Archives;

namespace ApiLevel.Formats.Tests.Archives;

public class ArchiveReaderTests
{
    private static readonly byte[] s_log = Log(1, 2, 3);
    private static readonly byte[] s_json = "{\"EventID\":4,\"ProviderName\":\"P\"}\n{\"EventID\":5,\"ProviderName\":\"P\"}\n"u8.ToArray();

    [Fact]
    public void Reads_the_recordings_of_an_archive_in_its_order()
    {
        byte[] zip = Zip(("folder/", []), ("folder/a.evtx", s_log), ("read me.txt", "hello"u8.ToArray()), ("b.json", s_json));

        (List<(string? Entry, int Id)> found, IReadOnlyList<Problem> problems, bool complete) = Read(zip);

        Assert.Equal([("folder/a.evtx", 1), ("folder/a.evtx", 2), ("folder/a.evtx", 3), ("b.json", 4), ("b.json", 5)], found);
        Assert.Empty(problems);
        Assert.True(complete);
    }

    [Fact]
    public void Reads_a_compressed_file()
    {
        (List<(string? Entry, int Id)> found, IReadOnlyList<Problem> problems, bool _) = Read(GZip(s_log), "log.evtx.gz");

        Assert.Equal([("log.evtx", 1), ("log.evtx", 2), ("log.evtx", 3)], found);
        Assert.Empty(problems);
    }

    [Fact]
    public void Reads_a_trace_and_recovers_from_memory()
    {
        byte[] trace = new EtlBuilder { BuffersWritten = 0 }.Buffer(0, EtlRecord.Event(EtlBuilder.DefaultStamp, Guid.NewGuid(), 7, [])).Build();
        byte[] zip = Zip(("t.etl", trace), ("a.evtx", s_log));

        Assert.Equal([0, 7, 1, 2, 3], Read(zip).Found.Select(item => item.Id));
        Assert.Equal([0, 7, 1, 2, 3], Read(zip, options: new EventReadOptions { Recover = true }).Found.Select(item => item.Id));
    }

    [Fact]
    public void Says_what_is_wrong_with_a_file_that_should_be_a_recording()
    {
        byte[] zip = Zip(("empty.evtx", []), ("foreign.evtx", "hello"u8.ToArray()), ("inner.zip", Zip(("a.evtx", s_log))), ("trace.nettrace", "Nettrace"u8.ToArray()));

        (List<(string? Entry, int Id)> found, IReadOnlyList<Problem> problems, bool complete) = Read(zip);

        Assert.Empty(found);
        Assert.Equal(["empty.evtx", "foreign.evtx", "trace.nettrace"], problems.Select(problem => problem.Where));
        Assert.False(complete);
    }

    [Fact]
    public void Gives_traces_of_EventPipe_to_whoever_reads_them()
    {
        byte[] zip = Zip(("t.nettrace", "Nettrace and more"u8.ToArray()));
        long given = 0;
        EventFileResult Opener(ByteSource source, string path, EventReadOptions? options)
        {
            given = source.Length;
            return new EventFileResult(null, new ReadFailure(ReadFailureKind.WrongFormat, path, "tried"));
        }

        using EventFileReader reader = ArchiveReader.Open(ByteSource.FromMemory(zip), "x.zip", null, Opener).Reader!;
        Assert.Empty(reader);
        Assert.Equal(17, given);
        Assert.Equal("tried", Assert.Single(reader.Problems).What);
    }

    [Fact]
    public void Says_that_no_recording_is_in_an_archive()
    {
        (List<(string? Entry, int Id)> _, IReadOnlyList<Problem> problems, bool complete) = Read(Zip(("read me.txt", "hello"u8.ToArray())));

        Assert.Equal(new Problem("archive", "no recording is in it"), Assert.Single(problems));
        Assert.False(complete);
    }

    [Fact]
    public void Names_the_file_of_a_problem()
    {
        byte[] damaged = (byte[])s_log.Clone();
        damaged[4096 + 124] ^= 0xFF;

        Problem problem = Assert.Single(Read(Zip(("a.evtx", damaged))).Problems);
        Assert.StartsWith("a.evtx: chunk at offset", problem.Where, StringComparison.Ordinal);
    }

    [Fact]
    public void Keeps_what_comes_before_damaged_data()
    {
        byte[] large = Log(Enumerable.Range(1, 5000).ToArray());
        byte[] packed = GZip(large);
        packed.AsSpan(packed.Length / 2, 64).Fill(0xFF);

        (List<(string? Entry, int Id)> found, IReadOnlyList<Problem> problems, bool _) = Read(packed, "x.evtx.gz");

        Assert.NotEmpty(found);
        Assert.True(found.Count < 5000);
        Assert.NotEmpty(problems);
    }

    [Fact]
    public void Refuses_damaged_archives_with_a_reason()
    {
        byte[] zip = Zip(("a.evtx", s_log));
        EventFileResult result = ArchiveReader.Open(ByteSource.FromMemory(zip.AsMemory(0, zip.Length - 30)), "x.zip", null);

        Assert.Equal(ReadFailureKind.WrongFormat, result.Failure!.Kind);
    }

    [Fact]
    public void Ends_a_file_that_unpacks_without_end()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write("{\"a\":\""u8);
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 1100; i++)
            {
                gzip.Write(zeros);
            }
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        (List<(string? Entry, int Id)> found, IReadOnlyList<Problem> problems, bool _) = Read(packed.ToArray(), "bomb.json.gz");

        Assert.Empty(found);
        Assert.Contains(problems, problem => problem.What.Contains("unpacks to more", StringComparison.Ordinal));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200L << 20);
    }

    [Fact]
    public void Reads_a_stream_that_goes_forward_only()
    {
        foreach (byte[] bytes in (byte[][])[s_log, GZip(s_log), Zip(("a.evtx", s_log))])
        {
            using var stream = new DeflateStream(new MemoryStream(Deflate(bytes)), CompressionMode.Decompress); // cannot be sought
            using EventFileReader reader = EventFiles.Open(stream, "standard input").Reader!;
            Assert.Equal([1, 2, 3], reader.Select(record => record.EventId));
        }

        Assert.Equal(ReadFailureKind.FileEmpty, EventFiles.Open(new MemoryStream(), "standard input").Failure!.Kind);
    }

    [Fact]
    public void Survives_damaged_archives()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        byte[] zip = Zip(("a.evtx", s_log), ("b.json", s_json));
        for (int i = 0; i < 500; i++)
        {
            byte[] mutant = (byte[])zip.Clone();
            for (int j = random.Next(1, 4); j > 0; j--)
            {
                mutant[random.Next(4, mutant.Length)] = (byte)random.Next(256);
            }

            try
            {
                EventFileResult result = ArchiveReader.Open(ByteSource.FromMemory(mutant), "x.zip", null);
                using EventFileReader? reader = result.Reader;
                _ = reader?.ToList();
            }
            catch (Exception exception)
            {
                Assert.Fail($"mutant {i} of seed {seed}: {exception}");
            }
        }
    }

    [Fact]
    public void Stops_when_it_is_cancelled()
    {
        using var stop = new CancellationTokenSource();
        var options = new EventReadOptions { Cancellation = stop.Token };
        using EventFileReader reader = ArchiveReader.Open(ByteSource.FromMemory(Zip(("a.evtx", s_log))), "x.zip", options).Reader!;
        Assert.True(reader.TryRead(out _));
        stop.Cancel();

        Assert.Throws<OperationCanceledException>(() => reader.TryRead(out _));
    }

    private static (List<(string? Entry, int Id)> Found, IReadOnlyList<Problem> Problems, bool Complete) Read(
        byte[] bytes, string path = "x.zip", EventReadOptions? options = null)
    {
        Assert.Equal(EventFileFormat.Archive, EventFiles.Detect(ByteSource.FromMemory(bytes)));
        using EventFileReader reader = ArchiveReader.Open(ByteSource.FromMemory(bytes), path, options).Reader!;
        var found = new List<(string?, int)>();
        while (reader.TryRead(out EventRecord? record))
        {
            found.Add((reader.Entry, record.EventId));
        }

        return (found, reader.Problems, reader.Complete);
    }

    private static byte[] Log(params int[] ids)
    {
        EvtxTemplate text = EvtxEvents.Data(("Text", 0x01));
        var chunks = new List<byte[]>();
        foreach (int[] part in ids.Chunk(100))
        {
            var chunk = new EvtxChunk();
            foreach (int id in part)
            {
                EvtxEvents.Add(chunk, id, id, text, EvtxValue.Text("text " + id));
            }

            chunks.Add(chunk.ToBytes());
        }

        return EvtxFile.Build(chunks);
    }

    private static byte[] Zip(params (string Name, byte[] Content)[] files)
    {
        using var zip = new MemoryStream();
        using (var archive = new ZipArchive(zip, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] content) in files)
            {
                using Stream entry = archive.CreateEntry(name).Open();
                entry.Write(content);
            }
        }

        return zip.ToArray();
    }

    private static byte[] GZip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }

    private static byte[] Deflate(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var deflate = new DeflateStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            deflate.Write(bytes);
        }

        return packed.ToArray();
    }
}
