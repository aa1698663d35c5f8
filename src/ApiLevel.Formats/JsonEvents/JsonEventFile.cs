using System;

namespace ApiLevel.Formats.JsonEvents;

/// <summary>Opens events that tools have exported as JSON: one object a line, one after the other, or in an array.</summary>
public static class JsonEventFile
{
    /// <summary>Opens a file. No content of the file makes this throw.</summary>
    /// <param name="path">A path of the operating system, taken literally.</param>
    /// <param name="options">What to read; null for everything.</param>
    /// <returns>A reader that the caller disposes, or why there is none.</returns>
    public static EventFileResult Open(string path, EventReadOptions? options = null)
    {
        ByteSource source;
        try
        {
            source = ByteSource.OpenFile(path);
        }
        catch (Exception exception) when (ReadFailure.FromException(path, exception) is { } failure)
        {
            return new EventFileResult(null, failure);
        }

        return Open(source, path, options, ownsSource: true);
    }

    /// <summary>Reads events from bytes.</summary>
    /// <param name="source">The text; not disposed by the reader.</param>
    /// <param name="path">What to call it in a failure.</param>
    /// <param name="options">What to read; null for everything.</param>
    /// <returns>A reader that the caller disposes, or why there is none.</returns>
    public static EventFileResult Open(ByteSource source, string path, EventReadOptions? options = null) =>
        Open(source, path, options, ownsSource: false);

    internal static EventFileResult Open(ByteSource source, string path, EventReadOptions? options, bool ownsSource)
    {
        ReadFailure? failure;
        try
        {
            if (source.Length == 0)
            {
                failure = new ReadFailure(ReadFailureKind.FileEmpty, path, "The file is empty.");
            }
            else if (EventFiles.Detect(source) == EventFileFormat.Json)
            {
                return new EventFileResult(new JsonEventReader(source, ownsSource, options ?? new EventReadOptions()), null);
            }
            else
            {
                failure = new ReadFailure(ReadFailureKind.WrongFormat, path, "The file does not begin with a JSON object or array.");
            }
        }
        catch (Exception exception) when (ReadFailure.FromException(path, exception) is not null)
        {
            failure = ReadFailure.FromException(path, exception);
        }

        if (ownsSource)
        {
            source.Dispose();
        }

        return new EventFileResult(null, failure);
    }
}
