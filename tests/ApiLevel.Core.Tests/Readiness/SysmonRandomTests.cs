using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using ApiLevel.Formats.Configuration.Sysmon;
using ApiLevel.Readiness.Sysmon;

namespace ApiLevel.Core.Tests.Readiness;

/// <summary>Random configurations and events, held against what must be true of any.</summary>
public sealed class SysmonRandomTests
{
    private const int Configurations = 300;
    private const int EventsOfEach = 5;

    private static readonly string[] s_conditions =
    [
        "is", "is not", "is any", "contains", "contains any", "contains all", "excludes", "excludes any", "excludes all", "begin with",
        "not begin with", "end with", "not end with", "less than", "more than", "image",
    ];

    private static readonly string[] s_values = ["a", "B", "ab", "c:\\a\\b.exe", "b.exe", "a;b", "b;", "-", "", "x", "A_b", "10", "9"];

    private static readonly Dictionary<string, string> s_opposites = new()
    {
        ["is"] = "is not",
        ["contains"] = "excludes",
        ["contains any"] = "excludes any",
        ["contains all"] = "excludes all",
        ["begin with"] = "not begin with",
        ["end with"] = "not end with",
    };

    [Fact]
    public void Decisions_keep_to_the_coverage_and_to_the_section_they_name() => ForEach((random, sections, rules, eventId, values, text) =>
    {
        SysmonDecision decision = rules.Decide(eventId, name => values.GetValueOrDefault(name, "-"));
        SysmonEventCoverage coverage = rules.GetCoverage(eventId)!;

        Assert.False(decision.Included && coverage.Reach == SysmonReach.None, text);
        Assert.False(!decision.Included && coverage.Reach == SysmonReach.All, text);
        Assert.True(decision.Section is null || coverage.Sections.Contains(decision.Section), text);
        Assert.True(decision.Reason is not (SysmonReason.Include or SysmonReason.Exclude) || decision.Section is not null, text);
        Assert.Equal(decision.Included, decision.Reason switch
        {
            SysmonReason.Include => true,
            SysmonReason.Exclude or SysmonReason.NoMatchOfSeveral => false,
            SysmonReason.NoMatch => decision.Section!.OnMatch == "exclude",
            _ => eventId == 1,
        });
        if (decision.Filter is { } filter && rules.GetEventIds(Tag(eventId)).Count == 1)
        {
            // What is told to have decided matches when it is asked alone; where events share a tag, a filter alone may be read as one of
            // another event's field.
            SysmonRules alone = Compile(Section(Tag(eventId), "include", [Write(filter)]));
            Assert.True(alone.Decide(eventId, name => values.GetValueOrDefault(name, "-")).Included, text);
        }
    });

    [Fact]
    public void Case_does_not_count() => ForEach((random, sections, rules, eventId, values, text) =>
    {
        SysmonDecision expected = rules.Decide(eventId, name => values.GetValueOrDefault(name, "-"));
        SysmonDecision upper = rules.Decide(eventId, name => values.GetValueOrDefault(name, "-").ToUpperInvariant());

        Assert.Equal((expected.Included, expected.RuleName, expected.Line), (upper.Included, upper.RuleName, upper.Line));
    });

    [Fact]
    public void An_exclude_section_that_matches_all_wins_wherever_it_stands() => ForEach((random, sections, rules, eventId, values, text) =>
    {
        List<string> more = [.. sections];
        more.Insert(random.Next(more.Count + 1), Section(Tag(eventId), "exclude", ["<UtcTime condition=\"begin with\" name=\"all\"></UtcTime>"]));

        Assert.False(Compile(string.Concat(more)).Decide(eventId, name => values.GetValueOrDefault(name, "-")).Included, text);
    });

    [Fact]
    public void A_further_section_that_matches_nothing_leaves_what_an_include_section_matched() => ForEach((random, sections, rules, eventId, values, text) =>
    {
        SysmonDecision expected = rules.Decide(eventId, name => values.GetValueOrDefault(name, "-"));
        List<string> more = [.. sections];
        more.Insert(random.Next(more.Count + 1), Section(Tag(eventId), random.Next(2) == 0 ? "include" : "exclude", []));
        SysmonDecision actual = Compile(string.Concat(more)).Decide(eventId, name => values.GetValueOrDefault(name, "-"));

        Assert.Equal(expected.Reason is SysmonReason.Include, actual.Reason is SysmonReason.Include);
        if (expected.Reason is SysmonReason.Include or SysmonReason.Exclude)
        {
            Assert.Equal((expected.Included, expected.RuleName), (actual.Included, actual.RuleName));
        }
    });

    [Fact]
    public void Sections_of_other_tags_do_not_count() => ForEach((random, sections, rules, eventId, values, text) =>
    {
        string tag = Tag(eventId);
        SysmonRules own = Compile(string.Concat(sections.Where(section => section.Contains("<" + tag + " ", StringComparison.Ordinal))));
        SysmonDecision expected = rules.Decide(eventId, name => values.GetValueOrDefault(name, "-"));
        SysmonDecision actual = own.Decide(eventId, name => values.GetValueOrDefault(name, "-"));

        Assert.Equal((expected.Included, expected.RuleName, expected.Reason), (actual.Included, actual.RuleName, actual.Reason));
    });

    [Fact]
    public void A_condition_and_its_opposite_never_agree()
    {
        var random = new Random(Seed(out int seed));
        for (int i = 0; i < 1000; i++)
        {
            (string condition, string opposite) = s_opposites.ElementAt(random.Next(s_opposites.Count));
            string value = Value(random);
            string field = Value(random);

            Assert.True(
                SysmonCase.Filter(condition, value).Ask(1, ("CommandLine", field)).Included
                    != SysmonCase.Filter(opposite, value).Ask(1, ("CommandLine", field)).Included,
                $"seed {seed}: {condition} `{value}` on `{field}`");
        }
    }

    private static void ForEach(Action<Random, List<string>, SysmonRules, int, Dictionary<string, string>, string> check)
    {
        var random = new Random(Seed(out int seed));
        int[] ids = [1, 3, 11, 12, 13, 14, 19, 20, 21];
        for (int i = 0; i < Configurations; i++)
        {
            List<string> sections = [];
            for (int count = random.Next(5); count > 0; count--)
            {
                int id = ids[random.Next(ids.Length)];
                List<string> items = [];
                for (int n = random.Next(5); n > 0; n--)
                {
                    items.Add(random.Next(3) > 0 ? Filter(random, id) : "<Rule" + Name(random) + Relation(random) + ">"
                        + string.Concat(Enumerable.Range(0, random.Next(4)).Select(_ => Filter(random, id))) + "</Rule>");
                }

                string section = Section(Tag(id), random.Next(2) == 0 ? "include" : "exclude", items);
                sections.Add(random.Next(2) == 0 ? section : "<RuleGroup" + Name(random) + Relation(random) + ">" + section + "</RuleGroup>\n");
            }

            SysmonRules rules = Compile(string.Concat(sections));
            for (int k = 0; k < EventsOfEach; k++)
            {
                int eventId = ids[random.Next(ids.Length)];
                Dictionary<string, string> values = SysmonCase.Schema.GetEvents("4.90").First(type => type.EventId == eventId).Fields
                    .ToDictionary(static field => field.Name, _ => Value(random));
                string text = $"seed {seed}, configuration {i}, event {k} of id {eventId}:\n{string.Concat(sections)}\n{string.Join("; ", values)}";
                try
                {
                    check(random, sections, rules, eventId, values, text);
                }
                catch (Exception exception) when (!exception.Message.Contains("seed", StringComparison.Ordinal))
                {
                    Assert.Fail(exception.Message + "\n" + text);
                }
            }
        }
    }

    private static int Seed(out int seed)
    {
        seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        return seed;
    }

    private static SysmonRules Compile(string sections)
    {
        SysmonRules rules = SysmonCase.Compile(sections);
        Assert.Null(rules.Refusal);
        return rules;
    }

    private static string Tag(int eventId) => SysmonCase.Schema.GetEvents("4.90").First(type => type.EventId == eventId).Tag!;

    private static string Value(Random random) => random.Next(4) == 0
        ? s_values[random.Next(s_values.Length)] + s_values[random.Next(s_values.Length)]
        : s_values[random.Next(s_values.Length)];

    private static string Name(Random random) => random.Next(2) == 0 ? "" : " name=\"n" + random.Next(9) + "\"";

    private static string Relation(Random random) => random.Next(3) switch
    {
        0 => "",
        1 => " groupRelation=\"or\"",
        _ => " groupRelation=\"and\"",
    };

    private static string Filter(Random random, int eventId)
    {
        // A few fields, so that filters meet; those of the last event of a tag now and then.
        IReadOnlyList<SysmonField> fields = SysmonCase.Schema.GetEvents("4.90").First(type => type.EventId == eventId).Fields;
        string field = fields[fields.Count - 1 - random.Next(3)].Name;
        return $"<{field} condition=\"{s_conditions[random.Next(s_conditions.Length)]}\"{Name(random)}>{Value(random)}</{field}>";
    }

    private static string Write(SysmonFilter filter) => $"<{filter.Field} condition=\"{filter.Condition}\">{filter.Value}</{filter.Field}>";

    private static string Section(string tag, string onmatch, IEnumerable<string> items)
    {
        var text = new StringBuilder();
        text.Append('<').Append(tag).Append(" onmatch=\"").Append(onmatch).Append("\">");
        foreach (string item in items)
        {
            text.Append(item);
        }

        return text.Append("</").Append(tag).Append(">\n").ToString();
    }
}
