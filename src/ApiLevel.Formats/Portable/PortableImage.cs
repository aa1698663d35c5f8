using System;
using System.Collections.Generic;
using System.Linq;

namespace ApiLevel.Formats.Portable;

/// <summary>What a Portable Executable says about itself and refers to. Everything is as it stands in the file; no facts about APIs are added.</summary>
public sealed class PortableImage
{
    private string? _impHash = "";

    /// <summary>"PE32" or "PE32+", by the optional header's magic.</summary>
    public string Format { get; init; } = "";

    /// <summary>x86, x64, ARM, ARM64, ARM64EC, ARM64X (code for ARM64 and ARM64EC in one image), "x64 (Linux)" and its like for .NET's native code for other systems, or the number in hex (0x1C0) for others.</summary>
    public string Machine { get; init; } = "";

    /// <summary>Console, Windows, Native, EFI application, ..., or the number for others.</summary>
    public string Subsystem { get; init; } = "";

    /// <summary>Executable, Library or Driver.</summary>
    public string ImageType { get; init; } = "";

    /// <summary>
    /// What it was built for, where the file shows it: "Native", ".NET (IL only)", ".NET (mixed mode)", ".NET (ReadyToRun)",
    /// ".NET (NGen)", ".NET single-file bundle", ".NET Native AOT (hint)", "Go (hint)", "Rust (hint)".
    /// </summary>
    public string Runtime { get; init; } = "";

    /// <summary>The packer or the reason for suspecting one ("UPX (section names)", "entropy 7.9 in the entry section; 3 imports"); null where nothing points to one.</summary>
    public string? Packed { get; init; }

    /// <summary>True when a certificate table is present. Whether the signature is valid is not checked.</summary>
    public bool Signed { get; init; }

    /// <summary>The import hash by pefile's rule, 32 hex digits in lower case; empty when there are no regular imports.</summary>
    public string ImpHash
    {
        get => _impHash ??= ImportHash.Compute(References);
        init => _impHash = value;
    }

    /// <summary>The same; null leaves it to be computed from <see cref="References"/> when it is asked for.</summary>
    internal string? DeferredImpHash
    {
        init => _impHash = value;
    }

    /// <summary>The file's SHA-256 in lower case hex; null unless <see cref="PortableReadOptions.Hash"/> asked for it.</summary>
    public string? Sha256 { get; init; }

    /// <summary>What it refers to, in file order, of the kinds that were asked for. Never null.</summary>
    public IReadOnlyList<PortableReference> References { get; init; } = [];

    /// <summary>Regular imports, by name and by ordinal; counted whether or not they were asked for.</summary>
    public int ImportCount { get; init; }

    /// <summary>Delay-load imports; counted likewise.</summary>
    public int DelayImportCount { get; init; }

    /// <summary>
    /// P/Invokes that name a module; counted likewise. C++/CLI's calls into the image's own native code name none. Where they were not
    /// asked for the functions' names are not looked at, and one whose name is no text counts as well.
    /// </summary>
    public int PInvokeCount { get; init; }

    /// <summary>Tables that could not be read whole. Never null.</summary>
    public IReadOnlyList<Problem> Problems { get; init; } = [];

    /// <summary>True when every table that was asked for was read to its end.</summary>
    public bool Complete => Problems.Count == 0;
}

/// <summary>Which parts of an image are read.</summary>
public sealed class PortableReadOptions
{
    /// <summary>Headers and tables, nothing inferred, no hash.</summary>
    public static PortableReadOptions Default { get; } = new();

    /// <summary>The kinds of reference to list; null for all that headers and tables hold.</summary>
    public IReadOnlyCollection<ReferenceKind>? Kinds
    {
        get;
        init
        {
            field = value;
            KindMask = value is null ? uint.MaxValue : value.Aggregate(0u, (mask, kind) => mask | (1u << (int)kind));
        }
    }

    /// <summary>
    /// Whether to find out what the image is, which costs reads besides those of the tables. Where not, <see cref="PortableImage.Runtime"/>
    /// is empty unless .NET's tables were asked for, <see cref="PortableImage.Packed"/> is null, <see cref="PortableImage.Signed"/> false,
    /// <see cref="PortableImage.PInvokeCount"/> counts only what was asked for, and ARM64EC and ARM64X images have the name of the processor in their header.
    /// </summary>
    public bool Describe { get; init; } = true;

    /// <summary>The kinds as bits, worked out once for all the images that are read with these options.</summary>
    internal uint KindMask { get; private init; } = uint.MaxValue;

    /// <summary>What inferred references are looked for against; null infers nothing and reads nothing beyond headers and tables.</summary>
    public IInferenceDictionary? Inference { get; init; }

    /// <summary>Compute the SHA-256, which reads the whole file.</summary>
    public bool Hash { get; init; }
}

/// <summary>What inference compares with. The reader knows no facts; its caller brings them.</summary>
public interface IInferenceDictionary
{
    /// <summary>Look for COM class and interface ids.</summary>
    bool FindComClasses { get; }

    /// <summary>Look for function names in strings.</summary>
    bool FindNames { get; }

    /// <summary>Look for hashes of function names.</summary>
    bool FindHashes { get; }

    /// <summary>Whether a GUID is a known class or interface id.</summary>
    /// <param name="id">The candidate.</param>
    bool IsKnownComClass(Guid id);

    /// <summary>Whether a string is exactly a known function's name (the export spelling, A and W included).</summary>
    /// <param name="name">The candidate, ASCII.</param>
    /// <param name="module">The module the function is known by, without extension; empty when unknown.</param>
    bool TryGetFunction(ReadOnlySpan<char> name, out string module);

    /// <summary>Whether a number is the hash of a known function's name.</summary>
    /// <param name="value">A 32-bit constant.</param>
    /// <param name="algorithm">The algorithm, "ror13" for instance.</param>
    /// <param name="module">The module the function is known by.</param>
    /// <param name="name">The function's export spelling.</param>
    bool TryGetHash(uint value, out string algorithm, out string module, out string name);
}

/// <summary>Either an image or the reason why there is none.</summary>
/// <param name="Image">What was read; null when <paramref name="Failure"/> says why.</param>
/// <param name="Failure">Why nothing was read; null when <paramref name="Image"/> is there.</param>
public readonly record struct PortableReadResult(PortableImage? Image, ReadFailure? Failure);
