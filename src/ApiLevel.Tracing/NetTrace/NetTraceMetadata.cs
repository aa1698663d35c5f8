using System;
using System.Buffers.Binary;
using System.Collections.Generic;

namespace ApiLevel.Tracing.NetTrace;

/// <summary>Bytes that stand in for those of a file.</summary>
/// <param name="Offset">Where in the file.</param>
/// <param name="Bytes">What the library sees there.</param>
internal readonly record struct Patch(long Offset, byte[] Bytes);

/// <summary>
/// Reads the descriptions of events before the library does, and takes out those it must not see. TraceEvent 4.0.0 makes arrays as
/// long as a description says it has fields (a count of 32 bits, 56 bytes each) and follows nested types as deep as they go: both
/// end the process. A description taken out leaves its events undecoded, with their bytes.
/// The format: microsoft/perfview, src/TraceEvent/EventPipe/NetTraceFormat_v5.md and NetTraceFormat.md.
/// </summary>
internal static class NetTraceMetadata
{
    private const int MaximumDepth = 16;
    private const int MinimumHeader = 20;
    private const int UncompressedHeader = 80;
    private const int UncompressedPayloadSize = 76;
    private const byte ParameterPayloadV2 = 2;
    private const byte UnknownTag = 0xFF;

    private enum Layout
    {
        /// <summary>Up to version 5: type, then name.</summary>
        Plain,

        /// <summary>Up to version 5, in a tag: length, name, type.</summary>
        Tagged,

        /// <summary>Version 6 and later.</summary>
        Block,
    }

    /// <summary>Checks a block up to version 5.</summary>
    /// <param name="block">The block, without its name and size.</param>
    /// <param name="offset">Where it lies in the file.</param>
    /// <param name="patches">Receives what takes bad descriptions out.</param>
    /// <returns>False where the block does not hold together; the library can do nothing with it either.</returns>
    public static bool TryCheckObject(ReadOnlySpan<byte> block, long offset, List<Patch> patches)
    {
        ByteCursor cursor = new(block);
        if (!cursor.TryReadUInt16(out int header) || header < MinimumHeader || !cursor.TryReadUInt16(out int flags)
            || !cursor.TrySkip(header - 4))
        {
            return false;
        }

        int size = 0;
        while (cursor.Remaining > 0)
        {
            if (!((flags & 1) != 0 ? TrySkipCompressedHeader(ref cursor, ref size) : TrySkipHeader(ref cursor, out size)))
            {
                return false;
            }

            int start = cursor.Position;
            if (!cursor.TrySlice(size, out ByteCursor description) || !TryCheckDescription(description, offset + start, patches))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Checks a block of version 6 and later.</summary>
    /// <inheritdoc cref="TryCheckObject"/>
    public static bool TryCheckBlock(ReadOnlySpan<byte> block, long offset, List<Patch> patches)
    {
        ByteCursor cursor = new(block);
        if (!cursor.TryReadUInt16(out int header) || !cursor.TrySkip(header))
        {
            return false;
        }

        while (cursor.Remaining > 0)
        {
            if (!cursor.TryReadUInt16(out int length))
            {
                return false;
            }

            int start = cursor.Position;
            if (!cursor.TrySlice(length, out ByteCursor description)
                || !description.TryReadVarUInt(out _) || !description.TrySkipUtf8()
                || !description.TryReadVarUInt(out _) || !description.TrySkipUtf8())
            {
                return false;
            }

            int fields = description.Position;
            int rest = description.Remaining;
            if (!TryCheckFields(ref description, Layout.Block, 0, inArray: false, out _))
            {
                // No fields, and no optional parts after them.
                byte[] nothing = new byte[4];
                if (rest < nothing.Length)
                {
                    return false;
                }

                patches.Add(new Patch(offset + start + fields, nothing));
            }
        }

        return true;
    }

    private static bool TryCheckDescription(ByteCursor cursor, long offset, List<Patch> patches)
    {
        // Id, provider, event id, name, keywords, version, level.
        if (!cursor.TrySkip(4) || !cursor.TrySkipUtf16() || !cursor.TrySkip(4) || !cursor.TrySkipUtf16() || !cursor.TrySkip(16))
        {
            return false;
        }

        if (cursor.Remaining == 0)
        {
            return true;
        }

        int fields = cursor.Position;
        int rest = cursor.Remaining;
        if (!TryCheckFields(ref cursor, Layout.Plain, 0, inArray: false, out _))
        {
            // No fields, and what is left as one tag that nobody knows.
            byte[] nothing = new byte[9];
            if (rest < nothing.Length)
            {
                return false;
            }

            BinaryPrimitives.WriteInt32LittleEndian(nothing.AsSpan(4), rest - nothing.Length);
            nothing[8] = UnknownTag;
            patches.Add(new Patch(offset + fields, nothing));
            return true;
        }

        while (cursor.Remaining > 0)
        {
            int tag = cursor.Position + 4;
            if (!cursor.TryReadInt32(out int length) || !cursor.TryReadByte(out int kind) || !cursor.TrySlice(length, out ByteCursor content))
            {
                return false;
            }

            if (kind == ParameterPayloadV2 && !TryCheckFields(ref content, Layout.Tagged, 0, inArray: false, out _))
            {
                patches.Add(new Patch(offset + tag, [UnknownTag]));
            }
        }

        return true;
    }

    private static bool TryCheckFields(ref ByteCursor cursor, Layout layout, int depth, bool inArray, out bool takesBytes)
    {
        takesBytes = false;
        int count;
        if (depth > MaximumDepth || !(layout == Layout.Block ? cursor.TryReadUInt16(out count) : cursor.TryReadInt32(out count)))
        {
            return false;
        }

        // The shortest field: a type of 4 bytes and an empty name of 2; a length of 2, an empty name and a type of 1 since version 6.
        if (count < 0 || count > cursor.Remaining / (layout == Layout.Block ? 4 : 6))
        {
            return false;
        }

        for (int i = 0; i < count; i++)
        {
            bool readable;
            bool takes;
            if (layout == Layout.Plain)
            {
                readable = TryCheckType(ref cursor, layout, depth, inArray, out takes) && cursor.TrySkipUtf16();
            }
            else
            {
                takes = false;
                ByteCursor field = default;
                readable = layout == Layout.Block
                    ? cursor.TryReadUInt16(out int length) && cursor.TrySlice(length, out field) && field.TrySkipUtf8()
                    : cursor.TryReadInt32(out length) && cursor.TrySlice(length - 4, out field) && field.TrySkipUtf16();
                readable = readable && TryCheckType(ref field, layout, depth, inArray, out takes);
            }

            if (!readable)
            {
                return false;
            }

            takesBytes |= takes;
        }

        return true;
    }

    // An array of things without bytes would be as long as its count says, and arrays of such arrays longer than any memory.
    private static bool TryCheckType(ref ByteCursor cursor, Layout layout, int depth, bool inArray, out bool takesBytes)
    {
        const int Object = 1;
        const int Array = 19;
        const int FixedLengthArray = 22;
        const int RelLoc = 24;
        const int DataLoc = 25;
        const int Boolean8 = 26;

        takesBytes = true;
        if (depth > MaximumDepth || !(layout == Layout.Block ? cursor.TryReadByte(out int code) : cursor.TryReadInt32(out code)))
        {
            return false;
        }

        switch (code)
        {
            case Object:
                return TryCheckFields(ref cursor, layout, depth + 1, inArray, out takesBytes);
            case Array when layout != Layout.Plain:
                return TryCheckType(ref cursor, layout, depth + 1, inArray: true, out bool hasBytes) && hasBytes;
            case FixedLengthArray when layout == Layout.Block && !inArray:
                return TryCheckType(ref cursor, layout, depth + 1, inArray: true, out hasBytes) && hasBytes
                    && cursor.TryReadUInt16(out int count) && count > 0;
            case RelLoc or DataLoc when layout == Layout.Block:
                return TryCheckType(ref cursor, layout, depth + 1, inArray: true, out hasBytes) && hasBytes;
            default:
                return code is >= 3 and < Array || (layout == Layout.Block && code is > Array and <= Boolean8 and not FixedLengthArray);
        }
    }

    private static bool TrySkipHeader(ref ByteCursor cursor, out int size)
    {
        ByteCursor header = cursor;
        size = 0;
        return header.TrySkip(UncompressedPayloadSize) && header.TryReadInt32(out size) && cursor.TrySkip(UncompressedHeader);
    }

    // What a header leaves out is as in the one before.
    private static bool TrySkipCompressedHeader(ref ByteCursor cursor, ref int size)
    {
        const int GuidLength = 16;
        if (!cursor.TryReadByte(out int flags)
            || ((flags & 1) != 0 && !cursor.TryReadVarUInt(out _))
            || ((flags & 2) != 0 && !(cursor.TryReadVarUInt(out _) && cursor.TryReadVarUInt(out _) && cursor.TryReadVarUInt(out _)))
            || ((flags & 4) != 0 && !cursor.TryReadVarUInt(out _))
            || ((flags & 8) != 0 && !cursor.TryReadVarUInt(out _))
            || !cursor.TryReadVarUInt(out _)
            || ((flags & 16) != 0 && !cursor.TrySkip(GuidLength))
            || ((flags & 32) != 0 && !cursor.TrySkip(GuidLength)))
        {
            return false;
        }

        if ((flags & 128) != 0)
        {
            if (!cursor.TryReadVarUInt(out ulong length) || length > int.MaxValue)
            {
                return false;
            }

            size = (int)length;
        }

        return true;
    }
}
