using System;
using System.IO;
using ApiLevel.Formats.Archives;
using ApiLevel.Formats.EventLog;
using ApiLevel.Formats.EventTrace;
using ApiLevel.Formats.JsonEvents;

namespace ApiLevel.Formats;

/// <summary>What a file of recorded events is, by its bytes.</summary>
public enum EventFileFormat
{
    /// <summary>None of the others.</summary>
    Unknown,

    /// <summary>A Windows event log (.evtx).</summary>
    EventLog,

    /// <summary>A trace of Event Tracing for Windows (.etl).</summary>
    EventTrace,

    /// <summary>A trace of the .NET runtime's EventPipe (.nettrace).</summary>
    NetTrace,

    /// <summary>Text that begins with a JSON object or array.</summary>
    Json,

    /// <summary>An archive (.zip) or compressed file (.gz), which may hold any of the others.</summary>
    Archive,
}

/// <summary>Opens an EventPipe trace (.nettrace).</summary>
/// <param name="source">The bytes; the reader owns them from here on, also where it fails.</param>
/// <param name="path">What to call the file.</param>
/// <param name="options">What to read; null for everything.</param>
/// <returns>A reader that the caller disposes, or why there is none.</returns>
public delegate EventFileResult NetTraceOpener(ByteSource source, string path, EventReadOptions? options);

/// <summary>Tells files of recorded events apart and opens them. The name of a file decides nothing.</summary>
public static class EventFiles
{
    private const int HeadSize = 4096;

    /// <summary>Tells a format from the first bytes.</summary>
    /// <param name="source">The file; not disposed here.</param>
    /// <exception cref="System.IO.IOException">The operating system could not read.</exception>
    public static EventFileFormat Detect(ByteSource source)
    {
        if (source is null)
        {
            throw new ArgumentNullException(nameof(source));
        }

        var head = new byte[HeadSize];
        return Detect(head.AsSpan(0, source.Read(0, head)));
    }

    /// <summary>Tells a format from the first bytes.</summary>
    /// <param name="head">The file's beginning; 4 KiB are enough.</param>
    public static EventFileFormat Detect(ReadOnlySpan<byte> head)
    {
        if (EvtxReader.HasMagic(head))
        {
            return EventFileFormat.EventLog;
        }

        // "Nettrace" of today's format, or the length and name that older runtimes began with.
        if (head.StartsWith("Nettrace"u8) || head.StartsWith("\x14\0\0\0!FastSerialization"u8))
        {
            return EventFileFormat.NetTrace;
        }

        if (IsEventTrace(head))
        {
            return EventFileFormat.EventTrace;
        }

        if (ArchiveReader.IsZip(head) || ArchiveReader.IsGZip(head))
        {
            return EventFileFormat.Archive;
        }

        return IsJson(head) ? EventFileFormat.Json : EventFileFormat.Unknown;
    }

    /// <summary>Opens a file with the reader for its bytes.</summary>
    /// <param name="path">A path of the operating system, taken literally.</param>
    /// <param name="options">What to read; null for everything.</param>
    /// <param name="openNetTrace">Opens EventPipe traces, for which this library has no reader; null leaves them unread.</param>
    /// <returns>A reader that the caller disposes, or why there is none.</returns>
    public static EventFileResult Open(string path, EventReadOptions? options = null, NetTraceOpener? openNetTrace = null) =>
        OpenFile(path, source => OpenDetected(source, path, options, openNetTrace));

    /// <summary>
    /// Reads a recording from a stream that may be read once, standard input for instance. A trace, an archive, or any recording with
    /// <see cref="EventReadOptions.Recover"/> is taken into memory, of 512 MiB at most; the others are read as they come.
    /// </summary>
    /// <param name="stream">The recording; closed with the reader, also when opening fails.</param>
    /// <param name="name">What to call it in a failure.</param>
    /// <param name="options">What to read; null for everything.</param>
    /// <param name="openNetTrace">Opens EventPipe traces; null leaves them unread.</param>
    /// <returns>A reader that the caller disposes, or why there is none.</returns>
    public static EventFileResult Open(Stream stream, string name, EventReadOptions? options = null, NetTraceOpener? openNetTrace = null)
    {
        if (stream is null)
        {
            throw new ArgumentNullException(nameof(stream));
        }

        options ??= new EventReadOptions();
        return OpenForward(new StreamByteSource(stream, UnpackLimit.None, options.Cancellation), name, options, openNetTrace);
    }

    /// <summary>Opens what can be read forward only; what needs more than that is taken into memory. The source is closed with the reader.</summary>
    internal static EventFileResult OpenForward(StreamByteSource source, string path, EventReadOptions options, NetTraceOpener? openNetTrace)
    {
        try
        {
            bool isInArchive = source.IsUnpacked;
            EventFileFormat format = Detect(source);
            if (format == EventFileFormat.Archive && isInArchive)
            {
                source.Dispose();
                return new EventFileResult(null, new ReadFailure(
                    ReadFailureKind.WrongFormat, path, "The file is an archive inside of another one, which is not opened."));
            }

            if (format is EventFileFormat.EventTrace or EventFileFormat.NetTrace or EventFileFormat.Archive || (options.Recover && format != EventFileFormat.Json))
            {
                using (source)
                {
                    return OpenDetected(ByteSource.FromMemory(source.ReadAll()), path, options, openNetTrace);
                }
            }
        }
        catch (Exception exception) when (ReadFailure.FromException(path, exception) is { } failure)
        {
            source.Dispose();
            return new EventFileResult(null, failure);
        }

        return OpenDetected(source, path, options, openNetTrace);
    }

    private static EventFileResult OpenDetected(ByteSource source, string path, EventReadOptions? options, NetTraceOpener? openNetTrace)
    {
        EventFileFormat format;
        try
        {
            format = Detect(source);
        }
        catch (Exception exception) when (ReadFailure.FromException(path, exception) is { } failure)
        {
            source.Dispose();
            return new EventFileResult(null, failure);
        }

        switch (format)
        {
            case EventFileFormat.EventLog:
                return EventLogFile.Open(source, path, options, ownsSource: true);
            case EventFileFormat.EventTrace:
                return EventTraceFile.Open(source, path, options);
            case EventFileFormat.Json:
                return JsonEventFile.Open(source, path, options, ownsSource: true);
            case EventFileFormat.Archive:
                return ArchiveReader.Open(source, path, options, openNetTrace);
            case EventFileFormat.NetTrace when openNetTrace is not null:
                return openNetTrace(source, path, options);
            case EventFileFormat.Unknown when options is { Recover: true } && EvtxRecovery.FindChunk(source) is not null:
                return EventLogFile.Open(source, path, options, ownsSource: true);
            default:
                long length = source.Length;
                bool isSevenZip = IsSevenZip(source);
                source.Dispose();
                return new EventFileResult(null, length == 0
                    ? new ReadFailure(ReadFailureKind.FileEmpty, path, "The file is empty.")
                    : new ReadFailure(ReadFailureKind.WrongFormat, path, format switch
                    {
                        EventFileFormat.NetTrace => "The file is an EventPipe trace (.nettrace), for which no reader was given.",
                        _ when isSevenZip => "The file is a 7-Zip archive, which is not read. Unpack it.",
                        _ => "The file is neither an event log, an event trace nor JSON.",
                    }));
        }
    }

    /// <summary>Opens a file and hands it to a reader's own opening.</summary>
    internal static EventFileResult OpenFile(string path, Func<ByteSource, EventFileResult> open)
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

        return open(source);
    }

    /// <summary>Makes a reader of bytes; <c>create</c> gives null for another format. Without a reader, bytes that are owned are closed.</summary>
    internal static EventFileResult OpenSource(
        ByteSource source, string path, bool ownsSource, string wrongFormat, Func<ByteSource, EventFileReader?> create)
    {
        ReadFailure? failure;
        try
        {
            if (source.Length == 0)
            {
                failure = new ReadFailure(ReadFailureKind.FileEmpty, path, "The file is empty.");
            }
            else if (create(source) is { } reader)
            {
                return new EventFileResult(reader, null);
            }
            else
            {
                failure = new ReadFailure(ReadFailureKind.WrongFormat, path, wrongFormat);
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

    // A buffer header (its size, how much of it is used) and behind it the logfile's own record: a system header of version 1 or 2.
    private static bool IsEventTrace(ReadOnlySpan<byte> head)
    {
        const int BufferHeader = 0x48;
        if (head.Length < BufferHeader + 8)
        {
            return false;
        }

        uint size = System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(head);
        uint used = System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(head.Slice(4));
        // The record's third byte is its kind of header, and the highest bits of the fourth mark a record that is no WPP message.
        return size is >= 0x80 and <= 64 << 20 && used >= BufferHeader && used <= size
            && head[BufferHeader + 3] == 0xC0 && head[BufferHeader + 2] is (1 or 2);
    }

    private static bool IsSevenZip(ByteSource source)
    {
        Span<byte> head = stackalloc byte[6];
        return head.Slice(0, source.Read(0, head)).SequenceEqual((ReadOnlySpan<byte>)[0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C]);
    }

    private static bool IsJson(ReadOnlySpan<byte> head)
    {
        JsonRecordSplitter.TextEncoding encoding = JsonRecordSplitter.Detect(head);
        ReadOnlySpan<byte> text = head.Slice(Math.Min(head.Length, encoding.BomLength));
        if (encoding.Decoder is { } decoder)
        {
            text = System.Text.Encoding.UTF8.GetBytes(decoder.GetString(text.Slice(0, text.Length & ~1).ToArray()));
        }

        foreach (byte b in text)
        {
            if (b is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
            {
                continue;
            }

            return b is (byte)'{' or (byte)'[';
        }

        return false;
    }
}
