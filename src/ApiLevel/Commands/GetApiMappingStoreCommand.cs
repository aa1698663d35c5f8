using System.Management.Automation;
using ApiLevel.Answers;
using ApiLevel.Facts;

namespace ApiLevel.Commands;

/// <summary>Tells which facts this session answers from.</summary>
[Cmdlet(VerbsCommon.Get, "ApiMappingStore")]
[OutputType(typeof(ApiMappingStore))]
public sealed class GetApiMappingStoreCommand : ApiLevelCommand
{
    /// <inheritdoc/>
    protected override void EndProcessing() => WriteObject(new ApiMappingStore
    {
        Path = Store.Path,
        DataVersion = Store.DataVersion,
        FormatVersion = MappingStore.FormatVersion,
        Apis = Store.ApiCount,
        Events = Store.EventCount,
        Mappings = Store.MappingCount,
        CallEdges = Store.CallCount,
        WindowsBuilds = string.Join("; ", WindowsReleases.Names(Store)),
        SysmonVersion = Store.Property("SysmonVersion"),
        AttackVersion = Store.Property("AttackVersion"),
        Overlays = string.Join("; ", Store.Overlays),
    });
}
