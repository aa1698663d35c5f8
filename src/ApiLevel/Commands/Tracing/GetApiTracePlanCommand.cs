using System.Management.Automation;
using ApiLevel.Errors;
using ApiLevel.Tracing;

namespace ApiLevel.Commands;

/// <summary>Tells what a trace of APIs would enable and deliver, and what it could not; on any system, starting nothing.</summary>
[Cmdlet(VerbsCommon.Get, "ApiTracePlan")]
[OutputType(typeof(ApiTracePlan))]
public sealed class GetApiTracePlanCommand : TracePlanCommand
{
    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (NothingFound)
        {
            return;
        }

        // A question about nothing has an answer for an event pipe only: all native calls.
        TracePlan plan = MakePlan(Kind ?? TraceKind.Etw, null);
        if (plan.Rows.Count == 0)
        {
            ThrowTerminatingError(ApiLevelErrors.TraceNothingAsked());
        }

        WriteObject(plan.Rows, enumerateCollection: true);
    }
}
