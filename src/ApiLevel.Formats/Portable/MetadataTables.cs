using System;
using System.Buffers.Binary;

namespace ApiLevel.Formats.Portable;

/// <summary>
/// Where the tables of .NET metadata lie (ECMA-335, II.22 and II.24), as far as the one of P/Invokes. MetadataReader knows all of it, but
/// wants the metadata whole in memory: an assembly of 10 MB for a table of 1 KB, and a count of 0 for most.
/// </summary>
internal sealed class MetadataTables
{
    public const int MethodDef = 0x06;
    public const int ModuleRef = 0x1A;
    public const int ImplMap = 0x1C;

    private const int TableCount = 64;

    /// <summary>A row number is three bytes of a token.</summary>
    private const uint MaximumRows = 0xFFFFFF;

    // A column is a number of bytes, or one of these. An index into one table is Table + its number; List + its number is an index into
    // it or into the table before it, which in unordered metadata ("#-") stands between the two.
    private const byte Strings = 0x10;
    private const byte Guids = 0x11;
    private const byte Blobs = 0x12;
    private const byte Coded = 0x20;
    private const byte Table = 0x40;
    private const byte List = 0x80;

    private const byte TypeDefOrRef = Coded + 0;
    private const byte HasConstant = Coded + 1;
    private const byte HasCustomAttribute = Coded + 2;
    private const byte HasFieldMarshal = Coded + 3;
    private const byte HasDeclSecurity = Coded + 4;
    private const byte MemberRefParent = Coded + 5;
    private const byte HasSemantics = Coded + 6;
    private const byte MethodDefOrRef = Coded + 7;
    private const byte MemberForwarded = Coded + 8;
    private const byte CustomAttributeType = Coded + 9;
    private const byte ResolutionScope = Coded + 10;

    /// <summary>The columns of the tables 0 to 0x1C.</summary>
    private static readonly byte[][] s_columns =
    [
        /* 00 Module          */ [2, Strings, Guids, Guids, Guids],
        /* 01 TypeRef         */ [ResolutionScope, Strings, Strings],
        /* 02 TypeDef         */ [4, Strings, Strings, TypeDefOrRef, List + 0x04, List + 0x06],
        /* 03 FieldPtr        */ [Table + 0x04],
        /* 04 Field           */ [2, Strings, Blobs],
        /* 05 MethodPtr       */ [Table + 0x06],
        /* 06 MethodDef       */ [8, Strings, Blobs, List + 0x08],
        /* 07 ParamPtr        */ [Table + 0x08],
        /* 08 Param           */ [4, Strings],
        /* 09 InterfaceImpl   */ [Table + 0x02, TypeDefOrRef],
        /* 0A MemberRef       */ [MemberRefParent, Strings, Blobs],
        /* 0B Constant        */ [2, HasConstant, Blobs],
        /* 0C CustomAttribute */ [HasCustomAttribute, CustomAttributeType, Blobs],
        /* 0D FieldMarshal    */ [HasFieldMarshal, Blobs],
        /* 0E DeclSecurity    */ [2, HasDeclSecurity, Blobs],
        /* 0F ClassLayout     */ [6, Table + 0x02],
        /* 10 FieldLayout     */ [4, Table + 0x04],
        /* 11 StandAloneSig   */ [Blobs],
        /* 12 EventMap        */ [Table + 0x02, List + 0x14],
        /* 13 EventPtr        */ [Table + 0x14],
        /* 14 Event           */ [2, Strings, TypeDefOrRef],
        /* 15 PropertyMap     */ [Table + 0x02, List + 0x17],
        /* 16 PropertyPtr     */ [Table + 0x17],
        /* 17 Property        */ [2, Strings, Blobs],
        /* 18 MethodSemantics */ [2, Table + 0x06, HasSemantics],
        /* 19 MethodImpl      */ [Table + 0x02, MethodDefOrRef, MethodDefOrRef],
        /* 1A ModuleRef       */ [Strings],
        /* 1B TypeSpec        */ [Blobs],
        /* 1C ImplMap         */ [2, MemberForwarded, Strings, Table + 0x1A],
    ];

    /// <summary>For each coded index how many bits say which table, and the tables.</summary>
    private static readonly (int Bits, byte[] Tables)[] s_codedIndexes =
    [
        (2, [0x02, 0x01, 0x1B]),
        (2, [0x04, 0x08, 0x17]),
        (5, [0x06, 0x04, 0x01, 0x02, 0x08, 0x09, 0x0A, 0x00, 0x0E, 0x17, 0x14, 0x11, 0x1A, 0x1B, 0x20, 0x23, 0x26, 0x27, 0x28, 0x2A, 0x2C, 0x2B]),
        (1, [0x04, 0x08]),
        (2, [0x02, 0x06, 0x20]),
        (3, [0x02, 0x01, 0x1A, 0x06, 0x1B]),
        (1, [0x14, 0x17]),
        (1, [0x06, 0x0A]),
        (1, [0x04, 0x06]),
        (3, [0x06, 0x0A]),
        (2, [0x00, 0x1A, 0x23, 0x01]),
    ];

    private readonly uint[] _rows = new uint[TableCount];
    private byte _heapSizes;
    private bool _isDelta;
    private long _tables;
    private long _tablesEnd;
    private int _header;

    /// <summary>The file offset of the heap of names.</summary>
    public long StringsOffset { get; private set; }

    /// <summary>Its size in bytes, all of them inside the file.</summary>
    public int StringsSize { get; private set; }

    /// <summary>Whether the tables, or the heap of names, stand in the list of streams more than once. The runtime refuses some of that.</summary>
    public bool HasAlternatives { get; private set; }

    /// <summary>Bytes of an index into the heap of names: 2 or 4.</summary>
    public int StringIndexSize => _isDelta || (_heapSizes & 1) != 0 ? 4 : 2;

    /// <summary>Bytes of the column of <see cref="ImplMap"/> that names the method: 2 or 4.</summary>
    public int ForwardedIndexSize => ColumnSize(MemberForwarded);

    /// <summary>Reads the header of the metadata. Null when that succeeds; otherwise what is wrong with it.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="offset">Where the metadata starts in it.</param>
    /// <param name="size">How many bytes it has, all of them inside the file.</param>
    public string? Read(ImageBytes bytes, long offset, int size)
    {
        const int RootSize = 16;
        const int MaximumVersion = 256;
        const int MaximumStreamName = 32;
        StringsSize = 0;
        HasAlternatives = false;
        _isDelta = false;
        _tables = 0;
        long end = offset + size;
        ReadOnlySpan<byte> root = bytes.Get(Window.Other, offset, Math.Min(size, RootSize));
        if (root.Length < RootSize || BinaryPrimitives.ReadUInt32LittleEndian(root) != 0x424A5342)
        {
            return "it does not start with BSJB";
        }

        uint version = BinaryPrimitives.ReadUInt32LittleEndian(root.Slice(12));
        if (version > MaximumVersion)
        {
            return "its version is too long";
        }

        long at = offset + RootSize + version;
        ReadOnlySpan<byte> flags = Get(bytes, at, 4, end);
        if (flags.IsEmpty)
        {
            return "it is cut off before its streams";
        }

        int streams = BinaryPrimitives.ReadUInt16LittleEndian(flags.Slice(2));
        at += 4;
        int heaps = 0;
        bool isUnordered = false;
        (long Offset, int Size) firstHeap = default;

        for (int i = 0; i < streams; i++)
        {
            ReadOnlySpan<byte> stream = Get(bytes, at, (int)Math.Min(8 + MaximumStreamName, end - at), end);
            int length = stream.Length < 9 ? -1 : stream.Slice(8).IndexOf((byte)0);
            if (length < 0)
            {
                return "its list of streams is damaged";
            }

            long start = offset + BinaryPrimitives.ReadUInt32LittleEndian(stream);
            long streamEnd = Math.Min(end, start + BinaryPrimitives.ReadUInt32LittleEndian(stream.Slice(4)));
            ReadOnlySpan<byte> name = stream.Slice(8, length);
            if (name.SequenceEqual("#~"u8) || name.SequenceEqual("#-"u8))
            {
                HasAlternatives |= _tables != 0;
                _tables = start;
                _tablesEnd = streamEnd;
                isUnordered = name[1] == (byte)'-';
            }
            else if (string.Equals(NameText.ToAsciiString(name), "#Strings", StringComparison.OrdinalIgnoreCase))
            {
                int stringsSize = (int)Math.Max(0, streamEnd - start);
                heaps++;
                firstHeap = heaps == 1 ? (start, stringsSize) : firstHeap;
                if (name.SequenceEqual("#Strings"u8))
                {
                    StringsOffset = start;
                    StringsSize = stringsSize;
                }
            }
            else if (name.SequenceEqual("#JTD"u8))
            {
                // The mark of a difference for edit and continue: all its indexes are wide.
                _isDelta = true;
            }

            at += 8 + ((length + 4) & ~3);
        }

        HasAlternatives |= heaps > 1;
        if (isUnordered && heaps > 0)
        {
            // The runtime reads "#-" with other code (seen with .NET 10): the first heap of a name counts, in any case of its letters.
            (StringsOffset, StringsSize) = firstHeap;
        }

        return _tables == 0 ? "it names no tables" : ReadHeader(bytes);
    }

    /// <summary>Where a table's rows lie; a count of 0 when there are none, or none inside the file.</summary>
    public MetadataTable Find(int table)
    {
        if (_rows[table] == 0)
        {
            return default;
        }

        long offset = _tables + _header;
        for (int i = 0; i < table; i++)
        {
            offset += _rows[i] * (long)RowSize(i);
        }

        int rowSize = RowSize(table);
        long inside = Math.Max(0, (_tablesEnd - offset) / rowSize);
        return new MetadataTable(offset, rowSize, (int)Math.Min(_rows[table], inside), inside < _rows[table]);
    }

    private static ReadOnlySpan<byte> Get(ImageBytes bytes, long offset, int count, long end)
    {
        ReadOnlySpan<byte> got = count <= 0 || offset + count > end ? default : bytes.Get(Window.Other, offset, count);
        return got.Length < count ? default : got;
    }

    private string? ReadHeader(ImageBytes bytes)
    {
        const int FixedSize = 24;
        const byte ExtraData = 0x40;
        ReadOnlySpan<byte> header = Get(bytes, _tables, FixedSize, _tablesEnd);
        if (header.IsEmpty)
        {
            return "the tables' header is cut off";
        }

        _heapSizes = header[6];
        ulong present = BinaryPrimitives.ReadUInt64LittleEndian(header.Slice(8));
        Array.Clear(_rows, 0, TableCount);
        _header = FixedSize;
        if ((present >> ImplMap & 1) == 0)
        {
            return null;
        }

        for (ulong rest = present; rest != 0; rest &= rest - 1)
        {
            _header += 4;
        }

        header = Get(bytes, _tables, _header, _tablesEnd);
        if (header.IsEmpty)
        {
            return "the tables' header is cut off";
        }

        header = header.Slice(FixedSize);
        for (int table = 0; table < TableCount; table++)
        {
            if ((present >> table & 1) == 0)
            {
                continue;
            }

            uint rows = BinaryPrimitives.ReadUInt32LittleEndian(header);
            if (rows > MaximumRows)
            {
                Array.Clear(_rows, 0, TableCount);
                return "a table has more rows than can be numbered";
            }

            _rows[table] = rows;
            header = header.Slice(4);
        }

        if ((_heapSizes & ExtraData) != 0)
        {
            _header += 4;
        }

        return null;
    }

    private int RowSize(int table)
    {
        int size = 0;
        foreach (byte column in s_columns[table])
        {
            size += ColumnSize(column);
        }

        return size;
    }

    private int ColumnSize(byte column)
    {
        switch (column)
        {
            case < Strings:
                return column;
            case >= List:
                return _isDelta || Math.Max(_rows[column - List], _rows[column - List - 1]) > 0xFFFF ? 4 : 2;
            case >= Table:
                return _isDelta || _rows[column - Table] > 0xFFFF ? 4 : 2;
            case >= Coded:
                (int bits, byte[] tables) = s_codedIndexes[column - Coded];
                uint most = 0;
                foreach (byte table in tables)
                {
                    most = Math.Max(most, _rows[table]);
                }

                return _isDelta || most >= 1u << (16 - bits) ? 4 : 2;
            default:
                return _isDelta || (_heapSizes >> (column - Strings) & 1) != 0 ? 4 : 2;
        }
    }
}

/// <summary>Rows of one table of .NET metadata.</summary>
/// <param name="Offset">The first row's place in the file.</param>
/// <param name="RowSize">Bytes a row.</param>
/// <param name="Count">Rows that lie inside the file.</param>
/// <param name="IsCut">The header counts more of them.</param>
internal readonly record struct MetadataTable(long Offset, int RowSize, int Count, bool IsCut)
{
    /// <summary>Where a row lies; rows are numbered from 1. -1 for one that is not there.</summary>
    public long this[uint row] => row == 0 || row > (uint)Count ? -1 : Offset + ((row - 1) * (long)RowSize);
}
