using System.Management.Automation;
using ApiLevel.Attribution;
using ApiLevel.Completion;
using ApiLevel.Errors;

namespace ApiLevel.Commands;

/// <summary>Tells which API calls events prove that others have read: Get-WinEvent, Import-Csv, ConvertFrom-Json, remoting.</summary>
[Cmdlet(VerbsDiagnostic.Resolve, "ApiEvent")]
[OutputType(typeof(ApiTelemetryEvent))]
public sealed class ResolveApiEventCommand : ApiLevelCommand
{
    /// <summary>Objects with a provider or a channel, and an event id.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [AllowNull]
    public PSObject?[]? InputObject { get; set; }

    /// <summary>Fields of the payload to add as columns; empty where an event lacks the field.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(FieldCompleter))]
    public string[]? Field { get; set; }

    private EventAttributor _attributor = null!;
    private EventObject _objects = null!;
    private FieldColumns _columns = null!;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _attributor = new EventAttributor(Store);
        _objects = new EventObject(_attributor);
        _columns = new FieldColumns(Field);
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (PSObject? input in InputObject ?? [null])
        {
            if (input?.BaseObject is ApiTelemetryEvent known)
            {
                WriteObject(_columns.Apply(known));
            }
            else if (input is not null && _objects.Read(input) is { } record)
            {
                WriteObject(_columns.Apply(_attributor.Attribute(record)));
            }
            else
            {
                WriteError(ApiLevelErrors.InputObjectUnknown(input, "an event id (Id or EventId) and a provider or a channel (ProviderName or LogName)"));
            }
        }
    }
}
