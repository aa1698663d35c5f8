using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace ApiLevel.Readiness;

/// <summary>Snapshots that come with the module: what Windows audits as Microsoft delivers it.</summary>
public static class NamedStates
{
    private const string Prefix = "readiness/";
    private const string Suffix = ".json";

    /// <summary>Their names, in order.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. typeof(NamedStates).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith(Suffix, StringComparison.Ordinal))
            .Select(name => name.Substring(Prefix.Length, name.Length - Prefix.Length - Suffix.Length))
            .OrderBy(name => name, StringComparer.Ordinal),
    ];

    /// <summary>One of them; null for another name.</summary>
    /// <param name="name">Its name, in any case.</param>
    public static TelemetryState? Find(string name)
    {
        string? known = Names.FirstOrDefault(item => string.Equals(item, name, StringComparison.OrdinalIgnoreCase));
        return known is null ? null : TelemetryStateFile.Read(Text(known));
    }

    /// <summary>The JSON of one of them.</summary>
    /// <param name="name">Its name as <see cref="Names"/> has it.</param>
    public static string Text(string name)
    {
        using Stream stream = typeof(NamedStates).Assembly.GetManifestResourceStream(Prefix + name + Suffix)
            ?? throw new ArgumentException("no such name", nameof(name));
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
