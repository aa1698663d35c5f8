using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Text;

namespace ApiLevel.Mapping;

/// <summary>
/// The compiled facts, searched where they lie: a heap of sorted strings and tables of fixed-width rows. Nothing is parsed on
/// opening; a lookup is a binary search over bytes.
/// </summary>
/// <remarks>
/// Layout, all numbers little-endian: magic "ApiLevel" (8 bytes), format version (u32), number of tables (u32), SHA-256 of the
/// facts it was compiled from (32 bytes), then the directory (per section: offset u32, length u32; strings first, lists second,
/// tables after), then the sections. Strings: count, count+1 offsets of three bytes, UTF-8 bytes; sorted by the bytes with ASCII letters folded,
/// then by the bytes, so that a string's number is its rank and the spellings of one name stand together. Lists: each a varint
/// count and varint string numbers; a list's number is its offset. Tables: rows, columns, row width, then per column its offset and
/// width in the row (u8 each), then the rows.
/// </remarks>
internal sealed class StoreFile
{
    /// <summary>The version of the layout and of the tables' columns. A reader takes exactly its own.</summary>
    public const int FormatVersion = 1;

    internal const int HeaderSize = 48;
    internal const int OffsetSize = 3;
    internal static readonly byte[] Magic = Encoding.ASCII.GetBytes("ApiLevel");

    private readonly byte[] _bytes;
    private readonly int _stringCount;
    private readonly int _stringOffsets;
    private readonly int _stringBytes;
    private readonly int _lists;
    private readonly StoreTable[] _tables;
    private readonly string?[] _decoded;

    /// <summary>Takes the bytes of a compiled store.</summary>
    /// <param name="bytes">The whole file; kept, not copied.</param>
    /// <exception cref="InvalidDataException">It is no store, one of another version, or cut short.</exception>
    public StoreFile(byte[] bytes)
    {
        _bytes = bytes;
        if (bytes.Length < HeaderSize || !bytes.AsSpan(0, Magic.Length).SequenceEqual(Magic))
        {
            throw new InvalidDataException("it is not a compiled fact store");
        }

        int version = ReadInt32(8);
        if (version != FormatVersion)
        {
            throw new InvalidDataException($"it has format version {version}, this module reads {FormatVersion}");
        }

        int tables = ReadInt32(12);
        int directory = HeaderSize;
        if (tables < 0 || tables > 64 || bytes.Length < directory + (8 * (tables + 2)))
        {
            throw new InvalidDataException("it is cut short");
        }

        for (int i = 0; i < tables + 2; i++)
        {
            long offset = (uint)ReadInt32(directory + (8 * i));
            long length = (uint)ReadInt32(directory + (8 * i) + 4);
            if (offset + length > bytes.Length)
            {
                throw new InvalidDataException("it is cut short");
            }
        }

        int strings = ReadInt32(directory);
        _stringCount = ReadInt32(strings);
        _stringOffsets = strings + 4;
        _stringBytes = _stringOffsets + (OffsetSize * (_stringCount + 1));
        _lists = ReadInt32(directory + 8);
        _tables = new StoreTable[tables];
        for (int i = 0; i < tables; i++)
        {
            _tables[i] = new StoreTable(bytes, ReadInt32(directory + (8 * (i + 2))));
        }

        _decoded = new string?[_stringCount];
    }

    /// <summary>The SHA-256 of the facts it was compiled from, lower case hex.</summary>
    public string SourceHash
    {
        get
        {
            var text = new StringBuilder(64);
            foreach (byte value in _bytes.AsSpan(16, 32))
            {
                text.Append(value.ToString("x2", System.Globalization.CultureInfo.InvariantCulture));
            }

            return text.ToString();
        }
    }

    /// <summary>The file's size in bytes.</summary>
    public int Size => _bytes.Length;

    /// <summary>The table with a number; the numbers are <see cref="StoreTables"/>.</summary>
    public StoreTable this[int table] => _tables[table];

    /// <summary>The string with a number. Each is decoded once.</summary>
    public string GetString(int id)
    {
        if ((uint)id >= (uint)_stringCount)
        {
            throw new InvalidDataException("a string number lies outside the heap");
        }

        return _decoded[id] ??= Decode(id);
    }

    /// <summary>The strings whose spelling equals a name when the case of ASCII letters is ignored: a range of numbers, empty when there is none.</summary>
    public (int First, int End) FindStrings(ReadOnlySpan<char> text)
    {
        Span<byte> buffer = text.Length <= 170 ? stackalloc byte[512] : new byte[text.Length * 3];
        int count = StoreStrings.GetUtf8(text, buffer);
        ReadOnlySpan<byte> key = buffer.Slice(0, count);
        int first = LowerBound(key, upper: false);
        int end = first;
        while (end < _stringCount && StoreStrings.CompareFolded(Utf8(end), key) == 0)
        {
            end++;
        }

        return (first, end);
    }

    /// <summary>The strings that begin with a prefix when the case of ASCII letters is ignored.</summary>
    public (int First, int End) FindPrefix(ReadOnlySpan<char> prefix)
    {
        Span<byte> buffer = prefix.Length <= 170 ? stackalloc byte[512] : new byte[prefix.Length * 3];
        int count = StoreStrings.GetUtf8(prefix, buffer);
        ReadOnlySpan<byte> key = buffer.Slice(0, count);
        return (LowerBound(key, upper: false), LowerBound(key, upper: true));
    }

    /// <summary>The number of exactly this string; -1 when the heap does not hold it.</summary>
    public int FindExact(string text)
    {
        (int first, int end) = FindStrings(text.AsSpan());
        for (int id = first; id < end; id++)
        {
            if (string.Equals(GetString(id), text, StringComparison.Ordinal))
            {
                return id;
            }
        }

        return -1;
    }

    /// <summary>The string numbers of a list; the empty list is number 0.</summary>
    public int[] GetList(int list)
    {
        int position = _lists + list;
        int count = ReadVarint(ref position);
        var ids = new int[count];
        for (int i = 0; i < count; i++)
        {
            ids[i] = ReadVarint(ref position);
        }

        return ids;
    }

    /// <summary>The strings of a list, joined.</summary>
    public string GetJoined(int list, string separator = "; ")
    {
        int[] ids = GetList(list);
        switch (ids.Length)
        {
            case 0:
                return "";
            case 1:
                return GetString(ids[0]);
            default:
                var parts = new string[ids.Length];
                for (int i = 0; i < ids.Length; i++)
                {
                    parts[i] = GetString(ids[i]);
                }

                return string.Join(separator, parts);
        }
    }

    private int LowerBound(ReadOnlySpan<byte> key, bool upper)
    {
        int low = 0;
        int high = _stringCount;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            ReadOnlySpan<byte> candidate = Utf8(middle);
            if (upper && candidate.Length > key.Length)
            {
                candidate = candidate.Slice(0, key.Length);
            }

            int order = StoreStrings.CompareFolded(candidate, key);
            if (order < 0 || (upper && order == 0))
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private ReadOnlySpan<byte> Utf8(int id)
    {
        int start = ReadOffset(id);
        return _bytes.AsSpan(_stringBytes + start, ReadOffset(id + 1) - start);
    }

    private string Decode(int id)
    {
        int start = ReadOffset(id);
        return Encoding.UTF8.GetString(_bytes, _stringBytes + start, ReadOffset(id + 1) - start);
    }

    private int ReadOffset(int id)
    {
        int at = _stringOffsets + (OffsetSize * id);
        return _bytes[at] | (_bytes[at + 1] << 8) | (_bytes[at + 2] << 16);
    }

    private int ReadVarint(ref int position)
    {
        int value = 0;
        int shift = 0;
        byte part;
        do
        {
            part = _bytes[position++];
            value |= (part & 0x7F) << shift;
            shift += 7;
        }
        while (part >= 0x80);
        return value;
    }

    private int ReadInt32(int offset) => BinaryPrimitives.ReadInt32LittleEndian(_bytes.AsSpan(offset, 4));
}

/// <summary>Rows of fixed width; a cell is a number of one to four bytes.</summary>
internal sealed class StoreTable
{
    private readonly byte[] _bytes;
    private readonly int _rows;
    private readonly int _width;
    private readonly byte[] _offsets;
    private readonly byte[] _widths;

    internal StoreTable(byte[] bytes, int offset)
    {
        _bytes = bytes;
        Count = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(offset, 4));
        int columns = bytes[offset + 4];
        _width = bytes[offset + 5];
        _offsets = new byte[columns];
        _widths = new byte[columns];
        for (int i = 0; i < columns; i++)
        {
            _offsets[i] = bytes[offset + 6 + (2 * i)];
            _widths[i] = bytes[offset + 7 + (2 * i)];
        }

        _rows = offset + 6 + (2 * columns);
        if (Count < 0 || _rows + ((long)Count * _width) > bytes.Length)
        {
            throw new InvalidDataException("it is cut short");
        }
    }

    /// <summary>The number of rows.</summary>
    public int Count { get; }

    /// <summary>One cell.</summary>
    public int this[int row, int column]
    {
        get
        {
            if ((uint)row >= (uint)Count)
            {
                throw new ArgumentOutOfRangeException(nameof(row));
            }

            int at = _rows + (row * _width) + _offsets[column];
            return _widths[column] switch
            {
                0 => 0,
                1 => _bytes[at],
                2 => _bytes[at] | (_bytes[at + 1] << 8),
                3 => _bytes[at] | (_bytes[at + 1] << 8) | (_bytes[at + 2] << 16),
                _ => BinaryPrimitives.ReadInt32LittleEndian(_bytes.AsSpan(at, 4)),
            };
        }
    }

    /// <summary>The first row whose cell in a column is at least a value; the rows are sorted by that column within the range.</summary>
    public int LowerBound(int column, int value, int first, int end)
    {
        while (first < end)
        {
            int middle = (first + end) >>> 1;
            if (this[middle, column] < value)
            {
                first = middle + 1;
            }
            else
            {
                end = middle;
            }
        }

        return first;
    }

    /// <summary>The rows whose first column lies in [low, high).</summary>
    public (int First, int End) FindRange(int low, int high)
    {
        int first = LowerBound(0, low, 0, Count);
        return (first, LowerBound(0, high, first, Count));
    }

    /// <summary>The rows whose first column equals a value.</summary>
    public (int First, int End) Find(int value) => FindRange(value, value + 1);

    /// <summary>The rows whose first two columns equal two values.</summary>
    public (int First, int End) Find(int value, int second)
    {
        (int first, int end) = Find(value);
        int low = LowerBound(1, second, first, end);
        return (low, LowerBound(1, second + 1, low, end));
    }
}

/// <summary>How the heap orders strings.</summary>
internal static class StoreStrings
{
    /// <summary>Compares UTF-8 with ASCII letters folded to lower case.</summary>
    public static int CompareFolded(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        int length = Math.Min(left.Length, right.Length);
        for (int i = 0; i < length; i++)
        {
            int a = Fold(left[i]);
            int b = Fold(right[i]);
            if (a != b)
            {
                return a - b;
            }
        }

        return left.Length - right.Length;
    }

    /// <summary>The heap's order: folded first, then by the bytes.</summary>
    public static int Compare(byte[] left, byte[] right)
    {
        int order = CompareFolded(left, right);
        return order != 0 ? order : left.AsSpan().SequenceCompareTo(right);
    }

    /// <summary>Encodes; the buffer has three bytes a character.</summary>
    public static int GetUtf8(ReadOnlySpan<char> text, Span<byte> buffer)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] >= 0x80)
            {
                byte[] bytes = Encoding.UTF8.GetBytes(text.ToString());
                bytes.AsSpan().CopyTo(buffer);
                return bytes.Length;
            }

            buffer[i] = (byte)text[i];
        }

        return text.Length;
    }

    private static int Fold(byte value) => value is >= (byte)'A' and <= (byte)'Z' ? value | 0x20 : value;
}

/// <summary>Collects strings, lists and rows and writes them as <see cref="StoreFile"/> reads them.</summary>
internal sealed class StoreFileWriter
{
    private readonly HashSet<string> _strings = new(StringComparer.Ordinal) { "" };
    private readonly List<(int[][] Rows, int Columns)> _tables = [];
    private Dictionary<string, int>? _ids;
    private byte[][] _heap = [];
    private readonly Dictionary<string, int> _listIds = new(StringComparer.Ordinal);
    private readonly List<byte> _lists = [0];
    private const char Separator = '\u0001';

    /// <summary>Announces a string; all are announced before the first number is asked for.</summary>
    public void Add(string text) => _strings.Add(text);

    /// <summary>Announces a list and its parts.</summary>
    public void AddList(IEnumerable<string> parts)
    {
        string key = Key(parts);
        if (key.Length > 0 && !_listIds.ContainsKey(key))
        {
            _listIds.Add(key, 0);
            foreach (string part in parts)
            {
                _strings.Add(part);
            }
        }
    }

    /// <summary>Sorts the strings; from here on they have numbers.</summary>
    public void Freeze()
    {
        var pairs = new List<(byte[] Bytes, string Text)>(_strings.Count);
        foreach (string text in _strings)
        {
            pairs.Add((Encoding.UTF8.GetBytes(text), text));
        }

        pairs.Sort((a, b) => StoreStrings.Compare(a.Bytes, b.Bytes));
        _ids = new Dictionary<string, int>(pairs.Count, StringComparer.Ordinal);
        _heap = new byte[pairs.Count][];
        for (int i = 0; i < pairs.Count; i++)
        {
            _ids.Add(pairs[i].Text, i);
            _heap[i] = pairs[i].Bytes;
        }

        // Sorted too: the bytes must not depend on the order in which the facts were read.
        string[] keys = [.. _listIds.Keys];
        Array.Sort(keys, StringComparer.Ordinal);
        foreach (string key in keys)
        {
            _listIds[key] = _lists.Count;
            string[] parts = key.Split(Separator);
            WriteVarint(_lists, parts.Length);
            foreach (string part in parts)
            {
                WriteVarint(_lists, Id(part));
            }
        }
    }

    /// <summary>A string's number.</summary>
    public int Id(string text) => _ids![text];

    /// <summary>The number of a list that was announced; equal lists share one.</summary>
    public int ListId(IEnumerable<string> parts) => Key(parts) is { Length: > 0 } key ? _listIds[key] : 0;

    private static string Key(IEnumerable<string> parts) => string.Join(Separator.ToString(), parts);

    /// <summary>Adds the next table; rows are sorted by their cells from left to right.</summary>
    public void AddTable(List<int[]> rows, int columns, bool sort = true)
    {
        int[][] array = rows.ToArray();
        if (sort)
        {
            Array.Sort(array, CompareRows);
        }

        _tables.Add((array, columns));
    }

    /// <summary>The rows' order, from left to right.</summary>
    public static int CompareRows(int[] left, int[] right)
    {
        for (int i = 0; i < left.Length; i++)
        {
            int order = left[i].CompareTo(right[i]);
            if (order != 0)
            {
                return order;
            }
        }

        return 0;
    }

    /// <summary>Writes the file.</summary>
    public void Write(Stream output, byte[] sourceHash)
    {
        using var body = new MemoryStream();
        int bodyStart = StoreFile.HeaderSize + (8 * (_tables.Count + 2));
        var directory = new List<(int Offset, int Length)>();

        void Section(Action<BinaryWriter> write)
        {
            int start = (int)body.Position;
            using (var writer = new BinaryWriter(body, Encoding.UTF8, leaveOpen: true))
            {
                write(writer);
            }

            directory.Add((bodyStart + start, (int)body.Position - start));
        }

        Section(writer =>
        {
            writer.Write(_heap.Length);
            int offset = 0;
            foreach (byte[] text in _heap)
            {
                WriteOffset(writer, offset);
                offset += text.Length;
            }

            WriteOffset(writer, offset);
            foreach (byte[] text in _heap)
            {
                writer.Write(text);
            }
        });
        Section(writer => writer.Write(_lists.ToArray()));
        foreach ((int[][] rows, int columns) in _tables)
        {
            Section(writer => WriteTable(writer, rows, columns));
        }

        using var header = new BinaryWriter(output, Encoding.UTF8, leaveOpen: true);
        header.Write(StoreFile.Magic);
        header.Write(StoreFile.FormatVersion);
        header.Write(_tables.Count);
        header.Write(sourceHash);
        foreach ((int offset, int length) in directory)
        {
            header.Write(offset);
            header.Write(length);
        }

        header.Flush();
        body.Position = 0;
        body.CopyTo(output);
    }

    private static void WriteOffset(BinaryWriter writer, int offset)
    {
        if (offset >= 1 << 24)
        {
            throw new InvalidDataException("The strings are larger than 16 MiB: widen the offsets and raise the format version.");
        }

        writer.Write((byte)offset);
        writer.Write((ushort)(offset >> 8));
    }

    private static void WriteTable(BinaryWriter writer, int[][] rows, int columns)
    {
        var widths = new byte[columns];
        foreach (int[] row in rows)
        {
            for (int i = 0; i < columns; i++)
            {
                byte width = (uint)row[i] switch { 0 => 0, < 1u << 8 => 1, < 1u << 16 => 2, < 1u << 24 => 3, _ => 4 };
                widths[i] = Math.Max(widths[i], width);
            }
        }

        int total = 0;
        foreach (byte width in widths)
        {
            total += width;
        }

        writer.Write(rows.Length);
        writer.Write((byte)columns);
        writer.Write((byte)total);
        int offset = 0;
        foreach (byte width in widths)
        {
            writer.Write((byte)offset);
            writer.Write(width);
            offset += width;
        }

        foreach (int[] row in rows)
        {
            for (int i = 0; i < columns; i++)
            {
                for (int b = 0; b < widths[i]; b++)
                {
                    writer.Write((byte)(row[i] >> (8 * b)));
                }
            }
        }
    }

    private static void WriteVarint(List<byte> output, int value)
    {
        uint rest = (uint)value;
        while (rest >= 0x80)
        {
            output.Add((byte)(rest | 0x80));
            rest >>= 7;
        }

        output.Add((byte)rest);
    }
}
