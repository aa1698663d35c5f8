using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace ApiLevel.Fuzz;

/// <summary>Changes inputs at random: bits, numbers that readers get wrong, blocks moved, cut and repeated, words of the format.</summary>
internal sealed class Mutator(Random random, int maximumLength, IEnumerable<byte[]> seeds)
{
    private const int MaximumBlock = 512;

    private static readonly long[] s_numbers =
    [
        0, 1, 2, 3, 4, 7, 8, 16, 32, 63, 64, 100, 127, 128, 255, 256, 512, 1000, 1024, 4095, 4096, 32767, 32768, 65535, 65536, 0xFFFFFF,
        int.MaxValue - 1, int.MaxValue, int.MinValue, uint.MaxValue - 8, uint.MaxValue, long.MaxValue, long.MinValue, -1, -2, -16, -128,
    ];

    // Words of the format: the texts of the seeds, and what text formats are made of.
    private readonly byte[][] _words =
    [
        .. seeds.SelectMany(Texts).Distinct(StringComparer.Ordinal).Take(2000).Select(Encoding.Latin1.GetBytes),
        .. ((string[])["{", "}", "[", "]", "\"", "\\u0000", "\\ud800", ":", ",", "null", "1e999", "- ", "\n", "  ", "&a ", "*a", "!!", "|\n", "<a>", "</a>", "<![CDATA[", "&amp;", "<!DOCTYPE a [", "\u00ef\u00bb\u00bf"])
            .Select(Encoding.Latin1.GetBytes),
    ];

    public byte[] Next(byte[] input, byte[] other)
    {
        byte[] bytes = [.. input];
        for (int steps = 1 << random.Next(0, 6); steps > 0; steps--)
        {
            bytes = Change(bytes, other);
        }

        return bytes.Length > maximumLength ? bytes[..maximumLength] : bytes;
    }

    private byte[] Change(byte[] bytes, byte[] other)
    {
        if (bytes.Length == 0)
        {
            return [.. Any(_words)];
        }

        int at = random.Next(bytes.Length);
        int length = 1 + random.Next(Math.Min(MaximumBlock, bytes.Length - at));
        switch (random.Next(12))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                return bytes;
            case 1:
                bytes[at] = (byte)random.Next(256);
                return bytes;
            case 2:
                bytes[at] += (byte)random.Next(-35, 36);
                return bytes;
            case 3 or 4:
                return Number(bytes, at, Any(s_numbers));
            case 5:
                return Number(bytes, at, random.Next(-35, 36), isAdded: true);
            case 6:
                return [.. bytes.AsSpan(0, at), .. bytes.AsSpan(at + length)];
            case 7:
                return [.. bytes.AsSpan(0, at), .. bytes.AsSpan(at, length), .. bytes.AsSpan(at)];
            case 8:
                bytes.AsSpan(random.Next(bytes.Length - length + 1), length).CopyTo(bytes.AsSpan(at));
                return bytes;
            case 9:
                byte[] word = Any(_words);
                return random.Next(2) == 0 && at + word.Length <= bytes.Length
                    ? Overwrite(bytes, at, word)
                    : [.. bytes.AsSpan(0, at), .. word, .. bytes.AsSpan(at)];
            case 10 when other.Length > 0:
                int from = random.Next(other.Length);
                ReadOnlySpan<byte> block = other.AsSpan(from, 1 + random.Next(Math.Min(MaximumBlock, other.Length - from)));
                return random.Next(2) == 0 && at + block.Length <= bytes.Length
                    ? Overwrite(bytes, at, block)
                    : [.. bytes.AsSpan(0, at), .. block, .. bytes.AsSpan(at)];
            case 11 when random.Next(16) == 0:
                return bytes[..at];
            default:
                return bytes;
        }
    }

    private byte[] Number(byte[] bytes, int at, long number, bool isAdded = false)
    {
        Span<byte> rest = bytes.AsSpan(at);
        bool isBig = random.Next(8) == 0;
        switch (random.Next(3))
        {
            case 0 when rest.Length >= 2:
                short small = (short)(isAdded ? BinaryPrimitives.ReadInt16LittleEndian(rest) + number : number);
                BinaryPrimitives.WriteInt16LittleEndian(rest, isBig ? BinaryPrimitives.ReverseEndianness(small) : small);
                break;
            case 1 when rest.Length >= 4:
                int usual = (int)(isAdded ? BinaryPrimitives.ReadInt32LittleEndian(rest) + number : number);
                BinaryPrimitives.WriteInt32LittleEndian(rest, isBig ? BinaryPrimitives.ReverseEndianness(usual) : usual);
                break;
            case 2 when rest.Length >= 8:
                long large = isAdded ? BinaryPrimitives.ReadInt64LittleEndian(rest) + number : number;
                BinaryPrimitives.WriteInt64LittleEndian(rest, isBig ? BinaryPrimitives.ReverseEndianness(large) : large);
                break;
            default:
                rest[0] = (byte)number;
                break;
        }

        return bytes;
    }

    private static byte[] Overwrite(byte[] bytes, int at, ReadOnlySpan<byte> block)
    {
        block.CopyTo(bytes.AsSpan(at));
        return bytes;
    }

    private T Any<T>(T[] items) => items[random.Next(items.Length)];

    private static IEnumerable<string> Texts(byte[] bytes)
    {
        const int Shortest = 3;
        const int Longest = 32;
        StringBuilder text = new();
        foreach (byte b in bytes)
        {
            if (char.IsAsciiLetterOrDigit((char)b) || b is (byte)'-' or (byte)'_' or (byte)'#')
            {
                text.Append((char)b);
                continue;
            }

            if (text.Length is >= Shortest and <= Longest)
            {
                yield return text.ToString();
            }

            text.Clear();
        }
    }
}
