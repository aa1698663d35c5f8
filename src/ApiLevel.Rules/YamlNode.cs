using System.Collections.Generic;

namespace ApiLevel.Rules;

/// <summary>A node of a YAML file: a scalar, a list or a mapping, never more than one of them.</summary>
internal sealed class YamlNode
{
    public int Line { get; init; }

    public string? Scalar { get; init; }

    public List<YamlNode>? Items { get; init; }

    /// <summary>Keys in the order of the file; a key that stands twice is in the list twice.</summary>
    public List<YamlEntry>? Entries { get; init; }
}

/// <summary>One key and its value.</summary>
internal readonly record struct YamlEntry(string Key, int Line, YamlNode Value);
