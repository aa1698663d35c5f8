using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;
using ApiLevel.Formats;
using ApiLevel.Tracing.EventPipe;
using ApiLevel.Tracing.Tests.EventPipe;

namespace ApiLevel.Tracing.Tests.NetTrace;

/// <summary>Recordings from anywhere: damaged, mutated, lying about themselves.</summary>
[Collection("Sessions")]
public sealed class NetTraceReaderTests : IDisposable
{
    private static readonly Lazy<byte[]> s_recording = new(Record);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();
    private readonly TracingProvider _provider = new();

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Reads_a_recording_to_its_end()
    {
        using EventFileReader reader = Open(s_recording.Value);
        EventRecord[] records = [.. reader];
        Assert.True(reader.Complete);
        Assert.Contains(records, static record => Equals(record["Api"], "kernel32!OpenProcess"));
        Assert.Equal(reader.Length, reader.Position);
        Assert.All(records, static record => Assert.NotNull(record.TimeCreated));
    }

    [Fact]
    public void Decides_on_headers_first()
    {
        using EventFileReader reader = Open(
            s_recording.Value, new EventReadOptions { HeaderFilter = static record => record.EventId == 88, KeepRawData = true });
        EventRecord[] records = [.. reader];
        Assert.NotEmpty(records);
        Assert.All(records, static record => Assert.Equal(88, record.EventId));
        Assert.All(records, static record => Assert.NotEqual(0, record.RawData.Length));
    }

    [Fact]
    public void Says_where_a_file_was_cut_and_returns_what_came_before()
    {
        byte[] recording = s_recording.Value;
        int most = 0;
        for (int part = 1; part < 40; part++)
        {
            byte[] cut = recording.AsSpan(0, (int)((long)recording.Length * part / 40)).ToArray();
            using EventFileReader? reader = TryOpen(cut, out ReadFailure? failure);
            if (reader is null)
            {
                Assert.Equal(ReadFailureKind.WrongFormat, failure!.Kind);
                continue;
            }

            most = Math.Max(most, reader.ToArray().Length);
            Assert.False(reader.Complete);
            Assert.NotEmpty(reader.Problems);
        }

        Assert.NotEqual(0, most);
    }

    [Fact]
    public void Survives_mutated_recordings()
    {
        int seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine("seed " + seed);
        Random random = new(seed);
        byte[] recording = s_recording.Value;
        List<(int Start, int Length)> descriptions = [];
        for (int at = 0; (at = NetTraceBytes.Find(recording, "MetadataBlock", at)) >= 0; at++)
        {
            descriptions.Add((at, BitConverter.ToInt32(recording, at + 14) + 20));
        }

        Assert.NotEmpty(descriptions);
        Stopwatch clock = Stopwatch.StartNew();
        for (int i = 0; i < 2_000; i++)
        {
            byte[] mutant = (byte[])recording.Clone();
            int changes = 1 << random.Next(6);
            for (int n = 0; n < changes; n++)
            {
                // Half of the changes hit the descriptions of events, which make the library allocate.
                (int start, int length) = random.Next(2) == 0 ? descriptions[random.Next(descriptions.Count)] : (0, mutant.Length);
                int at = Math.Min(start + random.Next(length), mutant.Length - 4);
                if (random.Next(3) == 0)
                {
                    int[] odd = [-1, int.MaxValue, int.MinValue, 0, 0x00FFFFFF];
                    BitConverter.GetBytes(odd[random.Next(odd.Length)]).CopyTo(mutant, at);
                }
                else
                {
                    mutant[at] = (byte)random.Next(256);
                }
            }

            using EventFileReader? reader = TryOpen(mutant, out _);
            _ = reader?.ToArray();
        }

        Assert.True(clock.Elapsed < TimeSpan.FromMinutes(5));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(6)]
    public void Decodes_what_a_description_says(int version)
    {
        using EventFileReader reader = Open(Describe(version, BothWays(version, static fields => fields(1, [Type(9)]))));
        EventRecord record = Assert.Single(reader.ToArray());
        Assert.Equal(NetTraceBytes.EventId, record.EventId);
        Assert.Equal(PayloadState.Decoded, record.PayloadState);
        Assert.Equal((long)NetTraceBytes.Payload, record["Field"]);
        Assert.True(reader.Complete, string.Join(' ', reader.Problems));
    }

    public static TheoryData<int, string> BadDescriptions()
    {
        TheoryData<int, string> data = [];
        foreach (string kind in new[] { "more fields than bytes", "nested too deep", "array of nothing", "array of arrays of nothing", "unknown type" })
        {
            data.Add(4, kind);
            data.Add(5, kind);
            data.Add(6, kind);
        }

        data.Add(4, "negative");
        data.Add(5, "negative");
        return data;
    }

    [Theory]
    [MemberData(nameof(BadDescriptions))]
    public void Takes_out_a_description_that_would_cost_the_process(int version, string kind)
    {
        byte[] description = BothWays(version, fields => kind switch
        {
            "more fields than bytes" => fields(version == 6 ? 0xFFFF : 0x7000_0000, [Type(9)]),
            "negative" => fields(-1, [Type(9)]),
            "nested too deep" => fields(1, [.. Enumerable.Repeat(version == 4 ? [Type(1), Type(1)] : new[] { Type(19) }, 10_000).SelectMany(static x => x), Type(9)]),
            "array of nothing" => fields(1, [Type(19), Type(1), Count(0)]),
            "array of arrays of nothing" => fields(1, [Type(version == 6 ? 22 : 19), Type(19), Type(1), Count(0)]),
            _ => fields(1, [Type(200)]),
        });

        long before = GC.GetTotalAllocatedBytes(precise: true);
        using EventFileReader reader = Open(Describe(version, description));
        EventRecord record = Assert.Single(reader.ToArray());
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 64 << 20);
        Assert.Equal(NetTraceBytes.EventId, record.EventId);
        Assert.Equal(PayloadState.Undecoded, record.PayloadState);
        Assert.Equal(NetTraceBytes.Payload, BitConverter.ToInt32(record.RawData.Span));
        Assert.False(reader.Complete);
        Assert.StartsWith("metadata at 0x", Assert.Single(reader.Problems).Where, StringComparison.Ordinal);

        byte[] Type(int code) => version == 6 ? [(byte)code] : BitConverter.GetBytes(code);
        byte[] Count(int count) => version == 6 ? BitConverter.GetBytes((short)count) : BitConverter.GetBytes(count);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    [InlineData(1000)]
    public void Does_not_believe_the_length_of_a_type_name(int length)
    {
        using MemoryStream stream = new();
        using BinaryWriter writer = new(stream);
        writer.Write(Encoding.ASCII.GetBytes("Nettrace"));
        writer.Write(20);
        writer.Write(Encoding.ASCII.GetBytes("!FastSerialization.1"));
        writer.Write([5, 5, 1]);
        writer.Write(4);
        writer.Write(4);
        writer.Write(length);
        writer.Write(new byte[100]);
        Assert.Null(TryOpen(stream.ToArray(), out ReadFailure? failure));
        Assert.Equal(ReadFailureKind.WrongFormat, failure!.Kind);
    }

    [Fact]
    public void Says_why_a_file_cannot_be_read()
    {
        Assert.Null(TryOpen([], out ReadFailure? empty));
        Assert.Equal(ReadFailureKind.FileEmpty, empty!.Kind);
        Assert.Null(TryOpen("no recording at all"u8.ToArray(), out ReadFailure? wrong));
        Assert.Equal(ReadFailureKind.WrongFormat, wrong!.Kind);
        Assert.Null(_provider.OpenFile(Path.Combine(_folder.FullName, "absent"), null, out ReadFailure? absent));
        Assert.Equal(ReadFailureKind.FileNotFound, absent!.Kind);
    }

    [Fact]
    public void Can_be_left_and_cancelled_in_the_middle()
    {
        string path = Write(s_recording.Value);
        using (EventFileReader reader = _provider.OpenFile(path, null, out _)!)
        {
            Assert.True(reader.TryRead(out _));
        }

        File.Delete(path);
        using CancellationTokenSource cancel = new();
        using EventFileReader cancelled = Open(s_recording.Value, new EventReadOptions { Cancellation = cancel.Token });
        Assert.True(cancelled.TryRead(out _));
        cancel.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() =>
        {
            while (cancelled.TryRead(out _))
            {
            }
        });
    }

    [Theory]
    [InlineData(@"\\server\share\module.dll")]
    [InlineData("//server/share/module.dll")]
    [InlineData("/dev/zero")]
    [InlineData("/dev/stdin")]
    [InlineData("module.dll")]
    [InlineData("")]
    public void Opens_no_module_but_a_plain_local_file(string path) => Assert.Null(PInvokeModule.TryOpen(path));

    [Fact]
    public void Finds_the_functions_a_module_declares()
    {
        PInvokeModule module = PInvokeModule.TryOpen(TargetProgram.Module)!;
        Assert.Equal(TargetProgram.Calls.Length, module.Count);
        module.Close();
        Assert.Null(PInvokeModule.TryOpen(typeof(NetTraceReaderTests).Assembly.Location.Replace(".dll", ".pdb", StringComparison.Ordinal)));
    }

    private static byte[] Record()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory();
        try
        {
            string path = Path.Combine(folder.FullName, "recording.nettrace");
            using (TelemetryTrace trace = TelemetryTrace.Start(
                new TracingProvider(),
                new TraceRequest { Name = "recording", Kind = TraceKind.EventPipe, FilePath = TargetProgram.Path, Arguments = ["now"], Path = path }))
            {
                using CancellationTokenSource hang = new(TimeSpan.FromSeconds(30));
                while (trace.WaitToRead(hang.Token))
                {
                    trace.TryRead(out _);
                }
            }

            return File.ReadAllBytes(path);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static byte[] Type(int code) => [(byte)code];

    private static byte[] Describe(int version, byte[] fields) =>
        version == 6 ? NetTraceBytes.Version6(fields) : NetTraceBytes.Version4(fields);

    // The fields of an event as each version writes them; version 5 stands for the tag that it added after no fields of the old kind.
    private static byte[] BothWays(int version, Func<Func<int, byte[][], byte[]>, byte[]> write) => write((count, type) =>
    {
        byte[] code = [.. type.SelectMany(static part => part)];
        if (version != 6 && code.Length == 1)
        {
            code = BitConverter.GetBytes((int)code[0]);
        }

        return NetTraceBytes.Bytes(writer =>
        {
            byte[] name = version == 6 ? [5, .. "Field"u8] : NetTraceBytes.Utf16("Field");
            switch (version)
            {
                case 4:
                    writer.Write(count);
                    writer.Write(code);
                    writer.Write(name);
                    break;
                case 5:
                    writer.Write(0);
                    writer.Write(4 + 4 + name.Length + code.Length);
                    writer.Write((byte)2);
                    writer.Write(count);
                    writer.Write(4 + name.Length + code.Length);
                    writer.Write(name);
                    writer.Write(code);
                    break;
                default:
                    writer.Write((ushort)count);
                    writer.Write((ushort)(name.Length + code.Length));
                    writer.Write(name);
                    writer.Write(code);
                    break;
            }
        });
    });

    private string Write(byte[] bytes)
    {
        string path = Path.Combine(_folder.FullName, "file.nettrace");
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private EventFileReader? TryOpen(byte[] bytes, out ReadFailure? failure, EventReadOptions? options = null) =>
        _provider.OpenFile(Write(bytes), options, out failure);

    private EventFileReader Open(byte[] bytes, EventReadOptions? options = null)
    {
        EventFileReader? reader = TryOpen(bytes, out ReadFailure? failure, options);
        Assert.Null(failure);
        return reader!;
    }
}
