using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.IO;
using System.Threading;

namespace ApiLevel.Formats.EventTrace;

/// <summary>Reads an .etl file: records of all processors in one order of time, payloads decoded where they or the caller describe them.</summary>
/// <remarks>
/// <para>
/// A file is a sequence of buffers, each filled by one processor and written when it was full, so the buffers' order is not the
/// events'. The reader first reads the start of each buffer, then opens a buffer when the merge reaches its first stamp,
/// and closes it after its last record. Within a buffer records are sorted by stamp. So the order is by time, with two
/// exceptions: a record stamped before the first record of its own buffer comes when that buffer is opened, and where more
/// than 64 MiB of buffers overlap in time, the later ones wait. Records with equal stamps keep the file's order. A file that
/// holds several recordings one after the other is read recording by recording, each in its own order.
/// </para>
/// <para>
/// Memory: the open buffers (64 MiB at most, or one buffer where that is larger), 24 bytes for each buffer of up to a
/// million at a time, and descriptions of events found in the file (32 MiB at most).
/// </para>
/// </remarks>
public sealed partial class EtlReader : EventFileReader
{
    private const int MaximumBuffer = 16 << 20;
    private const int MaximumOpen = 64 << 20;
    private const int MaximumIndex = 1 << 20;
    private const int MaximumProblems = 100;
    private const int ProbeSize = EtlBufferHeader.Size + 512;
    private const int FirstRecordSize = 128;
    private const int HeaderProbe = 8192;
    private const int SmallestStep = 1024;

    // Event data compresses 4 to 20 times. A much higher ratio is an attack on memory and time.
    private const int MaximumRatio = 64;
    private const long MinimumOutput = 64 << 20;

    private readonly ByteSource _source;
    private readonly EventReadOptions _options;
    private readonly ReadBudget _budget;
    private readonly EtlSchemaCache _schemas;
    private readonly List<Problem> _problems = [];
    private readonly List<IndexEntry> _index = [];
    private readonly List<EtlOpenBuffer> _heap = [];
    private readonly Stack<EtlOpenBuffer> _free = [];
    private readonly byte[] _probe = new byte[HeaderProbe];
    private readonly byte[] _firstRecord = new byte[FirstRecordSize];
    private EtlLogfileHeader _header;
    private BufferCompressionFormat _compression = BufferCompressionFormat.Xpress;
    private EventRecord? _spare;
    private int _nextIndex;
    private int _problemCount;
    private long _scan;
    private long _recordsEnd; // of the buffer before: where a part of the file is missing, the next buffer begins behind that
    private long _openBytes;
    private long _position;
    private long _headerLost;
    private long _observedLost;
    private long _buffersSeen;
    private long _buffersExpected;
    private bool _ended;
    private bool _disposed;

    private EtlReader(ByteSource source, EventReadOptions options, EtlLogfileHeader header)
    {
        _source = source;
        _options = options;
        _header = header;
        _schemas = new EtlSchemaCache(options.Schemas);
        long work = Math.Max(MinimumOutput, source.Length <= long.MaxValue / MaximumRatio ? source.Length * MaximumRatio : long.MaxValue);
        _budget = new ReadBudget(work, work, depth: 64, Timeout.InfiniteTimeSpan, options.Cancellation);
    }

    /// <inheritdoc/>
    public override long Length => _source.Length;

    /// <inheritdoc/>
    public override long Position => _ended ? Length : Math.Min(_position, Length);

    /// <inheritdoc/>
    public override IReadOnlyList<Problem> Problems => _problems;

    /// <inheritdoc/>
    /// <remarks>The larger one of what the headers count and what single events and buffers tell; a header is written last and may be missing.</remarks>
    public override long EventsLost => Math.Max(_headerLost, _observedLost);

    /// <summary>Buffers that the headers say were lost, with an unknown number of events in each.</summary>
    public long BuffersLost { get; private set; }

    /// <inheritdoc/>
    public override bool Complete => _ended && EventsLost == 0 && BuffersLost == 0 && _problemCount == 0;

    /// <inheritdoc/>
    public override bool TryRead([NotNullWhen(true)] out EventRecord? record)
    {
#pragma warning disable CA1513 // ThrowIf is newer than netstandard2.0.
        if (_disposed)
        {
            throw new ObjectDisposedException(nameof(EtlReader));
        }
#pragma warning restore CA1513

        record = null;
        try
        {
            while (!_ended)
            {
                _options.Cancellation.ThrowIfCancellationRequested();
                if (!TryOpenNext())
                {
                    End();
                    break;
                }

                EtlOpenBuffer buffer = _heap[0];
                record = Produce(buffer.Header, buffer.Record);
                buffer.Advance();
                if (buffer.AtEnd)
                {
                    Close(buffer);
                }
                else
                {
                    SiftDown();
                }

                if (record is not null)
                {
                    return true;
                }
            }

            record = NextRecovered();
        }
        catch (IOException exception)
        {
            AddProblem("file", "could not be read to its end: " + exception.Message);
            End();
        }

        return record is not null;
    }

    internal static ReadFailure? TryOpen(ByteSource source, string path, EventReadOptions options, out EtlReader? reader)
    {
        reader = null;
        var probe = new byte[HeaderProbe];
        int count = source.Read(0, probe);
        EtlLogfileHeader? header = null;
        if (count >= EtlBufferHeader.Size)
        {
            EtlBufferHeader buffer = EtlBufferHeader.Read(probe);
            if (buffer.Length >= EtlBufferHeader.Size && buffer.Length <= MaximumBuffer)
            {
                header = TryReadHeader(probe.AsSpan(0, count), buffer, BufferCompressionFormat.Xpress);
            }
        }

        if (header is null)
        {
            return new ReadFailure(
                ReadFailureKind.WrongFormat, path, "The file is no event trace log (.etl): it does not start with a logfile header.");
        }

        reader = new EtlReader(source, options, header);
        return null;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            _disposed = true;
            _recovered?.Dispose();
            ReleaseAll();
            _source.Dispose();
        }
    }

    private static EtlLogfileHeader? TryReadHeader(ReadOnlySpan<byte> bytes, in EtlBufferHeader buffer, BufferCompressionFormat compression)
    {
        ReadOnlySpan<byte> records = bytes.Slice(EtlBufferHeader.Size, (int)Math.Min(bytes.Length, buffer.Length) - EtlBufferHeader.Size);
        if (buffer.Compressed)
        {
            var output = new byte[HeaderProbe];
            records = output.AsSpan(0, BufferCompression.Decompress(compression, records, output));
        }

        return EtlRecordHeader.TryRead(records, out EtlRecordHeader header) == EtlRecordStatus.Good
            && EtlLogfileHeader.IsHeader(header, records)
                ? EtlLogfileHeader.TryRead(records.Slice(header.HeaderSize, header.Size - header.HeaderSize), header.Stamp!.Value)
                : null;
    }

    private void End()
    {
        _ended = true;
        if (_buffersSeen < _buffersExpected)
        {
            AddProblem(
                "file",
                string.Format(
                    CultureInfo.InvariantCulture, "its header counts {0} buffers, {1} are there", _buffersExpected, _buffersSeen));
        }

        ReleaseAll();
    }

    private void ReleaseAll()
    {
        foreach (EtlOpenBuffer buffer in _heap)
        {
            buffer.Release();
        }

        _heap.Clear();
        _index.Clear();
        _index.TrimExcess();
        _nextIndex = 0;
        _openBytes = 0;
    }

    private void AddProblem(string where, string what)
    {
        _problemCount++;
        if (_problems.Count < MaximumProblems)
        {
            _problems.Add(new Problem(where, what));
            return;
        }

        _problems[MaximumProblems - 1] = new Problem(
            "file",
            string.Format(CultureInfo.InvariantCulture, "{0} more problems are not listed", _problemCount - MaximumProblems + 1));
    }

    private static string AtBuffer(long offset) => string.Format(CultureInfo.InvariantCulture, "buffer at 0x{0:X}", offset);

    /// <summary>Opens the buffers that the merge has reached. False when nothing is left in the file.</summary>
    private bool TryOpenNext()
    {
        while (true)
        {
            while (_nextIndex < _index.Count
                && (_heap.Count == 0
                    || (_index[_nextIndex].Stamp <= _heap[0].Stamp && _openBytes < MaximumOpen)))
            {
                Open(_index[_nextIndex++]);
            }

            if (_heap.Count > 0)
            {
                return true;
            }

            if (_budget.Exhausted is not null || !TryScan())
            {
                return false;
            }
        }
    }

    /// <summary>Reads the starts of the buffers of one recording, or of as many as are indexed at a time.</summary>
    private bool TryScan()
    {
        _index.Clear();
        _nextIndex = 0;
        long lastStamp = long.MinValue;
        bool onlyHeaders = true;
        while (_scan < Length && _index.Count < MaximumIndex)
        {
            _options.Cancellation.ThrowIfCancellationRequested();
            int wanted = _scan == 0 ? HeaderProbe : ProbeSize;
            int count = _source.Read(_scan, _probe.AsSpan(0, wanted));
            if (count < EtlBufferHeader.Size)
            {
                AddProblem(AtBuffer(_scan), "the file ends within its header");
                _scan = Length;
                break;
            }

            EtlBufferHeader header = EtlBufferHeader.Read(_probe);
            if (header.Length < EtlBufferHeader.Size || header.Length > MaximumBuffer)
            {
                if (!TrySkip(count, header.Length))
                {
                    break;
                }

                continue;
            }

            if (!TryIndex(header, count, ref lastStamp, ref onlyHeaders))
            {
                break;
            }
        }

        _index.Sort(static (a, b) => a.Stamp != b.Stamp ? a.Stamp.CompareTo(b.Stamp) : a.Offset.CompareTo(b.Offset));
        return _index.Count > 0;
    }

    /// <summary>Skips what is no buffer. Zeros are preallocated space and no damage.</summary>
    private bool TrySkip(int count, long length)
    {
        bool unused = IsZero(_probe.AsSpan(0, count));
        long step = _header.BufferSize;
        if (!unused)
        {
            AddGap(_recordsEnd, step is < SmallestStep or > MaximumBuffer || _header.Compressed ? Length : Math.Min(_scan + step, Length));
            AddProblem(AtBuffer(_scan), string.Format(CultureInfo.InvariantCulture, "its length {0} is impossible", length));
        }

        if (step is < SmallestStep or > MaximumBuffer || _header.Compressed)
        {
            // Buffers of a compressed file have any length, so nothing says where the next one starts.
            _position += Length - _scan;
            _scan = Length;
            return false;
        }

        step = Math.Min(step, Length - _scan);
        _recordsEnd = _scan + step;
        _position += step;
        _scan += step;
        return true;
    }

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

    /// <summary>Adds a buffer to the index. False when it belongs to the next recording of the file.</summary>
    private bool TryIndex(in EtlBufferHeader header, int count, ref long lastStamp, ref bool onlyHeaders)
    {
        int inBuffer = (int)Math.Min(count, header.Length);
        ReadOnlySpan<byte> records = _probe.AsSpan(EtlBufferHeader.Size, inBuffer - EtlBufferHeader.Size);
        if (header.Compressed)
        {
            Span<byte> output = _firstRecord;
            records = output.Slice(0, BufferCompression.Decompress(_compression, records, output));
        }

        bool isHeader = false;
        long stamp = lastStamp;
        int available = (int)Math.Max(0, header.Used - EtlBufferHeader.Size);
        if (EtlRecordHeader.TryRead(records, available, out EtlRecordHeader first) == EtlRecordStatus.Good)
        {
            stamp = first.Stamp ?? lastStamp;
            isHeader = EtlLogfileHeader.IsHeader(first, records);
        }

        // A logfile header at a buffer's start begins a recording, with a clock of its own. Right after another one it is one
        // of several in a merged file, whose clock is the first one's.
        if (isHeader)
        {
            if (_index.Count == 0)
            {
                BeginRecording();
            }
            else if (!onlyHeaders)
            {
                return false;
            }
        }

        if (header.TellsLoss)
        {
            _observedLost++;
        }

        onlyHeaders &= isHeader;
        lastStamp = stamp;
        _buffersSeen++;
        _index.Add(new IndexEntry(_scan, stamp));
        _recordsEnd = _scan + Math.Min(header.Compressed ? header.Length : header.Used, header.Length);
        _scan += Math.Min(header.Length, Length - _scan);
        return true;
    }

    private void BeginRecording()
    {
        int count = _source.Read(_scan, _probe);
        EtlBufferHeader buffer = EtlBufferHeader.Read(_probe);
        if (TryReadHeader(_probe.AsSpan(0, count), buffer, _compression) is not { } header)
        {
            return;
        }

        _header = header;
        _compression = BufferCompressionFormat.Xpress;
        int format = (int)(buffer.State & 0xFFFF);
        if (header.Compressed && format is >= (int)BufferCompressionFormat.Lznt1 and <= (int)BufferCompressionFormat.XpressHuffman)
        {
            _compression = (BufferCompressionFormat)format;
        }

        // Where a session overwrites its oldest buffers or goes on in another file, it counts more than one file holds.
        if (!header.Overwrites)
        {
            _buffersExpected += header.BuffersWritten;
        }
    }

    private readonly record struct IndexEntry(long Offset, long Stamp);
}
