using System;
using System.Collections.Generic;
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
        new ItemNotFoundException(near.Count == 0
            ? $"No API is called '{name}'. Check the spelling, or use wildcards."
            : $"No API is called '{name}'. Near names: {string.Join(", ", near)}."),
        ErrorCategory.ObjectNotFound,
        name);

    internal static ErrorRecord SourceNotFound(string name) => Record(
        new ItemNotFoundException(
            $"No event source is called '{name}'. Give its short name, provider, GUID or channel; Ctrl+Space completes it, Get-ApiEventSource lists them."),
        ErrorCategory.ObjectNotFound,
        name);

    internal static ErrorRecord EventNotFound(string source, int eventId) => Record(
        new ItemNotFoundException($"The source {source} has no event {eventId} in the facts. Get-ApiEventSource -Source '{source}' lists its events."),
        ErrorCategory.ObjectNotFound,
        eventId);

    internal static ErrorRecord TechniqueNotFound(string name) => Record(
        new ItemNotFoundException($"No API is related to a technique '{name}'. Ctrl+Space completes it; T1055* takes the sub-techniques too."),
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

    internal static ErrorRecord FileNotFound(string path, Exception? inner = null) => Record(
        new FileNotFoundException($"Cannot find '{path}'.", path, inner),
        ErrorCategory.ObjectNotFound,
        path);

    internal static ErrorRecord FileUnreadable(string path, string reason, Exception? inner = null) => Record(
        new IOException($"Cannot read '{path}': {reason} Close the program that holds it, or copy the file.", inner),
        ErrorCategory.OpenError,
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
