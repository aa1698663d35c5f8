using System;
using System.IO;
using System.Threading;

namespace ApiLevel.Tracing.EventPipe;

/// <summary>A stream that is read once and written to a file on the way. A file that fails does not end the reading.</summary>
internal sealed class TeeStream(Stream source, Stream? copy, long maximumCopy, Action<Exception> onCopyFailed) : Stream
{
    private readonly ManualResetEventSlim _begun = new(initialState: false);
    private Stream? _copy = copy;
    private long _bytesRead;
    private long _copied;
    private bool _endMarked;

    /// <summary>Bytes read so far, from any thread.</summary>
    public long BytesRead => Interlocked.Read(ref _bytesRead);

    /// <summary>Waits until something was read, or the end, but no longer than this.</summary>
    public void WaitForBeginning(TimeSpan patience) => _begun.Wait(patience);

    /// <summary>True once the file has reached its limit and grows no more.</summary>
    public bool CopyEnded { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => BytesRead;
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        int read;
        try
        {
            read = source.Read(buffer, offset, count);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // The process is gone, or we closed the connection: what was read is all there is.
            read = 0;
        }

        if (read > 0)
        {
            Interlocked.Add(ref _bytesRead, read);
            Copy(buffer, offset, read);
            _begun.Set();
            return read;
        }

        _begun.Set();

        // A killed process leaves no end mark, and without one the library keeps what it holds back for sorting.
        if (_endMarked || count == 0)
        {
            return 0;
        }

        const byte EndOfObjects = 1;
        _endMarked = true;
        buffer[offset] = EndOfObjects;
        return 1;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <summary>Writes what is left of the file to disk.</summary>
    public void CloseCopy()
    {
        Stream? copy = Interlocked.Exchange(ref _copy, null);
        try
        {
            copy?.Dispose();
        }
        catch (IOException exception)
        {
            onCopyFailed(exception);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            CloseCopy();
            source.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Copy(byte[] buffer, int offset, int read)
    {
        if (_copy is not { } copy || CopyEnded)
        {
            return;
        }

        int count = (int)Math.Min(read, maximumCopy - _copied);
        try
        {
            copy.Write(buffer, offset, count);
            _copied += count;
            CopyEnded = _copied >= maximumCopy;
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            CopyEnded = true;
            onCopyFailed(exception);
        }
    }
}
