using System;
using System.IO;

namespace ApiLevel.Tracing;

/// <summary>Why a session, or a part of it, could not be had. Each has one remedy.</summary>
public enum TraceFailureReason
{
    /// <summary>Something that this list does not know; the message keeps the system's number.</summary>
    Other,

    /// <summary>ETW exists on Windows only.</summary>
    NeedsWindows,

    /// <summary>The caller may not control sessions, or not this process.</summary>
    AccessDenied,

    /// <summary>A session of this name runs already.</summary>
    SessionExists,

    /// <summary>The system has no room for one more session.</summary>
    SessionLimit,

    /// <summary>No session has this name.</summary>
    SessionNotFound,

    /// <summary>The session is not ours, so it is left alone.</summary>
    SessionNotOwn,

    /// <summary>A session's name has characters that are not allowed, or is too long.</summary>
    NameInvalid,

    /// <summary>No provider has this name on this machine.</summary>
    ProviderUnknown,

    /// <summary>The system refuses to deliver this provider's events to this caller.</summary>
    ProviderDenied,

    /// <summary>The volume has no room for the buffers or the file.</summary>
    NoDiskSpace,

    /// <summary>The file's path cannot be used.</summary>
    PathInvalid,

    /// <summary>Another process has the file open.</summary>
    FileInUse,

    /// <summary>The system did not take a filter or a buffer size.</summary>
    FilterInvalid,

    /// <summary>No process has this id.</summary>
    ProcessNotFound,

    /// <summary>The process runs no .NET runtime that can be asked for events.</summary>
    ProcessNotDotNet,

    /// <summary>The program to start does not exist or could not be started.</summary>
    ProgramNotFound,

    /// <summary>The started program showed no .NET runtime in time, or ended before.</summary>
    ProgramNotDotNet,

    /// <summary>The runtime in the process is too old for what was asked.</summary>
    RuntimeTooOld,
}

/// <summary>One thing that went wrong with a session.</summary>
/// <param name="Reason">Which of the closed list.</param>
/// <param name="Target">What it concerns: a session, a provider, a process or a path. Never null.</param>
/// <param name="Message">What happened, one sentence. Never null.</param>
/// <param name="NativeCode">The system's own number; null where there is none.</param>
/// <param name="Exception">What was thrown; null where nothing was.</param>
public sealed record TraceFailure(
    TraceFailureReason Reason, string Target, string Message, int? NativeCode = null, Exception? Exception = null)
{
    /// <summary>Which part of the work an error came from: the same number means different things in different calls.</summary>
    public enum Step
    {
        /// <summary>Starting, asking or stopping a session.</summary>
        Session,

        /// <summary>Enabling one provider in a session that runs.</summary>
        Provider,

        /// <summary>Opening the session for reading.</summary>
        Consumer,
    }

    /// <summary>Translates a Windows error number.</summary>
    /// <param name="code">The Win32 error.</param>
    /// <param name="target">What it concerns.</param>
    /// <param name="step">Which call gave it.</param>
    /// <param name="exception">What was thrown; null where the number came without one.</param>
    public static TraceFailure FromNative(int code, string target, Step step, Exception? exception = null)
    {
        (TraceFailureReason reason, string message) = (code, step) switch
        {
            (5, Step.Provider) => (TraceFailureReason.ProviderDenied, "The system does not deliver this provider's events to this caller."),
            (5 or 1314, _) => (TraceFailureReason.AccessDenied, "The caller may not control trace sessions."),
            (2 or 3 or 123 or 161 or 267, Step.Session) => (TraceFailureReason.PathInvalid, "The file's path cannot be used."),
            (206, _) => (TraceFailureReason.PathInvalid, "The file's path is too long."),
            (32 or 33, _) => (TraceFailureReason.FileInUse, "The file is in use."),
            (39 or 112, _) => (TraceFailureReason.NoDiskSpace, "The volume has no room for the session's file."),
            (183, _) => (TraceFailureReason.SessionExists, "A session of this name runs already."),
            (1450 or 1455, Step.Provider) =>
                (TraceFailureReason.SessionLimit, "The provider serves as many sessions as it can (8)."),
            (1450 or 1455 or 8 or 14, _) => (TraceFailureReason.SessionLimit, "The system has no room for one more session (usually 64)."),
            (4201, _) => (TraceFailureReason.SessionNotFound, "No session has this name."),
            (1168, Step.Provider) => (TraceFailureReason.ProviderUnknown, "No provider is registered under this GUID."),
            (87 or 24, Step.Provider) => (TraceFailureReason.FilterInvalid, "The system did not take the filter."),
            (87 or 24, _) => (TraceFailureReason.FilterInvalid, "The system did not take the session's settings."),
            _ => (TraceFailureReason.Other, "The system answered with error " + Number(code) + "."),
        };
        return new TraceFailure(reason, target, message, code, exception);
    }

    /// <summary>Translates what a call threw. Windows numbers decide; the exception's type does not.</summary>
    /// <param name="exception">What was thrown.</param>
    /// <param name="target">What it concerns.</param>
    /// <param name="step">Which call threw.</param>
    public static TraceFailure FromException(Exception exception, string target, Step step)
    {
        if (exception is TraceException known)
        {
            return known.Failure;
        }

        if (exception is DllNotFoundException or EntryPointNotFoundException or PlatformNotSupportedException)
        {
            return new TraceFailure(TraceFailureReason.NeedsWindows, target, "ETW sessions exist on Windows only.", null, exception);
        }

        // HRESULTs of the facility Win32 (0x8007xxxx) carry the number in their low half.
        if ((exception.HResult & unchecked((int)0xFFFF0000)) == unchecked((int)0x80070000))
        {
            return FromNative(exception.HResult & 0xFFFF, target, step, exception);
        }

        return exception switch
        {
            UnauthorizedAccessException => new TraceFailure(TraceFailureReason.AccessDenied, target, exception.Message, null, exception),
            DirectoryNotFoundException or FileNotFoundException or PathTooLongException or NotSupportedException or ArgumentException =>
                new TraceFailure(TraceFailureReason.PathInvalid, target, exception.Message, null, exception),
            _ => new TraceFailure(TraceFailureReason.Other, target, exception.Message, null, exception),
        };
    }

    private static string Number(int code) =>
        code.ToString(System.Globalization.CultureInfo.InvariantCulture)
        + " (0x" + code.ToString("X", System.Globalization.CultureInfo.InvariantCulture) + ")";

    /// <summary>Gives "target: message".</summary>
    public override string ToString() => Target.Length == 0 ? Message : Target + ": " + Message;
}

/// <summary>A session could not be started, found or stopped.</summary>
public sealed class TraceException : Exception
{
    /// <summary>Makes one from a failure.</summary>
    /// <param name="failure">What went wrong.</param>
    public TraceException(TraceFailure failure)
        : base(failure.ToString(), failure.Exception) => Failure = failure;

    /// <summary>What went wrong.</summary>
    public TraceFailure Failure { get; }
}
