using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using ApiLevel.DataTool.Facts;
using ApiLevel.DataTool.Managed;
using ApiLevel.Facts;
using CsvHelper;

namespace ApiLevel.DataTool.Commands;

/// <summary><c>managed</c>: derives catalogue/managed-calls.csv from the IL of .NET packages.</summary>
internal static class ManagedCommand
{
    public static int Run(Arguments line, TextWriter output)
    {
        PackFolder[] packs =
        [
            .. line.Need("--pack").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Select(PackFolder.Open),
        ];
        FactFolder folder = FactFolder.Read(line.DataFolder());

        // The table is made from the other facts alone, or it would grow by its own rows.
        folder.Facts.ManagedCalls.Clear();
        MappingStore store = MappingStore.FromBytes(BuildCommand.Compile(folder));
        Dictionary<string, string> references = new(StringComparer.OrdinalIgnoreCase);
        foreach (PackFolder pack in packs)
        {
            foreach (string file in pack.Assemblies)
            {
                references.TryAdd(Path.GetFileNameWithoutExtension(file), $"IL of {pack.Id} {pack.Version}, {Path.GetFileName(file)}");
            }
        }

        using ManagedCallGraph graph = new(packs.SelectMany(static pack => pack.Assemblies));
        List<CallFact> rows = ManagedCallTable.Derive(graph, store, assembly => references[assembly]);
        string target = line.Find("--output") ?? Path.Combine(folder.Root, "catalogue", "managed-calls.csv");
        Write(target, rows);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{target}: {rows.Count} rows, {rows.Select(static row => row.Caller).Distinct().Count()} members, " +
            $"{rows.Select(static row => row.Callee).Distinct().Count()} native functions, {graph.AssemblyCount} assemblies"));
        return 0;
    }

    private static void Write(string path, List<CallFact> rows)
    {
        using FileStream stream = File.Create(path);
        using CsvWriter writer = CsvWriter.Create(stream, new CsvWriterOptions { Separator = ',', NewLine = "\n" });
        CatalogueTable table = Catalogue.Tables.Single(static table => table.Name == "managed-calls");
        WriteRow(writer, table.Columns);
        foreach (CallFact row in rows)
        {
            WriteRow(writer,
            [
                row.Caller,
                row.Callee,
                FactWords.ToWord(row.CalleeLayer),
                row.Kind,
                row.IsPrimary ? "true" : "false",
                row.RpcInterface,
                row.Opnum?.ToString(CultureInfo.InvariantCulture) ?? "",
                row.Context,
                row.Evidence.ToString().ToLowerInvariant(),
                row.Reference,
            ]);
        }
    }

    private static void WriteRow(CsvWriter writer, string[] cells)
    {
        foreach (string cell in cells)
        {
            writer.WriteField(cell);
        }

        writer.EndRecord();
    }
}
