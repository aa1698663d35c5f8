using System;
using System.Globalization;
using System.Management.Automation;

namespace ApiLevel.Commands;

/// <summary>
/// Takes what was an <see cref="ApiImport"/> before it went through a file or another process. Without it the binder takes the object's
/// Path by name and reads the whole file once for each of its imports.
/// </summary>
internal sealed class ImportObjectAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        if (inputData is not PSObject { BaseObject: not ApiImport } row ||
            row.Properties[nameof(ApiImport.Kind)] is null ||
            row.Properties[nameof(ApiImport.Module)] is null ||
            row.Properties[nameof(ApiImport.Api)] is null ||
            row.Properties[nameof(ApiImport.ImportedName)] is null)
        {
            return inputData;
        }

        return new ApiImport
        {
            Path = Text(row, nameof(ApiImport.Path)),
            Kind = Text(row, nameof(ApiImport.Kind)),
            Module = Text(row, nameof(ApiImport.Module)),
            Api = Text(row, nameof(ApiImport.Api)),
            ImportedFrom = Text(row, nameof(ApiImport.ImportedFrom)),
            ImportedName = Text(row, nameof(ApiImport.ImportedName)),
            Ordinal = Number(row, nameof(ApiImport.Ordinal)),
            Hint = Number(row, nameof(ApiImport.Hint)),
            ExportName = TextOrNull(row, nameof(ApiImport.ExportName)),
            ResolvedBy = Text(row, nameof(ApiImport.ResolvedBy)),
            Inferred = TextOrNull(row, nameof(ApiImport.Inferred)),
        };
    }

    private static string Text(PSObject row, string name) =>
        Convert.ToString(row.Properties[name]?.Value, CultureInfo.InvariantCulture) ?? "";

    private static string? TextOrNull(PSObject row, string name) => Text(row, name) is { Length: > 0 } text ? text : null;

    private static int? Number(PSObject row, string name) =>
        int.TryParse(Text(row, name), NumberStyles.Integer, CultureInfo.InvariantCulture, out int number) ? number : null;
}
