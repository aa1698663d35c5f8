using System;
using System.Buffers;
using System.IO;

namespace ApiLevel.Formats;

/// <summary>The same over FileStream, for Windows PowerShell: RandomAccess is newer than .NET Framework.</summary>
internal sealed class FileByteSource : ByteSource
{
    private readonly FileStream _stream;

    public FileByteSource(string path)
    {
        // A buffer of 1 turns FileStream's own off: every read here is positioned and sized by its caller.
        _stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1, FileOptions.RandomAccess);
        Length = _stream.Length;
    }

    public override long Length { get; }

    public override int Read(long position, Span<byte> buffer)
    {
        if (position < 0 || position >= Length || buffer.Length == 0)
        {
            return 0;
        }

        byte[] rented = ArrayPool<byte>.Shared.Rent(buffer.Length);
        try
        {
            _stream.Position = position;
            int total = 0;
            while (total < buffer.Length)
            {
                int count = _stream.Read(rented, total, buffer.Length - total);
                if (count == 0)
                {
                    break;
                }

                total += count;
            }

            rented.AsSpan(0, total).CopyTo(buffer);
            return total;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stream.Dispose();
        }

        base.Dispose(disposing);
    }
}
