using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Diagnostics.Tracing;
using System.IO;
using System.Linq;
using System.Threading;
using ApiLevel.Formats;
using Microsoft.Diagnostics.NETCore.Client;
using Microsoft.Diagnostics.Tracing;

namespace ApiLevel.Tracing.EventPipe;

/// <summary>The event pipe of one process: its connection, its reading thread, its file.</summary>
internal sealed class EventPipeProcess : IDisposable
{
    private const int BufferLimitMB = 1024;
    private static readonly TimeSpan s_stopPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_flushInterval = TimeSpan.FromMilliseconds(250);

    private readonly TraceRequest _request;
    private readonly TraceHub _hub;
    private readonly DiagnosticsClient _client;
    private readonly InteropTracker _tracker;
    private readonly Action<TraceFailure> _onProblem;
    private readonly Dictionary<string, HashSet<int>> _providers = new(StringComparer.OrdinalIgnoreCase);
    private readonly string? _path;
    private readonly object _gate = new();
    private readonly object _tickGate = new();
    private EventPipeSession? _session;
    private TeeStream? _stream;
    private EventPipeEventSource? _source;
    private Thread? _pump;
    private Timer? _flusher;
    private long _bytesAtTick;
    private long _bytesOfFlush = long.MaxValue;
    private bool _flushed;
    private long _lost;
    private int _flushing;
    private int _emptyTold;
    private bool _stopped;
    private volatile bool _ended;

    private EventPipeProcess(int processId, TraceRequest request, TraceHub hub, string? path, Action<TraceFailure> onProblem)
    {
        ProcessId = processId;
        _request = request;
        _hub = hub;
        _path = path;
        _onProblem = onProblem;
        _client = new DiagnosticsClient(processId);
        _tracker = new InteropTracker(request.ManagedMembers);
        foreach (TraceProviderRequest provider in request.Providers)
        {
            if (!_providers.TryGetValue(provider.Name, out HashSet<int>? ids))
            {
                _providers.Add(provider.Name, ids = []);
            }

            ids.UnionWith(provider.EventIds);
        }
    }

    public int ProcessId { get; }

    /// <summary>Events that the runtime could not write, by the gaps in its numbering.</summary>
    public long EventsLost => Math.Max(Interlocked.Read(ref _lost), _source?.EventsLost ?? 0);

    /// <summary>True until the process ended or the session was stopped.</summary>
    public bool IsRunning => !_ended && _pump is { IsAlive: true };

    /// <summary>Called when the events have ended, from the reading thread.</summary>
    public Action? Ended { get; set; }

    /// <summary>
    /// Attaches to a process. Where <paramref name="fromStart"/> is set, the runtime waits for us before its first managed instruction,
    /// so that it loads all its modules in our sight.
    /// </summary>
    /// <exception cref="TraceException">There is no runtime that can be asked.</exception>
    public static EventPipeProcess Attach(
        int processId, bool fromStart, TraceRequest request, TraceHub hub, string? path, Action<TraceFailure> onProblem, Action<EventPipeProcess> onEnded)
    {
        EventPipeProcess process = new(processId, request, hub, path, onProblem);
        process.Ended = () => onEnded(process);
        try
        {
            process.Start(fromStart);
            return process;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            process.Close();
            throw new TraceException(Translate(processId, exception));
        }
    }

    /// <summary>Removes the port from a suspended runtime's environment, so that what it starts does not wait for us.</summary>
    public void HidePort()
    {
        try
        {
            _client.SetEnvironmentVariable("DOTNET_DiagnosticPorts", null);
        }
        catch (Exception exception) when (exception is DiagnosticsClientException or IOException or TimeoutException)
        {
            // Older than .NET 6: what it starts connects to the port and is resumed there.
        }
    }

    /// <summary>Makes the runtime and the reader hand over what they hold.</summary>
    public void Flush()
    {
        if (!IsRunning || Interlocked.Exchange(ref _flushing, 1) != 0)
        {
            return;
        }

        try
        {
            // The reader sorts events of several threads by holding them back until a later event shows that none can come before them.
            // In a process that falls silent that event never comes. The end of any other session writes one to every session.
            using EventPipeSession other = _client.StartEventPipeSession(
                new EventPipeSessionConfiguration([new EventPipeProvider("ApiLevel-Flush", EventLevel.Critical)], 1, false, false));
            StopAndDrain(other, null);
        }
        catch (Exception exception) when (IsConnectionError(exception))
        {
            // The process is about to end, and its end flushes.
        }
        finally
        {
            Volatile.Write(ref _flushing, 0);
        }
    }

    /// <summary>Stops the events; what was collected reaches the hub before this returns.</summary>
    /// <param name="isSuspended">Whether the runtime still waits for the caller, so that its stream cannot have begun.</param>
    public void Stop(bool isSuspended = false)
    {
        lock (_gate)
        {
            if (_stopped)
            {
                return;
            }

            _stopped = true;
        }

        _flusher?.Dispose();
        try
        {
            if (IsRunning)
            {
                // A runtime that was resumed a moment ago has not written the stream's head yet; stopped now, it never would.
                if (!isSuspended)
                {
                    _stream?.WaitForBeginning(s_stopPatience);
                }

                using CancellationTokenSource limit = new(s_stopPatience);
                _session?.StopAsync(limit.Token).GetAwaiter().GetResult();
            }
        }
        catch (Exception exception) when (IsConnectionError(exception) || exception is OperationCanceledException)
        {
            // The process ended first, or does not answer; closing our end of the connection ends the session there as well.
        }

        if (_pump is { } pump && pump != Thread.CurrentThread && !pump.Join(s_stopPatience))
        {
            _session?.Dispose();
            pump.Join(s_stopPatience);
        }

        Close();
    }

    /// <inheritdoc/>
    public void Dispose() => Stop();

    internal static TraceFailure Translate(int processId, Exception exception)
    {
        string target = processId.ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (exception is TraceException known)
        {
            return known.Failure;
        }

        bool exists = true;
        try
        {
            using Process process = Process.GetProcessById(processId);
            exists = !process.HasExited;
        }
        catch (Exception gone) when (gone is ArgumentException or InvalidOperationException)
        {
            exists = false;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // It is there and may not be looked at.
        }

        return (exists, exception) switch
        {
            (false, _) => new TraceFailure(TraceFailureReason.ProcessNotFound, target, "No process has this id.", null, exception),
            (_, UnauthorizedAccessException) =>
                new TraceFailure(TraceFailureReason.AccessDenied, target, "The process belongs to another user.", null, exception),
            (_, UnsupportedCommandException) =>
                new TraceFailure(TraceFailureReason.RuntimeTooOld, target, "The process's .NET runtime does not know this request.", null, exception),
            (_, ServerNotAvailableException or TimeoutException) => new TraceFailure(
                TraceFailureReason.ProcessNotDotNet, target, "The process runs no .NET runtime that answers.", null, exception),
            _ when IsConnectionError(exception) => new TraceFailure(
                TraceFailureReason.ProcessNotDotNet, target, "The process's .NET runtime does not answer: " + exception.Message, null, exception),
            _ => TraceFailure.FromException(exception, target, TraceFailure.Step.Session),
        };
    }

    private static bool IsConnectionError(Exception exception) =>
        exception is DiagnosticsClientException or IOException or TimeoutException or ObjectDisposedException
            or System.Net.Sockets.SocketException or UnauthorizedAccessException;

    private static void StopAndDrain(EventPipeSession session, Action<EventPipeEventSource>? subscribe)
    {
        // The runtime writes the rest while it stops; somebody has to read it meanwhile.
        Thread reader = new(() =>
        {
            try
            {
                if (subscribe is null)
                {
                    session.EventStream.CopyTo(Stream.Null);
                    return;
                }

                using EventPipeEventSource source = new(session.EventStream);
                subscribe(source);
                source.Process();
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                // Incomplete then; who asked sees that in what is missing.
            }
        })
        { IsBackground = true, Name = "ApiLevel event pipe drain" };
        reader.Start();
        using CancellationTokenSource limit = new(s_stopPatience);
        session.StopAsync(limit.Token).GetAwaiter().GetResult();
        if (!reader.Join(s_stopPatience))
        {
            session.Dispose();
        }
    }

    private void Start(bool fromStart)
    {
        _session = StartSession();
        _stream = new TeeStream(
            _session.EventStream,
            _path is null ? null : CreateFile(_path),
            _request.MaximumFileSizeMB <= 0 ? long.MaxValue : (long)_request.MaximumFileSizeMB << 20,
            exception => _onProblem(TraceFailure.FromException(exception, _path ?? "", TraceFailure.Step.Session)));
        _tracker.WaitsForModules = !fromStart;
        _pump = new Thread(Pump) { IsBackground = true, Name = "ApiLevel event pipe " + ProcessId };
        _pump.Start();
        if (!fromStart)
        {
            new Thread(ReadLoadedModules) { IsBackground = true, Name = "ApiLevel modules " + ProcessId }.Start();
        }

        _flusher = new Timer(static state => ((EventPipeProcess)state!).FlushWhenHeldBack(), this, s_flushInterval, s_flushInterval);
    }

    private static FileStream CreateFile(string path) =>
        new(path, FileMode.Create, FileAccess.Write, FileShare.Read | FileShare.Delete, 1 << 16);

    private EventPipeSession StartSession()
    {
        long keywords = ClrEvents.InteropKeyword | ClrEvents.LoaderKeyword | ClrEvents.JitKeyword
            | (_request.ManagedMembers.Count > 0 ? ClrEvents.CompilationDiagnosticKeyword : 0);
        List<EventPipeProvider> providers = [];
        foreach (IGrouping<string, TraceProviderRequest> group in _request.Providers.GroupBy(
            static provider => provider.Name, StringComparer.OrdinalIgnoreCase))
        {
            long wanted = group.Aggregate(0L, static (sum, provider) => sum | unchecked((long)provider.Keywords));
            int level = group.Max(static provider => provider.Level);
            bool isRuntime = string.Equals(group.Key, ClrEvents.RuntimeProvider, StringComparison.OrdinalIgnoreCase);
            keywords |= isRuntime ? wanted : 0;
            if (!isRuntime)
            {
                providers.Add(new EventPipeProvider(group.Key, (EventLevel)level, wanted));
            }
        }

        providers.Add(new EventPipeProvider(ClrEvents.RuntimeProvider, EventLevel.Verbose, keywords));
        int buffer = Math.Min(Math.Max(_request.BufferTotalMB, 1), BufferLimitMB);
        if (_path is null)
        {
            return _client.StartEventPipeSession(new EventPipeSessionConfiguration(providers, buffer, false, _request.StackTrace));
        }

        // A file is read alone later, so it needs the modules that were loaded before; runtimes before .NET 9 add all methods to them.
        try
        {
            return _client.StartEventPipeSession(
                new EventPipeSessionConfiguration(providers, buffer, ClrEvents.LoaderKeyword, _request.StackTrace));
        }
        catch (UnsupportedCommandException)
        {
            return _client.StartEventPipeSession(new EventPipeSessionConfiguration(providers, buffer, true, _request.StackTrace));
        }
    }

    private void ReadLoadedModules()
    {
        List<EventRecord> output = [];
        try
        {
            EventPipeProvider none = new(ClrEvents.RuntimeProvider, EventLevel.Critical, ClrEvents.LoaderKeyword);
            EventPipeSession other;
            try
            {
                other = _client.StartEventPipeSession(new EventPipeSessionConfiguration([none], 64, ClrEvents.LoaderKeyword, false));
            }
            catch (UnsupportedCommandException)
            {
                other = _client.StartEventPipeSession(new EventPipeSessionConfiguration([none], 256, true, false));
            }

            using (other)
            {
                StopAndDrain(other, source => source.AllEvents += data =>
                {
                    if (data.ProviderGuid == ClrEvents.RundownProviderId
                        && (int)data.ID is ClrEvents.RundownModuleEnd or ClrEvents.RundownModuleStart
                        && ClrEvents.TryReadModule(data.EventData(), out ulong id, out string? path))
                    {
                        _tracker.AddModule(id, path, output);
                    }
                });
            }
        }
        catch (Exception exception) when (IsConnectionError(exception) || exception is OperationCanceledException)
        {
            // Functions of modules that are not known keep their managed names.
        }
        finally
        {
            _tracker.EndOfModules(output);
            Deliver(output);
        }
    }

    private void Pump()
    {
        List<EventRecord> output = [];
        try
        {
            using EventPipeEventSource source = new(_stream!);
            _source = source;
            source.Dynamic.All += static _ => { };
            source.AllEvents += data => OnEvent(data, output);
            source.Process();
            Interlocked.Exchange(ref _lost, source.EventsLost);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // A stream that breaks off inside a block (the process was killed) ends here, too. What came before it was delivered.
            Interlocked.Exchange(ref _lost, Math.Max(_lost, _source?.EventsLost ?? 0));
            if (!_stopped && exception is not (EndOfStreamException or FormatException or IOException or ObjectDisposedException))
            {
                _hub.CountFailure(exception);
            }
        }
        finally
        {
            _source = null;
            _tracker.EndOfModules(output);
            Deliver(output);
            Close();
            _ended = true;
            Ended?.Invoke();
        }
    }

    private void OnEvent(TraceEvent data, List<EventRecord> output)
    {
        try
        {
            if (data.ProviderGuid == ClrEvents.EventPipeProviderId)
            {
                return;
            }

            bool isRuntime = data.ProviderGuid == ClrEvents.RuntimeProviderId;
            if (isRuntime)
            {
                OnRuntimeEvent(data, output);
            }

            if (_providers.TryGetValue(data.ProviderName ?? "", out HashSet<int>? ids)
                && (ids.Count == 0 || ids.Contains((ushort)data.ID))
                && !(isRuntime && (int)data.ID == ClrEvents.StubGenerated))
            {
                EventRecord record = EventConverter.ReadHeader(data);
                EventConverter.ReadPayload(data, record, keepRawData: false);
                record.Stack = _request.StackTrace ? EventConverter.ReadStack(data) : null;
                output.Add(record);
            }

            Deliver(output);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            output.Clear();
            _hub.CountFailure(exception);
        }
    }

    private void OnRuntimeEvent(TraceEvent data, List<EventRecord> output)
    {
        switch ((int)data.ID)
        {
            case ClrEvents.ModuleLoad when ClrEvents.TryReadModule(data.EventData(), out ulong id, out string? path):
                _tracker.AddModule(id, path, output);
                break;
            case ClrEvents.StubGenerated when ClrEvents.TryReadStub(data.EventData(), out StubGeneratedEvent? stub):
                _tracker.AddStub(stub, Header(data), output);
                break;
            case ClrEvents.MethodLoadVerbose when ClrEvents.TryReadMethod(data.EventData(), out MethodEvent? method):
                _tracker.AddMethod(method, Header(data), output);
                break;
            case ClrEvents.EntryPointFound when ClrEvents.TryReadEntryPoint(data.EventData(), out MethodEvent? method):
                _tracker.AddMethod(method, Header(data), output);
                break;
        }
    }

    private EventRecord Header(TraceEvent data)
    {
        EventRecord record = EventConverter.ReadHeader(data);
        record.Stack = _request.StackTrace ? EventConverter.ReadStack(data) : null;
        return record;
    }

    private void Deliver(List<EventRecord> output)
    {
        foreach (EventRecord record in output)
        {
            try
            {
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

        output.Clear();
    }

    private void FlushWhenHeldBack()
    {
        // What came since the last look may be held back, so it is flushed. A flush brings a few bytes of its own, always about as many;
        // when it brought more, something else came with it, and perhaps behind it.
        const long Tolerance = 16;
        if (!IsRunning)
        {
            // The process ended before this timer was known to the reading thread.
            _flusher?.Dispose();
            return;
        }

        if (_stream is not { } stream || !Monitor.TryEnter(_tickGate))
        {
            return;
        }

        try
        {
            long bytes = stream.BytesRead;
            long delta = bytes - _bytesAtTick;
            _bytesAtTick = bytes;
            if (delta == 0)
            {
                return;
            }

            bool isFlushAlone = _flushed && delta <= _bytesOfFlush + Tolerance && _bytesOfFlush != long.MaxValue;
            if (_flushed)
            {
                _bytesOfFlush = Math.Min(_bytesOfFlush, delta);
            }

            _flushed = !isFlushAlone;
            if (_flushed)
            {
                Flush();
            }
        }
        finally
        {
            Monitor.Exit(_tickGate);
        }
    }

    private void Close()
    {
        _flusher?.Dispose();
        _session?.Dispose();
        _stream?.Dispose();
        _tracker.Dispose();
        if (_path is not null && _stream is { BytesRead: 0 } && Interlocked.Exchange(ref _emptyTold, 1) == 0)
        {
            _onProblem(new TraceFailure(TraceFailureReason.Other, _path, "The file is empty: the session ended before the runtime wrote anything."));
        }
    }
}
