using System;
using System.Threading;

namespace ApiLevel.Formats.Portable;

/// <summary>Reads Portable Executable files: headers, import tables, export forwarders and .NET metadata.</summary>
public static class PortableReader
{
    /// <summary>Reads one file. No content of the file makes this throw.</summary>
    /// <param name="path">A path of the operating system, taken literally.</param>
    /// <param name="options">What to read; null for the defaults.</param>
    /// <param name="cancellation">Ends the read from outside.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static PortableReadResult Read(string path, PortableReadOptions? options = null, CancellationToken cancellation = default)
    {
        ByteSource source;
        try
        {
            source = new FileByteSource(path);
        }
        catch (Exception exception) when (ReadFailure.FromException(path, exception) is not null)
        {
            return new(null, ReadFailure.FromException(path, exception));
        }

        using (source)
        {
            return ImageParser.Read(source, path, options ?? PortableReadOptions.Default, cancellation);
        }
    }

    /// <summary>Reads one image from bytes.</summary>
    /// <param name="source">The image; not disposed here.</param>
    /// <param name="path">What to call it in a failure.</param>
    /// <param name="options">What to read; null for the defaults.</param>
    /// <param name="cancellation">Ends the read from outside.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static PortableReadResult Read(ByteSource source, string path, PortableReadOptions? options = null, CancellationToken cancellation = default)
    {
        if (source is null)
        {
            throw new ArgumentNullException(nameof(source));
        }

        return ImageParser.Read(source, path, options ?? PortableReadOptions.Default, cancellation);
    }
}
