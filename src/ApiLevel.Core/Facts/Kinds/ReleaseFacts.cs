namespace ApiLevel.Facts;

/// <summary>The columns of <c>catalogue/windows-releases.csv</c>.</summary>
public static class WindowsReleaseColumns
{
    /// <summary>All of them.</summary>
    public static FactTable Table { get; } = new(static () => new WindowsReleaseFact(), "windows-releases", StoreTables.WindowsReleases, "name");

    /// <summary>11-24H2, 22H2, Server2022, ...</summary>
    public static FactColumn Name { get; } = Table.Add("name", needed: true);

    /// <summary>The build number.</summary>
    public static FactColumn Build { get; } = Table.Add("build", FactKind.Number, needed: true);

    /// <summary>client or server.</summary>
    public static FactColumn Kind { get; } = Table.Add("kind", needed: true);

    /// <summary>Sources.</summary>
    public static FactColumn Reference { get; } = Table.Add("reference", FactKind.List, needed: true);
}

/// <summary>A Windows release by a name that people type.</summary>
public sealed record WindowsReleaseFact : Fact
{
    /// <summary>Makes an empty fact.</summary>
    public WindowsReleaseFact()
        : base(WindowsReleaseColumns.Table)
    {
    }

    /// <inheritdoc cref="WindowsReleaseColumns.Name"/>
    public string Name { get => Text(WindowsReleaseColumns.Name); init => this[WindowsReleaseColumns.Name] = value; }

    /// <inheritdoc cref="WindowsReleaseColumns.Build"/>
    public int Build { get => Number(WindowsReleaseColumns.Build) ?? 0; init => this[WindowsReleaseColumns.Build] = value; }

    /// <inheritdoc cref="WindowsReleaseColumns.Kind"/>
    public string Kind { get => Text(WindowsReleaseColumns.Kind); init => this[WindowsReleaseColumns.Kind] = value; }
}

/// <summary>The columns of <c>catalogue/sysmon-versions.csv</c>.</summary>
public static class SysmonVersionColumns
{
    /// <summary>All of them.</summary>
    public static FactTable Table { get; } = new(static () => new SysmonVersionFact(), "sysmon-versions", StoreTables.SysmonVersions, "product-version");

    /// <summary>The product's version, 13.0.</summary>
    public static FactColumn ProductVersion { get; } = Table.Add("product-version", needed: true);

    /// <summary>The schema's version, 4.50.</summary>
    public static FactColumn SchemaVersion { get; } = Table.Add("schema-version", needed: true);

    /// <summary>Sources.</summary>
    public static FactColumn Reference { get; } = Table.Add("reference", FactKind.List, needed: true);
}

/// <summary>A version of Sysmon and the schema it came with.</summary>
public sealed record SysmonVersionFact : Fact
{
    /// <summary>Makes an empty fact.</summary>
    public SysmonVersionFact()
        : base(SysmonVersionColumns.Table)
    {
    }

    /// <inheritdoc cref="SysmonVersionColumns.ProductVersion"/>
    public string ProductVersion { get => Text(SysmonVersionColumns.ProductVersion); init => this[SysmonVersionColumns.ProductVersion] = value; }

    /// <inheritdoc cref="SysmonVersionColumns.SchemaVersion"/>
    public string SchemaVersion { get => Text(SysmonVersionColumns.SchemaVersion); init => this[SysmonVersionColumns.SchemaVersion] = value; }
}
