using System;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace ApiLevel.Runner;

/// <summary>The host that the engine sees: where text goes, how wide it is, and the argument of <c>exit</c>.</summary>
internal sealed class RunnerHost(ITerminal terminal) : PSHost
{
    public override string Name => "ApiLevel.Console";

    public override Version Version { get; } = typeof(RunnerHost).Assembly.GetName().Version!;

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override CultureInfo CurrentCulture => CultureInfo.InvariantCulture;

    public override CultureInfo CurrentUICulture { get; } = CultureInfo.GetCultureInfo("en-US");

    public override PSHostUserInterface UI { get; } = new RunnerUserInterface(terminal);

    /// <summary>The argument of <c>exit</c>; null until it was called.</summary>
    public int? ExitCode { get; private set; }

    public override void SetShouldExit(int exitCode) => ExitCode = exitCode;

    public override void EnterNestedPrompt() =>
        throw new PSNotSupportedException("This runner has no nested prompt.");

    public override void ExitNestedPrompt()
    {
    }

    public override void NotifyBeginApplication()
    {
    }

    public override void NotifyEndApplication()
    {
    }
}

/// <summary>Text to the standard output, everything about the run to the standard error.</summary>
internal sealed class RunnerUserInterface(ITerminal terminal) : PSHostUserInterface
{
    private int _progressWidth;

    public override PSHostRawUserInterface RawUI { get; } = new RunnerRawUserInterface(terminal);

    public override bool SupportsVirtualTerminal => terminal.Colors;

    // The engine's tables contain escape sequences; the host removes them where they are not wanted.
    public override void Write(string value) => terminal.Out.Write(GetOutputString(value, SupportsVirtualTerminal));

    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) => Write(value);

    public override void WriteLine(string value) => terminal.Out.WriteLine(GetOutputString(value, SupportsVirtualTerminal));

    public override void WriteErrorLine(string value) => Tell("ERROR", value);

    public override void WriteWarningLine(string message) => Tell("WARNING", message);

    public override void WriteVerboseLine(string message) => Tell("VERBOSE", message);

    public override void WriteDebugLine(string message) => Tell("DEBUG", message);

    public override void WriteInformation(InformationRecord record) => Tell("INFO", record.MessageData?.ToString() ?? string.Empty);

    /// <summary>One line that overwrites itself; only on a terminal.</summary>
    public override void WriteProgress(long sourceId, ProgressRecord record)
    {
        if (!terminal.ErrorIsTerminal)
        {
            return;
        }

        string share = record.PercentComplete >= 0 ? $" {record.PercentComplete}%" : string.Empty;
        string line = record.RecordType == ProgressRecordType.Completed
            ? string.Empty
            : $"{record.Activity}: {record.StatusDescription}{share}";
        line = line.Length < terminal.Width ? line : line[..(terminal.Width - 1)];
        terminal.Error.Write($"\r{line.PadRight(_progressWidth)}\r");
        _progressWidth = line.Length;
    }

    public override string ReadLine() => terminal.In.ReadLine() ?? string.Empty;

    public override SecureString ReadLineAsSecureString() => throw CannotAsk("a secret");

    public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions)
    {
        if (!terminal.Interactive)
        {
            throw CannotAsk(string.Join(", ", descriptions.Select(d => "-" + d.Name)));
        }

        Dictionary<string, PSObject> answers = [];
        foreach (FieldDescription field in descriptions)
        {
            Write($"{field.Name}: ");
            answers[field.Name] = PSObject.AsPSObject(ReadLine());
        }

        return answers;
    }

    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
    {
        if (!terminal.Interactive)
        {
            throw CannotAsk($"an answer to '{message}'");
        }

        WriteLine(caption);
        WriteLine(message);
        while (true)
        {
            Write(string.Join("  ", choices.Select(c => $"[{Key(c)}] {c.Label.Replace("&", string.Empty, StringComparison.Ordinal)}")));
            Write(defaultChoice >= 0 ? $"  (default {Key(choices[defaultChoice])}): " : ": ");
            string answer = (terminal.In.ReadLine() ?? throw CannotAsk($"an answer to '{message}'")).Trim();
            if (answer.Length == 0 && defaultChoice >= 0)
            {
                return defaultChoice;
            }

            for (int i = 0; i < choices.Count; i++)
            {
                if (string.Equals(answer, Key(choices[i]), StringComparison.OrdinalIgnoreCase))
                {
                    return i;
                }
            }
        }
    }

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
        throw CannotAsk("a credential");

    public override PSCredential PromptForCredential(
        string caption,
        string message,
        string userName,
        string targetName,
        PSCredentialTypes allowedCredentialTypes,
        PSCredentialUIOptions options) => throw CannotAsk("a credential");

    /// <summary>Clears an unfinished progress line.</summary>
    public void EndProgress()
    {
        if (_progressWidth > 0)
        {
            terminal.Error.Write($"\r{new string(' ', _progressWidth)}\r");
            _progressWidth = 0;
        }
    }

    private static string Key(ChoiceDescription choice)
    {
        int mark = choice.Label.IndexOf('&', StringComparison.Ordinal);
        return mark >= 0 && mark + 1 < choice.Label.Length ? choice.Label.Substring(mark + 1, 1) : choice.Label;
    }

    private static HostException CannotAsk(string what) =>
        new($"The command asks for {what}, but no terminal is attached to answer on; give it as a parameter.");

    private void Tell(string kind, string message)
    {
        EndProgress();
        Messages.Write(terminal.Error, kind, null, message);
    }
}

/// <summary>The screen as the engine's formatting sees it: a width.</summary>
internal sealed class RunnerRawUserInterface(ITerminal terminal) : PSHostRawUserInterface
{
    public override Size BufferSize
    {
        get => new(terminal.Width, terminal.Height);
        set { }
    }

    public override Size WindowSize
    {
        get => BufferSize;
        set { }
    }

    public override Size MaxWindowSize => BufferSize;

    public override Size MaxPhysicalWindowSize => BufferSize;

    public override ConsoleColor ForegroundColor { get; set; } = ConsoleColor.Gray;

    public override ConsoleColor BackgroundColor { get; set; } = ConsoleColor.Black;

    public override Coordinates CursorPosition { get; set; }

    public override Coordinates WindowPosition { get; set; }

    public override int CursorSize { get; set; } = 25;

    public override string WindowTitle { get; set; } = string.Empty;

    public override bool KeyAvailable => false;

    public override void FlushInputBuffer()
    {
    }

    public override BufferCell[,] GetBufferContents(Rectangle rectangle) => new BufferCell[0, 0];

    public override KeyInfo ReadKey(ReadKeyOptions options)
    {
        ConsoleKeyInfo key = terminal.Interactive
            ? terminal.ReadKey()
            : throw new HostException("The command waits for a key, but no terminal is attached.");
        return new KeyInfo((int)key.Key, key.KeyChar, default, keyDown: true);
    }

    public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill)
    {
    }

    public override void SetBufferContents(Coordinates origin, BufferCell[,] contents)
    {
    }

    public override void SetBufferContents(Rectangle rectangle, BufferCell fill)
    {
    }
}
