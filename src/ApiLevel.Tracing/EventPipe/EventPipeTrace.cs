using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;

namespace ApiLevel.Tracing.EventPipe;

/// <summary>A session over the event pipes of one or several .NET processes: those it attached to, or one that it started.</summary>
internal sealed partial class EventPipeTrace : ITraceSession
{
    private static readonly TimeSpan s_startPatience = TimeSpan.FromSeconds(20);

    private readonly TraceRequest _request;
    private readonly TraceHub _hub;
    private readonly List<TraceFailure> _problems = [];
    private readonly List<EventPipeProcess> _processes = [];
    private readonly ManualResetEventSlim _firstRuntime = new(initialState: false);
    private readonly object _gate = new();
    private DiagnosticPort? _port;
    private Process? _program;
    private TraceFailure? _startFailure;
    private bool _stopped;

    private EventPipeTrace(TraceRequest request, TraceHub hub)
    {
        _request = request;
        _hub = hub;
        Name = TraceNames.ForSession(request.Name);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public int? ProcessId
    {
        get
        {
            lock (_gate)
            {
                return _processes.Count > 0 ? _processes[0].ProcessId : _program?.Id;
            }
        }
    }

    /// <inheritdoc/>
    public string? Path => _request.Path;

    /// <inheritdoc/>
    public bool IsRunning
    {
        get
        {
            bool isTraced;
            lock (_gate)
            {
                if (_stopped)
                {
                    return false;
                }

                isTraced = _processes.Exists(static process => process.IsRunning);
            }

            return isTraced || IsProgramRunning();
        }
    }

    /// <inheritdoc/>
    public long EventsLost
    {
        get
        {
            lock (_gate)
            {
                return _processes.Sum(static process => process.EventsLost);
            }
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
    public static EventPipeTrace Start(TraceRequest request, TraceHub hub)
    {
        EventPipeTrace trace = new(request, hub);
        try
        {
            trace.CheckPath();
            if (request.FilePath is { } program)
            {
                trace.StartProgram(program);
            }
            else
            {
                trace.AttachToAll();
            }

            return trace;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            trace.KillProgram();
            trace.Stop();
            if (exception is TraceException)
            {
                throw;
            }

            throw new TraceException(TraceFailure.FromException(exception, request.FilePath ?? trace.Name, TraceFailure.Step.Session));
        }
    }

    /// <inheritdoc/>
    public void Flush()
    {
        foreach (EventPipeProcess process in Snapshot())
        {
            process.Flush();
        }
    }

    /// <inheritdoc/>
    public void Stop()
    {
        lock (_gate)
        {
            if (_stopped)
            {
                return;
            }

            _stopped = true;
        }

        foreach (EventPipeProcess process in Snapshot())
        {
            process.Stop();
        }

        // The port stays as long as the program: a runtime that inherited it and found it closed would wait for ever.
        if (_port is not null && !IsProgramRunning())
        {
            ClosePort();
        }

        _hub.Complete();
    }

    /// <inheritdoc/>
    public void Dispose() => Stop();

    private void CheckPath()
    {
        if (_request.Path is not { } path)
        {
            return;
        }

        if (!path.EndsWith(".nettrace", StringComparison.OrdinalIgnoreCase))
        {
            throw new TraceException(
                new TraceFailure(TraceFailureReason.PathInvalid, path, "An event pipe session writes a file that ends in .nettrace."));
        }

        if (!Directory.Exists(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))))
        {
            throw new TraceException(new TraceFailure(TraceFailureReason.PathInvalid, path, "The folder does not exist."));
        }
    }

    private void AttachToAll()
    {
        TraceFailure? first = null;
        foreach (int id in _request.ProcessIds)
        {
            try
            {
                Attach(id, fromStart: false);
            }
            catch (TraceException exception)
            {
                first ??= exception.Failure;
                AddProblem(exception.Failure);
            }
        }

        if (Snapshot().Length == 0)
        {
            throw new TraceException(
                first ?? new TraceFailure(TraceFailureReason.ProcessNotFound, Name, "An event pipe session needs a process to attach to."));
        }
    }

    private EventPipeProcess Attach(int id, bool fromStart)
    {
        string? path = _request.Path;
        lock (_gate)
        {
            // One stream, one file: further processes write beside the first.
            if (path is not null && _processes.Count > 0)
            {
                path = System.IO.Path.ChangeExtension(
                    path, "." + id.ToString(System.Globalization.CultureInfo.InvariantCulture) + ".nettrace");
            }
        }

        EventPipeProcess process = EventPipeProcess.Attach(id, fromStart, _request, _hub, path, AddProblem, OnEnded);
        bool tooLate;
        lock (_gate)
        {
            tooLate = _stopped;
            if (!tooLate)
            {
                _processes.Add(process);
            }
        }

        if (tooLate)
        {
            process.Stop(isSuspended: fromStart);
        }
        else if (!process.IsRunning)
        {
            OnEnded(process);
        }

        return process;
    }

    private void StartProgram(string path)
    {
        _port = new DiagnosticPort(OnRuntime);
        ProcessStartInfo info = new(path)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            WorkingDirectory = _request.WorkingDirectory ?? "",
        };
        AddArguments(info, _request.Arguments);
        info.Environment["DOTNET_DiagnosticPorts"] = _port.Address;
        try
        {
            _program = Process.Start(info);
        }
        catch (Exception exception) when (exception is Win32Exception or FileNotFoundException or InvalidOperationException)
        {
            throw new TraceException(
                new TraceFailure(TraceFailureReason.ProgramNotFound, path, "The program could not be started: " + exception.Message, null, exception));
        }

        // The console belongs to the host; the program finds its input at the end.
        _program!.StandardInput.Close();
        _program.EnableRaisingEvents = true;
        _program.Exited += (_, _) => OnProgramExited();
        Stopwatch clock = Stopwatch.StartNew();
        while (!_firstRuntime.Wait(TimeSpan.FromMilliseconds(20)))
        {
            if (clock.Elapsed > s_startPatience || (_program.HasExited && !_firstRuntime.Wait(TimeSpan.FromMilliseconds(200))))
            {
                throw new TraceException(new TraceFailure(
                    TraceFailureReason.ProgramNotDotNet,
                    path,
                    _program.HasExited ? "The program ended without starting a .NET runtime." : "The program started no .NET runtime in time."));
            }
        }

        if (_startFailure is { } failure)
        {
            throw new TraceException(failure);
        }
    }

    private void OnRuntime(int processId)
    {
        bool isFirst = !_firstRuntime.IsSet;
        try
        {
            bool stopped;
            lock (_gate)
            {
                stopped = _stopped;
            }

            if (stopped || (!isFirst && !_request.FollowChildren))
            {
                return;
            }

            EventPipeProcess process = Attach(processId, fromStart: true);
            if (!_request.FollowChildren)
            {
                process.HidePort();
            }
        }
        catch (TraceException exception)
        {
            AddProblem(exception.Failure);
            _startFailure = isFirst ? exception.Failure : null;
        }
        finally
        {
            _firstRuntime.Set();
        }
    }

    private void OnEnded(EventPipeProcess process)
    {
        bool isTraced;
        lock (_gate)
        {
            isTraced = _processes.Exists(other => other != process && other.IsRunning);
        }

        if (!isTraced && !IsProgramRunning())
        {
            _hub.Complete();
        }
    }

    private void OnProgramExited()
    {
        bool stopped;
        bool idle;
        lock (_gate)
        {
            stopped = _stopped;
            idle = !_processes.Exists(static process => process.IsRunning);
        }

        if (stopped)
        {
            ClosePort();
        }

        if (idle && _firstRuntime.IsSet)
        {
            _hub.Complete();
        }
    }

    // Not with the gate held: Process asks its own lock for HasExited, and holds it while it tells OnProgramExited, which asks for the gate.
    private bool IsProgramRunning()
    {
        try
        {
            return _program is { HasExited: false };
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private void KillProgram()
    {
        try
        {
            if (IsProgramRunning())
            {
                Kill(_program!);
            }
        }
        catch (Exception exception) when (exception is InvalidOperationException or Win32Exception or NotSupportedException)
        {
            AddProblem(new TraceFailure(TraceFailureReason.Other, _request.FilePath ?? "", exception.Message, null, exception));
        }
    }

    private void ClosePort()
    {
        lock (_gate)
        {
            _port?.Dispose();
            _port = null;
        }
    }

    private EventPipeProcess[] Snapshot()
    {
        lock (_gate)
        {
            return [.. _processes];
        }
    }

    private void AddProblem(TraceFailure failure)
    {
        lock (_problems)
        {
            _problems.Add(failure);
        }
    }
}
