namespace ApiLevel.Facts;

/// <summary>The columns of <c>catalogue/events.csv</c> and of an event file.</summary>
public static class EventColumns
{
    /// <summary>All of them.</summary>
    public static FactTable Table { get; } = new(static () => new EventFact(), "events", StoreTables.Events, "source", "#id", "#version");

    /// <summary>The source's short name.</summary>
    public static FactColumn Source { get; } = Table.Add("source", FactKind.Source, needed: true, key: "source", keyOrder: 1, keyNeeded: true);

    /// <summary>The event id.</summary>
    public static FactColumn Id { get; } = Table.Add("id", FactKind.Number, needed: true, key: "event", keyOrder: 2, keyNeeded: true, maximum: ushort.MaxValue);

    /// <summary>The version.</summary>
    public static FactColumn Version { get; } = Table.Add("version", FactKind.Number, needed: true, key: "version", keyOrder: 3, maximum: byte.MaxValue);

    /// <summary>True for the newest version known.</summary>
    public static FactColumn IsLatest { get; } = Table.Add("latest", FactKind.Flag, needed: true);

    /// <summary>The title.</summary>
    public static FactColumn Name { get; } = Table.Add("name", key: "name", keyOrder: 4, repeated: true);

    /// <summary>Fields in order, <c>Name:Type</c> joined with <c>;</c>.</summary>
    public static FactColumn Fields { get; } = Table.Add("fields", FactKind.List, key: "fields", keyOrder: 14, style: ListStyle.Joined);

    /// <summary>Channels; empty where none is known.</summary>
    public static FactColumn Channel { get; } = Table.Add("channel", FactKind.List, key: "channel", keyOrder: 13, style: ListStyle.Spaced);

    /// <summary>The keyword mask in hex ("0x10"); empty when unknown.</summary>
    public static FactColumn KeywordMask { get; } = Table.Add("keyword-mask", key: "keyword-mask", keyOrder: 20);

    /// <summary>Opcode name; empty when none.</summary>
    public static FactColumn Opcode { get; } = Table.Add("opcode", key: "opcode", keyOrder: 17);

    /// <summary>Task name; empty when none.</summary>
    public static FactColumn Task { get; } = Table.Add("task", key: "task", keyOrder: 16);

    /// <summary>Severity name (Informational, ...).</summary>
    public static FactColumn Severity { get; } = Table.Add("severity", key: "severity", keyOrder: 18);

    /// <summary>What must be on, in the tokens of the reference tables joined with <c>;</c>.</summary>
    public static FactColumn Requirement { get; } = Table.Add("requirement", FactKind.List, key: "requirement", keyOrder: 7, repeated: true, style: ListStyle.Joined);

    /// <summary>The first Windows release ("10-1511") or Sysmon schema ("schema 2.0") with this id and version.</summary>
    public static FactColumn FirstBuild { get; } = Table.Add("first-build", key: "first-build", keyOrder: 21);

    /// <summary>CAR object/action ("process/create"); empty when none.</summary>
    public static FactColumn Car { get; } = Table.Add("car", key: "car", keyOrder: 8, repeated: true);

    /// <summary>Where the CAR pair comes from.</summary>
    public static FactColumn CarReference { get; } = Table.Add("car-reference", key: "car-reference", keyOrder: 9);

    /// <summary>ATT&amp;CK data component; empty when none.</summary>
    public static FactColumn DataComponent { get; } = Table.Add("data-component", key: "data-component", keyOrder: 22, style: ListStyle.Spaced);

    /// <summary>Audit category and subcategory, "category/subcategory"; empty outside Security.</summary>
    public static FactColumn AuditSubcategory { get; } = Table.Add("audit-subcategory", key: "audit-subcategory", keyOrder: 23, style: ListStyle.Spaced);

    /// <summary>Columns A, U, K joined with <c>;</c>, newest first; empty when the model does not place it.</summary>
    public static FactColumn Column { get; } = Table.Add("column", FactKind.List, key: "column", keyOrder: 11, repeated: true, style: ListStyle.Joined);

    /// <summary>Which versions of the model say so.</summary>
    public static FactColumn ColumnReference { get; } = Table.Add("column-reference", FactKind.List, key: "column-reference", keyOrder: 12);

    /// <summary>Level 1 to 7 of the draft with the draft's version ("5@draft-2023-06-12"); empty when not placed.</summary>
    public static FactColumn DraftLevel { get; } = Table.Add("draft-level", FactKind.List, key: "level", keyOrder: 10, repeated: true);

    /// <summary>One sentence: when it fires; empty where nobody judged it.</summary>
    public static FactColumn Fires { get; } = Table.Add("fires", catalogue: false, key: "fires", keyOrder: 5);

    /// <summary>Which process writes it: caller, kernel, Sysmon, lsass.exe, ...; empty when unknown.</summary>
    public static FactColumn Emitter { get; } = Table.Add("emitter", catalogue: false, key: "emitter", keyOrder: 6);

    /// <summary>Evidence for the event's own description.</summary>
    public static FactColumn Evidence { get; } = Table.Add("evidence", FactKind.Evidence, key: "evidence", keyOrder: 25);

    /// <summary>Sources of the description.</summary>
    public static FactColumn Reference { get; } = Table.Add("reference", FactKind.List, needed: true, key: "reference", keyOrder: 26);

    /// <summary>The symbol of the manifest; empty when unknown.</summary>
    public static FactColumn Symbol { get; } = Table.Add("symbol", key: "symbol", keyOrder: 15);

    /// <summary>Keyword names joined with <c>;</c>; empty when none.</summary>
    public static FactColumn Keywords { get; } = Table.Add("keywords", FactKind.List, key: "keywords", keyOrder: 19, style: ListStyle.Joined);

    /// <summary>Which lists name the subcategory ("Logon=WELA+OSSEM-DD"), those that differ included.</summary>
    public static FactColumn AuditReference { get; } = Table.Add("audit-reference", FactKind.List, key: "audit-reference", keyOrder: 24, style: ListStyle.Spaced);
}

/// <summary>One version of one event.</summary>
public sealed record EventFact : Fact
{
    /// <summary>Makes an empty fact.</summary>
    public EventFact()
        : base(EventColumns.Table)
    {
        IsLatest = true;
        Evidence = Evidence.Medium;
    }

    /// <inheritdoc cref="EventColumns.Source"/>
    public string Source { get => Text(EventColumns.Source); init => this[EventColumns.Source] = value; }

    /// <inheritdoc cref="EventColumns.Id"/>
    public int Id { get => Number(EventColumns.Id) ?? 0; init => this[EventColumns.Id] = value; }

    /// <inheritdoc cref="EventColumns.Version"/>
    public int Version { get => Number(EventColumns.Version) ?? 0; init => this[EventColumns.Version] = value; }

    /// <inheritdoc cref="EventColumns.IsLatest"/>
    public bool IsLatest { get => Flag(EventColumns.IsLatest) ?? false; init => this[EventColumns.IsLatest] = value; }

    /// <inheritdoc cref="EventColumns.Name"/>
    public string Name { get => Text(EventColumns.Name); init => this[EventColumns.Name] = value; }

    /// <inheritdoc cref="EventColumns.Fields"/>
    public string Fields { get => Text(EventColumns.Fields); init => this[EventColumns.Fields] = value; }

    /// <inheritdoc cref="EventColumns.Channel"/>
    public string Channel { get => Text(EventColumns.Channel); init => this[EventColumns.Channel] = value; }

    /// <inheritdoc cref="EventColumns.KeywordMask"/>
    public string KeywordMask { get => Text(EventColumns.KeywordMask); init => this[EventColumns.KeywordMask] = value; }

    /// <inheritdoc cref="EventColumns.Opcode"/>
    public string Opcode { get => Text(EventColumns.Opcode); init => this[EventColumns.Opcode] = value; }

    /// <inheritdoc cref="EventColumns.Task"/>
    public string Task { get => Text(EventColumns.Task); init => this[EventColumns.Task] = value; }

    /// <inheritdoc cref="EventColumns.Severity"/>
    public string Severity { get => Text(EventColumns.Severity); init => this[EventColumns.Severity] = value; }

    /// <inheritdoc cref="EventColumns.Requirement"/>
    public string Requirement { get => Text(EventColumns.Requirement); init => this[EventColumns.Requirement] = value; }

    /// <inheritdoc cref="EventColumns.FirstBuild"/>
    public string FirstBuild { get => Text(EventColumns.FirstBuild); init => this[EventColumns.FirstBuild] = value; }

    /// <inheritdoc cref="EventColumns.Car"/>
    public string Car { get => Text(EventColumns.Car); init => this[EventColumns.Car] = value; }

    /// <inheritdoc cref="EventColumns.CarReference"/>
    public string CarReference { get => Text(EventColumns.CarReference); init => this[EventColumns.CarReference] = value; }

    /// <inheritdoc cref="EventColumns.DataComponent"/>
    public string DataComponent { get => Text(EventColumns.DataComponent); init => this[EventColumns.DataComponent] = value; }

    /// <inheritdoc cref="EventColumns.AuditSubcategory"/>
    public string AuditSubcategory { get => Text(EventColumns.AuditSubcategory); init => this[EventColumns.AuditSubcategory] = value; }

    /// <inheritdoc cref="EventColumns.Column"/>
    public string Column { get => Text(EventColumns.Column); init => this[EventColumns.Column] = value; }

    /// <inheritdoc cref="EventColumns.ColumnReference"/>
    public string ColumnReference { get => Text(EventColumns.ColumnReference); init => this[EventColumns.ColumnReference] = value; }

    /// <inheritdoc cref="EventColumns.DraftLevel"/>
    public string DraftLevel { get => Text(EventColumns.DraftLevel); init => this[EventColumns.DraftLevel] = value; }

    /// <inheritdoc cref="EventColumns.Fires"/>
    public string Fires { get => Text(EventColumns.Fires); init => this[EventColumns.Fires] = value; }

    /// <inheritdoc cref="EventColumns.Emitter"/>
    public string Emitter { get => Text(EventColumns.Emitter); init => this[EventColumns.Emitter] = value; }

    /// <inheritdoc cref="EventColumns.Evidence"/>
    public Evidence Evidence { get => (Evidence?)this[EventColumns.Evidence] ?? default; init => this[EventColumns.Evidence] = value; }

    /// <inheritdoc cref="EventColumns.Reference"/>
    public string Reference { get => Text(EventColumns.Reference); init => this[EventColumns.Reference] = value; }

    /// <inheritdoc cref="EventColumns.Symbol"/>
    public string Symbol { get => Text(EventColumns.Symbol); init => this[EventColumns.Symbol] = value; }

    /// <inheritdoc cref="EventColumns.Keywords"/>
    public string Keywords { get => Text(EventColumns.Keywords); init => this[EventColumns.Keywords] = value; }

    /// <inheritdoc cref="EventColumns.AuditReference"/>
    public string AuditReference { get => Text(EventColumns.AuditReference); init => this[EventColumns.AuditReference] = value; }
}
