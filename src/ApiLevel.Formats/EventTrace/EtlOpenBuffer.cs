using System;
using System.Buffers;
using System.Collections.Generic;
using System.Runtime.CompilerServices;

namespace ApiLevel.Formats.EventTrace;

/// <summary>One buffer in memory, decompressed, with its records in the order of their stamps.</summary>
internal sealed class EtlOpenBuffer
{
    private const int KeptCapacity = 16384;

    private readonly List<Entry> _entries = [];
    private byte[] _bytes = [];
    private int _next;

    /// <summary>Where the buffer starts in the file.</summary>
    public long Offset { get; private set; }

    /// <summary>How many bytes it takes there.</summary>
    public long LengthInFile { get; private set; }

    /// <summary>Bytes of memory that it holds.</summary>
    public long Held { get; private set; }

    /// <summary>Where the walk over the records ended, from where the bytes begin.</summary>
    public int RecordsEnd { get; private set; }

    /// <summary>The stamp of the next record.</summary>
    public long Stamp => _entries[_next].Stamp;

    public bool AtEnd => _next >= _entries.Count;

    /// <summary>The header of the next record.</summary>
    public EtlRecordHeader Header => _entries[_next].Header;

    /// <summary>The bytes of the next record.</summary>
    public ReadOnlySpan<byte> Record => _bytes.AsSpan(_entries[_next].At, _entries[_next].Header.Size);

    public void Advance() => _next++;

    /// <summary>Takes over the bytes and finds the records.</summary>
    /// <param name="offset">Where the buffer starts in the file.</param>
    /// <param name="lengthInFile">How many bytes it takes there.</param>
    /// <param name="rented">From the shared pool; given back by <see cref="Release"/>.</param>
    /// <param name="start">Where the records start.</param>
    /// <param name="end">Where they end.</param>
    /// <returns>Where the walk stopped at something that is no record; -1 when it came to the end.</returns>
    public int Load(long offset, long lengthInFile, byte[] rented, int start, int end)
    {
        Offset = offset;
        LengthInFile = lengthInFile;
        _bytes = rented;
        _next = 0;
        _entries.Clear();
        int at = start;
        long last = long.MinValue;
        bool sorted = true;
        int stopped = -1;
        while (at < end)
        {
            EtlRecordStatus status = EtlRecordHeader.TryRead(rented.AsSpan(at, end - at), out EtlRecordHeader header);
            if (status != EtlRecordStatus.Good)
            {
                stopped = status == EtlRecordStatus.Bad ? at : -1;
                break;
            }

            // A message without a time stays where it stands.
            long stamp = header.Stamp ?? last;
            sorted &= stamp >= last;
            last = stamp;
            _entries.Add(new Entry(stamp, at, header));
            at += (header.Size + 7) & ~7;
        }

        RecordsEnd = Math.Min(at, end);
        if (!sorted)
        {
            _entries.Sort(static (a, b) => a.Stamp != b.Stamp ? a.Stamp.CompareTo(b.Stamp) : a.At.CompareTo(b.At));
        }

        Held = rented.Length + ((long)_entries.Capacity * Unsafe.SizeOf<Entry>());
        return stopped;
    }

    /// <summary>Gives the memory back.</summary>
    public void Release()
    {
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = [];
        }

        _entries.Clear();
        if (_entries.Capacity > KeptCapacity)
        {
            _entries.TrimExcess();
        }

        _next = 0;
        Held = 0;
    }

    private readonly record struct Entry(long Stamp, int At, EtlRecordHeader Header);
}
