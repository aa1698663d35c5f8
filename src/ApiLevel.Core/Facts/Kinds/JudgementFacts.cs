namespace ApiLevel.Facts;

/// <summary>The columns of <c>catalogue/invisible.csv</c>.</summary>
public static class InvisibleColumns
{
    /// <summary>All of them.</summary>
    public static FactTable Table { get; } = new(static () => new InvisibleFact(), "invisible", StoreTables.Invisible, "api");

    /// <summary>The API, <c>module!Name</c>.</summary>
    public static FactColumn Api { get; } = Table.Add("api", FactKind.Api, needed: true);

    /// <summary>Why no event is written, one sentence.</summary>
    public static FactColumn Reason { get; } = Table.Add("reason", needed: true);

    /// <summary>What was searched.</summary>
    public static FactColumn Searched { get; } = Table.Add("searched", needed: true);

    /// <summary>Support.</summary>
    public static FactColumn Evidence { get; } = Table.Add("evidence", FactKind.Evidence);

    /// <summary>Sources.</summary>
    public static FactColumn Reference { get; } = Table.Add("reference", FactKind.List, needed: true);
}

/// <summary>A call that writes no event. Only such a row makes a call Invisible.</summary>
public sealed record InvisibleFact : Fact
{
    /// <summary>Makes an empty fact.</summary>
    public InvisibleFact()
        : base(InvisibleColumns.Table)
    {
    }

    /// <inheritdoc cref="InvisibleColumns.Api"/>
    public string Api { get => Text(InvisibleColumns.Api); init => this[InvisibleColumns.Api] = value; }

    /// <inheritdoc cref="InvisibleColumns.Reason"/>
    public string Reason { get => Text(InvisibleColumns.Reason); init => this[InvisibleColumns.Reason] = value; }

    /// <inheritdoc cref="InvisibleColumns.Searched"/>
    public string Searched { get => Text(InvisibleColumns.Searched); init => this[InvisibleColumns.Searched] = value; }

    /// <inheritdoc cref="InvisibleColumns.Evidence"/>
    public Evidence Evidence { get => (Evidence?)this[InvisibleColumns.Evidence] ?? default; init => this[InvisibleColumns.Evidence] = value; }

    /// <inheritdoc cref="InvisibleColumns.Reference"/>
    public string Reference { get => Text(InvisibleColumns.Reference); init => this[InvisibleColumns.Reference] = value; }
}

/// <summary>The columns of <c>catalogue/unsettled.csv</c>.</summary>
public static class UnsettledColumns
{
    /// <summary>All of them.</summary>
    public static FactTable Table { get; } = new(static () => new UnsettledFact(), "unsettled", StoreTables.Unsettled, "api");

    /// <summary>The API, <c>module!Name</c>.</summary>
    public static FactColumn Api { get; } = Table.Add("api", FactKind.Api, needed: true);

    /// <summary>What is known and why it does not decide.</summary>
    public static FactColumn Reason { get; } = Table.Add("reason", needed: true);

    /// <summary>What would settle it.</summary>
    public static FactColumn SettledBy { get; } = Table.Add("settled-by", needed: true);

    /// <summary>What was searched.</summary>
    public static FactColumn Searched { get; } = Table.Add("searched");

    /// <summary>Sources.</summary>
    public static FactColumn Reference { get; } = Table.Add("reference", FactKind.List, needed: true);
}

/// <summary>A call that was judged and stays Unknown.</summary>
public sealed record UnsettledFact : Fact
{
    /// <summary>Makes an empty fact.</summary>
    public UnsettledFact()
        : base(UnsettledColumns.Table)
    {
    }

    /// <inheritdoc cref="UnsettledColumns.Api"/>
    public string Api { get => Text(UnsettledColumns.Api); init => this[UnsettledColumns.Api] = value; }

    /// <inheritdoc cref="UnsettledColumns.Reason"/>
    public string Reason { get => Text(UnsettledColumns.Reason); init => this[UnsettledColumns.Reason] = value; }

    /// <inheritdoc cref="UnsettledColumns.SettledBy"/>
    public string SettledBy { get => Text(UnsettledColumns.SettledBy); init => this[UnsettledColumns.SettledBy] = value; }

    /// <inheritdoc cref="UnsettledColumns.Searched"/>
    public string Searched { get => Text(UnsettledColumns.Searched); init => this[UnsettledColumns.Searched] = value; }

    /// <inheritdoc cref="UnsettledColumns.Reference"/>
    public string Reference { get => Text(UnsettledColumns.Reference); init => this[UnsettledColumns.Reference] = value; }
}

/// <summary>The columns of <c>catalogue/denied.csv</c>.</summary>
public static class DeniedColumns
{
    /// <summary>All of them.</summary>
    public static FactTable Table { get; } = new(static () => new DeniedFact(), "denied", StoreTables.Denied, "api", "source", "#event-id");

    /// <summary>The API, <c>module!Name</c>.</summary>
    public static FactColumn Api { get; } = Table.Add("api", FactKind.Api, needed: true);

    /// <summary>The source's short name.</summary>
    public static FactColumn Source { get; } = Table.Add("source", FactKind.Source, needed: true);

    /// <summary>The event id.</summary>
    public static FactColumn EventId { get; } = Table.Add("event-id", FactKind.Number, needed: true);

    /// <summary>Why the pair is wrong.</summary>
    public static FactColumn Reason { get; } = Table.Add("reason", needed: true);

    /// <summary>Sources.</summary>
    public static FactColumn Reference { get; } = Table.Add("reference", FactKind.List, needed: true);
}

/// <summary>A pair that a source or a derivation gives and that is wrong: it ends the path, so that nothing above gets the event through it.</summary>
public sealed record DeniedFact : Fact
{
    /// <summary>Makes an empty fact.</summary>
    public DeniedFact()
        : base(DeniedColumns.Table)
    {
    }

    /// <inheritdoc cref="DeniedColumns.Api"/>
    public string Api { get => Text(DeniedColumns.Api); init => this[DeniedColumns.Api] = value; }

    /// <inheritdoc cref="DeniedColumns.Source"/>
    public string Source { get => Text(DeniedColumns.Source); init => this[DeniedColumns.Source] = value; }

    /// <inheritdoc cref="DeniedColumns.EventId"/>
    public int EventId { get => Number(DeniedColumns.EventId) ?? 0; init => this[DeniedColumns.EventId] = value; }

    /// <inheritdoc cref="DeniedColumns.Reason"/>
    public string Reason { get => Text(DeniedColumns.Reason); init => this[DeniedColumns.Reason] = value; }
}

/// <summary>The columns of <c>catalogue/arguments.csv</c>.</summary>
public static class ArgumentColumns
{
    /// <summary>All of them.</summary>
    public static FactTable Table { get; } = new(static () => new ArgumentFact(), "arguments", StoreTables.Arguments, "caller", "callee", "argument");

    /// <summary>The caller.</summary>
    public static FactColumn Caller { get; } = Table.Add("caller", FactKind.Api, needed: true);

    /// <summary>The callee.</summary>
    public static FactColumn Callee { get; } = Table.Add("callee", FactKind.Api, needed: true);

    /// <summary>process, thread, class, access, disposition, object, mode or flags.</summary>
    public static FactColumn Argument { get; } = Table.Add("argument", needed: true);

    /// <summary>The value; several that are possible are separated by <c>|</c>.</summary>
    public static FactColumn Value { get; } = Table.Add("value", needed: true);

    /// <summary>Sources.</summary>
    public static FactColumn Reference { get; } = Table.Add("reference", FactKind.List, needed: true);
}

/// <summary>What a caller fixes when it calls the next function, to the end of the path or until a call below fixes it anew.</summary>
public sealed record ArgumentFact : Fact
{
    /// <summary>Makes an empty fact.</summary>
    public ArgumentFact()
        : base(ArgumentColumns.Table)
    {
    }

    /// <inheritdoc cref="ArgumentColumns.Caller"/>
    public string Caller { get => Text(ArgumentColumns.Caller); init => this[ArgumentColumns.Caller] = value; }

    /// <inheritdoc cref="ArgumentColumns.Callee"/>
    public string Callee { get => Text(ArgumentColumns.Callee); init => this[ArgumentColumns.Callee] = value; }

    /// <inheritdoc cref="ArgumentColumns.Argument"/>
    public string Argument { get => Text(ArgumentColumns.Argument); init => this[ArgumentColumns.Argument] = value; }

    /// <inheritdoc cref="ArgumentColumns.Value"/>
    public string Value { get => Text(ArgumentColumns.Value); init => this[ArgumentColumns.Value] = value; }
}

/// <summary>The columns of <c>catalogue/conditions.csv</c>.</summary>
public static class ConditionColumns
{
    /// <summary>All of them.</summary>
    public static FactTable Table { get; } = new(static () => new ConditionFact(), "conditions", StoreTables.Conditions, "condition", "argument");

    /// <summary>The part, as conditions have it between semicolons.</summary>
    public static FactColumn Condition { get; } = Table.Add("condition", needed: true);

    /// <summary>The argument.</summary>
    public static FactColumn Argument { get; } = Table.Add("argument", needed: true);

    /// <summary>The values that meet it, separated by <c>|</c>.</summary>
    public static FactColumn Value { get; } = Table.Add("value", needed: true);

    /// <summary>Sources.</summary>
    public static FactColumn Reference { get; } = Table.Add("reference", FactKind.List, needed: true);
}

/// <summary>A part of a condition that can be decided: what an argument must be. Several rows of one part are all needed; an argument that nobody fixed meets any.</summary>
public sealed record ConditionFact : Fact
{
    /// <summary>Makes an empty fact.</summary>
    public ConditionFact()
        : base(ConditionColumns.Table)
    {
    }

    /// <inheritdoc cref="ConditionColumns.Condition"/>
    public string Condition { get => Text(ConditionColumns.Condition); init => this[ConditionColumns.Condition] = value; }

    /// <inheritdoc cref="ConditionColumns.Argument"/>
    public string Argument { get => Text(ConditionColumns.Argument); init => this[ConditionColumns.Argument] = value; }

    /// <inheritdoc cref="ConditionColumns.Value"/>
    public string Value { get => Text(ConditionColumns.Value); init => this[ConditionColumns.Value] = value; }
}

/// <summary>The columns of <c>catalogue/event-volumes.csv</c>.</summary>
public static class EventVolumeColumns
{
    /// <summary>All of them.</summary>
    public static FactTable Table { get; } = new(static () => new EventVolumeFact(), "event-volumes", StoreTables.EventVolumes, "source", "#event-id");

    /// <summary>The source's short name.</summary>
    public static FactColumn Source { get; } = Table.Add("source", FactKind.Source, needed: true);

    /// <summary>The event id.</summary>
    public static FactColumn EventId { get; } = Table.Add("event-id", FactKind.Number, needed: true);

    /// <summary>Low, Medium, High, Very High, with what it depends on.</summary>
    public static FactColumn Volume { get; } = Table.Add("volume", needed: true);

    /// <summary>Sources.</summary>
    public static FactColumn Reference { get; } = Table.Add("reference", FactKind.List, needed: true);
}

/// <summary>How much an event writes, as a page says.</summary>
public sealed record EventVolumeFact : Fact
{
    /// <summary>Makes an empty fact.</summary>
    public EventVolumeFact()
        : base(EventVolumeColumns.Table)
    {
    }

    /// <inheritdoc cref="EventVolumeColumns.Source"/>
    public string Source { get => Text(EventVolumeColumns.Source); init => this[EventVolumeColumns.Source] = value; }

    /// <inheritdoc cref="EventVolumeColumns.EventId"/>
    public int EventId { get => Number(EventVolumeColumns.EventId) ?? 0; init => this[EventVolumeColumns.EventId] = value; }

    /// <inheritdoc cref="EventVolumeColumns.Volume"/>
    public string Volume { get => Text(EventVolumeColumns.Volume); init => this[EventVolumeColumns.Volume] = value; }
}

/// <summary>The columns of <c>catalogue/family-differences.csv</c>.</summary>
public static class FamilyDifferenceColumns
{
    /// <summary>All of them.</summary>
    public static FactTable Table { get; } = new(static () => new FamilyDifferenceFact(), "family-differences", -1, "api", "family-of", "source", "#event-id");

    /// <summary>The API that lacks the event.</summary>
    public static FactColumn Api { get; } = Table.Add("api", FactKind.Api, needed: true);

    /// <summary>The API that has it.</summary>
    public static FactColumn FamilyOf { get; } = Table.Add("family-of", FactKind.Api, needed: true);

    /// <summary>The source's short name.</summary>
    public static FactColumn Source { get; } = Table.Add("source", FactKind.Source, needed: true);

    /// <summary>The event id.</summary>
    public static FactColumn EventId { get; } = Table.Add("event-id", FactKind.Number, needed: true);

    /// <summary>Why.</summary>
    public static FactColumn Reason { get; } = Table.Add("reason", needed: true);

    /// <summary>Sources.</summary>
    public static FactColumn Reference { get; } = Table.Add("reference", FactKind.List, needed: true);
}

/// <summary>Why a member of a family of functions lacks an event that the family has.</summary>
public sealed record FamilyDifferenceFact : Fact
{
    /// <summary>Makes an empty fact.</summary>
    public FamilyDifferenceFact()
        : base(FamilyDifferenceColumns.Table)
    {
    }

    /// <inheritdoc cref="FamilyDifferenceColumns.Api"/>
    public string Api { get => Text(FamilyDifferenceColumns.Api); init => this[FamilyDifferenceColumns.Api] = value; }

    /// <inheritdoc cref="FamilyDifferenceColumns.FamilyOf"/>
    public string FamilyOf { get => Text(FamilyDifferenceColumns.FamilyOf); init => this[FamilyDifferenceColumns.FamilyOf] = value; }

    /// <inheritdoc cref="FamilyDifferenceColumns.Source"/>
    public string Source { get => Text(FamilyDifferenceColumns.Source); init => this[FamilyDifferenceColumns.Source] = value; }

    /// <inheritdoc cref="FamilyDifferenceColumns.EventId"/>
    public int EventId { get => Number(FamilyDifferenceColumns.EventId) ?? 0; init => this[FamilyDifferenceColumns.EventId] = value; }
}
