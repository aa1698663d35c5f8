using System;
using System.Linq;
using ApiLevel.Attribution;
using ApiLevel.Facts;
using ApiLevel.Formats;

namespace ApiLevel.Core.Tests.Attribution;

public class AttributionTests
{
    [Fact]
    public void Names_the_call_that_the_others_pass_through()
    {
        ApiTelemetryEvent e = Facts.Opening(1).Attribute(1);
        Assert.Equal(("NtOpenThing", "ntdll", "Syscall", "High"), (e.Api, e.Module, e.Confidence, e.Evidence));
        Assert.Equal("ntdll!NtOpenThing", Facts.Candidates(e)[0]);
        Assert.Equal(5, Facts.Candidates(e).Length);
    }

    [Fact]
    public void Lists_a_disputed_api_last_and_never_names_it_beside_another()
    {
        ApiTelemetryEvent e = Facts.Opening(1).Attribute(1);
        Assert.Equal("kernel32!AAA", Facts.Candidates(e)[^1]);
    }

    [Fact]
    public void Names_a_disputed_api_that_is_alone()
    {
        ApiTelemetryEvent e = new Facts().Event(1).Map("kernel32!Only", 1, evidence: Evidence.Disputed).Attribute(1);
        Assert.Equal(("Only", "Disputed", "Effect"), (e.Api, e.Evidence, e.Confidence));
    }

    [Fact]
    public void An_event_written_inside_the_call_of_one_family_is_direct()
    {
        Assert.Equal("Direct", Facts.Opening(1, "kernel").Attribute(1).Confidence);
        ApiTelemetryEvent shared = Facts.Opening(1, "kernel").Map("kernel32!OtherWay", 1, via: "ntdll!NtOpenThing").Attribute(1);
        Assert.Equal(("NtOpenThing", "Syscall"), (shared.Api, shared.Confidence));
    }

    [Theory]
    [InlineData("Stub", "Direct", "High")]
    [InlineData(null, "Direct", "High")]
    [InlineData("SharedStub", "Effect", "Medium")]
    [InlineData("CallerCompiled", "Effect", "Medium")]
    public void A_call_whose_caller_alone_was_seen_is_no_direct_proof(string? witness, string confidence, string evidence)
    {
        Facts facts = Facts.Opening(1).Role(1, "api-name", "Api").Role(null, "api-unseen", "Witness", "SharedStub; CallerCompiled");
        ApiTelemetryEvent e = facts.Attribute(1, ("Api", "ntdll!NtOpenThing"), ("Witness", witness));
        Assert.Equal(("NtOpenThing", confidence, evidence), (e.Api, e.Confidence, e.Evidence));
    }

    [Fact]
    public void A_function_that_goes_another_way_leaves_only_the_effect()
    {
        ApiTelemetryEvent e = Facts.Opening(1).Map("advapi32!ThroughAService", 1, evidence: Evidence.High).Attribute(1);
        Assert.Equal(("NtOpenThing", "Effect"), (e.Api, e.Confidence));
    }

    [Fact]
    public void The_name_first_in_the_alphabet_does_not_win_over_better_support()
    {
        Facts facts = new Facts().Event(1)
            .Map("a!Aaa", 1, evidence: Evidence.Low)
            .Map("a!Bbb", 1, evidence: Evidence.Derived)
            .Map("a!Ccc", 1, evidence: Evidence.Medium)
            .Map("a!Ddd", 1, evidence: Evidence.Medium, reference: "one; two");
        Assert.Equal("a!Ddd; a!Ccc; a!Bbb; a!Aaa", facts.Attribute(1).Candidates);
    }

    [Fact]
    public void Of_equals_the_one_that_more_techniques_use_is_named()
    {
        Facts facts = new Facts().Event(1).Map("a!Aaa", 1).Map("a!Zzz", 1).Technique("a!Zzz", "T1003");
        ApiTelemetryEvent e = facts.Attribute(1);
        Assert.Equal(("Zzz", "T1003"), (e.Api, e.Technique));
    }

    [Fact]
    public void A_field_that_confirms_wins_over_evidence_and_dominance()
    {
        Facts facts = Facts.Opening(1).Map("advapi32!ByService", 1, evidence: Evidence.Low).When("advapi32!ByService", 1, "Source", "*\\services.exe");
        Assert.Equal("ByService", facts.Attribute(1, ("Source", "C:\\Windows\\SERVICES.EXE")).Api);
        ApiTelemetryEvent other = facts.Attribute(1, ("Source", "C:\\a.exe"));
        Assert.Equal("NtOpenThing", other.Api);
        Assert.DoesNotContain("advapi32!ByService", Facts.Candidates(other));
    }

    [Fact]
    public void A_field_that_the_event_lacks_contradicts_nothing_and_confirms_nothing()
    {
        Facts facts = Facts.Opening(1).Map("advapi32!ByService", 1, evidence: Evidence.Low).When("advapi32!ByService", 1, "Source", "*\\services.exe");
        foreach (ApiTelemetryEvent e in new[] { facts.Attribute(1), facts.Attribute(1, ("Source", "")) })
        {
            Assert.Equal("NtOpenThing", e.Api);
            Assert.Contains("advapi32!ByService", Facts.Candidates(e));
        }
    }

    [Theory]
    [InlineData("3", 3L, true)]
    [InlineData("0x10", 16L, true)]
    [InlineData("16", "0x10", true)]
    [InlineData("&0x6", "0x12", true)]
    [InlineData("&0x6", 0x11L, false)]
    [InlineData("Advapi", "Advapi  ", true)]
    [InlineData("%%1906", "%%1905", false)]
    [InlineData("a*c;x?z", "xyz", true)]
    [InlineData("!Security", "SC Manager", true)]
    [InlineData("!Security", "security", false)]
    [InlineData("~svc*", "svchost", true)]
    [InlineData("~svc*", "lsass", false)]
    [InlineData("true", true, true)]
    public void Conditions_read_texts_numbers_masks_and_exclusions(string values, object field, bool left)
    {
        Facts facts = new Facts().Event(1, "Field:UnicodeString").Map("a!One", 1).Map("a!Two", 1).When("a!Two", 1, "Field", values);
        Assert.Equal(left, Facts.Candidates(facts.Attribute(1, ("Field", field))).Contains("a!Two"));
    }

    [Fact]
    public void An_exclusion_or_a_common_value_confirms_nothing()
    {
        Facts facts = new Facts().Event(1, "Field:UnicodeString").Map("a!One", 1, evidence: Evidence.High)
            .Map("a!Two", 1).When("a!Two", 1, "Field", "!x")
            .Map("a!Three", 1).When("a!Three", 1, "Field", "~y");
        Assert.Equal("One", facts.Attribute(1, ("Field", "y")).Api);
    }

    [Fact]
    public void Fields_that_contradict_every_api_leave_none_and_a_reason()
    {
        EventAttributor attributor = new Facts().Event(1, "Kind:UnicodeString").Map("a!One", 1).When("a!One", 1, "Kind", "file").Attributor();
        EventRecord record = Facts.Record(1, ("Kind", "key"));
        ApiTelemetryEvent e = attributor.Attribute(record);
        Assert.Equal(("", "", "", ""), (e.Api, e.Candidates, e.Confidence, e.Evidence));
        Assert.Contains("contradict", attributor.ExplainMiss(record));
        Assert.True(attributor.IsMapped(record));
    }

    [Fact]
    public void An_api_that_any_call_over_the_same_transport_could_be_is_listed_and_not_named()
    {
        EventAttributor attributor = new Facts().Event(1).Map("a!Method", 1, layer: ApiLayer.RpcMethod).When("a!Method", 1, "", "").Attributor();
        ApiTelemetryEvent e = attributor.Attribute(Facts.Record(1));
        Assert.Equal(("", "a!Method"), (e.Api, e.Candidates));
        Assert.Contains("transport", attributor.ExplainMiss(Facts.Record(1)));
    }

    [Fact]
    public void A_method_with_one_client_function_gives_way_to_it_and_with_several_it_is_named()
    {
        Facts facts = new Facts().Event(1, emitter: "services.exe")
            .Map("svc!RMake", 1, evidence: Evidence.High, layer: ApiLayer.RpcMethod)
            .Map("svc!RMakeOther", 1, evidence: Evidence.High, layer: ApiLayer.RpcMethod)
            .Map("advapi32!Make", 1, via: "svc!RMake");
        ApiTelemetryEvent one = facts.Attribute(1);
        Assert.Equal(("Make", "Effect"), (one.Api, one.Confidence));
        ApiTelemetryEvent several = facts.Map("com!IMake::Make", 1, via: "svc!RMake", layer: ApiLayer.ComMethod).Attribute(1);
        Assert.Equal("RMake", several.Api);
    }

    [Fact]
    public void Of_routines_inside_the_outermost_is_named_and_only_where_nothing_can_be_called()
    {
        Facts facts = new Facts().Event(1)
            .Map("srv.sys!Audit", 1, Relation.Direct, Evidence.High, layer: ApiLayer.Kernel)
            .Map("srv.sys!Create", 1, evidence: Evidence.High, via: "srv.sys!Audit", layer: ApiLayer.Kernel);
        Assert.Equal("Create", facts.Attribute(1).Api);
        Assert.Equal("Guess", facts.Map("a!Guess", 1, evidence: Evidence.Low).Attribute(1).Api);
    }

    [Fact]
    public void A_routine_of_a_service_that_is_known_comes_before_a_function_that_is_guessed()
    {
        Facts facts = new Facts().Event(1).Map("a!Guess", 1, evidence: Evidence.Low).Map("kdc!Ticket", 1, Relation.Direct, Evidence.High, layer: ApiLayer.ServiceInternal);
        Assert.Equal("Ticket", facts.Attribute(1).Api);
    }

    [Fact]
    public void The_call_chain_counts_like_the_mappings_own_words()
    {
        Facts facts = new Facts().Event(1)
            .Map("a!Aaa", 1)
            .Map("a!Lower", 1)
            .Map("a!Upper", 1)
            .Call("a!Upper", "a!Middle")
            .Call("a!Middle", "a!Lower");
        Assert.Equal("Lower", facts.Attribute(1).Api);
    }

    [Fact]
    public void An_interface_and_a_number_give_the_method_and_its_client()
    {
        const string Id = "367abb81-9844-35f1-ad32-98f038001003";
        Facts facts = new Facts().Event(5, "Uuid:GUID;Number:UInt32").Map("rpcrt4!NdrCall", 5, Relation.Direct)
            .Role(5, "rpc-interface", "Uuid").Role(5, "rpc-opnum", "Number")
            .Call("advapi32!Make", "services.exe!RMake", ApiLayer.RpcMethod, Id, 12)
            .Call("advapi32!Start", "services.exe!RStart", ApiLayer.RpcMethod, Id, 19)
            .Call("advapi32!StartAll", "services.exe!RStart", ApiLayer.RpcMethod, Id, 19)
            .Method(Id, "svcctl", 12, "RMake").Method(Id, "svcctl", 30, "ROther").Technique("advapi32!Make", "T1543.003");
        ApiTelemetryEvent one = facts.Attribute(5, ("Uuid", Guid.Parse(Id)), ("Number", 12UL));
        Assert.Equal(("Make", "advapi32", "Protocol", "Derived", "T1543.003"), (one.Api, one.Module, one.Confidence, one.Evidence, one.Technique));
        Assert.Equal("advapi32!Make; services.exe!RMake", one.Candidates);

        ApiTelemetryEvent several = facts.Attribute(5, ("Uuid", "{" + Id + "}"), ("Number", "19"));
        Assert.Equal(("RStart", "services.exe!RStart; advapi32!Start; advapi32!StartAll"), (several.Api, several.Candidates));

        ApiTelemetryEvent methodOnly = facts.Attribute(5, ("Uuid", Guid.Parse(Id)), ("Number", 30L));
        Assert.Equal(("svcctl::ROther", "", "Protocol", "Medium"), (methodOnly.Api, methodOnly.Module, methodOnly.Confidence, methodOnly.Evidence));

        foreach (object number in new object[] { 99L, -1L, ulong.MaxValue, "x" })
        {
            ApiTelemetryEvent unknown = facts.Attribute(5, ("Uuid", Guid.Parse(Id)), ("Number", number));
            Assert.Equal(("NdrCall", "Direct"), (unknown.Api, unknown.Confidence));
        }
    }

    [Fact]
    public void An_event_that_names_the_call_is_direct()
    {
        Facts facts = new Facts().Event(88).Role(88, "api-name", "Api").Map("kernel32!OpenThing", 1);
        ApiTelemetryEvent known = facts.Attribute(88, ("Api", "KERNEL32.dll!OpenThing"));
        Assert.Equal(("OpenThing", "kernel32", "Direct", "High"), (known.Api, known.Module, known.Confidence, known.Evidence));
        Assert.Equal(("own!Function", "Direct"), (facts.Attribute(88, ("Api", "own!Function")).Candidates, facts.Attribute(88, ("Api", "own!Function")).Confidence));
        Assert.Equal("", facts.Attribute(88, ("Api", "Some.Type::Member")).Api);
        Assert.Equal("", facts.Attribute(88).Api);
    }

    [Fact]
    public void What_the_facts_do_not_know_is_passed_on_with_its_own_names()
    {
        EventAttributor attributor = new Facts().Attributor();
        EventRecord record = new() { Provider = "Stranger", EventId = 3, EventName = "Hello", ProcessId = 4, Fields = [new EventField("A", 1L)] };
        ApiTelemetryEvent e = attributor.Attribute(record, "file");
        Assert.Equal(("Stranger", 3, "Hello", 4, "", "file", "{\"A\":1}"), (e.Source, e.EventId, e.EventName, e.ProcessId, e.Api, e.Path, e.Data));
        Assert.Contains("provider", attributor.ExplainMiss(record));
        Assert.False(attributor.IsMapped(record));
    }

    [Theory]
    [InlineData(Facts.Guid, "", null)]
    [InlineData(null, "acme-watch", null)]
    [InlineData(null, "", "Watch/Log")]
    [InlineData(null, "Acme watching program.", "watch/log")]
    public void The_source_is_found_by_guid_name_or_channel(string? id, string provider, string? channel)
    {
        EventRecord record = new() { ProviderId = id is null ? null : Guid.Parse(id), Provider = provider, Channel = channel };
        Assert.Equal("Watch", new Facts().Attributor().SourceOf(record)?.Name);
    }

    [Fact]
    public void Another_provider_in_the_same_channel_is_another_source() =>
        Assert.Null(new Facts().Attributor().SourceOf(new EventRecord { Provider = "Stranger", Channel = "Watch/Log" }));
}
