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
    /// <summary>
    /// The schema version of the installed Sysmon, which decides which events and fields exist; null for the newest known one of the
    /// configuration's major version.
    /// </summary>
    public string? InstalledSchema { get; set; }

    /// <summary>The system. Default: Windows.</summary>
    public SysmonPlatform Platform { get; set; }

    /// <summary>
    /// Gives an environment variable's value by its name, in lower case and without percent signs; null for an unknown name. Where the
    /// property is null, a filter with a variable does not match, and decisions that rest on that carry a doubt.
    /// </summary>
    public Func<string, string?>? Environment { get; set; }
}

/// <summary>
/// A compiled Sysmon configuration, which decides about events as Sysmon's engine does. Safe for several threads.
/// </summary>
/// <remarks>
/// What the engine does, where people expect something else: exclude sections are asked before include sections, and of several of a
/// kind the last one first. Two sections of a tag write only what an include section matches. A field that a section names twice is an
/// alternative even under "and", except inside a Rule element. "less than" and "more than" compare texts. RuleName is the name of the
/// filter that matched last, else its Rule's, else its group's; a nameless match leaves the name that a filter gave before, even one
/// of a section that did not match in the end. A Rule element without a relation is "or", a group without one is "and".
/// </remarks>
public sealed class SysmonRules
{
    private readonly Dictionary<int, SysmonPlan> _plans;
    private readonly Dictionary<string, List<int>> _tags = new(StringComparer.Ordinal);
    private readonly Dictionary<int, SysmonEventCoverage> _coverage = [];

    private SysmonRules(SysmonConfiguration? configuration, ISysmonSchema schema, SysmonRuleOptions? options)
    {
        if (schema is null)
        {
            throw new ArgumentNullException(nameof(schema));
        }

        SysmonCompiler compiler = new(schema, options ?? new SysmonRuleOptions(), configuration?.SchemaVersion);
        _plans = compiler.Compile(configuration);
        Refusal = compiler.Refusal;
        IsSchemaValid = compiler.IsSchemaValid;
        Problems = compiler.Problems;
        InstalledSchema = compiler.Installed;
        List<SysmonEventCoverage> coverage = [];
        foreach (SysmonEventType type in schema.GetEvents(compiler.Installed))
        {
            SysmonEventCoverage own = SysmonCoverage.Of(_plans[type.EventId]);
            coverage.Add(own);
            _coverage[type.EventId] = own;
            if (type.Tag is { } tag)
            {
                if (!_tags.TryGetValue(tag, out List<int>? ids))
                {
                    _tags.Add(tag, ids = []);
                }

                ids.Add(type.EventId);
            }
        }

        Coverage = coverage;
    }

    /// <summary>
    /// Why Sysmon refuses the whole configuration and keeps the one before it, as a sentence with the line; null where it takes it.
    /// Decisions of refused rules are those that no configuration would give.
    /// </summary>
    public string? Refusal { get; }

    /// <summary>
    /// Whether the configuration is what the document type of its schema version allows. Sysmon for Windows refuses another one; the
    /// engine as it is public now takes it and passes over what it does not know, which is what decisions follow.
    /// </summary>
    public bool IsSchemaValid { get; }

    /// <summary>
    /// What is not as the schema says: unknown tags, fields, conditions, settings and attributes' values, each with its line, and what
    /// Sysmon does about it. At most 1,000.
    /// </summary>
    public IReadOnlyList<Problem> Problems { get; }

    /// <summary>The schema version that events and fields were taken from.</summary>
    public string InstalledSchema { get; }

    /// <summary>What the configuration means for each event that Sysmon has, in the order of ids.</summary>
    public IReadOnlyList<SysmonEventCoverage> Coverage { get; }

    /// <summary>Compiles a configuration.</summary>
    /// <param name="configuration">What the reader gave.</param>
    /// <param name="schema">The events and fields that exist.</param>
    /// <param name="options">What is known about the machine; null for the defaults.</param>
    /// <exception cref="ArgumentException">The schema does not know the installed version that the options name.</exception>
    public static SysmonRules Compile(SysmonConfiguration configuration, ISysmonSchema schema, SysmonRuleOptions? options = null) =>
        new(configuration ?? throw new ArgumentNullException(nameof(configuration)), schema, options);

    /// <summary>What an installed Sysmon without any configuration does: the default of each type of event.</summary>
    /// <param name="schema">The events and fields that exist.</param>
    /// <param name="options">What is known about the machine; null for the defaults.</param>
    /// <exception cref="ArgumentException">The schema does not know the installed version that the options name.</exception>
    public static SysmonRules WithoutConfiguration(ISysmonSchema schema, SysmonRuleOptions? options = null) => new(null, schema, options);

    /// <summary>What the configuration means for the events of one id; null for an id that this version of Sysmon does not have.</summary>
    /// <param name="eventId">The event's number.</param>
    public SysmonEventCoverage? GetCoverage(int eventId) => _coverage.TryGetValue(eventId, out SysmonEventCoverage? coverage) ? coverage : null;

    /// <summary>The ids of the events that a tag filters, in their order; empty for an unknown tag.</summary>
    /// <param name="tag">The element's name; case counts, as it does for Sysmon.</param>
    public IReadOnlyList<int> GetEventIds(string tag) => _tags.TryGetValue(tag, out List<int>? ids) ? ids : [];

    /// <summary>Decides about a recorded event. Its field RuleName is not looked at: Sysmon fills it after the decision.</summary>
    /// <param name="record">An event of Sysmon; its provider is not checked.</param>
    public SysmonDecision Decide(EventRecord record)
    {
        if (record is null)
        {
            throw new ArgumentNullException(nameof(record));
        }

        return Decide(record.EventId, new RecordFields(record));
    }

    /// <summary>Decides about an event whose fields are found by name.</summary>
    /// <param name="eventId">The event's number.</param>
    /// <param name="field">
    /// Gives a field's value by its name as the schema spells it; null where the event does not have it. Values other than texts become
    /// the text that Sysmon compares with, by the type of the field.
    /// </param>
    public SysmonDecision Decide(int eventId, Func<string, object?> field) =>
        Decide(eventId, new NamedFields(field ?? throw new ArgumentNullException(nameof(field))));

    /// <summary>
    /// Decides about an event of which only the tag is known. Where several events share the tag, the one with the most fields counts all
    /// of whose fields are there, else the first one: a registry event with Details is event 13.
    /// </summary>
    /// <param name="tag">The element's name that filters it; case counts. An unknown one gives <see cref="SysmonReason.UnknownEvent"/>.</param>
    /// <param name="field">As for <see cref="Decide(int, Func{string, object?})"/>.</param>
    public SysmonDecision Decide(string tag, Func<string, object?> field)
    {
        if (field is null)
        {
            throw new ArgumentNullException(nameof(field));
        }

        IReadOnlyList<int> ids = GetEventIds(tag ?? throw new ArgumentNullException(nameof(tag)));
        if (ids.Count == 0)
        {
            return new SysmonDecision(false, SysmonReason.UnknownEvent, null, null, null, null, null);
        }

        int best = ids[0];
        int most = 0;
        foreach (int id in ids)
        {
            IReadOnlyList<SysmonField> fields = _plans[id].Type.Fields;
            int present = 0;
            foreach (SysmonField own in fields)
            {
                present += own.Name == "RuleName" || field(own.Name) is not null ? 1 : 0;
            }

            if (present == fields.Count && present > most)
            {
                most = present;
                best = id;
            }
        }

        return Decide(best, field);
    }

    private SysmonDecision Decide<TFields>(int eventId, TFields fields)
        where TFields : struct, ISysmonFields
    {
        if (!_plans.TryGetValue(eventId, out SysmonPlan? plan))
        {
            return new SysmonDecision(false, SysmonReason.UnknownEvent, null, null, null, null, null);
        }

        if (plan.Type.Tag is null)
        {
            return new SysmonDecision(true, SysmonReason.NotFiltered, null, null, null, null, null);
        }

        if (plan.Sections.Length == 0)
        {
            return new SysmonDecision(plan.Type.RuleDefault == SysmonDefault.Include, SysmonReason.NoSection, null, null, null, null, null);
        }

        SysmonEvaluation evaluation = SysmonEvaluation.Rent(plan);
        try
        {
            return evaluation.Decide(fields);
        }
        finally
        {
            evaluation.Return();
        }
    }

    private readonly struct RecordFields(EventRecord record) : ISysmonFields
    {
        public object? Get(int place, string name) =>
            place < record.Fields.Count && record.Fields[place].Name == name ? record.Fields[place].Value : record[name];
    }

    private readonly struct NamedFields(Func<string, object?> field) : ISysmonFields
    {
        public object? Get(int place, string name) => field(name);
    }
}
