using System.Collections.Generic;
using System.Linq;
using ApiLevel.Chains;
using ApiLevel.Core.Tests.Support;
using ApiLevel.Facts;
using ApiLevel.Names;

namespace ApiLevel.Core.Tests.Mapping;

public sealed class OverlayTests
{
    private readonly MappingStore _store = TestFacts.Open();

    [Fact]
    public void A_fact_of_an_overlay_stands_beside_the_built_in_ones()
    {
        MappingStore over = _store.WithOverlay(Facts("kernel32!OpenProcess", "Security", 4624), "ours.yml");

        Assert.Contains(over.MappingsOf(over.Resolve("kernel32", "OpenProcess").Api), mapping => mapping.EventId == 4624 && mapping.Overlay == "ours.yml");
        Assert.Contains(over.MappingsOf(over.FindSource("Security")!, 4624), mapping => mapping.Api.Name == "OpenProcess");
        Assert.Equal(_store.MappingCount + 1, over.MappingCount);
        Assert.Equal(["ours.yml"], over.Overlays);
        Assert.DoesNotContain(_store.MappingsOf(_store.Resolve("kernel32", "OpenProcess").Api), mapping => mapping.EventId == 4624);
    }

    [Fact]
    public void An_api_that_only_an_overlay_knows_is_found_by_name_and_by_pattern()
    {
        MappingStore over = _store.WithOverlay(Facts("agent!SecretCall", "Sysmon", 10), "ours.yml");

        Assert.Equal("agent!SecretCall", over.Find(ApiName.Parse("SecretCall"))[0].Key);
        Assert.Equal("agent!SecretCall", over.Resolve("agent.dll", "secretcall").Api.Key);
        Assert.Single(over.Match(name => name == "SecretCall", null));
        Assert.Equal(Relation.Direct, over.EventsOf(over.Find(ApiName.Parse("SecretCall"))[0])[0].Relation);
    }

    [Fact]
    public void Two_overlays_keep_their_order_and_their_facts()
    {
        MappingStore over = _store
            .WithOverlay(Facts("agent!One", "Sysmon", 10), "one.yml")
            .WithOverlay(Facts("agent!Two", "Sysmon", 24), "two.yml")
            .WithOverlay(Facts("agent!One", "Sysmon", 24), "three.yml");

        Assert.Equal([10, 24], over.MappingsOf(over.Find(ApiName.Parse("agent!One"))[0]).Select(mapping => mapping.EventId));
        Assert.Equal([24], over.MappingsOf(over.Find(ApiName.Parse("agent!Two"))[0]).Select(mapping => mapping.EventId));
        Assert.Equal(["one.yml", "two.yml", "three.yml"], over.Overlays);
    }

    [Fact]
    public void A_new_source_and_event_are_known_with_the_overlay()
    {
        FactSet facts = Facts("kernel32!OpenProcess", "Our agent", 7);
        facts.Sources.Add(new SourceFact { Name = "Our agent", Provider = "Our-Agent", Channel = "Our/Operational" });
        facts.Events.Add(new EventFact { Source = "Our agent", Id = 7, Name = "Opened", Fields = "Who:UnicodeString" });

        Assert.Empty(OverlayRules.Check(_store, facts));
        MappingStore over = _store.WithOverlay(facts, "ours.yml");
        Assert.Equal("Our agent", over.FindSource("our-agent")?.Name);
        Assert.Equal("Opened", over.FindEvent(over.FindSource("Our agent")!, 7).Name);
        Assert.Equal("Our agent 7", over.MappingsOf(over.FindSource("Our agent")!, 7).Single().Event.ToString());
    }

    [Fact]
    public void A_source_that_nobody_describes_is_named()
    {
        Assert.Contains("'Nobody'", OverlayRules.Check(_store, Facts("kernel32!OpenProcess", "Nobody", 7))[0], System.StringComparison.Ordinal);
    }

    [Fact]
    public void A_contradiction_to_a_built_in_fact_names_both_sides()
    {
        FactSet facts = Facts("kernel32!OpenProcess", "Sysmon", 10);
        OverlayRules.Canonicalize(_store, facts);

        string text = OverlayRules.Contradiction(_store, facts.Mappings[0]);
        Assert.Contains("Relation: built-in 'ViaLowerCall', overlay 'Direct'", text, System.StringComparison.Ordinal);
        Assert.Equal("", OverlayRules.Contradiction(_store, facts.Mappings[0] with { EventId = 11 }));
    }

    [Fact]
    public void Spellings_become_those_of_the_store()
    {
        FactSet facts = Facts("advapi32!LogonUserW", "microsoft-windows-sysmon", 10);
        OverlayRules.Canonicalize(_store, facts);

        Assert.Equal(("advapi32!LogonUser", "Sysmon"), (facts.Mappings[0].Api, facts.Mappings[0].Source));
    }

    [Theory]
    [InlineData("Api", "", "Api")]
    [InlineData("Source", "", "Source")]
    [InlineData("EventId", "ten", "EventId")]
    [InlineData("Relation", "Sometimes", "Relation")]
    [InlineData("Relation", "None", "Relation")]
    [InlineData("Evidence", "5", "Evidence")]
    [InlineData("Reference", "", "Reference")]
    public void A_row_with_a_bad_field_names_it(string field, string value, string named)
    {
        var row = Row();
        row[field] = value;

        Assert.False(OverlayRow.TryRead(name => row.GetValueOrDefault(name, ""), default, out _, out string problem));
        Assert.StartsWith(named + ":", problem, System.StringComparison.Ordinal);
    }

    [Fact]
    public void A_good_row_becomes_a_mapping()
    {
        Dictionary<string, string> row = Row();

        Assert.True(OverlayRow.TryRead(name => row.GetValueOrDefault(name, ""), default, out MappingFact mapping, out _));
        Assert.Equal(("kernel32!OpenProcess", "Sysmon", 10, Relation.Direct, Evidence.Medium), (mapping.Api, mapping.Source, mapping.EventId, mapping.Relation, mapping.Evidence));
    }

    private static Dictionary<string, string> Row() => new()
    {
        ["Api"] = "OpenProcess",
        ["Module"] = "KERNEL32.dll",
        ["Source"] = "Sysmon",
        ["EventId"] = "10",
        ["Relation"] = "direct",
        ["Evidence"] = "medium",
        ["Reference"] = "our lab",
    };

    private static FactSet Facts(string api, string source, int eventId)
    {
        var facts = new FactSet();
        facts.Mappings.Add(new MappingFact
        {
            Api = api,
            Source = source,
            EventId = eventId,
            Relation = Relation.Direct,
            Evidence = Evidence.Medium,
            Reference = "our lab",
        });
        return facts;
    }
}
