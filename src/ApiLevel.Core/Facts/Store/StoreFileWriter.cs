using System;
using System.Collections.Generic;
using System.IO;
using System.Text;

namespace ApiLevel.Facts;

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
