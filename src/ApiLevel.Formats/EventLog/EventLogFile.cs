using System;

namespace ApiLevel.Formats.EventLog;

/// <summary>Opens Windows event logs (.evtx) on any system.</summary>
public static class EventLogFile
{
    /// <summary>Opens a file. No content of the file makes this throw.</summary>
    /// <param name="path">A path of the operating system, taken literally.</param>
    /// <param name="options">What to read; null for everything.</param>
    /// <returns>A reader that the caller disposes, or why there is none.</returns>
    public static EventFileResult Open(string path, EventReadOptions? options = null) =>
        EventFiles.OpenFile(path, source => Open(source, path, options, ownsSource: true));

    /// <summary>Reads a log from bytes.</summary>
    /// <param name="source">The log; not disposed by the reader.</param>
    /// <param name="path">What to call it in a failure.</param>
    /// <param name="options">What to read; null for everything.</param>
    /// <returns>A reader that the caller disposes, or why there is none.</returns>
    public static EventFileResult Open(ByteSource source, string path, EventReadOptions? options = null) =>
        Open(source, path, options, ownsSource: false);

    internal static EventFileResult Open(ByteSource source, string path, EventReadOptions? options, bool ownsSource) =>
        EventFiles.OpenSource(source, path, ownsSource, "The file is not a Windows event log (.evtx).", bytes =>
        {
            options ??= new EventReadOptions();
            Span<byte> header = stackalloc byte[EvtxReader.FileHeaderSize];
            header = header.Slice(0, bytes.Read(0, header));
            return EvtxReader.HasMagic(header)
                ? new EvtxReader(bytes, ownsSource, header, EvtxReader.HeaderBlock, options)
                : options.Recover && EvtxRecovery.FindChunk(bytes) is { } origin
                    ? new EvtxReader(bytes, ownsSource, default, origin, options)
                    : null;
        });
}
