using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation.Language;

namespace ApiLevel.Runner;

/// <summary>
/// Finds the module that the runner belongs to. Only three places are looked at, and the manifest must be ApiLevel's: a file of that
/// name that somebody put into a folder further up (<c>/tmp</c>, a drive's root) is never run.
/// </summary>
internal static class ModuleLocation
{
    public const string ManifestName = "ApiLevel.psd1";

    /// <summary>The GUID in the manifest.</summary>
    public static readonly Guid ModuleId = new("5f0c7a52-3a0e-4f1c-9d4b-6f7f5a1d8e21");

    /// <summary>The path of the manifest, or null with <paramref name="problem"/> in one line.</summary>
    public static string? Find(string programFolder, out string problem)
    {
        string? refused = null;
        foreach (string folder in Places(programFolder))
        {
            string manifest = Path.Combine(folder, ManifestName);
            if (!File.Exists(manifest))
            {
                continue;
            }

            if (IdOf(manifest) == ModuleId)
            {
                problem = string.Empty;
                return manifest;
            }

            refused ??= manifest;
        }

        problem = refused is null
            ? $"There is no {ManifestName} beside the program, in the folder above it or, in a checkout, at its root; build or install the module."
            : $"{refused} is not ApiLevel's manifest: its GUID is not {ModuleId}.";
        return null;
    }

    /// <summary>The program's folder; the one above, as in a package; a checkout's root for a program that was built in it.</summary>
    private static IEnumerable<string> Places(string programFolder)
    {
        DirectoryInfo folder = new(Path.TrimEndingDirectorySeparator(Path.GetFullPath(programFolder)));
        yield return folder.FullName;
        if (folder.Parent is { } parent)
        {
            yield return parent.FullName;
        }

        // <root>/src/<project>/bin/<configuration>/<framework>, and tests/ likewise.
        if (folder.Parent?.Parent is { Name: "bin", Parent.Parent: { Name: "src" or "tests", Parent: { } root } })
        {
            yield return root.FullName;
        }
    }

    // Read as data: nothing in the file is run to find out whose it is.
    private static Guid? IdOf(string manifest)
    {
        try
        {
            HashtableAst? table = Parser.ParseFile(manifest, out _, out _).Find(ast => ast is HashtableAst, searchNestedScriptBlocks: false) as HashtableAst;
            return table?.KeyValuePairs
                .Where(pair => pair.Item1 is StringConstantExpressionAst { Value: { } key } && key.Equals("GUID", StringComparison.OrdinalIgnoreCase))
                .Select(pair => ((pair.Item2 as PipelineAst)?.GetPureExpression() as StringConstantExpressionAst)?.Value)
                .Select(text => Guid.TryParse(text, out Guid id) ? id : (Guid?)null)
                .FirstOrDefault();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
