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
public readonly record struct PortableReference
{
    // A folder has millions of these: what no reference has together shares a place.
    private readonly NumberMeaning _meaning;
    private readonly ushort _number;
    private readonly string? _text;

    /// <summary>Makes one by its name, or by its ordinal where it has no name.</summary>
    /// <param name="kind">Which table or which inference it comes from.</param>
    /// <param name="module">See <see cref="Module"/>.</param>
    /// <param name="name">See <see cref="Name"/>.</param>
    /// <param name="ordinal">See <see cref="Ordinal"/>.</param>
    /// <param name="text">The export's name of a forwarder, what an inferred reference was inferred from; null for others.</param>
    public PortableReference(ReferenceKind kind, string module, string name, ushort? ordinal = null, string? text = null)
    {
        Kind = kind;
        Module = module;
        Name = name;
        _meaning = ordinal is null ? NumberMeaning.None : NumberMeaning.Ordinal;
        _number = ordinal.GetValueOrDefault();
        _text = text;
    }

    private PortableReference(ReferenceKind kind, string module, string name, NumberMeaning meaning, ushort number)
    {
        Kind = kind;
        Module = module;
        Name = name;
        _meaning = meaning;
        _number = number;
    }

    private enum NumberMeaning : byte
    {
        None,
        Ordinal,
        Hint,
    }

    /// <summary>Which table or which inference it comes from.</summary>
    public ReferenceKind Kind { get; }

    /// <summary>The module as the file names it, with its case and extension; empty where the file names none, or one that is not text.</summary>
    public string Module { get; }

    /// <summary>The function as the file names it; empty for an import by ordinal.</summary>
    public string Name { get; }

    /// <summary>The ordinal; null for an import by name.</summary>
    public int? Ordinal => _meaning == NumberMeaning.Ordinal ? _number : null;

    /// <summary>The hint beside an imported name; null where there is none.</summary>
    public int? Hint => _meaning == NumberMeaning.Hint ? _number : null;

    /// <summary>For a forwarder, the image's own export; null otherwise.</summary>
    public string? ExportName => Kind == ReferenceKind.Forwarder ? _text : null;

    /// <summary>For an inferred reference, what it was inferred from ("UTF-16 string at 0x1234", "ror13 at 0x88"); null otherwise.</summary>
    public string? Detail => IsInferred ? _text : null;

    /// <summary>True where the reference is a guess from constants and strings, not an entry of a table.</summary>
    public bool IsInferred => Kind is ReferenceKind.ComClass or ReferenceKind.DynamicName or ReferenceKind.ApiHash;

    /// <summary>Makes an import by name with the hint beside it.</summary>
    /// <param name="kind">Import or DelayImport.</param>
    /// <param name="module">See <see cref="Module"/>.</param>
    /// <param name="name">See <see cref="Name"/>.</param>
    /// <param name="hint">See <see cref="Hint"/>.</param>
    public static PortableReference WithHint(ReferenceKind kind, string module, string name, ushort hint) =>
        new(kind, module, name, NumberMeaning.Hint, hint);
}
