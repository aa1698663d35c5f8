using System;
using System.IO;
using System.Linq;
using ApiLevel.Facts;
using ApiLevel.Rules;
using CsCheck;

namespace ApiLevel.Data.Tests;

public class FactYamlWriterTests
{
    private static readonly Gen<string> s_text =
        Gen.Frequency(
            (8, Gen.String[Gen.Char.AlphaNumeric, 1, 12]),
            (4, Gen.String[Gen.Char[" :#'\"-[]{}&*!|>%@`,?;\\/=~.+eExX0123456789aZ"], 1, 16]),
            (2, Gen.OneOf("true", "off", "null", "~", "1e5", "0x10", "1.5", ".5", "2026-01-01", "- a", "a: b", "a #b", "'", "''", ": ", "é", "\u2028x", "a\tb")),
            (1, Gen.String[1, 8]));

    [Fact]
    public void Every_built_in_file_is_what_the_writer_writes()
    {
        string[] files = [.. TestFolders.Facts.Files.Where(static file => file.EndsWith(".yml", StringComparison.Ordinal))];
        Assert.True(files.Length > 300);
        foreach (string file in files)
        {
            string path = Path.Combine(TestFolders.Data, file);
            FactReadResult result = FactYamlReader.ReadFile(path, file);
            Assert.Equal(
                File.ReadAllText(path).ReplaceLineEndings("\n"),
                Write(result.Facts));
        }
    }

    [Fact]
    public void Whatever_is_written_reads_back_the_same()
    {
        // A failure prints the seed.
        Gen.Select(s_text, s_text, s_text, s_text, Gen.Enum<Relation>(), Gen.Enum<Evidence>(), Gen.Enum<ApiLayer>())
            .Sample(
                static (name, condition, mechanism, reference, relation, evidence, layer) =>
                {
                    FactSet facts = new();
                    facts.Events.Add(new EventFact { Source = "S" + name, Id = 7, Name = name });
                    facts.Mappings.Add(new MappingFact
                    {
                        Api = "kernel32!CreateProcess",
                        Layer = layer,
                        Source = "S" + name,
                        EventId = 7,
                        Relation = relation == Relation.None ? Relation.Direct : relation,
                        Condition = condition,
                        Mechanism = mechanism,
                        Evidence = evidence,
                        Reference = "R" + reference,
                    });
                    string text = Write(facts);
                    FactReadResult result = FactYamlReader.Read(new StringReader(text), "");

                    // A value of blanks only is no value, and a line break cannot be part of one.
                    bool isBlank = new[] { name, condition, mechanism }.Any(static value => string.IsNullOrWhiteSpace(OneLine(value)));
                    if (isBlank)
                    {
                        return;
                    }

                    Assert.True(result.Problems.Count == 0, text + string.Join('\n', result.Problems));
                    MappingFact mapping = Assert.Single(result.Facts.Mappings);
                    Assert.Equal(OneLine(condition), mapping.Condition);
                    Assert.Equal(OneLine(mechanism), mapping.Mechanism);
                    Assert.Equal("R" + OneLine(reference), mapping.Reference);
                    Assert.Equal(OneLine(name), Assert.Single(result.Facts.Events).Name);
                    Assert.Equal(text, Write(result.Facts));
                },
                iter: 3000);
    }

    [Fact]
    public void Values_that_another_reader_would_take_for_something_else_are_quoted()
    {
        FactSet facts = new();
        facts.Sources.Add(new SourceFact { Name = "off", Provider = "1.5", Description = "0x10", Documentation = "a: b" });
        Assert.Equal("name: 'off'\nprovider: '1.5'\ndescription: '0x10'\ndocumentation: 'a: b'\n", Write(facts));
    }

    [Fact]
    public void The_order_of_what_comes_in_does_not_matter()
    {
        FactSet facts = FactYamlReader.ReadFile(Path.Combine(TestFolders.Data, "sources", "sysmon", "1-process-create.yml")).Facts;
        StringWriter turned = new();
        FactYamlWriter.Write(facts.Sources, facts.Events, facts.Mappings.AsEnumerable().Reverse(), turned);
        Assert.Equal(Write(facts), turned.ToString());
    }

    [Fact]
    public void A_mapping_without_its_event_is_written_with_source_and_number()
    {
        FactSet facts = new();
        facts.Mappings.Add(new MappingFact
        {
            Api = "a!B", Source = "Security", EventId = 4624, Relation = Relation.Direct, Evidence = Evidence.Medium, Reference = "owner/repository",
        });
        string text = Write(facts);
        Assert.StartsWith("source: Security\nevent: 4624\napis:\n  - api: a!B\n", text, StringComparison.Ordinal);
        Assert.Empty(FactYamlReader.Read(new StringReader(text), "").Problems);
    }

    private static string OneLine(string value) =>
        string.Concat(value.Select(static c => char.IsControl(c) || c is '\u2028' or '\u2029' or '\uFEFF' ? ' ' : c));

    private static string Write(FactSet facts)
    {
        StringWriter writer = new();
        FactYamlWriter.Write(facts.Sources, facts.Events, facts.Mappings, writer);
        return writer.ToString();
    }
}
