namespace ApiLevel.Facts;

/// <summary>The columns of <c>catalogue/sysmon-schema.csv</c>.</summary>
public static class SysmonFieldColumns
{
    /// <summary>All of them.</summary>
    public static FactTable Table { get; } = new(static () => new SysmonFieldFact(), "sysmon-schema", -1, "schema-version", "#event-id", "#place");

    /// <summary>The schema version with two decimals, 4.90.</summary>
    public static FactColumn SchemaVersion { get; } = Table.Add("schema-version", needed: true);

    /// <summary>The event id.</summary>
    public static FactColumn EventId { get; } = Table.Add("event-id", FactKind.Number, needed: true);

    /// <summary>The field's place in the event, from 0.</summary>
    public static FactColumn Place { get; } = Table.Add("place", FactKind.Number, needed: true);

    /// <summary>The element of a configuration that filters the event; empty for one that cannot be filtered.</summary>
    public static FactColumn Tag { get; } = Table.Add("tag");

    /// <summary>What happens without a section for it: include or exclude; empty for one that cannot be filtered.</summary>
    public static FactColumn RuleDefault { get; } = Table.Add("rule-default");

    /// <summary>The field.</summary>
    public static FactColumn Field { get; } = Table.Add("field", needed: true);

    /// <summary>Its type.</summary>
    public static FactColumn Type { get; } = Table.Add("type", needed: true);

    /// <summary>Sources.</summary>
    public static FactColumn Reference { get; } = Table.Add("reference", FactKind.List, needed: true);
}

/// <summary>A field of an event in a schema version of Sysmon.</summary>
public sealed record SysmonFieldFact : Fact
{
    /// <summary>Makes an empty fact.</summary>
    public SysmonFieldFact()
        : base(SysmonFieldColumns.Table)
    {
    }
}

/// <summary>The columns of <c>catalogue/sysmon-options.csv</c>.</summary>
public static class SysmonOptionColumns
{
    /// <summary>All of them.</summary>
    public static FactTable Table { get; } = new(static () => new SysmonOptionFact(), "sysmon-options", -1, "schema-version", "kind", "name");

    /// <summary>The schema version with two decimals.</summary>
    public static FactColumn SchemaVersion { get; } = Table.Add("schema-version", needed: true);

    /// <summary>condition, setting or binary-version.</summary>
    public static FactColumn Kind { get; } = Table.Add("kind", needed: true);

    /// <summary>The condition, the setting, or the version of the rules that its Sysmon makes.</summary>
    public static FactColumn Name { get; } = Table.Add("name", needed: true);

    /// <summary>Sources.</summary>
    public static FactColumn Reference { get; } = Table.Add("reference", FactKind.List, needed: true);
}

/// <summary>What else a schema version of Sysmon knows.</summary>
public sealed record SysmonOptionFact : Fact
{
    /// <summary>Makes an empty fact.</summary>
    public SysmonOptionFact()
        : base(SysmonOptionColumns.Table)
    {
    }
}
