using System;
using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.IO;
using System.Text;
using System.Threading;

namespace ApiLevel.Formats.EventLog;

/// <summary>Reads the records of one chunk. Chunks are independent of each other, so several of these can work at the same time.</summary>
internal sealed class EvtxChunkReader(EventReadOptions options, BinXmlTemplates? templates = null) : IDisposable
{
    public const int ChunkSize = 0x10000;
    public const int HeaderSize = 512;
    public const int RecordHeaderSize = 24;
    public const int SmallestRecord = RecordHeaderSize + 4;

    // A chunk of ordinary records costs about a hundredth of this.
    private const long WorkPerChunk = 32 << 20;

    // Windows before Vista had no such files: an older time says that this is no record. Zeros are met, they are no time at all.
    private const int FirstYear = 2005;

    private static readonly TimeSpan s_sameTime = TimeSpan.FromSeconds(2);

    private readonly BinXmlDecoder _decoder = new() { Templates = templates };
    private readonly List<ReadyRecord> _ready = [];
    private byte[]? _buffer;
    private int _next;  // the next record; -1 when the records are at their end
    private int _end;   // where the records end
    private int _nextReady;
    private bool _isReady;
    private ReadBudget _chunkBudget = null!;
    private EventRecord? _spare;
    private int _currentStart;
    private int _currentSize;

    /// <summary>Where the chunk begins in the file. Negative where its first part is missing.</summary>
    public long Position { get; private set; }

    /// <summary>How many bytes of the chunk the file really has.</summary>
    public int Length { get; private set; }

    /// <summary>Where the next record is, from the start of the chunk.</summary>
    public int Next => _isReady ? _nextReady == 0 ? HeaderSize : _currentStart + _currentSize : _next < 0 ? Length : _next;

    /// <summary>What could not be read. The owner gives the list before the chunk is begun.</summary>
    public ProblemList Problems { get; set; } = new();

    /// <summary>The lowest number of a record that was met.</summary>
    public long FirstId { get; private set; }

    /// <summary>The highest one; lower than <see cref="FirstId"/> when there was no record.</summary>
    public long LastId { get; private set; }

    /// <summary>The bytes that were loaded.</summary>
    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, Length);

    /// <summary>Whether the work that one chunk may cost is used up.</summary>
    public bool IsExhausted => _chunkBudget.Exhausted is not null;

    public bool HasHeader => Length >= HeaderSize && HasMagic(Bytes);

    public static bool HasMagic(ReadOnlySpan<byte> bytes) => bytes.StartsWith("ElfChnk\0"u8);

    /// <summary>Reads the bytes of a chunk; those before the start of the file are zeros.</summary>
    /// <exception cref="IOException">The operating system could not read.</exception>
    /// <exception cref="UnauthorizedAccessException">The operating system did not allow to read.</exception>
    public void Load(ByteSource source, long position)
    {
        _buffer ??= ArrayPool<byte>.Shared.Rent(ChunkSize);
        Position = position;
        Length = 0;
        _next = -1;
        _isReady = false;
        FirstId = long.MaxValue;
        LastId = long.MinValue;
        int missing = (int)Math.Max(0, -position);
        _buffer.AsSpan(0, missing).Clear();
        Length = missing + source.Read(position + missing, _buffer.AsSpan(missing, ChunkSize - missing));
        _decoder.SetChunk(_buffer, Length);
        _chunkBudget = new ReadBudget(WorkPerChunk, output: long.MaxValue, depth: 1, Timeout.InfiniteTimeSpan, options.Cancellation);
    }

    /// <summary>Checks the header and goes to the first record.</summary>
    public void Begin(bool isUnchecked)
    {
        ReadOnlySpan<byte> chunk = Bytes;
        _decoder.IsRecovering = false;
        _end = (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(chunk.Slice(48)), ChunkSize);
        if (_end < HeaderSize)
        {
            Report(0, 0, "chunk", "its free-space offset lies inside its header; records are searched up to its end");
            _end = ChunkSize;
        }

        if (Length < ChunkSize)
        {
            Report(0, 0, "chunk", "the file ends inside it");
        }
        else if (!isUnchecked && (BinaryPrimitives.ReadUInt32LittleEndian(chunk.Slice(120)) & 4) == 0)
        {
            CheckSums(chunk);
        }

        _end = Math.Min(_end, Length);
        _next = HeaderSize;
    }

    /// <summary>Reads the next record that passes the filter; false at the end of the chunk.</summary>
    public bool TryRead([NotNullWhen(true)] out EventRecord? record)
    {
        record = null;
        if (_isReady)
        {
            if (_nextReady == _ready.Count)
            {
                return false;
            }

            ReadyRecord ready = _ready[_nextReady++];
            record = ready.Record;
            _currentStart = ready.Start;
            _currentSize = ready.Size;
            return true;
        }

        while (_next >= 0)
        {
            options.Cancellation.ThrowIfCancellationRequested();
            if (!TryNextRecord(out int start, out int size))
            {
                _next = -1;
            }
            else if (Decode(start, size, out record))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Reads all records, so that <see cref="TryRead"/> only hands them out.</summary>
    public void ReadAhead()
    {
        _ready.Clear();
        while (TryRead(out EventRecord? record))
        {
            _ready.Add(new ReadyRecord(record, _currentStart, _currentSize));
        }

        _nextReady = 0;
        _isReady = true;
    }

    /// <summary>Finds the records that can be read and where they lie, without handing them out.</summary>
    /// <param name="found">What is filled, in the order of the chunk.</param>
    public void FindRecords(List<RecordPlace> found)
    {
        found.Clear();
        while (_next >= 0)
        {
            if (!TryNextRecord(out int start, out int size))
            {
                break;
            }

            if (TryHeader(start, size, NewRecordBudget(), out EventRecord record) && !IsNameless(record))
            {
                found.Add(new RecordPlace(start, size, IdAt(start), CheckSum(start, size)));
                Reuse(record);
            }
        }

        _next = -1;
    }

    /// <summary>Reads what may be a record at a place where no table says that there is one.</summary>
    /// <param name="start">Where its signature stands.</param>
    /// <param name="limit">Where the bytes end that may belong to it.</param>
    /// <param name="size">How many bytes the record takes; those that are there, where its end is missing.</param>
    /// <param name="record">The record's header. Its payload is filled by <see cref="FillRecovered"/>.</param>
    public bool TryRecover(int start, int limit, out int size, [NotNullWhen(true)] out EventRecord? record)
    {
        record = null;
        size = 0;
        ReadOnlySpan<byte> chunk = Bytes;
        uint claimed = limit - start < SmallestRecord ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(chunk.Slice(start + 4));
        if (claimed is < SmallestRecord or > ChunkSize
            || chunk[start + RecordHeaderSize] is not (BinXmlToken.FragmentHeader or BinXmlToken.TemplateInstance)
            || !BinXmlValue.TryFileTime(BinaryPrimitives.ReadInt64LittleEndian(chunk.Slice(start + 16)), out DateTime written)
            || (written.Year < FirstYear && written.Ticks != BinXmlValue.Year1601))
        {
            return false;
        }

        size = (int)Math.Min(claimed, limit - start);
        bool isWhole = size == claimed && BinaryPrimitives.ReadUInt32LittleEndian(chunk.Slice(start + size - 4)) == claimed;
        ReadBudget budget = NewRecordBudget();
        _decoder.IsRecovering = true;
        bool known = TryHeader(start, isWhole ? size : size + 4, budget, out EventRecord found) && !IsNameless(found);
        _ = _chunkBudget.TrySpend(budget.Work);

        // The size at both ends is one proof that this was a record; the number or the time that its header and its System element have
        // in common is another one.
        if (!known || ((!isWhole || _decoder.UsesStandIn) && found.RecordId != IdAt(start) && (found.TimeCreated - written)?.Duration() > s_sameTime))
        {
            Reuse(found);
            return false;
        }

        found.Recovered = true;
        record = found;
        _currentStart = start;
        _currentSize = isWhole ? size : size + 4;
        return true;
    }

    /// <summary>Fills the payload of the record that <see cref="TryRecover"/> gave last.</summary>
    public void FillRecovered(EventRecord record) => FillPayload(record, _currentStart, _currentSize);

    /// <summary>Gives a record back that nobody wants, so that its object serves the next one.</summary>
    public void Reuse(EventRecord record)
    {
        record.ResetHeader();
        _spare = record;
    }

    /// <summary>A checksum over a record, to tell it from others with its number.</summary>
    public uint CheckSum(int start, int size) => Crc32.Append(0, _buffer.AsSpan(start, Math.Min(size, Length - start)));

    /// <summary>The number in a record's own header; its System element has another one after an export.</summary>
    public long IdAt(int start) => BinaryPrimitives.ReadInt64LittleEndian(_buffer.AsSpan(start + 8));

    /// <summary>The XML of the record that was handed out last.</summary>
    public string GetXml()
    {
        ReadBudget budget = NewRecordBudget();
        var xml = new StringBuilder(2048);
        if (!_isReady || _decoder.TryBegin(_currentStart + RecordHeaderSize, _currentStart + _currentSize - 4, budget))
        {
            _decoder.WriteXml(xml, budget);
        }

        return xml.ToString();
    }

    public void Dispose()
    {
        if (_buffer is { } buffer)
        {
            _buffer = null;
            Length = 0;
            _decoder.SetChunk([], 0);
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private ReadBudget NewRecordBudget() =>
        new(BinXmlDecoder.WorkPerRecord, output: long.MaxValue, BinXmlDecoder.MaximumNesting, Timeout.InfiniteTimeSpan, options.Cancellation);

    private void CheckSums(ReadOnlySpan<byte> chunk)
    {
        uint header = Crc32.Append(Crc32.Append(0, chunk.Slice(0, 120)), chunk.Slice(128, HeaderSize - 128));
        if (header != BinaryPrimitives.ReadUInt32LittleEndian(chunk.Slice(124)))
        {
            Report(0, 0, "chunk", "the checksum of its header is wrong");
        }

        if (Crc32.Append(0, chunk.Slice(HeaderSize, _end - HeaderSize)) != BinaryPrimitives.ReadUInt32LittleEndian(chunk.Slice(52)))
        {
            Report(0, 0, "chunk", "the checksum of its records is wrong");
        }
    }

    private bool TryNextRecord(out int start, out int size)
    {
        start = _next;
        size = 0;
        if (_end - start < SmallestRecord)
        {
            return false;
        }

        ReadOnlySpan<byte> chunk = Bytes;
        if (IsRecord(chunk, start, out size))
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(chunk.Slice(start + size - 4)) != size)
            {
                Report(start, 0, "record", "the size at its end differs from the one at its start");
            }

            _next = start + size;
            return true;
        }

        // The chain is broken: continue at the next place that has a signature and the same size at both ends.
        int from = start;
        while (true)
        {
            int found = chunk.Slice(from, _end - from).IndexOf("**\0\0"u8);
            if (found < 0)
            {
                Report(start, 0, "record", "no record begins where one is expected; the rest of the chunk was skipped");
                return false;
            }

            from += found;
            if (IsRecord(chunk, from, out size) && BinaryPrimitives.ReadUInt32LittleEndian(chunk.Slice(from + size - 4)) == size)
            {
                Report(start, 0, "record", "no record begins where one is expected; reading continued at the next one found");
                start = from;
                _next = start + size;
                return true;
            }

            from += 4;
        }
    }

    private bool IsRecord(ReadOnlySpan<byte> chunk, int start, out int size)
    {
        size = 0;
        if (_end - start < SmallestRecord || !chunk.Slice(start).StartsWith("**\0\0"u8))
        {
            return false;
        }

        uint claimed = BinaryPrimitives.ReadUInt32LittleEndian(chunk.Slice(start + 4));
        if (claimed < SmallestRecord || claimed > (uint)(_end - start))
        {
            return false;
        }

        size = (int)claimed;
        return true;
    }

    /// <summary>Reads the header of a record. What is wrong with it is the decoder's fault.</summary>
    private bool TryHeader(int start, int size, ReadBudget budget, out EventRecord record)
    {
        record = _spare ?? new EventRecord();
        _spare = null;
        record.RecordId = IdAt(start);
        if (BinXmlValue.TryFileTime(BinaryPrimitives.ReadInt64LittleEndian(_buffer.AsSpan(start + 16)), out DateTime written))
        {
            record.TimeCreated = written;
        }

        return _decoder.TryBegin(start + RecordHeaderSize, start + size - 4, budget) && _decoder.TryFillHeader(record);
    }

    // Values that were overwritten with zeros: neither provider nor event is known.
    private static bool IsNameless(EventRecord record) =>
        record is { EventId: 0, Provider: "" } && (record.ProviderId ?? Guid.Empty) == Guid.Empty;

    private bool Decode(int start, int size, [NotNullWhen(true)] out EventRecord? record)
    {
        long id = IdAt(start);
        FirstId = Math.Min(FirstId, id);
        LastId = Math.Max(LastId, id);
        ReadBudget budget = NewRecordBudget();
        bool known = TryHeader(start, size, budget, out EventRecord current);
        if (known && IsNameless(current))
        {
            Report(start, id, "record", "its System element is empty; the record was skipped");
            known = false;
        }

        bool wanted = known && (options.HeaderFilter is not { } filter || filter(current));
        if (wanted)
        {
            FillPayload(current, start, size);
        }

        if (_decoder.Fault is { } fault)
        {
            Report(start, id, "record", known ? fault : fault + "; the record was skipped");
        }

        if (!_chunkBudget.TrySpend(budget.Work))
        {
            Report(0, 0, "chunk", "its records need " + _chunkBudget.Exhausted + "; the rest of it was skipped");
            _next = -1;
        }

        record = wanted ? current : null;
        if (wanted)
        {
            _currentStart = start;
            _currentSize = size;
        }
        else if (known)
        {
            Reuse(current);
        }

        return wanted;
    }

    private void FillPayload(EventRecord record, int start, int size)
    {
        _decoder.FillPayload(record);
        if (options.KeepRawData || record.PayloadState != PayloadState.Decoded)
        {
            int first = start + RecordHeaderSize;
            record.RawData = _buffer.AsSpan(first, start + size - 4 - first).ToArray();
        }
    }

    private void Report(int start, long record, string what, string problem)
    {
        string where = record != 0
            ? string.Format(CultureInfo.InvariantCulture, "record {0} at offset {1}", record, Position + start)
            : string.Format(CultureInfo.InvariantCulture, "{0} at offset {1}", what, Position + start);
        Problems.Add(where, problem);
    }

    private readonly record struct ReadyRecord(EventRecord Record, int Start, int Size);

    /// <summary>Where a record lies in its chunk, and what tells it from others.</summary>
    internal readonly record struct RecordPlace(int Start, int Size, long Id, uint CheckSum);
}
