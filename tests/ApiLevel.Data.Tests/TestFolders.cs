using System;
using System.IO;
using ApiLevel.DataTool.Facts;

namespace ApiLevel.Data.Tests;

/// <summary>The folders that the tests read, found from where the tests run.</summary>
internal static class TestFolders
{
    private static readonly Lazy<FactFolder> s_facts = new(static () => FactFolder.Read(Data));

    public static string Repository { get; } = FindRepository();

    /// <summary>The built-in facts.</summary>
    public static string Data => Path.Combine(Repository, "src", "ApiLevel.Data");

    public static string Fixtures => Path.Combine(Repository, "tests", "Fixtures");

    /// <summary>The built-in facts, read once for all tests that do not change them.</summary>
    public static FactFolder Facts => s_facts.Value;

    /// <summary>The tables the facts started from; they are no part of the repository.</summary>
    public static string Reference
    {
        get
        {
            string folder = Path.Combine(Repository, "..", "shared", "reference");
            if (!Directory.Exists(folder))
            {
                Assert.Skip("The reference tables are not beside this checkout (../shared/reference).");
            }

            return folder;
        }
    }

    /// <summary>Copies the good facts into a new folder, then the files of a bad example over them.</summary>
    public static string CopyFacts(string? example = null)
    {
        string target = Directory.CreateTempSubdirectory("apilevel-facts-").FullName;
        Copy(Path.Combine(Fixtures, "good-facts"), target);
        if (example is not null)
        {
            Copy(Path.Combine(Fixtures, "bad-facts", example), target);
        }

        return target;
    }

    private static void Copy(string source, string target)
    {
        foreach (string file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(target, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy, overwrite: true);
        }
    }

    private static string FindRepository()
    {
        for (DirectoryInfo? current = new(AppContext.BaseDirectory); current is not null; current = current.Parent)
        {
            if (File.Exists(Path.Combine(current.FullName, "ApiLevel.sln")))
            {
                return current.FullName;
            }
        }

        throw new InvalidOperationException("The tests do not run inside the repository.");
    }
}
