using System;
using System.Collections.Generic;

namespace ApiLevel.Readiness.Sysmon;

/// <summary>Which events a version of Sysmon has, by the schema version that its configurations name.</summary>
public interface ISysmonSchema
{
    /// <summary>The known schema versions, oldest first. Never empty.</summary>
    IReadOnlyList<string> Versions { get; }

    /// <summary>The events of a version in the order of their ids; empty for a version that is not known.</summary>
    /// <param name="version">As in <see cref="Versions"/>.</param>
    IReadOnlyList<SysmonEventType> GetEvents(string version);
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

/// <summary>A schema made from the rows of a table.</summary>
public sealed class SysmonSchema : ISysmonSchema
{
    /// <summary>Makes a schema.</summary>
    /// <param name="rows">In any order.</param>
    /// <exception cref="ArgumentException">There is no row, a version is no number, a default is none of include and exclude, or fields of an event have no consecutive places.</exception>
    public SysmonSchema(IEnumerable<SysmonSchemaRow> rows) => throw new NotImplementedException();

    /// <inheritdoc/>
    public IReadOnlyList<string> Versions => throw new NotImplementedException();

    /// <inheritdoc/>
    public IReadOnlyList<SysmonEventType> GetEvents(string version) => throw new NotImplementedException();
}
