using ApiLevel.Formats.Configuration.Sysmon;

namespace ApiLevel.Readiness.Sysmon;

/// <summary>Why Sysmon writes an event or does not.</summary>
public enum SysmonReason
{
    /// <summary>A section with onmatch="include" matched: written.</summary>
    Include,

    /// <summary>A section with onmatch="exclude" matched: not written.</summary>
    Exclude,

    /// <summary>No section speaks of the event: the default of its type decides.</summary>
    NoSection,

    /// <summary>The only section did not match: an exclude section then writes the event, an include section does not.</summary>
    NoMatch,

    /// <summary>None of several sections matched: not written, whatever they are.</summary>
    NoMatchOfSeveral,

    /// <summary>Rules do not apply to this event (service state, configuration change, error): written.</summary>
    NotFiltered,

    /// <summary>This version of Sysmon has no such event: not written.</summary>
    UnknownEvent,
}

/// <summary>What the rules say about one event.</summary>
/// <param name="Included">Whether the event is written.</param>
/// <param name="Reason">Why.</param>
/// <param name="RuleName">
/// The name that Sysmon writes into the event's field RuleName; null for none (Sysmon then writes <c>-</c>, older versions nothing).
/// For an excluded event: the name that the deciding rule would have given.
/// </param>
/// <param name="Section">The section that decided; null where several or none did.</param>
/// <param name="Rule">The Rule element in it that matched; null where the match was outside of one.</param>
/// <param name="Filter">The last filter that matched and so made the decision; null where nothing matched.</param>
/// <param name="Doubt">
/// Null where the answer is what the engine would give. Otherwise why it may be another one: a field that the event lacks was asked for,
/// or an environment variable whose value is not known.
/// </param>
public sealed record SysmonDecision(
    bool Included,
    SysmonReason Reason,
    string? RuleName,
    SysmonEventSection? Section,
    SysmonRule? Rule,
    SysmonFilter? Filter,
    string? Doubt)
{
    /// <summary>The line that decided: the filter's, else the section's; 0 where no line did.</summary>
    public int Line => (Filter?.Position ?? Section?.Position)?.Line ?? 0;
}

/// <summary>What can become of the events of one id under a configuration, whatever their fields hold.</summary>
public enum SysmonReach
{
    /// <summary>No event of this id can be written.</summary>
    None,

    /// <summary>It depends on the event.</summary>
    Some,

    /// <summary>Each event of this id is written.</summary>
    All,
}

/// <summary>What a configuration means for the events of one id.</summary>
/// <param name="EventId">The event's number.</param>
/// <param name="Tag">The element that filters it; null for an event that cannot be filtered.</param>
/// <param name="Reach">Whether all, some or none can be written.</param>
/// <param name="Reason">Why: for <see cref="SysmonReach.Some"/> always Include or Exclude, the kind of sections that draw the line.</param>
/// <param name="Sections">The sections that speak of it, in the order in which Sysmon asks them.</param>
/// <param name="Explanation">One sentence for people, with the lines.</param>
/// <param name="Doubt">
/// Why Sysmon may not collect the event at all although its rules would let some through, as a sentence; null for no doubt.
/// </param>
public sealed record SysmonEventCoverage(
    int EventId,
    string? Tag,
    SysmonReach Reach,
    SysmonReason Reason,
    System.Collections.Generic.IReadOnlyList<SysmonEventSection> Sections,
    string Explanation,
    string? Doubt = null);
