using System;
using System.Buffers;
using System.IO;
using System.Threading;

namespace ApiLevel.Formats.Archives;

/// <summary>
/// A stream that cannot be sought, as a source for readers that go forward: a window of the last bytes is kept. What is unpacked counts
/// against a limit, so that a small file cannot become an endless one.
/// </summary>
internal sealed class StreamByteSource : ByteSource
{
    /// <summary>What a source that has to be in memory as a whole may take.</summary>
    public const long MaximumMemory = 512L << 20;

    // No reader goes back further than the block of 64 KiB before the one that it is in.
    private const int Kept = 256 << 10;
    private const int WindowSize = 1 << 20;

    private readonly Stream _stream;
    private readonly UnpackLimit _limit;
    private readonly CancellationToken _cancellation;
    private byte[] _window = ArrayPool<byte>.Shared.Rent(WindowSize);
    private long _windowStart;
    private int _windowLength;
    private bool _ended;

    /// <param name="stream">Closed with this source.</param>
    /// <param name="limit">How much may be read.</param>
    /// <param name="cancellation">Ends the read from outside.</param>
    public StreamByteSource(Stream stream, UnpackLimit limit, CancellationToken cancellation)
    {
        _stream = stream;
        _limit = limit;
        _cancellation = cancellation;
    }

    /// <summary>Whether it comes out of an archive.</summary>
    public bool IsUnpacked => _limit != UnpackLimit.None;

    /// <summary>What is known of the length: all of it after the end, before that what was read so far.</summary>
    public override long Length
    {
        get
        {
            if (_windowLength == 0 && !_ended)
            {
                Fill();
            }

            return _windowStart + _windowLength;
        }
    }

    public override int Read(long position, Span<byte> buffer)
    {
        if (position < 0)
        {
            return 0;
        }

        if (position < _windowStart)
        {
            throw new IOException("A part of a stream was asked for that has passed.");
        }

        int done = 0;
        while (done < buffer.Length)
        {
            long at = position + done - _windowStart;
            if (at < _windowLength)
            {
                int count = (int)Math.Min(buffer.Length - done, _windowLength - at);
                _window.AsSpan((int)at, count).CopyTo(buffer.Slice(done));
                done += count;
            }
            else if (!Fill())
            {
                break;
            }
        }

        return done;
    }

    /// <summary>Reads all of it, for readers that go back and forth.</summary>
    /// <exception cref="IOException">It is too long, or could not be read.</exception>
    public byte[] ReadAll()
    {
        using var all = new MemoryStream();
        var buffer = new byte[81920];
        int count;
        while ((count = Read(all.Length, buffer)) > 0)
        {
            all.Write(buffer, 0, count);
            if (all.Length > MaximumMemory)
            {
                throw new IOException("It has to be in memory as a whole to be read, and is larger than 512 MiB. Unpack it to a file.");
            }
        }

        return all.ToArray();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && _window.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_window);
            _window = [];
            _windowLength = 0;
            _ended = true;
            _stream.Dispose();
        }

        base.Dispose(disposing);
    }

    private bool Fill()
    {
        _cancellation.ThrowIfCancellationRequested();
        if (_ended)
        {
            return false;
        }

        if (_window.Length - _windowLength < Kept)
        {
            int passed = _windowLength - Kept;
            _window.AsSpan(passed, Kept).CopyTo(_window);
            _windowStart += passed;
            _windowLength = Kept;
        }

        int read;
        try
        {
            read = _stream.Read(_window, _windowLength, Math.Min(Kept, _window.Length - _windowLength));
        }
        catch (InvalidDataException exception)
        {
            throw new IOException("Its compressed data is damaged.", exception);
        }

        _windowLength += read;
        _ended = read == 0;
        _limit.Take(read);
        return read > 0;
    }
}

/// <summary>How many bytes one archive may unpack to.</summary>
internal sealed class UnpackLimit(long maximum)
{
    private long _taken;

    /// <summary>For an archive of a size. Logs with much unused space shrink to a thousandth, those in use to a tenth.</summary>
    public static UnpackLimit For(long packed) => new(Math.Max(1L << 30, packed > long.MaxValue / 100 ? long.MaxValue : 100 * packed));

    /// <summary>For what is not packed.</summary>
    public static UnpackLimit None { get; } = new(long.MaxValue);

    /// <exception cref="IOException">The limit is reached.</exception>
    public void Take(int count)
    {
        _taken += count;
        if (_taken > maximum)
        {
            throw new IOException("It unpacks to more than an archive of its size may. Unpack it to files.");
        }
    }
}
