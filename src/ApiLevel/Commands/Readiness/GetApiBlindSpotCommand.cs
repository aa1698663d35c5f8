using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using ApiLevel.Completion;
using ApiLevel.Facts;
using ApiLevel.Readiness;

namespace ApiLevel.Commands;

/// <summary>Tells which few changes of a machine's configuration make most APIs visible.</summary>
[Cmdlet(VerbsCommon.Get, "ApiBlindSpot")]
[OutputType(typeof(ApiBlindSpot))]
public sealed class GetApiBlindSpotCommand : ApiLevelCommand
{
    /// <summary>What is on: rows of Test-ApiTelemetryReadiness, or a snapshot as -State takes it there. Without any this Windows is read.</summary>
    [Parameter(Position = 0)]
    [ArgumentCompleter(typeof(StateCompleter))]
    public PSObject[]? Readiness { get; set; }

    /// <summary>The APIs that are to be seen. Without -Api and -Technique: all that an event is known of.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ApiCompleter))]
    public ApiName[]? Api { get; set; }

    /// <summary>ATT&amp;CK techniques whose APIs are to be seen.</summary>
    [Parameter]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(TechniqueCompleter))]
    public string[]? Technique { get; set; }

    /// <summary>How many lines may be used. Default: 20.</summary>
    [Parameter]
    [ValidateRange(1, 1000)]
    public int First { get; set; } = BlindSpotFinder.ExactLines;

    private readonly List<ApiEntry> _apis = [];
    private ReadinessTable _table = null!;

    /// <inheritdoc/>
    protected override void BeginProcessing() => _table = ReadReadiness(Readiness);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Api is not null)
        {
            _apis.AddRange(FindApis(Api, null));
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (Technique is not null)
        {
            _apis.AddRange(ApisOfTechniques(Technique));
        }
        else if (!IsBound(nameof(Api)))
        {
            _apis.AddRange(Store.Apis().Where(Store.HasMappings));
        }

        WriteObject(new BlindSpotFinder(Store, _table).Find(_apis.Distinct(), First, StopToken), enumerateCollection: true);
    }
}
