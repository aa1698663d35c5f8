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

    /// <summary>The names of event and API suggest it; no stored source states the pair.</summary>
    Low = 2,

    /// <summary>Follows from the call chain; no stronger than its weakest edge.</summary>
    Derived = 3,

    /// <summary>One source states it.</summary>
    Medium = 4,

    /// <summary>Two sources state it, or it was verified in its source.</summary>
    High = 5,
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

    /// <summary>Judged facts exist, its chain was followed to its end, and no event is known.</summary>
    Invisible,

    /// <summary>An event exists; it is off, or not known to be on.</summary>
    Recordable,

    /// <summary>An event exists and is on, by evidence.</summary>
    Recorded,
}
