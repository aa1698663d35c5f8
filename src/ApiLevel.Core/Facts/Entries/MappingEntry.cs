using System.Collections.Generic;

namespace ApiLevel.Facts;

/// <summary>One API that leads to one event, in the store or an overlay.</summary>
public readonly struct MappingEntry
{
    internal MappingEntry(MappingStore store, int row)
    {
        Store = store;
        Row = row;
    }

    internal MappingStore Store { get; }

    internal int Row { get; }

    /// <summary>The API.</summary>
    public ApiEntry Api => Store.MappingApi(Row);

    /// <summary>The event's source.</summary>
    public SourceEntry Source => Store.MappingRows.Source(Row, MappingColumns.Source);

    /// <summary>The event id.</summary>
    public int EventId => Store.MappingRows.Number(Row, MappingColumns.EventId);

    /// <summary>The event's newest version; not known for an event that only an overlay names without describing it.</summary>
    public EventEntry Event => Store.FindEvent(Source, EventId);

    /// <summary>How the event reaches a reader.</summary>
    public Delivery Delivery => Store.DeliveryOf(Source, EventId);

    /// <summary>How the API leads there.</summary>
    public Relation Relation => (Relation)Store.MappingRows.Number(Row, MappingColumns.Relation);

    /// <summary>The lower calls that raise it; empty when unknown.</summary>
    public IReadOnlyList<string> Via => Store.MappingRows.List(Row, MappingColumns.Via);

    /// <summary>When it does; empty for always.</summary>
    public string Condition => Store.MappingRows.Text(Row, MappingColumns.Condition);

    /// <summary>Which process writes it: the mapping's own word, else the event's; empty when unknown.</summary>
    public string Emitter
    {
        get
        {
            string own = OwnEmitter;
            if (own.Length > 0)
            {
                return own;
            }

            EventEntry e = Event;
            return e.IsKnown ? e.Emitter : "";
        }
    }

    /// <summary>Which process writes it, where the mapping says so itself; empty where the event's own emitter holds.</summary>
    public string OwnEmitter => Store.MappingRows.Text(Row, MappingColumns.Emitter);

    /// <summary>The routine that raises it; empty when unknown.</summary>
    public string Mechanism => Store.MappingRows.Text(Row, MappingColumns.Mechanism);

    /// <summary>How well it is supported.</summary>
    public Evidence Evidence => (Evidence)Store.MappingRows.Number(Row, MappingColumns.Evidence);

    /// <summary>Who says so.</summary>
    public IReadOnlyList<string> References => Store.MappingRows.List(Row, MappingColumns.Reference);

    /// <summary>The overlay file it comes from; null for a built-in fact.</summary>
    public string? Overlay => Store.MappingRows.OverlayFact(Row)?.Origin.File;

    /// <summary>Gives "kernel32!OpenProcess -> Sysmon 10".</summary>
    public override string ToString() => Api.Key + " -> " + EventLabel.Of(Source.Name, EventId);
}
