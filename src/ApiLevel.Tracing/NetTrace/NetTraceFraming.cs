using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Text;

namespace ApiLevel.Tracing.NetTrace;

/// <summary>
/// Walks over the blocks of a .nettrace file, and says up to where their sizes fit the file. The library behind takes the sizes at
/// their word: TraceEvent 4.0.0 ends the process at a negative length. Of what is in the blocks, only the descriptions of events are
/// read (<see cref="NetTraceMetadata"/>).
/// The format: microsoft/perfview, src/TraceEvent/EventPipe/NetTraceFormat_v5.md and NetTraceFormat.md.
/// </summary>
internal static class NetTraceFraming
{
    /// <summary>How a walk ended.</summary>
    public enum Outcome
    {
        /// <summary>The bytes are no .nettrace file.</summary>
        WrongFormat,

        /// <summary>The file has its end mark.</summary>
        Complete,

        /// <summary>The file stops in the middle, or goes on with something else.</summary>
        Damaged,
    }

    private const int MaximumBlock = 512 << 20;
    private const int MaximumName = 64;
    private const int TraceObjectLength = 48;
    private const int MetadataKind = 3;
    private const byte NullReference = 1;
    private const byte BeginObject = 5;
    private const byte EndObject = 6;

    private static readonly byte[] s_magic = Encoding.ASCII.GetBytes("Nettrace");
    private static readonly byte[] s_serializer = Encoding.ASCII.GetBytes("!FastSerialization.1");

    /// <summary>Walks over a file.</summary>
    /// <param name="stream">The file, from its start.</param>
    /// <param name="validLength">Up to where it can be read.</param>
    /// <param name="patches">What the library must not see, in the order of the file.</param>
    public static Outcome Walk(Stream stream, out long validLength, out List<Patch> patches)
    {
        validLength = 0;
        patches = [];
        byte[] head = new byte[12];
        if (!TryFill(stream, head, head.Length) || !head.AsSpan(0, 8).SequenceEqual(s_magic))
        {
            return Outcome.WrongFormat;
        }

        int length = BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(8));
        if (length == 0)
        {
            return WalkBlocks(stream, patches, out validLength);
        }

        byte[] name = new byte[s_serializer.Length];
        if (length != name.Length || !TryFill(stream, name, name.Length) || !name.AsSpan().SequenceEqual(s_serializer))
        {
            return Outcome.WrongFormat;
        }

        return WalkObjects(stream, patches, out validLength);
    }

    // Version 6 and later: a length of 24 bits and a kind before each block.
    private static Outcome WalkBlocks(Stream stream, List<Patch> patches, out long validLength)
    {
        byte[] header = new byte[8];
        validLength = 0;
        if (!TryFill(stream, header, header.Length))
        {
            return Outcome.WrongFormat;
        }

        byte[] block = new byte[4];
        while (true)
        {
            validLength = stream.Position;
            if (!TryFill(stream, block, block.Length))
            {
                return Outcome.Damaged;
            }

            uint value = BinaryPrimitives.ReadUInt32LittleEndian(block);
            if (value >> 24 == 0)
            {
                validLength = stream.Position;
                return Outcome.Complete;
            }

            int length = (int)(value & 0xFFFFFF);
            if (!(value >> 24 == MetadataKind ? TryReadMetadata(stream, length, isBlock: true, patches) : TrySkip(stream, length)))
            {
                return Outcome.Damaged;
            }
        }
    }

    // Up to version 5: serialized objects, each with the name of its type.
    private static Outcome WalkObjects(Stream stream, List<Patch> patches, out long validLength)
    {
        byte[] header = new byte[15];
        byte[] name = new byte[MaximumName];
        bool any = false;
        while (true)
        {
            validLength = stream.Position;
            int tag = stream.ReadByte();
            if (tag == NullReference)
            {
                validLength = stream.Position;
                return any ? Outcome.Complete : Outcome.WrongFormat;
            }

            if (tag != BeginObject || !TryFill(stream, header, 14) || header[0] != BeginObject || header[1] != NullReference)
            {
                return any ? Outcome.Damaged : Outcome.WrongFormat;
            }

            int length = BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(10));
            if (length is <= 0 or > MaximumName || !TryFill(stream, name, length) || stream.ReadByte() != EndObject)
            {
                return any ? Outcome.Damaged : Outcome.WrongFormat;
            }

            bool isWhole = Encoding.ASCII.GetString(name, 0, length) switch
            {
                "Trace" => TrySkip(stream, TraceObjectLength),
                "MetadataBlock" => TryReadSize(stream, out int size) && TryReadMetadata(stream, size, isBlock: false, patches),
                _ => TryReadSize(stream, out int size) && TrySkip(stream, size),
            };
            if (!isWhole || stream.ReadByte() != EndObject)
            {
                return any ? Outcome.Damaged : Outcome.WrongFormat;
            }

            any = true;
        }
    }

    // The size of a block, and the padding before it.
    private static bool TryReadSize(Stream stream, out int length)
    {
        byte[] size = new byte[4];
        length = 0;
        if (!TryFill(stream, size, size.Length))
        {
            return false;
        }

        length = BinaryPrimitives.ReadInt32LittleEndian(size);
        long padding = (4 - (stream.Position & 3)) & 3;
        return length is >= 0 and <= MaximumBlock && TrySkip(stream, padding);
    }

    private static bool TryReadMetadata(Stream stream, int length, bool isBlock, List<Patch> patches)
    {
        long start = stream.Position;
        if (length > stream.Length - start)
        {
            return false;
        }

        byte[] block = new byte[length];
        return TryFill(stream, block, length)
            && (isBlock
                ? NetTraceMetadata.TryCheckBlock(block, start, patches)
                : NetTraceMetadata.TryCheckObject(block, start, patches));
    }

    private static bool TrySkip(Stream stream, long count)
    {
        if (count > stream.Length - stream.Position)
        {
            return false;
        }

        stream.Seek(count, SeekOrigin.Current);
        return true;
    }

    private static bool TryFill(Stream stream, byte[] buffer, int count)
    {
        int filled = 0;
        while (filled < count)
        {
            int read = stream.Read(buffer, filled, count - filled);
            if (read == 0)
            {
                return false;
            }

            filled += read;
        }

        return true;
    }
}
