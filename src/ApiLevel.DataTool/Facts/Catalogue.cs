using ApiLevel.Facts;

namespace ApiLevel.DataTool.Facts;

/// <summary>The tables of the catalogue. Their columns stand with the kinds of facts; README.md of the facts describes them.</summary>
internal static class Catalogue
{
    public static readonly CatalogueTable[] Tables =
    [
        CatalogueTable.Of(EventColumns.Table, static facts => facts.Events),
        CatalogueTable.Of(ExportColumns.Table, static facts => facts.Exports),
        CatalogueTable.Of(NativeColumns.Table, static facts => facts.Natives),
        CatalogueTable.Of(ApiSetColumns.Table, static facts => facts.ApiSets),
        CatalogueTable.Of(OrdinalColumns.Table, static facts => facts.Ordinals),
        CatalogueTable.Of(CallColumns.Table, static facts => facts.Calls),
        CatalogueTable.Of(CallColumns.Table, static facts => facts.ManagedCalls, "managed-calls"),
        CatalogueTable.Of(TechniqueColumns.Table, static facts => facts.Techniques),
        CatalogueTable.Of(CategoryColumns.Table, static facts => facts.Categories),
        CatalogueTable.Of(ComColumns.Table, static facts => facts.ComInterfaces),
        CatalogueTable.Of(RpcMethodColumns.Table, static facts => facts.RpcMethods),
        CatalogueTable.Of(AuditSubcategoryColumns.Table, static facts => facts.AuditSubcategories),
        CatalogueTable.Of(ObservableColumns.Table, static facts => facts.Observables),
        CatalogueTable.Of(ExclusionColumns.Table, static facts => facts.Exclusions),
        CatalogueTable.Of(AttributionColumns.Table, static facts => facts.Attributions),
        CatalogueTable.Of(EventRoleColumns.Table, static facts => facts.EventRoles),
        CatalogueTable.Of(AccessRightColumns.Table, static facts => facts.AccessRights),
        CatalogueTable.Of(InvisibleColumns.Table, static facts => facts.Invisible),
        CatalogueTable.Of(UnsettledColumns.Table, static facts => facts.Unsettled),
        CatalogueTable.Of(DeniedColumns.Table, static facts => facts.Denied),
        CatalogueTable.Of(ArgumentColumns.Table, static facts => facts.Arguments),
        CatalogueTable.Of(ConditionColumns.Table, static facts => facts.Conditions),
        CatalogueTable.Of(EventVolumeColumns.Table, static facts => facts.EventVolumes),
        CatalogueTable.Of(FamilyDifferenceColumns.Table, static facts => facts.FamilyDifferences),
        CatalogueTable.Of(WindowsReleaseColumns.Table, static facts => facts.WindowsReleases),
        CatalogueTable.Of(SysmonVersionColumns.Table, static facts => facts.SysmonVersions),
        CatalogueTable.Of(TellingFieldColumns.Table, static facts => facts.TellingFields),
        CatalogueTable.Of(SysmonFieldColumns.Table, static facts => facts.SysmonFields),
        CatalogueTable.Of(SysmonOptionColumns.Table, static facts => facts.SysmonOptions),
        new("other-names", ["api", "reason", "reference"], ["api"], ["api", "reason", "reference"], static (_, _) => { }),
        new("counts", ["table", "rows"], ["table"], ["table", "rows"], static (row, _) => row.Number("rows")),
        new("properties", ["name", "value"], ["name"], ["name", "value"], static (row, facts) => facts.Properties[row["name"]] = row["value"]),
    ];
}
