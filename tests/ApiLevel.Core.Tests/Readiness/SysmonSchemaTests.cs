using System;
using System.Collections.Generic;
using System.Linq;
using ApiLevel.Readiness.Sysmon;

namespace ApiLevel.Core.Tests.Readiness;

public sealed class SysmonSchemaTests
{
    [Fact]
    public void The_tables_hold_each_version_in_order()
    {
        IReadOnlyList<string> versions = SysmonCase.Schema.Versions;

        Assert.Equal("2.00", versions[0]);
        Assert.Equal(versions.OrderBy(static version => decimal.Parse(version, System.Globalization.CultureInfo.InvariantCulture)), versions);
        Assert.All(versions, static version =>
        {
            Assert.NotEmpty(SysmonCase.Schema.GetEvents(version));
            Assert.Contains("is", SysmonCase.Schema.GetOptions(version, SysmonOptionKind.Condition));
            Assert.Contains("HashAlgorithms", SysmonCase.Schema.GetOptions(version, SysmonOptionKind.Setting));
        });
    }

    [Fact]
    public void Each_condition_of_each_version_is_known_to_the_engine() => Assert.All(
        SysmonCase.Schema.Versions.SelectMany(static version => SysmonCase.Schema.GetOptions(version, SysmonOptionKind.Condition)).Distinct(),
        static condition => Assert.Null(SysmonCase.Filter(condition, "x").Refusal));

    [Fact]
    public void Events_of_one_tag_follow_each_other_in_each_version() => Assert.All(SysmonCase.Schema.Versions, static version =>
    {
        string[] tags = SysmonCase.Schema.GetEvents(version).Where(static type => type.Tag is not null).Select(static type => type.Tag!).ToArray();
        Assert.Equal(tags.Distinct().Count(), tags.Where((tag, i) => i == 0 || tags[i - 1] != tag).Count());
    });

    [Theory]
    [InlineData("4.90", 1, "A", "include", 0)]
    [InlineData("4.9", 1, "A", "include", 0)]
    [InlineData("4.90", 1, "A", "include", 1)]
    [InlineData("4.90", 1, "A", "", 0)]
    [InlineData("4.90", 1, "", "", 0)]
    [InlineData("x", 1, "A", "include", 0)]
    [InlineData("4.90", 1, "A", "perhaps", 0)]
    public void Rows_that_make_no_schema_are_refused(string version, int eventId, string tag, string ruleDefault, int place)
    {
        SysmonSchemaRow row = new(version, eventId, tag, ruleDefault, place, "Image", "UnicodeString");
        bool isGood = version == "4.90" && place == 0 && ruleDefault != "perhaps" && (tag.Length == 0 || ruleDefault.Length > 0);

        if (isGood)
        {
            Assert.Single(new SysmonSchema([row], []).GetEvents(version));
        }
        else
        {
            Assert.Throws<ArgumentException>(() => new SysmonSchema([row], []));
        }
    }

    [Fact]
    public void No_rows_and_unknown_kinds_are_refused()
    {
        Assert.Throws<ArgumentException>(static () => new SysmonSchema([], []));
        Assert.Throws<ArgumentException>(static () => new SysmonSchema([], [new SysmonOptionRow("4.90", "colour", "red")]));
        Assert.Empty(SysmonCase.Schema.GetEvents("1.00"));
        Assert.Empty(SysmonCase.Schema.GetOptions("1.00", SysmonOptionKind.Setting));
    }
}
