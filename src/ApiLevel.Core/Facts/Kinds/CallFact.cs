namespace ApiLevel.Facts;

/// <summary>The columns of <c>catalogue/calls.csv</c> and <c>managed-calls.csv</c>.</summary>
public static class CallColumns
{
    /// <summary>All of them.</summary>
    public static FactTable Table { get; } = new(static () => new CallFact(), "calls", StoreTables.Calls, "caller", "callee", "kind", "rpc-interface", "#opnum");

    /// <summary>The caller, <c>module!Name</c> or <c>Namespace.Type::Member</c>.</summary>
    public static FactColumn Caller { get; } = Table.Add("caller", FactKind.Api, needed: true);

    /// <summary>True for the call that does the work; false for a side call.</summary>
    public static FactColumn IsPrimary { get; } = Table.Add("primary", FactKind.Flag, needed: true, trueFirst: true);

    /// <summary>The callee, likewise.</summary>
    public static FactColumn Callee { get; } = Table.Add("callee", FactKind.Api, needed: true);

    /// <summary>calls, rpc, forwards, dcom, documented counterpart, ...</summary>
    public static FactColumn Kind { get; } = Table.Add("kind", needed: true);

    /// <summary>The interface's UUID; empty when the edge is no RPC.</summary>
    public static FactColumn RpcInterface { get; } = Table.Add("rpc-interface", FactKind.Guid);

    /// <summary>The method's number; null when the edge is no RPC.</summary>
    public static FactColumn Opnum { get; } = Table.Add("opnum", FactKind.Number, optional: true);

    /// <summary>When the edge is taken; empty for always.</summary>
    public static FactColumn Context { get; } = Table.Add("context");

    /// <summary>Support.</summary>
    public static FactColumn Evidence { get; } = Table.Add("evidence", FactKind.Evidence);

    /// <summary>Sources.</summary>
    public static FactColumn Reference { get; } = Table.Add("reference", FactKind.List, needed: true);

    /// <summary>Where the callee lives.</summary>
    public static FactColumn CalleeLayer { get; } = Table.Add("callee-layer", FactKind.Layer, needed: true, stored: false);
}

/// <summary>One edge of the call chain.</summary>
public sealed record CallFact : Fact
{
    /// <summary>Makes an empty fact.</summary>
    public CallFact()
        : base(CallColumns.Table)
    {
    }

    /// <inheritdoc cref="CallColumns.Caller"/>
    public string Caller { get => Text(CallColumns.Caller); init => this[CallColumns.Caller] = value; }

    /// <inheritdoc cref="CallColumns.IsPrimary"/>
    public bool IsPrimary { get => Flag(CallColumns.IsPrimary) ?? false; init => this[CallColumns.IsPrimary] = value; }

    /// <inheritdoc cref="CallColumns.Callee"/>
    public string Callee { get => Text(CallColumns.Callee); init => this[CallColumns.Callee] = value; }

    /// <inheritdoc cref="CallColumns.Kind"/>
    public string Kind { get => Text(CallColumns.Kind); init => this[CallColumns.Kind] = value; }

    /// <inheritdoc cref="CallColumns.RpcInterface"/>
    public string RpcInterface { get => Text(CallColumns.RpcInterface); init => this[CallColumns.RpcInterface] = value; }

    /// <inheritdoc cref="CallColumns.Opnum"/>
    public int? Opnum { get => Number(CallColumns.Opnum); init => this[CallColumns.Opnum] = value; }

    /// <inheritdoc cref="CallColumns.Context"/>
    public string Context { get => Text(CallColumns.Context); init => this[CallColumns.Context] = value; }

    /// <inheritdoc cref="CallColumns.Evidence"/>
    public Evidence Evidence { get => (Evidence?)this[CallColumns.Evidence] ?? default; init => this[CallColumns.Evidence] = value; }

    /// <inheritdoc cref="CallColumns.Reference"/>
    public string Reference { get => Text(CallColumns.Reference); init => this[CallColumns.Reference] = value; }

    /// <inheritdoc cref="CallColumns.CalleeLayer"/>
    public ApiLayer CalleeLayer { get => (ApiLayer?)this[CallColumns.CalleeLayer] ?? default; init => this[CallColumns.CalleeLayer] = value; }
}
