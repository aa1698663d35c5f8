using System;
using System.Collections.Generic;
using System.Threading;

namespace ApiLevel.Formats.Configuration.Sysmon;

/// <summary>What reading a Sysmon configuration gave: exactly one of configuration and failure is not null.</summary>
/// <param name="Configuration">What is written in it.</param>
/// <param name="Failure">Why there is nothing.</param>
/// <param name="Problems">
/// What was met that a configuration does not have (an element or attribute where none belongs, bytes that are no text), each with
/// its line; what could be read is in the configuration.
/// </param>
public readonly record struct SysmonConfigurationResult(
    SysmonConfiguration? Configuration, ReadFailure? Failure, IReadOnlyList<Problem> Problems);

/// <summary>Reads Sysmon configurations (XML) of every schema version.</summary>
public static class SysmonConfigurationReader
{
    /// <summary>A configuration may have this many bytes; a longer one is a failure.</summary>
    public const long MaximumLength = 256L << 20;

    /// <summary>Reads a file. No content of the file makes this throw.</summary>
    /// <param name="path">A path of the operating system, taken literally.</param>
    /// <param name="cancellation">Ends the read from outside.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static SysmonConfigurationResult Read(string path, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>Reads a configuration from bytes.</summary>
    /// <param name="source">The whole file; not disposed here.</param>
    /// <param name="path">What to call it in a failure.</param>
    /// <param name="cancellation">Ends the read from outside.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static SysmonConfigurationResult Read(ByteSource source, string path, CancellationToken cancellation = default) =>
        throw new NotImplementedException();

    /// <summary>Reads a configuration that is already text, from a snapshot for instance.</summary>
    /// <param name="text">The XML.</param>
    /// <param name="path">What to call it in a failure.</param>
    /// <param name="cancellation">Ends the read from outside.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static SysmonConfigurationResult ReadText(string text, string path, CancellationToken cancellation = default) =>
        throw new NotImplementedException();
}
