using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using ApiLevel.Facts;
using ApiLevel.Rules;

namespace ApiLevel.DataTool.Facts;

/// <summary>A folder of facts, read: what is in it and what could not be read.</summary>
internal sealed class FactFolder
{
    private FactFolder(string root) => Root = root;

    public string Root { get; }

    /// <summary>Everything, as the compiler takes it.</summary>
    public FactSet Facts { get; } = new();

    /// <summary>Events as their files say, before they were joined with the catalogue.</summary>
    public List<EventFact> EventFiles { get; } = [];

    /// <summary>The fact files, relative to the folder, sorted.</summary>
    public List<string> Files { get; } = [];

    /// <summary>The rows of each table of the catalogue.</summary>
    public Dictionary<string, List<CatalogueRow>> Rows { get; } = new(StringComparer.Ordinal);

    /// <summary>What could not be read.</summary>
    public List<Finding> Findings { get; } = [];

    /// <summary>SHA-256 over the names and the contents of all fact files; line ends do not count.</summary>
    public byte[] Hash { get; private set; } = [];

    /// <summary>Reads a folder.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public static FactFolder Read(string root)
    {
        FactFolder folder = new(root);
        folder.ListFiles();
        foreach (string file in folder.Files.Where(static file => file.EndsWith(".yml", StringComparison.Ordinal)))
        {
            FactReadResult result = FactYamlReader.ReadFile(Path.Combine(root, file), file);
            folder.Facts.Sources.AddRange(result.Facts.Sources);
            folder.EventFiles.AddRange(result.Facts.Events);
            folder.Facts.Mappings.AddRange(result.Facts.Mappings);
            folder.Findings.AddRange(result.Problems.Select(static problem => new Finding(
                problem.Origin,
                FindingLevel.Error,
                "format",
                problem.Field.Length == 0 ? problem.Message : problem.Field + ": " + problem.Message)));
        }

        foreach (CatalogueTable table in Catalogue.Tables)
        {
            folder.Rows.Add(table.Name, table.Read(root, folder.Facts, folder.Findings));
        }

        folder.JoinEvents();
        folder.DescribeExclusions();
        return folder;
    }

    /// <summary>The number of rows of a table before exclusions, or of the mappings and sources in the files.</summary>
    public int Count(string table) => table switch
    {
        "sources" => Facts.Sources.Count,
        "mappings" => Facts.Mappings.Count,
        "event-files" => EventFiles.Count,
        _ => Rows.TryGetValue(table, out List<CatalogueRow>? rows) ? rows.Count : 0,
    };

    private void ListFiles()
    {
        string sources = Path.Combine(Root, "sources");
        string catalogue = Path.Combine(Root, "catalogue");
        if (!Directory.Exists(sources) || !Directory.Exists(catalogue))
        {
            throw new DirectoryNotFoundException("There are no facts in '" + Root + "': it needs the folders sources and catalogue.");
        }

        IEnumerable<string> paths = Directory.EnumerateFiles(sources, "*", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(catalogue, "*.csv"));
        foreach (string path in paths)
        {
            Files.Add(Path.GetRelativePath(Root, path).Replace('\\', '/'));
        }

        Files.Sort(StringComparer.Ordinal);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string file in Files)
        {
            byte[] name = Encoding.UTF8.GetBytes(file + "\n");
            byte[] content = File.ReadAllBytes(Path.Combine(Root, file));
            hash.AppendData(name);
            hash.AppendData(Array.FindAll(content, static value => value != (byte)'\r'));
        }

        Hash = hash.GetHashAndReset();
    }

    /// <summary>What only the files say goes to every version of the event; an event that only a file knows is added.</summary>
    private void JoinEvents()
    {
        ILookup<(string, int), int> rows = Enumerable.Range(0, Facts.Events.Count)
            .ToLookup(index => (Facts.Events[index].Source, Facts.Events[index].Id));
        foreach (EventFact file in EventFiles)
        {
            bool isKnown = false;
            foreach (int index in rows[(file.Source, file.Id)])
            {
                isKnown = true;
                Facts.Events[index] = Facts.Events[index] with { Fires = file.Fires, Emitter = file.Emitter };
            }

            if (!isKnown)
            {
                Facts.Events.Add(file);
            }
        }
    }

    // The store has no table for what is not in it; a property a table says how much that is and why.
    private void DescribeExclusions()
    {
        foreach (IGrouping<string, ExclusionFact> table in Facts.Exclusions.GroupBy(static fact => fact.TableName, StringComparer.Ordinal))
        {
            int count = table.Count();
            string reasons = string.Join("; ", table.Select(static fact => fact.Reason).Distinct(StringComparer.Ordinal));
            Facts.Properties["Excluded." + table.Key] = string.Create(
                System.Globalization.CultureInfo.InvariantCulture, $"{count} of {Count(table.Key) + count}: {reasons}");
        }
    }
}
