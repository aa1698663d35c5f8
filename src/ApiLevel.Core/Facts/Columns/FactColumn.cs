using System;
using System.Collections.Generic;

namespace ApiLevel.Facts;

/// <summary>What a column holds: how its text is checked and which number stands for it in the store.</summary>
public enum FactKind
{
    /// <summary>Any text.</summary>
    Text,

    /// <summary>Texts joined with <c>;</c>.</summary>
    List,

    /// <summary>A whole number from zero.</summary>
    Number,

    /// <summary>true or false.</summary>
    Flag,

    /// <summary>A GUID in lower case with hyphens.</summary>
    Guid,

    /// <summary>An event source by its short name.</summary>
    Source,

    /// <summary>An API, <c>module!Name</c> or <c>Namespace.Type::Member</c>.</summary>
    Api,

    /// <summary>APIs joined with <c>;</c>.</summary>
    ApiList,

    /// <summary>A word of <see cref="ApiLevel.Evidence"/>.</summary>
    Evidence,

    /// <summary>A word of <see cref="ApiLevel.Relation"/>.</summary>
    Relation,

    /// <summary>A word of <see cref="ApiLayer"/>.</summary>
    Layer,
}

/// <summary>How a list is spelled in a fact file.</summary>
public enum ListStyle
{
    /// <summary>As it stands.</summary>
    Verbatim,

    /// <summary>Parts joined with a bare semicolon.</summary>
    Joined,

    /// <summary>Parts joined with a semicolon and a blank.</summary>
    Spaced,
}

/// <summary>
/// One column of one kind of fact, told once: its name, type and spelling. The readers of CSV and YAML, the compiler, the store, the overlays, the
/// writer and the lints are all driven by it.
/// </summary>
public sealed class FactColumn
{
    internal FactColumn(FactTable table, string name, FactKind kind, int index, int storeIndex)
    {
        Table = table;
        Name = name;
        Kind = kind;
        Index = index;
        StoreIndex = storeIndex;
    }

    /// <summary>The kind of fact it belongs to.</summary>
    public FactTable Table { get; }

    /// <summary>Its name in the header of a table of the catalogue, lower case with hyphens.</summary>
    public string Name { get; }

    /// <summary>What it holds.</summary>
    public FactKind Kind { get; }

    /// <summary>Its place among the columns of the fact, from 0.</summary>
    public int Index { get; }

    /// <summary>Its place among the columns of the store's table, from 0; -1 where it is not stored.</summary>
    public int StoreIndex { get; }

    /// <summary>True where the header of the catalogue's table has it.</summary>
    public bool InCatalogue { get; internal init; } = true;

    /// <summary>True where a cell of the catalogue is never empty.</summary>
    public bool IsNeeded { get; internal init; }

    /// <summary>True where an empty cell means "not known", which the store keeps apart from zero and false.</summary>
    public bool IsOptional { get; internal init; }

    /// <summary>True for a flag whose true stands before false in the order of the rows.</summary>
    public bool TrueFirst { get; internal init; }

    /// <summary>Its key in a fact file; null where files do not have it.</summary>
    public string? Key { get; internal init; }

    /// <summary>The order of the keys of a written file.</summary>
    public int KeyOrder { get; internal init; }

    /// <summary>True where a fact file must have the key.</summary>
    public bool IsKeyNeeded { get; internal init; }

    /// <summary>True where a fact file repeats what the catalogue says of the event, so that a reader of the file sees it.</summary>
    public bool IsRepeated { get; internal init; }

    /// <summary>How a list is spelled in a fact file.</summary>
    public ListStyle Style { get; internal init; }

    /// <summary>The largest number.</summary>
    public int Maximum { get; internal init; } = int.MaxValue;

    /// <summary>True for texts that the store keeps as a list of parts.</summary>
    public bool IsStoredAsList => Kind is FactKind.List or FactKind.ApiList;

    /// <summary>Gives "table.column".</summary>
    public override string ToString() => Table.Name + "." + Name;
}

/// <summary>The columns of one kind of fact, in the order of the store's table.</summary>
public sealed class FactTable
{
    private readonly List<FactColumn> _columns = [];
    private int _stored;

    internal FactTable(Func<Fact> create, string name, int storeTable, params string[] key)
    {
        Create = create;
        Name = name;
        StoreTable = storeTable;
        Key = key;
    }

    /// <summary>Makes an empty fact. A generic constructor would be compiled anew in each process, and the first answer would wait for that.</summary>
    internal Func<Fact> Create { get; }

    /// <summary>The name of the catalogue's table, without extension.</summary>
    public string Name { get; }

    /// <summary>The number of the store's table; -1 where it has none.</summary>
    internal int StoreTable { get; }

    /// <summary>The columns that tell rows of the catalogue apart and by which they are sorted; a number sign before a name means by number.</summary>
    public IReadOnlyList<string> Key { get; }

    /// <summary>All columns.</summary>
    public IReadOnlyList<FactColumn> Columns => _columns;

    /// <summary>How many of them the store's table has.</summary>
    internal int StoredColumns => _stored;

    internal FactColumn Add(
        string name,
        FactKind kind = FactKind.Text,
        bool needed = false,
        bool optional = false,
        bool trueFirst = false,
        bool stored = true,
        bool catalogue = true,
        string? key = null,
        int keyOrder = 0,
        bool keyNeeded = false,
        bool repeated = false,
        ListStyle style = ListStyle.Verbatim,
        int maximum = int.MaxValue)
    {
        var column = new FactColumn(this, name, kind, _columns.Count, stored ? _stored++ : -1)
        {
            InCatalogue = catalogue,
            IsNeeded = needed,
            IsOptional = optional,
            TrueFirst = trueFirst,
            Key = key,
            KeyOrder = keyOrder,
            IsKeyNeeded = keyNeeded,
            IsRepeated = repeated,
            Style = style,
            Maximum = maximum,
        };
        _columns.Add(column);
        return column;
    }
}
