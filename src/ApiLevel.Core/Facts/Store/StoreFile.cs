using System;
using System.Buffers.Binary;
using System.IO;
using System.Text;

namespace ApiLevel.Facts;

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
    public const int FormatVersion = 2;

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

    private int[] GetList(int list)
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

    /// <summary>The strings of a list; the empty list is number 0.</summary>
    public string[] GetStrings(int list)
    {
        if (list == 0)
        {
            return [];
        }

        int[] ids = GetList(list);
        var parts = new string[ids.Length];
        for (int i = 0; i < ids.Length; i++)
        {
            parts[i] = GetString(ids[i]);
        }

        return parts;
    }

    /// <summary>The strings of a list, joined.</summary>
    public string GetJoined(int list, string separator) => GetStrings(list) switch
    {
        [] => "",
        [string one] => one,
        string[] parts => string.Join(separator, parts),
    };

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
