using System;

namespace ApiLevel.Formats.Portable;

/// <summary>One row of the section table.</summary>
internal struct Section
{
    /// <summary>The eight bytes of the name, as a little-endian number.</summary>
    public ulong Name;
    public uint VirtualAddress;
    public uint VirtualSize;
    public uint RawPointer;
    public uint RawSize;
    public uint Characteristics;

    public readonly bool IsExecutable => (Characteristics & 0x20000000) != 0;

    public readonly bool IsWritable => (Characteristics & 0x80000000) != 0;
}

/// <summary>What stands at a relative virtual address.</summary>
internal enum Backing
{
    /// <summary>Nothing: no section and no header is there.</summary>
    Outside,

    /// <summary>Zeros that the loader provides; the file has no bytes for it.</summary>
    Zeros,

    /// <summary>Bytes of the file.</summary>
    File,
}

/// <summary>Relative virtual addresses to file offsets, as the Windows loader maps them.</summary>
internal sealed class ImageMap
{
    private const uint PageSize = 0x1000;
    private Range[] _ranges = new Range[32];
    private int _count;
    private int _strayCount;
    private int _last;
    private bool _isOfPages;
    private bool _isFlat;
    private bool _isCut;
    private bool _areHeadersTruncated;
    private long _headers;
    private ImageBytes _bytes = null!;

    /// <summary>Takes the section table of another image.</summary>
    /// <param name="sections">In file order.</param>
    /// <param name="sectionAlignment">Of the optional header.</param>
    /// <param name="fileAlignment">Of the optional header.</param>
    /// <param name="sizeOfHeaders">Of the optional header.</param>
    /// <param name="bytes">Tells the file's length when that is needed.</param>
    public void Set(ReadOnlySpan<Section> sections, uint sectionAlignment, uint fileAlignment, uint sizeOfHeaders, ImageBytes bytes)
    {
        _bytes = bytes;
        _isCut = false;
        _headers = sizeOfHeaders;
        _last = 0;
        _count = 0;
        _strayCount = 0;

        // Below a page the loader maps the file as it lies, and requires that every section lies where it is mapped. A table that
        // says otherwise is not loadable; its own numbers are then the better guess.
        _isOfPages = sectionAlignment >= PageSize;
        _isFlat = !_isOfPages;
        for (int i = 0; _isFlat && i < sections.Length; i++)
        {
            _isFlat = sections[i].RawSize == 0 || sections[i].RawPointer == 0 || sections[i].RawPointer == sections[i].VirtualAddress;
        }

        if (_isFlat)
        {
            return;
        }

        if (_ranges.Length < sections.Length)
        {
            _ranges = new Range[sections.Length];
        }

        // The loader takes ascending sections only. Rows that break the order are kept apart, and asked only where the others have
        // nothing: a damaged count reads garbage rows behind the good ones, which must not hide them.
        long last = -1;
        int strays = 0;
        for (int i = 0; i < sections.Length; i++)
        {
            ref readonly Section section = ref sections[i];
            // The memory manager counts sectors of 512 bytes and drops the rest of the pointer; addresses are those of pages, and so is
            // the size: what the file has behind the last of them is not mapped. Not so below a page, where no Windows maps anything:
            // .NET writes such images for Linux and macOS and maps them itself.
            uint size = _isOfPages && section.VirtualSize != 0 ? section.VirtualSize : Math.Max(section.VirtualSize, section.RawSize);
            if (size == 0)
            {
                continue;
            }

            long end = (long)section.VirtualAddress + size;
            long offset = fileAlignment < 512 || !_isOfPages ? section.RawPointer : section.RawPointer & ~511u;
            uint start = _isOfPages ? section.VirtualAddress & ~(PageSize - 1) : section.VirtualAddress;
            var range = new Range
            {
                Start = start,
                End = _isOfPages ? ToPageEnd(end) : end,
                Offset = offset,
                Backed = section.RawPointer == 0 ? 0 : section.RawSize,
                Order = i,
            };
            if (start > last)
            {
                last = start;
                _ranges[_count++] = range;
            }
            else
            {
                _ranges[_ranges.Length - ++strays] = range;
            }
        }

        CutWhereTheNextBegins(0, _count);
        _strayCount = 0;
        if (strays > 0)
        {
            _ranges.AsSpan(_ranges.Length - strays).CopyTo(_ranges.AsSpan(_count));
            SortStrays(strays);
            CutWhereTheNextBegins(_count, _count + _strayCount);
        }
    }

    private static long ToPageEnd(long address) => (address + PageSize - 1) & ~(long)(PageSize - 1);

    private void CutWhereTheNextBegins(int from, int to)
    {
        for (int i = from; i < to; i++)
        {
            ref Range range = ref _ranges[i];
            if (i + 1 < to && range.End > _ranges[i + 1].Start)
            {
                range.End = _ranges[i + 1].Start;
            }

            range.Backed = Math.Min(range.Backed, range.End - range.Start);
        }
    }

    /// <summary>Takes from the ranges what the file does not have.</summary>
    private void CutWhereTheFileEnds()
    {
        _isCut = true;
        long length = _bytes.Length;
        _areHeadersTruncated = _headers > length;
        _headers = Math.Min(_headers, length);
        for (int i = 0; i < _count + _strayCount; i++)
        {
            ref Range range = ref _ranges[i];
            long rest = Math.Max(0, length - range.Offset);
            if (range.Backed > rest)
            {
                range.Backed = rest;
                range.IsTruncated = true;
            }
        }
    }

    /// <summary>
    /// Finds where an address lies in the file by what the section table says, without asking whether the file is so long. False says
    /// nothing.
    /// </summary>
    public bool TryFindUnchecked(long rva, out long offset, out long available)
    {
        offset = 0;
        available = 0;
        if (!_isFlat && FindRange(rva) is >= 0 and int index)
        {
            ref Range range = ref _ranges[index];
            long from = rva - range.Start;
            offset = range.Offset + from;
            available = range.Backed - from;
        }

        return available > 0;
    }

    /// <summary>True when some sections break the order; one of them may lie behind others in pieces.</summary>
    public bool HasStrays => _strayCount > 0;

    /// <summary>Finds what stands at an address.</summary>
    /// <param name="rva">The relative virtual address.</param>
    /// <param name="offset">Where in the file; only for <see cref="Backing.File"/>.</param>
    /// <param name="available">
    /// How many bytes of the file, or zeros, follow there without a break; at least 1 except for <see cref="Backing.Outside"/>. Other
    /// sections may lie behind them.
    /// </param>
    public Backing Find(long rva, out long offset, out long available)
    {
        offset = 0;
        available = 0;
        if (rva < 0)
        {
            return Backing.Outside;
        }

        if (!_isCut)
        {
            CutWhereTheFileEnds();
        }

        if (_isFlat)
        {
            offset = rva;
            available = _bytes.Length - rva;
            return available > 0 ? Backing.File : Backing.Outside;
        }

        int index = FindRange(rva);
        if (index >= 0)
        {
            ref Range range = ref _ranges[index];
            long from = rva - range.Start;
            if (from < range.Backed)
            {
                offset = range.Offset + from;
                available = range.Backed - from;
                return Backing.File;
            }

            // Where the file was cut off, the missing bytes are not zeros: they are missing.
            if (range.IsTruncated)
            {
                return Backing.Outside;
            }

            available = range.End - rva;
            return Backing.Zeros;
        }

        if (rva < _headers)
        {
            offset = rva;
            available = _headers - rva;
            return Backing.File;
        }

        // Their last page is filled up like a section's; no section begins in it.
        if (_isOfPages && !_areHeadersTruncated && rva < ToPageEnd(_headers))
        {
            available = ToPageEnd(_headers) - rva;
            return Backing.Zeros;
        }

        return Backing.Outside;
    }

    private int FindRange(long rva)
    {
        if (_count + _strayCount == 0)
        {
            return -1;
        }

        ref Range last = ref _ranges[_last];
        if (rva >= last.Start && rva < last.End)
        {
            return _last;
        }

        int index = FindRange(0, _count - 1, rva);
        return index >= 0 || _strayCount == 0 ? index : FindRange(_count, _count + _strayCount - 1, rva);
    }

    private int FindRange(int low, int high, long rva)
    {
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            ref Range range = ref _ranges[middle];
            if (rva < range.Start)
            {
                high = middle - 1;
            }
            else if (rva >= range.End)
            {
                low = middle + 1;
            }
            else
            {
                _last = middle < _count ? middle : _last;
                return middle;
            }
        }

        return -1;
    }

    private void SortStrays(int count)
    {
        Array.Sort(_ranges, _count, count);
        for (int i = _count; i < _count + count; i++)
        {
            // Of sections at the same address the first in the table counts.
            if (_strayCount == 0 || _ranges[_count + _strayCount - 1].Start != _ranges[i].Start)
            {
                _ranges[_count + _strayCount++] = _ranges[i];
            }
        }
    }

    private struct Range : IComparable<Range>
    {
        public uint Start;
        public long End;
        public long Offset;
        public long Backed;
        public bool IsTruncated;
        public int Order;

        public readonly int CompareTo(Range other)
        {
            int byStart = Start.CompareTo(other.Start);
            return byStart != 0 ? byStart : Order.CompareTo(other.Order);
        }
    }
}
