using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using ApiLevel.Formats;
using ApiLevel.Formats.Configuration.Sysmon;

namespace ApiLevel.Readiness.Sysmon;

/// <summary>
/// Turns a configuration into plans, one a kind of event. Which section belongs to which events, what is refused and what is passed over
/// follows microsoft/SysmonCommon (xml.cpp, rules.c).
/// </summary>
internal sealed class SysmonCompiler
{
    /// <summary>Sysmon counts the bytes of a name's UTF-8.</summary>
    private const int LongestName = 255;

    /// <summary>What a Rule element's name is cut to where it takes precedence over its filters' names.</summary>
    private const int LongestRuleName = 127;

    /// <summary>An expanded value must fit into MAX_PATH characters with the closing zero.</summary>
    private const int LongestExpansion = 259;

    private const int MostProblems = 1000;

    private readonly ISysmonSchema _schema;
    private readonly SysmonRuleOptions _options;
    private readonly IReadOnlyList<SysmonEventType> _types;
    private readonly bool _ruleNameFirst;
    private readonly List<Problem> _problems = [];
    private bool _andByDefault;

    public SysmonCompiler(ISysmonSchema schema, SysmonRuleOptions options, string? configurationVersion)
    {
        _schema = schema;
        _options = options;
        Installed = options.InstalledSchema is { } wanted ? FindVersion(wanted) : NewestFor(SysmonVersion.Parse(configurationVersion));
        _types = schema.GetEvents(Installed);

        // Binary rules up to 14.1 let the name of a Rule element win over the names of the filters in it.
        IReadOnlyList<string> binary = schema.GetOptions(Installed, SysmonOptionKind.BinaryVersion);
        _ruleNameFirst = binary.Count > 0
            ? SysmonVersion.Parse(binary[0]) is { } made && made.CompareTo(new SysmonVersion(14, 10)) <= 0
            : SysmonVersion.Parse(Installed) is { } version && version.CompareTo(new SysmonVersion(4, 60)) <= 0;
    }

    public string Installed { get; }

    public string? Refusal { get; private set; }

    public bool IsSchemaValid { get; private set; } = true;

    public IReadOnlyList<Problem> Problems => _problems;

    public Dictionary<int, SysmonPlan> Compile(SysmonConfiguration? configuration)
    {
        Dictionary<int, List<SysmonPlanSection>> sections = [];
        if (configuration is not null)
        {
            CheckVersion(configuration);
            SysmonGrammar grammar = new(_schema, SysmonVersion.Parse(configuration.SchemaVersion), Report);
            IsSchemaValid = grammar.Check(configuration);
            if (Refusal is null)
            {
                AddSections(configuration, sections);
            }

            if (Refusal is not null)
            {
                sections.Clear();
            }
        }

        Dictionary<int, SysmonPlan> plans = [];
        foreach (SysmonEventType type in _types)
        {
            int ruleName = -1;
            for (int i = 0; i < type.Fields.Count && ruleName < 0; i++)
            {
                ruleName = type.Fields[i].Name == "RuleName" ? i : -1;
            }

            plans[type.EventId] = new SysmonPlan
            {
                Type = type,
                Sections = sections.TryGetValue(type.EventId, out List<SysmonPlanSection>? own) ? [.. own] : [],
                RuleNamePlace = ruleName,
            };
        }

        return plans;
    }

    private static string Place(SysmonPosition position) => position.Line > 0
        ? string.Format(CultureInfo.InvariantCulture, "line {0}", position.Line)
        : "configuration";

    private static string? NonEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static bool Is(string? text, string expected) => text is not null && SysmonText.Lower(text) == expected;

    private void Report(SysmonPosition position, string what)
    {
        if (_problems.Count < MostProblems)
        {
            _problems.Add(new Problem(Place(position), what));
        }
    }

    private string FindVersion(string wanted)
    {
        if (SysmonVersion.Parse(wanted) is { } version)
        {
            foreach (string known in _schema.Versions)
            {
                if (SysmonVersion.Parse(known) == version)
                {
                    return known;
                }
            }
        }

        throw new ArgumentException("The schema version `" + wanted + "` is not known.", nameof(wanted));
    }

    // A configuration of a major version is for the Sysmon of that major version; later ones refuse it.
    private string NewestFor(SysmonVersion? configuration)
    {
        string newest = _schema.Versions[_schema.Versions.Count - 1];
        if (configuration is { } version)
        {
            for (int i = _schema.Versions.Count - 1; i >= 0; i--)
            {
                if (SysmonVersion.Parse(_schema.Versions[i])!.Value.Major == version.Major)
                {
                    return _schema.Versions[i];
                }
            }
        }

        return newest;
    }

    private void CheckVersion(SysmonConfiguration configuration)
    {
        if (SysmonVersion.Parse(configuration.SchemaVersion) is not { } version)
        {
            Refuse(configuration.Position, configuration.SchemaVersion is null
                ? "the root element has no schemaversion"
                : "its schemaversion `" + configuration.SchemaVersion + "` is none");
            return;
        }

        _andByDefault = version.CompareTo(new SysmonVersion(4, 10)) > 0;
        if (version.Major < SysmonVersion.Parse(Installed)!.Value.Major)
        {
            Refuse(configuration.Position, "Sysmon of schema " + Installed + " does not take the older major version " + version);
        }
    }

    private void Refuse(SysmonPosition position, string why) =>
        Refusal ??= "Sysmon refuses the configuration, " + Place(position) + ": " + why + ".";

    private void AddSections(SysmonConfiguration configuration, Dictionary<int, List<SysmonPlanSection>> all)
    {
        Dictionary<string, List<SysmonEventSection>> byTag = new(StringComparer.Ordinal);
        foreach (SysmonEventSection section in configuration.Sections)
        {
            if (!byTag.TryGetValue(section.Tag, out List<SysmonEventSection>? own))
            {
                byTag.Add(section.Tag, own = []);
            }

            own.Add(section);
        }

        for (int first = 0; first < _types.Count && Refusal is null;)
        {
            // Events that follow each other and share a tag are one series.
            string? tag = _types[first].Tag;
            int end = first + 1;
            while (end < _types.Count && tag is not null && _types[end].Tag == tag)
            {
                end++;
            }

            if (tag is not null && byTag.TryGetValue(tag, out List<SysmonEventSection>? sections))
            {
                AddSeries(sections, first, end, all);
            }

            first = end;
        }
    }

    private void AddSeries(List<SysmonEventSection> sections, int first, int end, Dictionary<int, List<SysmonPlanSection>> all)
    {
        List<(SysmonPlanSection Section, SysmonEventType Type)> made = [];
        foreach (SysmonEventSection section in sections)
        {
            if (section.OnMatch is null && section.Default is null)
            {
                Report(section.Position, section.Tag + " has no onmatch: Sysmon passes over the section");
                continue;
            }

            if (section.OnMatch is not null && section.Default is not null)
            {
                Report(section.Position, section.Tag + " has both onmatch and default: Sysmon passes over the section");
                continue;
            }

            // The first event of the series that has all fields is the one whose places of fields count.
            SysmonPlanSection? plan = null;
            SysmonFilter? unknown = null;
            for (int i = first; i < end && plan is null; i++)
            {
                plan = TryCompile(section, _types[i], out unknown);
                if (Refusal is not null)
                {
                    return;
                }

                if (plan is not null)
                {
                    made.Add((plan, _types[i]));
                }
            }

            if (plan is null)
            {
                Report(unknown!.Position, section.Tag + " has no field " + unknown.Field
                    + ": Sysmon drops this section and those of its tag behind it, or refuses the configuration");
                IsSchemaValid = false;
                break;
            }
        }

        for (int i = first; i < end; i++)
        {
            // Exclude sections are asked first, and within a kind the last one first.
            List<SysmonPlanSection> ordered = [];
            foreach (bool include in (ReadOnlySpan<bool>)[false, true])
            {
                for (int k = made.Count - 1; k >= 0; k--)
                {
                    if (made[k].Section.IsInclude == include)
                    {
                        ordered.Add(For(made[k].Section, made[k].Type, _types[i]));
                    }
                }
            }

            all[_types[i].EventId] = ordered;
        }
    }

    private static SysmonPlanSection For(SysmonPlanSection section, SysmonEventType from, SysmonEventType to) => from.EventId == to.EventId
        ? section
        : new SysmonPlanSection
        {
            Source = section.Source,
            IsInclude = section.IsInclude,
            IsAnd = section.IsAnd,
            Filters = Array.ConvertAll(section.Filters, filter => filter.For(from, to)),
        };

    private SysmonPlanSection? TryCompile(SysmonEventSection section, SysmonEventType type, out SysmonFilter? unknown)
    {
        unknown = null;
        bool isInclude = section.OnMatch is not null
            ? Is(section.OnMatch, "include") || (!Is(section.OnMatch, "exclude") && type.RuleDefault == SysmonDefault.Exclude)
            // The older attribute names what happens without a match.
            : Is(section.Default, "exclude") || (!Is(section.Default, "include") && type.RuleDefault == SysmonDefault.Exclude);
        bool isAnd = NonEmpty(section.Group?.GroupRelation) is { } relation ? !Is(relation, "or") : _andByDefault;
        string? groupName = NonEmpty(section.Group?.Name);
        List<SysmonPlanFilter> filters = [];
        foreach (SysmonRuleItem item in section.Items)
        {
            if (item is SysmonRule rule)
            {
                // A Rule element without a relation is "or"; a group without one is "and" since schema 4.2.
                bool ruleIsAnd = NonEmpty(rule.GroupRelation) is { } own && !Is(own, "or");
                foreach (SysmonFilter filter in rule.Filters)
                {
                    Added added = Add(filter, rule, ruleIsAnd, NonEmpty(rule.Name) ?? groupName, type, filters);
                    if (added == Added.UnknownField)
                    {
                        unknown = filter;
                        return null;
                    }

                    if (added == Added.Wrong)
                    {
                        break;
                    }
                }
            }
            else if (item is SysmonFilter filter && Add(filter, null, false, groupName, type, filters) == Added.UnknownField)
            {
                unknown = filter;
                return null;
            }
        }

        SysmonPlanFilter[] array = [.. filters];
        HashSet<int> later = [];
        for (int i = array.Length - 1; i >= 0; i--)
        {
            if (array[i].Rule is null)
            {
                array[i].FieldComesAgain = !later.Add(array[i].Field);
            }
        }

        return new SysmonPlanSection { Source = section, IsInclude = isInclude, IsAnd = isAnd, Filters = array };
    }

    private enum Added
    {
        Filter,
        UnknownField,
        Wrong,
    }

    // What is wrong with a filter of a known field refuses the whole configuration. The Linux build means to, but its error codes have no
    // sign: there, the filter is dropped, and with it the rest of the Rule element.
    private Added Wrong(SysmonFilter filter, string why)
    {
        if (_options.Platform == SysmonPlatform.Windows)
        {
            Refuse(filter.Position, why);
        }
        else
        {
            Report(filter.Position, why + ": Sysmon drops this filter and those behind it in its Rule");
        }

        return Added.Wrong;
    }

    private Added Add(
        SysmonFilter filter, SysmonRule? rule, bool ruleIsAnd, string? inheritedName, SysmonEventType type, List<SysmonPlanFilter> filters)
    {
        int place = 0;
        while (place < type.Fields.Count && type.Fields[place].Name != filter.Field)
        {
            place++;
        }

        if (place == type.Fields.Count)
        {
            return Added.UnknownField;
        }

        string? name = NonEmpty(filter.Name) ?? inheritedName;
        if (name is not null && Encoding.UTF8.GetByteCount(name) > LongestName)
        {
            return Wrong(filter, "a rule's name has more than 255 bytes");
        }

        if (!SysmonMatcher.TryParse(filter.Condition, out SysmonCondition condition))
        {
            return Wrong(filter, "`" + filter.Condition + "` is no condition");
        }

        if (_ruleNameFirst && NonEmpty(rule?.Name) is { } ruleName)
        {
            name = ruleName.Length > LongestRuleName ? ruleName.Substring(0, LongestRuleName) : ruleName;
        }

        string text = SysmonText.Lower(filter.Value);
        string[]? literals = null;
        SysmonMatcher? matcher = null;
        bool byUpperCase = _options.Platform == SysmonPlatform.Linux;
        if (_options.Platform == SysmonPlatform.Windows && text.IndexOf('%') >= 0)
        {
            if (TryExpand(text, out string expanded, out literals))
            {
                matcher = new SysmonMatcher(condition, expanded, byUpperCase);
                literals = null;
            }
            else if (condition is not (SysmonCondition.Is or SysmonCondition.Contains or SysmonCondition.BeginWith or SysmonCondition.EndWith
                or SysmonCondition.Image))
            {
                literals = null;
            }
        }
        else
        {
            matcher = new SysmonMatcher(condition, text, byUpperCase);
        }

        filters.Add(new SysmonPlanFilter
        {
            Field = place,
            Matcher = matcher,
            Literals = literals,
            Name = name,
            Rule = rule,
            RuleIsAnd = ruleIsAnd,
            Source = filter,
            IsUsable = true,
        });
        return Added.Filter;
    }

    // Sysmon expands with the variables of the session's user, or the system's where nobody is logged on, into lower case (its unit tests
    // show both). What it does with a longer result than its buffer holds is not public.
    private bool TryExpand(string text, out string expanded, out string[]? literals)
    {
        StringBuilder result = new();
        List<string> parts = [];
        int partStart = 0;
        bool known = true;
        int at = 0;
        while (at < text.Length && result.Length <= LongestExpansion)
        {
            int close = text[at] == '%' ? text.IndexOf('%', at + 1) : -1;
            if (close < 0)
            {
                result.Append(text[at++]);
                continue;
            }

            string name = text.Substring(at + 1, close - at - 1);
            if (name.Length > 0 && _options.Environment is null)
            {
                known = false;
                parts.Add(text.Substring(partStart, at - partStart));
                partStart = close + 1;
            }
            else if (name.Length > 0 && _options.Environment!(name) is { } value)
            {
                result.Append(SysmonText.Lower(value));
            }
            else
            {
                result.Append(text, at, close + 1 - at);
            }

            at = close + 1;
        }

        parts.Add(text.Substring(partStart));
        expanded = result.ToString();
        literals = [.. parts];
        return known && expanded.Length <= LongestExpansion;
    }
}
