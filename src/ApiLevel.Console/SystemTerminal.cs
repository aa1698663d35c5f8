using System;
using System.IO;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace ApiLevel.Runner;

/// <summary>The process's own console.</summary>
internal sealed class SystemTerminal : ITerminal
{
    /// <summary>The width that the module's tables are designed for.</summary>
    private const int RedirectedWidth = 120;

    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false);

    public TextReader In => Console.In;

    // The console's code page on Windows is not UTF-8; a file or a pipe gets UTF-8 everywhere.
    public TextWriter Out { get; } = Console.IsOutputRedirected
        ? new StreamWriter(OpenOutput(), s_utf8) { AutoFlush = true }
        : Console.Out;

    public TextWriter Error { get; } = TextWriter.Synchronized(
        new StreamWriter(new OptionalStream(InheritedDescriptor.Exists(2) ? Console.OpenStandardError() : Stream.Null), Console.IsErrorRedirected ? s_utf8 : Console.Error.Encoding) { AutoFlush = true });

    public bool Interactive { get; } = !Console.IsInputRedirected && !Console.IsOutputRedirected;

    // A Windows console understands sequences only in a mode that the runner does not switch on.
    public bool Colors { get; } = !Console.IsOutputRedirected && !OperatingSystem.IsWindows()
        && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    public bool ErrorIsTerminal { get; } = !Console.IsErrorRedirected;

    public int Width => Console.IsOutputRedirected || Console.WindowWidth <= 0 ? RedirectedWidth : Console.WindowWidth;

    public int Height => Console.IsOutputRedirected || Console.WindowHeight <= 0 ? 50 : Console.WindowHeight;

    public (int Left, int Top) Cursor
    {
        get => Console.GetCursorPosition();
        set => Console.SetCursorPosition(value.Left, value.Top);
    }

    public ConsoleKeyInfo ReadKey() => Console.ReadKey(intercept: true);

    // The console's own stream ignores that a pipe has no reader, so an endless command would not end after "| head". A pipe is
    // opened as a file stream, which throws then. A file stays with the console's stream: the standard error may go to the same
    // file, and a file stream keeps a position of its own.
    private static Stream OpenOutput()
    {
        if (!InheritedDescriptor.Exists(1))
        {
            return Stream.Null;
        }

        if (!OperatingSystem.IsWindows())
        {
            FileStream output = new(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            if (!output.CanSeek)
            {
                return output;
            }
        }

        return Console.OpenStandardOutput();
    }

    public void TakeControlC(bool asKey) => Console.TreatControlCAsInput = asKey;
}
