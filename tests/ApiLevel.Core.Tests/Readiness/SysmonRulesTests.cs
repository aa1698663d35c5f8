using System;
using System.Linq;
using ApiLevel.Formats;
using ApiLevel.Readiness.Sysmon;

namespace ApiLevel.Core.Tests.Readiness;

public sealed class SysmonRulesTests
{
    private const string Include = "<ProcessCreate onmatch=\"include\"><Image name=\"i\">a</Image></ProcessCreate>\n";
    private const string Exclude = "<ProcessCreate onmatch=\"exclude\"><Image name=\"e\">a</Image></ProcessCreate>\n";

    [Theory]
    [InlineData("", "a", true, SysmonReason.NoSection, null, 0)]
    [InlineData("<FileCreate onmatch=\"include\"/>", "a", true, SysmonReason.NoSection, null, 0)]
    [InlineData(Include, "a", true, SysmonReason.Include, "i", 2)]
    [InlineData(Include, "b", false, SysmonReason.NoMatch, null, 2)]
    [InlineData(Exclude, "a", false, SysmonReason.Exclude, "e", 2)]
    [InlineData(Exclude, "b", true, SysmonReason.NoMatch, null, 2)]
    [InlineData(Include + Exclude, "a", false, SysmonReason.Exclude, "e", 3)]
    [InlineData(Exclude + Include, "a", false, SysmonReason.Exclude, "e", 2)]
    [InlineData(Exclude + Include, "b", false, SysmonReason.NoMatchOfSeveral, null, 0)]
    [InlineData(Exclude + Exclude, "b", false, SysmonReason.NoMatchOfSeveral, null, 0)]
    [InlineData("<ProcessCreate onmatch=\"exclude\"/>", "a", true, SysmonReason.NoMatch, null, 2)]
    [InlineData("<ProcessCreate onmatch=\"include\"/>", "a", false, SysmonReason.NoMatch, null, 2)]
    [InlineData("<ProcessCreate onmatch=\"exclude\"/>" + Include, "b", false, SysmonReason.NoMatchOfSeveral, null, 0)]
    [InlineData("<ProcessCreate default=\"exclude\"><Image>a</Image></ProcessCreate>", "a", true, SysmonReason.Include, null, 2)]
    [InlineData("<ProcessCreate default=\"include\"><Image>a</Image></ProcessCreate>", "b", true, SysmonReason.NoMatch, null, 2)]
    [InlineData("<ProcessCreate onmatch=\"INCLUDE\"><Image>a</Image></ProcessCreate>", "b", false, SysmonReason.NoMatch, null, 2)]
    [InlineData("<ProcessCreate onmatch=\"perhaps\"><Image>a</Image></ProcessCreate>", "a", false, SysmonReason.Exclude, null, 2)]
    [InlineData("<ProcessCreate><Image>a</Image></ProcessCreate>", "b", true, SysmonReason.NoSection, null, 0)]
    [InlineData("<ProcessCreate onmatch=\"include\" default=\"include\"><Image>a</Image></ProcessCreate>", "b", true, SysmonReason.NoSection, null, 0)]
    [InlineData("<processcreate onmatch=\"include\"/>", "a", true, SysmonReason.NoSection, null, 0)]
    public void Sections_decide_in_the_engines_order(string sections, string image, bool included, SysmonReason reason, string? name, int line)
    {
        SysmonDecision decision = SysmonCase.Compile(sections).Ask(1, ("Image", image));

        Assert.Equal((included, reason, name, line), (decision.Included, decision.Reason, decision.RuleName, decision.Line));
        Assert.Null(decision.Doubt);
    }

    [Fact]
    public void Of_several_sections_of_a_kind_the_last_one_is_asked_first()
    {
        const string Sections = "<ProcessCreate onmatch=\"include\"><Image name=\"first\">a</Image></ProcessCreate>"
            + "<ProcessCreate onmatch=\"include\"><Image name=\"last\">a</Image></ProcessCreate>";

        Assert.Equal("last", SysmonCase.Compile(Sections).Ask(1, ("Image", "a")).RuleName);
    }

    [Theory]
    [InlineData("4.90", "and", "a", "b", true)]
    [InlineData("4.90", "and", "a", "x", false)]
    [InlineData("4.90", "AND", "a", "x", false)]
    [InlineData("4.90", "anything", "a", "x", false)]
    [InlineData("4.90", "or", "a", "x", true)]
    [InlineData("4.90", "OR", "x", "b", true)]
    [InlineData("4.90", "", "a", "x", false)]
    [InlineData("4.20", "", "a", "x", false)]
    [InlineData("4.11", "", "a", "x", false)]
    [InlineData("4.1", "", "a", "x", true)]
    [InlineData("4.00", "", "a", "x", true)]
    [InlineData("3.4", "", "a", "x", true)]
    public void A_groups_relation_counts_and_without_one_the_schema_version(string version, string relation, string image, string parent, bool included)
    {
        string attribute = relation.Length == 0 ? "" : $" groupRelation=\"{relation}\"";
        SysmonRules rules = SysmonCase.Compile(
            $"<RuleGroup{attribute}><ProcessCreate onmatch=\"include\"><Image>a</Image><ParentImage>b</ParentImage></ProcessCreate></RuleGroup>", version);

        Assert.Equal(included, rules.Ask(1, ("Image", image), ("ParentImage", parent)).Included);
    }

    [Fact]
    public void Filters_of_one_field_are_alternatives_even_under_and()
    {
        SysmonRules rules = SysmonCase.Compile(
            "<RuleGroup groupRelation=\"and\"><ProcessCreate onmatch=\"include\"><Image>a</Image><ParentImage>p</ParentImage><Image>b</Image></ProcessCreate></RuleGroup>");

        Assert.True(rules.Ask(1, ("Image", "a"), ("ParentImage", "p")).Included);
        Assert.True(rules.Ask(1, ("Image", "b"), ("ParentImage", "p")).Included);
        Assert.False(rules.Ask(1, ("Image", "c"), ("ParentImage", "p")).Included);
        Assert.False(rules.Ask(1, ("Image", "a"), ("ParentImage", "q")).Included);
    }

    [Theory]
    [InlineData("and", "ab", true)]
    [InlineData("and", "a", false)]
    [InlineData("or", "a", true)]
    [InlineData("", "a", true)]
    [InlineData("", "x", false)]
    public void A_Rule_without_a_relation_is_or_and_under_and_each_filter_counts(string relation, string image, bool included)
    {
        string attribute = relation.Length == 0 ? "" : $" groupRelation=\"{relation}\"";
        SysmonRules rules = SysmonCase.Compile(
            $"<ProcessCreate onmatch=\"include\"><Rule{attribute}><Image condition=\"contains\">a</Image><Image condition=\"contains\">b</Image></Rule></ProcessCreate>");

        Assert.Equal(included, rules.Ask(1, ("Image", image)).Included);
    }

    [Fact]
    public void An_empty_Rule_decides_nothing()
    {
        Assert.False(SysmonCase.Compile("<ProcessCreate onmatch=\"include\"><Rule name=\"n\"/></ProcessCreate>").Ask(1).Included);
        Assert.True(SysmonCase.Compile(
            "<RuleGroup groupRelation=\"and\"><ProcessCreate onmatch=\"include\"><Rule/><Image>a</Image></ProcessCreate></RuleGroup>").Ask(1, ("Image", "a")).Included);
    }

    [Theory]
    [InlineData("", "", "", null)]
    [InlineData("group", "", "", "group")]
    [InlineData("group", "rule", "", "rule")]
    [InlineData("group", "rule", "filter", "filter")]
    [InlineData("", "", "filter", "filter")]
    public void RuleName_is_the_filters_else_the_Rules_else_the_groups(string group, string rule, string filter, string? expected)
    {
        SysmonRules rules = SysmonCase.Compile(
            $"<RuleGroup name=\"{group}\" groupRelation=\"or\"><ProcessCreate onmatch=\"include\"><Rule name=\"{rule}\" groupRelation=\"or\">"
            + $"<Image name=\"{filter}\">a</Image></Rule></ProcessCreate></RuleGroup>");

        Assert.Equal(expected, rules.Ask(1, ("Image", "a")).RuleName);
    }

    [Theory]
    [InlineData("4.90", "filter")]
    [InlineData("4.70", "filter")]
    [InlineData("4.60", "rule")]
    [InlineData("4.22", "rule")]
    public void Older_Sysmon_prefers_the_Rules_name(string installed, string expected)
    {
        SysmonRules rules = SysmonCase.Compile(
            "<ProcessCreate onmatch=\"include\"><Rule name=\"rule\" groupRelation=\"or\"><Image name=\"filter\">a</Image></Rule></ProcessCreate>",
            "4.22",
            new SysmonRuleOptions { InstalledSchema = installed });

        Assert.Equal(expected, rules.Ask(1, ("Image", "a")).RuleName);
    }

    [Fact]
    public void Before_schema_4_1_no_event_has_a_rule_name()
    {
        SysmonRules rules = SysmonCase.Compile(
            "<ProcessCreate onmatch=\"include\"><Image name=\"filter\">a</Image></ProcessCreate>", "4.00", new SysmonRuleOptions { InstalledSchema = "4.00" });

        Assert.Equal((true, null), (rules.Ask(1, ("Image", "a")).Included, rules.Ask(1, ("Image", "a")).RuleName));
    }

    [Fact]
    public void Under_and_the_name_of_the_last_match_counts()
    {
        SysmonDecision decision = SysmonCase.Compile(
            "<ProcessCreate onmatch=\"include\"><Rule groupRelation=\"and\"><Image name=\"one\">a</Image>\n<ParentImage name=\"two\">b</ParentImage>\n<User>u</User></Rule></ProcessCreate>")
            .Ask(1, ("Image", "a"), ("ParentImage", "b"), ("User", "u"));

        Assert.Equal("two", decision.RuleName);
        Assert.Equal(("User", 4), (decision.Filter!.Field, decision.Line));
        Assert.NotNull(decision.Rule);
    }

    [Fact]
    public void A_nameless_match_keeps_the_name_of_a_section_that_failed_in_the_end()
    {
        SysmonRules rules = SysmonCase.Compile(
            "<ProcessCreate onmatch=\"include\"><Image>a</Image></ProcessCreate>"
            + "<ProcessCreate onmatch=\"exclude\"><Rule groupRelation=\"and\"><Image name=\"left over\">a</Image><User>nobody</User></Rule></ProcessCreate>");

        SysmonDecision decision = rules.Ask(1, ("Image", "a"), ("User", "u"));

        Assert.Equal((true, "left over"), (decision.Included, decision.RuleName));
        Assert.Null(decision.Filter!.Name);
    }

    [Fact]
    public void The_events_own_RuleName_is_empty_while_rules_are_asked()
    {
        SysmonRules rules = SysmonCase.Compile("<ProcessCreate onmatch=\"include\"><RuleName>old</RuleName></ProcessCreate>");

        Assert.False(rules.Ask(1, ("RuleName", "old")).Included);
        Assert.Null(rules.Ask(1, ("RuleName", "old")).Doubt);
        Assert.True(SysmonCase.Compile("<ProcessCreate onmatch=\"include\"><RuleName>-</RuleName></ProcessCreate>").Ask(1, ("RuleName", "old")).Included);
    }

    [Theory]
    [InlineData("<Details>x</Details>", 13, "Details", true)]
    [InlineData("<Details>x</Details>", 14, "NewName", false)]
    [InlineData("<TargetObject>x</TargetObject>", 12, "TargetObject", true)]
    [InlineData("<TargetObject>x</TargetObject>", 13, "TargetObject", true)]
    [InlineData("<TargetObject>x</TargetObject>", 14, "TargetObject", true)]
    [InlineData("<TargetObject>q</TargetObject><NewName>x</NewName>", 14, "NewName", true)]
    public void Events_of_one_tag_share_its_sections(string filters, int eventId, string field, bool included)
    {
        SysmonRules rules = SysmonCase.Compile($"<RuleGroup groupRelation=\"or\"><RegistryEvent onmatch=\"include\">{filters}</RegistryEvent></RuleGroup>");

        Assert.Equal(included, rules.Ask(eventId, (field, "x")).Included);
        Assert.Equal([12, 13, 14], rules.GetEventIds("RegistryEvent"));
    }

    [Fact]
    public void A_field_counts_at_its_place_so_a_name_that_moves_is_another_field()
    {
        // Name is the seventh field of event 19 and the sixth of event 20.
        SysmonRules rules = SysmonCase.Compile("<WmiEvent onmatch=\"include\"><Name>x</Name></WmiEvent>");

        Assert.True(rules.Ask(19, ("Name", "x")).Included);
        Assert.False(rules.Ask(20, ("Name", "x")).Included);
        Assert.Equal(SysmonReach.None, rules.GetCoverage(20)!.Reach);
        Assert.Equal(SysmonReach.Some, rules.GetCoverage(19)!.Reach);
    }

    [Fact]
    public void An_unknown_field_drops_its_section_and_those_behind_it()
    {
        SysmonRules rules = SysmonCase.Compile(
            "<FileCreate onmatch=\"include\"><Image>a</Image></FileCreate>\n<FileCreate onmatch=\"include\"><Nothing>b</Nothing></FileCreate>\n"
            + "<FileCreate onmatch=\"include\"><Image>c</Image></FileCreate>");

        Assert.Null(rules.Refusal);
        Assert.False(rules.IsSchemaValid);
        Assert.Contains(rules.Problems, static problem => problem.Where == "line 3" && problem.What.Contains("Nothing", StringComparison.Ordinal));
        Assert.True(rules.Ask(11, ("Image", "a")).Included);
        Assert.False(rules.Ask(11, ("Image", "c")).Included);
    }

    [Theory]
    [InlineData("<FileCreate onmatch=\"include\"><Image condition=\"like\">a</Image></FileCreate>", "line 2", "like")]
    [InlineData("<FileCreate onmatch=\"include\"><Image name=\"long\">a</Image></FileCreate>", "line 2", "255 bytes")]
    [InlineData("<RuleGroup name=\"long\" groupRelation=\"or\"><FileCreate onmatch=\"include\"><Image>a</Image></FileCreate></RuleGroup>", "line 2", "255 bytes")]
    public void What_Sysmon_refuses_decides_nothing(string sections, string line, string why)
    {
        string text = sections.Replace("long", new string('n', 256), StringComparison.Ordinal);
        SysmonRules rules = SysmonCase.Compile(text);

        Assert.Contains(line, rules.Refusal, StringComparison.Ordinal);
        Assert.Contains(why, rules.Refusal, StringComparison.Ordinal);
        Assert.Equal(SysmonReason.NoSection, rules.Ask(11, ("Image", "a")).Reason);
        Assert.Null(SysmonCase.Compile(text, options: new SysmonRuleOptions { Platform = SysmonPlatform.Linux }).Refusal);
    }

    [Theory]
    [InlineData("schemaversion=\"4.90\"", null)]
    [InlineData("schemaversion=\" 4.9 or so\"", null)]
    [InlineData("schemaversion=\"4.95\"", null)]
    [InlineData("schemaversion=\"3.4\"", "older major version 3.40")]
    [InlineData("schemaversion=\"0.9\"", "`0.9` is none")]
    [InlineData("schemaversion=\"-4\"", "`-4` is none")]
    [InlineData("schemaversion=\"\"", "`` is none")]
    [InlineData("schemaversion=\"99999\"", "`99999` is none")]
    [InlineData("", "no schemaversion")]
    public void A_schema_version_is_a_number_of_the_installed_major_version(string attribute, string? refusal)
    {
        SysmonRules rules = SysmonCase.CompileWhole($"<Sysmon {attribute}/>", new SysmonRuleOptions { InstalledSchema = "4.90" });

        if (refusal is null)
        {
            Assert.Null(rules.Refusal);
        }
        else
        {
            Assert.Contains(refusal, rules.Refusal, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("3.2", "3.40")]
    [InlineData("2.0", "2.00")]
    [InlineData("4.22", "4.91")]
    public void The_newest_Sysmon_of_the_configurations_major_version_is_assumed(string version, string installed) =>
        Assert.Equal(installed, SysmonCase.Compile("", version).InstalledSchema);

    [Theory]
    [InlineData("<Nothing onmatch=\"include\"/>", "has no event Nothing")]
    [InlineData("<FileCreate onmatch=\"perhaps\"/>", "neither include nor exclude")]
    [InlineData("<RuleGroup><FileCreate onmatch=\"include\"/></RuleGroup>", "groupRelation")]
    [InlineData("<FileCreate/>", "has no onmatch")]
    public void What_the_schema_does_not_allow_is_told_with_its_line(string sections, string what)
    {
        SysmonRules rules = SysmonCase.Compile(sections);

        Problem problem = Assert.Single(rules.Problems);
        Assert.Equal("line 2", problem.Where);
        Assert.Contains(what, problem.What, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("4.22", "<ProcessTampering onmatch=\"include\"/>", "schema 4.22 has no event ProcessTampering")]
    [InlineData("4.60", "<FileCreate onmatch=\"include\"><User>a</User></FileCreate>", "schema 4.60 has no field User in FileCreate")]
    [InlineData("4.60", "<FileCreate onmatch=\"include\"><Image condition=\"not begin with\">a</Image></FileCreate>", "schema 4.60 has no condition")]
    public void What_came_later_than_the_configurations_version_is_told(string version, string sections, string what) =>
        Assert.Contains(what, Assert.Single(SysmonCase.Compile(sections, version).Problems).What, StringComparison.Ordinal);

    [Fact]
    public void A_setting_that_the_schema_lacks_is_told() => Assert.Contains(
        "no setting Colour",
        Assert.Single(SysmonCase.CompileWhole("<Sysmon schemaversion=\"4.90\"><HashAlgorithms>*</HashAlgorithms><Colour>red</Colour></Sysmon>").Problems).What,
        StringComparison.Ordinal);

    [Fact]
    public void Without_rules_the_defaults_of_the_version_hold()
    {
        SysmonRules newest = SysmonRules.WithoutConfiguration(SysmonCase.Schema);
        SysmonRules old = SysmonRules.WithoutConfiguration(SysmonCase.Schema, new SysmonRuleOptions { InstalledSchema = "3.30" });

        Assert.Equal([1, 4, 5, 16, 255], newest.Coverage.Where(static own => own.Reach == SysmonReach.All).Select(static own => own.EventId));
        Assert.Equal([1, 4, 5, 11, 12, 13, 14, 15, 16, 255], old.Coverage.Where(static own => own.Reach == SysmonReach.All).Select(static own => own.EventId));
        Assert.True(newest.Ask(1).Included);
        Assert.False(newest.Ask(11).Included);
        Assert.True(old.Ask(11).Included);
        Assert.Equal(SysmonReason.NotFiltered, newest.Ask(255).Reason);
        Assert.Equal((false, SysmonReason.UnknownEvent), (newest.Ask(99).Included, newest.Ask(99).Reason));
        Assert.Null(newest.GetCoverage(99));
    }

    [Theory]
    [InlineData("", SysmonReach.None, SysmonReason.NoSection)]
    [InlineData("<FileCreate onmatch=\"exclude\"/>", SysmonReach.All, SysmonReason.NoMatch)]
    [InlineData("<FileCreate onmatch=\"include\"/>", SysmonReach.None, SysmonReason.NoMatch)]
    [InlineData("<FileCreate onmatch=\"exclude\"><Image>a</Image></FileCreate>", SysmonReach.Some, SysmonReason.Exclude)]
    [InlineData("<FileCreate onmatch=\"include\"><Image>a</Image></FileCreate>", SysmonReach.Some, SysmonReason.Include)]
    [InlineData("<FileCreate onmatch=\"exclude\"/><FileCreate onmatch=\"exclude\"/>", SysmonReach.None, SysmonReason.NoMatchOfSeveral)]
    [InlineData("<FileCreate onmatch=\"exclude\"/><FileCreate onmatch=\"include\"/>", SysmonReach.None, SysmonReason.NoMatchOfSeveral)]
    [InlineData("<FileCreate onmatch=\"exclude\"/><FileCreate onmatch=\"include\"><Image>a</Image></FileCreate>", SysmonReach.Some, SysmonReason.Include)]
    public void Coverage_tells_what_sections_can_let_through(string sections, SysmonReach reach, SysmonReason reason)
    {
        SysmonEventCoverage coverage = SysmonCase.Compile(sections).GetCoverage(11)!;

        Assert.Equal((reach, reason), (coverage.Reach, coverage.Reason));
        Assert.EndsWith(".", coverage.Explanation, StringComparison.Ordinal);
        Assert.Equal("FileCreate", coverage.Tag);
    }

    [Fact]
    public void An_empty_include_section_beside_others_is_a_doubt()
    {
        const string Some = "<NetworkConnect onmatch=\"include\"><Image>a</Image></NetworkConnect>";

        Assert.Null(SysmonCase.Compile(Some).GetCoverage(3)!.Doubt);
        Assert.Contains("(line 2)", SysmonCase.Compile("<NetworkConnect onmatch=\"include\"/>\n" + Some).GetCoverage(3)!.Doubt, StringComparison.Ordinal);
        Assert.Null(SysmonCase.Compile("<NetworkConnect onmatch=\"include\"/>").GetCoverage(3)!.Doubt);
    }

    [Theory]
    [InlineData("Details", true)]
    [InlineData("NewName", false)]
    [InlineData("Unheard", false)]
    public void A_tag_of_several_events_is_told_apart_by_the_fields(string field, bool included)
    {
        SysmonRules rules = SysmonCase.Compile("<RegistryEvent onmatch=\"include\"><Details>x</Details></RegistryEvent>");
        object? Get(string name) => name is "Details" or "NewName" ? (name == field ? "x" : null) : "-";

        Assert.Equal(included, rules.Decide("RegistryEvent", Get).Included);
        Assert.Equal(SysmonReason.UnknownEvent, rules.Decide("registryevent", Get).Reason);
    }

    [Fact]
    public void A_field_that_the_event_lacks_is_a_doubt()
    {
        SysmonRules rules = SysmonCase.Compile("<ProcessCreate onmatch=\"include\"><ParentUser condition=\"is\">a</ParentUser><Image>b</Image></ProcessCreate>", "4.1");
        SysmonDecision decision = rules.Decide(1, static name => name == "ParentUser" ? null : "b");

        Assert.True(decision.Included);
        Assert.Contains("ParentUser", decision.Doubt, StringComparison.Ordinal);

        // What Sysmon cannot fill ends the section without a match.
        rules = SysmonCase.Compile("<ProcessCreate onmatch=\"include\"><ProcessId>1</ProcessId><Image>b</Image></ProcessCreate>", "4.1");
        Assert.False(rules.Decide(1, static name => name == "ProcessId" ? null : "b").Included);
    }

    [Fact]
    public void A_recorded_event_is_decided_like_its_fields()
    {
        var record = new EventRecord
        {
            EventId = 1,
            Fields = [new EventField("UtcTime", "x"), new EventField("image", "C:\\a.exe"), new EventField("RuleName", "i")],
        };

        Assert.Equal("i", SysmonCase.Compile("<ProcessCreate onmatch=\"include\"><Image condition=\"image\" name=\"i\">a.exe</Image></ProcessCreate>").Decide(record).RuleName);
    }

    [Fact]
    public void An_installed_version_that_is_not_known_is_an_argument_error() =>
        Assert.Throws<ArgumentException>(static () => SysmonCase.Compile("", options: new SysmonRuleOptions { InstalledSchema = "4.99" }));
}
