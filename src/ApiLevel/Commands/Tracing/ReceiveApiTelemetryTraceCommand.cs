using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Threading;
using ApiLevel.Attribution;
using ApiLevel.Completion;
using ApiLevel.Errors;
using ApiLevel.Formats;
using ApiLevel.Tracing;

namespace ApiLevel.Commands;

/// <summary>Gets the events of traces: those that are there, or with -Wait all until the trace ends. It can be stopped and called again.</summary>
[Cmdlet(VerbsCommunications.Receive, "ApiTelemetryTrace", DefaultParameterSetName = "Name")]
[OutputType(typeof(ApiTelemetryEvent))]
public sealed class ReceiveApiTelemetryTraceCommand : ApiLevelCommand
{
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(50);

    /// <summary>The traces.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "Trace")]
    [ValidateNotNull]
    public ApiTelemetryTrace[] Trace { get; set; } = [];

    /// <summary>Names of traces of this process; all where it is left out.</summary>
    [Parameter(Position = 0, ParameterSetName = "Name")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(TraceCompleter))]
    public string[]? Name { get; set; }

    /// <summary>Go on until the trace ends.</summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    /// <summary>How long to receive; a bare number is seconds. The trace goes on.</summary>
    [Parameter]
    [Seconds]
    public TimeSpan? Duration { get; set; }

    /// <summary>How many events to receive. The trace goes on.</summary>
    [Parameter]
    [ValidateRange(1, long.MaxValue)]
    public long? MaxEvents { get; set; }

    /// <summary>Fields of the payload to add as columns.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(FieldCompleter))]
    public string[]? Field { get; set; }

    private readonly List<ApiTelemetryTrace> _traces = [];
    private readonly List<ApiTelemetryTrace> _owned = [];
    private EventAttributor? _attributor;
    private FieldColumns _columns = null!;
    private long _received;

    private bool HasEnough => MaxEvents is { } most && _received >= most;

    /// <inheritdoc/>
    protected override void BeginProcessing() => _columns = new FieldColumns(Field);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (ApiTelemetryTrace trace in ParameterSetName == "Trace" ? Trace : Find())
        {
            if (trace.GetTrace() is null)
            {
                WriteError(ApiLevelErrors.TraceSessionNotOwn(trace.Name, "It belongs to another process, which receives its events."));
                continue;
            }

            if (TraceModule.IsHandedOver(trace))
            {
                // Started in this very pipeline: nobody else will stop it, so this command does when it ends, however it ends. It also
                // has to receive here, because the starting command waits for it.
                _owned.Add(trace);
                Receive([trace]);
            }
            else
            {
                _traces.Add(trace);
            }
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_traces.Count > 0)
        {
            Receive(_traces);
        }

        StopOwned();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            StopOwned();
        }

        base.Dispose(disposing);
    }

    private IEnumerable<ApiTelemetryTrace> Find()
    {
        foreach (string? name in (string?[]?)Name ?? [null])
        {
            bool any = false;
            foreach (TelemetryTrace trace in TraceModule.Find(name is null ? null : Matcher([TraceModule.FullName(name)])))
            {
                any = true;
                yield return new ApiTelemetryTrace(trace);
            }

            if (!any && name is not null && !WildcardPattern.ContainsWildcardCharacters(name))
            {
                WriteError(ApiLevelErrors.TraceSessionNotFound(name));
            }
        }
    }

    private void Receive(IReadOnlyList<ApiTelemetryTrace> traces)
    {
        bool waits = Wait || Duration is not null || MaxEvents is not null;
        if (!waits)
        {
            foreach (ApiTelemetryTrace trace in traces)
            {
                trace.GetTrace()!.Flush();
            }
        }

        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(StopToken);
        if (Duration is { } time)
        {
            end.CancelAfter(time < TimeSpan.Zero ? TimeSpan.Zero : time);
        }

        try
        {
            bool open = true;
            while (open && !HasEnough && !end.IsCancellationRequested)
            {
                bool any = WriteAvailable(traces, end.Token);
                open = waits && (any || WaitForMore(traces, end.Token));
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The time is over, or Ctrl+C: what was not received stays for the next call.
        }

        if (!StopToken.IsCancellationRequested)
        {
            foreach (ApiTelemetryTrace trace in traces)
            {
                ReportLosses(trace);
            }
        }
    }

    private bool WriteAvailable(IReadOnlyList<ApiTelemetryTrace> traces, CancellationToken end)
    {
        bool any = false;
        foreach (ApiTelemetryTrace trace in traces)
        {
            while (!HasEnough && !end.IsCancellationRequested && trace.GetTrace()!.TryRead(out EventRecord? record))
            {
                any = true;
                _received++;
                Write(record);
            }
        }

        return any;
    }

    private static bool WaitForMore(IReadOnlyList<ApiTelemetryTrace> traces, CancellationToken end)
    {
        if (traces.Count == 1)
        {
            return traces[0].GetTrace()!.WaitToRead(end);
        }

        // A stopped trace was emptied just before.
        bool running = traces.Any(static trace => trace.GetTrace()!.State == TraceState.Running);
        if (running)
        {
            end.WaitHandle.WaitOne(s_poll);
            end.ThrowIfCancellationRequested();
        }

        return running;
    }

    private void Write(EventRecord record)
    {
        _attributor ??= new EventAttributor(Store);
        if (record.Stack is { Count: > 0 } stack)
        {
            // The object has no column of its own for it: it goes with the payload, where -Field Stack finds it.
            record.Fields =
            [
                .. record.Fields,
                new EventField("Stack", string.Join("; ", stack.Select(static frame => "0x" + frame.ToString("X", CultureInfo.InvariantCulture)))),
            ];
        }

        WriteObject(_columns.Apply(_attributor.Attribute(record)));
    }

    private void ReportLosses(ApiTelemetryTrace trace)
    {
        TelemetryTrace own = trace.GetTrace()!;
        TraceStatistics now = own.Statistics;
        if (now.Complete || !TraceModule.IsNews(own, now))
        {
            return;
        }

        WriteWarning(
            $"'{trace.Name}' is not complete: the system lost {now.Lost} events, {now.Dropped} were not received in time, {now.Failed} could not be handled."
            + (now.Lost > 0 ? " Larger buffers (-BufferSize) or fewer events help." : ""));
        if (own.FirstFailure is { } failure)
        {
            WriteVerbose("The first failure: " + failure);
        }
    }

    private void StopOwned()
    {
        foreach (ApiTelemetryTrace trace in _owned)
        {
            try
            {
                trace.GetTrace()!.Dispose();
            }
            catch (TraceException)
            {
                // It stays in the list of traces with its state; there is no stream left here to write to.
            }
        }

        _owned.Clear();
    }
}
