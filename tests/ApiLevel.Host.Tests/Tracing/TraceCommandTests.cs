using System;
using System.Collections;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Reflection;
using System.Threading;
using System.Threading.Tasks;
using ApiLevel.Host.Tests.Support;
using ApiLevel.Tracing.Tests.Etw;

namespace ApiLevel.Host.Tests.Tracing;

/// <summary>The shipped commands: event pipes against a real program, ETW over a fake of advapi32.</summary>
[Collection("Tracing")]
public sealed class TraceCommandTests : IDisposable
{
    private static readonly TimeSpan s_hang = TimeSpan.FromSeconds(60);
    private static readonly Lazy<Assembly[]> s_etwCallers = new(LoadEtwCallers);
    private readonly EngineFixture _engine = new();
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        _engine.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Three_calls_get_three_different_answers()
    {
        EngineResult result = _engine.Invoke("Get-ApiTracePlan -Api NtOpenProcess, WriteProcessMemory, LogonUser");
        IReadOnlyList<PSObject> rows = result.WithoutErrors();
        PSObject open = rows.First(static row => Text(row, "Api") == "NtOpenProcess");
        Assert.Equal("Microsoft-Windows-Kernel-Audit-API-Calls", Text(open, "Source"));
        Assert.Equal(5, open.Properties["EventId"].Value);
        Assert.Equal(true, open.Properties["Deliverable"].Value);
        Assert.Equal("ApiLevel", Text(open, "Session"));

        PSObject[] write = [.. rows.Where(static row => Text(row, "Api") == "WriteProcessMemory")];
        Assert.NotEmpty(write);
        Assert.All(write, static row => Assert.Equal(false, row.Properties["Deliverable"].Value));
        Assert.Equal("Microsoft-Windows-Threat-Intelligence", Text(write[0], "Source"));
        Assert.Contains("PPL", Text(write[0], "Reason"), StringComparison.Ordinal);
        Assert.NotEmpty(Text(write[0], "Alternative"));

        PSObject logon = rows.First(static row => Text(row, "Api") == "LogonUser" && Equals(row.Properties["EventId"].Value, 4624));
        Assert.Equal(false, logon.Properties["Deliverable"].Value);
        Assert.Equal("EventLog-Security", Text(logon, "Session"));
        Assert.Contains("LogName='Security'", Text(logon, "Alternative"), StringComparison.Ordinal);
    }

    [Fact]
    public void WhatIf_writes_the_plan_and_starts_nothing()
    {
        EngineResult result = _engine.Invoke("Start-ApiTelemetryTrace -Api NtOpenProcess -WhatIf");
        Assert.All(result.WithoutErrors(), static row => Assert.Equal("ApiLevel.ApiTracePlan", row.TypeNames[0]));
        Assert.NotEmpty(result.Objects);
        Assert.Empty(_engine.Invoke("Get-ApiTelemetryTrace").WithoutErrors());
    }

    [Fact]
    public void Traces_a_program_from_its_start_through_one_pipeline_and_leaves_nothing()
    {
        EngineResult result = _engine.Invoke(
            "Start-ApiTelemetryTrace -FilePath $program -ArgumentList now -Api OpenProcess, CreateProcess, LogonUser | Receive-ApiTelemetryTrace -Wait",
            Program());
        IReadOnlyList<PSObject> rows = result.WithoutErrors();
        Assert.Equal(["CreateProcess", "LogonUser", "OpenProcess"], Names(rows));
        Assert.All(rows, static row => Assert.Equal("Direct", Text(row, "Confidence")));
        Assert.Empty(_engine.Invoke("Get-ApiTelemetryTrace").WithoutErrors());
    }

    [Fact]
    public void Receives_stops_and_resumes()
    {
        using TracedProgram program = new();
        Hashtable variables = new() { ["id"] = program.Id };
        PSObject trace = Assert.Single(_engine.Invoke("$global:t = Start-ApiTelemetryTrace -ProcessId $id -Name resume; $t", variables).WithoutErrors());
        Assert.Equal("ApiLevel-resume", Text(trace, "Name"));
        Assert.Equal("Running", Text(trace, "State"));
        Assert.Equal(program.Id, trace.Properties["ProcessId"].Value);
        program.Go();
        Assert.Single(_engine.Invoke("Receive-ApiTelemetryTrace $t -MaxEvents 1").WithoutErrors());
        Assert.Equal(2, _engine.Invoke("Receive-ApiTelemetryTrace -Name resume -MaxEvents 2 -Field EntryPoint").WithoutErrors().Count);
        Assert.True((long)trace.Properties["EventsSeen"].Value >= 3);
        PSObject stopped = Assert.Single(_engine.Invoke("$t | Stop-ApiTelemetryTrace").WithoutErrors());
        Assert.Equal("Stopped", Text(stopped, "State"));
        Assert.Equal("Stopped", Text(trace, "State"));
        Assert.NotEmpty(_engine.Invoke("$t | Receive-ApiTelemetryTrace -Wait").WithoutErrors());
        Assert.Empty(_engine.Invoke("Get-ApiTelemetryTrace").WithoutErrors());
    }

    [Fact]
    public void The_file_tells_the_same_as_the_live_trace()
    {
        Hashtable variables = Program();
        variables["path"] = Path.Combine(_folder.Path, "trace.nettrace");
        EngineResult live = _engine.Invoke(
            "Start-ApiTelemetryTrace -FilePath $program -ArgumentList now -Path $path -Api OpenProcess, LogonUser, NtOpenProcess | Receive-ApiTelemetryTrace -Wait",
            variables);
        EngineResult file = _engine.Invoke("Get-ApiTelemetryEvent -Path $path -Api OpenProcess, LogonUser, NtOpenProcess", variables);
        Assert.Equal(["LogonUser", "NtOpenProcess", "OpenProcess"], Names(live.WithoutErrors()));
        Assert.Equal(Names(live.Objects), Names(file.WithoutErrors()));
    }

    [Fact]
    public async Task Ctrl_C_ends_the_receiving_and_not_the_trace()
    {
        using TracedProgram program = new();
        _engine.Invoke("$global:t = Start-ApiTelemetryTrace -ProcessId $id", new Hashtable { ["id"] = program.Id }).WithoutErrors();
        using (PowerShell shell = PowerShell.Create(_engine.Runspace))
        {
            shell.AddScript("Receive-ApiTelemetryTrace $t -Wait");
            Task<PSDataCollection<PSObject>> receiving = shell.InvokeAsync();
            await Task.Delay(200, TestContext.Current.CancellationToken);
            await shell.StopAsync(null, null).WaitAsync(s_hang, TestContext.Current.CancellationToken);
            await Task.WhenAny(receiving, Task.Delay(s_hang, TestContext.Current.CancellationToken));
            Assert.Equal(PSInvocationState.Stopped, shell.InvocationStateInfo.State);
        }

        Assert.Equal(["Running"], _engine.Invoke("Get-ApiTelemetryTrace").Values("State"));
        program.Go();
        Assert.NotEmpty(_engine.Invoke("Receive-ApiTelemetryTrace $t -MaxEvents 1").WithoutErrors());
    }

    [Theory]
    [InlineData("| ForEach-Object { throw 'enough' }")]
    [InlineData("| ForEach-Object { break }")]
    public void A_consumer_that_ends_the_pipeline_ends_the_trace_that_was_started_in_it(string consumer)
    {
        Hashtable variables = Program();
        _engine.Invoke($"foreach ($i in 1) {{ Start-ApiTelemetryTrace -FilePath $program -ArgumentList now | Receive-ApiTelemetryTrace -Wait {consumer} }}", variables);
        Assert.Empty(_engine.Invoke("Get-ApiTelemetryTrace").WithoutErrors());
    }

    [Fact]
    public void A_closing_runspace_ends_its_traces()
    {
        using TracedProgram program = new();
        EngineFixture other = new();
        other.Invoke("Start-ApiTelemetryTrace -ProcessId $id -Name closing", new Hashtable { ["id"] = program.Id }).WithoutErrors();
        Assert.Single(_engine.Invoke("Get-ApiTelemetryTrace -Name closing").WithoutErrors());
        other.Dispose();
        Assert.True(SpinWait.SpinUntil(() => _engine.Invoke("Get-ApiTelemetryTrace").Objects.Count == 0, s_hang));
    }

    [Fact]
    public void Removing_the_module_ends_its_traces()
    {
        using TracedProgram program = new();
        using EngineFixture other = new();
        other.Invoke("Start-ApiTelemetryTrace -ProcessId $id -Name removed", new Hashtable { ["id"] = program.Id }).WithoutErrors();
        other.Invoke("Remove-Module ApiLevel").WithoutErrors();
        Assert.Empty(_engine.Invoke("Get-ApiTelemetryTrace").WithoutErrors());
    }

    [Fact]
    public void Takes_processes_from_the_pipeline_and_by_name()
    {
        // Suites run side by side, and others start the same program.
        string name = "ApiLevel.Host.Target" + Environment.ProcessId;
        using TracedProgram program = new(name);
        EngineResult piped = _engine.Invoke(
            "[System.Diagnostics.Process]::GetProcessById($id) | Start-ApiTelemetryTrace -Name piped -Kind EventPipe", new Hashtable { ["id"] = program.Id });
        Assert.Equal(program.Id, Assert.Single(piped.WithoutErrors()).Properties["ProcessId"].Value);
        EngineResult named = _engine.Invoke("Start-ApiTelemetryTrace -ProcessName $name -Name named -Kind EventPipe", new Hashtable { ["name"] = name });
        Assert.Equal(program.Id, Assert.Single(named.Objects).Properties["ProcessId"].Value);
        Assert.Equal(["TraceProcessNotFound", "TraceNothingAsked"], _engine.Invoke("Start-ApiTelemetryTrace -ProcessName nobody-has-it -Kind EventPipe").ErrorIds);
        _engine.Invoke("Get-ApiTelemetryTrace | Stop-ApiTelemetryTrace").WithoutErrors();
    }

    [Fact]
    public void Piped_names_make_one_session()
    {
        UseFake();
        _engine.Invoke("'NtOpenProcess', 'NtOpenThread' | Start-ApiTelemetryTrace").WithoutErrors();
        Assert.Single(FakeAdvapi32.Sessions);
        Assert.Single(FakeAdvapi32.Enabled, static call => call.Provider == new Guid("e02a841c-75a3-4fa7-afc8-ae09cf9b7f23"));
        _engine.Invoke("Get-ApiTelemetryTrace | Stop-ApiTelemetryTrace").WithoutErrors();
    }

    [Fact]
    public void Bare_numbers_of_a_duration_are_seconds()
    {
        using TracedProgram program = new();
        EngineResult result = _engine.Invoke(
            "Start-ApiTelemetryTrace -ProcessId $id -Duration 0.4 | Receive-ApiTelemetryTrace -Wait", new Hashtable { ["id"] = program.Id });
        Assert.Empty(result.Errors);
    }

    [Theory]
    [InlineData("Start-ApiTelemetryTrace", "TraceNothingAsked", ErrorCategory.InvalidArgument)]
    [InlineData("Start-ApiTelemetryTrace -Api WriteProcessMemory", "TraceNothingDelivered", ErrorCategory.InvalidOperation)]
    [InlineData("Start-ApiTelemetryTrace -ProcessId 2147483600 -Kind EventPipe", "TraceProcessNotFound", ErrorCategory.ObjectNotFound)]
    [InlineData("Start-ApiTelemetryTrace -FilePath ./no/such/program", "TraceProgramNotFound", ErrorCategory.ObjectNotFound)]
    [InlineData("Start-ApiTelemetryTrace -Api NtOpenProcess -Name 'a*b'", "TraceNameInvalid", ErrorCategory.InvalidArgument)]
    [InlineData("Start-ApiTelemetryTrace -FilePath x -Path y.etl", "TracePathInvalid", ErrorCategory.InvalidArgument)]
    [InlineData("Stop-ApiTelemetryTrace -Name none", "TraceSessionNotFound", ErrorCategory.ObjectNotFound)]
    [InlineData("Receive-ApiTelemetryTrace -Name none", "TraceSessionNotFound", ErrorCategory.ObjectNotFound)]
    [InlineData("Get-ApiTelemetryTrace -Name none", "TraceSessionNotFound", ErrorCategory.ObjectNotFound)]
    [InlineData("Get-ApiTracePlan -Api NoSuchFunctionAnywhere", "ApiNotFound", ErrorCategory.ObjectNotFound)]
    public void Names_what_is_wrong(string script, string id, ErrorCategory category)
    {
        ErrorRecord error = Assert.Single(_engine.Invoke(script).Errors);
        Assert.Equal(id, error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(category, error.CategoryInfo.Category);
    }

    [Fact]
    public void An_ETW_trace_runs_from_start_to_stop()
    {
        UseFake();
        Guid audit = new("e02a841c-75a3-4fa7-afc8-ae09cf9b7f23");
        EngineResult start = _engine.Invoke("$global:t = Start-ApiTelemetryTrace -Api NtOpenProcess -Provider Microsoft-Windows-Kernel-Audit-API-Calls -Kind Etw -ProcessId 7 -StackTrace; $t");
        PSObject trace = Assert.Single(start.WithoutErrors());
        FakeSession session = Assert.Single(FakeAdvapi32.Sessions);
        Assert.Equal("ApiLevel", session.Name);
        Assert.Contains(FakeAdvapi32.Enabled, call => call.Provider == audit);
        session.Write(new FakeEvent(audit, 5, 8));
        session.Write(new FakeEvent(audit, 5, 7) { Payload = [57, 48, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0], Frames = [0, 0x7FF0] });
        PSObject row = Assert.Single(_engine.Invoke("Receive-ApiTelemetryTrace $t -MaxEvents 1 -Field TargetProcessId, Stack").WithoutErrors());
        Assert.Equal("Microsoft-Windows-Kernel-Audit-API-Calls", Text(row, "Source"));
        Assert.Equal(5, row.Properties["EventId"].Value);
        Assert.Equal("NtOpenProcess", Text(row, "Api"));
        Assert.Equal("12345", Text(row, "TargetProcessId"));
        Assert.Equal("0x7FF0", Text(row, "Stack"));
        session.EventsLost = 4;
        Assert.Equal(4L, trace.Properties["EventsLost"].Value);
        Assert.Equal(false, trace.Properties["Complete"].Value);
        Assert.Contains("lost 4", Assert.Single(_engine.Invoke("Receive-ApiTelemetryTrace $t").Warnings), StringComparison.Ordinal);
        _engine.Invoke("Stop-ApiTelemetryTrace -Name ApiLevel").WithoutErrors();
        Assert.Empty(FakeAdvapi32.Sessions);
    }

    [Theory]
    [InlineData("StartTrace", 5, "TraceAccessDenied", ErrorCategory.PermissionDenied)]
    [InlineData("StartTrace", 183, "TraceSessionExists", ErrorCategory.ResourceExists)]
    [InlineData("StartTrace", 1450, "TraceSessionLimit", ErrorCategory.LimitsExceeded)]
    [InlineData("StartTrace", 112, "TraceNoDiskSpace", ErrorCategory.WriteError)]
    [InlineData("StartTrace", 50, "TraceFailed", ErrorCategory.OperationStopped)]
    [InlineData("EnableTraceEx2", 5, "TraceProviderDenied", ErrorCategory.PermissionDenied)]
    public void Errors_of_ETW_become_ids(string function, int code, string id, ErrorCategory category)
    {
        UseFake();
        FakeAdvapi32.Fail = called => called == function ? code : null;
        EngineResult result = _engine.Invoke("Start-ApiTelemetryTrace -Provider Microsoft-Windows-Kernel-Audit-API-Calls");
        ErrorRecord error = Assert.Single(result.Errors);
        Assert.Equal(id, error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(category, error.CategoryInfo.Category);
        Assert.Empty(result.Objects);
        Assert.Empty(FakeAdvapi32.Sessions);
    }

    [Fact]
    public void An_unknown_provider_is_an_error_and_the_others_start()
    {
        UseFake();
        EngineResult result = _engine.Invoke("Start-ApiTelemetryTrace -Provider Microsoft-Windows-Kernel-Audit-API-Calls, Microsoft-Windows-Misspelt");
        Assert.Equal(["TraceProviderUnknown"], result.ErrorIds);
        Assert.Single(result.Objects);
        Assert.Single(FakeAdvapi32.Enabled);
        _engine.Invoke("Get-ApiTelemetryTrace | Stop-ApiTelemetryTrace").WithoutErrors();
    }

    [Fact]
    public void Foreign_sessions_stay_and_orphans_of_ours_are_found()
    {
        UseFake();
        FakeAdvapi32.AddForeign("NT Kernel Logger");
        FakeAdvapi32.AddForeign("ApiLevel-left");
        Assert.Equal(["ApiLevel-left"], _engine.Invoke("Get-ApiTelemetryTrace -Orphaned").Values("Name"));
        Assert.Equal(["Orphaned"], _engine.Invoke("Get-ApiTelemetryTrace -Orphaned").Values("State"));
        Assert.Empty(_engine.Invoke("Stop-ApiTelemetryTrace -Orphaned -WhatIf").WithoutErrors());
        Assert.Equal(2, FakeAdvapi32.Sessions.Count);
        Assert.Equal(["TraceSessionExists"], _engine.Invoke("Start-ApiTelemetryTrace -Api NtOpenProcess -Name left").ErrorIds);
        Assert.Single(_engine.Invoke("Stop-ApiTelemetryTrace -Orphaned").WithoutErrors());
        Assert.Equal("NT Kernel Logger", Assert.Single(FakeAdvapi32.Sessions).Name);
    }

    private static Hashtable Program() => new() { ["program"] = TracedProgram.Path };

    private static string Text(PSObject row, string property) => row.Properties[property].Value?.ToString() ?? "";

    private static string[] Names(IEnumerable<PSObject> rows) =>
        [.. rows.Select(static row => Text(row, "Api")).Order(StringComparer.Ordinal)];

    private void UseFake()
    {
        if (!OperatingSystem.IsWindows() && !s_etwCallers.IsValueCreated)
        {
            // Before there is a fake this system has no ETW, and the shipped command says so.
            ErrorRecord error = Assert.Single(_engine.Invoke("Start-ApiTelemetryTrace -Api NtOpenProcess").Errors);
            Assert.Equal("TraceNeedsWindows", error.FullyQualifiedErrorId.Split(',')[0]);
            Assert.Equal(ErrorCategory.NotEnabled, error.CategoryInfo.Category);
            Assert.Empty(_engine.Invoke("Get-ApiTelemetryTrace -Orphaned").WithoutErrors());
        }

        FakeAdvapi32.Use(s_etwCallers.Value);
    }

    // The module's own copies, in its private load context: what was loaded by the commands above.
    private static Assembly[] LoadEtwCallers() =>
    [
        .. AppDomain.CurrentDomain.GetAssemblies()
            .Where(static assembly => assembly.GetName().Name is "ApiLevel.Tracing" or "Microsoft.Diagnostics.Tracing.TraceEvent"),
    ];
}
