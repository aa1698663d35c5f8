using System;
using System.Buffers.Binary;
using System.IO;

namespace ApiLevel.Formats.Portable;

/// <summary>Which of the buffers a read goes through. Tables that are walked side by side must not push each other out.</summary>
internal enum Window
{
    Headers,
    Region,
    Descriptors,
    Thunks,
    Names,
    Other,
}

/// <summary>
/// A few windows over a file, each filled by one positioned read. Most images need two: the headers, and the run of pages that
/// holds the import table with its names. Belongs to one read at a time; the buffers are kept for the thread's next one.
/// </summary>
internal sealed class ImageBytes
{
    /// <summary>The most that one call of <see cref="Get"/> can answer.</summary>
    public const int MaximumCount = 64 * 1024;

    /// <summary>What the system reads at once: the rest of a page that is touched anyway costs little.</summary>
    public const int PageSize = 4 * 1024;

    private const int HeaderSize = PageSize;
    private readonly View[] _views = new View[6];
    private ByteSource _source = null!;
    private ReadBudget _budget = null!;
    private long _length;
    private long _known;
    private byte[] _run = [];
    private long _runAddress;
    private int _runStart;
    private int _runLength;

    /// <summary>The file's length in bytes. The system is asked when nothing that was read tells it.</summary>
    public long Length
    {
        get
        {
            if (_length < 0)
            {
                try
                {
                    _length = _source.Length;
                }
                catch (Exception exception) when (exception is IOException or NotSupportedException)
                {
                    // What is no file may have none: it is as long as what was read of it.
                    Failure = exception.Message;
                    _length = _known;
                }
            }

            return _length;
        }
    }

    /// <summary>What the operating system said about a read that failed; null while none did.</summary>
    public string? Failure { get; private set; }

    /// <summary>True when a read was refused because the time is over.</summary>
    public bool OutOfTime { get; private set; }

    /// <summary>Starts with another file and reads its first page.</summary>
    /// <exception cref="IOException">The first page cannot be read.</exception>
    public void Open(ByteSource source, ReadBudget budget)
    {
        _source = source;
        _budget = budget;
        _length = -1;
        Failure = null;
        OutOfTime = false;
        _runLength = 0;
        for (int i = 0; i < _views.Length; i++)
        {
            _views[i].Count = 0;
        }

        ref View headers = ref _views[(int)Window.Headers];
        headers.Buffer ??= new byte[HeaderSize];
        headers.Start = 0;

        // The buffer may be larger since a file whose headers are far from its beginning; the first read is a page all the same.
        headers.Count = source.Read(0, headers.Buffer.AsSpan(0, HeaderSize));
        _known = headers.Count;
    }

    /// <summary>Whether the file has so many bytes; cheaper than <see cref="Length"/> where they were read already.</summary>
    public bool Reaches(long end) => end <= _known || end <= Length;

    /// <summary>Lets go of the file; the buffers stay.</summary>
    public void Close()
    {
        _source = null!;
        _budget = null!;
    }

    /// <summary>Reads the run of pages that most of the other reads will be answered from.</summary>
    public void ReadRegion(long start, int size)
    {
        ref View headers = ref _views[(int)Window.Headers];
        if (start >= headers.Start && start + size <= headers.Start + headers.Count)
        {
            return;
        }

        // Up to a page's end.
        int toPageEnd = (int)(-(start + size) & (PageSize - 1));
        Load(Window.Region, start, Math.Min(size + toPageEnd, MaximumCount));
    }

    /// <summary>
    /// Says which addresses the bytes from an offset on have, so that names in them are found without asking the map for each. What
    /// counts is what was read already, the first page or the region.
    /// </summary>
    /// <param name="address">The address of the first byte.</param>
    /// <param name="offset">Its offset.</param>
    /// <param name="available">For how many bytes that holds.</param>
    public void SetRun(long address, long offset, long available)
    {
        ref View view = ref _views[(int)(_views[(int)Window.Region].Count > 0 ? Window.Region : Window.Headers)];
        long from = offset - view.Start;
        if (from >= 0 && from < view.Count)
        {
            _run = view.Buffer;
            _runAddress = address;
            _runStart = (int)from;
            _runLength = (int)Math.Min(view.Count - from, available);
        }
    }

    /// <summary>
    /// The bytes at an offset: as many as asked for (at most <see cref="MaximumCount"/>), fewer where the file ends. Valid until the
    /// next read through the same window.
    /// </summary>
    public ReadOnlySpan<byte> Get(Window window, long offset, int count)
    {
        if (offset < 0 || count <= 0)
        {
            return default;
        }

        count = Math.Min(count, MaximumCount);
        if (TryGetLoaded(window, offset, count, out ReadOnlySpan<byte> bytes))
        {
            return bytes;
        }

        if (!Reaches(offset + count))
        {
            if (offset >= Length)
            {
                return default;
            }

            count = (int)(Length - offset);
            if (TryGetLoaded(window, offset, count, out bytes))
            {
                return bytes;
            }
        }

        ref View view = ref _views[(int)window];
        int size = count;
        if (window != Window.Region)
        {
            // A walk that goes on where the window ends gets larger and larger windows; a jump gets the rest of its page, and the next where little is left.
            bool goesOn = view.Count > 0 && offset >= view.Start && offset <= view.Start + view.Count;
            int toPageEnd = PageSize - (int)(offset & (PageSize - 1));
            int ahead = goesOn ? Math.Min(2 * view.Count, MaximumCount) : toPageEnd < PageSize / 4 ? toPageEnd + PageSize : toPageEnd;
            size = Math.Max(count, ahead);
        }

        Load(window, offset, size);
        return view.Buffer.AsSpan(0, Math.Min(count, view.Count));
    }

    /// <summary>The bytes from an offset up to a NUL or a limit, without the NUL.</summary>
    /// <param name="window">The window to read through.</param>
    /// <param name="offset">Where the text begins.</param>
    /// <param name="limit">How many bytes are looked at.</param>
    /// <param name="terminated">True when the NUL was found; false where the limit or the file's end came first.</param>
    public ReadOnlySpan<byte> GetString(Window window, long offset, int limit, out bool terminated)
    {
        terminated = false;
        if (offset < 0 || limit <= 0)
        {
            return default;
        }

        if (TryGetTerminated(Window.Region, offset, limit, out ReadOnlySpan<byte> text) ||
            TryGetTerminated(window, offset, limit, out text) ||
            TryGetTerminated(Window.Headers, offset, limit, out text))
        {
            terminated = true;
            return text;
        }

        text = Get(window, offset, limit);
        int end = text.IndexOf((byte)0);
        terminated = end >= 0;
        return terminated ? text.Slice(0, end) : text;
    }

    /// <summary>A stream over a part of the file, past all windows. Valid until <see cref="Close"/>.</summary>
    public Stream OpenPart(long offset, int length) => new PartStream(_source, offset, length);

    /// <summary>Fills a buffer from an offset, past all windows. Returns how many bytes there were.</summary>
    public int ReadPart(long offset, Span<byte> buffer)
    {
        try
        {
            return _source.Read(offset, buffer);
        }
        catch (IOException exception)
        {
            Failure = exception.Message;
            return 0;
        }
    }

    /// <summary>The bytes at an address where all of them lie in the run. False says nothing.</summary>
    public bool TryGetFromRun(long address, int count, out ReadOnlySpan<byte> bytes)
    {
        long from = address - _runAddress;
        if (from >= 0 && from + count <= _runLength)
        {
            bytes = _run.AsSpan(_runStart + (int)from, count);
            return true;
        }

        bytes = default;
        return false;
    }

    /// <summary>The bytes from an address to the run's end, at most as many as asked for; none where the address is outside the run.</summary>
    public ReadOnlySpan<byte> GetRestOfRun(long address, int count)
    {
        long from = address - _runAddress;
        return from >= 0 && from < _runLength ? _run.AsSpan(_runStart + (int)from, (int)Math.Min(count, _runLength - from)) : default;
    }

    /// <summary>The printable ASCII text at an address where it and its NUL lie in the run. False says nothing.</summary>
    public bool TryGetTextFromRun(long address, int limit, out ReadOnlySpan<byte> text)
    {
        long from = address - _runAddress;
        if (from >= 0 && from < _runLength)
        {
            text = _run.AsSpan(_runStart + (int)from, (int)Math.Min(limit + 1, _runLength - from));
            int end = NameText.PrintableLength(text);
            if (end < text.Length && text[end] == 0)
            {
                text = text.Slice(0, end);
                return true;
            }
        }

        text = default;
        return false;
    }

    /// <summary>
    /// The hint at an address and the name behind it where both lie in the run (<see cref="SetRun"/>) and the name is printable ASCII, which
    /// is the case for nearly all names of nearly all images. False says nothing: ask <see cref="Get"/> and <see cref="GetString"/>.
    /// </summary>
    public bool TryGetHintAndName(long address, int limit, out ushort hint, out ReadOnlySpan<byte> name)
    {
        if (TryGetFromRun(address, 2, out ReadOnlySpan<byte> bytes) && TryGetTextFromRun(address + 2, limit, out name) && name.Length > 0)
        {
            hint = BinaryPrimitives.ReadUInt16LittleEndian(bytes);
            return true;
        }

        hint = 0;
        name = default;
        return false;
    }

    private bool TryGetLoaded(Window window, long offset, int count, out ReadOnlySpan<byte> bytes) =>
        TryGetFrom(Window.Region, offset, count, out bytes) ||
        TryGetFrom(window, offset, count, out bytes) ||
        TryGetFrom(Window.Headers, offset, count, out bytes);

    private bool TryGetFrom(Window window, long offset, int count, out ReadOnlySpan<byte> bytes)
    {
        ref View view = ref _views[(int)window];
        long from = offset - view.Start;
        if (from >= 0 && from + count <= view.Count)
        {
            bytes = view.Buffer.AsSpan((int)from, count);
            return true;
        }

        bytes = default;
        return false;
    }

    private bool TryGetTerminated(Window window, long offset, int limit, out ReadOnlySpan<byte> text)
    {
        ref View view = ref _views[(int)window];
        long from = offset - view.Start;
        text = default;
        if (from < 0 || from >= view.Count)
        {
            return false;
        }

        text = view.Buffer.AsSpan((int)from, (int)Math.Min(limit, view.Count - from));
        int end = text.IndexOf((byte)0);
        if (end < 0)
        {
            return false;
        }

        text = text.Slice(0, end);
        return true;
    }

    private void Load(Window window, long offset, int size)
    {
        ref View view = ref _views[(int)window];
        view.Count = 0;
        view.Start = offset;
        if (ReferenceEquals(view.Buffer, _run))
        {
            _runLength = 0;
        }

        if (!_budget.CheckTime())
        {
            OutOfTime = true;
            return;
        }

        view.Buffer ??= new byte[MaximumCount];
        if (view.Buffer.Length < size)
        {
            view.Buffer = new byte[MaximumCount];
        }

        try
        {
            view.Count = _source.Read(offset, view.Buffer.AsSpan(0, size));
            _known = view.Count > 0 ? Math.Max(_known, offset + view.Count) : _known;
        }
        catch (IOException exception)
        {
            // The tables that need these bytes say that they are incomplete; the reader tells why.
            Failure = exception.Message;
        }
    }

    private struct View
    {
        public byte[] Buffer;
        public long Start;
        public int Count;
    }

    private sealed class PartStream(ByteSource source, long offset, int length) : Stream
    {
        private int _position;

        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => length;

        public override long Position
        {
            get => _position;
            set => _position = (int)Math.Min(Math.Max(value, 0), length);
        }

        public override int Read(byte[] buffer, int start, int count)
        {
            int read = source.Read(offset + _position, buffer.AsSpan(start, Math.Min(count, length - _position)));
            _position += read;
            return read;
        }

        public override long Seek(long distance, SeekOrigin origin) =>
            Position = distance + (origin == SeekOrigin.Begin ? 0 : origin == SeekOrigin.Current ? _position : length);

        public override void Flush()
        {
        }

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int start, int count) => throw new NotSupportedException();
    }
}
