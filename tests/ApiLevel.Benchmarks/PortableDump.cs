using System;
using System.IO;
using System.Linq;
using System.Text;
using ApiLevel.Formats.Portable;

namespace ApiLevel.Benchmarks;

/// <summary>
/// Writes what the reader finds in files, one line a file and one a reference, tab-separated, for scripts/compare-imports.py.
/// </summary>
internal static class PortableDump
{
    public static int Run(ReadOnlySpan<string> arguments)
    {
        if (arguments.Length == 0)
        {
            Console.Error.WriteLine("portable-dump FILE-OR-FOLDER [--summary]");
            return 2;
        }

        bool summary = arguments.Contains("--summary");
        using var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false), 1 << 16);
        foreach (string file in PortableFiles.Find(arguments[0]))
        {
            PortableReadResult result = PortableReader.Read(file, summary ? new PortableReadOptions { Kinds = [] } : null);
            if (result.Failure is { } failure)
            {
                output.WriteLine($"X\t{file}\t{failure.Kind}\t{failure.Message}");
                continue;
            }

            PortableImage image = result.Image!;
            output.WriteLine(string.Join('\t', "F", file, image.Format, image.Machine, image.Subsystem, image.ImageType, image.Runtime, image.Packed,
                image.Signed ? "signed" : "", image.ImpHash, image.ImportCount, image.DelayImportCount, image.PInvokeCount,
                string.Join("; ", image.Problems)));
            foreach (PortableReference reference in image.References)
            {
                output.WriteLine(string.Join('\t', "R", reference.Kind, reference.Module, reference.Name, reference.Ordinal, reference.Hint,
                    reference.ExportName));
            }
        }

        return 0;
    }
}

/// <summary>The input of the runners.</summary>
internal static class PortableFiles
{
    /// <summary>The file itself, or all files under a folder that are not hidden, in a fixed order.</summary>
    public static string[] Find(string path)
    {
        if (File.Exists(path))
        {
            return [path];
        }

        string[] files = Directory.GetFiles(path, "*", new EnumerationOptions { RecurseSubdirectories = true });
        Array.Sort(files, StringComparer.Ordinal);
        return files;
    }
}
