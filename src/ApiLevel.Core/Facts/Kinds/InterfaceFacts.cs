namespace ApiLevel.Facts;

/// <summary>The columns of <c>catalogue/com.csv</c>.</summary>
public static class ComColumns
{
    /// <summary>All of them.</summary>
    public static FactTable Table { get; } = new(static () => new ComFact(), "com", StoreTables.ComInterfaces, "name", "id", "namespace");

    /// <summary>IID or CLSID, D format.</summary>
    public static FactColumn Id { get; } = Table.Add("id", FactKind.Guid);

    /// <summary>Interface or class name.</summary>
    public static FactColumn Name { get; } = Table.Add("name", needed: true);

    /// <summary>The base interface; empty for a class or unknown.</summary>
    public static FactColumn Base { get; } = Table.Add("base");

    /// <summary>The Win32 metadata namespace; empty when unknown.</summary>
    public static FactColumn Namespace { get; } = Table.Add("namespace");

    /// <summary>Empty when unknown.</summary>
    public static FactColumn MinimumPlatform { get; } = Table.Add("minimum-platform");

    /// <summary>Methods in vtable order, without those of the base, joined with <c>;</c>.</summary>
    public static FactColumn Methods { get; } = Table.Add("methods", FactKind.List);

    /// <summary>Sources.</summary>
    public static FactColumn Reference { get; } = Table.Add("reference", FactKind.List, needed: true);

    /// <summary>How many methods the interface adds, where the names are not known; null otherwise.</summary>
    public static FactColumn MethodCount { get; } = Table.Add("method-count", FactKind.Number, optional: true);
}

/// <summary>One COM interface or class.</summary>
public sealed record ComFact : Fact
{
    /// <summary>Makes an empty fact.</summary>
    public ComFact()
        : base(ComColumns.Table)
    {
    }

    /// <inheritdoc cref="ComColumns.Id"/>
    public string Id { get => Text(ComColumns.Id); init => this[ComColumns.Id] = value; }

    /// <inheritdoc cref="ComColumns.Name"/>
    public string Name { get => Text(ComColumns.Name); init => this[ComColumns.Name] = value; }

    /// <inheritdoc cref="ComColumns.Base"/>
    public string Base { get => Text(ComColumns.Base); init => this[ComColumns.Base] = value; }

    /// <inheritdoc cref="ComColumns.Namespace"/>
    public string Namespace { get => Text(ComColumns.Namespace); init => this[ComColumns.Namespace] = value; }

    /// <inheritdoc cref="ComColumns.Methods"/>
    public string Methods { get => Text(ComColumns.Methods); init => this[ComColumns.Methods] = value; }

    /// <inheritdoc cref="ComColumns.Reference"/>
    public string Reference { get => Text(ComColumns.Reference); init => this[ComColumns.Reference] = value; }
}

/// <summary>The columns of <c>catalogue/rpc-methods.csv</c>.</summary>
public static class RpcMethodColumns
{
    /// <summary>All of them.</summary>
    public static FactTable Table { get; } = new(static () => new RpcMethodFact(), "rpc-methods", StoreTables.RpcMethods, "interface", "#opnum", "method", "interface-name");

    /// <summary>UUID, D format.</summary>
    public static FactColumn Interface { get; } = Table.Add("interface", FactKind.Guid, needed: true);

    /// <summary>The method's number; null for an interface of which no method is known.</summary>
    public static FactColumn Opnum { get; } = Table.Add("opnum", FactKind.Number, optional: true);

    /// <summary>The interface's name.</summary>
    public static FactColumn InterfaceName { get; } = Table.Add("interface-name");

    /// <summary>The method's name; empty for an interface of which no method is known.</summary>
    public static FactColumn Method { get; } = Table.Add("method");

    /// <summary>MS-XXXX; empty when unknown.</summary>
    public static FactColumn Protocol { get; } = Table.Add("protocol");

    /// <summary>Sources.</summary>
    public static FactColumn Reference { get; } = Table.Add("reference", FactKind.List, needed: true);
}

/// <summary>One RPC method.</summary>
public sealed record RpcMethodFact : Fact
{
    /// <summary>Makes an empty fact.</summary>
    public RpcMethodFact()
        : base(RpcMethodColumns.Table)
    {
    }

    /// <inheritdoc cref="RpcMethodColumns.Interface"/>
    public string Interface { get => Text(RpcMethodColumns.Interface); init => this[RpcMethodColumns.Interface] = value; }

    /// <inheritdoc cref="RpcMethodColumns.Opnum"/>
    public int? Opnum { get => Number(RpcMethodColumns.Opnum); init => this[RpcMethodColumns.Opnum] = value; }

    /// <inheritdoc cref="RpcMethodColumns.InterfaceName"/>
    public string InterfaceName { get => Text(RpcMethodColumns.InterfaceName); init => this[RpcMethodColumns.InterfaceName] = value; }

    /// <inheritdoc cref="RpcMethodColumns.Method"/>
    public string Method { get => Text(RpcMethodColumns.Method); init => this[RpcMethodColumns.Method] = value; }

    /// <inheritdoc cref="RpcMethodColumns.Protocol"/>
    public string Protocol { get => Text(RpcMethodColumns.Protocol); init => this[RpcMethodColumns.Protocol] = value; }

    /// <inheritdoc cref="RpcMethodColumns.Reference"/>
    public string Reference { get => Text(RpcMethodColumns.Reference); init => this[RpcMethodColumns.Reference] = value; }
}
