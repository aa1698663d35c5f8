using System;
using System.Linq;
using ApiLevel.Tracing;

namespace ApiLevel;

/// <summary>A trace with its counters, which are read when they are looked at.</summary>
public sealed class ApiTelemetryTrace
{
    private readonly TelemetryTrace? _trace;
    private readonly TraceSessionInfo? _orphan;

    /// <summary>Shows a trace of this process.</summary>
    /// <param name="trace">The trace.</param>
    public ApiTelemetryTrace(TelemetryTrace trace)
    {
        _trace = trace ?? throw new ArgumentNullException(nameof(trace));
        Name = trace.Name;
        Kind = trace.Request.Kind.ToString();
        StartTime = trace.StartTime;
        Providers = trace.Request.Providers.Count == 0
            ? "Microsoft-Windows-DotNETRuntime"
            : string.Join("; ", trace.Request.Providers.Select(static provider => provider.Name));
        ProcessId = trace.ProcessId;
        Path = trace.Path ?? "";
    }

    /// <summary>Shows a session of ours that another process left behind.</summary>
    /// <param name="orphan">What the system says about it.</param>
    public ApiTelemetryTrace(TraceSessionInfo orphan)
    {
        _orphan = orphan ?? throw new ArgumentNullException(nameof(orphan));
        Name = orphan.Name;
        Kind = nameof(TraceKind.Etw);
        Providers = "";
        Path = orphan.Path ?? "";
    }

    /// <summary>The session's full name.</summary>
    public string Name { get; }

    /// <summary>Etw or EventPipe.</summary>
    public string Kind { get; }

    /// <summary>Running, Stopped, Failed, or Orphaned for a session of ours that no trace of this process stands behind.</summary>
    public string State => _trace is null ? "Orphaned" : _trace.State.ToString();

    /// <summary>When it started, UTC; null for an orphan.</summary>
    public DateTime? StartTime { get; }

    /// <summary>The providers, joined with <c>; </c>; empty for an orphan.</summary>
    public string Providers { get; }

    /// <summary>The process that is traced; null when it is the whole machine.</summary>
    public int? ProcessId { get; }

    /// <summary>The file that is written; empty for none.</summary>
    public string Path { get; }

    /// <summary>Events that passed the filters.</summary>
    public long EventsSeen => _trace?.Statistics.Seen ?? 0;

    /// <summary>Events that the system could not hand over.</summary>
    public long EventsLost => _trace?.Statistics.Lost ?? _orphan!.EventsLost;

    /// <summary>Events that nobody received in time.</summary>
    public long Dropped => _trace?.Statistics.Dropped ?? 0;

    /// <summary>True while nothing was lost, dropped or failed.</summary>
    public bool Complete => _trace?.Statistics.Complete ?? _orphan!.EventsLost == 0;

    /// <summary>The trace behind it; null for an orphan.</summary>
    public TelemetryTrace? GetTrace() => _trace;

    /// <summary>A short form for messages.</summary>
    public override string ToString() => $"{Name}: {State}, {EventsSeen} events";
}
