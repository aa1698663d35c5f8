using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using System.Xml;

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
    public static SysmonConfigurationResult Read(string path, CancellationToken cancellation = default)
    {
        ByteSource source;
        try
        {
            source = ByteSource.OpenFile(path);
        }
        catch (Exception exception) when (ReadFailure.FromException(path, exception) is { } failure)
        {
            return new SysmonConfigurationResult(null, failure, []);
        }

        using (source)
        {
            return Read(source, path, cancellation);
        }
    }

    /// <summary>Reads a configuration from bytes.</summary>
    /// <param name="source">The whole file; not disposed here.</param>
    /// <param name="path">What to call it in a failure.</param>
    /// <param name="cancellation">Ends the read from outside.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static SysmonConfigurationResult Read(ByteSource source, string path, CancellationToken cancellation = default)
    {
        if (source is null)
        {
            throw new ArgumentNullException(nameof(source));
        }

        try
        {
            long length = source.Length;
            if (length == 0)
            {
                return Fail(new ReadFailure(ReadFailureKind.FileEmpty, path, "The file is empty."));
            }

            if (length > MaximumLength)
            {
                return Fail(new ReadFailure(ReadFailureKind.WrongFormat, path, "The file is larger than a Sysmon configuration can be (256 MiB)."));
            }

            using var text = new ConfigurationText(source);
            return Parse(text, text, path, cancellation);
        }
        catch (Exception exception) when (ReadFailure.FromException(path, exception) is { } failure)
        {
            return Fail(failure);
        }
    }

    /// <summary>Reads a configuration that is already text, from a snapshot for instance.</summary>
    /// <param name="text">The XML.</param>
    /// <param name="path">What to call it in a failure.</param>
    /// <param name="cancellation">Ends the read from outside.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static SysmonConfigurationResult ReadText(string text, string path, CancellationToken cancellation = default)
    {
        if (text is null)
        {
            throw new ArgumentNullException(nameof(text));
        }

        int start = 0;
        while (start < text.Length && text[start] is ' ' or '\t' or '\r' or '\n' or '\uFEFF')
        {
            start++;
        }

        if (start == text.Length)
        {
            return Fail(new ReadFailure(ReadFailureKind.FileEmpty, path, "The text is empty."));
        }

        // The reader of bytes skips what stands before the first element and counts its lines; one way serves both.
        return Read(ByteSource.FromMemory(System.Text.Encoding.UTF8.GetBytes(text)), path, cancellation);
    }

    private static SysmonConfigurationResult Parse(TextReader text, ConfigurationText origin, string path, CancellationToken cancellation)
    {
        XmlReaderSettings settings = new()
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            CloseInput = false,
        };
        try
        {
            using XmlReader xml = XmlReader.Create(text, settings);
            SysmonConfigurationParser parser = new(xml, origin, cancellation);
            return parser.Parse() is { } wrong
                ? Fail(new ReadFailure(ReadFailureKind.WrongFormat, path, wrong))
                : new SysmonConfigurationResult(parser.Configuration, null, parser.Problems);
        }
        catch (XmlException exception)
        {
            return Fail(new ReadFailure(ReadFailureKind.WrongFormat, path, Describe(exception, origin), exception));
        }
    }

    private static string Describe(XmlException exception, ConfigurationText origin)
    {
        // .NET puts names from the file and its own place, counted without the lines that were skipped, into the message.
        const int Longest = 200;
        string message = exception.Message;
        int place = message.LastIndexOf(" Line ", StringComparison.Ordinal);
        message = place > 0 ? message.Substring(0, place) : message;
        if (message.Length > Longest)
        {
            message = message.Substring(0, Longest) + "...";
        }

        SysmonPosition position = new(
            exception.LineNumber + origin.SkippedLines,
            exception.LinePosition + (exception.LineNumber == 1 ? origin.SkippedColumns : 0));
        return exception.LineNumber > 0
            ? "The file is not well-formed XML, " + position + ": " + message
            : "The file is not well-formed XML: " + message;
    }

    private static SysmonConfigurationResult Fail(ReadFailure failure) => new(null, failure, []);
}
