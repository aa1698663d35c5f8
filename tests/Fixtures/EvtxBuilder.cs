using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;

namespace ApiLevel.Fixtures;

/// <summary>Writes event logs byte by byte, correct ones and wrong ones.</summary>
internal static class EvtxFile
{
    /// <summary>A whole log. The header's chunk count can be told otherwise, as in logs that were copied in use.</summary>
    public static byte[] Build(IEnumerable<byte[]> chunks, uint flags = 0, int? chunkCount = null)
    {
        byte[][] all = chunks.ToArray();
        var file = new byte[4096 + all.Sum(chunk => chunk.Length)];
        "ElfFile\0"u8.CopyTo(file);
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(16), Math.Max(0, all.Length - 1));
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(24), 1);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(32), 128);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(36), 1);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(38), 3);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(40), 4096);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(42), (short)(chunkCount ?? all.Length));
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(120), flags);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(124), Crc(file.AsSpan(0, 120)));
        int position = 4096;
        foreach (byte[] chunk in all)
        {
            chunk.CopyTo(file, position);
            position += chunk.Length;
        }

        return file;
    }

    public static byte[] Build(EvtxChunk chunk) => Build([chunk.ToBytes()]);

    /// <summary>Bit by bit, so that it shares nothing with the reader's tables.</summary>
    public static uint Crc(params ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in bytes)
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
            }
        }

        return ~crc;
    }
}

/// <summary>A template: written out at its first use in a chunk, referred to after that.</summary>
internal sealed class EvtxTemplate(Action<EvtxChunk> body)
{
    private static int s_count;

    /// <summary>Each template has its own identifier, as in real logs.</summary>
    public Guid Id { get; } = new(System.Threading.Interlocked.Increment(ref s_count), 0, 0, new byte[8]);

    public Action<EvtxChunk> Body { get; } = body;
}

/// <summary>One value of a template instance.</summary>
internal readonly record struct EvtxValue(byte Type, byte[] Bytes)
{
    public static readonly EvtxValue Null = new(0x00, []);

    /// <summary>Text as it is, halves of surrogate pairs too.</summary>
    public static EvtxValue Text(string text) => new(0x01, MemoryMarshal.AsBytes(text.AsSpan()).ToArray());

    public static EvtxValue UInt8(byte value) => new(0x04, [value]);

    public static EvtxValue UInt16(int value) => new(0x06, BitConverter.GetBytes((ushort)value));

    public static EvtxValue UInt32(uint value) => new(0x08, BitConverter.GetBytes(value));

    public static EvtxValue UInt64(ulong value) => new(0x0A, BitConverter.GetBytes(value));

    public static EvtxValue FileTime(DateTime utc) => new(0x11, BitConverter.GetBytes(utc.ToFileTimeUtc()));

    public static EvtxValue Hex64(ulong value) => new(0x15, BitConverter.GetBytes(value));

    public static EvtxValue Sid(params uint[] parts)
    {
        var bytes = new byte[8 + (4 * parts.Length)];
        bytes[0] = 1;
        bytes[1] = (byte)parts.Length;
        bytes[7] = 5;
        for (int i = 0; i < parts.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8 + (4 * i)), parts[i]);
        }

        return new EvtxValue(0x13, bytes);
    }
}

/// <summary>One chunk of 64 KiB. Tokens are written at <see cref="Position"/>, as often as wanted, right or wrong.</summary>
internal sealed class EvtxChunk
{
    public const int Size = 0x10000;

    private readonly byte[] _bytes = new byte[Size];
    private readonly Dictionary<string, int> _names = [];
    private readonly Dictionary<EvtxTemplate, int> _templates = [];
    private bool _inDefinition;
    private long _firstId;
    private long _lastId;
    private int _lastRecord = 512;
    private int _records;

    /// <summary>Where the next byte goes; behind the last record it is the free-space offset.</summary>
    public int Position { get; set; } = 512;

    /// <summary>The chunk's flags: 4 says that it has no checksums.</summary>
    public uint Flags { get; set; }

    public Span<byte> Bytes => _bytes;

    /// <summary>A record around what <paramref name="body"/> writes. Returns where it begins.</summary>
    public int Record(long id, DateTime written, Action<EvtxChunk> body)
    {
        int start = Position;
        "**\0\0"u8.CopyTo(_bytes.AsSpan(start));
        BinaryPrimitives.WriteInt64LittleEndian(_bytes.AsSpan(start + 8), id);
        BinaryPrimitives.WriteInt64LittleEndian(_bytes.AsSpan(start + 16), written.ToFileTimeUtc());
        Position = start + 24;
        body(this);
        Position = (Position + 4 + 7) & ~7;
        int size = Position - start;
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(start + 4), size);
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(Position - 4), size);
        _firstId = _records++ == 0 ? id : _firstId;
        _lastId = id;
        _lastRecord = start;
        return start;
    }

    /// <summary>A record with one template instance, as Windows writes them.</summary>
    public int Record(long id, DateTime written, EvtxTemplate template, params EvtxValue[] values) => Record(id, written, chunk =>
    {
        chunk.FragmentHeader();
        chunk.Instance(template, values);
        chunk.Token(0x00);
    });

    public byte[] ToBytes()
    {
        "ElfChnk\0"u8.CopyTo(_bytes);
        BinaryPrimitives.WriteInt64LittleEndian(_bytes.AsSpan(8), _firstId);
        BinaryPrimitives.WriteInt64LittleEndian(_bytes.AsSpan(16), _lastId);
        BinaryPrimitives.WriteInt64LittleEndian(_bytes.AsSpan(24), _firstId);
        BinaryPrimitives.WriteInt64LittleEndian(_bytes.AsSpan(32), _lastId);
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(40), 128);
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(44), _lastRecord);
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(48), Position);
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes.AsSpan(120), Flags);
        Seal(_bytes);
        return _bytes.ToArray();
    }

    /// <summary>Writes the checksums that belong to the bytes.</summary>
    public static void Seal(Span<byte> chunk)
    {
        int free = Math.Clamp(BinaryPrimitives.ReadInt32LittleEndian(chunk[48..]), 512, Size);
        BinaryPrimitives.WriteUInt32LittleEndian(chunk[52..], EvtxFile.Crc(chunk[512..free]));
        var header = new byte[120 + 384];
        chunk[..120].CopyTo(header);
        chunk[128..512].CopyTo(header.AsSpan(120));
        BinaryPrimitives.WriteUInt32LittleEndian(chunk[124..], EvtxFile.Crc(header));
    }

    public void Token(params byte[] bytes)
    {
        bytes.CopyTo(_bytes, Position);
        Position += bytes.Length;
    }

    public void UInt16(int value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(Position), (ushort)value);
        Position += 2;
    }

    public void UInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes.AsSpan(Position), value);
        Position += 4;
    }

    public void FragmentHeader() => Token(0x0F, 1, 1, 0);

    /// <summary>A start tag up to its name. Elements of a template definition have a dependency id, others have none.</summary>
    public void Open(string name, bool attributes = false, int dependency = 0xFFFF)
    {
        Token((byte)(attributes ? 0x41 : 0x01));
        if (_inDefinition)
        {
            UInt16(dependency);
        }

        UInt32(0); // the size, which a reader can do without
        Name(name);
        if (attributes)
        {
            UInt32(0);
        }
    }

    public void CloseStart() => Token(0x02);

    public void CloseEmpty() => Token(0x03);

    public void End() => Token(0x04);

    public void Attribute(string name)
    {
        Token(0x46);
        Name(name);
    }

    public void Text(string text)
    {
        Token(0x05, 0x01);
        UInt16(text.Length);
        Token(Encoding.Unicode.GetBytes(text));
    }

    public void Substitution(int index, byte type, bool optional = true)
    {
        Token((byte)(optional ? 0x0E : 0x0D));
        UInt16(index);
        Token(type);
    }

    /// <summary>An element with one substitution.</summary>
    public void Element(string name, int index, byte type, bool optional = true)
    {
        Open(name, dependency: optional ? index : 0xFFFF);
        CloseStart();
        Substitution(index, type, optional);
        End();
    }

    public void Name(string name)
    {
        if (_names.TryGetValue(name, out int offset))
        {
            UInt32((uint)offset);
            return;
        }

        UInt32((uint)Position + 4);
        _names[name] = Position;
        UInt32(0);
        UInt16(0);
        UInt16(name.Length);
        Token(Encoding.Unicode.GetBytes(name + "\0"));
    }

    /// <summary>A template instance; the definition is written here at its first use.</summary>
    public void Instance(EvtxTemplate template, params EvtxValue[] values)
    {
        Token(0x0C, 1);
        Token(template.Id.ToByteArray()[..4]);
        if (_templates.TryGetValue(template, out int offset))
        {
            UInt32((uint)offset);
        }
        else
        {
            UInt32((uint)Position + 4);
            _templates[template] = Position;
            Definition(template);
        }

        Values(values);
    }

    public void Definition(EvtxTemplate template)
    {
        UInt32(0);
        Token(template.Id.ToByteArray());
        int size = Position;
        UInt32(0);
        bool outer = _inDefinition;
        _inDefinition = true;
        FragmentHeader();
        template.Body(this);
        Token(0x00);
        _inDefinition = outer;
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(size), Position - size - 4);
    }

    public void Values(params EvtxValue[] values)
    {
        UInt32((uint)values.Length);
        foreach (EvtxValue value in values)
        {
            UInt16(value.Bytes.Length);
            Token(value.Type, 0);
        }

        foreach (EvtxValue value in values)
        {
            Token(value.Bytes);
        }
    }

    /// <summary>
    /// A BinXml value's bytes, written where they will stand: its offsets depend on that. Returns the place of the size in the descriptor,
    /// so it is used last in an instance.
    /// </summary>
    public void InstanceWithNested(EvtxTemplate template, EvtxValue[] values, Action<EvtxChunk> nested)
    {
        Instance(template, [.. values, new EvtxValue(0x21, [])]);
        int size = Position - values.Sum(value => value.Bytes.Length) - 4;
        int start = Position;
        bool outer = _inDefinition;
        _inDefinition = false;
        nested(this);
        _inDefinition = outer;
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(size), (ushort)(Position - start));
    }
}

/// <summary>Events as Windows writes them: one template for the header, another for EventData in a nested value.</summary>
internal sealed class EvtxEvents
{
    public static readonly DateTime Time = new DateTime(2021, 10, 21, 20, 40, 12, DateTimeKind.Utc).AddTicks(8678222);

    public static readonly Guid ProviderId = new("5770385f-c22a-43e0-bf4c-06f5698ffbd9");

    /// <summary>The outer template: System and a place for EventData.</summary>
    public static readonly EvtxTemplate Header = new(chunk =>
    {
        chunk.Open("Event", attributes: true);
        chunk.Attribute("xmlns");
        chunk.Text("http://schemas.microsoft.com/win/2004/08/events/event");
        chunk.CloseStart();
        System(chunk);
        chunk.Substitution(17, 0x21);
        chunk.End();
    });

    public static void System(EvtxChunk chunk)
    {
        chunk.Open("System");
        chunk.CloseStart();
        chunk.Open("Provider", attributes: true);
        chunk.Attribute("Name");
        chunk.Text("Test-Provider");
        chunk.Attribute("Guid");
        chunk.Text("{5770385F-C22A-43E0-BF4C-06F5698FFBD9}");
        chunk.CloseEmpty();
        chunk.Open("EventID", attributes: true);
        chunk.Attribute("Qualifiers");
        chunk.Substitution(4, 0x06);
        chunk.CloseStart();
        chunk.Substitution(3, 0x06);
        chunk.End();
        chunk.Element("Version", 11, 0x04);
        chunk.Element("Level", 0, 0x04);
        chunk.Element("Task", 2, 0x06);
        chunk.Element("Opcode", 1, 0x04);
        chunk.Element("Keywords", 5, 0x15);
        chunk.Open("TimeCreated", attributes: true);
        chunk.Attribute("SystemTime");
        chunk.Substitution(6, 0x11);
        chunk.CloseEmpty();
        chunk.Element("EventRecordID", 10, 0x0A);
        chunk.Open("Correlation", attributes: true);
        chunk.Attribute("ActivityID");
        chunk.Substitution(7, 0x0F);
        chunk.CloseEmpty();
        chunk.Open("Execution", attributes: true);
        chunk.Attribute("ProcessID");
        chunk.Substitution(8, 0x08);
        chunk.Attribute("ThreadID");
        chunk.Substitution(9, 0x08);
        chunk.CloseEmpty();
        chunk.Open("Channel");
        chunk.CloseStart();
        chunk.Text("Test/Operational");
        chunk.End();
        chunk.Element("Computer", 13, 0x01, optional: false);
        chunk.Open("Security", attributes: true);
        chunk.Attribute("UserID");
        chunk.Substitution(12, 0x13);
        chunk.CloseEmpty();
        chunk.End();
    }

    public static EvtxValue[] HeaderValues(int eventId, long recordId) =>
    [
        EvtxValue.UInt8(4),                          // 0 Level
        EvtxValue.UInt8(2),                          // 1 Opcode
        EvtxValue.UInt16(7),                         // 2 Task
        EvtxValue.UInt16(eventId),                   // 3 EventID
        EvtxValue.Null,                              // 4 Qualifiers
        EvtxValue.Hex64(0x8000000000000001),         // 5 Keywords
        EvtxValue.FileTime(Time),                    // 6 TimeCreated
        EvtxValue.Null,                              // 7 ActivityID
        EvtxValue.UInt32(1152),                      // 8 ProcessID
        EvtxValue.UInt32(1764),                      // 9 ThreadID
        EvtxValue.UInt64((ulong)recordId),           // 10 EventRecordID
        EvtxValue.UInt8(5),                          // 11 Version
        EvtxValue.Sid(18),                           // 12 UserID
        EvtxValue.Text("FS03.example"),              // 13 Computer
        EvtxValue.Null,
        EvtxValue.Null,
        EvtxValue.Null,
    ];

    /// <summary>A template of Data elements with these names.</summary>
    public static EvtxTemplate Data(params (string Name, byte Type)[] fields) => new(chunk =>
    {
        chunk.Open("EventData");
        chunk.CloseStart();
        for (int i = 0; i < fields.Length; i++)
        {
            chunk.Open("Data", attributes: true);
            chunk.Attribute("Name");
            chunk.Text(fields[i].Name);
            chunk.CloseStart();
            chunk.Substitution(i, fields[i].Type, optional: false);
            chunk.End();
        }

        chunk.End();
    });

    /// <summary>A whole event.</summary>
    public static int Add(EvtxChunk chunk, int eventId, long recordId, EvtxTemplate data, params EvtxValue[] values) =>
        chunk.Record(recordId, Time, inner =>
        {
            inner.FragmentHeader();
            inner.InstanceWithNested(Header, HeaderValues(eventId, recordId), nested =>
            {
                nested.FragmentHeader();
                nested.Instance(data, values);
                nested.Token(0x00);
            });
            inner.Token(0x00);
        });

    /// <summary>An event whose EventData, UserData or whatever the test wants is written by hand.</summary>
    public static int Add(EvtxChunk chunk, int eventId, long recordId, Action<EvtxChunk> content) =>
        chunk.Record(recordId, Time, inner =>
        {
            inner.FragmentHeader();
            inner.InstanceWithNested(Header, HeaderValues(eventId, recordId), content);
            inner.Token(0x00);
        });
}
