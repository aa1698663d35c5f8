using System;
using System.Collections.Generic;
using System.Linq;
using ApiLevel.Core.Tests.Readiness;
using ApiLevel.DataTool.Commands;
using ApiLevel.Facts;
using ApiLevel.Readiness;

namespace ApiLevel.Data.Tests;

/// <summary>The requirements of the real facts against snapshots.</summary>
public sealed class ReadinessFactsTests
{
    private static readonly Lazy<MappingStore> s_store = new(static () => MappingStore.FromBytes(BuildCommand.Compile(TestFolders.Facts)));

    [Fact(DisplayName = "every requirement of the facts is one that the evaluator knows")]
    public void RequirementsAreKnown()
    {
        var evaluator = new ReadinessEvaluator(s_store.Value, new TelemetryState());
        Assert.Empty(Events().Select(e => evaluator.Evaluate(e.Source, e.Id))
            .Where(answer => answer.Stages.Any(stage => stage.Name == "facts" && stage.Text.StartsWith("the requirement", StringComparison.Ordinal)) ||
                answer.Stages.Any(stage => stage.Text.EndsWith("is not known here", StringComparison.Ordinal)))
            .Select(answer => $"{answer.Source.Name} {answer.EventId}: {answer.Reason}"));
    }

    [Fact(DisplayName = "the printed remediation turns on every event of the real facts that it is printed for, on 1,000 random snapshots")]
    public void RemediationTurnsOn()
    {
        int seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        MappingStore store = s_store.Value;

        // Events with the same requirements, channels and first build are decided alike: one of each.
        EventEntry[] events = [.. Events().GroupBy(e => (e.Source.Name, string.Join(";", e.Requirements), string.Join(";", e.Channels), e.FirstBuild)).Select(group => group.First())];
        Guid[] subcategories = [.. store.AuditSubcategories().Select(fact => Guid.Parse(fact.Guid))];
        string[] channels = [.. events.SelectMany(e => e.Channels).Distinct(StringComparer.OrdinalIgnoreCase)];
        string[] tags = [.. events.SelectMany(e => e.Requirements).Where(requirement => requirement.Kind == RequirementKind.SysmonSection).Select(requirement => requirement.Value).Distinct()];
        string[] providers = [.. store.Sources.Select(source => source.Provider).Distinct(StringComparer.OrdinalIgnoreCase)];
        var printed = new HashSet<(string, int)>();
        int count = 0;
        for (int i = 0; i < 1000; i++)
        {
            TelemetryState state = RandomState.Create(random, subcategories, channels, tags, providers);
            var before = new ReadinessEvaluator(store, state);
            foreach (EventEntry e in events)
            {
                EventReadiness answer = before.Evaluate(e.Source, e.Id);
                if (answer.RemediationText.Length > 0)
                {
                    count++;
                    printed.Add((e.Source.Name, e.Id));
                    EventReadiness after = new ReadinessEvaluator(store, PrintedRemediation.Apply(state, answer.RemediationText)).Evaluate(e.Source, e.Id);
                    Assert.True(after.State == ReadinessState.On, $"seed {seed}: {e}: {answer.RemediationText} gives {after.State}: {after.Reason}");
                }
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{count} remediations of {printed.Count} of {events.Length} kinds of event");
        Assert.True(printed.Count > events.Length / 2);
    }

    private static IEnumerable<EventEntry> Events() => s_store.Value.Events().Where(e => e.IsLatest);
}
