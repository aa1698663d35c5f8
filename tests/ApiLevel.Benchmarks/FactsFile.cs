using System;
using System.IO;

namespace ApiLevel.Benchmarks;

/// <summary>Where the build left the module.</summary>
internal static class FactsFile
{
    public static string Root { get; } = FindRoot();

    public static string Store { get; } = Path.Combine(Root, "bin", "ApiLevel.facts");

    /// <summary>A Windows binary that the build leaves on disk.</summary>
    public static string Image { get; } = Path.Combine(Root, "bin", "private", "net8.0", "Microsoft.Diagnostics.Tracing.TraceEvent.dll");

    public static string ImageFolder { get; } = Path.Combine(Root, "bin", "private", "net8.0");

    private static string FindRoot()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "ApiLevel.sln")))
            {
                return at.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No ApiLevel.sln above {AppContext.BaseDirectory}.");
    }
}
