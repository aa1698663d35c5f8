using System;
using System.Collections.Generic;
using System.Globalization;

namespace ApiLevel.Readiness.Sysmon;

/// <summary>
/// Which events, fields, conditions and settings a version of Sysmon has, by the schema version that its configurations name. Versions
/// are written with two decimals, as Sysmon counts them: 4.10 is 4.1 and comes before 4.20 and 4.21.
/// </summary>
public interface ISysmonSchema
{
    /// <summary>The known schema versions, oldest first. Never empty.</summary>
    IReadOnlyList<string> Versions { get; }

    /// <summary>The events of a version in the order of their ids; empty for a version that is not known.</summary>
    /// <param name="version">As in <see cref="Versions"/>.</param>
    IReadOnlyList<SysmonEventType> GetEvents(string version);

    /// <summary>Names of a kind that a version knows, sorted; empty for a version that is not known.</summary>
    /// <param name="version">As in <see cref="Versions"/>.</param>
    /// <param name="kind">What is asked for.</param>
    IReadOnlyList<string> GetOptions(string version, SysmonOptionKind kind);
}

/// <summary>What an option row of a schema names.</summary>
public enum SysmonOptionKind
{
    /// <summary>A condition of a filter: contains.</summary>
    Condition,

    /// <summary>An element beside the rules: HashAlgorithms.</summary>
    Setting,

    /// <summary>The version of the binary rules that a Sysmon of this schema makes: one at most.</summary>
    BinaryVersion,
}

/// <summary>What happens to an event that no section speaks of.</summary>
public enum SysmonDefault
{
    /// <summary>It is written.</summary>
    Include,

    /// <summary>It is not written.</summary>
    Exclude,
}

/// <summary>An event that Sysmon can write.</summary>
/// <param name="EventId">Its number.</param>
/// <param name="Tag">The element that configurations filter it with; several events may share one. Null for an event that cannot be filtered.</param>
/// <param name="RuleDefault">What happens to it where the configuration has no section for its tag.</param>
/// <param name="Fields">Its fields, in the order of the event's payload: rules that several events share compare fields by place and name.</param>
public sealed record SysmonEventType(int EventId, string? Tag, SysmonDefault RuleDefault, IReadOnlyList<SysmonField> Fields);

/// <summary>A field of an event.</summary>
/// <param name="Name">As events and filters name it.</param>
/// <param name="Type">Its type in the event's manifest (UnicodeString, UInt32, HexInt32, GUID, Boolean, ...): what text rules compare with.</param>
public readonly record struct SysmonField(string Name, string Type);

/// <summary>One row of the catalogue's table <c>sysmon-schema</c>.</summary>
/// <param name="SchemaVersion">Such as 4.90.</param>
/// <param name="EventId">The event's number.</param>
/// <param name="Tag">The element that filters it; empty for none.</param>
/// <param name="RuleDefault">include or exclude; empty for an event that cannot be filtered.</param>
/// <param name="Place">The field's place in the event, from 0.</param>
/// <param name="Field">The field's name.</param>
/// <param name="Type">The field's type.</param>
public readonly record struct SysmonSchemaRow(
    string SchemaVersion, int EventId, string Tag, string RuleDefault, int Place, string Field, string Type);

/// <summary>One row of the catalogue's table <c>sysmon-options</c>.</summary>
/// <param name="SchemaVersion">Such as 4.90.</param>
/// <param name="Kind">condition, setting or binary-version.</param>
/// <param name="Name">The name, or the binary version.</param>
public readonly record struct SysmonOptionRow(string SchemaVersion, string Kind, string Name);

/// <summary>A schema made from the rows of the two tables.</summary>
public sealed class SysmonSchema : ISysmonSchema
{
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly string[] _versions;

    /// <summary>Makes a schema.</summary>
    /// <param name="rows">Events and fields, in any order.</param>
    /// <param name="options">Conditions, settings and binary versions, in any order.</param>
    /// <exception cref="ArgumentException">
    /// There is no row, a version or kind is none, a default is none of include and exclude, or fields of an event have no consecutive places.
    /// </exception>
    public SysmonSchema(IEnumerable<SysmonSchemaRow> rows, IEnumerable<SysmonOptionRow> options)
    {
        foreach (SysmonSchemaRow row in rows ?? throw new ArgumentNullException(nameof(rows)))
        {
            Find(row.SchemaVersion).Add(row);
        }

        foreach (SysmonOptionRow row in options ?? throw new ArgumentNullException(nameof(options)))
        {
            Find(row.SchemaVersion).Add(row);
        }

        if (_entries.Count == 0)
        {
            throw new ArgumentException("A schema needs at least one version.", nameof(rows));
        }

        _versions = [.. _entries.Keys];
        Array.Sort(_versions, static (left, right) => SysmonVersion.Parse(left)!.Value.CompareTo(SysmonVersion.Parse(right)!.Value));
        foreach (KeyValuePair<string, Entry> entry in _entries)
        {
            entry.Value.Finish(entry.Key);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Versions => _versions;

    /// <inheritdoc/>
    public IReadOnlyList<SysmonEventType> GetEvents(string version) => _entries.TryGetValue(version, out Entry? entry) ? entry.Events : [];

    /// <inheritdoc/>
    public IReadOnlyList<string> GetOptions(string version, SysmonOptionKind kind) =>
        _entries.TryGetValue(version, out Entry? entry) ? entry.Options[(int)kind] : [];

    private static string Place(string version, int eventId) =>
        string.Format(CultureInfo.InvariantCulture, "schema {0}, event {1}", version, eventId);

    private Entry Find(string version)
    {
        if (_entries.TryGetValue(version, out Entry? entry))
        {
            return entry;
        }

        if (SysmonVersion.Parse(version)?.ToString() != version)
        {
            throw new ArgumentException("`" + version + "` is no schema version with two decimals.", nameof(version));
        }

        _entries.Add(version, entry = new Entry());
        return entry;
    }

    private sealed class Entry
    {
        private readonly SortedDictionary<int, List<SysmonSchemaRow>> _rows = [];

        public SysmonEventType[] Events { get; private set; } = [];

        public List<string>[] Options { get; } = [[], [], []];

        public void Add(SysmonSchemaRow row)
        {
            if (!_rows.TryGetValue(row.EventId, out List<SysmonSchemaRow>? fields))
            {
                _rows.Add(row.EventId, fields = []);
            }

            fields.Add(row);
        }

        public void Add(SysmonOptionRow row)
        {
            SysmonOptionKind kind = row.Kind switch
            {
                "condition" => SysmonOptionKind.Condition,
                "setting" => SysmonOptionKind.Setting,
                "binary-version" => SysmonOptionKind.BinaryVersion,
                _ => throw new ArgumentException("`" + row.Kind + "` is none of condition, setting and binary-version.", nameof(row)),
            };
            Options[(int)kind].Add(row.Name);
        }

        public void Finish(string version)
        {
            foreach (List<string> names in Options)
            {
                names.Sort(StringComparer.Ordinal);
            }

            List<SysmonEventType> events = [];
            foreach (KeyValuePair<int, List<SysmonSchemaRow>> rows in _rows)
            {
                rows.Value.Sort(static (left, right) => left.Place.CompareTo(right.Place));
                List<SysmonField> fields = [];
                foreach (SysmonSchemaRow row in rows.Value)
                {
                    if (row.Place != fields.Count)
                    {
                        throw new ArgumentException(Place(version, row.EventId) + ": the places of its fields are not 0, 1, 2 and so on.");
                    }

                    fields.Add(new SysmonField(row.Field, row.Type));
                }

                SysmonSchemaRow first = rows.Value[0];
                SysmonDefault ruleDefault = first.RuleDefault switch
                {
                    "include" => SysmonDefault.Include,
                    "exclude" => SysmonDefault.Exclude,
                    "" when first.Tag.Length == 0 => SysmonDefault.Include,
                    _ => throw new ArgumentException(Place(version, first.EventId) + ": its default is none of include and exclude."),
                };
                events.Add(new SysmonEventType(first.EventId, first.Tag.Length == 0 ? null : first.Tag, ruleDefault, fields));
            }

            Events = [.. events];
            _rows.Clear();
        }
    }
}
