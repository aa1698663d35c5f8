using System;
using System.Collections.Generic;
using ApiLevel.Formats.Configuration.Sysmon;

namespace ApiLevel.Readiness.Sysmon;

/// <summary>What sections can let through at all.</summary>
internal static class SysmonCoverage
{
    public static SysmonEventCoverage Of(SysmonPlan plan)
    {
        SysmonEventType type = plan.Type;
        if (type.Tag is null)
        {
            return new SysmonEventCoverage(
                type.EventId, null, SysmonReach.All, SysmonReason.NotFiltered, [], "Rules do not apply to this event; it is always written.");
        }

        SysmonPlanSection[] sections = plan.Sections;
        SysmonEventSection[] sources = Array.ConvertAll(sections, static section => section.Source);
        SysmonEventCoverage Answer(SysmonReach reach, SysmonReason reason, string explanation) =>
            new(type.EventId, type.Tag, reach, reason, sources, explanation);

        if (sections.Length == 0)
        {
            return type.RuleDefault == SysmonDefault.Include
                ? Answer(SysmonReach.All, SysmonReason.NoSection, "No section for " + type.Tag + ": each event is written, the default of this event.")
                : Answer(SysmonReach.None, SysmonReason.NoSection, "No section for " + type.Tag + ": no event is written, the default of this event.");
        }

        List<string> named = [];
        string? doubt = null;
        bool anyInclude = false;
        bool anyMatch = false;
        foreach (SysmonPlanSection section in sections)
        {
            named.Add(section.Describe());
            bool can = section.CanMatch();
            anyMatch |= can;
            anyInclude |= can && section.IsInclude;
            if (section.IsInclude && section.Filters.Length == 0)
            {
                doubt = "The empty section " + section.Describe() + " says to Sysmon that nothing of " + type.Tag + " is wanted.";
            }
        }

        string all = string.Join(", ", named);
        if (sections.Length == 1 && !sections[0].IsInclude)
        {
            return anyMatch
                ? Answer(SysmonReach.Some, SysmonReason.Exclude, type.Tag + " has one section, " + all + ": all but what matches is written.")
                : Answer(SysmonReach.All, SysmonReason.NoMatch, type.Tag + " has one section, " + all + ", that excludes nothing of this event: each event is written.");
        }

        if (anyInclude)
        {
            // Sysmon asks two questions before it collects an event (IdHasIncludeRules; the switches that ApplyConfigurationFile sets), and
            // an empty include section answers both with no. What its driver and service do then is not public.
            return Answer(SysmonReach.Some, SysmonReason.Include, type.Tag + " has " + Count(sections.Length) + ", " + all + ": what an include section matches and no exclude section is written.") with { Doubt = doubt };
        }

        return sections.Length == 1
            ? Answer(SysmonReach.None, SysmonReason.NoMatch, type.Tag + " has one section, " + all + ", that includes nothing of this event: no event is written.")
            : Answer(SysmonReach.None, SysmonReason.NoMatchOfSeveral, type.Tag + " has " + Count(sections.Length) + ", " + all + ", and none includes anything of this event: no event is written.");
    }

    private static string Count(int sections) => sections == 1
        ? "one section"
        : sections.ToString(System.Globalization.CultureInfo.InvariantCulture) + " sections";
}
