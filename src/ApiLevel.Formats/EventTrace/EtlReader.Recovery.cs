using System;
using System.Collections.Generic;

namespace ApiLevel.Formats.EventTrace;

/// <content>The search for buffers and records where the row of buffers is broken.</content>
public sealed partial class EtlReader
{
    private const int MaximumGaps = 1024;
    private const int SearchBlock = 1 << 20;

    private readonly List<(long Start, long End)> _gaps = [];
    private IEnumerator<EventRecord>? _recovered;

    // What was not read as a buffer; a gap that goes on from the one before is one with it.
    private void AddGap(long start, long end)
    {
        if (!_options.Recover || _recovered is not null)
        {
            return;
        }

        int last = _gaps.Count - 1;
        if (last >= 0 && start <= _gaps[last].End && start >= _gaps[last].Start)
        {
            _gaps[last] = (_gaps[last].Start, Math.Max(end, _gaps[last].End));
        }
        else if (_gaps.Count < MaximumGaps)
        {
            _gaps.Add((start, end));
        }
    }

    private EventRecord? NextRecovered()
    {
        if (!_options.Recover)
        {
            return null;
        }

        _recovered ??= RecoverAll().GetEnumerator();
        return _recovered.MoveNext() ? _recovered.Current : null;
    }

    private IEnumerable<EventRecord> RecoverAll()
    {
        foreach ((long start, long end) in Joined())
        {
            long at = start;
            while (at < end)
            {
                _options.Cancellation.ThrowIfCancellationRequested();
                long found = Find(at, end, out int inGap, out bool isBuffer, out EtlBufferHeader header);
                if (found < 0 || !_budget.TrySpend(found - at + 1))
                {
                    break;
                }

                if (isBuffer ? TryLoad(found, header, inGap, out EtlOpenBuffer? buffer) : TryLoadRecords(found, inGap, out buffer))
                {
                    while (!buffer!.AtEnd)
                    {
                        EventRecord? record = Produce(buffer.Header, buffer.Record);
                        buffer.Advance();
                        if (record is not null)
                        {
                            record.Recovered = true;
                            yield return record;
                        }
                    }

                    // Behind the last record the search goes on: another buffer may begin there.
                    at = found + Math.Max(1, header.Compressed ? inGap : buffer.RecordsEnd);
                    Free(buffer);
                }
                else
                {
                    at = found + 1;
                }
            }
        }
    }

    /// <summary>The gaps in the order of the file, those that touch as one.</summary>
    private List<(long Start, long End)> Joined()
    {
        _gaps.Sort();
        var joined = new List<(long Start, long End)>();
        foreach ((long start, long end) in _gaps)
        {
            int last = joined.Count - 1;
            if (last >= 0 && start <= joined[last].End)
            {
                joined[last] = (joined[last].Start, Math.Max(end, joined[last].End));
            }
            else
            {
                joined.Add((start, end));
            }
        }

        return joined;
    }

    /// <summary>
    /// Finds the next place where a buffer begins, or two records that follow each other. -1 when there is none up to the end of the gap.
    /// </summary>
    private long Find(long start, long end, out int inGap, out bool isBuffer, out EtlBufferHeader header)
    {
        // Enough to see two records, of 64 KiB at most, from each place of a block.
        const int Ahead = 2 * 65536;
        byte[] bytes = System.Buffers.ArrayPool<byte>.Shared.Rent(SearchBlock + Ahead);
        try
        {
            for (long block = start; block < end; block += SearchBlock)
            {
                _options.Cancellation.ThrowIfCancellationRequested();
                int count = _source.Read(block, bytes.AsSpan(0, (int)Math.Min(SearchBlock + Ahead, end - block)));
                int places = Math.Min(SearchBlock, count);
                for (int at = 0; at < places; at++)
                {
                    ReadOnlySpan<byte> here = bytes.AsSpan(at, count - at);
                    inGap = (int)Math.Min(end - block - at, int.MaxValue);
                    if (IsBuffer(here, out header))
                    {
                        isBuffer = true;
                        inGap = (int)Math.Min(inGap, header.Length);
                        return block + at;
                    }

                    if (IsRecordPair(here))
                    {
                        isBuffer = false;
                        header = default;
                        return block + at;
                    }
                }
            }
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(bytes);
        }

        inGap = 0;
        isBuffer = false;
        header = default;
        return -1;
    }

    /// <summary>A header that fits the recording, with a record behind it that does.</summary>
    private bool IsBuffer(ReadOnlySpan<byte> bytes, out EtlBufferHeader header)
    {
        header = default;
        if (bytes.Length < EtlBufferHeader.Size + 8)
        {
            return false;
        }

        uint length = EtlBytes.UInt32(bytes, 0);
        if (length < EtlBufferHeader.Size || length > MaximumBuffer || (!_header.Compressed && _header.BufferSize > 0 && length != _header.BufferSize))
        {
            return false;
        }

        header = EtlBufferHeader.Read(bytes);
        if (header.Used <= EtlBufferHeader.Size || header.Used > (header.Compressed ? MaximumBuffer : header.Length) || (header.Compressed && !_header.Compressed))
        {
            return false;
        }

        ReadOnlySpan<byte> records = bytes.Slice(EtlBufferHeader.Size, (int)Math.Min(bytes.Length, header.Length) - EtlBufferHeader.Size);
        if (header.Compressed)
        {
            Span<byte> output = _firstRecord;
            records = output.Slice(0, BufferCompression.Decompress(_compression, records, output));
        }

        return EtlRecordHeader.TryRead(records, (int)header.Used - EtlBufferHeader.Size, out EtlRecordHeader first) == EtlRecordStatus.Good
            && IsOfRecording(first);
    }

    private bool IsRecordPair(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 8 || bytes[3] != EtlRecordHeader.MarkerEventTrace
            || EtlRecordHeader.TryRead(bytes, out EtlRecordHeader first) != EtlRecordStatus.Good || !IsOfRecording(first))
        {
            return false;
        }

        int next = (first.Size + 7) & ~7;
        return next < bytes.Length
            && EtlRecordHeader.TryRead(bytes.Slice(next), out EtlRecordHeader second) == EtlRecordStatus.Good && IsOfRecording(second);
    }

    // Stamped after the recording began and, where the header knows when it was ended, before that.
    private bool IsOfRecording(in EtlRecordHeader record)
    {
        const int MinutesOfSkew = 5;
        return record.Stamp is { } stamp && _header.ToTime(stamp) is { } time
            && !(EtlBytes.FileTime(_header.StartTime) is { } start && time < start.AddMinutes(-MinutesOfSkew))
            && !(EtlBytes.FileTime(_header.EndTime) is { } ended && time > ended.AddMinutes(MinutesOfSkew));
    }

    private bool TryLoadRecords(long offset, int inGap, out EtlOpenBuffer? buffer)
    {
        int length = Math.Min(inGap, MaximumBuffer);
        byte[] bytes = System.Buffers.ArrayPool<byte>.Shared.Rent(length);
        int count = _source.Read(offset, bytes.AsSpan(0, length));
        buffer = _free.Count > 0 ? _free.Pop() : new EtlOpenBuffer();
        _ = buffer.Load(offset, count, bytes, 0, count);
        return true;
    }
}
