using System;
using System.Collections.Generic;
using ApiLevel.Facts;

namespace ApiLevel.Answers;

/// <summary>What a question for mappings asks for; every condition that is null lets everything through.</summary>
public sealed class MappingFilter
{
    /// <summary>Decides on the event's source.</summary>
    public Func<SourceEntry, bool>? Source { get; init; }

    /// <summary>The event ids.</summary>
    public IReadOnlyCollection<int>? EventIds { get; init; }

    /// <summary>The relations.</summary>
    public IReadOnlyCollection<Relation>? Relations { get; init; }

    /// <summary>The weakest evidence that is still listed.</summary>
    public Evidence MinimumEvidence { get; init; } = Evidence.Disputed;

    /// <summary>Leave out what only calls below the API lead to.</summary>
    public bool OwnOnly { get; init; }

    /// <summary>The Windows build; an event that came later is left out. Null for the newest.</summary>
    public int? WindowsBuild { get; init; }

    /// <summary>The Sysmon schema; an event that came later is left out. Null for the newest.</summary>
    public Version? SysmonVersion { get; init; }

    /// <summary>True when the filter asks for particular events, not only for particular APIs.</summary>
    public bool NamesEvents => Source is not null || EventIds is not null;
}
