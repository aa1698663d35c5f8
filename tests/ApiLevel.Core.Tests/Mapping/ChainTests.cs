using System.Collections.Generic;
using System.Linq;
using ApiLevel.Answers;
using ApiLevel.Chains;
using ApiLevel.Core.Tests.Support;
using ApiLevel.Facts;
using ApiLevel.Names;

namespace ApiLevel.Core.Tests.Mapping;

public sealed class ChainTests
{
    private readonly MappingStore _store = TestFacts.Open();

    private ApiEntry Api(string key)
    {
        ApiName name = ApiName.Parse(key);
        return _store.Resolve(name.Module, name.Name).Api;
    }

    [Fact]
    public void An_api_has_its_own_events_and_those_of_the_calls_below_it()
    {
        IReadOnlyList<ReachedEvent> events = _store.EventsOf(Api("kernel32!OpenProcess"));

        Assert.Equal(["Sysmon 10", "Kernel-Audit 5", "Security 4663"], events.Select(reached => $"{reached.Mapping.Source} {reached.Mapping.EventId}"));
        Assert.Equal([Evidence.High, Evidence.Derived, Evidence.Derived], events.Select(reached => reached.Evidence));
    }

    [Fact]
    public void What_is_derived_is_never_stronger_than_its_weakest_step()
    {
        Assert.All(_store.EventsOf(Api("kernel32!CreateThing")), reached => Assert.Equal(Evidence.Low, reached.Evidence));
        Assert.NotEmpty(_store.EventsOf(Api("kernel32!CreateThing")));
    }

    [Fact]
    public void The_path_and_the_conditions_on_it_are_told()
    {
        ReachedEvent sysmon = _store.EventsOf(Api("kernel32!CreateThing")).Single(reached => reached.Mapping.EventId == 10);

        Assert.Equal("kernel32!OpenProcess", sysmon.Via);
        Assert.Equal("target differs", sysmon.Condition);
        Assert.Equal(Relation.ViaLowerCall, sysmon.Relation);
    }

    [Fact]
    public void A_condition_below_stays_a_condition_above()
    {
        Assert.Equal(Relation.Conditional, _store.EventsOf(Api("kernel32!OpenProcess")).Single(reached => reached.Mapping.EventId == 4663).Relation);
    }

    [Fact]
    public void An_edge_that_was_drawn_for_one_event_carries_no_other()
    {
        Assert.Equal([4663], _store.EventsOf(Api("user32!Restricted")).Select(reached => reached.Mapping.EventId));
        Assert.Equal("sacl", _store.EventsOf(Api("user32!Restricted"))[0].Condition);
    }

    [Fact]
    public void Side_calls_lead_to_no_event_but_name_the_nearest_one()
    {
        Assert.Empty(_store.EventsOf(Api("kernel32!Silent")));
        Assert.Equal("ntdll!NtOpenProcess", _store.NearestLowerCallWithEvent(Api("kernel32!Silent")).Key);
    }

    [Fact]
    public void A_circle_of_calls_ends()
    {
        FactSet facts = TestFacts.Create();
        facts.Calls.Add(new CallFact { Caller = "ntdll!NtOpenProcess", Callee = "kernel32!CreateThing", CalleeLayer = ApiLayer.Win32, Kind = "calls", IsPrimary = true, Evidence = Evidence.Medium, Reference = "test" });
        MappingStore store = TestFacts.Open(facts);

        Assert.Equal(3, store.EventsOf(store.Resolve("kernel32", "CreateThing").Api).Count);
        Assert.Equal(3, new CallChain(store, 16, sideCalls: true).Below(store.Resolve("kernel32", "CreateThing").Api).Select(step => step.Api).Distinct().Count());
    }

    [Fact]
    public void A_condition_that_the_caller_cannot_meet_ends_the_way()
    {
        FactSet facts = TestFacts.Create();
        facts.Arguments.Add(new ArgumentFact { Caller = "kernel32!OpenProcess", Callee = "ntdll!NtOpenProcess", Argument = "object", Value = "file|directory" });
        facts.Conditions.Add(new ConditionFact { Condition = "sacl", Argument = "object", Value = "key" });
        MappingStore store = TestFacts.Open(facts);

        Assert.Equal([10, 5], store.EventsOf(store.Resolve("kernel32", "OpenProcess").Api).Select(reached => reached.Mapping.EventId));
        Assert.Contains(4663, store.EventsOf(store.Resolve("ntdll", "NtOpenProcess").Api).Select(reached => reached.Mapping.EventId));
    }

    [Fact]
    public void A_kernel_mode_condition_reaches_no_user_mode_name()
    {
        FactSet facts = TestFacts.Create();
        facts.Conditions.Add(new ConditionFact { Condition = "sacl", Argument = "mode", Value = "kernel" });
        MappingStore store = TestFacts.Open(facts);

        Assert.DoesNotContain(store.EventsOf(store.Resolve("kernel32", "OpenProcess").Api), reached => reached.Mapping.EventId == 4663);
    }

    [Theory]
    [InlineData("kernel32!CreateThing")]
    [InlineData("kernel32!OpenProcess")]
    public void A_denied_pair_is_not_derived_for_the_call_or_above_it(string denied)
    {
        FactSet facts = TestFacts.Create();
        facts.Denied.Add(new DeniedFact { Api = denied, Source = "Kernel-Audit", EventId = 5, Reason = "test" });
        MappingStore store = TestFacts.Open(facts);

        Assert.DoesNotContain(store.EventsOf(store.Resolve("kernel32", "CreateThing").Api), reached => reached.Mapping.EventId == 5);
    }

    [Fact]
    public void The_tree_lists_a_call_and_then_what_it_calls()
    {
        IReadOnlyList<ApiCallStep> steps = new CallChain(_store, 16, sideCalls: false).Below(Api("kernel32!CreateThing"));

        Assert.Equal(["0 CreateThing", "1 OpenProcess", "2 NtOpenProcess"], steps.Select(step => $"{step.Depth} {step.Api}"));
        Assert.Equal([5, 5, 6], steps.Select(step => step.Level));
        Assert.Equal("kernel32!OpenProcess", steps[2].Parent);
        Assert.Contains("Kernel-Audit 5", steps[2].Events, System.StringComparison.Ordinal);
    }

    [Fact]
    public void The_depth_is_kept()
    {
        Assert.Equal(2, new CallChain(_store, 1, sideCalls: false).Below(Api("kernel32!CreateThing")).Count);
    }

    [Fact]
    public void A_flowchart_has_each_function_once_and_each_call()
    {
        string chart = CallChain.ToMermaid(new CallChain(_store, 16, sideCalls: false).Below(Api("kernel32!CreateThing")));

        Assert.StartsWith("flowchart TD\n", chart, System.StringComparison.Ordinal);
        Assert.Equal(3, chart.Split('\n').Count(line => line.Contains("[\"", System.StringComparison.Ordinal)));
        Assert.Equal(2, chart.Split('\n').Count(line => line.Contains("-->", System.StringComparison.Ordinal)));
    }
}
