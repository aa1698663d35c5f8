using System;
using System.Collections.Generic;
using ApiLevel.Formats;
using ApiLevel.Formats.Configuration.Sysmon;

namespace ApiLevel.Readiness.Sysmon;

/// <summary>The systems that Sysmon runs on; the engine compares texts a little differently.</summary>
public enum SysmonPlatform
{
    /// <summary>Windows: environment variables in filters are expanded.</summary>
    Windows,

    /// <summary>Linux: a percent sign is a character like others.</summary>
    Linux,
}

/// <summary>What is known about the machine that the rules run on.</summary>
public sealed class SysmonRuleOptions
{
    /// <summary>The schema version of the installed Sysmon, which decides which events and fields exist; null for the newest one known.</summary>
    public string? InstalledSchema { get; set; }

    /// <summary>The system. Default: Windows.</summary>
    public SysmonPlatform Platform { get; set; }

    /// <summary>
    /// Gives an environment variable's value by its name without percent signs; null for an unknown name. Where the property is null,
    /// a filter with a variable cannot match and decisions that asked it carry a doubt.
    /// </summary>
    public Func<string, string?>? Environment { get; set; }
}

/// <summary>
/// A compiled Sysmon configuration, which decides about events as Sysmon's engine does. Safe for several threads.
/// </summary>
public sealed class SysmonRules
{
    private SysmonRules()
    {
    }

    /// <summary>Compiles a configuration.</summary>
    /// <param name="configuration">What the reader gave.</param>
    /// <param name="schema">The events and fields that exist.</param>
    /// <param name="options">What is known about the machine; null for the defaults.</param>
    public static SysmonRules Compile(SysmonConfiguration configuration, ISysmonSchema schema, SysmonRuleOptions? options = null) =>
        throw new NotImplementedException();

    /// <summary>What an installed Sysmon without any configuration does: the default of each type of event.</summary>
    /// <param name="schema">The events and fields that exist.</param>
    /// <param name="options">What is known about the machine; null for the defaults.</param>
    public static SysmonRules WithoutConfiguration(ISysmonSchema schema, SysmonRuleOptions? options = null) => throw new NotImplementedException();

    /// <summary>
    /// Why Sysmon refuses the whole configuration and keeps the one before it, as a sentence with the line; null where it takes it.
    /// Decisions of refused rules are those that no configuration would give.
    /// </summary>
    public string? Refusal => throw new NotImplementedException();

    /// <summary>
    /// What is not as the schema says: unknown tags, fields, conditions and attributes' values, each with its line, and what Sysmon does about it.
    /// </summary>
    public IReadOnlyList<Problem> Problems => throw new NotImplementedException();

    /// <summary>The schema version that events and fields were taken from.</summary>
    public string InstalledSchema => throw new NotImplementedException();

    /// <summary>What the configuration means for each event that Sysmon has, in the order of ids.</summary>
    public IReadOnlyList<SysmonEventCoverage> Coverage => throw new NotImplementedException();

    /// <summary>What the configuration means for the events of one id; null for an id that this version of Sysmon does not have.</summary>
    /// <param name="eventId">The event's number.</param>
    public SysmonEventCoverage? GetCoverage(int eventId) => throw new NotImplementedException();

    /// <summary>The ids of the events that a tag filters, in their order; empty for an unknown tag.</summary>
    /// <param name="tag">The element's name; case counts, as it does for Sysmon.</param>
    public IReadOnlyList<int> GetEventIds(string tag) => throw new NotImplementedException();

    /// <summary>Decides about a recorded event. Its field RuleName is not looked at: Sysmon fills it after the decision.</summary>
    /// <param name="record">An event of Sysmon; its provider is not checked.</param>
    public SysmonDecision Decide(EventRecord record) => throw new NotImplementedException();

    /// <summary>Decides about an event whose fields are found by name.</summary>
    /// <param name="eventId">The event's number.</param>
    /// <param name="field">
    /// Gives a field's value by its name as the schema spells it; null where the event does not have it. Values other than texts become
    /// the text that Sysmon compares with, by the type of the field.
    /// </param>
    public SysmonDecision Decide(int eventId, Func<string, object?> field) => throw new NotImplementedException();
}
