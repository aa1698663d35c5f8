using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;

namespace ApiLevel.DataTool.Package;

/// <summary>What is really in the module's package: its files, and from which NuGet package those come that are not ours.</summary>
internal sealed class PackageContents
{
    /// <summary>Assemblies whose names begin so are made by this project.</summary>
    private const string OwnPrefix = "ApiLevel";

    private readonly SortedDictionary<string, ShippedPackage> _packages = new(StringComparer.Ordinal);

    /// <summary>Every file by its path in the package, with <c>/</c>, in ordinal order.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    public required string Folder { get; init; }

    /// <summary>In the order of their identity.</summary>
    public IReadOnlyCollection<ShippedPackage> Packages => _packages.Values;

    /// <summary>Finds the package of every assembly that is not ours, by its bytes, among what the projects restored.</summary>
    /// <exception cref="InvalidDataException">An assembly comes from none of them.</exception>
    public static PackageContents Read(string folder, IReadOnlyList<string> assetsFiles)
    {
        PackageContents contents = new()
        {
            Folder = folder,
            Files =
            [
                .. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
                    .Select(f => Path.GetRelativePath(folder, f).Replace('\\', '/'))
                    .Order(StringComparer.Ordinal),
            ],
        };
        List<RestoredPackage> restored = [.. assetsFiles.SelectMany(ReadAssets)];
        foreach (string file in contents.Files.Where(IsForeign))
        {
            byte[] bytes = File.ReadAllBytes(Path.Combine(folder, file));
            (RestoredPackage package, string _) = restored
                .SelectMany(p => p.Assemblies, (p, a) => (p, a))
                .FirstOrDefault(x => Path.GetFileName(x.a) == Path.GetFileName(file) && bytes.AsSpan().SequenceEqual(File.ReadAllBytes(x.a)));
            contents.Add(package ?? throw new InvalidDataException(file + " comes from no package that was restored")).Files.Add(file);
        }

        return contents;
    }

    private static bool IsForeign(string file) =>
        file.EndsWith(".dll", StringComparison.OrdinalIgnoreCase) && !Path.GetFileName(file).StartsWith(OwnPrefix, StringComparison.Ordinal);

    private ShippedPackage Add(RestoredPackage restored)
    {
        string key = restored.Id + "/" + restored.Version;
        if (!_packages.TryGetValue(key, out ShippedPackage? package))
        {
            package = ShippedPackage.Read(restored.Id, restored.Version, restored.Folder, restored.Sha512);
            _packages.Add(key, package);
        }

        return package;
    }

    // The file that restore leaves in obj/: which packages, where they are unpacked and which of their assemblies are used.
    private static IEnumerable<RestoredPackage> ReadAssets(string path)
    {
        using JsonDocument assets = JsonDocument.Parse(File.ReadAllBytes(path));
        string[] roots = [.. assets.RootElement.GetProperty("packageFolders").EnumerateObject().Select(p => p.Name)];
        JsonElement libraries = assets.RootElement.GetProperty("libraries");
        foreach (JsonProperty library in assets.RootElement.GetProperty("targets").EnumerateObject().SelectMany(t => t.Value.EnumerateObject()))
        {
            JsonElement entry = libraries.GetProperty(library.Name);
            if (entry.GetProperty("type").GetString() != "package")
            {
                continue;
            }

            string relative = entry.GetProperty("path").GetString()!;
            string folder = roots.Select(r => Path.Combine(r, relative)).FirstOrDefault(Directory.Exists)
                ?? throw new InvalidDataException(library.Name + " is not unpacked");
            int slash = library.Name.IndexOf('/', StringComparison.Ordinal);
            yield return new RestoredPackage(
                library.Name[..slash],
                library.Name[(slash + 1)..],
                folder,
                entry.GetProperty("sha512").GetString()!,
                library.Value.TryGetProperty("runtime", out JsonElement runtime)
                    ? [.. runtime.EnumerateObject().Select(f => Path.Combine(folder, f.Name)).Where(File.Exists)]
                    : []);
        }
    }

    private sealed record RestoredPackage(string Id, string Version, string Folder, string Sha512, IReadOnlyList<string> Assemblies);
}
