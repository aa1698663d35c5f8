using System;

namespace ApiLevel.Formats.EventLog;

/// <summary>Opens Windows event logs (.evtx) on any system.</summary>
public static class EventLogFile
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

    /// <summary>Reads a log from bytes.</summary>
    /// <param name="source">The log; not disposed by the reader.</param>
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
            else
            {
                Span<byte> header = stackalloc byte[EvtxReader.FileHeaderSize];
                int length = source.Read(0, header);
                if (EvtxReader.HasMagic(header.Slice(0, length)))
                {
                    return new EventFileResult(new EvtxReader(source, ownsSource, header.Slice(0, length), options ?? new EventReadOptions()), null);
                }

                failure = new ReadFailure(ReadFailureKind.WrongFormat, path, "The file is not a Windows event log (.evtx).");
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
