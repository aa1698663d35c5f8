using System;
using System.Linq;
using System.Text;
using System.Threading;
using ApiLevel.Formats.JsonEvents;

namespace ApiLevel.Formats.Tests.JsonEvents;

public class JsonHostileTests
{
    [Theory]
    [InlineData("a\\nb\\ud800c\\u0041\\\\d", "a\nb<D800>cA\\d")]
    [InlineData("\\udc00\\/\\\"\\t", "<DC00>/\"\t")]
    [InlineData("\\ud83d\\ude00 \\u00e9", "\U0001F600 \u00e9")]
    public void Unescapes_a_text_with_half_of_a_surrogate_pair(string text, string expected)
    {
        EventRecord record = Assert.Single(Read("{\"EventID\":1,\"ProviderName\":\"P\",\"EventData\":{\"Text\":\"" + text + "\"}}"));

        // An attribute cannot hold half of a pair.
        Assert.Equal(expected.Replace("<D800>", "\ud800", StringComparison.Ordinal).Replace("<DC00>", "\udc00", StringComparison.Ordinal), record["Text"]);
    }

    [Fact]
    public void Reads_a_record_with_half_of_a_surrogate_pair_in_a_name()
    {
        EventRecord record = Assert.Single(Read("{\"EventID\":1,\"ProviderName\":\"P\",\"EventData\":{\"a\\ud800\":\"b\"}}"));
        Assert.Equal("b", record["a\ud800"]);
    }

    [Fact]
    public void Reads_a_record_whose_first_name_has_half_of_a_surrogate_pair()
    {
        EventRecord record = Assert.Single(Read("{\"\\ud800\":1,\"EventID\":7,\"ProviderName\":\"P\"}"));
        Assert.Equal(7, record.EventId);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[")]
    [InlineData("{\"a\":\"")]
    public void Stops_in_the_middle_of_a_file_without_end(string start)
    {
        using var stop = new CancellationTokenSource();
        using var source = new Endless(Encoding.UTF8.GetBytes(start), stop);
        using EventFileReader reader = JsonEventFile.Open(source, "endless.json", new EventReadOptions { Cancellation = stop.Token }).Reader!;

        Assert.Throws<OperationCanceledException>(() => reader.ToList());
        Assert.InRange(source.ReadBytes, 0, 100L << 20);
    }

    private static EventRecord[] Read(string json)
    {
        using EventFileReader reader = JsonEventFile.Open(ByteSource.FromMemory(Encoding.UTF8.GetBytes(json)), "x.json").Reader!;
        EventRecord[] records = reader.ToArray();
        Assert.Empty(reader.Problems);
        return records;
    }

    /// <summary>A start, and 2 TiB of zeros; asks for the end of the read after 32 MiB of them.</summary>
    private sealed class Endless(byte[] start, CancellationTokenSource stop) : ByteSource
    {
        public long ReadBytes { get; private set; }

        public override long Length => 2L << 40;

        public override int Read(long position, Span<byte> buffer)
        {
            buffer.Clear();
            if (position < start.Length)
            {
                start.AsSpan((int)position, Math.Min(buffer.Length, start.Length - (int)position)).CopyTo(buffer);
            }

            ReadBytes = Math.Max(ReadBytes, position + buffer.Length);
            if (ReadBytes > 32 << 20)
            {
                stop.Cancel();
            }

            return buffer.Length;
        }
    }
}
