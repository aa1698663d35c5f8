using System;
using System.IO;

namespace ApiLevel.Formats;

/// <summary>Bytes that are read where they lie, a few KiB at a time; nothing is copied whole.</summary>
public abstract class ByteSource : IDisposable
{
    /// <summary>How many bytes there are.</summary>
    public abstract long Length { get; }

    /// <summary>
    /// Reads at a position. Returns how many bytes were read: fewer than asked for only at the end, 0 for a position outside.
    /// </summary>
    /// <param name="position">From the start, in bytes; one that is negative or past the end reads nothing.</param>
    /// <param name="buffer">What is filled.</param>
    /// <exception cref="IOException">The operating system could not read.</exception>
    public abstract int Read(long position, Span<byte> buffer);

    /// <summary>Opens a file for shared reading; others may go on writing, renaming and deleting it.</summary>
    /// <param name="path">A path of the operating system, taken literally.</param>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read, or is a directory.</exception>
    public static ByteSource OpenFile(string path)
    {
        var source = new FileByteSource(path);
        try
        {
            // A pipe or device has no length: that is reported here, not in the middle of a read.
            _ = source.Length;
            return source;
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <summary>Serves bytes that are already in memory.</summary>
    /// <param name="bytes">The whole input; not copied.</param>
    public static ByteSource FromMemory(ReadOnlyMemory<byte> bytes) => new MemoryByteSource(bytes);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes what is open.</summary>
    /// <param name="disposing">True when called from <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing)
    {
    }

    private sealed class MemoryByteSource(ReadOnlyMemory<byte> bytes) : ByteSource
    {
        public override long Length => bytes.Length;

        public override int Read(long position, Span<byte> buffer)
        {
            if (position < 0 || position >= bytes.Length)
            {
                return 0;
            }

            ReadOnlySpan<byte> rest = bytes.Span.Slice((int)position);
            int count = Math.Min(rest.Length, buffer.Length);
            rest.Slice(0, count).CopyTo(buffer);
            return count;
        }
    }
}
