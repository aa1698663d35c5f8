namespace ApiLevel.Formats.Portable;

/// <summary>How an image refers to something outside it.</summary>
public enum ReferenceKind
{
    /// <summary>The import table: bound when the image is loaded.</summary>
    Import,

    /// <summary>The delay-load table: bound at the first call.</summary>
    DelayImport,

    /// <summary>The bound-import table: a module that the image was bound to in advance; it names no function.</summary>
    BoundImport,

    /// <summary>An export that stands for an export of another module.</summary>
    Forwarder,

    /// <summary>A .NET P/Invoke (ImplMap row).</summary>
    PInvoke,

    /// <summary>A .NET reference to a member of another assembly: Module is the assembly, Name is Namespace.Type::Member.</summary>
    ManagedReference,

    /// <summary>A COM class or interface id among the image's constants: Name is the GUID in the D format. Inferred.</summary>
    ComClass,

    /// <summary>A function's name among the image's strings. Inferred.</summary>
    DynamicName,

    /// <summary>A constant equal to the hash of a function's name. Inferred.</summary>
    ApiHash,
}

/// <summary>One thing outside an image that the image refers to, as it stands in the file.</summary>
/// <param name="Kind">Which table or which inference it comes from.</param>
/// <param name="Module">The module as the file names it, with its case and extension; empty where the file names none, or one that is not text.</param>
/// <param name="Name">The function as the file names it; empty for an import by ordinal.</param>
/// <param name="Ordinal">The ordinal; null for an import by name.</param>
/// <param name="Hint">The hint beside an imported name; null where there is none.</param>
/// <param name="ExportName">For a forwarder, the image's own export; null otherwise.</param>
/// <param name="Detail">For an inferred reference, what it was inferred from ("UTF-16 string at 0x1234", "ror13 at 0x88"); null otherwise.</param>
public readonly record struct PortableReference(
    ReferenceKind Kind,
    string Module,
    string Name,
    int? Ordinal = null,
    int? Hint = null,
    string? ExportName = null,
    string? Detail = null)
{
    /// <summary>True where the reference is a guess from constants and strings, not an entry of a table.</summary>
    public bool IsInferred => Kind is ReferenceKind.ComClass or ReferenceKind.DynamicName or ReferenceKind.ApiHash;
}
