using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using ApiLevel.DataTool.Commands;
using ApiLevel.DataTool.Facts;
using ApiLevel.Facts;
using ApiLevel.Names;
using CsvHelper;

namespace ApiLevel.Data.Tests;

/// <summary>The built-in facts as a whole: what they are compiled to, and where they came from.</summary>
public class FactFolderTests
{
    private static readonly Lazy<MappingStore> s_store = new(static () => MappingStore.FromBytes(BuildCommand.Compile(TestFolders.Facts)));

    public static TheoryData<string, string> ReferenceTables => new()
    {
        { "api-event", "mappings" },
        { "event", "events" },
        { "win32-api", "exports" },
        { "native-api", "native" },
        { "apiset", "api-sets" },
        { "ordinals", "ordinals" },
        { "call-chain", "calls" },
        { "api-attack", "techniques" },
        { "api-category", "categories" },
        { "com-interface", "com" },
        { "rpc-method", "rpc-methods" },
        { "audit-subcategory", "audit-subcategories" },
        { "car-observables", "observables" },
    };

    [Theory]
    [MemberData(nameof(ReferenceTables))]
    public void Holds_every_row_of_the_reference_table_or_says_why_not(string reference, string table)
    {
        int expected = ReadCsv(Path.Combine(TestFolders.Reference, reference + ".csv")).Count;
        int excluded = TestFolders.Facts.Facts.Exclusions.Count(exclusion => exclusion.TableName == table);
        Assert.True(excluded * 100 < expected, $"{excluded} of {expected} rows are left out");
        Assert.InRange(TestFolders.Facts.Count(table) + excluded, expected, int.MaxValue);
    }

    [Fact]
    public void Each_mapping_can_be_traced_to_its_reference_row_or_to_what_it_rests_on()
    {
        ILookup<(string, string, string), Dictionary<string, string>> rows = ReadCsv(Path.Combine(TestFolders.Reference, "api-event.csv"))
            .ToLookup(static row => (row["event_source"], row["event_id"], row["api"].ToLowerInvariant()));
        List<string> lost = [];
        foreach (MappingFact mapping in TestFolders.Facts.Facts.Mappings)
        {
            string id = mapping.EventId.ToString(CultureInfo.InvariantCulture);
            string name = mapping.Api.Substring(mapping.Api.IndexOf('!', StringComparison.Ordinal) + 1).ToLowerInvariant();
            Dictionary<string, string>? row = rows[(mapping.Source, id, name)].FirstOrDefault();
            if (row is null)
            {
                // A pair that came after the reference tables names what it rests on: a page, a repository with what of it, or the chain it follows along.
                bool namesChain = mapping.Evidence <= Evidence.Derived && Regex.IsMatch(mapping.Reference, @"^derived: (call-chain \S+>\S+|the row of \S+|a variant of \S+)");
                if (!namesChain && !mapping.Reference.Split("; ").Any(static part => Regex.IsMatch(part, @"https?://|^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+(:| \()")))
                {
                    lost.Add($"{mapping.Source} {id} {mapping.Api}: no page in {mapping.Reference}");
                }

                continue;
            }

            ApiEntry api = s_store.Value.Resolve(row["module"], row["api"]).Api;
            bool isManaged = row["layer"] == "managed api";
            Assert.True(isManaged || api.Key == mapping.Api || mapping.Api.EndsWith("!" + row["api"], StringComparison.Ordinal), mapping.Api);
            foreach (string source in row["source"].Split(" ; ").Where(static source => !source.StartsWith("derived:", StringComparison.Ordinal)))
            {
                if (!mapping.Reference.Contains(source.Split(" (")[0].Split(' ')[0], StringComparison.OrdinalIgnoreCase))
                {
                    lost.Add($"{mapping.Source} {id} {mapping.Api}: {source} is not in {mapping.Reference}");
                }
            }
        }

        Assert.True(lost.Count == 0, string.Join(Environment.NewLine, lost));
    }

    [Fact]
    public void Every_row_of_the_reference_is_a_mapping()
    {
        HashSet<(string, string, string)> mappings =
        [
            .. TestFolders.Facts.Facts.Mappings.Select(static mapping => (
                mapping.Source,
                mapping.EventId.ToString(CultureInfo.InvariantCulture),
                mapping.Api.Substring(mapping.Api.IndexOf('!', StringComparison.Ordinal) + 1).ToLowerInvariant())),
        ];
        Assert.DoesNotContain(
            ReadCsv(Path.Combine(TestFolders.Reference, "api-event.csv")),
            row => !mappings.Contains((row["event_source"], row["event_id"], row["api"].ToLowerInvariant())));
    }

    [Fact]
    public void Every_low_pair_of_the_reference_that_rose_names_more_than_it_did()
    {
        Dictionary<(string, string, string), MappingFact> mappings = [];
        foreach (MappingFact mapping in TestFolders.Facts.Facts.Mappings)
        {
            mappings[(mapping.Source, mapping.EventId.ToString(CultureInfo.InvariantCulture), mapping.Api)] = mapping;
        }

        int raised = 0;
        foreach (Dictionary<string, string> row in ReadCsv(Path.Combine(TestFolders.Reference, "api-event.csv")).Where(static row => row["confidence"] == "low"))
        {
            string module = row["module"].Replace(".dll", "", StringComparison.Ordinal);
            if (mappings.TryGetValue((row["event_source"], row["event_id"], module + "!" + row["api"]), out MappingFact? mapping)
                && mapping.Evidence > Evidence.Low)
            {
                raised++;
                Assert.Matches("https?://|[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+:[^ ]+", mapping.Reference);
                Assert.DoesNotContain("no stored source states the pair", mapping.Reference, StringComparison.Ordinal);
            }
        }

        Assert.InRange(raised, 150, int.MaxValue);
    }

    [Fact]
    public void The_same_facts_give_the_same_bytes()
    {
        FactFolder again = FactFolder.Read(TestFolders.Data);
        Assert.Equal(TestFolders.Facts.Hash, again.Hash);
        Assert.Equal(BuildCommand.Compile(TestFolders.Facts), BuildCommand.Compile(again));
    }

    [Fact]
    public void The_hash_does_not_depend_on_line_ends_but_on_every_value()
    {
        string folder = TestFolders.CopyFacts();
        string file = Path.Combine(folder, "sources", "sample", "1-process-create.yml");
        byte[] first = FactFolder.Read(folder).Hash;
        File.WriteAllText(file, File.ReadAllText(file).ReplaceLineEndings("\r\n"));
        Assert.Equal(first, FactFolder.Read(folder).Hash);
        File.WriteAllText(file, File.ReadAllText(file).Replace("owner/repository", "owner/other", StringComparison.Ordinal));
        Assert.NotEqual(first, FactFolder.Read(folder).Hash);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void What_a_file_knows_of_an_event_reaches_every_version_in_the_store()
    {
        MappingStore store = s_store.Value;
        SourceEntry security = store.FindSource("Security")!;
        EventEntry[] versions = [.. store.EventVersions(security, 4688)];
        Assert.Equal(3, versions.Length);
        SourceEntry sysmon = store.FindSource("Sysmon")!;
        Assert.Equal("Sysmon", store.FindEvent(sysmon, 8).Emitter);
    }

    [Fact]
    public void The_statistics_page_is_what_the_store_says() => Assert.Equal(
        StatsCommand.Format(TestFolders.Facts, s_store.Value, markdown: true),
        File.ReadAllText(Path.Combine(TestFolders.Data, "STATISTICS.md")).ReplaceLineEndings("\n"));

    [Fact]
    public void No_fact_file_is_too_large_to_review()
    {
        foreach (string file in TestFolders.Facts.Files)
        {
            Assert.InRange(new FileInfo(Path.Combine(TestFolders.Data, file)).Length, 1, 3 * 1024 * 1024);
        }
    }

    [Fact]
    public void The_page_on_the_format_names_every_table_every_key_and_every_lint()
    {
        string page = File.ReadAllText(Path.Combine(TestFolders.Data, "README.md"));
        foreach (CatalogueTable table in Catalogue.Tables)
        {
            Assert.Contains("`" + table.Name + ".csv`", page, StringComparison.Ordinal);
        }

        foreach (DataTool.Lints.Lint lint in DataTool.Lints.AllLints.Lints)
        {
            Assert.Contains("`" + lint.Name + "`", page, StringComparison.Ordinal);
        }
    }

    private static List<Dictionary<string, string>> ReadCsv(string path)
    {
        List<Dictionary<string, string>> rows = [];
        using CsvReader reader = CsvReader.Create(File.ReadAllBytes(path), new CsvReaderOptions { Separator = ',' });
        string[] headers = [.. reader.Headers];
        while (reader.Read())
        {
            Dictionary<string, string> row = new(StringComparer.Ordinal);
            for (int i = 0; i < headers.Length; i++)
            {
                row[headers[i]] = reader.GetString(i);
            }

            rows.Add(row);
        }

        return rows;
    }
}
