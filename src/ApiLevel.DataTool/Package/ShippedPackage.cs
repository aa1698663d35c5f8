using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Xml;
using System.Xml.Linq;

namespace ApiLevel.DataTool.Package;

/// <summary>A NuGet package of which the module's package holds files.</summary>
internal sealed class ShippedPackage
{
    private ShippedPackage(string id, string version, string folder, string sha512)
    {
        (Id, Version, Folder, Sha512) = (id, version, folder, sha512);
    }

    public string Id { get; }

    public string Version { get; }

    /// <summary>Where it is unpacked.</summary>
    public string Folder { get; }

    /// <summary>Of the .nupkg, in lower-case hexadecimal.</summary>
    public string Sha512 { get; }

    /// <summary>The SPDX expression it declares; null where it declares none.</summary>
    public string? License { get; private set; }

    /// <summary>Where it says its licence is; null where it does not.</summary>
    public string? LicenseUrl { get; private set; }

    public string Copyright { get; private set; } = "";

    public string ProjectUrl { get; private set; } = "";

    /// <summary>Its files in the module's package, by their path there.</summary>
    public SortedSet<string> Files { get; } = new(StringComparer.Ordinal);

    public string Purl => "pkg:nuget/" + Id + "@" + Version;

    public static ShippedPackage Read(string id, string version, string folder, string sha512Base64)
    {
        ShippedPackage package = new(id, version, folder, Convert.ToHexStringLower(Convert.FromBase64String(sha512Base64)));
        string nuspec = Directory.EnumerateFiles(folder, "*.nuspec").FirstOrDefault()
            ?? throw new InvalidDataException(folder + " has no .nuspec");
        using XmlReader reader = XmlReader.Create(nuspec, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit });
        foreach (XElement element in XDocument.Load(reader).Root!.Elements().Where(e => e.Name.LocalName == "metadata").Elements())
        {
            switch (element.Name.LocalName)
            {
                case "license" when (string?)element.Attribute("type") == "expression":
                    package.License = element.Value;
                    break;
                case "licenseUrl":
                    package.LicenseUrl = element.Value;
                    break;
                case "copyright":
                    package.Copyright = element.Value.Trim();
                    break;
                case "projectUrl":
                    package.ProjectUrl = element.Value.Trim();
                    break;
            }
        }

        return package;
    }

    /// <summary>The texts that the package carries: its licence, and what it passes on from others.</summary>
    public IEnumerable<string> Texts() =>
        Directory.EnumerateFiles(Folder)
            .Where(f => IsNamed(f, "LICENSE") || IsNamed(f, "THIRD-PARTY-NOTICES") || IsNamed(f, "NOTICE"))
            .OrderBy(Path.GetFileName, StringComparer.OrdinalIgnoreCase);

    public bool CarriesLicense => Texts().Any(f => IsNamed(f, "LICENSE"));

    private static bool IsNamed(string file, string name) =>
        Path.GetFileNameWithoutExtension(file).Equals(name, StringComparison.OrdinalIgnoreCase);
}
