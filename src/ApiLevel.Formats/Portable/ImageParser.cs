using System;
using System.Globalization;
using System.IO;
using System.Threading;

namespace ApiLevel.Formats.Portable;

/// <summary>
/// Reads one image. Everything that costs memory is kept for the thread's next image, so that a folder of images is read with the
/// allocations of what it returns.
/// </summary>
internal sealed partial class ImageParser : ImageContext
{
    private const int MaximumModule = 512;

    [ThreadStatic]
    private static ImageParser? s_kept;

    private readonly ImportHash _importHash = new();
    private readonly ManagedParser _managed;
    private int _importCount;
    private int _delayImportCount;
    private bool _hashes;
    private bool _isInferring;
    private bool _describes;
    private bool _importsNtdll;
    private bool _importsKernel;
    private bool _importsKernel32Only;
    private bool _importsLikeRust;

    private ImageParser() => _managed = new ManagedParser(this);

    /// <summary>Takes the thread's parser, or a new one when that is in use: a source may read another image while it is read.</summary>
    public static PortableReadResult Read(ByteSource source, string path, PortableReadOptions options, CancellationToken cancellation)
    {
        ImageParser parser = s_kept ?? new ImageParser();
        s_kept = null;
        try
        {
            return parser.ReadImage(source, path, options, cancellation);
        }
        finally
        {
            parser.End();
            s_kept = parser;
        }
    }

    private PortableReadResult ReadImage(ByteSource source, string path, PortableReadOptions options, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        Begin(options.KindMask, cancellation);
        _importCount = 0;
        _delayImportCount = 0;
        _importsNtdll = false;
        _importsKernel = false;
        _resolvesNames = false;
        _isInferring = options.Inference is not null;
        _describes = options.Describe;
        _importsKernel32Only = true;
        _importsLikeRust = false;
        try
        {
            Bytes.Open(source, Budget);
        }
        catch (IOException exception)
        {
            return new(null, ReadFailure.FromException(path, exception));
        }

        if (!Bytes.Reaches(1))
        {
            return new(null, new ReadFailure(ReadFailureKind.FileEmpty, path, "The file has no bytes."));
        }

        if (Headers.Read(Bytes, Budget, Problems) is { } reason)
        {
            return new(null, new ReadFailure(ReadFailureKind.WrongFormat, path, reason));
        }

        ReadRegion();

        // With the imports in hand their hash can wait until somebody asks for it.
        bool isHashDeferred = IsWanted(ReferenceKind.Import);
        _hashes = !isHashDeferred;
        _importHash.Begin();
        ReadImports();
        string? importHash = isHashDeferred ? null : _importHash.Finish();
        ReadDelayImports();
        if (IsWanted(ReferenceKind.BoundImport))
        {
            ReadBoundImports();
        }

        if (IsWanted(ReferenceKind.Forwarder))
        {
            ReadForwarders();
        }

        int pInvokeCount = 0;
        string? clr = _describes || IsWanted(ReferenceKind.PInvoke) || IsWanted(ReferenceKind.ManagedReference)
            ? _managed.Read(out pInvokeCount)
            : null;
        if (options.Inference is { } dictionary)
        {
            Infer(dictionary);
        }

        if (Bytes.Failure is { } failure)
        {
            Problems.Add("file", failure);
        }

        return new(
            new PortableImage
            {
                Format = Headers.Magic switch
                {
                    0x10B => "PE32",
                    0x20B => "PE32+",
                    _ => "0x" + Headers.Magic.ToString("X", CultureInfo.InvariantCulture),
                },
                Machine = DescribeMachine(_describes && HasHybridMetadata()),
                Subsystem = DescribeSubsystem(Headers.Subsystem),
                ImageType = DescribeType(),
                Runtime = clr ?? (_describes ? DescribeRuntime() : ""),
                Packed = _describes ? DescribePacker() : null,
                Signed = _describes && IsSigned(),
                DeferredImpHash = importHash,
                Sha256 = options.Hash ? ComputeSha256(source, cancellation) : null,
                References = References.TakeAll(),
                ImportCount = _importCount,
                DelayImportCount = _delayImportCount,
                PInvokeCount = pInvokeCount,
                Problems = Problems,
            },
            null);
    }

    /// <summary>Guesses the run of pages that holds most of what will be read, so that one read serves it.</summary>
    private void ReadRegion()
    {
        // Linkers put the import descriptors, the lookup tables and the names behind each other, and the exports right before.
        const int Before = 8 * 1024;
        DataDirectory imports = Headers[DirectoryIndex.Import];
        if (imports.Rva == 0 ||
            (!Headers.Map.TryFindUnchecked(imports.Rva, out long offset, out long available) &&
            Headers.Map.Find(imports.Rva, out offset, out available) != Backing.File))
        {
            return;
        }

        long start = offset;
        DataDirectory exports = Headers[DirectoryIndex.Export];
        if (IsWanted(ReferenceKind.Forwarder) && exports.Rva != 0 &&
            Headers.Map.Find(exports.Rva, out long exportOffset, out _) == Backing.File &&
            exportOffset < offset && offset - exportOffset <= Before)
        {
            start = exportOffset;
        }

        // Some linkers write names right before the table.
        start &= ~(ImageBytes.PageSize - 1L);
        Bytes.ReadRegion(start, (int)(offset - start + Math.Min(GuessImports(imports), available)));
        if (!Headers.Map.HasStrays)
        {
            Bytes.SetRun(imports.Rva, offset, available);
        }
    }

    /// <summary>Guesses how many bytes the import table, its lookup tables and its names take.</summary>
    private uint GuessImports(DataDirectory imports)
    {
        // A compiler for .NET writes the one import of the stub and nothing else; its directory's size is that of all of it.
        const uint Stub = 256;
        if (Headers[DirectoryIndex.ClrHeader].Rva != 0 && imports.Size is > 0 and <= Stub)
        {
            return imports.Size;
        }

        // The address table has one entry a function. Linkers other than Microsoft's write it behind the lookup table. Where the names
        // are longer, or there are none of these numbers to believe, another read gets the rest.
        const uint Usual = 16 * 1024;
        const uint MostDescriptors = 2 * 1024;
        const uint MostAddresses = 4 * 1024;
        const uint HintAndName = 30;
        uint addresses = Headers[DirectoryIndex.ImportAddresses].Size;
        uint functions = addresses / (Headers.Is64 ? 8u : 4u);
        return addresses is > 0 and <= MostAddresses
            ? Math.Min(imports.Size, MostDescriptors) + (2 * addresses) + (HintAndName * functions)
            : Usual;
    }
}
