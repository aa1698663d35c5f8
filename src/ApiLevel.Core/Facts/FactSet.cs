using System;
using System.Collections.Generic;

namespace ApiLevel.Facts;

/// <summary>All facts as text: what the readers of YAML and CSV give and what the compiler of the store and the overlays take.</summary>
public sealed class FactSet
{
    /// <summary>Event sources: one a provider.</summary>
    public List<SourceFact> Sources { get; } = [];

    /// <summary>Events, each version of each.</summary>
    public List<EventFact> Events { get; } = [];

    /// <summary>API to event.</summary>
    public List<MappingFact> Mappings { get; } = [];

    /// <summary>Exported functions by their export spelling.</summary>
    public List<ExportFact> Exports { get; } = [];

    /// <summary>Native functions and system calls.</summary>
    public List<NativeFact> Natives { get; } = [];

    /// <summary>API set contracts.</summary>
    public List<ApiSetFact> ApiSets { get; } = [];

    /// <summary>Exports by ordinal.</summary>
    public List<OrdinalFact> Ordinals { get; } = [];

    /// <summary>Caller to callee.</summary>
    public List<CallFact> Calls { get; } = [];

    /// <summary>Managed members and the native function each reaches (the table derived from the .NET runtime pack).</summary>
    public List<CallFact> ManagedCalls { get; } = [];

    /// <summary>API to ATT&amp;CK technique.</summary>
    public List<TechniqueFact> Techniques { get; } = [];

    /// <summary>API to behaviour category.</summary>
    public List<CategoryFact> Categories { get; } = [];

    /// <summary>COM interfaces and classes.</summary>
    public List<ComFact> ComInterfaces { get; } = [];

    /// <summary>Methods of RPC interfaces.</summary>
    public List<RpcMethodFact> RpcMethods { get; } = [];

    /// <summary>Audit subcategories.</summary>
    public List<AuditSubcategoryFact> AuditSubcategories { get; } = [];

    /// <summary>Observables of the Summiting the Pyramid pages, version by version.</summary>
    public List<ObservableFact> Observables { get; } = [];

    /// <summary>What a field must say for an API to be behind an event.</summary>
    public List<AttributionFact> Attributions { get; } = [];

    /// <summary>Which field of an event holds the caller, the call's rights, the RPC method and the like.</summary>
    public List<EventRoleFact> EventRoles { get; } = [];

    /// <summary>The names of the bits of access masks.</summary>
    public List<AccessRightFact> AccessRights { get; } = [];

    /// <summary>Rows of a source table that were left out or joined, each with its reason.</summary>
    public List<ExclusionFact> Exclusions { get; } = [];

    /// <summary>Calls that write no event.</summary>
    public List<InvisibleFact> Invisible { get; } = [];

    /// <summary>Calls that were judged and stay Unknown.</summary>
    public List<UnsettledFact> Unsettled { get; } = [];

    /// <summary>Pairs that are wrong.</summary>
    public List<DeniedFact> Denied { get; } = [];

    /// <summary>What callers fix.</summary>
    public List<ArgumentFact> Arguments { get; } = [];

    /// <summary>Conditions that can be decided.</summary>
    public List<ConditionFact> Conditions { get; } = [];

    /// <summary>How much events write.</summary>
    public List<EventVolumeFact> EventVolumes { get; } = [];

    /// <summary>Why members of a family lack an event.</summary>
    public List<FamilyDifferenceFact> FamilyDifferences { get; } = [];

    /// <summary>Windows releases by name.</summary>
    public List<WindowsReleaseFact> WindowsReleases { get; } = [];

    /// <summary>Versions of Sysmon.</summary>
    public List<SysmonVersionFact> SysmonVersions { get; } = [];

    /// <summary>Fields that tell most about an event.</summary>
    public List<TellingFieldFact> TellingFields { get; } = [];

    /// <summary>Fields of Sysmon's events, schema by schema.</summary>
    public List<SysmonFieldFact> SysmonFields { get; } = [];

    /// <summary>Conditions and settings of Sysmon's configurations, schema by schema.</summary>
    public List<SysmonOptionFact> SysmonOptions { get; } = [];

    /// <summary>Single values such as the data version, the Sysmon schema and the ATT&amp;CK version, by name.</summary>
    public SortedDictionary<string, string> Properties { get; } = new(StringComparer.Ordinal);

    /// <summary>The facts that the store has a table of its own for.</summary>
    internal IEnumerable<IEnumerable<Fact>> Stored =>
    [
        Sources, Events, Mappings, Calls, ManagedCalls, Techniques, Categories, ApiSets, Ordinals, ComInterfaces, RpcMethods, AuditSubcategories,
        Observables, Exclusions, Attributions, EventRoles, AccessRights, Invisible, Unsettled, Denied, Arguments, Conditions, EventVolumes,
        WindowsReleases, SysmonVersions, TellingFields,
    ];
}
