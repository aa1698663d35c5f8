using System;
using System.Collections.Generic;
using System.Linq;
using ApiLevel.Attribution;
using ApiLevel.Facts;
using ApiLevel.Formats;
using ApiLevel.Names;

namespace ApiLevel.Core.Tests.Attribution;

public class TelemetryFilterTests
{
    private static readonly DateTime s_noon = new(2024, 1, 1, 12, 0, 0, DateTimeKind.Utc);

    private static Facts Two() => Facts.Opening(1).Event(2).Map("a!Other", 2).Call("dbg!Dump", "kernel32!OpenThing");

    private static TelemetryFilter ByApi(Facts facts, params string[] apis)
    {
        EventAttributor attributor = facts.Attributor();
        return new TelemetryFilter(attributor, [.. apis.SelectMany(api => attributor.Store.Find(ApiName.Parse(api)))]);
    }

    [Fact]
    public void Without_conditions_everything_passes()
    {
        TelemetryFilter filter = new(Two().Attributor());
        Assert.True(filter.PassesHeader(new EventRecord { Provider = "Stranger" }));
        Assert.NotNull(filter.Attribute(new EventRecord { Provider = "Stranger" }));
    }

    [Theory]
    [InlineData("kernel32!OpenThing", 1)]
    [InlineData("ntdll!NtOpenThing", 1)]
    [InlineData("dbg!Dump", 1)]
    [InlineData("a!Other", 2)]
    public void An_api_asks_for_the_events_that_it_or_a_call_below_it_leads_to(string api, int id)
    {
        TelemetryFilter filter = ByApi(Two(), api);
        foreach (int other in new[] { 1, 2, 3 })
        {
            EventRecord record = Facts.Record(other);
            Assert.Equal(other == id, filter.PassesHeader(record));
            Assert.Equal(other == id, filter.Attribute(record) is not null);
        }

        Assert.False(filter.PassesHeader(new EventRecord { Provider = "Stranger", EventId = id }));
    }

    [Fact]
    public void An_event_whose_fields_exclude_the_api_is_not_wanted()
    {
        TelemetryFilter filter = ByApi(new Facts().Event(1, "Kind:UnicodeString").Map("a!File", 1).When("a!File", 1, "Kind", "file").Map("a!Key", 1), "a!File");
        Assert.True(filter.PassesHeader(Facts.Record(1)));
        Assert.NotNull(filter.Attribute(Facts.Record(1, ("Kind", "file"))));
        Assert.Null(filter.Attribute(Facts.Record(1, ("Kind", "key"))));
    }

    [Fact]
    public void An_api_that_the_event_never_names_is_not_found_by_it()
    {
        TelemetryFilter filter = ByApi(new Facts().Event(1).Map("a!Real", 1).Map("a!OverTheSamePipe", 1).When("a!OverTheSamePipe", 1, "", ""), "a!OverTheSamePipe");
        Assert.Null(filter.Attribute(Facts.Record(1)));
    }

    [Fact]
    public void No_api_at_all_lets_nothing_through() => Assert.False(ByApi(Two()).PassesHeader(Facts.Record(1)));

    [Fact]
    public void An_event_that_names_its_call_is_decoded_before_it_is_judged()
    {
        TelemetryFilter filter = ByApi(Two().Event(88).Role(88, "api-name", "Api"), "a!Other");
        Assert.True(filter.PassesHeader(Facts.Record(88)));
        Assert.NotNull(filter.Attribute(Facts.Record(88, ("Api", "a!Other"))));
        Assert.Null(filter.Attribute(Facts.Record(88, ("Api", "a!Else"))));
    }

    [Fact]
    public void Ids_and_times_are_answered_from_the_header()
    {
        TelemetryFilter filter = new(Two().Attributor()) { EventIds = new HashSet<int> { 1 }, StartTime = s_noon, EndTime = s_noon.AddHours(1) };
        EventRecord At(DateTime? time, int id = 1)
        {
            EventRecord record = Facts.Record(id);
            record.TimeCreated = time;
            return record;
        }

        Assert.True(filter.PassesHeader(At(s_noon)));
        Assert.True(filter.PassesHeader(At(s_noon.AddHours(1))));
        Assert.False(filter.PassesHeader(At(s_noon.AddTicks(-1))));
        Assert.False(filter.PassesHeader(At(s_noon.AddHours(2))));
        Assert.False(filter.PassesHeader(At(null)));
        Assert.False(filter.PassesHeader(At(s_noon, 2)));
    }

    [Fact]
    public void The_process_is_judged_by_the_header_only_where_the_header_is_the_caller()
    {
        Facts facts = new Facts().Event(1, emitter: "kernel").Event(2).Role(2, "process-id", "Pid");
        TelemetryFilter filter = new(facts.Attributor()) { ProcessIds = new HashSet<int> { 42 } };
        Assert.False(filter.PassesHeader(Facts.Record(1)));
        EventRecord byField = Facts.Record(2, ("Pid", 42L));
        Assert.True(filter.PassesHeader(byField));
        Assert.NotNull(filter.Attribute(byField));
        Assert.Null(filter.Attribute(Facts.Record(2, ("Pid", 7L))));
    }

    [Fact]
    public void Schemas_are_those_of_exactly_the_asked_version()
    {
        MappingStore store = new Facts().Event(1, "A:UnicodeString;B:UInt32", version: 3).Event(2).Store();
        StoreSchemas schemas = new(store);
        Assert.True(schemas.TryGetSchema(Guid.Parse(Facts.Guid), 1, 3, out string provider, out string name, out IReadOnlyList<EventFieldSchema> fields));
        Assert.Equal(("Acme-Watch", "Event 1"), (provider, name));
        Assert.Equal([new EventFieldSchema("A", "UnicodeString"), new EventFieldSchema("B", "UInt32")], fields);
        Assert.False(schemas.TryGetSchema(Guid.Parse(Facts.Guid), 1, 2, out _, out _, out _));
        Assert.False(schemas.TryGetSchema(Guid.Parse(Facts.Guid), 2, 0, out _, out _, out _));
        Assert.False(schemas.TryGetSchema(Guid.NewGuid(), 1, 3, out _, out _, out _));
    }
}
