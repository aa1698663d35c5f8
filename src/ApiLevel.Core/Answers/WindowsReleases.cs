using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using ApiLevel.Facts;

namespace ApiLevel.Answers;

/// <summary>Windows releases by the names people use and by build number.</summary>
public static class WindowsReleases
{
    /// <summary>Reads a release (11-24H2) or a build number (26100).</summary>
    /// <param name="store">The facts, which hold the releases.</param>
    /// <param name="text">The release or number.</param>
    /// <param name="build">The build number.</param>
    public static bool TryParse(MappingStore store, string text, out int build) =>
        new ReleaseTable(store).Builds.TryGetValue(text.Trim(), out build) ||
        (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out build) && build > 2000);

    /// <summary>The releases the event catalogue covers, oldest first.</summary>
    /// <param name="store">The facts.</param>
    public static IEnumerable<string> Names(MappingStore store) =>
        new ReleaseTable(store).Builds.OrderBy(pair => pair.Value).Select(pair => pair.Key);
}

/// <summary>Orders Windows releases and Sysmon schemas as the events name them.</summary>
internal sealed class ReleaseTable
{
    private readonly Dictionary<string, int> _builds = new(StringComparer.OrdinalIgnoreCase);

    public ReleaseTable(MappingStore store)
    {
        foreach (string item in ListText.Split(store.Property("WindowsBuilds")))
        {
            int equals = item.IndexOf('=');
            if (equals > 0 && int.TryParse(item.Substring(equals + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int build))
            {
                _builds[item.Substring(0, equals)] = build;
            }
        }
    }

    /// <summary>The releases by name with their build numbers.</summary>
    public IReadOnlyDictionary<string, int> Builds => _builds;

    /// <summary>Whether a build or schema has what first came with a release. What has no first release known is taken as there.</summary>
    public bool Has(string first, int? windowsBuild, Version? sysmon)
    {
        if (TryGetSchema(first, out Version? schema))
        {
            return sysmon is null || schema <= sysmon;
        }

        return windowsBuild is null || !_builds.TryGetValue(first, out int build) || build <= windowsBuild;
    }

    /// <summary>Older first.</summary>
    public int Compare(string left, string right)
    {
        if (TryGetSchema(left, out Version? a) && TryGetSchema(right, out Version? b))
        {
            return a.CompareTo(b);
        }

        _builds.TryGetValue(left, out int first);
        _builds.TryGetValue(right, out int second);
        return first.CompareTo(second);
    }

    private static bool TryGetSchema(string text, out Version schema)
    {
        schema = null!;
        return text.StartsWith("schema ", StringComparison.Ordinal) && Version.TryParse(text.Substring(7), out schema!);
    }
}
