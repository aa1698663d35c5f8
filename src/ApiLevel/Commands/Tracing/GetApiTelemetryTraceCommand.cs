using System.Collections.Generic;
using System.Management.Automation;
using ApiLevel.Completion;
using ApiLevel.Errors;
using ApiLevel.Tracing;

namespace ApiLevel.Commands;

/// <summary>Lists the traces of this process, or the sessions that an earlier one left behind.</summary>
[Cmdlet(VerbsCommon.Get, "ApiTelemetryTrace")]
[OutputType(typeof(ApiTelemetryTrace))]
public sealed class GetApiTelemetryTraceCommand : ApiLevelCommand
{
    /// <summary>Names, with or without the ApiLevel- in front.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(TraceCompleter))]
    public string[]? Name { get; set; }

    /// <summary>Sessions of this module in the system that no trace of this process stands behind.</summary>
    [Parameter]
    public SwitchParameter Orphaned { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string? name in (string?[]?)Name ?? [null])
        {
            bool any = false;
            foreach (ApiTelemetryTrace trace in TraceSelection.Find(this, Matcher(name is null ? null : [TraceModule.FullName(name)]), Orphaned))
            {
                any = true;
                WriteObject(trace);
            }

            if (!any && name is not null && !WildcardPattern.ContainsWildcardCharacters(name))
            {
                WriteError(ApiLevelErrors.TraceSessionNotFound(name));
            }
        }
    }
}

/// <summary>Finds traces of this process and orphans of earlier ones.</summary>
internal static class TraceSelection
{
    public static IEnumerable<ApiTelemetryTrace> Find(Cmdlet command, System.Func<string, bool>? matches, bool orphaned)
    {
        if (!orphaned)
        {
            foreach (TelemetryTrace trace in TraceModule.Find(matches))
            {
                yield return new ApiTelemetryTrace(trace);
            }

            yield break;
        }

        IReadOnlyList<TraceSessionInfo> sessions = [];
        try
        {
            sessions = TraceModule.Provider.GetOwnSessions();
        }
        catch (TraceException exception) when (exception.Failure.Reason == TraceFailureReason.NeedsWindows)
        {
            command.WriteVerbose("There is no ETW on this system, so no session can be left behind.");
        }
        catch (TraceException exception)
        {
            command.WriteError(ApiLevelErrors.ForTrace(exception.Failure));
        }

        foreach (TraceSessionInfo session in sessions)
        {
            if ((matches is null || matches(session.Name)) && TraceRegistry.Find(session.Name) is not { State: TraceState.Running })
            {
                yield return new ApiTelemetryTrace(session);
            }
        }
    }
}
