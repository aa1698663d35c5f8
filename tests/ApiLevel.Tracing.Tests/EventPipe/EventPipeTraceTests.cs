using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using ApiLevel.Formats;

namespace ApiLevel.Tracing.Tests.EventPipe;

[Collection("Sessions")]
public sealed class EventPipeTraceTests : IDisposable
{
    private static readonly TimeSpan s_hang = TimeSpan.FromSeconds(30);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();
    private readonly TracingProvider _provider = new();

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Names_each_native_call_once_with_its_module_after_attaching()
    {
        using TargetProgram target = new("wait");
        using TelemetryTrace trace = Attach(target);
        Assert.Equal(target.Id, trace.ProcessId);

        target.Go();
        List<EventRecord> live = ReadCalls(trace, TargetProgram.Calls.Length);
        trace.Stop();
        live.AddRange(Drain(trace));

        Assert.Equal(TargetProgram.Calls, CallsOf(live));
        Assert.True(trace.Statistics.Complete);
        Assert.Equal(TraceState.Stopped, trace.State);
        EventRecord open = Assert.Single(live, record => Equals(record["Api"], "kernel32!OpenProcess"));
        Assert.Equal("kernel32.dll", open["NativeLibrary"]);
        Assert.Equal(88, open.EventId);
        Assert.Equal("Microsoft-Windows-DotNETRuntime", open.Provider);
        Assert.Equal(target.Id, open.ProcessId);
        Assert.Equal("Stub", open["Witness"]);
        Assert.InRange(open.TimeCreated!.Value, DateTime.UtcNow.AddMinutes(-5), DateTime.UtcNow.AddMinutes(1));
    }

    [Fact]
    public void Delivers_while_the_process_is_silent_again()
    {
        // The reader behind holds events back until a later one comes; nothing comes after these.
        using TargetProgram target = new("wait");
        using TelemetryTrace trace = Attach(target);

        // What asks for the loaded modules at the start flushes, too; it has to be over.
        Thread.Sleep(TimeSpan.FromSeconds(2));
        target.Go();
        Assert.Equal(TargetProgram.Calls, CallsOf(ReadCalls(trace, TargetProgram.Calls.Length)));
        Assert.Equal(TraceState.Running, trace.State);
    }

    [Fact]
    public void Says_which_call_was_only_seen_in_the_code_of_its_caller()
    {
        using TargetProgram target = new("wait");
        using TelemetryTrace trace = Attach(target);
        target.Go();
        List<EventRecord> live = ReadCalls(trace, TargetProgram.Calls.Length);
        EventRecord plain = Assert.Single(live, record => Equals(record["Api"], "libc!getppid"));
        Assert.Equal("CallerCompiled", plain["Witness"]);
        Assert.Contains("NativeCalls", (string)plain["Caller"]!, StringComparison.Ordinal);
        Assert.Equal(143, plain.EventId);
        Assert.Equal("Stub", Assert.Single(live, record => Equals(record["Api"], "advapi32!LogonUserW"))["Witness"]);
    }

    [Fact]
    public async Task The_end_of_a_program_blocks_nobody_who_asks_whether_it_runs()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        for (int i = 0; i < 4; i++)
        {
            // Many ask at odd times, so that one of them asks in the moment in which the system tells of the end.
            int name = i;
            Task run = Task.Run(
                () => Parallel.For(0, 6, new ParallelOptions { MaxDegreeOfParallelism = 6 }, program =>
                {
                    using TelemetryTrace trace = TelemetryTrace.Start(
                        _provider,
                        new TraceRequest { Name = $"end{name}-{program}", Kind = TraceKind.EventPipe, FilePath = TargetProgram.Path, Arguments = ["now"], Accept = OfTarget });
                    for (int spin = 0; trace.State == TraceState.Running; spin = (spin + 37) % 400)
                    {
                        Thread.SpinWait(spin);
                    }
                }),
                cancellation);
            Assert.Same(run, await Task.WhenAny(run, Task.Delay(s_hang, cancellation)));
            await run;
        }
    }

    [Fact]
    public void Sees_the_calls_of_a_program_that_it_starts_from_the_first_one_on()
    {
        using TelemetryTrace trace = TelemetryTrace.Start(
            _provider,
            new TraceRequest { Name = "start", Kind = TraceKind.EventPipe, FilePath = TargetProgram.Path, Arguments = ["now"], Accept = OfTarget });
        List<EventRecord> all = ReadToEnd(trace);
        Assert.Equal(TargetProgram.Calls, CallsOf(all));
        Assert.True(trace.Statistics.Complete);
        Assert.NotEqual(TraceState.Running, trace.State);
    }

    [Fact]
    public void Sees_the_same_calls_in_the_file()
    {
        string path = Path.Combine(_folder.FullName, "attach.nettrace");
        using TargetProgram target = new("wait");
        using (TelemetryTrace trace = Attach(target, path))
        {
            target.Go();
            Assert.Equal(TargetProgram.Calls, CallsOf(ReadCalls(trace, TargetProgram.Calls.Length)));
        }

        using EventFileReader? reader = _provider.OpenFile(path, null, out ReadFailure? failure);
        Assert.Null(failure);
        List<EventRecord> file = [.. reader!];
        Assert.True(reader!.Complete, string.Join(Environment.NewLine, reader.Problems));
        Assert.Equal(TargetProgram.Calls, CallsOf(file.Where(OfTarget)));
    }

    [Fact]
    public void Leaves_a_file_that_can_be_read_when_it_stops_at_once()
    {
        // The runtime was resumed a moment ago; whether it had begun to write is a matter of luck, so several times.
        for (int i = 0; i < 30; i++)
        {
            string path = Path.Combine(_folder.FullName, $"short{i}.nettrace");
            TraceRequest request = new()
            {
                Name = "short",
                Kind = TraceKind.EventPipe,
                FilePath = TargetProgram.Path,
                Arguments = ["file", Path.Combine(_folder.FullName, "never")],
                Path = path,
            };
            using TelemetryTrace trace = TelemetryTrace.Start(_provider, request);
            using Process program = Process.GetProcessById(trace.ProcessId!.Value);
            trace.Stop();
            program.Kill();

            Assert.Empty(trace.Problems);
            using EventFileReader? reader = _provider.OpenFile(path, null, out ReadFailure? failure);
            Assert.Null(failure);
            foreach (EventRecord _ in reader!)
            {
                // To the end.
            }

            Assert.True(reader.Complete, string.Join(Environment.NewLine, reader.Problems));
        }
    }

    [Fact]
    public void Reads_what_a_killed_process_left_in_the_file()
    {
        string path = Path.Combine(_folder.FullName, "killed.nettrace");
        using TargetProgram target = new("wait");
        using (TelemetryTrace trace = Attach(target, path))
        {
            target.Go();
            ReadCalls(trace, TargetProgram.Calls.Length);
            target.Kill();
            ReadToEnd(trace);
            Assert.NotEqual(TraceState.Running, trace.State);
        }

        using EventFileReader? reader = _provider.OpenFile(path, null, out _);
        List<EventRecord> file = [.. reader!];
        Assert.False(reader!.Complete);
        Assert.NotEmpty(reader.Problems);
        Assert.Contains(file, static record => record.EventId == 88 && Equals(record["ManagedInteropMethodName"], "OpenProcess"));
    }

    [Fact]
    public void Follows_children_when_asked()
    {
        string marker = Path.Combine(_folder.FullName, "child.txt");
        using TelemetryTrace trace = TelemetryTrace.Start(_provider, new TraceRequest
        {
            Name = "children",
            Kind = TraceKind.EventPipe,
            FilePath = TargetProgram.Path,
            Arguments = ["child", marker],
            FollowChildren = true,
            Accept = OfTarget,
        });
        List<EventRecord> all = ReadToEnd(trace);
        Assert.Equal("child 0", File.ReadAllText(marker));
        Assert.Equal(TargetProgram.Calls, CallsOf(all));
        Assert.All(all, record => Assert.NotEqual(trace.ProcessId, record.ProcessId));
    }

    [Fact]
    public void Lets_children_run_untraced_when_not_asked()
    {
        string marker = Path.Combine(_folder.FullName, "child.txt");
        using TelemetryTrace trace = TelemetryTrace.Start(_provider, new TraceRequest
        {
            Name = "no children",
            Kind = TraceKind.EventPipe,
            FilePath = TargetProgram.Path,
            Arguments = ["child", marker],
            Accept = OfTarget,
        });
        Assert.Empty(ReadToEnd(trace));
        Assert.Equal("child 0", File.ReadAllText(marker));
    }

    [Fact]
    public void A_stopped_trace_lets_the_program_start_children()
    {
        // A runtime that inherits a port with nobody behind it waits for ever.
        string go = Path.Combine(_folder.FullName, "go");
        TelemetryTrace trace = TelemetryTrace.Start(_provider, new TraceRequest
        {
            Name = "stopped",
            Kind = TraceKind.EventPipe,
            FilePath = TargetProgram.Path,
            Arguments = ["file", go],
            FollowChildren = true,
        });
        int id = trace.ProcessId!.Value;
        trace.Dispose();
        using Process program = Process.GetProcessById(id);
        File.WriteAllText(go, "");
        Assert.True(program.WaitForExit(s_hang));
    }

    [Fact]
    public void Reports_managed_members_that_were_asked_for()
    {
        string marker = Path.Combine(_folder.FullName, "child.txt");
        using TelemetryTrace trace = TelemetryTrace.Start(_provider, new TraceRequest
        {
            Name = "members",
            Kind = TraceKind.EventPipe,
            FilePath = TargetProgram.Path,
            Arguments = ["child", marker],
            ManagedMembers = ["System.Diagnostics.Process::Start", "System.Net.WebClient::DownloadData"],
            Accept = static record => record["MethodName"] is not null,
        });
        EventRecord start = Assert.Single(ReadToEnd(trace));
        Assert.Equal("System.Diagnostics.Process::Start", start["Api"]);
    }

    [Fact]
    public void Delivers_events_of_other_sources_with_their_fields()
    {
        using TargetProgram target = new("flood", "100");
        using TelemetryTrace trace = TelemetryTrace.Start(_provider, FloodOf(target, "source"));
        target.Go();
        List<EventRecord> all = Read(trace, 100, static record => record.Provider == "ApiLevel-Test-Flood");
        Assert.Equal(Enumerable.Range(0, 100).Select(static i => (object)(long)i), all.Select(static record => record["number"]));
        Assert.All(all, static record => Assert.Equal("drop", record["text"]));
        Assert.All(all, static record => Assert.Equal(7, record.EventId));
    }

    [Fact]
    public void Loses_none_of_100_000_events_with_a_reader_that_keeps_up()
    {
        const int Count = 100_000;
        using TargetProgram target = new("flood", "100000");
        using TelemetryTrace trace = TelemetryTrace.Start(_provider, FloodOf(target, "flood"));
        Thread go = new(() => target.Go());
        go.Start();
        int read = Read(trace, Count, static record => record.EventId == 7).Count;
        go.Join();
        Assert.Equal(Count, read);
        Assert.Equal(0, trace.Statistics.Dropped);
        Assert.Equal(0, trace.Statistics.Lost);
        Assert.True(trace.Statistics.Complete);
    }

    [Fact]
    public void Says_what_is_wrong_with_the_process()
    {
        TraceException none = Assert.Throws<TraceException>(() => AttachTo(int.MaxValue - 5));
        Assert.Equal(TraceFailureReason.ProcessNotFound, none.Failure.Reason);

        using Process native = Process.Start(new ProcessStartInfo("sleep", "60"))!;
        try
        {
            TraceException other = Assert.Throws<TraceException>(() => AttachTo(native.Id));
            Assert.Equal(TraceFailureReason.ProcessNotDotNet, other.Failure.Reason);
        }
        finally
        {
            native.Kill();
        }
    }

    [Fact]
    public void Says_what_is_wrong_with_the_program()
    {
        Assert.Equal(TraceFailureReason.ProgramNotFound, StartFailure(Path.Combine(_folder.FullName, "absent")).Reason);
        Assert.Equal(TraceFailureReason.ProgramNotDotNet, StartFailure("true").Reason);
        Assert.Equal(TraceFailureReason.PathInvalid, StartFailure(TargetProgram.Path, Path.Combine(_folder.FullName, "a.etl")).Reason);
        Assert.Equal(
            TraceFailureReason.PathInvalid, StartFailure(TargetProgram.Path, Path.Combine(_folder.FullName, "no", "a.nettrace")).Reason);
    }

    [Fact]
    public void Ends_after_the_asked_number_of_events()
    {
        using TargetProgram target = new("wait");
        using TelemetryTrace trace = TelemetryTrace.Start(_provider, RequestOf(target, null, "limit"), maximumEvents: 2);
        target.Go();
        Assert.Equal(2, ReadToEnd(trace).Count);
        Assert.Equal(2, trace.Statistics.Seen);
        Assert.True(SpinWait.SpinUntil(() => trace.State == TraceState.Stopped, s_hang));
    }

    [Fact]
    public void Ends_after_the_asked_time()
    {
        using TargetProgram target = new("wait");
        using TelemetryTrace trace = TelemetryTrace.Start(_provider, RequestOf(target, null, "time"), TimeSpan.FromMilliseconds(300));
        ReadToEnd(trace);
        Assert.True(SpinWait.SpinUntil(() => trace.State == TraceState.Stopped, s_hang));
    }

    [Fact]
    public void Holds_a_name_once()
    {
        using TargetProgram target = new("wait");
        using TelemetryTrace trace = Attach(target);
        TraceException second = Assert.Throws<TraceException>(() => Attach(target));
        Assert.Equal(TraceFailureReason.SessionExists, second.Failure.Reason);
        trace.Stop();
        using TelemetryTrace again = Attach(target);
        Assert.Equal(TraceState.Running, again.State);
    }

    [Fact]
    public void Stops_with_its_owner()
    {
        using TargetProgram target = new("wait");
        object owner = new();
        TelemetryTrace trace = TelemetryTrace.Start(_provider, RequestOf(target, null, "owner"), owner: owner);
        TraceRegistry.StopAll(new object());
        Assert.Equal(TraceState.Running, trace.State);
        TraceRegistry.StopAll(owner);
        Assert.Equal(TraceState.Stopped, trace.State);
        Assert.DoesNotContain(trace, TraceRegistry.Traces);
    }

    private static bool OfTarget(EventRecord record) =>
        record["ModuleILPath"] is string path && path.EndsWith("ApiLevel.Tracing.Target.dll", StringComparison.Ordinal)
        && record["Witness"] is not null;

    private static string[] CallsOf(IEnumerable<EventRecord> records) =>
        [.. records.Select(static record => (string)record["Api"]!).Order(StringComparer.Ordinal)];

    private static TraceRequest RequestOf(TargetProgram target, string? path, string name) => new()
    {
        Name = name,
        Kind = TraceKind.EventPipe,
        ProcessIds = [target.Id],
        Path = path,
        Accept = OfTarget,
    };

    private static TraceRequest FloodOf(TargetProgram target, string name) => new()
    {
        Name = name,
        Kind = TraceKind.EventPipe,
        ProcessIds = [target.Id],
        Providers = [new TraceProviderRequest { Name = "ApiLevel-Test-Flood" }],
        BufferTotalMB = 256,
        Accept = static record => record.Provider == "ApiLevel-Test-Flood" && record.EventId == 7,
    };

    private static List<EventRecord> ReadCalls(TelemetryTrace trace, int count) => Read(trace, count, static _ => true);

    private static List<EventRecord> Read(TelemetryTrace trace, int count, Func<EventRecord, bool> wanted)
    {
        using CancellationTokenSource hang = new(s_hang);
        List<EventRecord> records = [];
        while (records.Count < count && trace.WaitToRead(hang.Token))
        {
            while (trace.TryRead(out EventRecord? record))
            {
                if (wanted(record))
                {
                    records.Add(record);
                }
            }
        }

        return records;
    }

    private static List<EventRecord> ReadToEnd(TelemetryTrace trace) => Read(trace, int.MaxValue, static _ => true);

    private static List<EventRecord> Drain(TelemetryTrace trace) => ReadToEnd(trace);

    private TelemetryTrace Attach(TargetProgram target, string? path = null) =>
        TelemetryTrace.Start(_provider, RequestOf(target, path, "attach"));

    private ITraceSession AttachTo(int id) =>
        _provider.Start(new TraceRequest { Kind = TraceKind.EventPipe, ProcessIds = [id] }, new TraceHub());

    private TraceFailure StartFailure(string program, string? path = null) => Assert.Throws<TraceException>(() => _provider.Start(
        new TraceRequest { Kind = TraceKind.EventPipe, FilePath = program, Path = path }, new TraceHub())).Failure;
}
