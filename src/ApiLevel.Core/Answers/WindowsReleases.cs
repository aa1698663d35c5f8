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

/// <summary>Versions of Sysmon by the numbers people use.</summary>
public static class SysmonReleases
{
    /// <summary>Reads a schema version (4.90) or a version of the product (15.15). What is both is taken as a schema version.</summary>
    /// <param name="store">The facts, which hold the versions.</param>
    /// <param name="asked">The version.</param>
    /// <param name="schema">The schema version.</param>
    public static bool TryGetSchema(MappingStore store, Version asked, out Version schema)
    {
        schema = asked;
        SysmonVersionFact[] versions = [.. store.SysmonVersions()];
        if (Array.Exists(versions, version => Is(version.SchemaVersion, asked)) || store.Events().Any(e => Is(e.FirstBuild.Replace("schema ", ""), asked)))
        {
            return true;
        }

        SysmonVersionFact? product = Array.Find(versions, version => Is(version.ProductVersion, asked));
        return product is not null && Version.TryParse(product.SchemaVersion, out schema!);
    }

    /// <summary>The versions of the product that the facts know, oldest first.</summary>
    /// <param name="store">The facts.</param>
    public static IEnumerable<string> Names(MappingStore store) => store.SysmonVersions()
        .Select(version => version.ProductVersion)
        .OrderBy(name => Version.TryParse(name, out Version? version) ? version : new Version(0, 0));

    private static bool Is(string text, Version version) => Version.TryParse(text, out Version? known) && known == version;
}

/// <summary>Orders Windows releases and Sysmon schemas as the events name them.</summary>
internal sealed class ReleaseTable
{
    private readonly MappingStore _store;
    private Dictionary<string, int>? _builds;

    public ReleaseTable(MappingStore store) => _store = store;

    /// <summary>The releases by name with their build numbers.</summary>
    public IReadOnlyDictionary<string, int> Builds => _builds ??= Read(_store);

    /// <summary>Whether a build or schema has what first came with a release. What has no first release known is taken as there.</summary>
    public bool Has(string first, int? windowsBuild, Version? sysmon)
    {
        if (TryGetSchema(first, out Version? schema))
        {
            return sysmon is null || schema <= sysmon;
        }

        return windowsBuild is null || !Builds.TryGetValue(first, out int build) || build <= windowsBuild;
    }

    /// <summary>Older first.</summary>
    public int Compare(string left, string right)
    {
        if (TryGetSchema(left, out Version? a) && TryGetSchema(right, out Version? b))
        {
            return a.CompareTo(b);
        }

        Builds.TryGetValue(left, out int first);
        Builds.TryGetValue(right, out int second);
        return first.CompareTo(second);
    }

    private static Dictionary<string, int> Read(MappingStore store)
    {
        var builds = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        foreach (WindowsReleaseFact release in store.WindowsReleases())
        {
            builds[release.Name] = release.Build;
        }

        return builds;
    }

    private static bool TryGetSchema(string text, out Version schema)
    {
        schema = null!;
        return text.StartsWith("schema ", StringComparison.Ordinal) && Version.TryParse(text.Substring(7), out schema!);
    }
}
