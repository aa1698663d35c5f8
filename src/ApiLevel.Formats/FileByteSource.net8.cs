using System;
using System.IO;
using Microsoft.Win32.SafeHandles;

namespace ApiLevel.Formats;

/// <summary>Positioned reads through RandomAccess: no stream buffer, no seek.</summary>
internal sealed class FileByteSource : ByteSource
{
    private readonly SafeFileHandle _handle;
    private long _length = -1;

    public FileByteSource(string path)
    {
        // On Windows the hint is a flag of the open call; elsewhere it is a further system call, which does not pay for a few reads.
        FileOptions advice = OperatingSystem.IsWindows() ? FileOptions.RandomAccess : FileOptions.None;
        _handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, advice);
    }

    /// <summary>Asked of the system when somebody wants to know: who reads the start of many files often does not.</summary>
    public override long Length => _length >= 0 ? _length : _length = RandomAccess.GetLength(_handle);

    public override int Read(long position, Span<byte> buffer)
    {
        if (position < 0)
        {
            return 0;
        }

        if (_length >= 0)
        {
            // Asking past the end costs another call of the system that answers 0.
            buffer = buffer.Slice(0, (int)Math.Clamp(_length - position, 0, buffer.Length));
        }

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
