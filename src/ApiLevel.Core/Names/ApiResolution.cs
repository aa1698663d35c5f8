using ApiLevel.Facts;

namespace ApiLevel.Names;

/// <summary>How a name in a file or a question was led to an API.</summary>
public enum ResolutionRule
{
    /// <summary>No API of the store has this name.</summary>
    None,

    /// <summary>Module and name as they stand.</summary>
    Exact,

    /// <summary>The A or W spelling of a pair.</summary>
    CharacterSet,

    /// <summary>Zw for Nt.</summary>
    NtZw,

    /// <summary>Two names of one function: kernel32!K32Name and psapi!Name.</summary>
    SameFunction,

    /// <summary>An API set contract led to its host module.</summary>
    ApiSet,

    /// <summary>A module that holds the code of another (kernelbase, sechost, ucrtbase, ...).</summary>
    HostModule,

    /// <summary>The ordinal table.</summary>
    Ordinal,

    /// <summary>A decorated name (<c>_name@12</c>).</summary>
    Decoration,

    /// <summary>A forwarder, step by step.</summary>
    Forwarder,
}

/// <summary>What a name was led to.</summary>
/// <param name="Api">The API; not known when the rule is None.</param>
/// <param name="Rule">The rule that led there.</param>
/// <param name="Name">The function's name even where no API has it: of an ordinal the name by table, else as it was asked for.</param>
/// <param name="Module">The module the name was looked for in, after API sets.</param>
public readonly record struct ApiResolution(ApiEntry Api, ResolutionRule Rule, string Module, string Name);
