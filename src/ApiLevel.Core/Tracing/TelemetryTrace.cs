using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using ApiLevel.Formats;

namespace ApiLevel.Tracing;

/// <summary>Whether a trace collects.</summary>
public enum TraceState
{
    /// <summary>It collects.</summary>
    Running,

    /// <summary>It was stopped, or its limits were reached, or the process ended.</summary>
    Stopped,

    /// <summary>It broke off; the problems say why.</summary>
    Failed,
}

/// <summary>A session with its queue, its limits and its counters: what a user starts, receives from and stops.</summary>
public sealed class TelemetryTrace : IDisposable
{
    private readonly ITraceSession _session;
    private readonly TraceHub _hub;
    private readonly object _gate = new();
    private Timer? _timer;
    private bool _stopped;

    private TelemetryTrace(TraceRequest request, ITraceSession session, TraceHub hub, object? owner)
    {
        Request = request;
        _session = session;
        _hub = hub;
        Owner = owner;
        StartTime = DateTime.UtcNow;
    }

    /// <summary>What was asked for.</summary>
    public TraceRequest Request { get; }

    /// <summary>Who started it, to stop it with its owner; null for nobody.</summary>
    public object? Owner { get; }

    /// <summary>The session's full name.</summary>
    public string Name => _session.Name;

    /// <summary>When it started, UTC.</summary>
    public DateTime StartTime { get; }

    /// <summary>The process that is traced; null when it is the whole machine.</summary>
    public int? ProcessId => _session.ProcessId;

    /// <summary>The file that is written; null for none.</summary>
    public string? Path => _session.Path;

    /// <summary>What did not start or broke. Never null.</summary>
    public IReadOnlyList<TraceFailure> Problems => _session.Problems;

    /// <summary>Whether it collects.</summary>
    public TraceState State =>
        !_stopped && _session.IsRunning ? TraceState.Running
        : _hub.FirstFailure is not null && _hub.Seen == 0 ? TraceState.Failed
        : TraceState.Stopped;

    /// <summary>The counters now.</summary>
    public TraceStatistics Statistics => new(_hub.Seen, _session.EventsLost, _hub.Dropped, _hub.Failed);

    /// <summary>The first failure in the session's own threads; null while there was none.</summary>
    public Exception? FirstFailure => _hub.FirstFailure;

    /// <summary>Starts one and registers it, so that it ends with the process at the latest.</summary>
    /// <param name="provider">What starts sessions.</param>
    /// <param name="request">What to collect.</param>
    /// <param name="duration">After how long it stops by itself; null for never.</param>
    /// <param name="maximumEvents">After how many events it stops by itself; null for never.</param>
    /// <param name="owner">Who starts it; null for nobody.</param>
    /// <exception cref="TraceException">The session could not be started.</exception>
    public static TelemetryTrace Start(
        ITracingProvider provider, TraceRequest request, TimeSpan? duration = null, long? maximumEvents = null, object? owner = null)
    {
        if (request.Name is { } name && !TraceNames.IsValid(name))
        {
            throw new TraceException(new TraceFailure(
                TraceFailureReason.NameInvalid, name, "A session's name takes letters, digits, blanks and . _ - only."));
        }

        string sessionName = TraceNames.ForSession(request.Name);
        if (request.ReplaceOwn)
        {
            TraceRegistry.Find(sessionName)?.Dispose();
        }

        using IDisposable reservation = TraceRegistry.Reserve(sessionName);
        TraceHub hub = new(maximumEvents);
        ITraceSession session = provider.Start(request, hub);
        TelemetryTrace trace = new(request, session, hub, owner);
        hub.LimitReached = trace.StopByItself;
        TraceRegistry.Add(trace);
        if (hub.Completed && maximumEvents <= hub.Seen)
        {
            trace.Stop();
        }
        else if (duration is { } time)
        {
            trace._timer = new Timer(static state => ((TelemetryTrace)state!).StopByItself(), trace, time, Timeout.InfiniteTimeSpan);
        }

        return trace;
    }

    private void StopByItself()
    {
        try
        {
            Stop();
        }
        catch (TraceException exception)
        {
            // On a thread of the pool nobody listens; the object says that it still runs, and why.
            _hub.CountFailure(exception);
        }
    }

    /// <summary>Takes the next event if there is one now.</summary>
    /// <param name="record">The event.</param>
    public bool TryRead([NotNullWhen(true)] out EventRecord? record) => _hub.TryRead(out record);

    /// <summary>Waits for an event. Returns false when none will come any more.</summary>
    /// <param name="cancellation">Ends the wait with an exception.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public bool WaitToRead(CancellationToken cancellation) => _hub.WaitToRead(cancellation);

    /// <summary>Asks the system to hand over what it holds.</summary>
    public void Flush() => _session.Flush();

    /// <summary>Stops collecting; what was collected can still be taken. Harmless when called again.</summary>
    /// <exception cref="TraceException">The system does not stop it.</exception>
    public void Stop()
    {
        lock (_gate)
        {
            _timer?.Dispose();
            _timer = null;
            if (_stopped)
            {
                return;
            }

            // A session that cannot be stopped throws here and stays, to be tried again.
            _session.Stop();
            _stopped = true;
            _hub.Complete();
            _session.Dispose();
        }
    }

    /// <summary>Stops it and forgets it.</summary>
    /// <exception cref="TraceException">It cannot be stopped; it is not forgotten then.</exception>
    public void Dispose()
    {
        Stop();
        TraceRegistry.Remove(this);
    }
}
