using System;
using System.Collections.Generic;
using System.Linq;

namespace ApiLevel.Facts;

/// <summary>The rows of one kind of fact: those of the compiled table, searched in place, then those of overlays.</summary>
internal sealed class FactRows
{
    private readonly MappingStore _store;
    private readonly StoreFile _file;
    private readonly IReadOnlyList<Fact> _overlay;

    public FactRows(MappingStore store, StoreFile file, FactTable facts, IReadOnlyList<Fact>? overlay = null)
    {
        _store = store;
        _file = file;
        _overlay = overlay ?? [];
        Facts = facts;
        Table = file[facts.StoreTable];
    }

    /// <summary>The store.</summary>
    public MappingStore Store => _store;

    /// <summary>The columns.</summary>
    public FactTable Facts { get; }

    /// <summary>The compiled rows.</summary>
    public StoreTable Table { get; }

    /// <summary>How many rows there are, overlays included.</summary>
    public int Count => Table.Count + _overlay.Count;

    /// <summary>A text; a list's parts are joined with <c>;</c>.</summary>
    public string Text(int row, FactColumn column) => row >= Table.Count
        ? _overlay[row - Table.Count].Text(column)
        : column.IsStoredAsList
            ? _file.GetJoined(Table[row, column.StoreIndex], ";")
            : _file.GetString(Table[row, column.StoreIndex]);

    /// <summary>The parts of a list.</summary>
    public IReadOnlyList<string> List(int row, FactColumn column) => row < Table.Count
        ? _file.GetStrings(Table[row, column.StoreIndex])
        : ListText.Split(_overlay[row - Table.Count].Text(column));

    /// <summary>The number that stands for a number, flag or enumeration; the row that a source or an API has in its table.</summary>
    public int Number(int row, FactColumn column) => row < Table.Count
        ? Table[row, column.StoreIndex]
        : _overlay[row - Table.Count].StoredNumber(column);

    /// <summary>The source of a row.</summary>
    public SourceEntry Source(int row, FactColumn column) => row < Table.Count
        ? _store.SourceByRow(Table[row, column.StoreIndex])
        : _store.SourceNamed(_overlay[row - Table.Count].Text(column))!;

    /// <summary>The overlay's fact behind a row; null for a compiled one.</summary>
    public Fact? OverlayFact(int row) => row < Table.Count ? null : _overlay[row - Table.Count];

    /// <summary>The whole row as a fact again. References to sources and APIs become their names.</summary>
    public T Read<T>(int row)
        where T : Fact
    {
        if (OverlayFact(row) is { } overlay)
        {
            return (T)overlay;
        }

        var fact = (T)Facts.Create();
        foreach (FactColumn column in Facts.Columns)
        {
            if (column.StoreIndex < 0)
            {
                continue;
            }

            fact[column] = column.Kind switch
            {
                FactKind.Source => Source(row, column).Name,
                FactKind.Api => new ApiEntry(_store, Table[row, column.StoreIndex]).Key,
                FactKind.Text or FactKind.Guid or FactKind.List or FactKind.ApiList => Text(row, column),
                _ => Fact.FromStoredNumber(column, Table[row, column.StoreIndex]),
            };
        }

        return fact;
    }

    /// <summary>All rows as facts. Streams.</summary>
    public IEnumerable<T> ReadAll<T>()
        where T : Fact => Enumerable.Range(0, Count).Select(Read<T>);

    /// <summary>The compiled rows whose first column is a string of this spelling, in any case.</summary>
    public (int First, int End) Find(string text)
    {
        (int low, int high) = _file.FindStrings(text.AsSpan());
        return Table.FindRange(low, high);
    }
}
