using System;

namespace ApiLevel.Formats.EventTrace;

/// <summary>WMI_BUFFER_HEADER: 72 bytes before the records of a buffer.</summary>
internal readonly struct EtlBufferHeader
{
    public const int Size = 0x48;

    private const int FlagEventsLost = 0x2;
    private const int FlagBufferLost = 0x4;
    private const int FlagCompressed = 0x40;

    private readonly ushort _flags;

    private EtlBufferHeader(long length, long used, uint state, ushort flags)
    {
        Length = length;
        Used = used;
        State = state;
        _flags = flags;
    }

    /// <summary>Bytes in the file, this header included. Untrusted.</summary>
    public long Length { get; }

    /// <summary>Where the records end, counted from the header's start, after decompression. Untrusted.</summary>
    public long Used { get; }

    /// <summary>In the first buffer of a compressed file the low half is the compression's number.</summary>
    public uint State { get; }

    public bool Compressed => (_flags & FlagCompressed) != 0;

    /// <summary>The buffer itself says that events or buffers were lost before it.</summary>
    public bool TellsLoss => (_flags & (FlagEventsLost | FlagBufferLost)) != 0;

    /// <summary>Reads a header; the caller has that many bytes.</summary>
    public static EtlBufferHeader Read(ReadOnlySpan<byte> bytes)
    {
        uint used = EtlBytes.UInt32(bytes, 0x04);
        if (used < Size)
        {
            // A buffer that was not closed: how far it was filled stands in one of the other two.
            uint offset = EtlBytes.UInt32(bytes, 0x30);
            used = offset >= Size ? offset : EtlBytes.UInt32(bytes, 0x08);
        }

        return new EtlBufferHeader(EtlBytes.UInt32(bytes, 0), used, EtlBytes.UInt32(bytes, 0x2C), EtlBytes.UInt16(bytes, 0x34));
    }
}

/// <summary>The kinds of record headers.</summary>
internal enum EtlRecordKind
{
    /// <summary>SYSTEM_TRACE_HEADER and its shorter form: the kernel, with process and thread.</summary>
    System,

    /// <summary>PERFINFO_TRACE_HEADER: the kernel, with nothing but a time.</summary>
    PerfInfo,

    /// <summary>EVENT_TRACE_HEADER: a classic class and its type.</summary>
    Classic,

    /// <summary>EVENT_INSTANCE_GUID_HEADER: the same with instance numbers.</summary>
    Instance,

    /// <summary>EVENT_HEADER: manifest-based events and TraceLogging.</summary>
    Event,

    /// <summary>TRACE_MESSAGE: a message of WPP, whose text is not in the file.</summary>
    Message,
}

/// <summary>What the first bytes of a record say.</summary>
internal enum EtlRecordStatus
{
    Good,

    /// <summary>Filler: no record follows in this buffer.</summary>
    End,

    /// <summary>No record that is known, or one that does not fit.</summary>
    Bad,
}

/// <summary>The part of all record headers that finds, orders and sizes them.</summary>
internal readonly struct EtlRecordHeader
{
    public const byte MarkerEventTrace = 0xC0;

    private const byte MarkerMessage = 0x90;
    private const int PmcCountersMask = 0x0700;
    private const int PmcCountersShift = 8;
    private const int PebsIndex = 0x8000;
    private const int MessageSequence = 0x01;
    private const int MessageGuid = 0x02;
    private const int MessageComponent = 0x04;
    private const int MessageTimes = 0x18;
    private const int MessageSystem = 0x20;
    private const int MessagePointer32 = 0x40;

    private EtlRecordHeader(EtlRecordKind kind, int size, int headerSize, long? stamp, int pointerSize)
    {
        Kind = kind;
        Size = size;
        HeaderSize = headerSize;
        Stamp = stamp;
        PointerSize = pointerSize;
    }

    public EtlRecordKind Kind { get; }

    /// <summary>The whole record without the filler up to the next multiple of 8.</summary>
    public int Size { get; }

    /// <summary>Where the payload starts; for EVENT_HEADER where the extended items start, if there are any.</summary>
    public int HeaderSize { get; }

    /// <summary>In units of the file's clock; null for messages without one.</summary>
    public long? Stamp { get; }

    public int PointerSize { get; }

    public static EtlRecordStatus TryRead(ReadOnlySpan<byte> bytes, out EtlRecordHeader header) => TryRead(bytes, bytes.Length, out header);

    /// <summary>Reads the start of a record of which only the first bytes are at hand.</summary>
    /// <param name="bytes">From the record's first byte.</param>
    /// <param name="available">How long the buffer really is from there.</param>
    /// <param name="header">What was read.</param>
    public static EtlRecordStatus TryRead(ReadOnlySpan<byte> bytes, int available, out EtlRecordHeader header)
    {
        header = default;
        if (bytes.Length < 8)
        {
            return EtlRecordStatus.End;
        }

        uint first = EtlBytes.UInt32(bytes, 0);
        if (first is 0 or uint.MaxValue)
        {
            return EtlRecordStatus.End;
        }

        byte marker = bytes[3];
        if (marker == MarkerMessage)
        {
            return TryReadMessage(bytes, available, out header);
        }

        if (marker != MarkerEventTrace)
        {
            return EtlRecordStatus.Bad;
        }

        (EtlRecordKind kind, int headerSize, int pointerSize, bool sizeFirst) = bytes[2] switch
        {
            0x01 => (EtlRecordKind.System, 32, 4, false),
            0x02 => (EtlRecordKind.System, 32, 8, false),
            0x03 => (EtlRecordKind.System, 24, 4, false),
            0x04 => (EtlRecordKind.System, 24, 8, false),
            0x0A => (EtlRecordKind.Classic, 48, 4, true),
            0x0B => (EtlRecordKind.Instance, 72, 4, true),
            0x0D => (EtlRecordKind.Classic, 48, 8, true),
            0x10 => (EtlRecordKind.PerfInfo, 16, 4, false),
            0x11 => (EtlRecordKind.PerfInfo, 16, 8, false),
            0x12 => (EtlRecordKind.Event, 80, 4, true),
            0x13 => (EtlRecordKind.Event, 80, 8, true),
            0x14 => (EtlRecordKind.Classic, 48, 8, true),
            0x15 => (EtlRecordKind.Instance, 72, 8, true),
            _ => (EtlRecordKind.Message, 0, 0, false),
        };
        int size = EtlBytes.UInt16(bytes, sizeFirst ? 0 : 4);
        if (headerSize == 0 || size < headerSize || size > available || headerSize > bytes.Length)
        {
            return EtlRecordStatus.Bad;
        }

        long stamp = EtlBytes.Int64(bytes, kind == EtlRecordKind.PerfInfo ? 8 : 16);
        if (!sizeFirst)
        {
            // The kernel may put processor counters between header and payload; the version says how many.
            int version = EtlBytes.UInt16(bytes, 0);
            headerSize += 8 * ((version & PmcCountersMask) >> PmcCountersShift);
            headerSize += (version & PebsIndex) != 0 ? 8 : 0;
            if (headerSize > size)
            {
                return EtlRecordStatus.Bad;
            }
        }

        header = new EtlRecordHeader(kind, size, headerSize, stamp, pointerSize);
        return EtlRecordStatus.Good;
    }

    /// <summary>The parts of a message's header that its flags name, in their order.</summary>
    public static void ReadMessage(ReadOnlySpan<byte> record, out int number, out Guid? provider, out int? threadId, out int? processId)
    {
        number = EtlBytes.UInt16(record, 4);
        int flags = EtlBytes.UInt16(record, 6);
        int at = 8 + ((flags & MessageSequence) != 0 ? 4 : 0);
        provider = null;
        threadId = null;
        processId = null;
        if ((flags & MessageGuid) != 0)
        {
            provider = EtlBytes.Guid(record, at);
            at += 16;
        }
        else if ((flags & MessageComponent) != 0)
        {
            at += 4;
        }

        at += (flags & MessageTimes) != 0 ? 8 : 0;
        if ((flags & MessageSystem) != 0)
        {
            threadId = EtlBytes.Int32(record, at);
            processId = EtlBytes.Int32(record, at + 4);
        }
    }

    private static EtlRecordStatus TryReadMessage(ReadOnlySpan<byte> bytes, int available, out EtlRecordHeader header)
    {
        header = default;
        int size = EtlBytes.UInt16(bytes, 0);
        int flags = EtlBytes.UInt16(bytes, 6);
        int at = 8 + ((flags & MessageSequence) != 0 ? 4 : 0);
        at += (flags & MessageGuid) != 0 ? 16 : (flags & MessageComponent) != 0 ? 4 : 0;
        int time = at;
        at += (flags & MessageTimes) != 0 ? 8 : 0;
        at += (flags & MessageSystem) != 0 ? 8 : 0;
        if (size < at || size > available || at > bytes.Length)
        {
            return EtlRecordStatus.Bad;
        }

        long? stamp = (flags & MessageTimes) != 0 ? EtlBytes.Int64(bytes, time) : null;
        header = new EtlRecordHeader(EtlRecordKind.Message, size, at, stamp, (flags & MessagePointer32) != 0 ? 4 : 8);
        return EtlRecordStatus.Good;
    }
}

/// <summary>TRACE_LOGFILE_HEADER: the payload of the first record of a recording.</summary>
internal sealed class EtlLogfileHeader
{
    private const int FixedSize = 272;
    private const int CompressedMode = 0x04000000;
    private const int CircularMode = 0x2;
    private const int NewFileMode = 0x8;

    public int BufferSize { get; private init; }

    public long EndTime { get; private init; }

    public int LogFileMode { get; private init; }

    public long BuffersWritten { get; private init; }

    public int PointerSize { get; private init; }

    public long EventsLost { get; private init; }

    public long BuffersLost { get; private init; }

    public EventTraceClock Clock { get; private init; }

    public long Frequency { get; private init; }

    public long StartTime { get; private init; }

    /// <summary>The stamp of the record itself: the clock at <see cref="StartTime"/>.</summary>
    public long StartStamp { get; private init; }

    public string SessionName { get; private init; } = "";

    public bool Compressed => (LogFileMode & CompressedMode) != 0;

    public bool Overwrites => (LogFileMode & (CircularMode | NewFileMode)) != 0;

    /// <summary>Whether a record is one of these: a kernel record of group 0, type 0.</summary>
    public static bool IsHeader(in EtlRecordHeader header, ReadOnlySpan<byte> record) =>
        header.Kind == EtlRecordKind.System && record.Length >= 8 && record[6] == 0 && record[7] == 0;

    /// <summary>Reads one; null when the payload is too short to be one.</summary>
    public static EtlLogfileHeader? TryRead(ReadOnlySpan<byte> payload, long stamp)
    {
        if (payload.Length < 48)
        {
            return null;
        }

        // Two pointers stand in the middle; their size is the recording system's, and the structure says it before them.
        int pointerSize = EtlBytes.Int32(payload, 44) == 4 ? 4 : 8;
        int shift = 2 * (pointerSize - 4);
        if (payload.Length < FixedSize + shift)
        {
            return null;
        }

        int cpuMegahertz = EtlBytes.Int32(payload, 52);
        var clock = (EventTraceClock)(EtlBytes.UInt32(payload, 264 + shift) & 7);
        if (clock is not (EventTraceClock.System or EventTraceClock.Cycle))
        {
            clock = EventTraceClock.Performance;
        }

        return new EtlLogfileHeader
        {
            BufferSize = EtlBytes.Int32(payload, 0),
            EndTime = EtlBytes.Int64(payload, 16),
            LogFileMode = EtlBytes.Int32(payload, 32),
            BuffersWritten = EtlBytes.UInt32(payload, 36),
            PointerSize = pointerSize,
            EventsLost = EtlBytes.UInt32(payload, 48),
            BuffersLost = EtlBytes.UInt32(payload, 268 + shift),
            Clock = clock,
            Frequency = clock == EventTraceClock.Cycle ? cpuMegahertz * 1_000_000L : EtlBytes.Int64(payload, 248 + shift),
            StartTime = EtlBytes.Int64(payload, 256 + shift),
            StartStamp = stamp,
            SessionName = EtlBytes.Utf16At(payload, (uint)(FixedSize + shift)),
        };
    }

    /// <summary>The header as named values, for the record that stands for it.</summary>
    public static EventField[] Fields(ReadOnlySpan<byte> payload, EtlLogfileHeader header)
    {
        int shift = 2 * (header.PointerSize - 4);
        int names = FixedSize + shift;
        string fileName = "";
        if (names < payload.Length)
        {
            int length = EtlBytes.Utf16Length(payload.Slice(names), out _);
            fileName = EtlBytes.Utf16At(payload, (uint)(names + length + 2));
        }

        return
        [
            new("BufferSize", (ulong)EtlBytes.UInt32(payload, 0)),
            new("Version", (ulong)EtlBytes.UInt32(payload, 4)),
            new("ProviderVersion", (ulong)EtlBytes.UInt32(payload, 8)),
            new("NumberOfProcessors", (ulong)EtlBytes.UInt32(payload, 12)),
            new("EndTime", EtlBytes.FileTime(header.EndTime)),
            new("TimerResolution", (ulong)EtlBytes.UInt32(payload, 24)),
            new("MaxFileSize", (ulong)EtlBytes.UInt32(payload, 28)),
            new("LogFileMode", (ulong)(uint)header.LogFileMode),
            new("BuffersWritten", (ulong)header.BuffersWritten),
            new("StartBuffers", (ulong)EtlBytes.UInt32(payload, 40)),
            new("PointerSize", (ulong)EtlBytes.UInt32(payload, 44)),
            new("EventsLost", (ulong)header.EventsLost),
            new("CPUSpeed", (ulong)EtlBytes.UInt32(payload, 52)),
            new("UtcOffsetMinutes", (long)EtlBytes.Int32(payload, 56 + (2 * header.PointerSize))),
            new("BootTime", EtlBytes.FileTime(EtlBytes.Int64(payload, 240 + shift))),
            new("PerfFreq", (ulong)EtlBytes.Int64(payload, 248 + shift)),
            new("StartTime", EtlBytes.FileTime(header.StartTime)),
            new("ReservedFlags", (ulong)EtlBytes.UInt32(payload, 264 + shift)),
            new("BuffersLost", (ulong)header.BuffersLost),
            new("SessionName", header.SessionName),
            new("LogFileName", fileName),
        ];
    }

    /// <summary>UTC time of a stamp; null where the header's numbers make none.</summary>
    public DateTime? ToTime(long stamp)
    {
        if (Clock == EventTraceClock.System)
        {
            return EtlBytes.FileTime(stamp);
        }

        const long TicksPerSecond = 10_000_000;
        const long MaximumFrequency = 500_000_000_000;
        if (Frequency is <= 0 or > MaximumFrequency)
        {
            return null;
        }

        // In two parts, so that no stamp overflows: whole seconds, and the rest of one.
        long delta = unchecked(stamp - StartStamp);
        long seconds = delta / Frequency;
        const long LongestRecording = 1_000_000_000;
        if (seconds is > LongestRecording or < -LongestRecording)
        {
            return null;
        }

        long ticks = (seconds * TicksPerSecond) + (delta % Frequency * TicksPerSecond / Frequency);
        return StartTime is > 0 and < long.MaxValue / 2 ? EtlBytes.FileTime(StartTime + ticks) : null;
    }
}
