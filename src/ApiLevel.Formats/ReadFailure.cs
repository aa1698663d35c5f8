using System;
using System.IO;

namespace ApiLevel.Formats;

/// <summary>Why a file gave nothing at all.</summary>
public enum ReadFailureKind
{
    /// <summary>No file has this path.</summary>
    FileNotFound,

    /// <summary>The caller may not read the file.</summary>
    FileAccessDenied,

    /// <summary>The operating system could not read the file.</summary>
    FileUnreadable,

    /// <summary>The file has no bytes.</summary>
    FileEmpty,

    /// <summary>The path is a directory.</summary>
    PathIsDirectory,

    /// <summary>The bytes are of another format than the one asked for.</summary>
    WrongFormat,
}

/// <summary>Why a file gave nothing at all: one per file, beside the records of the files that could be read.</summary>
/// <param name="Kind">The reason, one of a closed list.</param>
/// <param name="Path">The path as it was given to the reader.</param>
/// <param name="Message">One sentence without the path.</param>
/// <param name="Exception">What the operating system or the reader threw; null where nothing was thrown.</param>
public sealed record ReadFailure(ReadFailureKind Kind, string Path, string Message, Exception? Exception = null)
{
    private const int InvalidName = unchecked((int)0x8007007B);

    /// <summary>Tells an input/output exception apart; null for exceptions that are no statement about the file.</summary>
    /// <param name="path">The path that was opened.</param>
    /// <param name="exception">What opening or reading threw.</param>
    public static ReadFailure? FromException(string path, Exception exception) => exception switch
    {
        FileNotFoundException or DirectoryNotFoundException or IOException { HResult: InvalidName } =>
            new ReadFailure(ReadFailureKind.FileNotFound, path, "The file does not exist.", exception),
        UnauthorizedAccessException when Directory.Exists(path) =>
            new ReadFailure(ReadFailureKind.PathIsDirectory, path, "The path is a directory.", exception),
        UnauthorizedAccessException =>
            new ReadFailure(ReadFailureKind.FileAccessDenied, path, "Access to the file is denied.", exception),
        IOException or ArgumentException or NotSupportedException =>
            new ReadFailure(ReadFailureKind.FileUnreadable, path, Describe(exception), exception),
        _ => null,
    };

    /// <summary>What the operating system said, without the path that .NET adds to it.</summary>
    /// <param name="exception">What opening, reading or listing threw.</param>
    public static string Describe(Exception exception)
    {
        const string BeforePath = " : '";
        if (IsInUse(exception))
        {
            return "Another program uses it.";
        }

        string message = exception.Message;
        int at = message.IndexOf(BeforePath, StringComparison.Ordinal);
        return at > 0 && message.EndsWith("'", StringComparison.Ordinal) ? message.Substring(0, at) : message;
    }

    /// <summary>Whether another program keeps the file, or a part of it, to itself.</summary>
    /// <param name="exception">What opening or reading threw.</param>
    public static bool IsInUse(Exception? exception) => exception is IOException && exception.HResult is
        unchecked((int)0x80070020) or // ERROR_SHARING_VIOLATION
        unchecked((int)0x80070021) or // ERROR_LOCK_VIOLATION
        11 or // EWOULDBLOCK of Linux
        35; // EWOULDBLOCK of macOS
}
