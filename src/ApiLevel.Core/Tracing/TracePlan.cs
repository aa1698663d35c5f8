using System;
using System.Collections.Generic;
using ApiLevel.Answers;
using ApiLevel.Chains;
using ApiLevel.Facts;
using ApiLevel.Formats;

namespace ApiLevel.Tracing;

/// <summary>What a user wants to trace.</summary>
public sealed class TraceQuestion
{
    /// <summary>The APIs. Never null; empty where providers were named, or for all native calls of a process.</summary>
    public IReadOnlyList<ApiEntry> Apis { get; init; } = [];

    /// <summary>Providers by short name, provider name, GUID or channel. Never null.</summary>
    public IReadOnlyList<string> Providers { get; init; } = [];

    /// <summary>The event ids; empty for all. Never null.</summary>
    public IReadOnlyList<int> EventIds { get; init; } = [];

    /// <summary>Only these processes; empty for all. Never null.</summary>
    public IReadOnlyList<int> ProcessIds { get; init; } = [];

    /// <summary>Only processes with these executable names; empty for all. Never null.</summary>
    public IReadOnlyList<string> ProcessNames { get; init; } = [];

    /// <summary>ETW or event pipe.</summary>
    public TraceKind Kind { get; init; }

    /// <summary>The weakest evidence that is still planned for.</summary>
    public Evidence MinimumEvidence { get; init; } = Evidence.Low;

    /// <summary>The name of the session, as it will be.</summary>
    public string SessionName { get; init; } = TraceNames.Default;
}

/// <summary>What a session would be asked for, and what each API gets out of it.</summary>
/// <param name="Kind">ETW or event pipe.</param>
/// <param name="Rows">One row an API and event. Never null.</param>
/// <param name="Providers">The providers of the rows that are delivered. Never null.</param>
/// <param name="ManagedMembers">Managed members to report. Never null.</param>
/// <param name="Accept">What the session lets through besides its own filters; null for everything.</param>
public sealed record TracePlan(
    TraceKind Kind,
    IReadOnlyList<ApiTracePlan> Rows,
    IReadOnlyList<TraceProviderRequest> Providers,
    IReadOnlyCollection<string> ManagedMembers,
    Func<EventRecord, bool>? Accept)
{
    /// <summary>True when nothing of it would be delivered.</summary>
    public bool IsEmpty
    {
        get
        {
            foreach (ApiTracePlan row in Rows)
            {
                if (row.Deliverable)
                {
                    return false;
                }
            }

            return true;
        }
    }
}
