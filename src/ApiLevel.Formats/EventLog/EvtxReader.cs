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

/// <summary>
/// Reads a Windows event log chunk by chunk, in the order of the file. All chunks up to the file's end are read, whatever number
/// the header has: it is stale in a log that was copied while it was in use. What lies behind a chunk's free-space offset is slack
/// and not read.
/// </summary>
public sealed class EvtxReader : EventFileReader
{
    internal const int FileHeaderSize = 128;

    private const int FlagNoChecksums = 4;
    private const int DefaultHeaderBlock = 4096;
    private const int ChunkSize = 0x10000;
    private const int ChunkHeaderSize = 512;
    private const int RecordHeaderSize = 24;
    private const int SmallestRecord = RecordHeaderSize + 4;

    // A chunk of ordinary records costs about a hundredth of this.
    private const long WorkPerChunk = 32 << 20;

    private readonly ByteSource _source;
    private readonly bool _ownsSource;
    private readonly EventReadOptions _options;
    private readonly ProblemList _problems = new();
    private readonly BinXmlDecoder _decoder = new();
    private readonly bool _unchecked;
    private byte[]? _buffer;
    private long _position;
    private long _chunkStart;
    private int _chunkLength; // how many bytes of the chunk the file really has
    private int _next;        // the next record in the chunk; -1 without a chunk
    private int _end;         // where the chunk's records end
    private ReadBudget _chunkBudget = null!;
    private EventRecord? _spare;
    private readonly List<long> _headless = [];
    private readonly long _countedEnd;
    private bool _hasCurrent;
    private bool _ended;

    internal EvtxReader(ByteSource source, bool ownsSource, ReadOnlySpan<byte> header, EventReadOptions options)
    {
        _source = source;
        _ownsSource = ownsSource;
        _options = options;
        _next = -1;
        _position = DefaultHeaderBlock;
        if (header.Length < FileHeaderSize)
        {
            _problems.Add("file header", "the file ends inside it");
            return;
        }

        uint flags = BinaryPrimitives.ReadUInt32LittleEndian(header.Slice(120));
        _unchecked = (flags & FlagNoChecksums) != 0;
        _countedEnd = DefaultHeaderBlock + ((long)ChunkSize * BinaryPrimitives.ReadUInt16LittleEndian(header.Slice(42)));
        int block = BinaryPrimitives.ReadUInt16LittleEndian(header.Slice(40));
        if (block != DefaultHeaderBlock)
        {
            _problems.Add("file header", "its size field has a value that no log has; 4096 bytes are assumed");
        }

        if (BinaryPrimitives.ReadUInt16LittleEndian(header.Slice(38)) != 3)
        {
            _problems.Add("file header", "an unknown version of the format");
        }

        if (!_unchecked && Crc32.Append(0, header.Slice(0, 120)) != BinaryPrimitives.ReadUInt32LittleEndian(header.Slice(124)))
        {
            _problems.Add("file header", "its checksum is wrong");
        }
    }

    /// <inheritdoc/>
    public override long Length => _source.Length;

    /// <inheritdoc/>
    public override long Position => Math.Min(_next < 0 ? _position : _chunkStart + _next, _source.Length);

    /// <inheritdoc/>
    public override IReadOnlyList<Problem> Problems => _problems;

    /// <inheritdoc/>
    public override long EventsLost => 0;

    /// <inheritdoc/>
    public override bool Complete => _ended && _problems.Count == 0;

    internal static bool HasMagic(ReadOnlySpan<byte> bytes) => bytes.StartsWith("ElfFile\0"u8);

    /// <inheritdoc/>
    public override bool TryRead([NotNullWhen(true)] out EventRecord? record)
    {
        _hasCurrent = false;
        while (!_ended)
        {
            _options.Cancellation.ThrowIfCancellationRequested();
            if (_next < 0)
            {
                if (!TryNextChunk())
                {
                    break;
                }

                continue;
            }

            if (!TryNextRecord(out int start, out int size))
            {
                _next = -1;
                continue;
            }

            if (Decode(start, size, out record))
            {
                return true;
            }
        }

        _ended = true;
        record = null;
        return false;
    }

    /// <summary>
    /// The XML of the record that <see cref="TryRead"/> returned last: what Windows shows under Details, without the rendered message.
    /// Values have the usual forms (hexadecimal types with 0x, times in UTC with seven digits); characters that XML cannot hold are U+FFFD.
    /// </summary>
    /// <exception cref="InvalidOperationException">No record was returned, or the end was reached.</exception>
    public string GetXml()
    {
        if (!_hasCurrent)
        {
            throw new InvalidOperationException("There is no current record.");
        }

        var xml = new StringBuilder(2048);
        _decoder.WriteXml(xml, NewRecordBudget());
        return xml.ToString();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _ended = true;
        _hasCurrent = false;
        if (!disposing)
        {
            return;
        }

        if (_buffer is { } buffer)
        {
            _buffer = null;
            _decoder.SetChunk([], 0);
            ArrayPool<byte>.Shared.Return(buffer);
        }

        if (_ownsSource)
        {
            _source.Dispose();
        }
    }

    private ReadBudget NewRecordBudget() =>
        new(BinXmlDecoder.WorkPerRecord, output: long.MaxValue, BinXmlDecoder.MaximumNesting, Timeout.InfiniteTimeSpan, _options.Cancellation);

    private bool TryNextChunk()
    {
        _buffer ??= ArrayPool<byte>.Shared.Rent(ChunkSize);
        int length;
        try
        {
            length = _source.Read(_position, _buffer.AsSpan(0, ChunkSize));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Report(_position, 0, "chunk", exception.Message);
            return false;
        }

        if (length == 0)
        {
            return false;
        }

        _chunkStart = _position;
        _position += length;
        ReadOnlySpan<byte> chunk = _buffer.AsSpan(0, length);
        if (length < ChunkHeaderSize || !chunk.StartsWith("ElfChnk\0"u8))
        {
            // Windows reserves space ahead, which may still hold older content. It is damage only where a chunk must be: inside of the
            // header's count, or before another valid chunk.
            if (!IsZero(chunk))
            {
                if (_chunkStart < _countedEnd)
                {
                    ReportHeadless(_chunkStart);
                }
                else if (_headless.Count < ProblemList.Maximum)
                {
                    _headless.Add(_chunkStart);
                }
            }

            return true;
        }

        foreach (long headless in _headless)
        {
            ReportHeadless(headless);
        }

        _headless.Clear();

        _end = (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(chunk.Slice(48)), ChunkSize);
        if (_end < ChunkHeaderSize)
        {
            Report(_chunkStart, 0, "chunk", "its free-space offset lies inside its header; records are searched up to its end");
            _end = ChunkSize;
        }

        if (length < ChunkSize)
        {
            Report(_chunkStart, 0, "chunk", "the file ends inside it");
        }
        else if (!_unchecked && (BinaryPrimitives.ReadUInt32LittleEndian(chunk.Slice(120)) & 4) == 0)
        {
            CheckSums(chunk);
        }

        _chunkLength = length;
        _end = Math.Min(_end, length);
        _next = ChunkHeaderSize;
        _chunkBudget = new ReadBudget(WorkPerChunk, output: long.MaxValue, depth: 1, Timeout.InfiniteTimeSpan, _options.Cancellation);
        _decoder.SetChunk(_buffer, length);
        return true;
    }

    private void CheckSums(ReadOnlySpan<byte> chunk)
    {
        uint header = Crc32.Append(Crc32.Append(0, chunk.Slice(0, 120)), chunk.Slice(128, ChunkHeaderSize - 128));
        if (header != BinaryPrimitives.ReadUInt32LittleEndian(chunk.Slice(124)))
        {
            Report(_chunkStart, 0, "chunk", "the checksum of its header is wrong");
        }

        if (Crc32.Append(0, chunk.Slice(ChunkHeaderSize, _end - ChunkHeaderSize)) != BinaryPrimitives.ReadUInt32LittleEndian(chunk.Slice(52)))
        {
            Report(_chunkStart, 0, "chunk", "the checksum of its records is wrong");
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

        ReadOnlySpan<byte> chunk = _buffer.AsSpan(0, _chunkLength);
        if (IsRecord(chunk, start, out size))
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(chunk.Slice(start + size - 4)) != size)
            {
                Report(_chunkStart + start, 0, "record", "the size at its end differs from the one at its start");
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
                Report(_chunkStart + start, 0, "record", "no record begins where one is expected; the rest of the chunk was skipped");
                return false;
            }

            from += found;
            if (IsRecord(chunk, from, out size) && BinaryPrimitives.ReadUInt32LittleEndian(chunk.Slice(from + size - 4)) == size)
            {
                Report(_chunkStart + start, 0, "record", "no record begins where one is expected; reading continued at the next one found");
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

    private bool Decode(int start, int size, [NotNullWhen(true)] out EventRecord? record)
    {
        byte[] chunk = _buffer!;
        long id = BinaryPrimitives.ReadInt64LittleEndian(chunk.AsSpan(start + 8));
        EventRecord current = _spare ?? new EventRecord();
        _spare = null;
        current.RecordId = id;
        if (BinXmlValue.TryFileTime(BinaryPrimitives.ReadInt64LittleEndian(chunk.AsSpan(start + 16)), out DateTime written))
        {
            current.TimeCreated = written;
        }

        ReadBudget budget = NewRecordBudget();
        int first = start + RecordHeaderSize;
        int last = start + size - 4;
        bool known = _decoder.TryBegin(first, last, budget) && _decoder.TryFillHeader(current);
        if (known && current is { EventId: 0, Provider: "" } && (current.ProviderId ?? Guid.Empty) == Guid.Empty)
        {
            // Values that were overwritten with zeros: neither provider nor event is known.
            Report(_chunkStart + start, id, "record", "its System element is empty; the record was skipped");
            known = false;
        }

        bool wanted = known && (_options.HeaderFilter is not { } filter || filter(current));
        if (wanted)
        {
            _decoder.FillPayload(current);
            if (_options.KeepRawData || current.PayloadState != PayloadState.Decoded)
            {
                current.RawData = chunk.AsSpan(first, last - first).ToArray();
            }
        }

        if (_decoder.Fault is { } fault)
        {
            Report(_chunkStart + start, id, "record", known ? fault : fault + "; the record was skipped");
        }

        if (!_chunkBudget.TrySpend(budget.Work))
        {
            Report(_chunkStart, 0, "chunk", "its records need " + _chunkBudget.Exhausted + "; the rest of it was skipped");
            _next = -1;
        }

        if (wanted)
        {
            record = current;
            _hasCurrent = true;
            return true;
        }

        if (known)
        {
            current.ResetHeader();
            _spare = current;
        }

        record = null;
        return false;
    }

    private void ReportHeadless(long position) => Report(position, 0, "chunk", "it does not begin with a chunk header; it was skipped");

    private static bool IsZero(ReadOnlySpan<byte> bytes)
    {
        foreach (byte b in bytes)
        {
            if (b != 0)
            {
                return false;
            }
        }

        return true;
    }

    private void Report(long position, long record, string what, string problem)
    {
        string where = record != 0
            ? string.Format(CultureInfo.InvariantCulture, "record {0} at offset {1}", record, position)
            : string.Format(CultureInfo.InvariantCulture, "{0} at offset {1}", what, position);
        _problems.Add(where, problem);
    }
}
