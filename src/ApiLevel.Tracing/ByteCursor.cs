using System;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace ApiLevel.Tracing;

/// <summary>
/// Walks over bytes that may come from anywhere: each step says whether there were bytes enough for it. Numbers are little-endian, texts
/// in UTF-16 end with a NUL, those in UTF-8 begin with their length.
/// </summary>
/// <param name="bytes">The bytes.</param>
internal ref struct ByteCursor(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public int Position { get; private set; }

    public readonly int Remaining => _bytes.Length - Position;

    public bool TrySkip(int count)
    {
        if (count < 0 || count > Remaining)
        {
            return false;
        }

        Position += count;
        return true;
    }

    public bool TrySlice(int count, out ByteCursor part)
    {
        int start = Position;
        bool fits = TrySkip(count);
        part = fits ? new ByteCursor(_bytes.Slice(start, count)) : default;
        return fits;
    }

    public bool TryReadByte(out int value)
    {
        value = Remaining > 0 ? _bytes[Position] : 0;
        return TrySkip(1);
    }

    public bool TryReadUInt16(out int value)
    {
        value = Remaining >= 2 ? BinaryPrimitives.ReadUInt16LittleEndian(_bytes.Slice(Position)) : 0;
        return TrySkip(2);
    }

    public bool TryReadInt32(out int value)
    {
        value = Remaining >= 4 ? BinaryPrimitives.ReadInt32LittleEndian(_bytes.Slice(Position)) : 0;
        return TrySkip(4);
    }

    public bool TryReadUInt64(out ulong value)
    {
        value = Remaining >= 8 ? BinaryPrimitives.ReadUInt64LittleEndian(_bytes.Slice(Position)) : 0;
        return TrySkip(8);
    }

    public bool TryReadVarUInt(out ulong value)
    {
        const int LongestInBits = 70;
        value = 0;
        for (int shift = 0; shift < LongestInBits && TryReadByte(out int part); shift += 7)
        {
            value |= (ulong)(part & 0x7F) << shift;
            if ((part & 0x80) == 0)
            {
                return true;
            }
        }

        return false;
    }

    public bool TrySkipUtf8() => TryReadVarUInt(out ulong length) && length <= (ulong)Remaining && TrySkip((int)length);

    public bool TrySkipUtf16()
    {
        while (TryReadUInt16(out int character))
        {
            if (character == 0)
            {
                return true;
            }
        }

        return false;
    }

    public bool TryReadUtf16([NotNullWhen(true)] out string? text)
    {
        int start = Position;
        text = TrySkipUtf16() ? Encoding.Unicode.GetString(_bytes.Slice(start, Position - start - 2).ToArray()) : null;
        return text is not null;
    }
}
