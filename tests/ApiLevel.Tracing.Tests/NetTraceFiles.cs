using ApiLevel.Formats;

namespace ApiLevel.Tracing.Tests;

internal static class NetTraceFiles
{
    /// <summary>Opens a file as the module does: the format is told from its bytes, and the trace reader gets those that are open.</summary>
    public static EventFileReader? OpenFile(this ITracingProvider provider, string path, EventReadOptions? options, out ReadFailure? failure)
    {
        (EventFileReader? reader, failure) = EventFiles.Open(path, options, provider.OpenNetTrace);
        return reader;
    }
}
