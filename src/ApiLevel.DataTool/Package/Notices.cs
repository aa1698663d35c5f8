using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;

namespace ApiLevel.DataTool.Package;

/// <summary>THIRD-PARTY-NOTICES.txt: whose software the package holds, and the licence texts that come with it.</summary>
internal static class Notices
{
    private const string Rule = "--------------------------------------------------------------------------------";

    /// <exception cref="InvalidDataException">A package carries no licence text and does not declare the MIT licence.</exception>
    public static string Write(PackageContents contents)
    {
        StringBuilder text = new();
        Line(text, "THIRD-PARTY NOTICES");
        Line(text);
        Line(text, "This package holds software of others. For each: its version, copyright and files, and below, once, the texts that it");
        Line(text, "carries. Where a package declares the MIT licence and carries no text, the text of that licence stands for it.");

        // Many packages carry the same text: it stands once, below the names of all of them.
        SortedDictionary<string, List<string>> texts = new(StringComparer.Ordinal);
        foreach (ShippedPackage package in contents.Packages)
        {
            string name = package.Id + " " + package.Version;
            Line(text);
            Line(text, name);
            Line(text, "  Licence:   " + (package.License ?? package.LicenseUrl));
            Line(text, "  Copyright: " + package.Copyright);
            Line(text, "  Project:   " + package.ProjectUrl);
            Line(text, "  Files:     " + string.Join(", ", package.Files));
            foreach (string file in package.Texts())
            {
                Add(texts, File.ReadAllText(file), name + ": " + Path.GetFileName(file));
            }

            if (!package.CarriesLicense)
            {
                Add(texts, package.License == "MIT"
                    ? "MIT License\n\n" + package.Copyright + "\n\n" + MitText()
                    : throw new InvalidDataException($"{name} carries no licence text and declares '{package.License ?? package.LicenseUrl}': add the text of that licence to the notices"), name);
            }
        }

        foreach ((string body, List<string> names) in texts.OrderBy(t => t.Value[0], StringComparer.Ordinal))
        {
            Line(text);
            Line(text, Rule);
            names.ForEach(n => Line(text, n));
            Line(text, Rule);
            Line(text);
            Line(text, body);
        }

        return text.ToString();
    }

    private static void Add(SortedDictionary<string, List<string>> texts, string text, string name)
    {
        string body = text.ReplaceLineEndings("\n").Trim();
        if (!texts.TryGetValue(body, out List<string>? names))
        {
            texts.Add(body, names = []);
        }

        names.Add(name);
    }

    private static string MitText()
    {
        using StreamReader reader = new(typeof(Notices).Assembly.GetManifestResourceStream("Mit.txt")!);
        return reader.ReadToEnd();
    }

    private static void Line(StringBuilder text, string line = "") => text.Append(line).Append('\n');
}
