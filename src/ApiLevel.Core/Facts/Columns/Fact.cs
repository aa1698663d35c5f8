using System;
using System.Globalization;

namespace ApiLevel.Facts;

/// <summary>Where a fact stands, for messages.</summary>
/// <param name="File">The file, relative to the folder that was read.</param>
/// <param name="Line">The line, from 1; 0 where unknown.</param>
public readonly record struct FactOrigin(string File, int Line)
{
    /// <summary>Gives "file:line".</summary>
    public override string ToString() => Line > 0 ? File + ":" + Line.ToString(CultureInfo.InvariantCulture) : File;
}

/// <summary>
/// One fact as text, before it is compiled: a cell for each column of its table. Names are canonical (<c>module!Name</c>, module in lower
/// case without extension, no A or W of a pair, Nt for Nt and Zw); lists are joined with <c>;</c> as in the files.
/// </summary>
public abstract record Fact
{
    private readonly object?[] _cells;

    private protected Fact(FactTable table)
    {
        Table = table;
        _cells = new object?[table.Columns.Count];
    }

    /// <summary>Copies a fact.</summary>
    /// <param name="original">What is copied.</param>
    protected Fact(Fact original)
    {
        Table = original.Table;
        Origin = original.Origin;
        _cells = (object?[])original._cells.Clone();
    }

    /// <summary>Its columns.</summary>
    public FactTable Table { get; }

    /// <summary>Where it stands.</summary>
    public FactOrigin Origin { get; set; }

    /// <summary>A cell: a string, an int, a bool or an enumeration, by the column's kind; null where nothing was said.</summary>
    /// <param name="column">A column of <see cref="Table"/>.</param>
    public object? this[FactColumn column]
    {
        get => _cells[column.Index];
        set => _cells[column.Index] = value;
    }

    /// <summary>A cell as text; empty where nothing was said.</summary>
    /// <param name="column">A column that holds text.</param>
    public string Text(FactColumn column) => (string?)_cells[column.Index] ?? "";

    /// <summary>A number; null where nothing was said.</summary>
    /// <param name="column">A column that holds numbers.</param>
    public int? Number(FactColumn column) => (int?)_cells[column.Index];

    /// <summary>A flag; null where nothing was said.</summary>
    /// <param name="column">A column that holds flags.</param>
    public bool? Flag(FactColumn column) => (bool?)_cells[column.Index];

    /// <summary>The number that stands for a number, flag or enumeration in the store.</summary>
    /// <param name="column">A column of such a kind.</param>
    internal int StoredNumber(FactColumn column)
    {
        object? cell = _cells[column.Index];
        return column.Kind switch
        {
            FactKind.Number => cell is int number ? (column.IsOptional ? number + 1 : number) : 0,
            FactKind.Flag when column.IsOptional => cell is bool flag ? (flag ? 2 : 0) : 1,
            FactKind.Flag => (cell is true) != column.TrueFirst ? 1 : 0,
            _ => cell is null ? 0 : Convert.ToInt32(cell, CultureInfo.InvariantCulture),
        };
    }

    /// <summary>The cell that a number of the store stands for.</summary>
    /// <param name="column">A column of such a kind.</param>
    /// <param name="value">The number.</param>
    internal static object? FromStoredNumber(FactColumn column, int value) => column.Kind switch
    {
        FactKind.Number => !column.IsOptional ? value : value > 0 ? value - 1 : null,
        FactKind.Flag when column.IsOptional => value switch { 2 => true, 0 => false, _ => null },
        FactKind.Flag => (value != 0) != column.TrueFirst,
        FactKind.Evidence => (Evidence)value,
        FactKind.Relation => (Relation)value,
        FactKind.Layer => (ApiLayer)value,
        _ => throw new ArgumentOutOfRangeException(nameof(column)),
    };

    /// <summary>Compares the cells and the origin.</summary>
    /// <param name="other">Another fact.</param>
    public virtual bool Equals(Fact? other) =>
        other is not null && EqualityContract == other.EqualityContract && Origin == other.Origin &&
        System.Linq.Enumerable.SequenceEqual(_cells, other._cells);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        int hash = Origin.GetHashCode();
        foreach (object? cell in _cells)
        {
            hash = unchecked((hash * 31) + (cell?.GetHashCode() ?? 0));
        }

        return hash;
    }
}
