using System;
using System.IO;
using System.Linq;
using ApiLevel.Core.Tests.Support;
using ApiLevel.Facts;

namespace ApiLevel.Core.Tests.Mapping;

public sealed class StoreFileTests
{
    [Fact]
    public void The_same_facts_give_the_same_bytes()
    {
        Assert.Equal(TestFacts.Compile(TestFacts.Create()), TestFacts.Compile(TestFacts.Create()));
    }

    [Fact]
    public void The_order_in_which_facts_were_read_does_not_matter()
    {
        FactSet reversed = TestFacts.Create();
        reversed.Mappings.Reverse();
        reversed.Exports.Reverse();
        reversed.Events.Reverse();
        reversed.Techniques.Reverse();

        Assert.Equal(TestFacts.Compile(TestFacts.Create()), TestFacts.Compile(reversed));
    }

    [Fact]
    public void Another_fact_gives_other_bytes()
    {
        FactSet more = TestFacts.Create();
        more.Exports.Add(new ExportFact { Module = "kernel32", Name = "Other", BaseName = "Other", Reference = "test" });

        Assert.NotEqual(TestFacts.Compile(TestFacts.Create()), TestFacts.Compile(more));
    }

    [Fact]
    public void A_file_that_is_no_store_says_so()
    {
        var exception = Assert.Throws<InvalidDataException>(() => MappingStore.FromBytes("not a store, but long enough to hold the header of one......"u8.ToArray()));

        Assert.Contains("no", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_store_of_another_format_version_names_both_versions()
    {
        byte[] bytes = TestFacts.Compile(TestFacts.Create());
        bytes[8] = 99;

        var exception = Assert.Throws<InvalidDataException>(() => MappingStore.FromBytes(bytes));
        Assert.Contains("99", exception.Message, StringComparison.Ordinal);
        Assert.Contains(MappingStore.FormatVersion.ToString(System.Globalization.CultureInfo.InvariantCulture), exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_store_that_is_cut_short_is_refused()
    {
        byte[] bytes = TestFacts.Compile(TestFacts.Create());

        foreach (int length in new[] { 20, 60, 200, bytes.Length / 2, bytes.Length - 1 })
        {
            Assert.Throws<InvalidDataException>(() => MappingStore.FromBytes(bytes[..length]));
        }
    }

    [Fact]
    public void A_mapping_to_a_source_that_nobody_describes_is_refused_with_its_place()
    {
        FactSet facts = TestFacts.Create();
        facts.Mappings.Add(new MappingFact
        {
            Api = "kernel32!OpenProcess",
            Source = "Nobody",
            EventId = 1,
            Reference = "test",
            Origin = new FactOrigin("sources/nobody/1-x.yml", 3),
        });

        var exception = Assert.Throws<InvalidDataException>(() => TestFacts.Compile(facts));
        Assert.Contains("sources/nobody/1-x.yml:3", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Strings_beyond_ascii_come_back_as_they_were()
    {
        FactSet facts = TestFacts.Create();
        facts.Properties["Name"] = "Größe – 試験";

        Assert.Equal("Größe – 試験", TestFacts.Open(facts).Property("Name"));
    }

    [Fact]
    public void Counts_are_those_of_the_facts()
    {
        FactSet facts = TestFacts.Create();
        MappingStore store = TestFacts.Open(facts);

        Assert.Equal(facts.Mappings.Count, store.MappingCount);
        Assert.Equal(facts.Calls.Count, store.CallCount);
        Assert.Equal(facts.Events.Count, store.EventCount);
        Assert.Equal(store.ApiCount, store.Apis().Select(api => api.Key).Distinct().Count());
    }
}
