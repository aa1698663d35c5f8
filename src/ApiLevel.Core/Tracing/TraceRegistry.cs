using System;
using System.Collections.Generic;

namespace ApiLevel.Tracing;

/// <summary>
/// The traces of this process. An ETW session lives on in the system when its process ends, so each is stopped by whatever comes
/// first: the user, the end of its owner (a runspace, the module), or the end of the process.
/// </summary>
public static class TraceRegistry
{
    private static readonly object s_gate = new();
    private static readonly List<TelemetryTrace> s_traces = [];
    private static readonly HashSet<string> s_reserved = new(StringComparer.OrdinalIgnoreCase);
    private static bool s_hooked;

    /// <summary>The traces of this process, running ones and those that were stopped and not yet forgotten. Never null.</summary>
    public static IReadOnlyList<TelemetryTrace> Traces
    {
        get
        {
            lock (s_gate)
            {
                return s_traces.ToArray();
            }
        }
    }

    /// <summary>Stops and forgets the traces of an owner.</summary>
    /// <param name="owner">The owner they were started with; null for all of this process.</param>
    public static void StopAll(object? owner = null)
    {
        List<Exception>? errors = null;
        foreach (TelemetryTrace trace in Traces)
        {
            if (owner is not null && !ReferenceEquals(trace.Owner, owner))
            {
                continue;
            }

            try
            {
                trace.Dispose();
            }
            catch (Exception exception) when (exception is TraceException or InvalidOperationException or System.IO.IOException)
            {
                // One that cannot be stopped must not keep the others alive; it is still reported.
                (errors ??= []).Add(exception);
            }
        }

        if (errors is not null)
        {
            throw new AggregateException(errors);
        }
    }

    /// <summary>The trace of this process with a name; null when there is none.</summary>
    /// <param name="sessionName">The session's full name.</param>
    public static TelemetryTrace? Find(string sessionName)
    {
        lock (s_gate)
        {
            return s_traces.Find(trace => string.Equals(trace.Name, sessionName, StringComparison.OrdinalIgnoreCase));
        }
    }

    /// <summary>Takes a name, so that two starts at once cannot both have it.</summary>
    internal static IDisposable Reserve(string name)
    {
        lock (s_gate)
        {
            // A stopped trace of the same name makes way; what it still holds can be received through its object.
            s_traces.RemoveAll(
                trace => trace.State != TraceState.Running && string.Equals(trace.Name, name, StringComparison.OrdinalIgnoreCase));
            bool taken = !s_reserved.Add(name);
            if (!taken && s_traces.Exists(trace => string.Equals(trace.Name, name, StringComparison.OrdinalIgnoreCase)))
            {
                s_reserved.Remove(name);
                taken = true;
            }

            if (taken)
            {
                throw new TraceException(new TraceFailure(
                    TraceFailureReason.SessionExists, name, "A trace of this name runs already in this process."));
            }
        }

        return new Reservation(name);
    }

    internal static void Add(TelemetryTrace trace)
    {
        lock (s_gate)
        {
            s_traces.Add(trace);
            if (!s_hooked)
            {
                s_hooked = true;
                AppDomain.CurrentDomain.ProcessExit += OnExit;
                AppDomain.CurrentDomain.DomainUnload += OnExit;
            }
        }
    }

    internal static void Remove(TelemetryTrace trace)
    {
        lock (s_gate)
        {
            s_traces.Remove(trace);
        }
    }

    private static void OnExit(object? sender, EventArgs e)
    {
        try
        {
            StopAll();
        }
        catch (AggregateException)
        {
            // The process ends; there is nobody left to tell. What could not be stopped is found again by its name.
        }
    }

    private sealed class Reservation(string name) : IDisposable
    {
        public void Dispose()
        {
            lock (s_gate)
            {
                s_reserved.Remove(name);
            }
        }
    }
}
