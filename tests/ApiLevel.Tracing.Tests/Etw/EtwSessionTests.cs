using System;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;
using ApiLevel.Formats;
using Microsoft.Diagnostics.Tracing.Session;

namespace ApiLevel.Tracing.Tests.Etw;

[Collection("Sessions")]
public sealed class EtwSessionTests
{
    private static readonly Guid s_audit = new("e02a841c-75a3-4fa7-afc8-ae09cf9b7f23");
    private static readonly Guid s_intelligence = new("f4e1897c-bb5d-5668-f1d8-040f4d8dd344");
    private static readonly TimeSpan s_hang = TimeSpan.FromSeconds(30);
    private readonly TracingProvider _provider = new();

    // What a start said before there was a fake: the answer of a system without ETW.
    private static readonly Lazy<TraceFailure> s_withoutEtw = new(static () => Assert.Throws<TraceException>(
        static () => new TracingProvider().Start(new TraceRequest { Providers = [Audit()] }, new TraceHub())).Failure);

    public EtwSessionTests()
    {
        if (!OperatingSystem.IsWindows())
        {
            _ = s_withoutEtw.Value;
        }

        FakeAdvapi32.Use(typeof(TraceEventSession).Assembly, typeof(TracingProvider).Assembly);
    }

    [Fact]
    public void Says_that_it_needs_Windows_where_there_is_no_ETW() => Assert.Equal(TraceFailureReason.NeedsWindows, s_withoutEtw.Value.Reason);

    [Fact]
    public void Asks_the_kernel_for_the_filters()
    {
        using ITraceSession session = Start(new TraceRequest
        {
            Providers = [Audit(5, 6)],
            ProcessIds = [41, 42],
            ProcessNames = ["a", "b.exe"],
            StackTrace = true,
        });
        EnableCall call = Assert.Single(FakeAdvapi32.Enabled);
        Assert.Equal(s_audit, call.Provider);
        Assert.Equal(0x70ul, call.Keywords);
        Assert.Equal(4, call.Level);
        Assert.Equal([41, 42], MemoryMarshal.Cast<byte, int>(call.Filters[0x80000004]).ToArray());
        Assert.Equal("a.exe;b.exe\0", Encoding.Unicode.GetString(call.Filters[0x80000008]));
        Assert.Equal([1, 0, 2, 0, 5, 0, 6, 0], call.Filters[0x80000200]);
        Assert.Equal([1, 0, 2, 0, 5, 0, 6, 0], call.Filters[0x80001000]);
        Assert.Equal(4u, call.Property & 4);
    }

    [Fact]
    public void Filters_alone_what_is_too_much_for_the_kernel()
    {
        using ITraceSession session = Start(new TraceRequest
        {
            Providers = [Audit([.. Enumerable.Range(1, 65)])],
            ProcessIds = [.. Enumerable.Range(100, 9)],
            ProcessNames = [.. Enumerable.Range(0, 80).Select(static i => "longname" + i)],
        });
        Assert.Empty(Assert.Single(FakeAdvapi32.Enabled).Filters);
    }

    [Fact]
    public void Starts_in_real_time_with_the_buffers_that_were_asked_for()
    {
        using ITraceSession session = Start(new TraceRequest { Providers = [Audit()], BufferSizeKB = 128, BufferTotalMB = 16 });
        FakeSession started = Assert.Single(FakeAdvapi32.Sessions);
        Assert.Equal("ApiLevel", started.Name);
        Assert.Equal(0x08000100u, started.Mode);
        Assert.Equal(128, started.BufferSizeKB);
        Assert.Equal(128, started.MinimumBuffers);
        Assert.Null(started.Path);
    }

    [Fact]
    public void Writes_a_file_and_delivers_at_once()
    {
        string path = Path.Combine(Path.GetTempPath(), "never-written.etl");
        TraceHub hub = new();
        using ITraceSession session = Start(
            new TraceRequest { Name = "file", Providers = [Audit()], Path = path, MaximumFileSizeMB = 7 }, hub);
        FakeSession started = Assert.Single(FakeAdvapi32.Sessions);
        Assert.Equal("ApiLevel-file", started.Name);
        Assert.Equal(path, started.Path);
        Assert.Equal(0x08000101u, started.Mode);
        Assert.Equal(1, started.FlushSeconds);
        Assert.Equal(7, started.MaximumFileSizeMB);
        started.Write(new FakeEvent(s_audit, 5, 1));
        Assert.Equal(5, ReadOne(hub).EventId);
    }

    [Fact]
    public void Delivers_events_with_header_payload_and_stack()
    {
        TraceHub hub = new();
        using ITraceSession session = Start(new TraceRequest { Providers = [Audit()], StackTrace = true }, hub);
        FakeAdvapi32.Sessions[0].Write(new FakeEvent(s_audit, 5, 4711) { Version = 1, Payload = [1, 2, 3], Frames = [0, 0x1000, 0x2000] });
        EventRecord record = ReadOne(hub);
        Assert.Equal("Microsoft-Windows-Kernel-Audit-API-Calls", record.Provider);
        Assert.Equal(s_audit, record.ProviderId);
        Assert.Equal(5, record.EventId);
        Assert.Equal(1, record.EventVersion);
        Assert.Equal(4711, record.ProcessId);
        Assert.Equal(77, record.ThreadId);
        Assert.Equal(PayloadState.Undecoded, record.PayloadState);
        Assert.Equal([1, 2, 3], record.RawData.ToArray());
        Assert.Equal([0x1000, 0x2000], record.Stack!);
        Assert.Equal(DateTimeKind.Utc, record.TimeCreated!.Value.Kind);
        Assert.InRange(record.TimeCreated.Value, DateTime.UtcNow.AddMinutes(-1), DateTime.UtcNow.AddMinutes(1));
    }

    [Fact]
    public void Filters_again_what_the_kernel_let_through()
    {
        TraceHub hub = new();
        using ITraceSession session = Start(
            new TraceRequest { Providers = [Audit(5)], ProcessIds = [1], Accept = static record => record.RawData.Length != 2 }, hub);
        FakeSession started = FakeAdvapi32.Sessions[0];
        started.Write(new FakeEvent(s_audit, 6, 1));
        started.Write(new FakeEvent(s_audit, 5, 2));
        started.Write(new FakeEvent(s_intelligence, 5, 1));
        started.Write(new FakeEvent(s_audit, 5, 1) { Payload = [1, 2] });
        started.Write(new FakeEvent(s_audit, 5, 1) { Payload = [9] });
        Assert.Equal([9], ReadOne(hub).RawData.ToArray());
        Assert.Equal(1, hub.Seen);
    }

    [Theory]
    [InlineData(5, TraceFailureReason.AccessDenied)]
    [InlineData(1314, TraceFailureReason.AccessDenied)]
    [InlineData(183, TraceFailureReason.SessionExists)]
    [InlineData(1450, TraceFailureReason.SessionLimit)]
    [InlineData(112, TraceFailureReason.NoDiskSpace)]
    [InlineData(161, TraceFailureReason.PathInvalid)]
    [InlineData(2, TraceFailureReason.PathInvalid)]
    [InlineData(32, TraceFailureReason.FileInUse)]
    [InlineData(87, TraceFailureReason.FilterInvalid)]
    [InlineData(24, TraceFailureReason.FilterInvalid)]
    [InlineData(50, TraceFailureReason.Other)]
    [InlineData(4201, TraceFailureReason.SessionNotFound)]
    public void Names_the_reason_when_the_session_does_not_start(int code, TraceFailureReason reason)
    {
        FakeAdvapi32.Fail = function => function == "StartTrace" ? code : null;
        TraceFailure failure = StartFailure();
        Assert.Equal(reason, failure.Reason);
        Assert.Equal("ApiLevel", reason is TraceFailureReason.NoDiskSpace or TraceFailureReason.PathInvalid or TraceFailureReason.FileInUse
            ? TraceNames.Default
            : failure.Target);
        Assert.Equal(code, failure.NativeCode);
        Assert.Empty(FakeAdvapi32.Sessions);
    }

    [Theory]
    [InlineData(5, TraceFailureReason.ProviderDenied)]
    [InlineData(87, TraceFailureReason.FilterInvalid)]
    [InlineData(1168, TraceFailureReason.ProviderUnknown)]
    [InlineData(1450, TraceFailureReason.SessionLimit)]
    public void Goes_on_with_the_other_providers(int code, TraceFailureReason reason)
    {
        int calls = 0;
        FakeAdvapi32.Fail = function => function == "EnableTraceEx2" && calls++ == 0 ? code : null;
        TraceProviderRequest denied = new() { Name = "Microsoft-Windows-Threat-Intelligence", Id = s_intelligence };
        using ITraceSession session = Start(new TraceRequest { Providers = [denied, Audit()] });
        TraceFailure problem = Assert.Single(session.Problems);
        Assert.Equal(reason, problem.Reason);
        Assert.Equal("Microsoft-Windows-Threat-Intelligence", problem.Target);
        Assert.Equal(s_audit, Assert.Single(FakeAdvapi32.Enabled).Provider);
        Assert.True(session.IsRunning);
    }

    [Fact]
    public void Stops_the_session_when_no_provider_could_be_enabled()
    {
        FakeAdvapi32.Fail = static function => function == "EnableTraceEx2" ? 5 : null;
        TraceFailure failure = StartFailure();
        Assert.Equal(TraceFailureReason.ProviderDenied, failure.Reason);
        Assert.Empty(FakeAdvapi32.Sessions);
    }

    [Theory]
    [InlineData(1500, TraceFailureReason.Other)]
    [InlineData(5, TraceFailureReason.AccessDenied)]
    public void Stops_the_session_when_it_cannot_be_read(int code, TraceFailureReason reason)
    {
        FakeAdvapi32.Fail = function => function == "OpenTrace" ? code : null;
        Assert.Equal(reason, StartFailure().Reason);
        Assert.Empty(FakeAdvapi32.Sessions);
    }

    [Fact]
    public void Leaves_a_session_of_the_same_name_alone()
    {
        FakeSession foreign = FakeAdvapi32.AddForeign("ApiLevel");
        Assert.Equal(TraceFailureReason.SessionExists, StartFailure().Reason);

        // The same when it appears between our question and our start.
        int queries = 0;
        FakeAdvapi32.Fail = function => function == "ControlTraceQuery" && queries++ == 0 ? 4201 : null;
        Assert.Equal(TraceFailureReason.SessionExists, StartFailure().Reason);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.Same(foreign, Assert.Single(FakeAdvapi32.Sessions));
        Assert.DoesNotContain("ControlTraceStop", FakeAdvapi32.Calls);
    }

    [Fact]
    public void Replaces_a_session_of_ours_when_told_to()
    {
        FakeSession orphan = FakeAdvapi32.AddForeign("ApiLevel");
        using ITraceSession session = Start(new TraceRequest { Providers = [Audit()], ReplaceOwn = true });
        Assert.NotEqual(orphan.Id, Assert.Single(FakeAdvapi32.Sessions).Id);
    }

    [Fact]
    public void Names_the_limit_of_sessions()
    {
        for (int i = 0; i < FakeAdvapi32.MaximumSessions; i++)
        {
            FakeAdvapi32.AddForeign("other " + i);
        }

        Assert.Equal(TraceFailureReason.SessionLimit, StartFailure().Reason);
        Assert.Equal(FakeAdvapi32.MaximumSessions, FakeAdvapi32.Sessions.Count);
    }

    [Fact]
    public void Never_enables_a_provider_that_nobody_has()
    {
        TraceRequest misspelt = new() { Providers = [new TraceProviderRequest { Name = "Microsoft-Windows-Kernel-Proces" }] };
        TraceException exception = Assert.Throws<TraceException>(() => Start(misspelt));
        Assert.Equal(TraceFailureReason.ProviderUnknown, exception.Failure.Reason);
        Assert.Equal("Microsoft-Windows-Kernel-Proces", exception.Failure.Target);
        Assert.Empty(FakeAdvapi32.Enabled);
        Assert.Null(_provider.ResolveProvider("Microsoft-Windows-Kernel-Proces"));
        Assert.Equal(FakeAdvapi32.Published["Microsoft-Windows-Kernel-Process"], _provider.ResolveProvider("microsoft-windows-kernel-process"));
    }

    [Fact]
    public void Counts_events_that_the_system_lost()
    {
        using TelemetryTrace trace = TelemetryTrace.Start(_provider, new TraceRequest { Providers = [Audit()] });
        Assert.True(trace.Statistics.Complete);
        FakeAdvapi32.Sessions[0].EventsLost = 12;
        Assert.Equal(12, trace.Statistics.Lost);
        Assert.False(trace.Statistics.Complete);
        FakeAdvapi32.Sessions[0].EventsLost = 15;
        trace.Stop();
        Assert.Equal(15, trace.Statistics.Lost);
    }

    [Fact]
    public void Changes_nothing_but_its_own_session()
    {
        FakeAdvapi32.AddForeign("EventLog-Security");
        Start(new TraceRequest { Providers = [Audit()] }).Dispose();
        Assert.Equal("EventLog-Security", Assert.Single(FakeAdvapi32.Sessions).Name);
        Assert.DoesNotContain("TraceSetInformation", FakeAdvapi32.Calls);
    }

    [Fact]
    public void Ends_when_somebody_else_stops_the_session()
    {
        TraceHub hub = new();
        using ITraceSession session = Start(new TraceRequest { Providers = [Audit()] }, hub);
        FakeAdvapi32.StopFromOutside("ApiLevel");
        using CancellationTokenSource hang = new(s_hang);
        Assert.False(hub.WaitToRead(hang.Token));
        Assert.True(SpinWait.SpinUntil(() => !session.IsRunning, s_hang));

        // Somebody else took the name since.
        FakeSession other = FakeAdvapi32.AddForeign("ApiLevel");
        session.Stop();
        Assert.Same(other, Assert.Single(FakeAdvapi32.Sessions));
    }

    [Fact]
    public void Finds_orphans_and_stops_only_ours()
    {
        FakeAdvapi32.AddForeign("ApiLevel-night");
        FakeAdvapi32.AddForeign("APILEVEL");
        FakeAdvapi32.AddForeign("ApiLevelish");
        FakeAdvapi32.AddForeign("NT Kernel Logger");
        Assert.Equal(["APILEVEL", "ApiLevel-night"], _provider.GetOwnSessions().Select(static info => info.Name).Order(StringComparer.Ordinal));
        _provider.StopOwnSession("ApiLevel-night");
        Assert.Equal(
            TraceFailureReason.SessionNotOwn, Assert.Throws<TraceException>(() => _provider.StopOwnSession("NT Kernel Logger")).Failure.Reason);
        Assert.Equal(
            TraceFailureReason.SessionNotOwn, Assert.Throws<TraceException>(() => _provider.StopOwnSession("ApiLevelish")).Failure.Reason);
        Assert.Equal(
            TraceFailureReason.SessionNotFound, Assert.Throws<TraceException>(() => _provider.StopOwnSession("ApiLevel-none")).Failure.Reason);
        Assert.Equal(3, FakeAdvapi32.Sessions.Count);
    }

    [Fact]
    public void Counts_failing_handlers_and_keeps_the_first()
    {
        TraceHub hub = new();
        int number = 0;
        using ITraceSession session = Start(
            new TraceRequest { Providers = [Audit()], Accept = _ => number++ == 2 ? true : throw new InvalidOperationException("handler " + number) }, hub);
        for (int i = 0; i < 3; i++)
        {
            FakeAdvapi32.Sessions[0].Write(new FakeEvent(s_audit, 5, 1));
        }

        ReadOne(hub);
        Assert.Equal(2, hub.Failed);
        Assert.Equal("handler 1", hub.FirstFailure!.Message);
        Assert.True(session.IsRunning);
    }

    [Fact]
    public void Loses_none_of_100_000_events_with_a_reader_that_keeps_up()
    {
        const int Count = 100_000;
        using TelemetryTrace trace = TelemetryTrace.Start(_provider, new TraceRequest { Providers = [Audit()] });
        FakeSession session = FakeAdvapi32.Sessions[0];
        for (int i = 0; i < Count; i++)
        {
            session.Write(new FakeEvent(s_audit, 5, i) { Payload = BitConverter.GetBytes(i) });
        }

        int next = 0;
        using CancellationTokenSource hang = new(s_hang);
        while (next < Count && trace.WaitToRead(hang.Token))
        {
            while (trace.TryRead(out EventRecord? record))
            {
                Assert.Equal(next++, record.ProcessId);
            }
        }

        Assert.Equal(new TraceStatistics(Count, 0, 0, 0), trace.Statistics);
    }

    [Fact]
    public void Two_hundred_starts_and_stops_with_failures_leave_nothing_behind()
    {
        int seed = Environment.TickCount;
        Random random = new(seed);
        TestContext.Current.TestOutputHelper?.WriteLine("seed " + seed);
        int[] codes = [5, 8, 32, 50, 87, 112, 161, 183, 1168, 1450, 1500, 4201];
        int[] controlCodes = [5, 8, 50, 87, 1450];
        FakeAdvapi32.AddForeign("EventLog-Security");
        FakeAdvapi32.AddForeign("Somebody's ApiLevel");
        int started = 0;
        int failed = 0;
        for (int cycle = 0; cycle < 200; cycle++)
        {
            // Stopping is what cleans up: it fails at most once in a row, as a busy system would. A system that says "no such session"
            // of one that runs is not among the failures.
            bool stopFailed = false;
            FakeAdvapi32.Fail = function =>
            {
                lock (random)
                {
                    bool fails = random.Next(8) == 0 && function is not "CloseTrace" && !(function == "ControlTraceStop" && stopFailed);
                    stopFailed |= fails && function == "ControlTraceStop";
                    int[] of = function.StartsWith("ControlTrace", StringComparison.Ordinal) ? controlCodes : codes;
                    return fails ? of[random.Next(of.Length)] : null;
                }
            };
            TelemetryTrace? trace = null;
            FakeAdvapi32.Calls.Clear();
            try
            {
                string? path = random.Next(2) == 0 ? Path.Combine(Path.GetTempPath(), "cycle.etl") : null;
                trace = TelemetryTrace.Start(_provider, new TraceRequest { Providers = [Audit(), Audit(5)], Path = path });
                started++;
                FakeAdvapi32.Find("ApiLevel")?.Write(new FakeEvent(s_audit, 5, cycle));
                trace.Flush();
                _ = trace.Statistics;
            }
            catch (TraceException)
            {
                failed++;
            }

            for (int attempt = 0; trace is not null && attempt < 5; attempt++)
            {
                try
                {
                    trace.Dispose();
                    break;
                }
                catch (TraceException)
                {
                    failed++;
                    FakeAdvapi32.Fail = null;
                }
            }

            FakeAdvapi32.Fail = null;
            Assert.DoesNotContain("TraceSetInformation", FakeAdvapi32.Calls);
            Assert.True(
                FakeAdvapi32.Sessions.Select(static session => session.Name).Order(StringComparer.Ordinal)
                    .SequenceEqual(["EventLog-Security", "Somebody's ApiLevel"]),
                $"cycle {cycle} left a session after " + string.Join(", ", FakeAdvapi32.Calls));
        }

        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.True(started > 10, $"{started} of 200 started");
        Assert.True(failed > 10, $"{failed} failures");
        Assert.Empty(TraceRegistry.Traces);
    }

    private static TraceProviderRequest Audit(params int[] ids) => new()
    {
        Name = "Microsoft-Windows-Kernel-Audit-API-Calls",
        Id = s_audit,
        Keywords = 0x70,
        Level = 4,
        EventIds = ids,
    };

    private static EventRecord ReadOne(TraceHub hub)
    {
        using CancellationTokenSource hang = new(s_hang);
        Assert.True(hub.WaitToRead(hang.Token));
        Assert.True(hub.TryRead(out EventRecord? record));
        return record;
    }

    private ITraceSession Start(TraceRequest request, TraceHub? hub = null) => _provider.Start(request, hub ?? new TraceHub());

    private TraceFailure StartFailure() =>
        Assert.Throws<TraceException>(() => Start(new TraceRequest { Providers = [Audit()] })).Failure;
}
