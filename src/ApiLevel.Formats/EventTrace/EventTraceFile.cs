using System;
using System.IO;

namespace ApiLevel.Formats.EventTrace;

/// <summary>Opens .etl files: what an Event Tracing for Windows session wrote, on any operating system.</summary>
public static class EventTraceFile
{
    /// <summary>Opens a file.</summary>
    /// <param name="path">A path of the operating system, taken literally.</param>
    /// <param name="options">What the reader is told; null for all records and no foreign schemas.</param>
    /// <returns>A reader that the caller disposes, or why there is none. No statement about the file is thrown.</returns>
    public static EventFileResult Open(string path, EventReadOptions? options = null) =>
        EventFiles.OpenFile(path, source => Open(source, path, options));

    /// <summary>Opens bytes from anywhere.</summary>
    /// <param name="source">The bytes; the reader owns and closes them, also when opening fails.</param>
    /// <param name="path">The name that a failure shows.</param>
    /// <param name="options">What the reader is told; null for all records and no foreign schemas.</param>
    /// <returns>A reader that the caller disposes, or why there is none.</returns>
    public static EventFileResult Open(ByteSource source, string path, EventReadOptions? options = null)
    {
        if (source is null)
        {
            throw new ArgumentNullException(nameof(source));
        }

        EtlReader? reader = null;
        try
        {
            ReadFailure? failure;
            if (source.Length == 0)
            {
                failure = new ReadFailure(ReadFailureKind.FileEmpty, path, "The file is empty.");
            }
            else
            {
                failure = EtlReader.TryOpen(source, path, options ?? new EventReadOptions(), out reader);
            }

            return new EventFileResult(reader, failure);
        }
        catch (IOException exception)
        {
            return new EventFileResult(null, ReadFailure.FromException(path, exception));
        }
        finally
        {
            if (reader is null)
            {
                source.Dispose();
            }
        }
    }
}
