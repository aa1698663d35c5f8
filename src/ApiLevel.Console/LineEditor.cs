using System;
using System.Collections.Generic;
using System.Management.Automation;

namespace ApiLevel.Runner;

/// <summary>A line with a cursor, a history and completion by Tab.</summary>
internal sealed class LineEditor(ITerminal terminal, Func<string, int, CommandCompletion> complete)
{
    private readonly List<string> _history = [];
    private string _prompt = string.Empty;
    private string _text = string.Empty;
    private int _cursor;
    private int _top;
    private int _drawn;

    /// <summary>Reads a line; null when the input ends (Ctrl+D on an empty line). Ctrl+C gives an empty line.</summary>
    public string? ReadLine(string prompt)
    {
        _prompt = prompt;
        _drawn = 0;
        _top = terminal.Cursor.Top;
        SetText(string.Empty);
        int historyAt = _history.Count;
        string unsent = string.Empty;
        CommandCompletion? completion = null;
        terminal.TakeControlC(asKey: true);
        try
        {
            Draw();
            while (true)
            {
                ConsoleKeyInfo key = terminal.ReadKey();
                bool control = key.Modifiers.HasFlag(ConsoleModifiers.Control);
                if (key.Key != ConsoleKey.Tab)
                {
                    completion = null;
                }

                switch (key.Key)
                {
                    case ConsoleKey.Enter:
                        return Accept();
                    case ConsoleKey.C when control:
                        SetText(string.Empty);
                        return Accept();
                    case ConsoleKey.D when control && _text.Length == 0:
                        Accept();
                        return null;
                    case ConsoleKey.Tab:
                        bool backward = key.Modifiers.HasFlag(ConsoleModifiers.Shift);
                        completion ??= complete(_text, _cursor);
                        Draw(Complete(completion, backward));
                        continue;
                    case ConsoleKey.UpArrow or ConsoleKey.DownArrow:
                        int to = historyAt + (key.Key == ConsoleKey.UpArrow ? -1 : 1);
                        if (to >= 0 && to <= _history.Count)
                        {
                            unsent = historyAt == _history.Count ? _text : unsent;
                            historyAt = to;
                            SetText(to == _history.Count ? unsent : _history[to]);
                        }

                        break;
                    case ConsoleKey.Escape:
                        SetText(string.Empty);
                        break;
                    case ConsoleKey.LeftArrow:
                        _cursor = control ? WordStart() : Math.Max(_cursor - 1, 0);
                        break;
                    case ConsoleKey.RightArrow:
                        _cursor = control ? WordEnd() : Math.Min(_cursor + 1, _text.Length);
                        break;
                    case ConsoleKey.Home:
                    case ConsoleKey.A when control:
                        _cursor = 0;
                        break;
                    case ConsoleKey.End:
                    case ConsoleKey.E when control:
                        _cursor = _text.Length;
                        break;
                    case ConsoleKey.Backspace:
                        Remove(control ? WordStart() : Math.Max(_cursor - 1, 0), _cursor);
                        break;
                    case ConsoleKey.W when control:
                        Remove(WordStart(), _cursor);
                        break;
                    case ConsoleKey.U when control:
                        Remove(0, _cursor);
                        break;
                    case ConsoleKey.K when control:
                        Remove(_cursor, _text.Length);
                        break;
                    case ConsoleKey.Delete:
                        Remove(_cursor, Math.Min(_cursor + 1, _text.Length));
                        break;
                    default:
                        if (!char.IsControl(key.KeyChar))
                        {
                            _text = _text.Insert(_cursor, key.KeyChar.ToString());
                            _cursor++;
                        }

                        break;
                }

                Draw();
            }
        }
        finally
        {
            terminal.TakeControlC(asKey: false);
        }
    }

    // Inserts the next match and returns its tooltip, where that says more than its text.
    private string Complete(CommandCompletion completion, bool backward)
    {
        if (completion.GetNextResult(!backward) is not { } match)
        {
            return string.Empty;
        }

        int start = completion.ReplacementIndex;
        _text = _text[..start] + match.CompletionText + _text[(start + completion.ReplacementLength)..];
        _cursor = start + match.CompletionText.Length;
        completion.ReplacementLength = match.CompletionText.Length;
        return match.ToolTip == match.ListItemText || match.ToolTip == match.CompletionText
            ? string.Empty
            : string.Join(' ', match.ToolTip.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    private string Accept()
    {
        _cursor = _text.Length;
        Draw();
        terminal.Out.WriteLine();
        if (!string.IsNullOrWhiteSpace(_text) && (_history.Count == 0 || _history[^1] != _text))
        {
            _history.Add(_text);
        }

        return _text;
    }

    private void SetText(string text)
    {
        // A command of several lines comes back from the history as one row.
        _text = text.ReplaceLineEndings(" ");
        _cursor = _text.Length;
    }

    private void Remove(int from, int to)
    {
        _text = _text.Remove(from, to - from);
        _cursor = from;
    }

    private int WordStart()
    {
        int at = _cursor;
        while (at > 0 && _text[at - 1] == ' ')
        {
            at--;
        }

        while (at > 0 && _text[at - 1] != ' ')
        {
            at--;
        }

        return at;
    }

    private int WordEnd()
    {
        int at = _cursor;
        while (at < _text.Length && _text[at] != ' ')
        {
            at++;
        }

        while (at < _text.Length && _text[at] == ' ')
        {
            at++;
        }

        return at;
    }

    // Writes the whole line over the old one, with spaces where that was longer. Without escape sequences: on Windows they
    // need a console mode that the runner does not switch on.
    private void Draw(string hint = "")
    {
        int width = Math.Max(terminal.Width, 2);
        string shown = _prompt + _text;
        if (hint.Length > 0)
        {
            int nextRow = (shown.Length / width + 1) * width;
            shown = shown.PadRight(nextRow) + hint[..Math.Min(hint.Length, width - 1)];
        }

        int length = Math.Max(_drawn, shown.Length + 1);
        length += length % width == 0 ? 1 : 0; // after a line that ends at the edge, terminals differ in which row the cursor is
        terminal.Cursor = (0, _top);
        terminal.Out.Write(shown.PadRight(length));
        _drawn = shown.Length + 1;

        // At the bottom of the screen this scrolled: the first row is computed from the cursor's position.
        _top = terminal.Cursor.Top - length / width;
        int offset = _prompt.Length + _cursor;
        terminal.Cursor = (offset % width, _top + offset / width);
    }
}
