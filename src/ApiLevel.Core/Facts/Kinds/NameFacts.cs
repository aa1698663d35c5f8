namespace ApiLevel.Facts;

/// <summary>The columns of <c>catalogue/exports.csv</c>.</summary>
public static class ExportColumns
{
    /// <summary>All of them.</summary>
    public static FactTable Table { get; } = new(static () => new ExportFact(), "exports", -1, "module", "name", "architectures");

    /// <summary>The module, lower case without extension.</summary>
    public static FactColumn Module { get; } = Table.Add("module", needed: true);

    /// <summary>The export's spelling, A or W included.</summary>
    public static FactColumn Name { get; } = Table.Add("name", needed: true);

    /// <summary>The name without A or W where the two are variants of one function; empty where it is the name.</summary>
    public static FactColumn BaseName { get; } = Table.Add("base-name");

    /// <summary>"A", "W" or empty.</summary>
    public static FactColumn Variant { get; } = Table.Add("variant");

    /// <summary>The Win32 metadata namespace; empty when it is not in the metadata.</summary>
    public static FactColumn Namespace { get; } = Table.Add("namespace");

    /// <summary>"windows8.1" and the like; empty when unknown.</summary>
    public static FactColumn MinimumPlatform { get; } = Table.Add("minimum-platform");

    /// <summary>Architectures it is limited to; empty for all.</summary>
    public static FactColumn Architectures { get; } = Table.Add("architectures");

    /// <summary>Whether the function sets the last error; null when unknown.</summary>
    public static FactColumn SetsLastError { get; } = Table.Add("sets-last-error", FactKind.Flag, optional: true);

    /// <summary>The API set contract under which the metadata lists the function, where that is not its module; empty otherwise.</summary>
    public static FactColumn Contract { get; } = Table.Add("contract");

    /// <summary>Sources.</summary>
    public static FactColumn Reference { get; } = Table.Add("reference", FactKind.List, needed: true);
}

/// <summary>One exported function, by its export spelling.</summary>
public sealed record ExportFact : Fact
{
    /// <summary>Makes an empty fact.</summary>
    public ExportFact()
        : base(ExportColumns.Table)
    {
    }

    /// <inheritdoc cref="ExportColumns.Module"/>
    public string Module { get => Text(ExportColumns.Module); init => this[ExportColumns.Module] = value; }

    /// <inheritdoc cref="ExportColumns.Name"/>
    public string Name { get => Text(ExportColumns.Name); init => this[ExportColumns.Name] = value; }

    /// <summary>The name without A or W where the two are variants of one function; otherwise the same as Name.</summary>
    public string BaseName { get => Text(ExportColumns.BaseName) is { Length: > 0 } name ? name : Name; init => this[ExportColumns.BaseName] = value; }

    /// <inheritdoc cref="ExportColumns.Namespace"/>
    public string Namespace { get => Text(ExportColumns.Namespace); init => this[ExportColumns.Namespace] = value; }

    /// <inheritdoc cref="ExportColumns.MinimumPlatform"/>
    public string MinimumPlatform { get => Text(ExportColumns.MinimumPlatform); init => this[ExportColumns.MinimumPlatform] = value; }

    /// <inheritdoc cref="ExportColumns.Architectures"/>
    public string Architectures { get => Text(ExportColumns.Architectures); init => this[ExportColumns.Architectures] = value; }

    /// <inheritdoc cref="ExportColumns.SetsLastError"/>
    public bool? SetsLastError { get => Flag(ExportColumns.SetsLastError); init => this[ExportColumns.SetsLastError] = value; }

    /// <inheritdoc cref="ExportColumns.Contract"/>
    public string Contract { get => Text(ExportColumns.Contract); init => this[ExportColumns.Contract] = value; }

    /// <inheritdoc cref="ExportColumns.Reference"/>
    public string Reference { get => Text(ExportColumns.Reference); init => this[ExportColumns.Reference] = value; }
}

/// <summary>The columns of <c>catalogue/native.csv</c>.</summary>
public static class NativeColumns
{
    /// <summary>All of them.</summary>
    public static FactTable Table { get; } = new(static () => new NativeFact(), "native", -1, "module", "name");

    /// <summary>The module, lower case without extension.</summary>
    public static FactColumn Module { get; } = Table.Add("module", needed: true);

    /// <summary>The Nt name where there is a pair.</summary>
    public static FactColumn Name { get; } = Table.Add("name", needed: true);

    /// <summary>The Zw name of the pair; empty when there is none.</summary>
    public static FactColumn ZwName { get; } = Table.Add("zw-name");

    /// <summary>ntdll, syscall, win32k-syscall or user-mode export.</summary>
    public static FactColumn Kind { get; } = Table.Add("kind", needed: true);

    /// <summary>First build with it; empty when unknown.</summary>
    public static FactColumn FirstBuild { get; } = Table.Add("first-build");

    /// <summary>Last build seen with it; empty when unknown.</summary>
    public static FactColumn LastBuild { get; } = Table.Add("last-build");

    /// <summary><c>build:number</c> joined with <c>;</c>; empty for what is no system call.</summary>
    public static FactColumn SyscallNumbers { get; } = Table.Add("syscall-numbers", FactKind.List);

    /// <summary>Sources.</summary>
    public static FactColumn Reference { get; } = Table.Add("reference", FactKind.List, needed: true);
}

/// <summary>One native function or system call.</summary>
public sealed record NativeFact : Fact
{
    /// <summary>Makes an empty fact.</summary>
    public NativeFact()
        : base(NativeColumns.Table)
    {
    }

    /// <inheritdoc cref="NativeColumns.Module"/>
    public string Module { get => Text(NativeColumns.Module); init => this[NativeColumns.Module] = value; }

    /// <inheritdoc cref="NativeColumns.Name"/>
    public string Name { get => Text(NativeColumns.Name); init => this[NativeColumns.Name] = value; }

    /// <inheritdoc cref="NativeColumns.ZwName"/>
    public string ZwName { get => Text(NativeColumns.ZwName); init => this[NativeColumns.ZwName] = value; }

    /// <inheritdoc cref="NativeColumns.Kind"/>
    public string Kind { get => Text(NativeColumns.Kind); init => this[NativeColumns.Kind] = value; }

    /// <inheritdoc cref="NativeColumns.FirstBuild"/>
    public string FirstBuild { get => Text(NativeColumns.FirstBuild); init => this[NativeColumns.FirstBuild] = value; }

    /// <inheritdoc cref="NativeColumns.LastBuild"/>
    public string LastBuild { get => Text(NativeColumns.LastBuild); init => this[NativeColumns.LastBuild] = value; }

    /// <inheritdoc cref="NativeColumns.SyscallNumbers"/>
    public string SyscallNumbers { get => Text(NativeColumns.SyscallNumbers); init => this[NativeColumns.SyscallNumbers] = value; }

    /// <inheritdoc cref="NativeColumns.Reference"/>
    public string Reference { get => Text(NativeColumns.Reference); init => this[NativeColumns.Reference] = value; }
}

/// <summary>The columns of <c>catalogue/api-sets.csv</c>.</summary>
public static class ApiSetColumns
{
    /// <summary>All of them.</summary>
    public static FactTable Table { get; } = new(static () => new ApiSetFact(), "api-sets", StoreTables.ApiSets, "contract", "host", "override");

    /// <summary>The name without its last number: what the loader looks up.</summary>
    public static FactColumn LookupKey { get; } = Table.Add("lookup-key", needed: true);

    /// <summary>The full contract name without extension.</summary>
    public static FactColumn Contract { get; } = Table.Add("contract", needed: true);

    /// <summary>The host module, lower case without extension; empty for a contract without host.</summary>
    public static FactColumn Host { get; } = Table.Add("host");

    /// <summary>Schema builds it was seen in.</summary>
    public static FactColumn Builds { get; } = Table.Add("builds", FactKind.List, needed: true);

    /// <summary>Sources.</summary>
    public static FactColumn Reference { get; } = Table.Add("reference", FactKind.List, needed: true);

    /// <summary>True when the newest schema holds the row.</summary>
    public static FactColumn IsInNewestSchema { get; } = Table.Add("newest-schema", FactKind.Flag, needed: true);

    /// <summary>A host of its own for one importing module; empty for most.</summary>
    public static FactColumn Override { get; } = Table.Add("override");
}

/// <summary>One API set contract.</summary>
public sealed record ApiSetFact : Fact
{
    /// <summary>Makes an empty fact.</summary>
    public ApiSetFact()
        : base(ApiSetColumns.Table)
    {
    }

    /// <inheritdoc cref="ApiSetColumns.LookupKey"/>
    public string LookupKey { get => Text(ApiSetColumns.LookupKey); init => this[ApiSetColumns.LookupKey] = value; }

    /// <inheritdoc cref="ApiSetColumns.Contract"/>
    public string Contract { get => Text(ApiSetColumns.Contract); init => this[ApiSetColumns.Contract] = value; }

    /// <inheritdoc cref="ApiSetColumns.Host"/>
    public string Host { get => Text(ApiSetColumns.Host); init => this[ApiSetColumns.Host] = value; }

    /// <inheritdoc cref="ApiSetColumns.IsInNewestSchema"/>
    public bool IsInNewestSchema { get => Flag(ApiSetColumns.IsInNewestSchema) ?? false; init => this[ApiSetColumns.IsInNewestSchema] = value; }
}

/// <summary>The columns of <c>catalogue/ordinals.csv</c>.</summary>
public static class OrdinalColumns
{
    /// <summary>All of them.</summary>
    public static FactTable Table { get; } = new(static () => new OrdinalFact(), "ordinals", StoreTables.Ordinals, "module", "#ordinal", "name");

    /// <summary>The module, lower case without extension.</summary>
    public static FactColumn Module { get; } = Table.Add("module", needed: true);

    /// <summary>The ordinal.</summary>
    public static FactColumn Ordinal { get; } = Table.Add("ordinal", FactKind.Number, needed: true);

    /// <summary>The export's spelling.</summary>
    public static FactColumn Name { get; } = Table.Add("name", needed: true);

    /// <summary>True when two sources agree and none differs; false when they differ; null with one source.</summary>
    public static FactColumn Stable { get; } = Table.Add("stable", FactKind.Flag, optional: true);

    /// <summary>Support.</summary>
    public static FactColumn Evidence { get; } = Table.Add("evidence", FactKind.Evidence);

    /// <summary>Sources.</summary>
    public static FactColumn Reference { get; } = Table.Add("reference", FactKind.List, needed: true);
}

/// <summary>One export by ordinal.</summary>
public sealed record OrdinalFact : Fact
{
    /// <summary>Makes an empty fact.</summary>
    public OrdinalFact()
        : base(OrdinalColumns.Table)
    {
    }

    /// <inheritdoc cref="OrdinalColumns.Module"/>
    public string Module { get => Text(OrdinalColumns.Module); init => this[OrdinalColumns.Module] = value; }

    /// <inheritdoc cref="OrdinalColumns.Ordinal"/>
    public int Ordinal { get => Number(OrdinalColumns.Ordinal) ?? 0; init => this[OrdinalColumns.Ordinal] = value; }

    /// <inheritdoc cref="OrdinalColumns.Name"/>
    public string Name { get => Text(OrdinalColumns.Name); init => this[OrdinalColumns.Name] = value; }

    /// <inheritdoc cref="OrdinalColumns.Stable"/>
    public bool? Stable { get => Flag(OrdinalColumns.Stable); init => this[OrdinalColumns.Stable] = value; }
}
