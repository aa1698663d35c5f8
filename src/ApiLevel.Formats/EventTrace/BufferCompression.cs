using System;
using System.Buffers.Binary;

namespace ApiLevel.Formats.EventTrace;

/// <summary>The compression of a trace file's buffers; the numbers are Windows' own.</summary>
internal enum BufferCompressionFormat
{
    /// <summary>LZNT1.</summary>
    Lznt1 = 2,

    /// <summary>XPRESS, plain LZ77: the only one seen in real files so far.</summary>
    Xpress = 3,

    /// <summary>XPRESS with Huffman coding.</summary>
    XpressHuffman = 4,
}

/// <summary>
/// The three decompressors of MS-XCA. The output's length is the caller's, so no input can make more than that; what an input
/// ends before stays unwritten, and what is wrong with it ends the output there.
/// </summary>
internal static class BufferCompression
{
    private const int MinimumMatch = 3;
    private const int HuffmanBlock = 65536;
    private const int HuffmanTable = 256;
    private const int LznChunk = 4096;
    private const int SmallCopy = 32;

    /// <summary>Decompresses. Returns how many bytes of the output are good, from its start.</summary>
    public static int Decompress(BufferCompressionFormat format, ReadOnlySpan<byte> input, Span<byte> output) => format switch
    {
        BufferCompressionFormat.Lznt1 => Lznt1(input, output),
        BufferCompressionFormat.XpressHuffman => XpressHuffman(input, output),
        _ => Xpress(input, output),
    };

    private static int Xpress(ReadOnlySpan<byte> input, Span<byte> output)
    {
        int from = 0;
        int to = 0;
        uint flags = 0;
        int flagsLeft = 0;
        int sharedNibble = -1;
        while (to < output.Length)
        {
            if (flagsLeft == 0)
            {
                if (input.Length - from < 4)
                {
                    return to;
                }

                flags = BinaryPrimitives.ReadUInt32LittleEndian(input.Slice(from));
                from += 4;
                flagsLeft = 32;
            }

            flagsLeft--;
            if (((flags >> flagsLeft) & 1) == 0)
            {
                if (from >= input.Length)
                {
                    return to;
                }

                output[to++] = input[from++];
                continue;
            }

            if (input.Length - from < 2)
            {
                return to;
            }

            int token = BinaryPrimitives.ReadUInt16LittleEndian(input.Slice(from));
            from += 2;
            int distance = (token >> 3) + 1;
            long length = token & 7;
            if (length == 7)
            {
                // Two matches share one byte for the next four bits of their lengths.
                if (sharedNibble < 0)
                {
                    if (from >= input.Length)
                    {
                        return to;
                    }

                    length = input[from] & 15;
                    sharedNibble = from++;
                }
                else
                {
                    length = input[sharedNibble] >> 4;
                    sharedNibble = -1;
                }

                if (length == 15)
                {
                    if (!TryReadLongLength(input, ref from, smallest: 15 + 7, out length))
                    {
                        return to;
                    }
                }
                else
                {
                    length += 7;
                }
            }

            if (!TryCopy(output, ref to, distance, length + MinimumMatch))
            {
                return to;
            }
        }

        return to;
    }

    /// <summary>The part of a match length that did not fit its token: a byte, else two, else four, the wide ones absolute.</summary>
    private static bool TryReadLongLength(ReadOnlySpan<byte> input, ref int from, int smallest, out long length)
    {
        length = 0;
        if (from >= input.Length)
        {
            return false;
        }

        int next = input[from++];
        if (next != 255)
        {
            length = next + smallest;
            return true;
        }

        if (input.Length - from < 2)
        {
            return false;
        }

        length = BinaryPrimitives.ReadUInt16LittleEndian(input.Slice(from));
        from += 2;
        if (length == 0)
        {
            if (input.Length - from < 4)
            {
                return false;
            }

            length = BinaryPrimitives.ReadUInt32LittleEndian(input.Slice(from));
            from += 4;
        }

        return length >= smallest;
    }

    private static int XpressHuffman(ReadOnlySpan<byte> input, Span<byte> output)
    {
        int from = 0;
        int to = 0;
        Span<ushort> symbols = stackalloc ushort[512];
        Span<int> firstCode = stackalloc int[16];
        Span<int> firstIndex = stackalloc int[16];
        Span<int> counts = stackalloc int[16];
        while (to < output.Length)
        {
            if (input.Length - from < HuffmanTable + 4)
            {
                return to;
            }

            if (!TryBuildCodes(input.Slice(from, HuffmanTable), symbols, firstCode, firstIndex, counts))
            {
                return to;
            }

            from += HuffmanTable;
            int blockEnd = (int)Math.Min(output.Length, (long)to + HuffmanBlock);
            uint bits = ((uint)BinaryPrimitives.ReadUInt16LittleEndian(input.Slice(from)) << 16)
                | BinaryPrimitives.ReadUInt16LittleEndian(input.Slice(from + 2));
            from += 4;
            int spare = 16;
            while (to < blockEnd)
            {
                int symbol = -1;
                int code = 0;
                for (int length = 1; length <= 15; length++)
                {
                    code = (int)(bits >> (32 - length));
                    if (counts[length] > 0 && code - firstCode[length] < counts[length] && code >= firstCode[length])
                    {
                        symbol = symbols[firstIndex[length] + code - firstCode[length]];
                        if (!TryTake(input, ref from, ref bits, ref spare, length))
                        {
                            return to;
                        }

                        break;
                    }
                }

                if (symbol < 0)
                {
                    return to;
                }

                if (symbol < 256)
                {
                    output[to++] = (byte)symbol;
                    continue;
                }

                symbol -= 256;
                long matchLength = symbol & 15;
                int distanceBits = symbol >> 4;
                if (matchLength == 15 && !TryReadLongLength(input, ref from, smallest: 15, out matchLength))
                {
                    return to;
                }

                int distance = 1 << distanceBits;
                if (distanceBits > 0)
                {
                    distance += (int)(bits >> (32 - distanceBits));
                    if (!TryTake(input, ref from, ref bits, ref spare, distanceBits))
                    {
                        return to;
                    }
                }

                if (!TryCopy(output, ref to, distance, matchLength + MinimumMatch))
                {
                    return to;
                }
            }
        }

        return to;
    }

    /// <summary>Drops bits that were used and fetches sixteen more when too few are left. An encoder writes all words that are read ahead.</summary>
    private static bool TryTake(ReadOnlySpan<byte> input, ref int from, ref uint bits, ref int spare, int count)
    {
        bits <<= count;
        spare -= count;
        if (spare >= 0)
        {
            return true;
        }

        if (input.Length - from >= 2)
        {
            bits |= (uint)BinaryPrimitives.ReadUInt16LittleEndian(input.Slice(from)) << -spare;
            from += 2;
            spare += 16;
            return true;
        }

        return false;
    }

    private static bool TryBuildCodes(
        ReadOnlySpan<byte> table, Span<ushort> symbols, Span<int> firstCode, Span<int> firstIndex, Span<int> counts)
    {
        counts.Clear();
        for (int i = 0; i < 512; i++)
        {
            counts[(table[i >> 1] >> ((i & 1) * 4)) & 15]++;
        }

        counts[0] = 0;
        int code = 0;
        int index = 0;
        Span<int> next = stackalloc int[16];
        for (int length = 1; length <= 15; length++)
        {
            code <<= 1;
            firstCode[length] = code;
            firstIndex[length] = index;
            next[length] = index;
            code += counts[length];
            index += counts[length];
            if (code > 1 << length)
            {
                return false;
            }
        }

        for (int i = 0; i < 512; i++)
        {
            int length = (table[i >> 1] >> ((i & 1) * 4)) & 15;
            if (length > 0)
            {
                symbols[next[length]++] = (ushort)i;
            }
        }

        return index > 0;
    }

    private static int Lznt1(ReadOnlySpan<byte> input, Span<byte> output)
    {
        int from = 0;
        int to = 0;
        while (to < output.Length && input.Length - from >= 2)
        {
            int header = BinaryPrimitives.ReadUInt16LittleEndian(input.Slice(from));
            from += 2;
            if (header == 0)
            {
                return to;
            }

            int chunkEnd = Math.Min(input.Length, from + (header & 0xFFF) + 1);
            if ((header & 0x8000) == 0)
            {
                int count = Math.Min(chunkEnd - from, output.Length - to);
                input.Slice(from, count).CopyTo(output.Slice(to));
                to += count;
                from = chunkEnd;
                continue;
            }

            int chunkStart = to;
            int limit = Math.Min(output.Length, chunkStart + LznChunk);
            while (from < chunkEnd && to < limit)
            {
                int flags = input[from++];
                for (int bit = 0; bit < 8 && from < chunkEnd && to < limit; bit++)
                {
                    if (((flags >> bit) & 1) == 0)
                    {
                        output[to++] = input[from++];
                        continue;
                    }

                    if (chunkEnd - from < 2)
                    {
                        return to;
                    }

                    int token = BinaryPrimitives.ReadUInt16LittleEndian(input.Slice(from));
                    from += 2;

                    // The further into the chunk, the more of the token's bits hold the distance.
                    int lengthBits = 12;
                    for (int position = to - chunkStart - 1; position >= 16; position >>= 1)
                    {
                        lengthBits--;
                    }

                    int distance = (token >> lengthBits) + 1;
                    int length = (token & ((1 << lengthBits) - 1)) + MinimumMatch;
                    if (distance > to - chunkStart || !TryCopy(output.Slice(0, limit), ref to, distance, length))
                    {
                        return to;
                    }
                }
            }

            from = chunkEnd;
        }

        return to;
    }

    /// <summary>Repeats earlier output; cut at the output's end.</summary>
    private static bool TryCopy(Span<byte> output, ref int to, int distance, long length)
    {
        if (distance > to)
        {
            return false;
        }

        int count = (int)Math.Min(length, output.Length - to);
        if (count <= SmallCopy && distance < count)
        {
            for (int end = to + count; to < end; to++)
            {
                output[to] = output[to - distance];
            }

            return true;
        }

        // Where source and target overlap, what was copied is source for twice as much.
        int from = to - distance;
        for (int end = to + count; to < end;)
        {
            int part = Math.Min(to - from, end - to);
            output.Slice(from, part).CopyTo(output.Slice(to));
            to += part;
        }

        return true;
    }
}
