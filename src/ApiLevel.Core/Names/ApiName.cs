using System;
using System.Globalization;

namespace ApiLevel;

/// <summary>
/// The name of an API as people and objects write it: <c>OpenProcess</c>, <c>kernel32!OpenProcess</c>, <c>kernel32.dll!OpenProcess</c>,
/// <c>api-ms-win-core-processthreads-l1-1-0!OpenProcess</c>, <c>System.Diagnostics.Process::Start</c>, <c>ws2_32!#115</c>, each with
/// wildcards. Parameters of this type take strings and, by property name, the objects of this module.
/// </summary>
public sealed class ApiName : IEquatable<ApiName>
{
    private ApiName(string module, string name)
    {
        Module = module;
        Name = name;
    }

    /// <summary>The module in lower case without <c>.dll</c>; empty where none was written.</summary>
    public string Module { get; }

    /// <summary>The name as it was written; for an ordinal <c>#115</c>. Empty for an object that has none: it matches nothing.</summary>
    public string Name { get; }

    /// <summary>True where the module or the name holds <c>*</c>, <c>?</c> or a <c>[range]</c>.</summary>
    public bool HasWildcards => IsPattern(Name) || IsPattern(Module);

    /// <summary>The ordinal of a name like <c>#115</c>; null for others.</summary>
    public int? Ordinal =>
        Name.Length > 1 && Name[0] == '#' &&
        int.TryParse(Name.Substring(1), NumberStyles.None, CultureInfo.InvariantCulture, out int ordinal)
            ? ordinal
            : null;

    /// <summary>Reads a name. Anything is accepted; whether such an API exists is another question.</summary>
    /// <param name="value">The text; null gives the empty name, which matches nothing.</param>
    public static ApiName Parse(string? value)
    {
        string text = (value ?? "").Trim();
        int bang = text.IndexOf('!');
        return bang < 0 ? new ApiName("", text) : Create(text.Substring(0, bang), text.Substring(bang + 1));
    }

    /// <summary>Makes a name from its parts.</summary>
    /// <param name="module">The module in any spelling; empty for any.</param>
    /// <param name="name">The function.</param>
    public static ApiName Create(string? module, string? name) => new(NormalizeModule(module), (name ?? "").Trim());

    /// <summary>A module's one spelling: lower case, no folder, no <c>.dll</c>.</summary>
    /// <param name="module">The module in any spelling; null gives an empty string.</param>
    public static string NormalizeModule(string? module)
    {
        if (string.IsNullOrWhiteSpace(module))
        {
            return "";
        }

        string text = module!.Trim();
        int separator = text.LastIndexOfAny(s_separators);
        if (separator >= 0)
        {
            text = text.Substring(separator + 1);
        }

        text = text.ToLowerInvariant();
        return text.EndsWith(".dll", StringComparison.Ordinal) ? text.Substring(0, text.Length - 4) : text;
    }

    /// <summary>Gives <c>module!Name</c>, or the name alone where there is no module.</summary>
    public override string ToString() => Module.Length == 0 ? Name : Module + "!" + Name;

    /// <inheritdoc/>
    public bool Equals(ApiName? other) =>
        other is not null && Module == other.Module && string.Equals(Name, other.Name, StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ApiName);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.OrdinalIgnoreCase.GetHashCode(Name) ^ StringComparer.Ordinal.GetHashCode(Module);

    private static readonly char[] s_separators = ['\\', '/'];

    private static bool IsPattern(string text) => text.IndexOfAny(s_wildcards) >= 0;

    private static readonly char[] s_wildcards = ['*', '?', '['];
}
