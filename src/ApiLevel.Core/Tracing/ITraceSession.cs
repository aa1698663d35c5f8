using System;
using System.Collections.Generic;
using ApiLevel.Formats;

namespace ApiLevel.Tracing;

/// <summary>
/// A running session. It writes its events to the hub it was started with, from threads of its own, and closes the hub when
/// nothing more comes. Disposing stops it. All members may be called from any thread.
/// </summary>
public interface ITraceSession : IDisposable
{
    /// <summary>The session's full name.</summary>
    string Name { get; }

    /// <summary>The process that is traced, or the first of them; null when it is the whole machine.</summary>
    int? ProcessId { get; }

    /// <summary>The file that is written; null for none.</summary>
    string? Path { get; }

    /// <summary>True until it was stopped or ended by itself.</summary>
    bool IsRunning { get; }

    /// <summary>Events that the system says were lost.</summary>
    long EventsLost { get; }

    /// <summary>What did not start or broke, while the rest goes on. Never null.</summary>
    IReadOnlyList<TraceFailure> Problems { get; }

    /// <summary>Asks the system to hand over what it holds.</summary>
    void Flush();

    /// <summary>Stops collecting. What was collected still reaches the hub before this returns. Harmless when called again.</summary>
    void Stop();
}

/// <summary>A session that runs on this machine under one of our names, whoever started it.</summary>
/// <param name="Name">The session's full name.</param>
/// <param name="Path">The file it writes; null for none.</param>
/// <param name="EventsLost">Events that the system says were lost.</param>
public sealed record TraceSessionInfo(string Name, string? Path, long EventsLost);

/// <summary>
/// What starts sessions. The one implementation lives in ApiLevel.Tracing, which is loaded at first use in a load context of its
/// own; tests implement it with recordings.
/// </summary>
public interface ITracingProvider
{
    /// <summary>Starts a session. What it throws says why; nothing is left behind then.</summary>
    /// <param name="request">What to collect.</param>
    /// <param name="hub">Where the events go.</param>
    /// <exception cref="TraceException">The session could not be started.</exception>
    ITraceSession Start(TraceRequest request, TraceHub hub);

    /// <summary>Finds a provider's GUID on this machine; null when no provider has this name.</summary>
    /// <param name="name">The name, or a GUID.</param>
    /// <exception cref="TraceException">The system cannot be asked.</exception>
    Guid? ResolveProvider(string name);

    /// <summary>ETW sessions that run on this machine under one of our names, of this process and of others. Never null.</summary>
    /// <exception cref="TraceException">The system cannot be asked.</exception>
    IReadOnlyList<TraceSessionInfo> GetOwnSessions();

    /// <summary>Stops an ETW session by name. One that is not named as ours is refused.</summary>
    /// <param name="name">The session's full name.</param>
    /// <exception cref="TraceException">It is not ours, does not exist, or may not be stopped.</exception>
    void StopOwnSession(string name);

    /// <summary>Opens a .nettrace file, as <see cref="NetTraceOpener"/> says.</summary>
    /// <param name="source">The bytes; owned from here on.</param>
    /// <param name="path">What to call the file.</param>
    /// <param name="options">What to read; null for everything.</param>
    EventFileResult OpenNetTrace(ByteSource source, string path, EventReadOptions? options);
}
