using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Management.Automation;
using System.Runtime.CompilerServices;
using ApiLevel.Formats;

namespace ApiLevel.Errors;

/// <summary>
/// Every error record of the module. A method's name is the error's id, which scripts handle: it is final. The text may change.
/// about_ApiLevel_Errors lists them.
/// </summary>
internal static class ApiLevelErrors
{
    internal static ErrorRecord ApiNotFound(string name, IReadOnlyList<string> near) => Record(
        new ItemNotFoundException($"No API is called '{name}'. " + (
            int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _) ? $"An event is asked for with -EventId {name}."
            : IsTechnique(name) ? $"A technique is asked for with -Technique {name}."
            : near.Count == 0 ? "Check the spelling, or use wildcards."
            : $"Near names: {string.Join(", ", near)}.")),
        ErrorCategory.ObjectNotFound,
        name);

    private static bool IsTechnique(string name) =>
        name.Length >= 5 && name[0] is 'T' or 't' && int.TryParse(name.Substring(1, 4), NumberStyles.None, CultureInfo.InvariantCulture, out _);

    internal static ErrorRecord SourceNotFound(string name, IReadOnlyCollection<string> near) => Record(
        new ItemNotFoundException(
            $"No event source is called '{name}'. " + (near.Count > 0 ? $"Near names: {string.Join(", ", near)}. " : "") +
            "Give its name, provider, GUID or channel; Ctrl+Space completes it, Get-ApiEventSource lists them."),
        ErrorCategory.ObjectNotFound,
        name);

    internal static ErrorRecord EventNotFound(string source, int eventId) => Record(
        new ItemNotFoundException($"The source {source} has no event {eventId} in the facts. Get-ApiEventSource -Source '{source}' lists its events."),
        ErrorCategory.ObjectNotFound,
        eventId);

    internal static ErrorRecord TechniqueNotFound(string name) => Record(
        new ItemNotFoundException($"No API is related to a technique '{name}'. Ctrl+Space completes the ids that the facts have; that a technique is not among them says nothing about its calls."),
        ErrorCategory.ObjectNotFound,
        name);

    internal static ErrorRecord CategoryNotFound(string name) => Record(
        new ItemNotFoundException($"No API is related to a category '{name}'. Ctrl+Space completes it, and wildcards work."),
        ErrorCategory.ObjectNotFound,
        name);

    internal static ErrorRecord ReleaseUnknown(string text, IEnumerable<string> known) => Record(
        new PSArgumentException($"'{text}' is no Windows release or build number. Known releases: {string.Join(", ", known)}."),
        ErrorCategory.InvalidArgument,
        text);

    internal static ErrorRecord SysmonVersionUnknown(Version version, IEnumerable<string> known) => Record(
        new PSArgumentException($"'{version}' is no version of Sysmon and none of its schema. Known versions: {string.Join(", ", known)}."),
        ErrorCategory.InvalidArgument,
        version);

    internal static ErrorRecord FileNotFound(string path, Exception? inner = null) => Record(
        new FileNotFoundException($"Cannot find '{path}'.", path, inner),
        ErrorCategory.ObjectNotFound,
        path);

    internal static ErrorRecord FileUnreadable(string path, string reason, Exception? inner) => Record(
        new IOException(
            $"Cannot read '{path}': {reason.TrimEnd('.')}. " +
            (ReadFailure.IsInUse(inner) ? "Close the program, or copy the file." : "Check the disk or the network, or read a copy."),
            inner),
        ErrorCategory.OpenError,
        path);

    internal static ErrorRecord PathNotInFileSystem(string path, string provider) => Record(
        new PSArgumentException($"'{path}' is a path of the provider {provider}. Give one of the file system."),
        ErrorCategory.InvalidArgument,
        path);

    internal static ErrorRecord FileAccessDenied(string path, Exception? inner = null) => Record(
        new UnauthorizedAccessException($"Access to '{path}' is denied. Run elevated, or copy the file.", inner),
        ErrorCategory.PermissionDenied,
        path);

    internal static ErrorRecord FileEmpty(string path) => Record(
        new InvalidDataException($"'{path}' is empty."),
        ErrorCategory.InvalidData,
        path);

    internal static ErrorRecord PathIsDirectory(string path) => Record(
        new IOException($"'{path}' is a directory. Use -Recurse to read the files in it."),
        ErrorCategory.InvalidArgument,
        path);

    internal static ErrorRecord NotAPortableImage(string path, string reason) => Record(
        new BadImageFormatException($"'{path}' is no Windows program, library or driver: {reason}", path),
        ErrorCategory.InvalidData,
        path);

    internal static ErrorRecord FileNotWritable(string path, Exception inner) => Record(
        new IOException($"Cannot write '{path}': {inner.Message}", inner),
        ErrorCategory.WriteError,
        path);

    internal static ErrorRecord OverlayInvalid(string path, string problem) => Record(
        new InvalidDataException($"The overlay was not used: {problem}. about_ApiLevel_Data tells the format."),
        ErrorCategory.InvalidData,
        path);

    internal static ErrorRecord NotAnEventFile(string path, string reason) => Record(
        new InvalidDataException($"'{path}' is no file of recorded events: {reason} Files of .evtx, .etl, .nettrace and JSON are read, by their content."),
        ErrorCategory.InvalidData,
        path);

    internal static ErrorRecord FileExists(string path) => Record(
        new IOException($"'{path}' is there already. Choose another name, or leave -NoClobber out."),
        ErrorCategory.ResourceExists,
        path);

    internal static ErrorRecord NotAConfigurationFile(string path, string reason) => Record(
        new InvalidDataException($"'{path}' says nothing about a machine's telemetry: {reason}"),
        ErrorCategory.InvalidData,
        path);

    internal static ErrorRecord StateNotCollected(IReadOnlyList<string> names) => Record(
        new PlatformNotSupportedException(
            "No machine was named, and this system is no Windows whose state could be read. Either run this on the Windows in question, or " +
            "collect its files there with bin/Collect-ApiTelemetryState.ps1 of this module, which needs no module, and name their folder with -State or -Path" +
            (names.Count > 0 ? $"; {string.Join(" and ", names)} stand for Microsoft's defaults" : "") + "."),
        ErrorCategory.NotEnabled,
        null);

    internal static ErrorRecord StateNotFound(string name, IReadOnlyList<string> names) => Record(
        new ItemNotFoundException(
            $"'{name}' is no file, no folder and no snapshot of the module{(names.Count > 0 ? $" ({string.Join(", ", names)})" : "")}. Ctrl+Space completes the names."),
        ErrorCategory.ObjectNotFound,
        name);

    internal static ErrorRecord StateEmpty(string names) => Record(
        new InvalidDataException($"Nothing about a machine could be read from '{names}'. The errors before this one say why; -Verbose tells each file."),
        ErrorCategory.InvalidData,
        names);

    internal static ErrorRecord InputObjectUnknown(object? input, string needed) => Record(
        new PSArgumentException($"The object of type {(input is PSObject pso ? pso.BaseObject : input)?.GetType().Name ?? "null"} cannot be used. Needed: {needed}."),
        ErrorCategory.InvalidArgument,
        input);

    internal static ErrorRecord StoreUnreadable(string path, string reason, int formatVersion, Exception inner) => Record(
        new InvalidDataException(
            $"The facts in '{path}' cannot be used: {reason}. This module reads format version {formatVersion}; build or install it again.", inner),
        ErrorCategory.InvalidData,
        path);

    internal static ErrorRecord ModuleIncomplete(string path, Exception inner) => Record(
        new FileNotFoundException($"A part of the module is missing or cannot be loaded: '{path}'. Build or install it again. {inner.Message}", path, inner),
        ErrorCategory.ResourceUnavailable,
        path);

    internal static ErrorRecord TraceNothingAsked() => Record(
        new PSArgumentException("Nothing to trace was named. Give -Api, -Technique or -Provider, or a .NET process with -ProcessId or -FilePath."),
        ErrorCategory.InvalidArgument,
        null);

    internal static ErrorRecord TraceNothingDelivered(string session, string reasons) => Record(
        new InvalidOperationException($"No session can deliver what was asked for. {reasons} Get-ApiTracePlan shows it event by event."),
        ErrorCategory.InvalidOperation,
        session);

    internal static ErrorRecord TraceNeedsWindows(string session, Exception? inner = null) => Record(
        new PlatformNotSupportedException(
            "Event Tracing for Windows is not on this system. Get-ApiTracePlan works anywhere; a .NET process can be traced here with -ProcessId or -FilePath.",
            inner),
        ErrorCategory.NotEnabled,
        session);

    internal static ErrorRecord TraceAccessDenied(string target, string reason, Exception? inner = null) => Record(
        new UnauthorizedAccessException(
            $"'{target}': {reason} Run elevated or join the group Performance Log Users; for a .NET process, be the user who started it.", inner),
        ErrorCategory.PermissionDenied,
        target);

    internal static ErrorRecord TraceSessionExists(string name) => Record(
        new InvalidOperationException(
            $"A session '{name}' runs already. Choose another -Name, or stop it: Stop-ApiTelemetryTrace -Name '{name}' (with -Orphaned when an earlier process left it). -Force does it at the start."),
        ErrorCategory.ResourceExists,
        name);

    internal static ErrorRecord TraceSessionLimit(string target, string reason, Exception? inner = null) => Record(
        new InvalidOperationException(
            $"'{target}': {reason} Stop a session; 'logman query -ets' lists them, Get-ApiTelemetryTrace -Orphaned those that were left behind.", inner),
        ErrorCategory.LimitsExceeded,
        target);

    internal static ErrorRecord TraceSessionNotFound(string name) => Record(
        new ItemNotFoundException($"No trace is called '{name}'. Get-ApiTelemetryTrace lists those of this process, with -Orphaned those of earlier ones."),
        ErrorCategory.ObjectNotFound,
        name);

    internal static ErrorRecord TraceSessionNotOwn(string name, string reason) => Record(
        new InvalidOperationException($"'{name}' was left alone. {reason}"),
        ErrorCategory.InvalidOperation,
        name);

    internal static ErrorRecord TraceNameInvalid(string name) => Record(
        new PSArgumentException($"'{name}' is no name for a session: up to {Tracing.TraceNames.MaximumLength} letters, digits, blanks and . _ - are."),
        ErrorCategory.InvalidArgument,
        name);

    internal static ErrorRecord TraceProviderUnknown(string provider) => Record(
        new ItemNotFoundException($"No provider is called '{provider}' on this machine; nothing was enabled for it. 'logman query providers' lists them."),
        ErrorCategory.ObjectNotFound,
        provider);

    internal static ErrorRecord TraceProviderDenied(string provider, Exception? inner = null) => Record(
        new UnauthorizedAccessException(
            $"Windows does not deliver events of '{provider}' to this caller. Get-ApiTracePlan says who gets them and what to use instead.", inner),
        ErrorCategory.PermissionDenied,
        provider);

    internal static ErrorRecord TraceNoDiskSpace(string path, Exception? inner = null) => Record(
        new IOException($"There is no room for '{path}'. Free some, choose another -Path or a smaller -MaximumFileSize.", inner),
        ErrorCategory.WriteError,
        path);

    internal static ErrorRecord TracePathInvalid(string path, string reason, Exception? inner = null) => Record(
        new IOException($"'{path}' cannot be written: {reason}", inner),
        ErrorCategory.InvalidArgument,
        path);

    internal static ErrorRecord TraceFileInUse(string path, Exception? inner = null) => Record(
        new IOException($"'{path}' is in use. Close the program that holds it, or choose another -Path.", inner),
        ErrorCategory.ResourceBusy,
        path);

    internal static ErrorRecord TraceSettingInvalid(string target, string reason, Exception? inner = null) => Record(
        new PSArgumentException($"'{target}': {reason}", inner),
        ErrorCategory.InvalidArgument,
        target);

    internal static ErrorRecord TraceProcessNotFound(string process) => Record(
        new ItemNotFoundException($"No process '{process}' runs."),
        ErrorCategory.ObjectNotFound,
        process);

    internal static ErrorRecord TraceProcessNotDotNet(string process, string reason, Exception? inner = null) => Record(
        new InvalidOperationException(
            $"The process '{process}' cannot be traced by its event pipe. {reason} It must run .NET 5 or later, as the same user, with diagnostics not switched off.",
            inner),
        ErrorCategory.InvalidOperation,
        process);

    internal static ErrorRecord TraceProgramNotFound(string program, string reason, Exception? inner = null) => Record(
        new ItemNotFoundException($"'{program}' was not started. {reason}", inner),
        ErrorCategory.ObjectNotFound,
        program);

    internal static ErrorRecord TraceRuntimeTooOld(string process, Exception? inner = null) => Record(
        new NotSupportedException($"The .NET runtime of '{process}' is too old for this trace; .NET 6 and later can be traced.", inner),
        ErrorCategory.NotImplemented,
        process);

    internal static ErrorRecord TraceFailed(string target, string reason, Exception? inner = null) => Record(
        new InvalidOperationException($"'{target}': {reason}", inner),
        ErrorCategory.OperationStopped,
        target);

    /// <summary>The record for what went wrong with a session.</summary>
    internal static ErrorRecord ForTrace(Tracing.TraceFailure failure)
    {
        string target = failure.Target;
        Exception? inner = failure.Exception;
        return failure.Reason switch
        {
            Tracing.TraceFailureReason.NeedsWindows => TraceNeedsWindows(target, inner),
            Tracing.TraceFailureReason.AccessDenied => TraceAccessDenied(target, failure.Message, inner),
            Tracing.TraceFailureReason.SessionExists => TraceSessionExists(target),
            Tracing.TraceFailureReason.SessionLimit => TraceSessionLimit(target, failure.Message, inner),
            Tracing.TraceFailureReason.SessionNotFound => TraceSessionNotFound(target),
            Tracing.TraceFailureReason.SessionNotOwn => TraceSessionNotOwn(target, failure.Message),
            Tracing.TraceFailureReason.NameInvalid => TraceNameInvalid(target),
            Tracing.TraceFailureReason.ProviderUnknown => TraceProviderUnknown(target),
            Tracing.TraceFailureReason.ProviderDenied => TraceProviderDenied(target, inner),
            Tracing.TraceFailureReason.NoDiskSpace => TraceNoDiskSpace(target, inner),
            Tracing.TraceFailureReason.PathInvalid => TracePathInvalid(target, failure.Message, inner),
            Tracing.TraceFailureReason.FileInUse => TraceFileInUse(target, inner),
            Tracing.TraceFailureReason.FilterInvalid => TraceSettingInvalid(target, failure.Message, inner),
            Tracing.TraceFailureReason.ProcessNotFound => TraceProcessNotFound(target),
            Tracing.TraceFailureReason.ProcessNotDotNet => TraceProcessNotDotNet(target, failure.Message, inner),
            Tracing.TraceFailureReason.ProgramNotFound => TraceProgramNotFound(target, failure.Message, inner),
            Tracing.TraceFailureReason.ProgramNotDotNet => TraceProcessNotDotNet(target, failure.Message, inner),
            Tracing.TraceFailureReason.RuntimeTooOld => TraceRuntimeTooOld(target, inner),
            _ => TraceFailed(target, failure.Message, inner),
        };
    }
    /// <summary>The record for a file of events that gave nothing.</summary>
    internal static ErrorRecord ForEventFile(string path, ReadFailure failure) =>
        failure.Kind == ReadFailureKind.WrongFormat ? NotAnEventFile(path, failure.Message) : ForFile(path, failure);

    /// <summary>The record for a file that gave nothing.</summary>
    internal static ErrorRecord ForFile(string path, ReadFailure failure) => failure.Kind switch
    {
        ReadFailureKind.FileNotFound => FileNotFound(path, failure.Exception),
        ReadFailureKind.FileAccessDenied => FileAccessDenied(path, failure.Exception),
        ReadFailureKind.FileEmpty => FileEmpty(path),
        ReadFailureKind.PathIsDirectory => PathIsDirectory(path),
        ReadFailureKind.WrongFormat => NotAPortableImage(path, failure.Message),
        _ => FileUnreadable(path, failure.Message, failure.Exception),
    };

    private static ErrorRecord Record(Exception exception, ErrorCategory category, object? target, [CallerMemberName] string id = "") =>
        new(exception, id, category, target);
}
