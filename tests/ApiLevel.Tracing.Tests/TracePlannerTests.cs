using System;
using System.IO;
using System.Linq;
using ApiLevel.Facts;
using ApiLevel.Names;

namespace ApiLevel.Tracing.Tests;

/// <summary>Plans over a handful of facts; that the shipped facts give them too is tested through the cmdlets.</summary>
public sealed class TracePlannerTests
{
    private static readonly Lazy<MappingStore> s_store = new(Compile);

    [Fact]
    public void A_system_call_with_an_event_of_a_plain_provider_gets_a_session_of_its_own()
    {
        TracePlan plan = Plan("NtOpen", processIds: [7]);
        ApiTracePlan row = plan.Rows[0];
        Assert.True(row.Deliverable);
        Assert.Equal("ApiLevel", row.Session);
        Assert.Equal("Audit-Provider", row.Source);
        Assert.Equal(5, row.EventId);
        Assert.Equal("0x10", row.Keyword);
        Assert.Equal("event id 5; process id 7", row.Filter);
        Assert.Equal("administrator", row.Requirement);
        TraceProviderRequest provider = Assert.Single(plan.Providers);
        Assert.Equal([5], provider.EventIds);
        Assert.Equal(0x10ul, provider.Keywords);
        Assert.Equal(new Guid("11111111-1111-1111-1111-111111111111"), provider.Id);
    }

    [Fact]
    public void What_only_a_protected_process_gets_is_said_with_what_to_do_instead()
    {
        TracePlan plan = Plan("Write");
        ApiTracePlan row = Assert.Single(plan.Rows);
        Assert.False(row.Deliverable);
        Assert.Contains("PPL", row.Reason, StringComparison.Ordinal);
        Assert.NotEmpty(row.Alternative);
        Assert.Empty(plan.Providers);
        Assert.True(plan.IsEmpty);
    }

    [Fact]
    public void What_only_SYSTEM_gets_live_is_read_from_its_channel()
    {
        ApiTracePlan row = Assert.Single(Plan("Logon").Rows);
        Assert.False(row.Deliverable);
        Assert.Equal("EventLog-Security", row.Session);
        Assert.Contains("event log Security", row.Reason, StringComparison.Ordinal);
        Assert.Contains("SYSTEM", row.Reason, StringComparison.Ordinal);
        Assert.Equal("Get-WinEvent -FilterHashtable @{LogName='Security'; Id=4624} | Resolve-ApiEvent", row.Alternative);
    }

    [Fact]
    public void An_event_of_a_lower_call_says_through_which()
    {
        ApiTracePlan row = Plan("Open").Rows[0];
        Assert.True(row.Deliverable);
        Assert.Contains("through ntdll!NtOpen", row.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_known_is_said_so()
    {
        ApiTracePlan row = Assert.Single(Plan("Silent").Rows);
        Assert.False(row.Deliverable);
        Assert.Null(row.Source);
        Assert.Equal("no event is known for it", row.Reason);
        Assert.Equal("none of its events has one of these ids", Assert.Single(Plan("NtOpen", eventIds: [99]).Rows).Reason);
    }

    [Fact]
    public void One_provider_is_enabled_once_for_all_its_events_and_with_all_keywords_when_one_is_unknown()
    {
        TracePlan plan = Plan(["NtOpen", "NtOther"], []);
        TraceProviderRequest provider = Assert.Single(plan.Providers);
        Assert.Equal([5, 6], provider.EventIds);
        Assert.Equal(ulong.MaxValue, provider.Keywords);
    }

    [Fact]
    public void A_provider_may_be_named_whether_the_facts_know_it_or_not()
    {
        TracePlan plan = new TracePlanner(s_store.Value).Plan(new TraceQuestion { Providers = ["audit-provider", "Some-Other"], EventIds = [6] });
        Assert.All(plan.Rows, static row => Assert.True(row.Deliverable));
        Assert.Equal(["Audit-Provider", "Some-Other"], plan.Providers.Select(static provider => provider.Name));
        Assert.Null(plan.Providers[1].Id);
        Assert.Contains("looked up", plan.Rows[1].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void An_event_pipe_names_native_functions_and_the_managed_members_above_them()
    {
        TracePlan plan = Plan(["Open"], [7], TraceKind.EventPipe);
        Assert.Equal(["kernel32!Open", "System.Opener::Open"], plan.Rows.Select(static row => row.Module.Length == 0 ? row.Api : row.Module + "!" + row.Api));
        Assert.All(plan.Rows, static row => Assert.True(row.Deliverable));
        Assert.All(plan.Rows, static row => Assert.Contains("calls are not counted", row.Reason, StringComparison.Ordinal));
        Assert.Equal(["System.Opener::Open"], plan.ManagedMembers);
        Assert.True(plan.Accept!(new Formats.EventRecord { Fields = [new Formats.EventField("Api", "kernel32!OpenW")] }));
        Assert.False(plan.Accept(new Formats.EventRecord { Fields = [new Formats.EventField("Api", "kernel32!Silent")] }));
    }

    [Fact]
    public void An_event_pipe_without_names_reports_every_native_call()
    {
        TracePlan plan = Plan([], [7], TraceKind.EventPipe);
        Assert.Equal(88, Assert.Single(plan.Rows).EventId);
        Assert.Null(plan.Accept);
    }

    private static TracePlan Plan(string api, int[]? processIds = null, int[]? eventIds = null) =>
        Plan([api], processIds ?? [], TraceKind.Etw, eventIds);

    private static TracePlan Plan(string[] apis, int[] processIds, TraceKind kind = TraceKind.Etw, int[]? eventIds = null) =>
        new TracePlanner(s_store.Value).Plan(new TraceQuestion
        {
            Kind = kind,
            Apis = [.. apis.SelectMany(static api => s_store.Value.Find(ApiName.Parse(api)))],
            ProcessIds = processIds,
            EventIds = eventIds ?? [],
        });

    private static MappingStore Compile()
    {
        FactSet facts = new();
        facts.Properties["data-version"] = "1";
        facts.Sources.Add(new SourceFact
        {
            Name = "Audit-Provider",
            Provider = "Audit-Provider",
            Guid = "11111111-1111-1111-1111-111111111111",
            Delivery = "session",
            Privileges = "administrator",
        });
        facts.Sources.Add(new SourceFact { Name = "Intelligence", Provider = "Intelligence", Delivery = "ppl" });
        facts.Sources.Add(new SourceFact { Name = "Security", Provider = "Auditing", Channel = "Security", Delivery = "channel; system" });
        Event("Audit-Provider", 5, "0x10");
        Event("Audit-Provider", 6, "0x20+?");
        Event("Intelligence", 14, "0x1");
        Event("Security", 4624, "");
        Api("ntdll", "NtOpen", "");
        Api("ntdll", "NtOther", "");
        Api("kernel32", "Open", "W");
        Api("kernel32", "Write", "");
        Api("kernel32", "Silent", "");
        Api("advapi32", "Logon", "");
        Map("ntdll!NtOpen", "Audit-Provider", 5);
        Map("ntdll!NtOther", "Audit-Provider", 6);
        Map("kernel32!Write", "Intelligence", 14);
        Map("advapi32!Logon", "Security", 4624);
        facts.Calls.Add(new CallFact { Caller = "kernel32!Open", Callee = "ntdll!NtOpen", CalleeLayer = ApiLayer.Syscall, Kind = "calls", IsPrimary = true, Evidence = Evidence.High, Reference = "test" });
        facts.ManagedCalls.Add(
            new CallFact { Caller = "System.Opener::Open", Callee = "kernel32!Open", CalleeLayer = ApiLayer.Win32, Kind = "P/Invoke", IsPrimary = true, Evidence = Evidence.Derived, Reference = "test" });
        using MemoryStream stream = new();
        StoreCompiler.Compile(facts, new byte[32], stream);
        return MappingStore.FromBytes(stream.ToArray());

        void Event(string source, int id, string mask) =>
            facts.Events.Add(new EventFact { Source = source, Id = id, KeywordMask = mask, Name = source + id });

        void Api(string module, string name, string variant) =>
            facts.Exports.Add(new ExportFact { Module = module, Name = name + variant, BaseName = name, Reference = "test" });

        void Map(string api, string source, int id) => facts.Mappings.Add(new MappingFact
        {
            Api = api,
            Source = source,
            EventId = id,
            Relation = Relation.Direct,
            Evidence = Evidence.High,
            Reference = "test",
        });
    }
}
