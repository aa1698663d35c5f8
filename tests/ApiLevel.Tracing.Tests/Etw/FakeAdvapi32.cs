using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;

namespace ApiLevel.Tracing.Tests.Etw;

/// <summary>
/// ETW as far as sessions see it: names, a limit, counters, providers with filters, delivery. The product and TraceEvent call it as if
/// it were Windows; each call can be made to fail.
/// </summary>
internal static unsafe class FakeAdvapi32
{
    public const int MaximumSessions = 64;

    private static readonly Lock s_gate = new();
    private static readonly List<FakeSession> s_sessions = [];
    private static readonly Dictionary<ulong, FakeSession> s_consumers = [];
    private static readonly Lazy<(nint Library, string? Reason)> s_library = new(Build);
    private static readonly HashSet<Assembly> s_callers = [];
    private static ulong s_next = 100;

    /// <summary>Decides before each native call whether it fails; null answers let it go on.</summary>
    public static Func<string, int?>? Fail { get; set; }

    /// <summary>The native calls so far.</summary>
    public static ConcurrentQueue<string> Calls { get; } = new();

    /// <summary>The providers that were enabled.</summary>
    public static ConcurrentQueue<EnableCall> Enabled { get; } = new();

    /// <summary>Sessions that run.</summary>
    public static IReadOnlyList<FakeSession> Sessions
    {
        get
        {
            lock (s_gate)
            {
                return [.. s_sessions];
            }
        }
    }

    /// <summary>Providers that the machine knows by name.</summary>
    public static Dictionary<string, Guid> Published { get; } = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Microsoft-Windows-Kernel-Process"] = new Guid("22fb2cd6-0e7b-422b-a0c7-2fad1fd0e716"),
    };

    /// <summary>Puts the fake in place for some assemblies, empty; skips the test where no compiler is.</summary>
    public static void Use(params IEnumerable<Assembly> callers)
    {
        if (s_library.Value.Reason is { } reason)
        {
            Assert.Skip(reason);
        }

        foreach (Assembly caller in callers)
        {
            // One resolver an assembly; the product sets none.
            if (s_callers.Add(caller))
            {
                NativeLibrary.SetDllImportResolver(
                    caller, static (name, _, _) => name is "advapi32.dll" or "tdh.dll" ? s_library.Value.Library : 0);
            }
        }

        Fail = null;
        Calls.Clear();
        Enabled.Clear();
        lock (s_gate)
        {
            foreach (FakeSession session in s_sessions)
            {
                session.End();
            }

            s_sessions.Clear();
        }
    }

    /// <summary>A session of somebody else.</summary>
    public static FakeSession AddForeign(string name)
    {
        lock (s_gate)
        {
            FakeSession session = new(name, s_next++, isForeign: true);
            s_sessions.Add(session);
            return session;
        }
    }

    public static FakeSession? Find(string name)
    {
        lock (s_gate)
        {
            return s_sessions.Find(session => string.Equals(session.Name, name, StringComparison.OrdinalIgnoreCase));
        }
    }

    /// <summary>Ends a session as another program would.</summary>
    public static void StopFromOutside(string name)
    {
        lock (s_gate)
        {
            FakeSession session = Find(name)!;
            s_sessions.Remove(session);
            session.End();
        }
    }

    private static (nint Library, string? Reason) Build()
    {
        if (RuntimeInformation.IsOSPlatform(OSPlatform.Windows))
        {
            return (0, "Windows has the real one.");
        }

        string folder = Directory.CreateTempSubdirectory().FullName;
        string library = Path.Combine(folder, "libfakeadvapi32.so");
        try
        {
            using Process compiler = Process.Start(new ProcessStartInfo(
                "gcc", ["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", library, Path.Combine(AppContext.BaseDirectory, "Etw", "advapi32.c")]))!;
            compiler.WaitForExit();
            if (compiler.ExitCode != 0)
            {
                throw new InvalidOperationException("gcc failed");
            }
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return (0, "There is no gcc to build the fake advapi32 with.");
        }

        nint handle = NativeLibrary.Load(library);
        var set = (delegate* unmanaged<int, void*, void>)NativeLibrary.GetExport(handle, "fake_set");
        set(0, (delegate* unmanaged<ulong*, char*, byte*, int>)&StartTrace);
        set(1, (delegate* unmanaged<ulong, char*, byte*, uint, int>)&ControlTrace);
        set(2, (delegate* unmanaged<ulong, Guid*, uint, byte, ulong, ulong, uint, byte*, int>)&EnableTraceEx2);
        set(3, (delegate* unmanaged<byte**, int, int*, int>)&QueryAllTraces);
        set(4, (delegate* unmanaged<byte*, int*, ulong>)&OpenTrace);
        set(5, (delegate* unmanaged<ulong*, uint, void*, void*, int>)&ProcessTrace);
        set(6, (delegate* unmanaged<ulong, int>)&CloseTrace);
        set(7, (delegate* unmanaged<ulong, int, void*, uint, int>)&TraceSetInformation);
        set(8, (delegate* unmanaged<int, void*, int, void*, int, int*, int>)&EnumerateTraceGuidsEx);
        set(9, (delegate* unmanaged<byte*, int*, int>)&TdhEnumerateProviders);
        set(10, (delegate* unmanaged<void*, uint, void*, void*, int*, int>)&TdhGetEventInformation);
        return (handle, null);
    }

    private static bool Fails(string function, out int error)
    {
        error = Fail?.Invoke(function) ?? 0;
        Calls.Enqueue(error == 0 ? function : function + " failed with " + error);
        return error != 0;
    }

    // Offsets of EVENT_TRACE_PROPERTIES in a 64-bit process.
    private static ref uint U32(byte* properties, int offset) => ref Unsafe.AsRef<uint>(properties + offset);

    private static void Describe(FakeSession session, byte* properties)
    {
        Unsafe.WriteUnaligned(properties + 8, session.Id);
        U32(properties, 64) = session.Mode;
        U32(properties, 88) = (uint)session.EventsLost;
        uint nameOffset = U32(properties, 116);
        uint fileOffset = U32(properties, 112);
        Write(properties, nameOffset, session.Name);
        if (fileOffset != 0)
        {
            Write(properties, fileOffset, session.Path ?? "");
        }
    }

    private static void Write(byte* properties, uint offset, string text)
    {
        if (offset != 0)
        {
            text.AsSpan().CopyTo(new Span<char>(properties + offset, 1024));
            ((char*)(properties + offset))[text.Length] = '\0';
        }
    }

    [UnmanagedCallersOnly]
    private static int StartTrace(ulong* handle, char* name, byte* properties)
    {
        if (Fails(nameof(StartTrace), out int error))
        {
            return error;
        }

        lock (s_gate)
        {
            string text = new(name);
            if (Find(text) is not null)
            {
                return 183;
            }

            if (s_sessions.Count >= MaximumSessions)
            {
                return 1450;
            }

            FakeSession session = new(text, s_next++, isForeign: false)
            {
                Mode = U32(properties, 64),
                BufferSizeKB = (int)U32(properties, 48),
                MinimumBuffers = (int)U32(properties, 52),
                MaximumFileSizeMB = (int)U32(properties, 60),
                Path = U32(properties, 112) is > 0 and uint offset ? new string((char*)(properties + offset)) : null,
            };
            s_sessions.Add(session);
            *handle = session.Id;
            Unsafe.WriteUnaligned(properties + 8, session.Id);
            return 0;
        }
    }

    [UnmanagedCallersOnly]
    private static int ControlTrace(ulong handle, char* name, byte* properties, uint code)
    {
        string function = nameof(ControlTrace) + code switch { 0 => "Query", 1 => "Stop", 2 => "Update", _ => "Flush" };
        if (Fails(function, out int error))
        {
            return error;
        }

        lock (s_gate)
        {
            FakeSession? session = name != null ? Find(new string(name)) : s_sessions.Find(one => one.Id == handle);
            if (session is null)
            {
                return 4201;
            }

            if (code == 2)
            {
                session.Mode |= U32(properties, 64);
                session.FlushSeconds = (int)U32(properties, 68);
            }

            Describe(session, properties);
            if (code == 1)
            {
                s_sessions.Remove(session);
                session.End();
            }

            return 0;
        }
    }

    [UnmanagedCallersOnly]
    private static int EnableTraceEx2(ulong handle, Guid* provider, uint code, byte level, ulong any, ulong all, uint timeout, byte* parameters)
    {
        if (Fails(nameof(EnableTraceEx2), out int error))
        {
            return error;
        }

        // ENABLE_TRACE_PARAMETERS: version, property, control flags, source id, filter pointer, filter count.
        uint property = Unsafe.ReadUnaligned<uint>(parameters + 4);
        byte* filter = *(byte**)(parameters + 32);
        int count = Unsafe.ReadUnaligned<int>(parameters + 40);
        Dictionary<uint, byte[]> filters = [];
        for (int i = 0; i < count; i++, filter += 16)
        {
            int size = Unsafe.ReadUnaligned<int>(filter + 8);
            filters.Add(Unsafe.ReadUnaligned<uint>(filter + 12), new Span<byte>(*(byte**)filter, size).ToArray());
        }

        Enabled.Enqueue(new EnableCall(handle, *provider, level, any, property, filters));
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int QueryAllTraces(byte** properties, int count, int* sessions)
    {
        if (Fails(nameof(QueryAllTraces), out int error))
        {
            return error;
        }

        lock (s_gate)
        {
            *sessions = s_sessions.Count;
            if (count < s_sessions.Count)
            {
                return 234;
            }

            for (int i = 0; i < s_sessions.Count; i++)
            {
                Describe(s_sessions[i], properties[i]);
            }

            return 0;
        }
    }

    [UnmanagedCallersOnly]
    private static ulong OpenTrace(byte* logfile, int* error)
    {
        if (Fails(nameof(OpenTrace), out int code))
        {
            *error = code;
            return ulong.MaxValue;
        }

        lock (s_gate)
        {
            char* name = *(char**)(logfile + 8);
            FakeSession? session = name == null ? null : Find(new string(name));
            if (session is null || (session.Mode & 0x100) == 0)
            {
                *error = 4201;
                return ulong.MaxValue;
            }

            session.Callback = (delegate* unmanaged<byte*, void>)(*(void**)(logfile + 424));
            ulong handle = s_next++;
            s_consumers[handle] = session;
            return handle;
        }
    }

    [UnmanagedCallersOnly]
    private static int ProcessTrace(ulong* handles, uint count, void* start, void* end)
    {
        if (Fails(nameof(ProcessTrace), out int error))
        {
            return error;
        }

        FakeSession session;
        lock (s_gate)
        {
            session = s_consumers[handles[0]];
        }

        session.Deliver();
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int CloseTrace(ulong handle)
    {
        Fails(nameof(CloseTrace), out _);
        lock (s_gate)
        {
            s_consumers.Remove(handle);
        }

        return 0;
    }

    [UnmanagedCallersOnly]
    private static int TraceSetInformation(ulong handle, int kind, void* data, uint length)
    {
        Fails(nameof(TraceSetInformation), out _);
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int EnumerateTraceGuidsEx(int kind, void* input, int inputSize, void* output, int outputSize, int* length)
    {
        Fails(nameof(EnumerateTraceGuidsEx), out int error);
        *length = 0;
        return error;
    }

    [UnmanagedCallersOnly]
    private static int TdhEnumerateProviders(byte* buffer, int* size)
    {
        if (Fails(nameof(TdhEnumerateProviders), out int error))
        {
            return error;
        }

        int needed = 8 + Published.Sum(static pair => 24 + ((pair.Key.Length + 1) * 2));
        if (*size < needed)
        {
            *size = needed;
            return 122;
        }

        new Span<byte>(buffer, needed).Clear();
        *(int*)buffer = Published.Count;
        int text = 8 + (24 * Published.Count);
        int i = 0;
        foreach ((string name, Guid id) in Published)
        {
            byte* entry = buffer + 8 + (24 * i++);
            *(Guid*)entry = id;
            *(int*)(entry + 20) = text;
            name.AsSpan().CopyTo(new Span<char>(buffer + text, name.Length));
            text += (name.Length + 1) * 2;
        }

        return 0;
    }

    [UnmanagedCallersOnly]
    private static int TdhGetEventInformation(void* record, uint count, void* context, void* buffer, int* size)
    {
        Fails(nameof(TdhGetEventInformation), out _);
        return 1168;
    }
}

/// <summary>One call that enabled a provider.</summary>
internal sealed record EnableCall(
    ulong Session, Guid Provider, int Level, ulong Keywords, uint Property, IReadOnlyDictionary<uint, byte[]> Filters);

/// <summary>A session of the fake.</summary>
internal sealed unsafe class FakeSession(string name, ulong id, bool isForeign)
{
    private readonly BlockingCollection<FakeEvent> _events = [];

    public string Name { get; } = name;

    public ulong Id { get; } = id;

    public bool IsForeign { get; } = isForeign;

    public string? Path { get; init; }

    public uint Mode { get; set; }

    public int FlushSeconds { get; set; }

    public int BufferSizeKB { get; init; }

    public int MinimumBuffers { get; init; }

    public int MaximumFileSizeMB { get; init; }

    public long EventsLost { get; set; }

    public delegate* unmanaged<byte*, void> Callback { get; set; }

    public void Write(FakeEvent item) => _events.Add(item);

    public void End() => _events.CompleteAdding();

    public void Deliver()
    {
        byte* record = stackalloc byte[112];
        byte* stack = stackalloc byte[16];
        foreach (FakeEvent item in _events.GetConsumingEnumerable())
        {
            new Span<byte>(record, 112).Clear();
            fixed (byte* data = item.Payload)
            fixed (ulong* frames = item.Frames)
            {
                *(ushort*)record = 112;
                *(ushort*)(record + 4) = 0x40;
                *(int*)(record + 8) = item.ThreadId;
                *(int*)(record + 12) = item.ProcessId;
                *(long*)(record + 16) = Stopwatch.GetTimestamp();
                *(Guid*)(record + 24) = item.Provider;
                *(ushort*)(record + 40) = (ushort)item.Id;
                record[42] = item.Version;
                record[44] = 4;
                *(ushort*)(record + 86) = (ushort)item.Payload.Length;
                *(void**)(record + 96) = data;
                if (item.Frames.Length > 0)
                {
                    *(ushort*)(record + 84) = 1;
                    *(void**)(record + 88) = stack;
                    *(ushort*)(stack + 2) = 6;
                    *(ushort*)(stack + 6) = (ushort)(item.Frames.Length * 8);
                    *(void**)(stack + 8) = frames;
                }

                Callback(record);
            }
        }
    }
}

/// <summary>An event that the fake delivers. The first of the frames stands for the match id before the addresses.</summary>
internal sealed record FakeEvent(Guid Provider, int Id, int ProcessId)
{
    public byte Version { get; init; }

    public int ThreadId { get; init; } = 77;

    public byte[] Payload { get; init; } = [];

    public ulong[] Frames { get; init; } = [];
}
