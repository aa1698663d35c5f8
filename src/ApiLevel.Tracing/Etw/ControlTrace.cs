using System;
using System.Runtime.InteropServices;

namespace ApiLevel.Tracing.Etw;

/// <summary>
/// ControlTraceW. TraceEvent's own Stop sets the machine-wide sampling interval and stops by name whatever runs under it, so
/// sessions are asked and stopped here. https://learn.microsoft.com/windows/win32/api/evntrace/nf-evntrace-controltracew
/// </summary>
internal static unsafe class ControlTrace
{
    /// <summary>ERROR_WMI_INSTANCE_NOT_FOUND: no session has this name.</summary>
    public const int NotFound = 4201;

    /// <summary>EVENT_TRACE_REAL_TIME_MODE.</summary>
    public const uint RealTimeMode = 0x100;

    private const uint Query = 0;
    private const uint Stop = 1;
    private const uint Update = 2;
    private const uint Flush = 3;
    private const int MaximumName = 1024;

    /// <summary>Asks for a session's settings and counters.</summary>
    /// <returns>0, or a Win32 error.</returns>
    public static int TryQuery(string name, out SessionState state) => Call(name, Query, 0, 0, out state);

    /// <summary>Stops a session.</summary>
    public static int TryStop(string name, out SessionState state) => Call(name, Stop, 0, 0, out state);

    /// <summary>Hands the buffers over.</summary>
    public static int TryFlush(string name) => Call(name, Flush, 0, 0, out _);

    /// <summary>Adds real-time delivery to a session that writes a file.</summary>
    public static int TryAddRealTime(string name) => Call(name, Update, RealTimeMode, 1, out _);

    private static int Call(string name, uint code, uint mode, uint flushSeconds, out SessionState state)
    {
        int headerSize = sizeof(EVENT_TRACE_PROPERTIES);
        int size = headerSize + (2 * MaximumName * sizeof(char));
        IntPtr buffer = Marshal.AllocHGlobal(size);
        try
        {
            new Span<byte>((void*)buffer, size).Clear();
            var properties = (EVENT_TRACE_PROPERTIES*)buffer;
            properties->BufferSizeOfNode = (uint)size;
            properties->LoggerNameOffset = (uint)headerSize;

            // For an update an offset means "switch to this file", so it stays 0 there.
            properties->LogFileNameOffset = code == Update ? 0u : (uint)(headerSize + (MaximumName * sizeof(char)));
            properties->LogFileMode = mode;
            properties->FlushTimer = flushSeconds;
            int error = ControlTraceW(0, name, properties, code);
            uint offset = properties->LogFileNameOffset;
            bool hasFile = error == 0 && offset >= headerSize && offset <= size - (MaximumName * sizeof(char));
            state = new SessionState(
                properties->HistoricalContext,
                hasFile ? ReadText((char*)(buffer + (int)offset)) : "",
                properties->LogFileMode,
                properties->EventsLost,
                (long)properties->LogBuffersLost + properties->RealTimeBuffersLost);
            return error;
        }
        finally
        {
            Marshal.FreeHGlobal(buffer);
        }
    }

    private static string ReadText(char* start)
    {
        int length = 0;
        while (length < MaximumName && start[length] != '\0')
        {
            length++;
        }

        return new string(start, 0, length);
    }

    [DllImport("advapi32.dll", ExactSpelling = true, CharSet = CharSet.Unicode)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int ControlTraceW(ulong sessionHandle, string? sessionName, EVENT_TRACE_PROPERTIES* properties, uint controlCode);

    /// <summary>What the system says about a session.</summary>
    /// <param name="LoggerId">The system's number of the session; another one under the same name has another number.</param>
    /// <param name="Path">The file it writes; empty for none.</param>
    /// <param name="Mode">The logging mode.</param>
    /// <param name="EventsLost">Events that found no buffer.</param>
    /// <param name="BuffersLost">Buffers that were not written or not delivered.</param>
    internal readonly record struct SessionState(ulong LoggerId, string Path, uint Mode, long EventsLost, long BuffersLost);

    [StructLayout(LayoutKind.Sequential)]
    private struct EVENT_TRACE_PROPERTIES
    {
        public uint BufferSizeOfNode;
        public uint ProviderId;
        public ulong HistoricalContext;
        public long TimeStamp;
        public Guid Guid;
        public uint ClientContext;
        public uint Flags;
        public uint BufferSize;
        public uint MinimumBuffers;
        public uint MaximumBuffers;
        public uint MaximumFileSize;
        public uint LogFileMode;
        public uint FlushTimer;
        public uint EnableFlags;
        public int AgeLimit;
        public uint NumberOfBuffers;
        public uint FreeBuffers;
        public uint EventsLost;
        public uint BuffersWritten;
        public uint LogBuffersLost;
        public uint RealTimeBuffersLost;
        public IntPtr LoggerThreadId;
        public uint LogFileNameOffset;
        public uint LoggerNameOffset;
    }
}
