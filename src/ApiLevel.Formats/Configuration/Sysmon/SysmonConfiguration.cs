using System.Collections.Generic;
using System.Globalization;

namespace ApiLevel.Formats.Configuration.Sysmon;

/// <summary>Where something starts in a text.</summary>
/// <param name="Line">From 1; 0 where the text is not known.</param>
/// <param name="Column">From 1; 0 where the text is not known.</param>
public readonly record struct SysmonPosition(int Line, int Column)
{
    /// <summary>Gives "line 12, column 5"; an empty text where nothing is known.</summary>
    public override string ToString() => Line <= 0
        ? ""
        : string.Format(CultureInfo.InvariantCulture, "line {0}, column {1}", Line, Column);
}

/// <summary>
/// A Sysmon configuration as it is written: nothing here knows which events, fields and conditions exist, or what a missing
/// attribute means. Texts are what an XML parser gives for them; nothing is trimmed or changed in case.
/// </summary>
/// <param name="SchemaVersion">The attribute <c>schemaversion</c>; null where there is none.</param>
/// <param name="Settings">What stands beside the rules, in their order: HashAlgorithms, CheckRevocation and the like.</param>
/// <param name="Groups">The rule groups, in their order; a section names the one it stands in.</param>
/// <param name="Sections">The sections of events, in their order, whatever group they stand in.</param>
/// <param name="Position">Where the root element starts.</param>
public sealed record SysmonConfiguration(
    string? SchemaVersion,
    IReadOnlyList<SysmonSetting> Settings,
    IReadOnlyList<SysmonRuleGroup> Groups,
    IReadOnlyList<SysmonEventSection> Sections,
    SysmonPosition Position);

/// <summary>An element beside the rules.</summary>
/// <param name="Name">The element's name.</param>
/// <param name="Value">Its first text that is more than white space; empty where there is none.</param>
/// <param name="Position">Where it starts.</param>
public sealed record SysmonSetting(string Name, string Value, SysmonPosition Position);

/// <summary>A RuleGroup element.</summary>
/// <param name="Name">The attribute <c>name</c>; null where there is none.</param>
/// <param name="GroupRelation">The attribute <c>groupRelation</c>; null where there is none.</param>
/// <param name="Position">Where it starts.</param>
public sealed record SysmonRuleGroup(string? Name, string? GroupRelation, SysmonPosition Position);

/// <summary>An element that says for one tag which events are written.</summary>
/// <param name="Tag">The element's name: ProcessCreate, FileCreate and the like.</param>
/// <param name="OnMatch">The attribute <c>onmatch</c>; null where there is none.</param>
/// <param name="Default">The attribute <c>default</c>, which old schema versions have instead; null where there is none.</param>
/// <param name="Group">The innermost rule group that it stands in; null for none.</param>
/// <param name="Items">The filters and rules in it, in their order.</param>
/// <param name="Position">Where it starts.</param>
public sealed record SysmonEventSection(
    string Tag,
    string? OnMatch,
    string? Default,
    SysmonRuleGroup? Group,
    IReadOnlyList<SysmonRuleItem> Items,
    SysmonPosition Position);

/// <summary>What a section holds: a <see cref="SysmonFilter"/> or a <see cref="SysmonRule"/> of filters.</summary>
/// <param name="Name">The attribute <c>name</c>; null where there is none.</param>
/// <param name="Position">Where it starts.</param>
public abstract record SysmonRuleItem(string? Name, SysmonPosition Position);

/// <summary>A Rule element: filters under one name and one relation.</summary>
/// <param name="Name">The attribute <c>name</c>; null where there is none.</param>
/// <param name="GroupRelation">The attribute <c>groupRelation</c>; null where there is none.</param>
/// <param name="Filters">The filters in it, in their order.</param>
/// <param name="Position">Where it starts.</param>
public sealed record SysmonRule(string? Name, string? GroupRelation, IReadOnlyList<SysmonFilter> Filters, SysmonPosition Position)
    : SysmonRuleItem(Name, Position);

/// <summary>A test of one field.</summary>
/// <param name="Field">The element's name: the field's.</param>
/// <param name="Condition">The attribute <c>condition</c>; null where there is none.</param>
/// <param name="Value">The element's first text that is more than white space; empty where there is none.</param>
/// <param name="Name">The attribute <c>name</c>; null where there is none.</param>
/// <param name="Position">Where it starts.</param>
public sealed record SysmonFilter(string Field, string? Condition, string Value, string? Name, SysmonPosition Position)
    : SysmonRuleItem(Name, Position);
