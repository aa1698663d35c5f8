using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using ApiLevel.Facts;
using ApiLevel.Names;

namespace ApiLevel;

/// <summary>Facts of a team that are laid over the built-in ones.</summary>
internal static class Overlays
{
    /// <summary>The environment variable that names a file or folder of overlays.</summary>
    public const string Variable = "APILEVEL_OVERLAY";

    private static readonly Lazy<IFactText> s_text = new(() => PrivateAssemblies.Create<IFactText>("ApiLevel.Rules", "ApiLevel.Rules.FactText"));

    /// <summary>Reads and writes fact files.</summary>
    public static IFactText Text => s_text.Value;

    /// <summary>Lays what the environment variable names over a store; what cannot be read is told, and the rest is laid over.</summary>
    public static MappingStore FromEnvironment(MappingStore store, List<string> warnings)
    {
        string path = Environment.GetEnvironmentVariable(Variable) ?? "";
        if (path.Length == 0)
        {
            return store;
        }

        string[] files = [];
        try
        {
            files = Directory.Exists(path)
                ? [.. Directory.GetFiles(path).Where(IsFactFile).OrderBy(file => file, StringComparer.Ordinal)]
                : [path];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            warnings.Add($"{Variable}: {exception.Message}");
        }

        foreach (string file in files)
        {
            try
            {
                FactSet facts = Text.Read(file, out IReadOnlyList<string> problems);
                problems = problems.Count > 0 ? problems : OverlayRules.Check(store, facts);
                if (problems.Count > 0)
                {
                    warnings.AddRange(problems.Select(problem => $"{Variable}: not used: {problem}"));
                    continue;
                }

                OverlayRules.Canonicalize(store, facts);
                store = store.WithOverlay(facts, file);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                warnings.Add($"{Variable}: {file}: {exception.Message}");
            }
        }

        return store;
    }

    private static bool IsFactFile(string file) =>
        file.EndsWith(".yml", StringComparison.OrdinalIgnoreCase) || file.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase);
}
