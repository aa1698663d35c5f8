namespace ApiLevel;

/// <summary>One call on the way from an API down.</summary>
public sealed class ApiCallStep
{
    /// <summary>The function or method.</summary>
    public string Api { get; init; } = "";

    /// <summary>Its module; empty for a managed API.</summary>
    public string Module { get; init; } = "";

    /// <summary>Steps from the API that was asked for, which has 0.</summary>
    public int Depth { get; init; }

    /// <summary>Win32, Native, Syscall, Kernel, RpcMethod, ComMethod, ServiceInternal or Managed.</summary>
    public string Layer { get; init; } = "";

    /// <summary>The draft's level of the layer: 4 library, 5 OS API, 6 system call, 7 kernel.</summary>
    public int Level { get; init; }

    /// <summary>Who calls it; null for the first.</summary>
    public string? Parent { get; init; }

    /// <summary>calls, rpc, forwards, dcom, ...; null for the first.</summary>
    public string? Relation { get; init; }

    /// <summary>The interface's UUID where the step is an RPC; null otherwise.</summary>
    public string? RpcInterface { get; init; }

    /// <summary>The method's number where the step is an RPC; null otherwise.</summary>
    public int? Opnum { get; init; }

    /// <summary>The events that arise here, joined with <c>; </c>.</summary>
    public string Events { get; init; } = "";

    /// <summary>Evidence for the step; empty for the first.</summary>
    public string Evidence { get; init; } = "";

    /// <summary>Who says so.</summary>
    public string Reference { get; init; } = "";

    /// <summary>A short form for messages.</summary>
    public override string ToString() => $"{Depth} {Module}!{Api}";
}
