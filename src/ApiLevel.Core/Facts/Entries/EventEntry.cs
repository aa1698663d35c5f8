using System.Collections.Generic;

namespace ApiLevel.Facts;

/// <summary>One version of one event in the store.</summary>
public readonly struct EventEntry
{
    internal EventEntry(MappingStore store, int row)
    {
        Store = store;
        Row = row;
    }

    internal MappingStore Store { get; }

    internal int Row { get; }

    /// <summary>True for a handle that names an event; false for the default value.</summary>
    public bool IsKnown => Store is not null;

    /// <summary>Its source.</summary>
    public SourceEntry Source => Store.EventRows.Source(Row, EventColumns.Source);

    /// <summary>The event id.</summary>
    public int Id => Number(EventColumns.Id);

    /// <summary>The version.</summary>
    public int Version => Number(EventColumns.Version);

    /// <summary>True for the newest version known.</summary>
    public bool IsLatest => Number(EventColumns.IsLatest) != 0;

    /// <summary>The title.</summary>
    public string Name => Text(EventColumns.Name);

    /// <summary>Fields in order, <c>Name:Type</c>.</summary>
    public IReadOnlyList<string> Fields => List(EventColumns.Fields);

    /// <summary>Channels it is written to; empty where none is known.</summary>
    public IReadOnlyList<string> Channels => List(EventColumns.Channel);

    /// <summary>The manifest's symbol; empty when unknown.</summary>
    public string Symbol => Text(EventColumns.Symbol);

    /// <summary>Keyword names.</summary>
    public IReadOnlyList<string> Keywords => List(EventColumns.Keywords);

    /// <summary>The keyword mask in hex; empty when unknown.</summary>
    public string KeywordMask => Text(EventColumns.KeywordMask);

    /// <summary>The opcode's name; empty when none.</summary>
    public string Opcode => Text(EventColumns.Opcode);

    /// <summary>The task's name; empty when none.</summary>
    public string Task => Text(EventColumns.Task);

    /// <summary>The severity's name.</summary>
    public string Severity => Text(EventColumns.Severity);

    /// <summary>What must be on; all of it.</summary>
    public IReadOnlyList<Requirement> Requirements => Store.RequirementsOf(List(EventColumns.Requirement));

    /// <summary>How it reaches a reader.</summary>
    public Delivery Delivery => Store.DeliveryOf(Source, Id);

    /// <summary>The first Windows release or Sysmon schema with this id and version.</summary>
    public string FirstBuild => Text(EventColumns.FirstBuild);

    /// <summary>CAR object/action; empty when none.</summary>
    public string Car => Text(EventColumns.Car);

    /// <summary>ATT&amp;CK data component; empty when none.</summary>
    public string DataComponent => Text(EventColumns.DataComponent);

    /// <summary>Audit category/subcategory; empty outside Security.</summary>
    public string AuditSubcategory => Text(EventColumns.AuditSubcategory);

    /// <summary>Which lists name the audit subcategory, those that differ included.</summary>
    public IReadOnlyList<string> AuditReferences => List(EventColumns.AuditReference);

    /// <summary>Columns A, U or K; empty where the model does not place it.</summary>
    public IReadOnlyList<string> Columns => List(EventColumns.Column);

    /// <summary>Which versions of the model place it where, <c>K@v2.0.0+v3.0.0</c>.</summary>
    public IReadOnlyList<string> ColumnReferences => List(EventColumns.ColumnReference);

    /// <summary>Levels of the draft with the draft's version, <c>5@draft-2023-06-12</c>.</summary>
    public IReadOnlyList<string> DraftLevels => List(EventColumns.DraftLevel);

    /// <summary>One sentence: when it fires; empty where nobody judged it.</summary>
    public string Fires => Text(EventColumns.Fires);

    /// <summary>Which process writes it; empty when unknown.</summary>
    public string Emitter => Text(EventColumns.Emitter);

    /// <summary>Evidence for the description.</summary>
    public Evidence Evidence => (Evidence)Number(EventColumns.Evidence);

    /// <summary>Sources of the description.</summary>
    public IReadOnlyList<string> References => List(EventColumns.Reference);

    /// <summary>Gives "Source Id".</summary>
    public override string ToString() => IsKnown ? EventLabel.Of(Source.Name, Id) : "";

    private string Text(FactColumn column) => Store.EventRows.Text(Row, column);

    private IReadOnlyList<string> List(FactColumn column) => Store.EventRows.List(Row, column);

    private int Number(FactColumn column) => Store.EventRows.Number(Row, column);
}
