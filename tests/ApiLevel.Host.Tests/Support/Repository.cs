using System;
using System.IO;

namespace ApiLevel.Host.Tests.Support;

/// <summary>Where the checkout is.</summary>
public static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string Manifest { get; } = Path.Combine(Root, "ApiLevel.psd1");

    public static string HelpFolder { get; } = Path.Combine(Root, "en-US");

    /// <summary>The module's own assembly for Windows PowerShell, as the build left it: a Windows binary that is on every disk.</summary>
    public static string ModuleAssembly { get; } = Path.Combine(Root, "bin", "netstandard2.0", "ApiLevel.dll");

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
