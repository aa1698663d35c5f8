using System;
using System.Linq;
using System.Text;
using ApiLevel.Fixtures;
using ApiLevel.Formats.EventTrace;

namespace ApiLevel.Formats.Tests.EventTrace;

public class BufferCompressionTests
{
    public static TheoryData<string> Formats => ["lznt1", "xpress", "huffman"];

    [Theory]
    [InlineData("ffffff1f61626317000fff2601", 300)]
    [InlineData("3f0000006162636465666768696a6b6c6d6e6f707172737475767778797a", 26)]
    public void Decodes_the_published_examples_of_plain_LZ77(string packed, int length)
    {
        string expected = length == 26 ? "abcdefghijklmnopqrstuvwxyz" : string.Concat(Enumerable.Repeat("abc", 100));
        Assert.Equal(expected, Encoding.ASCII.GetString(Decompress(BufferCompressionFormat.Xpress, Convert.FromHexString(packed), length)));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Gives_back_what_was_compressed(string format)
    {
        (EtlCompression compression, BufferCompressionFormat number) = Find(format);
        foreach (byte[] data in Inputs())
        {
            byte[] packed = compression.Compress(data);
            Assert.Equal(data, Decompress(number, packed, data.Length));
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Compresses_repetition_so_that_matches_are_really_tested(string format)
    {
        byte[] data = Enumerable.Range(0, 8000).Select(i => (byte)(i / 7 % 40)).ToArray();
        Assert.True(Find(format).Compression.Compress(data).Length < data.Length / 2);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Stops_at_the_output_that_was_asked_for(string format)
    {
        (EtlCompression compression, BufferCompressionFormat number) = Find(format);
        byte[] data = new byte[100_000];
        byte[] packed = compression.Compress(data);
        byte[] output = new byte[64];
        Assert.Equal(64, BufferCompression.Decompress(number, packed, output));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Gives_the_good_part_of_data_that_is_cut_short(string format)
    {
        (EtlCompression compression, BufferCompressionFormat number) = Find(format);
        byte[] data = Inputs().Last();
        byte[] packed = compression.Compress(data);
        byte[] output = new byte[data.Length];
        int length = BufferCompression.Decompress(number, packed.AsSpan(0, packed.Length / 2), output);
        Assert.InRange(length, 1, data.Length - 1);
        Assert.Equal(data[..length], output[..length]);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Never_throws_on_noise(string format)
    {
        const int Seed = 4711;
        var random = new Random(Seed);
        byte[] output = new byte[5000];
        for (int i = 0; i < 2000; i++)
        {
            byte[] noise = new byte[random.Next(600)];
            random.NextBytes(noise);
            Assert.InRange(BufferCompression.Decompress(Find(format).Number, noise, output), 0, output.Length);
        }
    }

    private static byte[] Decompress(BufferCompressionFormat format, byte[] packed, int length)
    {
        byte[] output = new byte[length];
        Assert.Equal(length, BufferCompression.Decompress(format, packed, output));
        return output;
    }

    private static (EtlCompression Compression, BufferCompressionFormat Number) Find(string format) => format switch
    {
        "lznt1" => (EtlCompressors.Lznt1, BufferCompressionFormat.Lznt1),
        "xpress" => (EtlCompressors.Xpress, BufferCompressionFormat.Xpress),
        _ => (EtlCompressors.XpressHuffman, BufferCompressionFormat.XpressHuffman),
    };

    private static byte[][] Inputs()
    {
        var random = new Random(42);
        byte[] noise = new byte[9000];
        random.NextBytes(noise);

        // Long runs need every form of a long match length, and more than one block of the Huffman format.
        byte[] runs = [.. new byte[20], .. Enumerable.Repeat((byte)7, 300), .. noise.AsSpan(0, 500), .. Enumerable.Repeat((byte)9, 140_000), .. noise.AsSpan(0, 800)];
        byte[] words = new byte[70_000];
        for (int i = 0; i < words.Length; i++)
        {
            words[i] = (byte)"the quick brown fox"[random.Next(4) == 0 ? random.Next(19) : i % 19];
        }

        return [[1], [1, 2, 3], new byte[4096], new byte[4097], noise, runs, words];
    }
}
