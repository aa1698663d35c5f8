using System;
using System.Collections.Generic;
using System.Linq;
using ApiLevel.Formats;
using ApiLevel.Tracing.Etw;
using ApiLevel.Tracing.EventPipe;
using ApiLevel.Tracing.NetTrace;
using Microsoft.Diagnostics.Tracing.Session;

namespace ApiLevel.Tracing;

/// <summary>Starts sessions with TraceEvent and the diagnostics client. The only public type of this assembly; it is found by its name.</summary>
public sealed class TracingProvider : ITracingProvider
{
    /// <inheritdoc/>
    public ITraceSession Start(TraceRequest request, TraceHub hub)
    {
        if (request is null)
        {
            throw new ArgumentNullException(nameof(request));
        }

        if (hub is null)
        {
            throw new ArgumentNullException(nameof(hub));
        }

        return request.Kind == TraceKind.Etw ? EtwSession.Start(request, hub) : EventPipeTrace.Start(request, hub);
    }

    /// <inheritdoc/>
    public Guid? ResolveProvider(string name)
    {
        try
        {
            return ProviderNames.Resolve(name);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            throw new TraceException(TraceFailure.FromException(exception, name, TraceFailure.Step.Provider));
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<TraceSessionInfo> GetOwnSessions()
    {
        List<string> names;
        try
        {
            names = TraceEventSession.GetActiveSessionNames();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            throw new TraceException(TraceFailure.FromException(exception, TraceNames.Default, TraceFailure.Step.Session));
        }

        List<TraceSessionInfo> own = [];
        foreach (string name in names.Where(TraceNames.IsOwn))
        {
            if (ControlTrace.TryQuery(name, out ControlTrace.SessionState state) == 0)
            {
                own.Add(new TraceSessionInfo(name, state.Path.Length == 0 ? null : state.Path, state.EventsLost + state.BuffersLost));
            }
        }

        return own;
    }

    /// <inheritdoc/>
    public void StopOwnSession(string name)
    {
        if (!TraceNames.IsOwn(name))
        {
            throw new TraceException(new TraceFailure(TraceFailureReason.SessionNotOwn, name, "The session is not one of ApiLevel's and is left alone."));
        }

        int error;
        try
        {
            error = ControlTrace.TryStop(name, out _);
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
        {
            throw new TraceException(TraceFailure.FromException(exception, name, TraceFailure.Step.Session));
        }

        if (error != 0)
        {
            throw new TraceException(TraceFailure.FromNative(error, name, TraceFailure.Step.Session));
        }
    }

    /// <inheritdoc/>
    public EventFileResult OpenNetTrace(ByteSource source, string path, EventReadOptions? options) =>
        NetTraceReader.Open(source, path, options ?? new EventReadOptions());
}
