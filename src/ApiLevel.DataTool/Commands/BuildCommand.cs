using System.Globalization;
using System.IO;
using ApiLevel.DataTool.Facts;
using ApiLevel.Facts;

namespace ApiLevel.DataTool.Commands;

/// <summary><c>build</c>: lints, then writes the store.</summary>
internal static class BuildCommand
{
    public static int Run(Arguments line, TextWriter output, TextWriter error)
    {
        string target = line.Need("--output");
        FactFolder folder = FactFolder.Read(line.DataFolder());
        if (!LintCommand.Passes(folder, error))
        {
            return 1;
        }

        byte[] store = Compile(folder);
        if (Path.GetDirectoryName(target) is { Length: > 0 } parent)
        {
            Directory.CreateDirectory(parent);
        }

        // Written beside and moved: a process that has the old file open keeps it, and nobody sees half a store.
        string temporary = target + ".new";
        File.WriteAllBytes(temporary, store);
        File.Move(temporary, target, overwrite: true);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{target}: {store.Length} bytes, {folder.Facts.Mappings.Count} mappings, {folder.Facts.Events.Count} event versions"));
        return 0;
    }

    /// <summary>The bytes of the store.</summary>
    public static byte[] Compile(FactFolder folder)
    {
        using MemoryStream stream = new();
        StoreCompiler.Compile(folder.Facts, folder.Hash, stream);
        return stream.ToArray();
    }
}
