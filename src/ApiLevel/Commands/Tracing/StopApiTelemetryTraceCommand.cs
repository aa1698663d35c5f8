using System.Management.Automation;
using ApiLevel.Completion;
using ApiLevel.Errors;
using ApiLevel.Tracing;

namespace ApiLevel.Commands;

/// <summary>Stops traces of this process, or sessions that an earlier one left behind. Sessions of others are never stopped.</summary>
[Cmdlet(VerbsLifecycle.Stop, "ApiTelemetryTrace", DefaultParameterSetName = "Name", SupportsShouldProcess = true)]
[OutputType(typeof(ApiTelemetryTrace))]
public sealed class StopApiTelemetryTraceCommand : ApiLevelCommand
{
    /// <summary>Names, with or without the ApiLevel- in front.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true, ParameterSetName = "Name")]
    [Parameter(Position = 0, ParameterSetName = "Orphaned")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(TraceCompleter))]
    public string[]? Name { get; set; }

    /// <summary>The traces.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Trace")]
    [ValidateNotNull]
    public ApiTelemetryTrace[] Trace { get; set; } = [];

    /// <summary>Sessions of this module in the system that no trace of this process stands behind.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Orphaned")]
    public SwitchParameter Orphaned { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == "Trace")
        {
            foreach (ApiTelemetryTrace trace in Trace)
            {
                Stop(trace);
            }

            return;
        }

        foreach (string? name in (string?[]?)Name ?? [null])
        {
            ApiTelemetryTrace[] found =
                [.. TraceSelection.Find(this, Matcher(name is null ? null : [TraceModule.FullName(name)]), Orphaned)];
            foreach (ApiTelemetryTrace trace in found)
            {
                Stop(trace);
            }

            if (found.Length == 0 && name is not null && !WildcardPattern.ContainsWildcardCharacters(name))
            {
                WriteError(ApiLevelErrors.TraceSessionNotFound(name));
            }
        }
    }

    private void Stop(ApiTelemetryTrace trace)
    {
        if (!ShouldProcess(trace.Name, trace.GetTrace() is null ? "Stop the orphaned session" : "Stop the trace"))
        {
            return;
        }

        try
        {
            if (trace.GetTrace() is { } own)
            {
                own.Dispose();
            }
            else
            {
                TraceModule.Provider.StopOwnSession(trace.Name);
            }

            WriteObject(trace);
        }
        catch (TraceException exception)
        {
            WriteError(ApiLevelErrors.ForTrace(exception.Failure));
        }
    }
}
