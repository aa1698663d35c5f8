using System;
using System.Buffers.Binary;
using System.Globalization;
using System.IO;
using System.Threading;

namespace ApiLevel.Formats.Portable;

/// <summary>
/// Reads one image. Everything that costs memory is kept for the thread's next image, so that a folder of images is read with the
/// allocations of what it returns.
/// </summary>
internal sealed partial class ImageParser
{
    /// <summary>The most memory that the references of one image may take, whatever its size.</summary>
    private const long MaximumOutput = 24L << 20;

    /// <summary>Longer names are no names. C++ needs up to 4,096 bytes.</summary>
    private const int MaximumName = 4096;

    private const int MaximumModule = 512;

    [ThreadStatic]
    private static ImageParser? s_kept;

    private readonly ImageBytes _bytes = new();
    private readonly ImageHeaders _headers = new();
    private readonly ReferenceBuffer _references = new();
    private readonly ImportHash _importHash = new();
    private readonly Func<long> _askLength;
    private byte[]? _pieces;
    private ProblemList _problems = null!;
    private ReadBudget _budget = null!;
    private ReadBudget _tables = null!;
    private uint _kinds;
    private int _importCount;
    private int _delayImportCount;
    private int _pInvokeCount;
    private bool _hashes;
    private bool _isInferring;
    private bool _describes;
    private bool _importsNtdll;
    private bool _importsKernel;
    private bool _importsKernel32Only;
    private bool _importsLikeRust;

    private ImageParser() => _askLength = () => _bytes.Length;

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
            parser._references.Clear();
            parser._bytes.Close();
            parser._problems = null!;
            parser._budget = null!;
            parser._tables = null!;
            s_kept = parser;
        }
    }

    private PortableReadResult ReadImage(ByteSource source, string path, PortableReadOptions options, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var limit = TimeSpan.FromSeconds(1.5);
        _budget = new ReadBudget(ReadBudget.MinimumWork, 4, MaximumOutput, _askLength, limit, cancellation);

        // What the tables of imports and exports may walk over: a table twice as long as the file is two tables that overlap.
        _tables = new ReadBudget(4096, 1, long.MaxValue, _askLength, limit, cancellation);
        _problems = new ProblemList();
        _importCount = 0;
        _delayImportCount = 0;
        _pInvokeCount = 0;
        _importsNtdll = false;
        _importsKernel = false;
        _resolvesNames = false;
        _isInferring = options.Inference is not null;
        _describes = options.Describe;
        _importsKernel32Only = true;
        _importsLikeRust = false;
        _kinds = options.KindMask;
        try
        {
            _bytes.Open(source, _budget);
        }
        catch (IOException exception)
        {
            return new(null, ReadFailure.FromException(path, exception));
        }

        if (!_bytes.Reaches(1))
        {
            return new(null, new ReadFailure(ReadFailureKind.FileEmpty, path, "The file has no bytes."));
        }

        if (_headers.Read(_bytes, _budget, _problems) is { } reason)
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

        string? clr = _describes || IsWanted(ReferenceKind.PInvoke) || IsWanted(ReferenceKind.ManagedReference) ? ReadManaged() : null;
        if (options.Inference is { } dictionary)
        {
            Infer(dictionary);
        }

        if (_bytes.Failure is { } failure)
        {
            _problems.Add("file", failure);
        }

        return new(
            new PortableImage
            {
                Format = _headers.Magic switch
                {
                    0x10B => "PE32",
                    0x20B => "PE32+",
                    _ => "0x" + _headers.Magic.ToString("X", CultureInfo.InvariantCulture),
                },
                Machine = DescribeMachine(_describes && HasHybridMetadata()),
                Subsystem = DescribeSubsystem(_headers.Subsystem),
                ImageType = DescribeType(),
                Runtime = clr ?? (_describes ? DescribeRuntime() : ""),
                Packed = _describes ? DescribePacker() : null,
                Signed = _describes && IsSigned(),
                DeferredImpHash = importHash,
                Sha256 = options.Hash ? ComputeSha256(source, cancellation) : null,
                References = _references.TakeAll(),
                ImportCount = _importCount,
                DelayImportCount = _delayImportCount,
                PInvokeCount = _pInvokeCount,
                Problems = _problems,
            },
            null);
    }

    private bool IsWanted(ReferenceKind kind) => (_kinds & (1u << (int)kind)) != 0;

    /// <summary>Keeps a reference. False when the image has more of them than memory is given for.</summary>
    private bool TryKeep(in PortableReference reference, string where)
    {
        if (!TryEmit(reference.Name.Length + (reference.ExportName?.Length ?? 0) + (reference.Detail?.Length ?? 0), where))
        {
            return false;
        }

        _references.Next() = reference;
        return true;
    }

    /// <summary>Takes what a reference with so many characters costs in memory.</summary>
    private bool TryEmit(int characters, string where)
    {
        // A record and its strings; a string that other images share is counted as if it were this one's alone.
        const int RecordAndStringHead = 56;
        if (!_budget.TryEmit(RecordAndStringHead + (2 * characters)))
        {
            _problems.Add(where, "not all are listed: " + _budget.Exhausted);
            return false;
        }

        return true;
    }

    /// <summary>Takes work from the tables' budget; a Problem says what is lost when there is none left.</summary>
    private bool TrySpend(long bytes, string where)
    {
        if (!_tables.TrySpend(bytes))
        {
            _problems.Add(where, "not read to the end: " + _tables.Exhausted);
            return false;
        }

        if (_bytes.OutOfTime)
        {
            _problems.Add(where, "not read to the end: " + _budget.Exhausted);
            return false;
        }

        return true;
    }

    /// <summary>
    /// Fills a structure from an address: bytes of the file and zeros that the loader has there, of one section or of several. False when
    /// a part of it is outside, or the file was cut off inside it.
    /// </summary>
    private bool TryFill(Window window, long rva, Span<byte> structure)
    {
        if (_bytes.TryGetFromRun(rva, structure.Length, out ReadOnlySpan<byte> all))
        {
            all.CopyTo(structure);
            return true;
        }

        structure.Clear();
        while (structure.Length > 0)
        {
            switch (_headers.Map.Find(rva, out long offset, out long available))
            {
                case Backing.Zeros:
                    int zeros = (int)Math.Min(structure.Length, available);
                    structure = structure.Slice(zeros);
                    rva += zeros;
                    break;
                case Backing.Outside:
                    return false;
                default:
                    ReadOnlySpan<byte> bytes = _bytes.Get(window, offset, (int)Math.Min(structure.Length, available));
                    if (bytes.IsEmpty)
                    {
                        return false;
                    }

                    bytes.CopyTo(structure);
                    structure = structure.Slice(bytes.Length);
                    rva += bytes.Length;
                    break;
            }
        }

        return true;
    }

    /// <summary>
    /// The rows of a table at an address: those that lie in one piece of the file, or one that does not. Fewer bytes than a row where that
    /// is not in the image.
    /// </summary>
    /// <param name="window">The window to read through.</param>
    /// <param name="rva">The first row's address.</param>
    /// <param name="most">How many bytes are of use.</param>
    /// <param name="row">Room for one row.</param>
    private ReadOnlySpan<byte> GetRows(Window window, long rva, long most, Span<byte> row)
    {
        ReadOnlySpan<byte> rows = _headers.Map.Find(rva, out long offset, out long available) == Backing.File
            ? _bytes.Get(window, offset, (int)Math.Min(available, most))
            : default;
        return rows.Length >= row.Length ? rows : TryFill(window, rva, row) ? row : default;
    }

    /// <summary>
    /// Finds the text at an address, up to its NUL or the zeros behind the file's bytes. False when the address is outside, the text is
    /// longer than the limit, or it has no end inside the image.
    /// </summary>
    private bool TryGetText(Window window, long rva, int limit, out ReadOnlySpan<byte> text)
    {
        if (_bytes.TryGetTextFromRun(rva, limit, out text))
        {
            return true;
        }

        if (_headers.Map.Find(rva, out long offset, out long available) != Backing.File)
        {
            return false;
        }

        text = _bytes.GetString(window, offset, (int)Math.Min(limit + 1, available), out bool terminated);
        return terminated || (text.Length <= limit && TryGetTextInPieces(window, rva, limit, out text));
    }

    /// <summary>The same for a text whose NUL is not in one piece of the file with it: the next section has it, or the zeros behind one.</summary>
    private bool TryGetTextInPieces(Window window, long rva, int limit, out ReadOnlySpan<byte> text)
    {
        _pieces ??= new byte[MaximumName + 1];
        int length = 0;
        text = default;
        while (length <= limit)
        {
            Backing backing = _headers.Map.Find(rva + length, out long offset, out long available);
            ReadOnlySpan<byte> piece = backing == Backing.File
                ? _bytes.Get(window, offset, (int)Math.Min(limit + 1 - length, available))
                : default;
            int end = piece.IndexOf((byte)0);
            (end < 0 ? piece : piece.Slice(0, end)).CopyTo(_pieces.AsSpan(length));
            length += end < 0 ? piece.Length : end;
            if (end >= 0 || backing == Backing.Zeros)
            {
                text = _pieces.AsSpan(0, length);
                return true;
            }

            if (piece.IsEmpty)
            {
                return false;
            }
        }

        return false;
    }

    /// <summary>Guesses the run of pages that holds most of what will be read, so that one read serves it.</summary>
    private void ReadRegion()
    {
        // Linkers put the import descriptors, the lookup tables and the names behind each other, and the exports right before.
        const int Before = 8 * 1024;
        DataDirectory imports = _headers[DirectoryIndex.Import];
        if (imports.Rva == 0 ||
            (!_headers.Map.TryFindUnchecked(imports.Rva, out long offset, out long available) &&
            _headers.Map.Find(imports.Rva, out offset, out available) != Backing.File))
        {
            return;
        }

        long start = offset;
        DataDirectory exports = _headers[DirectoryIndex.Export];
        if (IsWanted(ReferenceKind.Forwarder) && exports.Rva != 0 &&
            _headers.Map.Find(exports.Rva, out long exportOffset, out _) == Backing.File &&
            exportOffset < offset && offset - exportOffset <= Before)
        {
            start = exportOffset;
        }

        // Some linkers write names right before the table.
        start &= ~(ImageBytes.PageSize - 1L);
        _bytes.ReadRegion(start, (int)(offset - start + Math.Min(GuessImports(imports), available)));
        if (!_headers.Map.HasStrays)
        {
            _bytes.SetRun(imports.Rva, offset, available);
        }
    }

    /// <summary>Guesses how many bytes the import table, its lookup tables and its names take.</summary>
    private uint GuessImports(DataDirectory imports)
    {
        // A compiler for .NET writes the one import of the stub and nothing else; its directory's size is that of all of it.
        const uint Stub = 256;
        if (_headers[DirectoryIndex.ClrHeader].Rva != 0 && imports.Size is > 0 and <= Stub)
        {
            return imports.Size;
        }

        // The address table has one entry a function. Linkers other than Microsoft's write it behind the lookup table. Where the names
        // are longer, or there are none of these numbers to believe, another read gets the rest.
        const uint Usual = 16 * 1024;
        const uint MostDescriptors = 2 * 1024;
        const uint MostAddresses = 4 * 1024;
        const uint HintAndName = 30;
        uint addresses = _headers[DirectoryIndex.ImportAddresses].Size;
        uint functions = addresses / (_headers.Is64 ? 8u : 4u);
        return addresses is > 0 and <= MostAddresses
            ? Math.Min(imports.Size, MostDescriptors) + (2 * addresses) + (HintAndName * functions)
            : Usual;
    }
}
