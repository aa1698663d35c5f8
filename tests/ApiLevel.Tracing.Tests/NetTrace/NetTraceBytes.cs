using System;
using System.Buffers.Binary;
using System.IO;
using System.Text;

namespace ApiLevel.Tracing.Tests.NetTrace;

/// <summary>Makes .nettrace files of one event by hand: version 4 of serialized objects, and version 6 of blocks.</summary>
internal static class NetTraceBytes
{
    public const int EventId = 7;
    public const int Payload = 0x11223344;

    public static byte[] Version4(byte[] fields)
    {
        using MemoryStream stream = new();
        using BinaryWriter writer = new(stream);
        writer.Write("Nettrace"u8);
        writer.Write(20);
        writer.Write("!FastSerialization.1"u8);
        WriteObject(writer, "Trace", 4, body => WriteTrace(body, version6: false));
        WriteObject(writer, "MetadataBlock", 2, body => WriteBlob(body, 0, description =>
        {
            description.Write(1);
            description.Write(Utf16("Provider"));
            description.Write(EventId);
            description.Write(Utf16("Event"));
            description.Write(0L);
            description.Write(0);
            description.Write(4);
            description.Write(fields);
        }));
        WriteObject(writer, "EventBlock", 2, static body => WriteBlob(body, 1, static payload => payload.Write(Payload)));
        writer.Write((byte)1);
        return stream.ToArray();
    }

    public static byte[] Version6(byte[] fields)
    {
        using MemoryStream stream = new();
        using BinaryWriter writer = new(stream);
        writer.Write("Nettrace"u8);
        writer.Write(0);
        writer.Write(6);
        writer.Write(0);
        WriteBlock(writer, 1, static body => WriteTrace(body, version6: true));
        WriteBlock(writer, 3, body =>
        {
            body.Write((short)0);
            byte[] description = Bytes(entry =>
            {
                entry.Write((byte)1);
                entry.Write("Provider");
                entry.Write((byte)EventId);
                entry.Write("Event");
                entry.Write(fields);
                entry.Write((short)0);
            });
            body.Write((short)description.Length);
            body.Write(description);
        });
        WriteBlock(writer, 6, static body =>
        {
            body.Write((short)5);
            body.Write([1, 2, 100, 3, 101]);
        });
        WriteBlock(writer, 2, static body =>
        {
            body.Write((short)20);
            body.Write((short)0);
            body.Write(new byte[16]);
            body.Write(0);
            body.Write(1);
            body.Write(1);
            body.Write(1L);
            body.Write(1L);
            body.Write(0);
            body.Write(0);
            body.Write(100L);
            body.Write(0);
            body.Write(4);
            body.Write(Payload);
        });
        writer.Write(0);
        return stream.ToArray();
    }

    public static byte[] Utf16(string text) => Encoding.Unicode.GetBytes(text + "\0");

    public static byte[] Bytes(Action<BinaryWriter> write)
    {
        using MemoryStream stream = new();
        using BinaryWriter writer = new(stream);
        write(writer);
        writer.Flush();
        return stream.ToArray();
    }

    /// <summary>Where a text stands first.</summary>
    public static int Find(byte[] bytes, string text, int from = 0)
    {
        int at = bytes.AsSpan(from).IndexOf(Encoding.ASCII.GetBytes(text));
        return at < 0 ? -1 : from + at;
    }

    private static void WriteTrace(BinaryWriter writer, bool version6)
    {
        foreach (short part in new short[] { 2026, 1, 4, 1, 0, 0, 0, 0 })
        {
            writer.Write(part);
        }

        writer.Write(0L);
        writer.Write(1_000_000L);
        writer.Write(8);
        writer.Write(version6 ? 0 : 42);
        if (!version6)
        {
            writer.Write(1);
            writer.Write(0);
        }
    }

    private static void WriteBlob(BinaryWriter writer, int metadataId, Action<BinaryWriter> write)
    {
        byte[] payload = Bytes(write);
        writer.Write((short)20);
        writer.Write((short)0);
        writer.Write(new byte[16]);
        writer.Write(76 + payload.Length);
        writer.Write(metadataId);
        writer.Write(1);
        writer.Write(9L);
        writer.Write(9L);
        writer.Write(0);
        writer.Write(0);
        writer.Write(100L);
        writer.Write(new byte[32]);
        writer.Write(payload.Length);
        writer.Write(payload);
    }

    private static void WriteObject(BinaryWriter writer, string name, int version, Action<BinaryWriter> write)
    {
        writer.Write([5, 5, 1]);
        writer.Write(version);
        writer.Write(version);
        writer.Write(name.Length);
        writer.Write(Encoding.ASCII.GetBytes(name));
        writer.Write((byte)6);
        byte[] body = Bytes(write);
        if (name != "Trace")
        {
            writer.Write(body.Length);
            writer.Write(new byte[(4 - (int)(writer.BaseStream.Position & 3)) & 3]);
        }

        writer.Write(body);
        writer.Write((byte)6);
    }

    private static void WriteBlock(BinaryWriter writer, int kind, Action<BinaryWriter> write)
    {
        byte[] body = Bytes(write);
        Span<byte> header = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(header, (kind << 24) | body.Length);
        writer.Write(header);
        writer.Write(body);
    }
}
