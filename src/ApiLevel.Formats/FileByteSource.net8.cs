using System;
using System.IO;
using Microsoft.Win32.SafeHandles;

namespace ApiLevel.Formats;

/// <summary>Positioned reads through RandomAccess: no stream buffer, no seek.</summary>
internal sealed class FileByteSource : ByteSource
{
    private readonly SafeFileHandle _handle;

    public FileByteSource(string path)
    {
        // Windows takes the advice with the open; elsewhere it is a call of its own, for reads that are too few to profit from it.
        FileOptions advice = OperatingSystem.IsWindows() ? FileOptions.RandomAccess : FileOptions.None;
        _handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, advice);
        Length = RandomAccess.GetLength(_handle);
    }

    public override long Length { get; }

    public override int Read(long position, Span<byte> buffer)
    {
        if (position < 0 || position >= Length)
        {
            return 0;
        }

        // Asking past the end costs another call of the system that answers 0.
        buffer = buffer.Slice(0, (int)Math.Min(buffer.Length, Length - position));
        int total = 0;
        while (total < buffer.Length)
        {
            int count = RandomAccess.Read(_handle, buffer.Slice(total), position + total);
            if (count == 0)
            {
                break;
            }

            total += count;
        }

        return total;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _handle.Dispose();
        }

        base.Dispose(disposing);
    }
}
