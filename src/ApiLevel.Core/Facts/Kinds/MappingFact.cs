namespace ApiLevel.Facts;

/// <summary>The columns of an entry under <c>apis:</c> of an event file.</summary>
public static class MappingColumns
{
    /// <summary>All of them.</summary>
    public static FactTable Table { get; } = new(static () => new MappingFact(), "mappings", StoreTables.Mappings);

    /// <summary>The API, <c>module!Name</c>.</summary>
    public static FactColumn Api { get; } = Table.Add("api", FactKind.Api, key: "api", keyOrder: 1, keyNeeded: true);

    /// <summary>The source's short name.</summary>
    public static FactColumn Source { get; } = Table.Add("source", FactKind.Source);

    /// <summary>The event id.</summary>
    public static FactColumn EventId { get; } = Table.Add("event-id", FactKind.Number);

    /// <summary>How it leads there.</summary>
    public static FactColumn Relation { get; } = Table.Add("relation", FactKind.Relation, key: "relation", keyOrder: 3, keyNeeded: true);

    /// <summary>The calls on the way down, nearest first, joined with <c>;</c>: the last one raises the event; empty when unknown.</summary>
    public static FactColumn Via { get; } = Table.Add("via", FactKind.ApiList, key: "via", keyOrder: 4, style: ListStyle.Spaced);

    /// <summary>When it does; empty for always.</summary>
    public static FactColumn Condition { get; } = Table.Add("condition", key: "condition", keyOrder: 5);

    /// <summary>Which process writes it; empty where the event's own emitter holds.</summary>
    public static FactColumn Emitter { get; } = Table.Add("emitter", key: "emitter", keyOrder: 6);

    /// <summary>The routine that raises it; empty when unknown.</summary>
    public static FactColumn Mechanism { get; } = Table.Add("mechanism", key: "mechanism", keyOrder: 7);

    /// <summary>How well it is supported.</summary>
    public static FactColumn Evidence { get; } = Table.Add("evidence", FactKind.Evidence, key: "evidence", keyOrder: 8, keyNeeded: true);

    /// <summary>Who says so; several joined with <c>;</c>.</summary>
    public static FactColumn Reference { get; } = Table.Add("reference", FactKind.List, key: "reference", keyOrder: 9, keyNeeded: true);

    /// <summary>Where the API lives.</summary>
    public static FactColumn Layer { get; } = Table.Add("layer", FactKind.Layer, stored: false, key: "layer", keyOrder: 2);
}

/// <summary>One API that leads to one event.</summary>
public sealed record MappingFact : Fact
{
    /// <summary>Makes an empty fact.</summary>
    public MappingFact()
        : base(MappingColumns.Table)
    {
    }

    /// <inheritdoc cref="MappingColumns.Api"/>
    public string Api { get => Text(MappingColumns.Api); init => this[MappingColumns.Api] = value; }

    /// <inheritdoc cref="MappingColumns.Source"/>
    public string Source { get => Text(MappingColumns.Source); init => this[MappingColumns.Source] = value; }

    /// <inheritdoc cref="MappingColumns.EventId"/>
    public int EventId { get => Number(MappingColumns.EventId) ?? 0; init => this[MappingColumns.EventId] = value; }

    /// <inheritdoc cref="MappingColumns.Relation"/>
    public Relation Relation { get => (Relation?)this[MappingColumns.Relation] ?? default; init => this[MappingColumns.Relation] = value; }

    /// <inheritdoc cref="MappingColumns.Via"/>
    public string Via { get => Text(MappingColumns.Via); init => this[MappingColumns.Via] = value; }

    /// <inheritdoc cref="MappingColumns.Condition"/>
    public string Condition { get => Text(MappingColumns.Condition); init => this[MappingColumns.Condition] = value; }

    /// <inheritdoc cref="MappingColumns.Emitter"/>
    public string Emitter { get => Text(MappingColumns.Emitter); init => this[MappingColumns.Emitter] = value; }

    /// <inheritdoc cref="MappingColumns.Mechanism"/>
    public string Mechanism { get => Text(MappingColumns.Mechanism); init => this[MappingColumns.Mechanism] = value; }

    /// <inheritdoc cref="MappingColumns.Evidence"/>
    public Evidence Evidence { get => (Evidence?)this[MappingColumns.Evidence] ?? default; init => this[MappingColumns.Evidence] = value; }

    /// <inheritdoc cref="MappingColumns.Reference"/>
    public string Reference { get => Text(MappingColumns.Reference); init => this[MappingColumns.Reference] = value; }

    /// <inheritdoc cref="MappingColumns.Layer"/>
    public ApiLayer Layer { get => (ApiLayer?)this[MappingColumns.Layer] ?? default; init => this[MappingColumns.Layer] = value; }
}
