namespace ApiLevel.Formats.JsonEvents;

/// <summary>Opens events that tools have exported as JSON: one object a line, one after the other, or in an array.</summary>
public static class JsonEventFile
{
    /// <summary>Opens a file. No content of the file makes this throw.</summary>
    /// <param name="path">A path of the operating system, taken literally.</param>
    /// <param name="options">What to read; null for everything.</param>
    /// <returns>A reader that the caller disposes, or why there is none.</returns>
    public static EventFileResult Open(string path, EventReadOptions? options = null) =>
        EventFiles.OpenFile(path, source => Open(source, path, options, ownsSource: true));

    /// <summary>Reads events from bytes.</summary>
    /// <param name="source">The text; not disposed by the reader.</param>
    /// <param name="path">What to call it in a failure.</param>
    /// <param name="options">What to read; null for everything.</param>
    /// <returns>A reader that the caller disposes, or why there is none.</returns>
    public static EventFileResult Open(ByteSource source, string path, EventReadOptions? options = null) =>
        Open(source, path, options, ownsSource: false);

    internal static EventFileResult Open(ByteSource source, string path, EventReadOptions? options, bool ownsSource) =>
        EventFiles.OpenSource(source, path, ownsSource, "The file does not begin with a JSON object or array.", bytes =>
            EventFiles.Detect(bytes) == EventFileFormat.Json
                ? new JsonEventReader(bytes, ownsSource, options ?? new EventReadOptions())
                : null);
}
