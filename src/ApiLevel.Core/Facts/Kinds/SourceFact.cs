namespace ApiLevel.Facts;

/// <summary>The columns of event sources, <c>sources/*/source.yml</c>.</summary>
public static class SourceColumns
{
    /// <summary>All of them.</summary>
    public static FactTable Table { get; } = new(static () => new SourceFact(), "sources", StoreTables.Sources, "name");

    /// <summary>The short name used everywhere: Security, Sysmon, or the provider's own name.</summary>
    public static FactColumn Name { get; } = Table.Add("name", key: "name", keyOrder: 1, keyNeeded: true);

    /// <summary>The provider's name as Windows registers it.</summary>
    public static FactColumn Provider { get; } = Table.Add("provider", key: "provider", keyOrder: 2, keyNeeded: true);

    /// <summary>The provider's GUID in the D format; empty when unknown.</summary>
    public static FactColumn Guid { get; } = Table.Add("guid", FactKind.Guid, key: "guid", keyOrder: 3);

    /// <summary>The event log channels; empty where it has none by default.</summary>
    public static FactColumn Channel { get; } = Table.Add("channel", FactKind.List, key: "channel", keyOrder: 4, style: ListStyle.Spaced);

    /// <summary>How an event reaches a reader, joined with <c>;</c>: channel, session, system (only as SYSTEM through EventLog-Security), ppl.</summary>
    public static FactColumn Delivery { get; } = Table.Add("delivery", key: "delivery", keyOrder: 5, style: ListStyle.Spaced);

    /// <summary>What a reader must be: "administrator", "PPL antimalware", ...; empty when nothing special.</summary>
    public static FactColumn Privileges { get; } = Table.Add("privileges", key: "privileges", keyOrder: 6);

    /// <summary>Whether it writes on a fresh Windows: on, off, per-event, not-installed.</summary>
    public static FactColumn DefaultState { get; } = Table.Add("default", key: "default", keyOrder: 7);

    /// <summary>One sentence on what it is.</summary>
    public static FactColumn Description { get; } = Table.Add("description", key: "description", keyOrder: 8);

    /// <summary>The page that documents it; empty when none does.</summary>
    public static FactColumn Documentation { get; } = Table.Add("documentation", key: "documentation", keyOrder: 9);
}

/// <summary>An event source.</summary>
public sealed record SourceFact : Fact
{
    /// <summary>Makes an empty fact.</summary>
    public SourceFact()
        : base(SourceColumns.Table)
    {
    }

    /// <inheritdoc cref="SourceColumns.Name"/>
    public string Name { get => Text(SourceColumns.Name); init => this[SourceColumns.Name] = value; }

    /// <inheritdoc cref="SourceColumns.Provider"/>
    public string Provider { get => Text(SourceColumns.Provider); init => this[SourceColumns.Provider] = value; }

    /// <inheritdoc cref="SourceColumns.Guid"/>
    public string Guid { get => Text(SourceColumns.Guid); init => this[SourceColumns.Guid] = value; }

    /// <inheritdoc cref="SourceColumns.Channel"/>
    public string Channel { get => Text(SourceColumns.Channel); init => this[SourceColumns.Channel] = value; }

    /// <inheritdoc cref="SourceColumns.Delivery"/>
    public string Delivery { get => Text(SourceColumns.Delivery); init => this[SourceColumns.Delivery] = value; }

    /// <inheritdoc cref="SourceColumns.Privileges"/>
    public string Privileges { get => Text(SourceColumns.Privileges); init => this[SourceColumns.Privileges] = value; }

    /// <inheritdoc cref="SourceColumns.DefaultState"/>
    public string DefaultState { get => Text(SourceColumns.DefaultState); init => this[SourceColumns.DefaultState] = value; }

    /// <inheritdoc cref="SourceColumns.Description"/>
    public string Description { get => Text(SourceColumns.Description); init => this[SourceColumns.Description] = value; }

    /// <inheritdoc cref="SourceColumns.Documentation"/>
    public string Documentation { get => Text(SourceColumns.Documentation); init => this[SourceColumns.Documentation] = value; }
}
