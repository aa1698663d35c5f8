namespace ApiLevel;

/// <summary>How an API leads to an event.</summary>
public enum Relation
{
    /// <summary>No event is known.</summary>
    None,

    /// <summary>The function, or the kernel code behind the system call, is where the event is raised.</summary>
    Direct,

    /// <summary>A call further down raises the event.</summary>
    ViaLowerCall,

    /// <summary>What raises the event needs more than auditing to be on: another process, a SACL, a kind of memory.</summary>
    Conditional,
}

/// <summary>How well a fact is supported; a larger number is stronger.</summary>
public enum Evidence
{
    /// <summary>A source states it and this fact base doubts it; the condition says why.</summary>
    Disputed = 1,

    /// <summary>The names of event and API resemble each other; no source states the pair.</summary>
    Low = 2,

    /// <summary>Follows along a chain whose conditions the caller can meet; no stronger than its weakest edge.</summary>
    Derived = 3,

    /// <summary>One of Microsoft's pages describes the call, another the event, none both.</summary>
    Paired = 4,

    /// <summary>One source states it.</summary>
    Medium = 5,

    /// <summary>Two sources state it, or it was verified in its source.</summary>
    High = 6,

    /// <summary>A public recording holds a record that itself proves it: a stack, an access mask, an RPC method, the call's name.</summary>
    Observed = 7,
}

/// <summary>Where an API lives.</summary>
public enum ApiLayer
{
    /// <summary>An exported function of a Windows module.</summary>
    Win32,

    /// <summary>A function of ntdll or a native library that is no system call.</summary>
    Native,

    /// <summary>A system call and its stub in ntdll or win32u.</summary>
    Syscall,

    /// <summary>A function of the kernel or a driver.</summary>
    Kernel,

    /// <summary>A method of an RPC interface.</summary>
    RpcMethod,

    /// <summary>A method of a COM interface.</summary>
    ComMethod,

    /// <summary>A function inside a service or library that is not exported.</summary>
    ServiceInternal,

    /// <summary>A member of a .NET type.</summary>
    Managed,
}

/// <summary>The judgement on an API, as README and help define the words.</summary>
public enum Verdict
{
    /// <summary>Could not be determined.</summary>
    Unknown,

    /// <summary>At most its name is in the catalogue.</summary>
    Untracked,

    /// <summary>A fact of its own says that the call writes no event.</summary>
    Invisible,

    /// <summary>An event exists; it is off, or not known to be on.</summary>
    Recordable,

    /// <summary>An event exists and is on, by evidence.</summary>
    Recorded,
}
