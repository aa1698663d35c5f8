using System;
using System.Collections.Generic;
using ApiLevel.Formats;

namespace ApiLevel.Tracing;

/// <summary>How events are collected.</summary>
public enum TraceKind
{
    /// <summary>Event Tracing for Windows: providers of the whole machine.</summary>
    Etw,

    /// <summary>The event pipe of a .NET process, on any system.</summary>
    EventPipe,
}

/// <summary>One provider that a session listens to.</summary>
public sealed class TraceProviderRequest
{
    /// <summary>Most event ids that the kernel filters for one provider; with more it is told none and the session filters alone.</summary>
    public const int MaximumKernelEventIds = 64;

    /// <summary>The provider's name as it registers itself.</summary>
    public required string Name { get; init; }

    /// <summary>The provider's GUID; null where only the name is known, which must then be resolved before anything is enabled.</summary>
    public Guid? Id { get; init; }

    /// <summary>Keyword bits, any of which lets an event through; all bits by default.</summary>
    public ulong Keywords { get; init; } = ulong.MaxValue;

    /// <summary>The most detailed level: 1 critical to 5 verbose.</summary>
    public int Level { get; init; } = 5;

    /// <summary>The event ids to deliver; empty delivers all. Never null.</summary>
    public IReadOnlyList<int> EventIds { get; init; } = [];
}

/// <summary>What a session is asked for. Everything in it is decided before the start; nothing is guessed afterwards.</summary>
public sealed class TraceRequest
{
    /// <summary>Most process ids that the kernel filters.</summary>
    public const int MaximumKernelProcessIds = 8;

    /// <summary>The part of the session's name that the user chose; null for the plain name. See <see cref="TraceNames"/>.</summary>
    public string? Name { get; init; }

    /// <summary>ETW or event pipe.</summary>
    public TraceKind Kind { get; init; }

    /// <summary>The providers. Never null; an event pipe session without one listens to interop events alone.</summary>
    public IReadOnlyList<TraceProviderRequest> Providers { get; init; } = [];

    /// <summary>
    /// Only events whose header carries one of these process ids; empty for all. For an event pipe, the processes to attach to.
    /// Never null.
    /// </summary>
    public IReadOnlyList<int> ProcessIds { get; init; } = [];

    /// <summary>Only events of processes with these executable names, extension optional; empty for all. Never null.</summary>
    public IReadOnlyList<string> ProcessNames { get; init; } = [];

    /// <summary>Record the call stack with each event.</summary>
    public bool StackTrace { get; init; }

    /// <summary>A file (.etl or .nettrace) that is written beside the live events; null for none.</summary>
    public string? Path { get; init; }

    /// <summary>Where the file stops growing, in MiB; 0 for no limit.</summary>
    public int MaximumFileSizeMB { get; init; }

    /// <summary>The size of one buffer in KiB. An event larger than a buffer is never delivered.</summary>
    public int BufferSizeKB { get; init; } = 64;

    /// <summary>All buffers together in MiB.</summary>
    public int BufferTotalMB { get; init; } = 32;

    /// <summary>A program to start for an event pipe session, traced from its first managed instruction; null attaches instead.</summary>
    public string? FilePath { get; init; }

    /// <summary>Arguments for <see cref="FilePath"/>, each one an argument as the program shall see it. Never null.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>The folder the program starts in; null for the current one.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Trace the .NET processes that the started program starts, too.</summary>
    public bool FollowChildren { get; init; }

    /// <summary>Managed members (<c>Namespace.Type::Member</c>) whose first use is reported; empty reports none. Never null.</summary>
    public IReadOnlyCollection<string> ManagedMembers { get; init; } = [];

    /// <summary>Decides in the session's thread whether an event goes on; null lets all through. It must be quick and thread-safe.</summary>
    public Func<EventRecord, bool>? Accept { get; init; }

    /// <summary>Describes payloads that the system cannot decode; null for none.</summary>
    public IEventSchemaSource? Schemas { get; init; }

    /// <summary>Stop a session of ours that has this name already, instead of failing. Never stops another one.</summary>
    public bool ReplaceOwn { get; init; }
}
