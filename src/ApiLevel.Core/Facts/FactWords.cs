using System;
using System.Diagnostics.CodeAnalysis;

namespace ApiLevel.Facts;

/// <summary>The words of the fact files for the values of these enumerations, both ways.</summary>
public static class FactWords
{
    private static readonly string[] s_layers =
        ["win32", "native", "syscall", "kernel", "rpc", "com", "service", "managed"];

    /// <summary>The word of a layer in fact files ("win32", "rpc").</summary>
    /// <param name="layer">The layer.</param>
    public static string ToWord(ApiLayer layer) => s_layers[(int)layer];

    /// <summary>Reads a layer's word.</summary>
    /// <param name="word">The word, lower case.</param>
    /// <param name="layer">The layer.</param>
    public static bool TryParseLayer(string word, out ApiLayer layer)
    {
        int index = Array.IndexOf(s_layers, word);
        layer = index < 0 ? default : (ApiLayer)index;
        return index >= 0;
    }

    /// <summary>Reads a relation: Direct, ViaLowerCall, Conditional or None, in any case.</summary>
    /// <param name="word">The word.</param>
    /// <param name="relation">The relation.</param>
    public static bool TryParseRelation(string? word, out Relation relation) =>
        Enum.TryParse(word, ignoreCase: true, out relation) && !IsNumber(word);

    /// <summary>Reads an evidence: high, medium, derived, low or disputed, in any case.</summary>
    /// <param name="word">The word.</param>
    /// <param name="evidence">The evidence.</param>
    public static bool TryParseEvidence(string? word, out Evidence evidence) =>
        Enum.TryParse(word, ignoreCase: true, out evidence) && !IsNumber(word);

    private static bool IsNumber([NotNullWhen(true)] string? word) => word is { Length: > 0 } && !char.IsLetter(word[0]);
}
