using System;
using System.Collections.Generic;
using System.Linq;
using ApiLevel.Facts;

namespace ApiLevel.Names;

/// <summary>What names an event source: its short name with or without Windows' prefix, its provider, GUID or channel.</summary>
public static class SourceNames
{
    /// <summary>
    /// A source by its name (whole, or without <see cref="SourceEntry.WindowsPrefix"/>), provider name, GUID or channel, in any case; null when there
    /// is none. Of several that write to one channel the first; see <see cref="FindSources"/>.
    /// </summary>
    /// <param name="store">The facts.</param>
    /// <param name="text">What names it; a GUID with or without braces.</param>
    public static SourceEntry? FindSource(this MappingStore store, string text)
    {
        SourceEntry? source = FindWholeName(store, text);
        return source is null && !text.TrimStart().StartsWith(SourceEntry.WindowsPrefix, StringComparison.OrdinalIgnoreCase)
            ? FindWholeName(store, SourceEntry.WindowsPrefix + text.Trim())
            : source;
    }

    /// <summary>The source that a text names as <see cref="FindSource(MappingStore, string)"/> has it, and all that write to a channel of that name.</summary>
    /// <param name="store">The facts.</param>
    /// <param name="text">As there. Empty when nothing is called so.</param>
    public static IReadOnlyList<SourceEntry> FindSources(this MappingStore store, string text)
    {
        string channel = text.Trim();
        SourceEntry? named = store.FindSource(text);
        return [.. store.Sources.Where(source => ReferenceEquals(source, named) || source.WritesTo(channel))];
    }

    /// <summary>A source by its provider's GUID; null when there is none.</summary>
    /// <param name="store">The facts.</param>
    /// <param name="providerId">The GUID.</param>
    public static SourceEntry? FindSource(this MappingStore store, Guid providerId)
    {
        foreach (SourceEntry source in store.Sources)
        {
            if (source.ProviderId == providerId)
            {
                return source;
            }
        }

        return null;
    }

    /// <summary>True where the source writes to a channel.</summary>
    /// <param name="source">The source.</param>
    /// <param name="channel">The channel's name, in any case.</param>
    public static bool WritesTo(this SourceEntry source, string channel) =>
        ListText.Split(source.Fact.Channel).Contains(channel, StringComparer.OrdinalIgnoreCase);

    private static SourceEntry? FindWholeName(MappingStore store, string text)
    {
        string name = text.Trim();
        if (name.Length == 38 && name[0] == '{' && name[37] == '}')
        {
            name = name.Substring(1, 36);
        }

        return store.SourceNamed(name) ?? store.SourceByAlias(name) ?? store.Sources.FirstOrDefault(source => store.IsOverlaySource(source) &&
            (string.Equals(source.Provider, name, StringComparison.OrdinalIgnoreCase) ||
             string.Equals(source.Fact.Guid, name, StringComparison.OrdinalIgnoreCase) ||
             source.WritesTo(name)));
    }
}
