using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Threading;
using ApiLevel.Formats;
using ApiLevel.Formats.EventTrace;
using Microsoft.Diagnostics.Tracing;
using Microsoft.Diagnostics.Tracing.Parsers;
using Microsoft.Diagnostics.Tracing.Session;

namespace ApiLevel.Tracing.Etw;

/// <summary>
/// One ETW session of ours. TraceEvent starts it, enables the providers and delivers; asking and stopping goes through
/// <see cref="ControlTrace"/>, so that nothing but our own session is touched and no setting of the machine changes.
/// </summary>
internal sealed class EtwSession : ITraceSession
{
    private const int Attempts = 5;
    private static readonly FieldInfo? s_handle =
        typeof(TraceEventSession).GetField("m_SessionHandle", BindingFlags.Instance | BindingFlags.NonPublic);

    private static readonly TimeSpan s_pumpPatience = TimeSpan.FromSeconds(10);

    private readonly TraceRequest _request;
    private readonly TraceHub _hub;
    private readonly List<TraceFailure> _problems = [];
    private readonly object _gate = new();
    private readonly Dictionary<Guid, EnabledProvider> _enabled = [];
    private readonly HashSet<int> _processIds;
    private readonly ProcessNames? _processNames;
    private TraceEventSession? _session;
    private ETWTraceEventSource? _source;
    private Thread? _pump;
    private ulong _loggerId;
    private long _lost;
    private volatile bool _running;

    private EtwSession(TraceRequest request, TraceHub hub)
    {
        _request = request;
        _hub = hub;
        Name = TraceNames.ForSession(request.Name);
        _processIds = [.. request.ProcessIds];
        _processNames = request.ProcessNames.Count == 0 ? null : new ProcessNames(request.ProcessNames);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public int? ProcessId => _request.ProcessIds.Count == 1 ? _request.ProcessIds[0] : null;

    /// <inheritdoc/>
    public string? Path => _request.Path;

    /// <inheritdoc/>
    public bool IsRunning => _running;

    /// <inheritdoc/>
    public long EventsLost
    {
        get
        {
            if (_running && ControlTrace.TryQuery(Name, out ControlTrace.SessionState state) == 0 && state.LoggerId == _loggerId)
            {
                Volatile.Write(ref _lost, Lost(state));
            }

            return Volatile.Read(ref _lost);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<TraceFailure> Problems
    {
        get
        {
            lock (_problems)
            {
                return _problems.ToArray();
            }
        }
    }

    /// <summary>Starts a session, or throws with nothing left behind.</summary>
    /// <exception cref="TraceException">The session could not be started.</exception>
    public static EtwSession Start(TraceRequest request, TraceHub hub)
    {
        EtwSession session = new(request, hub);
        bool started = false;
        try
        {
            session.Start(ref started);
            return session;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            if (started)
            {
                session.StopQuietly();
            }

            session.Release();
            hub.Complete();
            if (exception is TraceException)
            {
                throw;
            }

            throw new TraceException(TraceFailure.FromException(exception, session.Name, TraceFailure.Step.Session));
        }
    }

    /// <inheritdoc/>
    public void Flush()
    {
        if (_running)
        {
            _ = ControlTrace.TryFlush(Name);
        }
    }

    /// <inheritdoc/>
    public void Stop()
    {
        lock (_gate)
        {
            if (_session is null)
            {
                return;
            }

            // What cannot be stopped stays ours, so that it can be tried again.
            if (StopOwn() is { } failure)
            {
                throw new TraceException(failure);
            }

            if (_pump is { } pump && pump != Thread.CurrentThread && !pump.Join(s_pumpPatience))
            {
                AddProblem(new TraceFailure(TraceFailureReason.Other, Name, "The system went on delivering after the session was stopped."));
            }

            _running = false;
            Release();
            _hub.Complete();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Stop();

    private static long Lost(ControlTrace.SessionState state) => state.EventsLost + state.BuffersLost;

    private void Start(ref bool started)
    {
        if (Name.Length > TraceNames.MaximumLength + TraceNames.Default.Length + 1)
        {
            throw new TraceException(new TraceFailure(TraceFailureReason.NameInvalid, Name, "The session's name is too long."));
        }

        EnsureFree();
        PrepareFile();
        _session = _request.Path is { } path
            ? new TraceEventSession(Name, path, TraceEventSessionOptions.NoRestartOnCreate)
            : new TraceEventSession(Name, TraceEventSessionOptions.NoRestartOnCreate);

        // Its Stop goes by name: it would end a foreign session after a failed start, and from its finalizer end the process where
        // there is no ETW. We stop ours ourselves.
        _session.StopOnDispose = false;
        _session.BufferQuantumKB = _request.BufferSizeKB;
        _session.BufferSizeMB = _request.BufferTotalMB;
        if (_request is { Path: not null, MaximumFileSizeMB: > 0 })
        {
            _session.MaximumFileMB = _request.MaximumFileSizeMB;
        }

        EnableProviders(ref started);
        if (_request.Path is not null)
        {
            // Buffers are handed over first, as the page on updating a session asks.
            _ = ControlTrace.TryFlush(Name);
            Check(ControlTrace.TryAddRealTime(Name), TraceFailure.Step.Session);
        }

        Check(ControlTrace.TryQuery(Name, out ControlTrace.SessionState state), TraceFailure.Step.Session);
        _loggerId = state.LoggerId;
        try
        {
            _source = new ETWTraceEventSource(Name, TraceEventSourceType.Session);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            throw new TraceException(TraceFailure.FromException(exception, Name, TraceFailure.Step.Consumer));
        }

        Subscribe(_source);
        _running = true;
        _pump = new Thread(Pump) { IsBackground = true, Name = "ApiLevel ETW " + Name };
        _pump.Start();
    }

    private void EnsureFree()
    {
        int error = ControlTrace.TryQuery(Name, out _);
        if (error == ControlTrace.NotFound)
        {
            return;
        }

        if (error == 0 && _request.ReplaceOwn && TraceNames.IsOwn(Name))
        {
            Check(ControlTrace.TryStop(Name, out _), TraceFailure.Step.Session);
            return;
        }

        throw new TraceException(TraceFailure.FromNative(error == 0 ? 183 : error, Name, TraceFailure.Step.Session));
    }

    private void PrepareFile()
    {
        if (_request.Path is not { } path)
        {
            return;
        }

        if (!path.EndsWith(".etl", StringComparison.OrdinalIgnoreCase))
        {
            throw new TraceException(new TraceFailure(TraceFailureReason.PathInvalid, path, "An ETW session writes a file that ends in .etl."));
        }

        string? folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path));
        if (!Directory.Exists(folder))
        {
            throw new TraceException(new TraceFailure(TraceFailureReason.PathInvalid, path, "The folder does not exist."));
        }
    }

    private void EnableProviders(ref bool started)
    {
        TraceFailure? first = null;
        foreach (TraceProviderRequest provider in _request.Providers)
        {
            if ((provider.Id ?? ProviderNames.Resolve(provider.Name)) is not { } id)
            {
                TraceFailure unknown = new(TraceFailureReason.ProviderUnknown, provider.Name, "No provider has this name on this machine.");
                first ??= unknown;
                AddProblem(unknown);
                continue;
            }

            try
            {
                _session!.EnableProvider(id, (TraceEventLevel)provider.Level, provider.Keywords, OptionsFor(provider));
                started = true;
                _enabled[id] = new EnabledProvider(provider.Name, [.. provider.EventIds]);
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                // One call starts the session and enables the provider, and either can have failed.
                if (!started && !HasStarted())
                {
                    TraceFailure failure = TraceFailure.FromException(exception, Name, TraceFailure.Step.Session);
                    throw new TraceException(
                        failure.Reason is TraceFailureReason.PathInvalid or TraceFailureReason.NoDiskSpace or TraceFailureReason.FileInUse
                            ? failure with { Target = _request.Path ?? Name }
                            : failure);
                }

                started = true;
                TraceFailure refused = TraceFailure.FromException(exception, provider.Name, TraceFailure.Step.Provider);
                first ??= refused;
                AddProblem(refused);
            }
        }

        if (_enabled.Count == 0)
        {
            throw new TraceException(
                first ?? new TraceFailure(TraceFailureReason.ProviderUnknown, Name, "The session has no provider to listen to."));
        }
    }

    private TraceEventProviderOptions OptionsFor(TraceProviderRequest provider)
    {
        // What does not fit into the kernel's filters is filtered in Accept alone.
        TraceEventProviderOptions options = new();
        if (_request.ProcessIds.Count is > 0 and <= TraceRequest.MaximumKernelProcessIds)
        {
            options.ProcessIDFilter = [.. _request.ProcessIds];
        }

        string[] names = [.. _request.ProcessNames.Select(ProcessNames.WithExtension)];
        if (names.Length > 0 && names.Sum(static name => name.Length + 1) * 2 < 1024)
        {
            options.ProcessNameFilter = names;
        }

        if (provider.EventIds.Count is > 0 and <= TraceProviderRequest.MaximumKernelEventIds)
        {
            options.EventIDsToEnable = [.. provider.EventIds];
        }

        if (_request.StackTrace)
        {
            if (options.EventIDsToEnable is { } ids)
            {
                options.EventIDStacksToEnable = ids;
            }
            else
            {
                options.StacksEnabled = true;
            }
        }

        return options;
    }

    private void Subscribe(ETWTraceEventSource source)
    {
        // A parser decodes only what it is subscribed to; the records are made in AllEvents, after whichever parser knew the event.
        source.Dynamic.All += static _ => { };
        RegisteredTraceEventParser registered = new(source);
        registered.All += static _ => { };
        source.AllEvents += OnEvent;
    }

    private void OnEvent(TraceEvent data)
    {
        try
        {
            EventRecord record = EventConverter.ReadHeader(data);
            if (!IsWanted(record))
            {
                return;
            }

            if (record.Provider.Length == 0 && record.ProviderId is { } id && _enabled.TryGetValue(id, out EnabledProvider? known))
            {
                record.Provider = known.Name;
            }

            EventConverter.ReadPayload(data, record, keepRawData: false);
            if (record.PayloadState == PayloadState.Undecoded && _request.Schemas is { } schemas)
            {
                RecordDecoder.Decode(record, schemas, data.PointerSize);
            }

            if (_request.StackTrace)
            {
                record.Stack = EventConverter.ReadStack(data);
            }

            if (_request.Accept is null || _request.Accept(record))
            {
                _hub.Write(record);
            }
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            _hub.CountFailure(exception);
        }
    }

    private bool IsWanted(EventRecord record)
    {
        // Events of the session itself (its header, lost-event notices) come from providers that nobody asked for.
        if (record.ProviderId is not { } id || !_enabled.TryGetValue(id, out EnabledProvider? provider))
        {
            return false;
        }

        // An EventSource describes itself in events with the id 65534; they are for the parser.
        if (record.EventId == 0xFFFE || (provider.EventIds.Count > 0 && !provider.EventIds.Contains(record.EventId)))
        {
            return false;
        }

        return (_processIds.Count == 0 || (record.ProcessId is { } process && _processIds.Contains(process)))
            && (_processNames is null || (record.ProcessId is { } named && _processNames.Contains(named)));
    }

    private void Pump()
    {
        try
        {
            _source!.Process();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            _hub.CountFailure(exception);
            AddProblem(TraceFailure.FromException(exception, Name, TraceFailure.Step.Consumer));
        }
        finally
        {
            // The end of the delivery without our stop means that somebody else ended the session.
            _running = false;
            _hub.Complete();
        }
    }

    private TraceFailure? StopOwn()
    {
        int error = 0;
        for (int i = 0; i < Attempts; i++)
        {
            error = ControlTrace.TryQuery(Name, out ControlTrace.SessionState state);
            if (error == ControlTrace.NotFound || (error == 0 && state.LoggerId != _loggerId))
            {
                return null;
            }

            if (error == 0)
            {
                Volatile.Write(ref _lost, Lost(state));
                _ = ControlTrace.TryFlush(Name);
                error = ControlTrace.TryStop(Name, out ControlTrace.SessionState final);
                if (error == 0)
                {
                    Volatile.Write(ref _lost, Math.Max(_lost, Lost(final)));
                }
            }

            if (error is 0 or ControlTrace.NotFound)
            {
                return null;
            }
        }

        return TraceFailure.FromNative(error, Name, TraceFailure.Step.Session);
    }

    private bool HasStarted()
    {
        // TraceEvent does not tell. It keeps the handle that starting gave; without that field, ours is there now if one of its name is:
        // there was none before.
        if (s_handle is not null)
        {
            return s_handle.GetValue(_session) is not null;
        }

        int error = 0;
        for (int i = 0; i < Attempts; i++)
        {
            error = ControlTrace.TryQuery(Name, out _);
            if (error is 0 or ControlTrace.NotFound)
            {
                break;
            }
        }

        return error != ControlTrace.NotFound;
    }

    private void StopQuietly()
    {
        // A start that failed half way: the first failure is the one to tell, and stopping is tried more than once.
        for (int i = 0; i < Attempts; i++)
        {
            int error = ControlTrace.TryStop(Name, out _);
            if (error is 0 or ControlTrace.NotFound)
            {
                return;
            }
        }
    }

    private void Release()
    {
        _source?.Dispose();
        _source = null;
        _session?.Dispose();
        _session = null;
    }

    private void Check(int error, TraceFailure.Step step)
    {
        if (error != 0)
        {
            throw new TraceException(TraceFailure.FromNative(error, Name, step));
        }
    }

    private void AddProblem(TraceFailure failure)
    {
        lock (_problems)
        {
            _problems.Add(failure);
        }
    }

    private sealed record EnabledProvider(string Name, HashSet<int> EventIds);
}
