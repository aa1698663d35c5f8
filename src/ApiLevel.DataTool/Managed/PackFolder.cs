using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;

namespace ApiLevel.DataTool.Managed;

/// <summary>An unpacked NuGet package with assemblies for Windows: its name, its version, and the files.</summary>
internal sealed partial record PackFolder(string Id, string Version, IReadOnlyList<string> Assemblies)
{
    // The implementation comes before a package's reference or portable assembly, a newer framework before an older one.
    private static readonly string[] s_folders =
    [
        "runtimes/win-x64/lib/net10.0", "runtimes/win-x64/lib/net9.0", "runtimes/win-x64/lib/net8.0", "runtimes/win/lib/net10.0",
        "runtimes/win/lib/net9.0", "runtimes/win/lib/net8.0", "lib/net10.0", "lib/net9.0", "lib/net8.0", "lib/netstandard2.0",
    ];

    /// <summary>Reads the package's name and version from its nuspec.</summary>
    /// <exception cref="InvalidDataException">The folder is no unpacked package.</exception>
    public static PackFolder Open(string folder)
    {
        string? nuspec = Directory.EnumerateFiles(folder, "*.nuspec").FirstOrDefault();
        string? assemblies = s_folders.Select(name => Path.Combine(folder, name)).FirstOrDefault(Directory.Exists);
        if (nuspec is null || assemblies is null)
        {
            throw new InvalidDataException("'" + folder + "' is no unpacked package with assemblies: it needs a nuspec and a lib folder.");
        }

        string text = File.ReadAllText(nuspec);
        string[] files = Directory.GetFiles(assemblies, "*.dll");
        Array.Sort(files, StringComparer.Ordinal);
        return new PackFolder(IdRegex().Match(text).Groups[1].Value, VersionRegex().Match(text).Groups[1].Value, files);
    }

    [GeneratedRegex("<id>([^<]+)</id>")]
    private static partial Regex IdRegex();

    [GeneratedRegex("<version>([^<]+)</version>")]
    private static partial Regex VersionRegex();
}
