using System;
using System.Buffers.Binary;
using System.IO;

namespace ApiLevel.Facts;

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
