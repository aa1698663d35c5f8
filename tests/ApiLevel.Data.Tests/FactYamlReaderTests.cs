using System;
using System.IO;
using System.Linq;
using System.Text;
using ApiLevel.Facts;
using ApiLevel.Rules;

namespace ApiLevel.Data.Tests;

public class FactYamlReaderTests
{
    private const string Good = """
        source: Sample
        event: 1
        name: ProcessCreate
        apis:
          - api: kernel32!CreateProcess
            relation: ViaLowerCall
            via: kernel32!CreateProcessInternal; ntdll!NtCreateUserProcess
            condition: always
            evidence: high
            reference: owner/repository; owner/other
        """;

    [Fact]
    public void Reads_an_event_with_its_apis()
    {
        FactReadResult result = Read(Good);
        Assert.Empty(result.Problems);
        EventFact fact = Assert.Single(result.Facts.Events);
        Assert.Equal(("Sample", 1, "ProcessCreate"), (fact.Source, fact.Id, fact.Name));
        MappingFact mapping = Assert.Single(result.Facts.Mappings);
        Assert.Equal(("kernel32!CreateProcess", ApiLayer.Win32), (mapping.Api, mapping.Layer));
        Assert.Equal((Relation.ViaLowerCall, Evidence.High), (mapping.Relation, mapping.Evidence));
        Assert.Equal("kernel32!CreateProcessInternal;ntdll!NtCreateUserProcess", mapping.Via);
        Assert.Equal(new FactOrigin("test.yml", 5), mapping.Origin);
    }

    [Fact]
    public void Reads_several_documents_and_lists_in_one_file()
    {
        string second = Good.Replace("event: 1", "event: 2", StringComparison.Ordinal);
        Assert.Equal([1, 2], Read(Good + "\n---\n" + second).Facts.Events.Select(static fact => fact.Id));
        FactReadResult list = Read("- source: A\n  event: 3\n- source: A\n  event: 4\n- name: A\n  provider: Provider-A\n");
        Assert.Empty(list.Problems);
        Assert.Equal([3, 4], list.Facts.Events.Select(static fact => fact.Id));
        Assert.Equal("Provider-A", Assert.Single(list.Facts.Sources).Provider);
    }

    [Theory]
    [InlineData("name: ProcessCreate", "nome: ProcessCreate", "nome", 3)]
    [InlineData("event: 1", "event: one", "event", 2)]
    [InlineData("event: 1", "event: 70000", "event", 2)]
    [InlineData("event: 1", "event: -1", "event", 2)]
    [InlineData("event: 1", "event: [1]", "event", 2)]
    [InlineData("source: Sample\n", "", "source", 1)]
    [InlineData("name: ProcessCreate", "name:", "name", 3)]
    [InlineData("name: ProcessCreate", "event: 1", "event", 3)]
    [InlineData("name: ProcessCreate", "name: {a: b}", "name", 3)]
    [InlineData("name: ProcessCreate", "name: |\n  a\n  b", "name", 3)]
    [InlineData("relation: ViaLowerCall", "relation: Perhaps", "relation", 6)]
    [InlineData("relation: ViaLowerCall", "relation: None", "relation", 6)]
    [InlineData("relation: ViaLowerCall", "relation: 1", "relation", 6)]
    [InlineData("    evidence: high\n", "", "evidence", 5)]
    [InlineData("evidence: high", "evidence: sure", "evidence", 9)]
    [InlineData("    reference: owner/repository; owner/other", "", "reference", 5)]
    [InlineData("api: kernel32!CreateProcess", "api: CreateProcess", "api", 5)]
    [InlineData("api: kernel32!CreateProcess", "api: kernel32!Create Process", "api", 5)]
    [InlineData("via: kernel32!CreateProcessInternal;", "via: somewhere below;", "via", 7)]
    [InlineData("condition: always", "layer: ring0", "layer", 8)]
    [InlineData("condition: always", "condition: [a, b]", "condition", 8)]
    public void Names_file_line_and_field_of_what_is_wrong(string good, string bad, string field, int line)
    {
        FactReadResult result = Read(Good.Replace(good, bad, StringComparison.Ordinal));
        FactProblem problem = Assert.Single(result.Problems);
        Assert.Equal((field, new FactOrigin("test.yml", line)), (problem.Field, problem.Origin));
        Assert.Empty(result.Facts.Events);
        Assert.Empty(result.Facts.Mappings);
    }

    [Theory]
    [InlineData("apis: none")]
    [InlineData("apis:\n  - kernel32!CreateProcess")]
    public void Apis_must_be_a_list_of_entries(string apis) =>
        Assert.Equal("apis", Assert.Single(Read("source: S\nevent: 1\n" + apis).Problems).Field);

    [Theory]
    [InlineData("name: A\nprovider: B\nguid: 12345", "guid")]
    [InlineData("name: A\nprovider: B\ncolour: red", "colour")]
    [InlineData("provider: B", "name")]
    [InlineData("name: A", "event")]
    [InlineData("just text", "")]
    [InlineData("", "")]
    [InlineData("a: [", "")]
    [InlineData("\t- x: 'y", "")]
    public void A_document_that_is_no_fact_is_a_problem(string text, string field) =>
        Assert.Equal(field, Assert.Single(Read(text).Problems).Field);

    [Fact]
    public void Aliases_anchors_and_tags_are_refused()
    {
        string[] bombs =
        [
            "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]",
            "source: *x\nevent: 1",
            "source: !!binary aGFsbG8=\nevent: 1",
            "source: S\nevent: 1\n<<: *base",
            "source: &name S\nevent: 1",
        ];
        foreach (string bomb in bombs)
        {
            FactReadResult result = Read(bomb);
            Assert.Single(result.Problems);
            Assert.Empty(result.Facts.Events);
        }
    }

    [Fact(Timeout = 60_000)]
    public async System.Threading.Tasks.Task Depth_size_and_number_of_values_are_bounded()
    {
        await System.Threading.Tasks.Task.Run(
            static () =>
            {
                string[] floods =
                [
                    new string('[', 200_000),
                    "source: S\nevent: 1\nname: " + new string('{', 100_000),
                    string.Concat(Enumerable.Range(0, 3000).Select(static depth => new string(' ', depth % 900) + "a:\n")),
                    "source: " + new string('x', 5 * 1024 * 1024),
                    "[" + new StringBuilder().Insert(0, "a,", 500_000) + "]",
                    new StringBuilder().Insert(0, "? ", 200_000).ToString(),
                    new StringBuilder().Insert(0, "- ", 200_000).ToString(),
                ];
                foreach (string flood in floods)
                {
                    FactReadResult result = Read(flood);
                    Assert.NotEmpty(result.Problems);
                    Assert.Empty(result.Facts.Events);
                }
            },
            TestContext.Current.CancellationToken);
    }

    [Fact]
    public void A_document_with_a_problem_does_not_spoil_the_next()
    {
        FactReadResult result = Read("source: A\nevent: x\n---\nsource: A\nevent: 2\n");
        Assert.Single(result.Problems);
        Assert.Equal(2, Assert.Single(result.Facts.Events).Id);
    }

    [Fact]
    public void A_key_that_the_YAML_parser_gives_up_on_is_one_problem()
    {
        // Found by ApiLevel.Fuzz: YamlDotNet's scanner throws InvalidOperationException here.
        FactReadResult result = Read("source: Sysmon\n[event\nname: x\n");

        Assert.Contains("no YAML", Assert.Single(result.Problems).ToString());
    }

    private static FactReadResult Read(string text) => FactYamlReader.Read(new StringReader(text), "test.yml");
}
