using System;
using System.Buffers;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace ApiLevel.Formats.EventTrace;

/// <content>Opening buffers, the merge, and the making of records.</content>
public sealed partial class EtlReader
{
    private const int MaximumFree = 64;
    private const int ItemSid = 2;
    private const int ItemStack32 = 5;
    private const int ItemStack64 = 6;
    private const int ItemTraceLoggingSchema = 11;
    private const int ItemProviderTraits = 12;
    private const int FlagExtendedItems = 0x01;
    private const int FlagStringOnly = 0x04;
    private const int FlagMessage = 0x08;
    private const int Flag32Bit = 0x20;
    private const int Flag64Bit = 0x40;
    private const int FlagClassic = 0x100;

    // The provider that reports on sessions; these ids tell of events and buffers that were lost.
    private static readonly Guid s_eventTracing = new("b675ec37-bdb6-4648-bc92-f3fdc74d3ca2");

    private void Open(in IndexEntry entry)
    {
        Span<byte> headerBytes = stackalloc byte[EtlBufferHeader.Size];
        if (_source.Read(entry.Offset, headerBytes) < EtlBufferHeader.Size)
        {
            AddProblem(AtBuffer(entry.Offset), "can no longer be read");
            return;
        }

        EtlBufferHeader header = EtlBufferHeader.Read(headerBytes);
        if (header.Length is < EtlBufferHeader.Size or > MaximumBuffer)
        {
            AddProblem(AtBuffer(entry.Offset), "changed while it was read");
            return;
        }

        int inFile = (int)Math.Min(header.Length, Length - entry.Offset);
        if (inFile < header.Length && (header.Compressed || inFile < header.Used))
        {
            AddProblem(AtBuffer(entry.Offset), string.Format(CultureInfo.InvariantCulture, "the file ends after {0} of its {1} bytes", inFile, header.Length));
        }

        if (!TryLoad(entry.Offset, header, inFile, out EtlOpenBuffer? buffer))
        {
            if (_budget.Exhausted is not null)
            {
                _nextIndex = _index.Count;
            }
            else
            {
                _position += inFile;
            }

            return;
        }

        _openBytes += buffer.Held;
        _heap.Add(buffer);
        SiftUp();
    }

    /// <summary>Reads a buffer's records into memory. False when there are none, or the budget is at its end.</summary>
    private bool TryLoad(long offset, in EtlBufferHeader header, int inFile, [NotNullWhen(true)] out EtlOpenBuffer? buffer)
    {
        buffer = null;

        long used = header.Used;
        if (used > (header.Compressed ? MaximumBuffer : header.Length))
        {
            AddProblem(AtBuffer(offset), string.Format(CultureInfo.InvariantCulture, "its records cannot take {0} bytes", used));
            used = header.Compressed ? 0 : header.Length;
        }

        if (used <= EtlBufferHeader.Size)
        {
            return false;
        }

        if (!_budget.TrySpend(inFile + (header.Compressed ? used : 0)))
        {
            AddProblem(AtBuffer(offset), "reading ends here: " + _budget.Exhausted);
            return false;
        }

        int start;
        int end;
        byte[] bytes;
        if (header.Compressed)
        {
            byte[] packed = ArrayPool<byte>.Shared.Rent(inFile);
            int length = (int)used - EtlBufferHeader.Size;
            bytes = ArrayPool<byte>.Shared.Rent(length);
            int read = Math.Max(_source.Read(offset, packed.AsSpan(0, inFile)), EtlBufferHeader.Size);
            start = 0;
            end = BufferCompression.Decompress(
                _compression, packed.AsSpan(EtlBufferHeader.Size, read - EtlBufferHeader.Size), bytes.AsSpan(0, length));
            ArrayPool<byte>.Shared.Return(packed);
            if (end < length)
            {
                AddProblem(
                    AtBuffer(offset),
                    string.Format(CultureInfo.InvariantCulture, "its compressed data is damaged after {0} of {1} bytes", end, length));
            }
        }
        else
        {
            int length = (int)Math.Min(inFile, used);
            bytes = ArrayPool<byte>.Shared.Rent(length);
            start = EtlBufferHeader.Size;
            end = _source.Read(offset, bytes.AsSpan(0, length));
        }

        buffer = _free.Count > 0 ? _free.Pop() : new EtlOpenBuffer();
        int stopped = buffer.Load(offset, inFile, bytes, start, end);
        if (stopped >= 0)
        {
            AddProblem(
                AtBuffer(offset),
                string.Format(CultureInfo.InvariantCulture, "what lies at 0x{0:X} is no record; {1} bytes are skipped", stopped, end - stopped));
            if (!header.Compressed)
            {
                AddGap(offset + stopped, offset + inFile);
            }
        }

        if (buffer.AtEnd)
        {
            Free(buffer);
            buffer = null;
        }

        return buffer is not null;
    }

    private void Close(EtlOpenBuffer buffer)
    {
        _position += buffer.LengthInFile;
        _openBytes -= buffer.Held;
        Free(buffer);
        int last = _heap.Count - 1;
        _heap[0] = _heap[last];
        _heap.RemoveAt(last);
        SiftDown();
    }

    private void Free(EtlOpenBuffer buffer)
    {
        buffer.Release();
        if (_free.Count < MaximumFree)
        {
            _free.Push(buffer);
        }
    }

    private static bool Before(EtlOpenBuffer a, EtlOpenBuffer b) =>
        a.Stamp != b.Stamp ? a.Stamp < b.Stamp : a.Offset < b.Offset;

    private void SiftUp()
    {
        int child = _heap.Count - 1;
        while (child > 0)
        {
            int parent = (child - 1) / 2;
            if (!Before(_heap[child], _heap[parent]))
            {
                return;
            }

            (_heap[child], _heap[parent]) = (_heap[parent], _heap[child]);
            child = parent;
        }
    }

    private void SiftDown()
    {
        int parent = 0;
        while (true)
        {
            int child = (2 * parent) + 1;
            if (child >= _heap.Count)
            {
                return;
            }

            if (child + 1 < _heap.Count && Before(_heap[child + 1], _heap[child]))
            {
                child++;
            }

            if (!Before(_heap[child], _heap[parent]))
            {
                return;
            }

            (_heap[child], _heap[parent]) = (_heap[parent], _heap[child]);
            parent = child;
        }
    }

    /// <summary>Makes a record; null when the caller's filter refuses it.</summary>
    private EventRecord? Produce(in EtlRecordHeader header, ReadOnlySpan<byte> bytes)
    {
        EventRecord record = _spare ?? new EventRecord();
        _spare = null;
        record.TimeCreated = header.Stamp is { } stamp ? _header.ToTime(stamp) : null;
        ReadOnlySpan<byte> payload = bytes.Slice(header.HeaderSize);
        PayloadSchema? schema = null;
        int pointerSize = header.PointerSize;
        bool isText = false;
        EtlLogfileHeader? logfile = null;
        switch (header.Kind)
        {
            case EtlRecordKind.System:
            case EtlRecordKind.PerfInfo:
                schema = ReadKernel(record, header, bytes);
                if (EtlLogfileHeader.IsHeader(header, bytes))
                {
                    logfile = EtlLogfileHeader.TryRead(payload, header.Stamp!.Value);
                    CountLost(logfile);
                }

                break;
            case EtlRecordKind.Classic:
            case EtlRecordKind.Instance:
                record.Opcode = bytes[4];
                record.EventId = record.Opcode;
                record.Level = bytes[5];
                record.EventVersion = EtlBytes.UInt16(bytes, 6);
                SetThread(record, bytes, 8);
                schema = ReadClassic(record, EtlBytes.Guid(bytes, 24), payload);
                break;
            case EtlRecordKind.Message:
                EtlRecordHeader.ReadMessage(bytes, out int number, out Guid? provider, out int? threadId, out int? processId);
                record.EventId = number;
                record.ProviderId = provider;
                record.ThreadId = threadId;
                record.ProcessId = processId;
                break;
            default:
                int flags = EtlBytes.UInt16(bytes, 4);
                pointerSize = (flags & Flag32Bit) != 0 ? 4 : (flags & Flag64Bit) != 0 ? 8 : pointerSize;
                isText = (flags & FlagStringOnly) != 0;
                schema = ReadEvent(record, bytes, flags, ref payload);
                break;
        }

        if (_options.HeaderFilter is { } filter && !filter(record))
        {
            record.ResetHeader();
            _spare = record;
            return null;
        }

        if (logfile is not null)
        {
            record.Fields = EtlLogfileHeader.Fields(payload, logfile);
            record.PayloadState = PayloadState.Decoded;
        }
        else if (schema is not null)
        {
            record.PayloadState = PayloadDecoder.Decode(schema, payload, pointerSize, out IReadOnlyList<EventField> fields);
            record.Fields = fields;
            int stack = KernelEvents.StackStart(record.ProviderId, record.Opcode, pointerSize);
            if (stack >= 0 && payload.Length >= stack)
            {
                record.Stack = Addresses(payload.Slice(stack), pointerSize);
                record.PayloadState = PayloadState.Decoded;
            }
        }
        else if (isText)
        {
            record.Fields = [new EventField("Message", EtlBytes.Utf16(payload.Slice(0, EtlBytes.Utf16Length(payload, out _))))];
            record.PayloadState = PayloadState.Decoded;
        }

        if (_options.KeepRawData || record.PayloadState != PayloadState.Decoded)
        {
            record.RawData = payload.ToArray();
        }

        return record;
    }

    private void CountLost(EtlLogfileHeader? header)
    {
        if (header is not null)
        {
            _headerLost += header.EventsLost;
            BuffersLost += header.BuffersLost;
        }
    }

    /// <summary>Kernel records: the class is one byte, and there is no level, task or keyword.</summary>
    private PayloadSchema? ReadKernel(EventRecord record, in EtlRecordHeader header, ReadOnlySpan<byte> bytes)
    {
        record.EventVersion = bytes[0];
        record.Opcode = bytes[6];
        record.EventId = record.Opcode;
        if (header.Kind == EtlRecordKind.System)
        {
            SetThread(record, bytes, 8);
        }

        if (KernelEvents.ClassOf(bytes[7], bytes[6]) is { } provider)
        {
            return ReadClassic(record, provider, bytes.Slice(header.HeaderSize));
        }

        record.Provider = KernelEvents.Provider;
        return null;
    }

    private PayloadSchema? ReadClassic(EventRecord record, Guid provider, ReadOnlySpan<byte> payload)
    {
        record.ProviderId = provider;
        if (provider == KernelEvents.MetaData && record.Opcode == KernelEvents.MetaDataEventInfo)
        {
            _schemas.AddInformation(payload);
        }
        else if (provider == KernelEvents.LostEvent)
        {
            _observedLost++;
        }

        PayloadSchema? embedded = _schemas.FindClassic(provider, record.Opcode, record.EventVersion);
        if (KernelEvents.TryName(provider, record.Opcode, out string providerName, out string? eventName))
        {
            record.Provider = providerName;
            record.EventName = eventName;
        }
        else if (embedded is not null)
        {
            record.Provider = embedded.Provider;
            record.EventName = embedded.EventName;
        }

        return KernelEvents.Find(provider, record.Opcode, record.EventVersion) ?? embedded;
    }

    private PayloadSchema? ReadEvent(EventRecord record, ReadOnlySpan<byte> bytes, int flags, ref ReadOnlySpan<byte> payload)
    {
        SetThread(record, bytes, 8);
        Guid provider = EtlBytes.Guid(bytes, 24);
        record.ProviderId = provider;
        record.EventId = EtlBytes.UInt16(bytes, 40);
        record.EventVersion = bytes[42];
        record.Level = bytes[44];
        record.Opcode = bytes[45];
        record.Task = EtlBytes.UInt16(bytes, 46);
        record.Keywords = EtlBytes.UInt64(bytes, 48);
        Guid activity = EtlBytes.Guid(bytes, 64);
        record.ActivityId = activity == Guid.Empty ? null : activity;

        ReadOnlySpan<byte> traits = default;
        ReadOnlySpan<byte> metadata = default;
        if ((flags & FlagExtendedItems) != 0)
        {
            int at = ReadItems(record, bytes, ref traits, ref metadata);
            payload = bytes.Slice(at);
        }

        if ((flags & FlagClassic) != 0)
        {
            return ReadClassic(record, provider, payload);
        }

        if ((flags & FlagMessage) != 0)
        {
            // A message of WPP under another header: its number is no event id.
            return null;
        }

        PayloadSchema? schema = metadata.Length > 0 ? _schemas.TraceLogging(traits, metadata)
            : record.EventId == EventSourceManifest.EventId ? _schemas.AddManifestPiece(provider, record.ProcessId ?? 0, payload)
            : _schemas.Find(provider, record.EventId, record.EventVersion);

        if (schema is not null)
        {
            record.Provider = schema.Provider;
            record.EventName = schema.EventName;
        }
        else if (traits.Length > 0)
        {
            record.Provider = TraceLoggingSchema.ProviderName(traits);
        }

        if (provider == s_eventTracing && record.EventId is 19 or 31 or 33 or 34)
        {
            _observedLost++;
        }

        return schema;
    }

    /// <summary>Walks the items between header and payload. Returns where the payload starts.</summary>
    private int ReadItems(EventRecord record, ReadOnlySpan<byte> bytes, ref ReadOnlySpan<byte> traits, ref ReadOnlySpan<byte> metadata)
    {
        const int ItemHeader = 8;
        int at = 80;
        bool more = true;
        while (more && bytes.Length - at >= ItemHeader)
        {
            int type = EtlBytes.UInt16(bytes, at + 2);
            more = (EtlBytes.UInt16(bytes, at + 4) & 1) != 0;
            int length = EtlBytes.UInt16(bytes, at + 6);
            at += ItemHeader;
            if (length > bytes.Length - at)
            {
                AddProblem("event", "an extended item is longer than its record");
                return bytes.Length;
            }

            ReadOnlySpan<byte> item = bytes.Slice(at, length);
            switch (type)
            {
                case ItemSid:
                    record.UserSid = EtlBytes.Sid(item);
                    break;
                case ItemStack32 when length > 8:
                    record.Stack = Addresses(item.Slice(8), 4);
                    break;
                case ItemStack64 when length > 8:
                    record.Stack = Addresses(item.Slice(8), 8);
                    break;
                case ItemTraceLoggingSchema:
                    metadata = item;
                    break;
                case ItemProviderTraits:
                    traits = item;
                    break;
            }

            at = Math.Min((at + length + 7) & ~7, bytes.Length);
        }

        return at;
    }

    private static ulong[] Addresses(ReadOnlySpan<byte> bytes, int size)
    {
        var addresses = new ulong[bytes.Length / size];
        for (int i = 0; i < addresses.Length; i++)
        {
            addresses[i] = size == 4 ? EtlBytes.UInt32(bytes, i * 4) : EtlBytes.UInt64(bytes, i * 8);
        }

        return addresses;
    }

    /// <summary>Thread, then process; all bits set where the kernel had none to name.</summary>
    private static void SetThread(EventRecord record, ReadOnlySpan<byte> bytes, int at)
    {
        int thread = EtlBytes.Int32(bytes, at);
        int process = EtlBytes.Int32(bytes, at + 4);
        record.ThreadId = thread == -1 ? null : thread;
        record.ProcessId = process == -1 ? null : process;
    }
}
