namespace ApiLevel;

/// <summary>What an image says about itself, and how much it refers to.</summary>
public sealed class ApiImageSummary
{
    /// <summary>The image.</summary>
    public string Path { get; init; } = "";

    /// <summary>PE32 or PE32+.</summary>
    public string Format { get; init; } = "";

    /// <summary>x86, x64, ARM, ARM64, ARM64EC, ...</summary>
    public string Machine { get; init; } = "";

    /// <summary>Console, Windows, Native, ...</summary>
    public string Subsystem { get; init; } = "";

    /// <summary>Executable, Library or Driver.</summary>
    public string ImageType { get; init; } = "";

    /// <summary>What it was built for: Native, .NET (IL only), Go (hint), ...</summary>
    public string Runtime { get; init; } = "";

    /// <summary>The packer, or the reason for suspecting one; null where nothing points to one.</summary>
    public string? Packed { get; init; }

    /// <summary>True when a certificate is present; its validity is not checked.</summary>
    public bool Signed { get; init; }

    /// <summary>Regular imports.</summary>
    public int Imports { get; init; }

    /// <summary>Delay-load imports.</summary>
    public int DelayImports { get; init; }

    /// <summary>P/Invokes.</summary>
    public int PInvokes { get; init; }

    /// <summary>The import hash; empty without imports.</summary>
    public string ImpHash { get; init; } = "";

    /// <summary>The file's SHA-256; null unless -Hash.</summary>
    public string? Sha256 { get; init; }

    /// <summary>False when a table could not be read whole.</summary>
    public bool Complete { get; init; }

    /// <summary>What could not be read, joined with <c>; </c>.</summary>
    public string Problems { get; init; } = "";

    /// <summary>A short form for messages.</summary>
    public override string ToString() => $"{Path} ({Format}, {Machine})";
}
