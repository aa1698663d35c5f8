using System;
using ApiLevel.Mapping;

namespace ApiLevel.DataTool.Facts;

/// <summary>The tables of the catalogue. README.md of the facts describes the columns.</summary>
internal static class Catalogue
{
    public static readonly CatalogueTable[] Tables =
    [
        new(
            "events",
            [
                "source", "id", "version", "latest", "name", "symbol", "task", "opcode", "severity", "channel", "keywords",
                "keyword-mask", "fields", "first-build", "car", "car-reference", "data-component", "audit-subcategory",
                "audit-reference", "requirement", "column", "column-reference", "draft-level", "evidence", "reference",
            ],
            ["source", "#id", "#version"],
            ["source", "id", "version", "latest", "reference"],
            static (row, facts) => facts.Events.Add(new EventFact
            {
                Source = row["source"],
                Id = row.Number("id"),
                Version = row.Number("version"),
                IsLatest = row.Flag("latest") ?? false,
                Name = row["name"],
                Symbol = row["symbol"],
                Task = row["task"],
                Opcode = row["opcode"],
                Severity = row["severity"],
                Channel = row["channel"],
                Keywords = row["keywords"],
                KeywordMask = row["keyword-mask"],
                Fields = row["fields"],
                FirstBuild = row["first-build"],
                Car = row["car"],
                CarReference = row["car-reference"],
                DataComponent = row["data-component"],
                AuditSubcategory = row["audit-subcategory"],
                AuditReference = row["audit-reference"],
                Requirement = row["requirement"],
                Column = row["column"],
                ColumnReference = row["column-reference"],
                DraftLevel = row["draft-level"],
                Evidence = row.Evidence("evidence"),
                Reference = row["reference"],
                Origin = row.Origin,
            })),
        new(
            "exports",
            [
                "module", "name", "base-name", "variant", "namespace", "minimum-platform", "architectures", "sets-last-error", "contract",
                "reference",
            ],
            ["module", "name", "architectures"],
            ["module", "name", "reference"],
            static (row, facts) => facts.Exports.Add(new ExportFact(
                row["module"],
                row["name"],
                row["base-name"].Length == 0 ? row["name"] : row["base-name"],
                row["variant"],
                row["namespace"],
                row["minimum-platform"],
                row["architectures"],
                row["reference"])
            {
                SetsLastError = row.Flag("sets-last-error"),
                Contract = row["contract"],
            })),
        new(
            "native",
            ["module", "name", "zw-name", "kind", "first-build", "last-build", "syscall-numbers", "reference"],
            ["module", "name"],
            ["module", "name", "kind", "reference"],
            static (row, facts) => facts.Natives.Add(new NativeFact(
                row["module"],
                row["name"],
                row["zw-name"],
                row["kind"],
                row["first-build"],
                row["last-build"],
                row["syscall-numbers"],
                row["reference"]))),
        new(
            "api-sets",
            ["contract", "lookup-key", "host", "builds", "newest-schema", "override", "reference"],
            ["contract", "host", "override"],
            ["contract", "lookup-key", "builds", "newest-schema", "reference"],
            static (row, facts) => facts.ApiSets.Add(new ApiSetFact(
                row["contract"], row["lookup-key"], row["host"], row["builds"], row["reference"])
            {
                IsInNewestSchema = row.Flag("newest-schema") ?? false,
                Override = row["override"],
            })),
        new(
            "ordinals",
            ["module", "ordinal", "name", "stable", "evidence", "reference"],
            ["module", "#ordinal", "name"],
            ["module", "ordinal", "name", "reference"],
            static (row, facts) => facts.Ordinals.Add(new OrdinalFact(
                row["module"], row.Number("ordinal"), row["name"], row.Flag("stable"), row.Evidence("evidence"), row["reference"]))),
        new("calls", CallColumns, CallKey, CallRequired, static (row, facts) => facts.Calls.Add(Call(row))),
        new("managed-calls", CallColumns, CallKey, CallRequired, static (row, facts) => facts.ManagedCalls.Add(Call(row))),
        new(
            "techniques",
            ["api", "technique", "relation", "context", "evidence", "reference"],
            ["api", "technique", "relation", "context"],
            ["api", "technique", "relation", "reference"],
            static (row, facts) => facts.Techniques.Add(new TechniqueFact(
                row["api"], row["technique"], row["relation"], row["context"], row.Evidence("evidence"), row["reference"]))),
        new(
            "categories",
            ["api", "scheme", "category", "context", "reference"],
            ["api", "scheme", "category", "context"],
            ["api", "scheme", "category", "reference"],
            static (row, facts) => facts.Categories.Add(new CategoryFact(
                row["api"], row["scheme"], row["category"], row["context"], row["reference"]))),
        new(
            "com",
            ["name", "id", "base", "namespace", "minimum-platform", "method-count", "methods", "reference"],
            ["name", "id", "namespace"],
            ["name", "reference"],
            static (row, facts) => facts.ComInterfaces.Add(new ComFact(
                row["name"],
                row.GuidText("id"),
                row["base"],
                row["namespace"],
                row["minimum-platform"],
                row["methods"],
                row["reference"])
            {
                MethodCount = row.OptionalNumber("method-count"),
            })),
        new(
            "rpc-methods",
            ["interface", "interface-name", "opnum", "method", "protocol", "reference"],
            ["interface", "#opnum", "method", "interface-name"],
            ["interface", "reference"],
            static (row, facts) => facts.RpcMethods.Add(new RpcMethodFact(
                row.GuidText("interface"),
                row["interface-name"],
                row.Number("opnum"),
                row["method"],
                row["protocol"],
                row["reference"]))),
        new(
            "audit-subcategories",
            ["name", "guid", "category", "default-setting", "volume", "event-ids", "reference"],
            ["name"],
            ["name", "guid", "category", "reference"],
            static (row, facts) => facts.AuditSubcategories.Add(new AuditSubcategoryFact(
                row["name"],
                row.GuidText("guid"),
                row["category"],
                row["default-setting"],
                row["volume"],
                row["event-ids"],
                row["reference"]))),
        new(
            "observables",
            [
                "model-version", "commit", "kind", "place", "place-name", "category", "field", "value", "source", "event-id", "reference",
            ],
            [
                "model-version", "commit", "kind", "place", "place-name", "category", "field", "value", "source", "event-id", "reference",
            ],
            ["model-version", "kind", "place", "reference"],
            static (row, facts) => facts.Observables.Add(new ObservableFact(
                row["model-version"],
                row["kind"],
                row["place"],
                row["place-name"],
                row["category"],
                row["field"],
                row["value"],
                row["source"],
                row["event-id"],
                row["reference"])
            {
                Commit = row["commit"],
            })),
        new(
            "other-names",
            ["api", "reason", "reference"],
            ["api"],
            ["api", "reason", "reference"],
            static (_, _) => { }),
        new(
            "excluded",
            ["table", "row", "reason"],
            ["table", "row"],
            ["table", "row", "reason"],
            static (row, facts) => facts.Exclusions.Add(new ExclusionFact(row["table"], row["row"], row["reason"]))),
        new(
            "attributions",
            ["source", "event-id", "api", "field", "values", "reference"],
            ["source", "#event-id", "api", "field"],
            ["source", "event-id", "api", "reference"],
            static (row, facts) => facts.Attributions.Add(new AttributionFact(
                row["source"], row.Number("event-id"), row["api"], row["field"], row["values"], row["reference"]) { Origin = row.Origin })),
        new(
            "event-roles",
            ["source", "event-id", "role", "field", "value", "reference"],
            ["source", "#event-id", "role", "field"],
            ["source", "role", "reference"],
            static (row, facts) => facts.EventRoles.Add(new EventRoleFact(
                row["source"], row.OptionalNumber("event-id"), row["role"], row["field"], row["value"], row["reference"]) { Origin = row.Origin })),
        new(
            "access-rights",
            ["kind", "mask", "name", "reference"],
            ["kind", "mask", "name"],
            ["kind", "mask", "name", "reference"],
            static (row, facts) => facts.AccessRights.Add(new AccessRightFact(row["kind"], row["mask"], row["name"], row["reference"]))),
        new(
            "sysmon-schema",
            ["schema-version", "event-id", "tag", "rule-default", "place", "field", "type", "reference"],
            ["schema-version", "#event-id", "#place"],
            ["schema-version", "event-id", "place", "field", "type", "reference"],
            static (row, _) =>
            {
                row.Number("event-id");
                row.Number("place");
            }),
        new(
            "sysmon-options",
            ["schema-version", "kind", "name", "reference"],
            ["schema-version", "kind", "name"],
            ["schema-version", "kind", "name", "reference"],
            static (_, _) => { }),
        new("counts", ["table", "rows"], ["table"], ["table", "rows"], static (row, _) => row.Number("rows")),
        new("properties", ["name", "value"], ["name"], ["name", "value"], static (row, facts) => facts.Properties[row["name"]] = row["value"]),
    ];

    private static string[] CallColumns =>
    [
        "caller", "callee", "callee-layer", "kind", "primary", "rpc-interface", "opnum", "context", "evidence", "reference",
    ];

    private static string[] CallKey => ["caller", "callee", "kind", "rpc-interface", "#opnum"];

    private static string[] CallRequired => ["caller", "callee", "callee-layer", "kind", "primary", "reference"];

    private static CallFact Call(CatalogueRow row) => new(
        row["caller"],
        row["callee"],
        row.Layer("callee-layer"),
        row["kind"],
        row.Flag("primary") ?? false,
        row.GuidText("rpc-interface"),
        row.OptionalNumber("opnum"),
        row["context"],
        row.Evidence("evidence"),
        row["reference"]);
}
