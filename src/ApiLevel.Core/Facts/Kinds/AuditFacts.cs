namespace ApiLevel.Facts;

/// <summary>The columns of <c>catalogue/audit-subcategories.csv</c>.</summary>
public static class AuditSubcategoryColumns
{
    /// <summary>All of them.</summary>
    public static FactTable Table { get; } = new(static () => new AuditSubcategoryFact(), "audit-subcategories", StoreTables.AuditSubcategories, "name");

    /// <summary>Its GUID, D format.</summary>
    public static FactColumn Guid { get; } = Table.Add("guid", FactKind.Guid, needed: true);

    /// <summary>The subcategory's English name.</summary>
    public static FactColumn Name { get; } = Table.Add("name", needed: true);

    /// <summary>Its category.</summary>
    public static FactColumn Category { get; } = Table.Add("category", needed: true);

    /// <summary>What a fresh Windows audits.</summary>
    public static FactColumn DefaultSetting { get; } = Table.Add("default-setting");

    /// <summary>How much it writes, in words.</summary>
    public static FactColumn Volume { get; } = Table.Add("volume");

    /// <summary>Event ids joined with <c>;</c>.</summary>
    public static FactColumn EventIds { get; } = Table.Add("event-ids", FactKind.List);

    /// <summary>Sources.</summary>
    public static FactColumn Reference { get; } = Table.Add("reference", FactKind.List, needed: true);
}

/// <summary>One audit subcategory.</summary>
public sealed record AuditSubcategoryFact : Fact
{
    /// <summary>Makes an empty fact.</summary>
    public AuditSubcategoryFact()
        : base(AuditSubcategoryColumns.Table)
    {
    }

    /// <inheritdoc cref="AuditSubcategoryColumns.Guid"/>
    public string Guid { get => Text(AuditSubcategoryColumns.Guid); init => this[AuditSubcategoryColumns.Guid] = value; }

    /// <inheritdoc cref="AuditSubcategoryColumns.Name"/>
    public string Name { get => Text(AuditSubcategoryColumns.Name); init => this[AuditSubcategoryColumns.Name] = value; }

    /// <inheritdoc cref="AuditSubcategoryColumns.Category"/>
    public string Category { get => Text(AuditSubcategoryColumns.Category); init => this[AuditSubcategoryColumns.Category] = value; }

    /// <inheritdoc cref="AuditSubcategoryColumns.DefaultSetting"/>
    public string DefaultSetting { get => Text(AuditSubcategoryColumns.DefaultSetting); init => this[AuditSubcategoryColumns.DefaultSetting] = value; }

    /// <inheritdoc cref="AuditSubcategoryColumns.Volume"/>
    public string Volume { get => Text(AuditSubcategoryColumns.Volume); init => this[AuditSubcategoryColumns.Volume] = value; }

    /// <inheritdoc cref="AuditSubcategoryColumns.EventIds"/>
    public string EventIds { get => Text(AuditSubcategoryColumns.EventIds); init => this[AuditSubcategoryColumns.EventIds] = value; }

    /// <inheritdoc cref="AuditSubcategoryColumns.Reference"/>
    public string Reference { get => Text(AuditSubcategoryColumns.Reference); init => this[AuditSubcategoryColumns.Reference] = value; }
}

/// <summary>The columns of <c>catalogue/access-rights.csv</c>.</summary>
public static class AccessRightColumns
{
    /// <summary>All of them.</summary>
    public static FactTable Table { get; } = new(static () => new AccessRightFact(), "access-rights", StoreTables.AccessRights, "kind", "mask", "name");

    /// <summary>The kind of object, lower case: process, file, key, ...; standard and generic hold for all.</summary>
    public static FactColumn Kind { get; } = Table.Add("kind", needed: true);

    /// <summary>The bits as 0x and eight hexadecimal digits.</summary>
    public static FactColumn Mask { get; } = Table.Add("mask", needed: true);

    /// <summary>The name as the Windows headers have it.</summary>
    public static FactColumn Name { get; } = Table.Add("name", needed: true);

    /// <summary>Sources.</summary>
    public static FactColumn Reference { get; } = Table.Add("reference", FactKind.List, needed: true);
}

/// <summary>The name of a bit, or of several, of an access mask.</summary>
public sealed record AccessRightFact : Fact
{
    /// <summary>Makes an empty fact.</summary>
    public AccessRightFact()
        : base(AccessRightColumns.Table)
    {
    }

    /// <inheritdoc cref="AccessRightColumns.Kind"/>
    public string Kind { get => Text(AccessRightColumns.Kind); init => this[AccessRightColumns.Kind] = value; }

    /// <inheritdoc cref="AccessRightColumns.Mask"/>
    public string Mask { get => Text(AccessRightColumns.Mask); init => this[AccessRightColumns.Mask] = value; }

    /// <inheritdoc cref="AccessRightColumns.Name"/>
    public string Name { get => Text(AccessRightColumns.Name); init => this[AccessRightColumns.Name] = value; }

    /// <inheritdoc cref="AccessRightColumns.Reference"/>
    public string Reference { get => Text(AccessRightColumns.Reference); init => this[AccessRightColumns.Reference] = value; }
}
