namespace ApiLevel;

/// <summary>What the catalogue knows about one API.</summary>
public sealed class ApiDefinition
{
    /// <summary>The name the store knows the API by.</summary>
    public string Api { get; init; } = "";

    /// <summary>The module it is known by; empty for a managed API.</summary>
    public string Module { get; init; } = "";

    /// <summary>Win32, Native, Syscall, Kernel, RpcMethod, ComMethod, ServiceInternal or Managed.</summary>
    public string Layer { get; init; } = "";

    /// <summary>The spellings it is exported under, joined with <c>; </c>.</summary>
    public string Variants { get; init; } = "";

    /// <summary>The native function it reaches first; empty when none is known.</summary>
    public string NativeApi { get; init; } = "";

    /// <summary>System call numbers of x64 as build:number; empty for what is no system call.</summary>
    public string SyscallNumbers { get; init; } = "";

    /// <summary>Ordinals that no source contradicts.</summary>
    public string Ordinals { get; init; } = "";

    /// <summary>API set contracts that lead to its module, where the metadata names one for it.</summary>
    public string ApiSets { get; init; } = "";

    /// <summary>The oldest Windows that has it; empty when unknown.</summary>
    public string MinimumPlatform { get; init; } = "";

    /// <summary>Behaviour categories.</summary>
    public string Category { get; init; } = "";

    /// <summary>ATT&amp;CK techniques.</summary>
    public string Technique { get; init; } = "";

    /// <summary>The events it leads to, lower calls included.</summary>
    public string Events { get; init; } = "";

    /// <summary>Recordable, Invisible, Untracked or Unknown.</summary>
    public string Verdict { get; init; } = "";

    /// <summary>Where the catalogue has it from.</summary>
    public string Reference { get; init; } = "";

    /// <summary>A short form for messages.</summary>
    public override string ToString() => $"{Module}!{Api}";
}
