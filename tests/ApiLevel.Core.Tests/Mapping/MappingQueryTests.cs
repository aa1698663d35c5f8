using System;
using System.Linq;
using ApiLevel.Answers;
using ApiLevel.Core.Tests.Support;
using ApiLevel.Facts;
using ApiLevel.Names;
using ApiLevel.Verdicts;

namespace ApiLevel.Core.Tests.Mapping;

public sealed class MappingQueryTests
{
    private readonly MappingStore _store = TestFacts.Open();

    [Fact]
    public void A_log_comes_before_a_session_and_the_row_says_what_it_takes()
    {
        ApiEventMapping[] rows = Rows("OpenProcess");

        Assert.Equal(["Sysmon 10", "Security 4663", "Kernel-Audit 5"], rows.Select(row => $"{row.Source} {row.EventId}"));
        Assert.Equal("Sysmon configuration ProcessAccess", rows[0].Requirement);
        Assert.Equal("channel Microsoft-Windows-Sysmon/Operational", rows[0].Delivery);
        Assert.Equal("ETW session", rows[2].Delivery);
        Assert.Equal("T1055.001", rows[0].Technique);
        Assert.All(rows, row => Assert.Equal("Recordable", row.Verdict));
    }

    [Fact]
    public void An_audit_subcategory_is_called_by_its_name()
    {
        Assert.Equal("audit subcategory Logon", Rows("LogonUser")[0].Requirement);
    }

    [Fact]
    public void An_event_lists_the_apis_above_those_that_raise_it()
    {
        string[] apis = [.. Query(new MappingFilter { EventIds = [5] }).OfEvents().Select(row => $"{row.Api.Name} {row.Event.Evidence}")];

        Assert.Equal(["NtOpenProcess High", "OpenProcess Derived", "CreateThing Low"], apis);
    }

    [Fact]
    public void Without_lower_calls_only_the_own_mapping_is_listed()
    {
        Assert.Equal(["NtOpenProcess"], Query(new MappingFilter { EventIds = [5], OwnOnly = true }).OfEvents().Select(row => row.Api.Name));
        Assert.Equal([10], Query(new MappingFilter { OwnOnly = true }).OfApi(Api("OpenProcess")).Select(row => row.Event.Mapping.EventId));
    }

    [Fact]
    public void Weaker_evidence_is_left_out_when_asked()
    {
        Assert.Empty(Query(new MappingFilter { MinimumEvidence = Evidence.Derived }).OfApi(Api("SetClipboardData")));
        Assert.Single(Query(new MappingFilter { MinimumEvidence = Evidence.Low }).OfApi(Api("SetClipboardData")));
    }

    [Theory]
    [InlineData(17000, new[] { 10, 5 })]
    [InlineData(17763, new[] { 10, 4663, 5 })]
    public void An_event_that_the_build_does_not_have_yet_is_not_listed(int build, int[] expected)
    {
        Assert.Equal(expected, Query(new MappingFilter { WindowsBuild = build }).OfApi(Api("OpenProcess")).Select(row => row.Event.Mapping.EventId));
    }

    [Theory]
    [InlineData("4.30", 0)]
    [InlineData("4.40", 1)]
    public void An_event_that_the_schema_does_not_have_yet_is_not_listed(string version, int expected)
    {
        Assert.Equal(expected, Query(new MappingFilter { SysmonVersion = Version.Parse(version) }).OfApi(Api("SetClipboardData")).Count());
    }

    [Fact]
    public void A_row_without_event_names_the_nearest_lower_call_and_the_verdict()
    {
        ApiEventMapping none = new MappingRows(new ApiJudge(_store)).None(Api("Silent"), ownOnly: false);

        Assert.Equal(("None", "no event known", "ntdll!NtOpenProcess", "Invisible"), (none.Relation, none.Condition, none.Via, none.Verdict));
        Assert.Null(none.EventId);
        Assert.Null(none.Source);
    }

    [Fact]
    public void An_unplaced_event_is_an_answer_of_its_own()
    {
        Assert.All(Rows("OpenProcess"), row => Assert.Equal(("none", "none"), (row.Level, row.Column)));
    }

    [Fact]
    public void Columns_and_levels_come_without_the_version_and_each_once()
    {
        FactSet facts = TestFacts.Create();
        facts.Events[0] = facts.Events[0] with { Column = "K;U", DraftLevel = "5@draft-2023-06-12;5@draft-2023-06-19" };
        MappingStore store = TestFacts.Open(facts);

        ApiEventMapping row = Rows(store, "OpenProcess")[0];
        Assert.Equal(("5", "K; U"), (row.Level, row.Column));
    }

    private ApiEntry Api(string name) => _store.Find(ApiName.Parse(name))[0];

    private MappingQuery Query(MappingFilter filter) => new(new ApiJudge(_store), filter);

    private ApiEventMapping[] Rows(string name) => Rows(_store, name);

    private static ApiEventMapping[] Rows(MappingStore store, string name)
    {
        var judge = new ApiJudge(store);
        return [.. new MappingQuery(judge).OfApi(store.Find(ApiName.Parse(name))[0]).Select(new MappingRows(judge).Describe)];
    }
}
