using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Text;

namespace ApiLevel.Fixtures;

/// <summary>How a test compresses a buffer: the compressor, and the number that the file's first buffer shows for it.</summary>
internal sealed record EtlCompression(uint Number, Func<byte[], byte[]> Compress);

/// <summary>Writes .etl files for tests: a logfile header, then buffers of records in the order in which they are added.</summary>
internal sealed class EtlBuilder
{
    public const long DefaultStart = 132_000_000_000_000_000;
    public const long DefaultStamp = 1_000_000;

    private readonly List<byte[]> _buffers = [];

    public int BufferSize { get; init; } = 8192;

    public int PointerSize { get; init; } = 8;

    public int Clock { get; init; } = 1;

    public long Frequency { get; init; } = 10_000_000;

    public int CpuMegahertz { get; init; } = 2000;

    public long StartTime { get; init; } = DefaultStart;

    public long StartStamp { get; init; } = DefaultStamp;

    public int EventsLost { get; init; }

    public int BuffersLost { get; init; }

    public int Mode { get; init; } = 1;

    public int? BuffersWritten { get; init; }

    public string SessionName { get; init; } = "Test session";

    public EtlCompression? Compression { get; init; }

    /// <summary>Adds a buffer; compressed where the file is.</summary>
    public EtlBuilder Buffer(int processor, params byte[][] records) => RawBuffer(processor, Join(records), flags: 0);

    /// <summary>Adds a buffer with flags, such as those that tell of loss.</summary>
    public EtlBuilder RawBuffer(int processor, byte[] records, int flags)
    {
        byte[] body = records;
        if (Compression is { } compression)
        {
            body = compression.Compress(records);
            flags |= 0x40;
        }

        int used = 0x48 + records.Length;
        int length = Compression is null ? Math.Max(BufferSize, used) : 0x48 + body.Length;
        _buffers.Add(WriteBuffer(processor, length, used, body, flags, type: 0, state: 3));
        return this;
    }

    /// <summary>Adds bytes that are no buffer.</summary>
    public EtlBuilder Raw(byte[] bytes)
    {
        _buffers.Add(bytes);
        return this;
    }

    public byte[] Build()
    {
        var file = new MemoryStream();
        byte[] header = EtlRecord.System(StartStamp, 0, 0, LogfileHeader(), version: 2, pointerSize: PointerSize, processId: 4, threadId: 8);
        int length = Compression is null ? BufferSize : 0x48 + header.Length;
        file.Write(WriteBuffer(0, length, 0x48 + header.Length, header, flags: 1, type: 4, state: Compression?.Number ?? 3));
        foreach (byte[] buffer in _buffers)
        {
            file.Write(buffer);
        }

        return file.ToArray();
    }

    public static byte[] Join(params byte[][] records)
    {
        var joined = new MemoryStream();
        foreach (byte[] record in records)
        {
            joined.Write(record);
            while (joined.Length % 8 != 0)
            {
                joined.WriteByte(0);
            }
        }

        return joined.ToArray();
    }

    private byte[] LogfileHeader()
    {
        var bytes = new BytesWriter();
        bytes.Int32(BufferSize).Int32(0x0501000A).Int32(19045).Int32(8).Int64(StartTime + 10_000_000).Int32(156250).Int32(0)
            .Int32(Mode | (Compression is null ? 0 : 0x04000000)).Int32(BuffersWritten ?? (_buffers.Count + 1)).Int32(1).Int32(PointerSize)
            .Int32(EventsLost).Int32(CpuMegahertz).Pointer(0, PointerSize).Pointer(0, PointerSize);
        bytes.PadTo(240 + (2 * (PointerSize - 4)));
        bytes.Int64(StartTime - 1000).Int64(Frequency).Int64(StartTime).Int32(Clock).Int32(BuffersLost).Text(SessionName).Text("C:\\trace.etl");
        return bytes.ToArray();
    }

    private static byte[] WriteBuffer(int processor, int length, int used, byte[] body, int flags, int type, uint state)
    {
        var buffer = new byte[length];
        BinaryPrimitives.WriteInt32LittleEndian(buffer, length);
        BinaryPrimitives.WriteInt32LittleEndian(buffer.AsSpan(4), used);
        BinaryPrimitives.WriteUInt16LittleEndian(buffer.AsSpan(0x28), (ushort)processor);
        BinaryPrimitives.WriteUInt32LittleEndian(buffer.AsSpan(0x2C), state);
        BinaryPrimitives.WriteInt32LittleEndian(buffer.AsSpan(0x30), used);
        BinaryPrimitives.WriteUInt16LittleEndian(buffer.AsSpan(0x34), (ushort)(flags | 0x20));
        BinaryPrimitives.WriteUInt16LittleEndian(buffer.AsSpan(0x36), (ushort)type);
        body.CopyTo(buffer, 0x48);
        buffer.AsSpan(0x48 + body.Length).Fill(0xFF);
        return buffer;
    }
}

/// <summary>One record of each kind of header.</summary>
internal static class EtlRecord
{
    public static byte[] System(
        long stamp, int group, int type, byte[] payload, int version = 2, int pointerSize = 8, int processId = 100, int threadId = 200) =>
        new BytesWriter().UInt16(version).UInt8(pointerSize == 4 ? 1 : 2).UInt8(0xC0).UInt16(32 + payload.Length).UInt8(type).UInt8(group)
            .Int32(threadId).Int32(processId).Int64(stamp).Int64(0).Bytes(payload).ToArray();

    public static byte[] Compact(
        long stamp, int group, int type, byte[] payload, int version = 2, int pointerSize = 8, int processId = 100, int threadId = 200) =>
        new BytesWriter().UInt16(version).UInt8(pointerSize == 4 ? 3 : 4).UInt8(0xC0).UInt16(24 + payload.Length).UInt8(type).UInt8(group)
            .Int32(threadId).Int32(processId).Int64(stamp).Bytes(payload).ToArray();

    public static byte[] PerfInfo(long stamp, int group, int type, byte[] payload, int version = 2, int pointerSize = 8) =>
        new BytesWriter().UInt16(version).UInt8(pointerSize == 4 ? 0x10 : 0x11).UInt8(0xC0).UInt16(16 + payload.Length).UInt8(type).UInt8(group)
            .Int64(stamp).Bytes(payload).ToArray();

    public static byte[] Classic(long stamp, Guid provider, int opcode, byte[] payload, int version = 2, int level = 4, int pointerSize = 8) =>
        new BytesWriter().UInt16(48 + payload.Length).UInt8(pointerSize == 4 ? 0x0A : 0x14).UInt8(0xC0).UInt8(opcode).UInt8(level).UInt16(version)
            .Int32(200).Int32(100).Int64(stamp).Guid(provider).Int64(0).Bytes(payload).ToArray();

    public static byte[] Instance(long stamp, Guid provider, int opcode, byte[] payload, int pointerSize = 8) =>
        new BytesWriter().UInt16(72 + payload.Length).UInt8(pointerSize == 4 ? 0x0B : 0x15).UInt8(0xC0).UInt8(opcode).UInt8(4).UInt16(1)
            .Int32(200).Int32(100).Int64(stamp).Guid(provider).Int64(0).Int32(7).Int32(6).Guid(default).Bytes(payload).ToArray();

    public static byte[] Message(long stamp, Guid provider, int number, byte[] payload) =>
        new BytesWriter().UInt16(8 + 16 + 8 + 8 + payload.Length).UInt8(0).UInt8(0x90).UInt16(number).UInt16(0x02 | 0x08 | 0x20 | 0x80)
            .Guid(provider).Int64(stamp).Int32(200).Int32(100).Bytes(payload).ToArray();

    public static byte[] Event(
        long stamp,
        Guid provider,
        int id,
        byte[] payload,
        int version = 0,
        int level = 4,
        int opcode = 0,
        int task = 0,
        ulong keywords = 0,
        int flags = 0,
        int pointerSize = 8,
        int processId = 100,
        int threadId = 200,
        Guid activity = default,
        params (int Type, byte[] Data)[] items)
    {
        var extended = new BytesWriter();
        for (int i = 0; i < items.Length; i++)
        {
            extended.UInt16(0).UInt16(items[i].Type).UInt16(i + 1 < items.Length ? 1 : 0).UInt16(items[i].Data.Length).Bytes(items[i].Data);
            extended.PadToMultipleOf(8);
        }

        byte[] extra = extended.ToArray();
        return new BytesWriter().UInt16(80 + extra.Length + payload.Length).UInt8(pointerSize == 4 ? 0x12 : 0x13).UInt8(0xC0)
            .UInt16(flags | (extra.Length > 0 ? 1 : 0)).UInt16(0).Int32(threadId).Int32(processId).Int64(stamp).Guid(provider)
            .UInt16(id).UInt8(version).UInt8(0).UInt8(level).UInt8(opcode).UInt16(task).Int64((long)keywords).Int64(0).Guid(activity)
            .Bytes(extra).Bytes(payload).ToArray();
    }

    /// <summary>A TraceLogging event: provider traits and schema as extended items.</summary>
    public static byte[] TraceLogging(long stamp, string provider, byte[] schema, byte[] payload, int pointerSize = 8, params (int Type, byte[] Data)[] more)
    {
        byte[] name = Encoding.UTF8.GetBytes(provider);
        byte[] traits = new BytesWriter().UInt16(name.Length + 3).Bytes(name).UInt8(0).ToArray();
        return Event(
            stamp, new Guid("11111111-2222-3333-4444-555555555555"), 0, payload, pointerSize: pointerSize, items: [(12, traits), (11, schema), .. more]);
    }

    /// <summary>The schema item: event name, then the fields' bytes.</summary>
    public static byte[] TraceLoggingSchema(string eventName, params byte[][] fields)
    {
        var body = new BytesWriter().UInt8(0).Utf8(eventName);
        foreach (byte[] field in fields)
        {
            body.Bytes(field);
        }

        byte[] bytes = body.ToArray();
        return new BytesWriter().UInt16(bytes.Length + 2).Bytes(bytes).ToArray();
    }

    /// <summary>One field of a schema: in-type with its flags, then what the flags ask for.</summary>
    public static byte[] Field(string name, int inType, int? outType = null, int? count = null)
    {
        var field = new BytesWriter().Utf8(name).UInt8(inType | (outType is null ? 0 : 0x80) | (count is null ? 0 : 0x20));
        if (outType is { } o)
        {
            field.UInt8(o);
        }

        if (count is { } c)
        {
            field.UInt16(c);
        }

        return field.ToArray();
    }
}

/// <summary>Little-endian bytes, one value after the other.</summary>
internal sealed class BytesWriter
{
    private readonly List<byte> _bytes = [];

    public BytesWriter UInt8(int value)
    {
        _bytes.Add((byte)value);
        return this;
    }

    public BytesWriter UInt16(int value) => UInt8(value).UInt8(value >> 8);

    public BytesWriter Int32(int value) => UInt16(value).UInt16(value >> 16);

    public BytesWriter Int64(long value) => Int32((int)value).Int32((int)(value >> 32));

    public BytesWriter Pointer(ulong value, int size) => size == 4 ? Int32((int)value) : Int64((long)value);

    public BytesWriter Guid(Guid value) => Bytes(value.ToByteArray());

    /// <summary>UTF-16 with its terminator.</summary>
    public BytesWriter Text(string value) => Bytes(Encoding.Unicode.GetBytes(value + "\0"));

    /// <summary>UTF-8 with its terminator.</summary>
    public BytesWriter Utf8(string value) => Bytes(Encoding.UTF8.GetBytes(value + "\0"));

    public BytesWriter Bytes(byte[] value)
    {
        _bytes.AddRange(value);
        return this;
    }

    public BytesWriter PadTo(int length)
    {
        _bytes.AddRange(new byte[length - _bytes.Count]);
        return this;
    }

    public BytesWriter PadToMultipleOf(int unit)
    {
        _bytes.AddRange(new byte[(unit - (_bytes.Count % unit)) % unit]);
        return this;
    }

    public byte[] ToArray() => _bytes.ToArray();
}
