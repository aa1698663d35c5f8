namespace ApiLevel.Facts;

/// <summary>The columns of <c>catalogue/attributions.csv</c>.</summary>
public static class AttributionColumns
{
    /// <summary>All of them.</summary>
    public static FactTable Table { get; } = new(static () => new AttributionFact(), "attributions", StoreTables.Attributions, "source", "#event-id", "api", "field");

    /// <summary>The source's short name.</summary>
    public static FactColumn Source { get; } = Table.Add("source", FactKind.Source, needed: true);

    /// <summary>The event id.</summary>
    public static FactColumn EventId { get; } = Table.Add("event-id", FactKind.Number, needed: true);

    /// <summary>The API, <c>module!Name</c>; one that a mapping relates to the event.</summary>
    public static FactColumn Api { get; } = Table.Add("api", FactKind.Api, needed: true);

    /// <summary>The field; empty for an API that the event alone never names, because any call over the same transport leaves it.</summary>
    public static FactColumn Field { get; } = Table.Add("field");

    /// <summary>What the field may say, alternatives joined with <c>;</c>: a text with <c>*</c> and <c>?</c>, a number, <c>&amp;0x10</c> for a mask with one of these bits. One that begins with <c>!</c> excludes; one that begins with <c>~</c> is needed but too common to speak for the API.</summary>
    public static FactColumn Values { get; } = Table.Add("values", FactKind.List);

    /// <summary>Sources.</summary>
    public static FactColumn Reference { get; } = Table.Add("reference", FactKind.List, needed: true);
}

/// <summary>What a field of an event must say for an API to be behind it.</summary>
public sealed record AttributionFact : Fact
{
    /// <summary>Makes an empty fact.</summary>
    public AttributionFact()
        : base(AttributionColumns.Table)
    {
    }

    /// <inheritdoc cref="AttributionColumns.Source"/>
    public string Source { get => Text(AttributionColumns.Source); init => this[AttributionColumns.Source] = value; }

    /// <inheritdoc cref="AttributionColumns.EventId"/>
    public int EventId { get => Number(AttributionColumns.EventId) ?? 0; init => this[AttributionColumns.EventId] = value; }

    /// <inheritdoc cref="AttributionColumns.Api"/>
    public string Api { get => Text(AttributionColumns.Api); init => this[AttributionColumns.Api] = value; }

    /// <inheritdoc cref="AttributionColumns.Field"/>
    public string Field { get => Text(AttributionColumns.Field); init => this[AttributionColumns.Field] = value; }

    /// <inheritdoc cref="AttributionColumns.Values"/>
    public string Values { get => Text(AttributionColumns.Values); init => this[AttributionColumns.Values] = value; }

    /// <inheritdoc cref="AttributionColumns.Reference"/>
    public string Reference { get => Text(AttributionColumns.Reference); init => this[AttributionColumns.Reference] = value; }
}

/// <summary>The columns of <c>catalogue/event-roles.csv</c>.</summary>
public static class EventRoleColumns
{
    /// <summary>All of them.</summary>
    public static FactTable Table { get; } = new(static () => new EventRoleFact(), "event-roles", StoreTables.EventRoles, "source", "#event-id", "role", "field");

    /// <summary>The source's short name.</summary>
    public static FactColumn Source { get; } = Table.Add("source", FactKind.Source, needed: true);

    /// <summary>The event id; null for all events of the source that have no row of their own.</summary>
    public static FactColumn EventId { get; } = Table.Add("event-id", FactKind.Number, optional: true);

    /// <summary>process-id, thread-id, process-name, api-name, api-unseen, rpc-interface, rpc-opnum, call-trace, access-mask.</summary>
    public static FactColumn Role { get; } = Table.Add("role", needed: true);

    /// <summary>The field; empty where the event does not say it, and the record's header does not either.</summary>
    public static FactColumn Field { get; } = Table.Add("field");

    /// <summary>What the role needs besides: the kind of rights of an access mask, the modules a call trace begins in, the values that api-unseen is about.</summary>
    public static FactColumn Value { get; } = Table.Add("value");

    /// <summary>Sources.</summary>
    public static FactColumn Reference { get; } = Table.Add("reference", FactKind.List, needed: true);
}

/// <summary>What a field of an event means.</summary>
public sealed record EventRoleFact : Fact
{
    /// <summary>Makes an empty fact.</summary>
    public EventRoleFact()
        : base(EventRoleColumns.Table)
    {
    }

    /// <inheritdoc cref="EventRoleColumns.Source"/>
    public string Source { get => Text(EventRoleColumns.Source); init => this[EventRoleColumns.Source] = value; }

    /// <inheritdoc cref="EventRoleColumns.EventId"/>
    public int? EventId { get => Number(EventRoleColumns.EventId); init => this[EventRoleColumns.EventId] = value; }

    /// <inheritdoc cref="EventRoleColumns.Role"/>
    public string Role { get => Text(EventRoleColumns.Role); init => this[EventRoleColumns.Role] = value; }

    /// <inheritdoc cref="EventRoleColumns.Field"/>
    public string Field { get => Text(EventRoleColumns.Field); init => this[EventRoleColumns.Field] = value; }

    /// <inheritdoc cref="EventRoleColumns.Value"/>
    public string Value { get => Text(EventRoleColumns.Value); init => this[EventRoleColumns.Value] = value; }

    /// <inheritdoc cref="EventRoleColumns.Reference"/>
    public string Reference { get => Text(EventRoleColumns.Reference); init => this[EventRoleColumns.Reference] = value; }
}

/// <summary>The columns of <c>catalogue/excluded.csv</c>.</summary>
public static class ExclusionColumns
{
    /// <summary>All of them.</summary>
    public static FactTable Table { get; } = new(static () => new ExclusionFact(), "excluded", StoreTables.Exclusions, "table", "row");

    /// <summary>The table.</summary>
    public static FactColumn TableName { get; } = Table.Add("table", needed: true);

    /// <summary>What the row was about.</summary>
    public static FactColumn Row { get; } = Table.Add("row", needed: true);

    /// <summary>Why it was left out or joined with another.</summary>
    public static FactColumn Reason { get; } = Table.Add("reason", needed: true);
}

/// <summary>A row of a source table that is not in the facts as it stood there.</summary>
public sealed record ExclusionFact : Fact
{
    /// <summary>Makes an empty fact.</summary>
    public ExclusionFact()
        : base(ExclusionColumns.Table)
    {
    }

    /// <inheritdoc cref="ExclusionColumns.TableName"/>
    public string TableName { get => Text(ExclusionColumns.TableName); init => this[ExclusionColumns.TableName] = value; }

    /// <inheritdoc cref="ExclusionColumns.Row"/>
    public string Row { get => Text(ExclusionColumns.Row); init => this[ExclusionColumns.Row] = value; }

    /// <inheritdoc cref="ExclusionColumns.Reason"/>
    public string Reason { get => Text(ExclusionColumns.Reason); init => this[ExclusionColumns.Reason] = value; }
}

/// <summary>The columns of <c>catalogue/telling-fields.csv</c>.</summary>
public static class TellingFieldColumns
{
    /// <summary>All of them.</summary>
    public static FactTable Table { get; } = new(static () => new TellingFieldFact(), "telling-fields", StoreTables.TellingFields, "#rank");

    /// <summary>The field with the lowest rank that an event has is shown.</summary>
    public static FactColumn Rank { get; } = Table.Add("rank", FactKind.Number, needed: true);

    /// <summary>The field.</summary>
    public static FactColumn Field { get; } = Table.Add("field", needed: true);

    /// <summary>Fields that are shown with it.</summary>
    public static FactColumn Beside { get; } = Table.Add("beside", FactKind.List);
}

/// <summary>A field that tells most about an event, for a line in a table.</summary>
public sealed record TellingFieldFact : Fact
{
    /// <summary>Makes an empty fact.</summary>
    public TellingFieldFact()
        : base(TellingFieldColumns.Table)
    {
    }

    /// <inheritdoc cref="TellingFieldColumns.Rank"/>
    public int Rank { get => Number(TellingFieldColumns.Rank) ?? 0; init => this[TellingFieldColumns.Rank] = value; }

    /// <inheritdoc cref="TellingFieldColumns.Field"/>
    public string Field { get => Text(TellingFieldColumns.Field); init => this[TellingFieldColumns.Field] = value; }

    /// <inheritdoc cref="TellingFieldColumns.Beside"/>
    public string Beside { get => Text(TellingFieldColumns.Beside); init => this[TellingFieldColumns.Beside] = value; }
}
