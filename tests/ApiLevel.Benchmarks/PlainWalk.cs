using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace ApiLevel.Benchmarks;

/// <summary>
/// The least code that lists the imports of a good file, with about two positioned reads: the first page, and the pages at the import
/// table. It believes every number, ends at the first surprise and knows imports only: what a reader costs beyond it is what its
/// other tables and its care for damaged files cost.
/// </summary>
internal sealed class PlainWalk
{
    private const int HeaderBytes = 4 * 1024;
    private const int RegionBytes = 12 * 1024;

    [ThreadStatic]
    private static PlainWalk? s_kept;

    private readonly byte[] _header = new byte[HeaderBytes];
    private readonly Pages _tables = new();
    private readonly Pages _names = new();
    private readonly List<(string Module, string Name, int Number)> _imports = [];
    private SafeFileHandle _file = null!;
    private int _headerCount;
    private int _sections;
    private int _sectionCount;

    /// <summary>How many imports a file has.</summary>
    public static int Count(string path)
    {
        PlainWalk walk = s_kept ??= new PlainWalk();
        using (walk._file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete))
        {
            try
            {
                walk.Read();
            }
            catch (ArgumentOutOfRangeException)
            {
                // Not a file that it can read.
            }

            return walk._imports.Count == 0 ? 0 : walk._imports.ToArray().Length;
        }
    }

    private void Read()
    {
        _imports.Clear();
        _tables.Count = 0;
        _names.Count = 0;
        _headerCount = RandomAccess.Read(_file, _header, 0);
        ReadOnlySpan<byte> header = _header.AsSpan(0, _headerCount);
        int start = BinaryPrimitives.ReadInt32LittleEndian(header.Slice(60));
        ReadOnlySpan<byte> optional = header.Slice(start + 24);
        bool is64 = BinaryPrimitives.ReadUInt16LittleEndian(optional) == 0x20B;
        _sectionCount = BinaryPrimitives.ReadUInt16LittleEndian(header.Slice(start + 6));
        _sections = start + 24 + BinaryPrimitives.ReadUInt16LittleEndian(header.Slice(start + 20));
        uint directory = BinaryPrimitives.ReadUInt32LittleEndian(optional.Slice(is64 ? 120 : 104));
        for (; directory != 0; directory += 20)
        {
            ReadOnlySpan<byte> descriptor = At(_tables, directory, 20);
            uint lookup = BinaryPrimitives.ReadUInt32LittleEndian(descriptor);
            uint name = BinaryPrimitives.ReadUInt32LittleEndian(descriptor.Slice(12));
            uint address = BinaryPrimitives.ReadUInt32LittleEndian(descriptor.Slice(16));
            if (name == 0 || address == 0)
            {
                return;
            }

            ReadFunctions(Text(name), lookup == 0 ? address : lookup, is64);
        }
    }

    private void ReadFunctions(string module, uint table, bool is64)
    {
        for (; ; table += is64 ? 8u : 4u)
        {
            ulong value = is64 ? BinaryPrimitives.ReadUInt64LittleEndian(At(_tables, table, 8)) : BinaryPrimitives.ReadUInt32LittleEndian(At(_tables, table, 4));
            if (value == 0)
            {
                return;
            }

            bool isOrdinal = value >> (is64 ? 63 : 31) != 0;
            int number = isOrdinal ? (int)(value & 0xFFFF) : BinaryPrimitives.ReadUInt16LittleEndian(At(_names, (uint)value, 2));
            _imports.Add((module, isOrdinal ? "" : Text((uint)value + 2), number));
        }
    }

    private string Text(uint address)
    {
        ReadOnlySpan<byte> bytes = At(_names, address, 2);
        int end = bytes.IndexOf((byte)0);
        if (end < 0)
        {
            // Cut by the end of the pages: once more from its start.
            _names.Count = 0;
            _tables.Count = 0;
            bytes = At(_names, address, 2);
            end = bytes.IndexOf((byte)0);
        }

        return Encoding.Latin1.GetString(bytes.Slice(0, end));
    }

    /// <summary>The bytes from an address to the end of what was read; reads where it was not.</summary>
    private ReadOnlySpan<byte> At(Pages pages, uint address, int count)
    {
        long offset = address;
        for (int i = 0, row = _sections; i < _sectionCount; i++, row += 40)
        {
            uint first = BinaryPrimitives.ReadUInt32LittleEndian(_header.AsSpan(row + 12));
            if (address >= first && address - first < BinaryPrimitives.ReadUInt32LittleEndian(_header.AsSpan(row + 16)))
            {
                offset = address - first + BinaryPrimitives.ReadUInt32LittleEndian(_header.AsSpan(row + 20));
                break;
            }
        }

        // Names mostly lie in the pages of the tables.
        if (_tables.TryGet(offset, count, out ReadOnlySpan<byte> bytes) || pages.TryGet(offset, count, out bytes))
        {
            return bytes;
        }

        pages.Start = offset;
        pages.Count = RandomAccess.Read(_file, pages.Buffer, offset);
        return pages.Buffer.AsSpan(0, pages.Count);
    }

    private sealed class Pages
    {
        public readonly byte[] Buffer = new byte[RegionBytes];
        public long Start;
        public int Count;

        public bool TryGet(long offset, int count, out ReadOnlySpan<byte> bytes)
        {
            long from = offset - Start;
            bool isHere = from >= 0 && from + count <= Count;
            bytes = isHere ? Buffer.AsSpan((int)from, Count - (int)from) : default;
            return isHere;
        }
    }
}
