using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using ApiLevel.Facts;
using ApiLevel.Formats;

namespace ApiLevel.Names;

/// <summary>
/// The sources that a list of names means, decided once for all questions: a name means a source by its short name with or without Windows' prefix,
/// its provider, GUID or channel; a pattern is tried on each of them. Records of providers that the facts do not know are compared by what they say of
/// themselves. Safe for several threads.
/// </summary>
public sealed class SourceSelection
{
    // What a file names lies in this cache, so a file must not be able to fill it.
    private const int MaximumKept = 1024;

    private readonly Term[] _terms;
    private readonly HashSet<SourceEntry> _sources;
    private readonly ConcurrentDictionary<(SourceEntry? Source, string Provider, Guid? Id, string Channel), bool> _kept = new();

    /// <summary>Looks the names up.</summary>
    /// <param name="store">The facts.</param>
    /// <param name="names">The names; null and empty ones are passed over.</param>
    /// <param name="pattern">Makes a test of a name with wildcards; null for a plain name.</param>
    public SourceSelection(MappingStore store, IEnumerable<string?> names, Func<string, Func<string, bool>?> pattern)
    {
        if (store is null || pattern is null)
        {
            throw new ArgumentNullException(store is null ? nameof(store) : nameof(pattern));
        }

        _terms = [.. names.Where(name => !string.IsNullOrWhiteSpace(name)).Select(name => new Term(store, name!.Trim(), pattern(name.Trim())))];
        _sources = [.. _terms.SelectMany(term => term.Sources)];
    }

    /// <summary>Plain names that no source of the facts has.</summary>
    public IEnumerable<string> Unknown => _terms.Where(term => term.Pattern is null && term.Sources.Length == 0).Select(term => term.Name);

    /// <summary>Plain names that neither the facts nor a record so far has.</summary>
    public IEnumerable<string> Unseen => _terms.Where(term => term.Pattern is null && term.Sources.Length == 0 && !term.Seen).Select(term => term.Name);

    /// <summary>True for a source that one of the names means.</summary>
    /// <param name="source">The source.</param>
    public bool Contains(SourceEntry source) => _sources.Contains(source);

    /// <summary>True for a record that one of the names means.</summary>
    /// <param name="source">Its source; null where the facts do not know it.</param>
    /// <param name="record">The record; the header is enough.</param>
    public bool Matches(SourceEntry? source, EventRecord record)
    {
        (SourceEntry?, string, Guid?, string) key = (source, record.Provider, record.ProviderId, record.Channel ?? "");
        if (_kept.TryGetValue(key, out bool matches))
        {
            return matches;
        }

        matches = source is not null && _sources.Contains(source);
        foreach (Term term in _terms)
        {
            matches |= term.Matches(record);
        }

        if (_kept.Count < MaximumKept)
        {
            _kept.TryAdd(key, matches);
        }

        return matches;
    }

    private sealed class Term
    {
        private readonly string _bare;

        public Term(MappingStore store, string name, Func<string, bool>? pattern)
        {
            Name = name;
            Pattern = pattern;
            _bare = name.Trim('{', '}');
            Sources = pattern is null
                ? [.. store.FindSources(name)]
                : [.. store.Sources.Where(source => pattern(source.Name) || pattern(source.ShortName) || pattern(source.Provider) ||
                    ListText.Split(source.Fact.Channel).Any(pattern))];
        }

        public string Name { get; }

        public Func<string, bool>? Pattern { get; }

        public SourceEntry[] Sources { get; }

        /// <summary>True once a record had the name.</summary>
        public bool Seen { get; private set; }

        public bool Matches(EventRecord record)
        {
            bool matches = Pattern is { } pattern
                ? pattern(record.Provider) || pattern(SourceEntry.Shorten(record.Provider)) || pattern(record.Channel ?? "")
                : Same(Name, record.Provider) || Same(Name, SourceEntry.Shorten(record.Provider)) || Same(Name, record.Channel) ||
                    Same(_bare, record.ProviderId?.ToString("D"));
            Seen |= matches;
            return matches;
        }

        private static bool Same(string left, string? right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);
    }
}
