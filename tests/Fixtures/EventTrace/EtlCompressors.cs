using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;

namespace ApiLevel.Fixtures;

/// <summary>Small compressors of the three formats, written from MS-XCA; they find matches greedily and know no speed.</summary>
internal static class EtlCompressors
{
    public static readonly EtlCompression Lznt1 = new(2, CompressLznt1);
    public static readonly EtlCompression Xpress = new(3, CompressXpress);
    public static readonly EtlCompression XpressHuffman = new(4, CompressXpressHuffman);

    private const int MinimumMatch = 3;

    public static byte[] CompressXpress(byte[] data)
    {
        var output = new List<byte> { 0, 0, 0, 0 };
        int flagsAt = 0;
        uint flags = 0;
        int bits = 0;
        int nibbleAt = -1;

        void Flag(uint bit)
        {
            // A word of flags is written before its items, so its place is kept open.
            if (bits == 32)
            {
                Write(output, flagsAt, flags);
                flagsAt = output.Count;
                output.AddRange(new byte[4]);
                flags = 0;
                bits = 0;
            }

            flags = (flags << 1) | bit;
            bits++;
        }

        foreach (Token token in Tokens(data, window: 8192, block: int.MaxValue))
        {
            if (token.Length == 0)
            {
                Flag(0);
                output.Add(token.Literal);
                continue;
            }

            Flag(1);
            int length = token.Length - MinimumMatch;
            int word = ((token.Distance - 1) << 3) | Math.Min(length, 7);
            output.Add((byte)word);
            output.Add((byte)(word >> 8));
            if (length < 7)
            {
                continue;
            }

            int nibble = Math.Min(length - 7, 15);
            if (nibbleAt < 0)
            {
                nibbleAt = output.Count;
                output.Add((byte)nibble);
            }
            else
            {
                output[nibbleAt] |= (byte)(nibble << 4);
                nibbleAt = -1;
            }

            if (nibble == 15)
            {
                LongLength(output.Add, length, smallest: 22);
            }
        }

        for (; bits < 32; bits++)
        {
            flags = (flags << 1) | 1;
        }

        Write(output, flagsAt, flags);
        return output.ToArray();
    }

    public static byte[] CompressLznt1(byte[] data)
    {
        var output = new List<byte>();
        for (int start = 0; start < data.Length; start += 4096)
        {
            byte[] chunk = data.AsSpan(start, Math.Min(4096, data.Length - start)).ToArray();
            var body = new List<byte>();
            int flagAt = 0;
            int bit = 8;
            int position = 0;
            foreach (Token token in Tokens(chunk, window: 4096, block: int.MaxValue, LznLimits))
            {
                if (bit == 8)
                {
                    flagAt = body.Count;
                    body.Add(0);
                    bit = 0;
                }

                if (token.Length == 0)
                {
                    body.Add(token.Literal);
                    position++;
                }
                else
                {
                    body[flagAt] |= (byte)(1 << bit);
                    int lengthBits = LengthBits(position);
                    int word = ((token.Distance - 1) << lengthBits) | (token.Length - MinimumMatch);
                    body.Add((byte)word);
                    body.Add((byte)(word >> 8));
                    position += token.Length;
                }

                bit++;
            }

            bool plain = body.Count >= chunk.Length && chunk.Length == 4096;
            IReadOnlyList<byte> bytes = plain ? chunk : body;
            int header = (bytes.Count - 1) | 0x3000 | (plain ? 0 : 0x8000);
            output.Add((byte)header);
            output.Add((byte)(header >> 8));
            output.AddRange(bytes);
        }

        output.Add(0);
        output.Add(0);
        return output.ToArray();
    }

    public static byte[] CompressXpressHuffman(byte[] data)
    {
        var output = new List<byte>();
        for (int start = 0; start == 0 || start < data.Length; start += 65536)
        {
            HuffmanBlock(data, start, Math.Min(65536, data.Length - start), output);
        }

        return output.ToArray();
    }

    private static void HuffmanBlock(byte[] data, int start, int count, List<byte> output)
    {
        List<Token> tokens = Tokens(data.AsSpan(0, start + count).ToArray(), window: 65535, block: 65536).SkipWhile(token => token.At < start).ToList();
        var frequencies = new int[512];
        foreach (Token token in tokens)
        {
            frequencies[Symbol(token)]++;
        }

        frequencies[256]++;
        int[] lengths = CodeLengths(frequencies);
        int[] codes = Codes(lengths);
        for (int i = 0; i < 512; i += 2)
        {
            output.Add((byte)(lengths[i] | (lengths[i + 1] << 4)));
        }

        int first = output.Count;
        int second = first + 2;
        output.AddRange(new byte[4]);
        int free = 16;
        uint word = 0;

        void Put(int number, uint bits)
        {
            if (number == 0)
            {
                return;
            }

            if (free >= number)
            {
                free -= number;
                word = (word << number) | bits;
                return;
            }

            // The decoder reads two words ahead, so the next word's place is decided before the bytes between are written.
            word = (word << free) | (bits >> (number - free));
            free -= number;
            WriteWord(output, first, word);
            first = second;
            second = output.Count;
            output.AddRange(new byte[2]);
            free += 16;
            word = bits;
        }

        foreach (Token token in tokens)
        {
            int symbol = Symbol(token);
            Put(lengths[symbol], (uint)codes[symbol]);
            if (token.Length == 0)
            {
                continue;
            }

            if (token.Length - MinimumMatch >= 15)
            {
                LongLength(output.Add, token.Length - MinimumMatch, smallest: 15);
            }

            int distanceBits = Log2(token.Distance);
            Put(distanceBits, (uint)(token.Distance - (1 << distanceBits)));
        }

        // The end has a symbol only once: a block ends where its 64 KiB do.
        if (start + count == data.Length)
        {
            Put(lengths[256], (uint)codes[256]);
        }

        WriteWord(output, first, word << free);
        WriteWord(output, second, 0);
    }

    private static int Symbol(Token token) => token.Length == 0
        ? token.Literal
        : 256 + (Log2(token.Distance) << 4) + Math.Min(token.Length - MinimumMatch, 15);

    private static int[] CodeLengths(int[] frequencies)
    {
        for (int divisor = 1; ; divisor *= 2)
        {
            var queue = new PriorityQueue<Node, long>();
            for (int i = 0; i < frequencies.Length; i++)
            {
                if (frequencies[i] > 0)
                {
                    long weight = (frequencies[i] / divisor) + 1;
                    queue.Enqueue(new Node(i, null, null), weight);
                }
            }

            if (queue.Count == 1)
            {
                // One symbol still needs a bit.
                queue.Enqueue(new Node(0, null, null), 1);
            }

            while (queue.Count > 1)
            {
                queue.TryDequeue(out Node? a, out long wa);
                queue.TryDequeue(out Node? b, out long wb);
                queue.Enqueue(new Node(-1, a, b), wa + wb);
            }

            var lengths = new int[frequencies.Length];
            int deepest = Measure(queue.Dequeue(), 0, lengths);
            if (deepest <= 15)
            {
                return lengths;
            }
        }
    }

    private static int Measure(Node node, int depth, int[] lengths)
    {
        if (node.Left is null)
        {
            lengths[node.Symbol] = depth;
            return depth;
        }

        return Math.Max(Measure(node.Left, depth + 1, lengths), Measure(node.Right!, depth + 1, lengths));
    }

    private static int[] Codes(int[] lengths)
    {
        var codes = new int[lengths.Length];
        int code = 0;
        for (int length = 1; length <= 15; length++)
        {
            code <<= 1;
            for (int i = 0; i < lengths.Length; i++)
            {
                if (lengths[i] == length)
                {
                    codes[i] = code++;
                }
            }
        }

        return codes;
    }

    private static void LongLength(Action<byte> add, int length, int smallest)
    {
        if (length - smallest < 255)
        {
            add((byte)(length - smallest));
            return;
        }

        add(255);
        if (length >= 65536)
        {
            add(0);
            add(0);
            add((byte)length);
            add((byte)(length >> 8));
            add((byte)(length >> 16));
            add((byte)(length >> 24));
            return;
        }

        add((byte)length);
        add((byte)(length >> 8));
    }

    private static (int Distance, int Length) LznLimits(int position)
    {
        int bits = LengthBits(position);
        return (1 << (16 - bits), (1 << bits) + MinimumMatch - 1);
    }

    private static int LengthBits(int position)
    {
        int bits = 12;
        for (int i = position - 1; i >= 16; i >>= 1)
        {
            bits--;
        }

        return bits;
    }

    private static IEnumerable<Token> Tokens(byte[] data, int window, int block, Func<int, (int Distance, int Length)>? limits = null)
    {
        var last = new Dictionary<int, int>();
        int at = 0;
        while (at < data.Length)
        {
            int distance = 0;
            int length = 0;
            if (at + MinimumMatch <= data.Length)
            {
                int key = data[at] | (data[at + 1] << 8) | (data[at + 2] << 16);
                (int maximumDistance, int maximumLength) = limits?.Invoke(at) ?? (window, int.MaxValue);
                if (last.TryGetValue(key, out int found) && at - found <= Math.Min(window, maximumDistance))
                {
                    int end = (int)Math.Min(data.Length, block == int.MaxValue ? data.Length : ((long)at / block * block) + block);
                    while (at + length < end && length < maximumLength && data[found + length] == data[at + length])
                    {
                        length++;
                    }

                    distance = at - found;
                }

                last[key] = at;
            }

            if (length < MinimumMatch)
            {
                yield return new Token(at, data[at], 0, 0);
                at++;
                continue;
            }

            yield return new Token(at, 0, distance, length);
            at += length;
        }
    }

    private static int Log2(int value)
    {
        int bits = 0;
        while (value > 1)
        {
            value >>= 1;
            bits++;
        }

        return bits;
    }

    private static void Write(List<byte> output, int at, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        for (int i = 0; i < 4; i++)
        {
            output[at + i] = bytes[i];
        }
    }

    private static void WriteWord(List<byte> output, int at, uint value)
    {
        output[at] = (byte)value;
        output[at + 1] = (byte)(value >> 8);
    }

    private sealed record Node(int Symbol, Node? Left, Node? Right);

    private readonly record struct Token(int At, byte Literal, int Distance, int Length);
}
