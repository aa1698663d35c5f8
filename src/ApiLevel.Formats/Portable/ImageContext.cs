using System;
using System.Threading;

namespace ApiLevel.Formats.Portable;

/// <summary>One image while it is read: its bytes and addresses, what it may cost, and what was found in it.</summary>
internal abstract class ImageContext
{
    /// <summary>Longer names are no names. C++ needs up to 4,096 bytes.</summary>
    public const int MaximumName = 4096;

    /// <summary>The most memory that the references of one image may take, whatever its size.</summary>
    private const long MaximumOutput = 24L << 20;

    private readonly Func<long> _askLength;
    private byte[]? _pieces;
    private ReadBudget _tables = null!;
    private uint _kinds;

    protected ImageContext() => _askLength = () => Bytes.Length;

    public ImageBytes Bytes { get; } = new();

    public ImageHeaders Headers { get; } = new();

    public ReferenceBuffer References { get; } = new();

    public ProblemList Problems { get; private set; } = null!;

    /// <summary>What the whole image may cost.</summary>
    public ReadBudget Budget { get; private set; } = null!;

    /// <summary>Starts with another image.</summary>
    protected void Begin(uint kinds, CancellationToken cancellation)
    {
        var limit = TimeSpan.FromSeconds(1.5);
        Budget = new ReadBudget(ReadBudget.MinimumWork, 4, MaximumOutput, _askLength, limit, cancellation);

        // What the tables of imports and exports may walk over: a table twice as long as the file is two tables that overlap.
        _tables = new ReadBudget(4096, 1, long.MaxValue, _askLength, limit, cancellation);
        Problems = new ProblemList();
        _kinds = kinds;
    }

    /// <summary>Lets go of the image; the buffers stay for the next one.</summary>
    protected void End()
    {
        References.Clear();
        Bytes.Close();
        Problems = null!;
        Budget = null!;
        _tables = null!;
    }

    public bool IsWanted(ReferenceKind kind) => (_kinds & (1u << (int)kind)) != 0;

    /// <summary>Keeps a reference. False when the image has more of them than memory is given for.</summary>
    public bool TryKeep(in PortableReference reference, string where)
    {
        if (!TryEmit(reference.Name.Length + (reference.ExportName?.Length ?? 0) + (reference.Detail?.Length ?? 0), where))
        {
            return false;
        }

        References.Next() = reference;
        return true;
    }

    /// <summary>Takes what a reference with so many characters costs in memory.</summary>
    public bool TryEmit(int characters, string where)
    {
        // A record and its strings; a string that other images share is counted as if it were this one's alone.
        const int RecordAndStringHead = 56;
        if (!Budget.TryEmit(RecordAndStringHead + (2 * characters)))
        {
            Problems.Add(where, "not all are listed: " + Budget.Exhausted);
            return false;
        }

        return true;
    }

    /// <summary>Takes work from the tables' budget; a Problem says what is lost when there is none left.</summary>
    public bool TrySpend(long bytes, string where)
    {
        if (!_tables.TrySpend(bytes))
        {
            Problems.Add(where, "not read to the end: " + _tables.Exhausted);
            return false;
        }

        if (Bytes.OutOfTime)
        {
            Problems.Add(where, "not read to the end: " + Budget.Exhausted);
            return false;
        }

        return true;
    }

    /// <summary>
    /// Fills a structure from an address: bytes of the file and zeros that the loader has there, of one section or of several. False when
    /// a part of it is outside, or the file was cut off inside it.
    /// </summary>
    public bool TryFill(Window window, long rva, Span<byte> structure)
    {
        if (Bytes.TryGetFromRun(rva, structure.Length, out ReadOnlySpan<byte> all))
        {
            all.CopyTo(structure);
            return true;
        }

        structure.Clear();
        while (structure.Length > 0)
        {
            switch (Headers.Map.Find(rva, out long offset, out long available))
            {
                case Backing.Zeros:
                    int zeros = (int)Math.Min(structure.Length, available);
                    structure = structure.Slice(zeros);
                    rva += zeros;
                    break;
                case Backing.Outside:
                    return false;
                default:
                    ReadOnlySpan<byte> bytes = Bytes.Get(window, offset, (int)Math.Min(structure.Length, available));
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
    public ReadOnlySpan<byte> GetRows(Window window, long rva, long most, Span<byte> row)
    {
        ReadOnlySpan<byte> rows = Headers.Map.Find(rva, out long offset, out long available) == Backing.File
            ? Bytes.Get(window, offset, (int)Math.Min(available, most))
            : default;
        return rows.Length >= row.Length ? rows : TryFill(window, rva, row) ? row : default;
    }

    /// <summary>
    /// Finds the text at an address, up to its NUL or the zeros behind the file's bytes. False when the address is outside, the text is
    /// longer than the limit, or it has no end inside the image.
    /// </summary>
    public bool TryGetText(Window window, long rva, int limit, out ReadOnlySpan<byte> text)
    {
        if (Bytes.TryGetTextFromRun(rva, limit, out text))
        {
            return true;
        }

        if (Headers.Map.Find(rva, out long offset, out long available) != Backing.File)
        {
            return false;
        }

        text = Bytes.GetString(window, offset, (int)Math.Min(limit + 1, available), out bool terminated);
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
            Backing backing = Headers.Map.Find(rva + length, out long offset, out long available);
            ReadOnlySpan<byte> piece = backing == Backing.File
                ? Bytes.Get(window, offset, (int)Math.Min(limit + 1 - length, available))
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
}
