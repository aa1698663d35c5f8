namespace ApiLevel.Facts;

/// <summary>The columns of <c>catalogue/techniques.csv</c>.</summary>
public static class TechniqueColumns
{
    /// <summary>All of them.</summary>
    public static FactTable Table { get; } = new(static () => new TechniqueFact(), "techniques", StoreTables.Techniques, "api", "technique", "relation", "context");

    /// <summary>The API, <c>module!Name</c>.</summary>
    public static FactColumn Api { get; } = Table.Add("api", FactKind.Api, needed: true);

    /// <summary>T1055.012 and the like.</summary>
    public static FactColumn Technique { get; } = Table.Add("technique", needed: true);

    /// <summary>How strongly it speaks for the technique, in the words of the table.</summary>
    public static FactColumn Relation { get; } = Table.Add("relation", needed: true);

    /// <summary>The rule or page that relates them.</summary>
    public static FactColumn Context { get; } = Table.Add("context");

    /// <summary>Support.</summary>
    public static FactColumn Evidence { get; } = Table.Add("evidence", FactKind.Evidence);

    /// <summary>Sources.</summary>
    public static FactColumn Reference { get; } = Table.Add("reference", FactKind.List, needed: true);
}

/// <summary>One API and ATT&amp;CK technique.</summary>
public sealed record TechniqueFact : Fact
{
    /// <summary>Makes an empty fact.</summary>
    public TechniqueFact()
        : base(TechniqueColumns.Table)
    {
    }

    /// <inheritdoc cref="TechniqueColumns.Api"/>
    public string Api { get => Text(TechniqueColumns.Api); init => this[TechniqueColumns.Api] = value; }

    /// <inheritdoc cref="TechniqueColumns.Technique"/>
    public string Technique { get => Text(TechniqueColumns.Technique); init => this[TechniqueColumns.Technique] = value; }

    /// <inheritdoc cref="TechniqueColumns.Relation"/>
    public string Relation { get => Text(TechniqueColumns.Relation); init => this[TechniqueColumns.Relation] = value; }

    /// <inheritdoc cref="TechniqueColumns.Context"/>
    public string Context { get => Text(TechniqueColumns.Context); init => this[TechniqueColumns.Context] = value; }

    /// <inheritdoc cref="TechniqueColumns.Evidence"/>
    public Evidence Evidence { get => (Evidence?)this[TechniqueColumns.Evidence] ?? default; init => this[TechniqueColumns.Evidence] = value; }

    /// <inheritdoc cref="TechniqueColumns.Reference"/>
    public string Reference { get => Text(TechniqueColumns.Reference); init => this[TechniqueColumns.Reference] = value; }
}

/// <summary>The columns of <c>catalogue/categories.csv</c>.</summary>
public static class CategoryColumns
{
    /// <summary>All of them.</summary>
    public static FactTable Table { get; } = new(static () => new CategoryFact(), "categories", StoreTables.Categories, "api", "scheme", "category", "context");

    /// <summary>The API, <c>module!Name</c>.</summary>
    public static FactColumn Api { get; } = Table.Add("api", FactKind.Api, needed: true);

    /// <summary>The category.</summary>
    public static FactColumn Category { get; } = Table.Add("category", needed: true);

    /// <summary>capa-namespace or mbc.</summary>
    public static FactColumn Scheme { get; } = Table.Add("scheme", needed: true);

    /// <summary>The rule that relates them.</summary>
    public static FactColumn Context { get; } = Table.Add("context");

    /// <summary>Sources.</summary>
    public static FactColumn Reference { get; } = Table.Add("reference", FactKind.List, needed: true);
}

/// <summary>One API and behaviour category.</summary>
public sealed record CategoryFact : Fact
{
    /// <summary>Makes an empty fact.</summary>
    public CategoryFact()
        : base(CategoryColumns.Table)
    {
    }

    /// <inheritdoc cref="CategoryColumns.Api"/>
    public string Api { get => Text(CategoryColumns.Api); init => this[CategoryColumns.Api] = value; }

    /// <inheritdoc cref="CategoryColumns.Category"/>
    public string Category { get => Text(CategoryColumns.Category); init => this[CategoryColumns.Category] = value; }

    /// <inheritdoc cref="CategoryColumns.Scheme"/>
    public string Scheme { get => Text(CategoryColumns.Scheme); init => this[CategoryColumns.Scheme] = value; }

    /// <inheritdoc cref="CategoryColumns.Context"/>
    public string Context { get => Text(CategoryColumns.Context); init => this[CategoryColumns.Context] = value; }

    /// <inheritdoc cref="CategoryColumns.Reference"/>
    public string Reference { get => Text(CategoryColumns.Reference); init => this[CategoryColumns.Reference] = value; }
}

/// <summary>The columns of <c>catalogue/observables.csv</c>.</summary>
public static class ObservableColumns
{
    /// <summary>All of them.</summary>
    public static FactTable Table { get; } = new(static () => new ObservableFact(), "observables", StoreTables.Observables, "model-version", "commit", "kind", "place", "place-name", "category", "field", "value", "source", "event-id", "reference");

    /// <summary>The version of the model.</summary>
    public static FactColumn ModelVersion { get; } = Table.Add("model-version", needed: true);

    /// <summary>draft-level, level, column, ...</summary>
    public static FactColumn Kind { get; } = Table.Add("kind", needed: true);

    /// <summary>The level or column.</summary>
    public static FactColumn Place { get; } = Table.Add("place", needed: true);

    /// <summary>Its name on the page.</summary>
    public static FactColumn PlaceName { get; } = Table.Add("place-name");

    /// <summary>The category on the page.</summary>
    public static FactColumn Category { get; } = Table.Add("category");

    /// <summary>The observable field.</summary>
    public static FactColumn Field { get; } = Table.Add("field");

    /// <summary>The observable value.</summary>
    public static FactColumn Value { get; } = Table.Add("value");

    /// <summary>The event source; empty when none is named.</summary>
    public static FactColumn Source { get; } = Table.Add("source");

    /// <summary>The event id as text; empty when none is named.</summary>
    public static FactColumn EventId { get; } = Table.Add("event-id");

    /// <summary>The page.</summary>
    public static FactColumn Reference { get; } = Table.Add("reference", needed: true);

    /// <summary>The commit or tag of the page.</summary>
    public static FactColumn Commit { get; } = Table.Add("commit");
}

/// <summary>One observable of a Summiting the Pyramid page.</summary>
public sealed record ObservableFact : Fact
{
    /// <summary>Makes an empty fact.</summary>
    public ObservableFact()
        : base(ObservableColumns.Table)
    {
    }

    /// <inheritdoc cref="ObservableColumns.ModelVersion"/>
    public string ModelVersion { get => Text(ObservableColumns.ModelVersion); init => this[ObservableColumns.ModelVersion] = value; }

    /// <inheritdoc cref="ObservableColumns.Kind"/>
    public string Kind { get => Text(ObservableColumns.Kind); init => this[ObservableColumns.Kind] = value; }

    /// <inheritdoc cref="ObservableColumns.Place"/>
    public string Place { get => Text(ObservableColumns.Place); init => this[ObservableColumns.Place] = value; }

    /// <inheritdoc cref="ObservableColumns.PlaceName"/>
    public string PlaceName { get => Text(ObservableColumns.PlaceName); init => this[ObservableColumns.PlaceName] = value; }

    /// <inheritdoc cref="ObservableColumns.Category"/>
    public string Category { get => Text(ObservableColumns.Category); init => this[ObservableColumns.Category] = value; }

    /// <inheritdoc cref="ObservableColumns.Field"/>
    public string Field { get => Text(ObservableColumns.Field); init => this[ObservableColumns.Field] = value; }

    /// <inheritdoc cref="ObservableColumns.Value"/>
    public string Value { get => Text(ObservableColumns.Value); init => this[ObservableColumns.Value] = value; }

    /// <inheritdoc cref="ObservableColumns.Source"/>
    public string Source { get => Text(ObservableColumns.Source); init => this[ObservableColumns.Source] = value; }

    /// <inheritdoc cref="ObservableColumns.EventId"/>
    public string EventId { get => Text(ObservableColumns.EventId); init => this[ObservableColumns.EventId] = value; }

    /// <inheritdoc cref="ObservableColumns.Reference"/>
    public string Reference { get => Text(ObservableColumns.Reference); init => this[ObservableColumns.Reference] = value; }

    /// <inheritdoc cref="ObservableColumns.Commit"/>
    public string Commit { get => Text(ObservableColumns.Commit); init => this[ObservableColumns.Commit] = value; }
}
