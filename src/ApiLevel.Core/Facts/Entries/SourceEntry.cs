using System;

namespace ApiLevel.Facts;

/// <summary>An event source in the store.</summary>
public sealed class SourceEntry
{
    internal SourceEntry(int row, SourceFact fact, Guid? id)
    {
        Row = row;
        Fact = fact;
        ProviderId = id;
    }

    /// <summary>What the names of Windows' own providers begin with; tables leave it out.</summary>
    public const string WindowsPrefix = "Microsoft-Windows-";

    internal int Row { get; }

    /// <summary>Everything the facts say about it.</summary>
    public SourceFact Fact { get; }

    /// <summary>The short name: Security, Sysmon, or the provider's own.</summary>
    public string Name => Fact.Name;

    /// <summary>The name as tables show it: without <see cref="WindowsPrefix"/>.</summary>
    public string ShortName => Shorten(Name);

    /// <summary>A provider's name without <see cref="WindowsPrefix"/>.</summary>
    /// <param name="provider">The name.</param>
    internal static string Shorten(string provider) =>
        provider.StartsWith(WindowsPrefix, StringComparison.Ordinal) ? provider.Substring(WindowsPrefix.Length) : provider;

    /// <summary>The provider's name.</summary>
    public string Provider => Fact.Provider;

    /// <summary>The provider's GUID; null when unknown.</summary>
    public Guid? ProviderId { get; }

    /// <summary>Gives the name.</summary>
    public override string ToString() => Name;
}
