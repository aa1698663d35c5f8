using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using ApiLevel.Runner;

namespace ApiLevel.Host.Tests.Support;

/// <summary>A terminal of the test's size: types the keys it was given and remembers what stands on its screen.</summary>
internal sealed class ScriptedTerminal : ITerminal
{
    private readonly Queue<ConsoleKeyInfo> _keys = new();
    private readonly List<StringBuilder> _screen = [new()];
    private int _left;
    private int _top;

    public ScriptedTerminal(int width = 120, int height = 50)
    {
        Width = width;
        Height = height;
        Out = new ScreenWriter(this);
    }

    public TextReader In { get; init; } = TextReader.Null;

    public TextWriter Out { get; }

    public TextWriter Error { get; } = new StringWriter();

    public bool Interactive { get; init; }

    public bool Colors { get; init; }

    public bool ErrorIsTerminal { get; init; }

    public int Width { get; set; }

    public int Height { get; }

    /// <summary>Everything that was written, in order, whatever the screen shows now.</summary>
    public StringBuilder Written { get; } = new();

    /// <summary>What stands on the screen, lines without trailing blanks.</summary>
    public string Screen => string.Join('\n', _screen.Select(row => row.ToString().TrimEnd())).TrimEnd();

    public bool ControlCIsKey { get; private set; }

    public (int Left, int Top) Cursor
    {
        get => (_left, _top);
        set
        {
            Assert.InRange(value.Left, 0, Width - 1);
            Assert.InRange(value.Top, 0, Height - 1);
            (_left, _top) = value;
        }
    }

    public ConsoleKeyInfo ReadKey() =>
        _keys.TryDequeue(out ConsoleKeyInfo key) ? key : throw new EndOfStreamException("The test has no more keys.");

    public void TakeControlC(bool asKey) => ControlCIsKey = asKey;

    public ScriptedTerminal Type(string text)
    {
        foreach (char c in text)
        {
            _keys.Enqueue(new ConsoleKeyInfo(c, ConsoleKey.None, false, false, false));
        }

        return this;
    }

    public ScriptedTerminal Press(params ConsoleKey[] keys)
    {
        foreach (ConsoleKey key in keys)
        {
            _keys.Enqueue(new ConsoleKeyInfo('\0', key, false, false, false));
        }

        return this;
    }

    public ScriptedTerminal Press(ConsoleKey key, ConsoleModifiers modifiers)
    {
        _keys.Enqueue(new ConsoleKeyInfo(
            '\0',
            key,
            modifiers.HasFlag(ConsoleModifiers.Shift),
            modifiers.HasFlag(ConsoleModifiers.Alt),
            modifiers.HasFlag(ConsoleModifiers.Control)));
        return this;
    }

    private void Put(char c)
    {
        Written.Append(c);
        if (c == '\r')
        {
            _left = 0;
            return;
        }

        if (c == '\n')
        {
            NextRow();
            return;
        }

        while (_screen.Count <= _top)
        {
            _screen.Add(new StringBuilder());
        }

        StringBuilder row = _screen[_top];
        while (row.Length <= _left)
        {
            row.Append(' ');
        }

        row[_left] = c;
        if (++_left == Width)
        {
            NextRow();
        }
    }

    private void NextRow()
    {
        _left = 0;
        if (++_top == Height)
        {
            _top--;
            _screen.RemoveAt(0);
            _screen.Add(new StringBuilder());
        }
    }

    private sealed class ScreenWriter(ScriptedTerminal terminal) : StringWriter
    {
        public override void Write(char value) => terminal.Put(value);

        public override void Write(string? value)
        {
            foreach (char c in value ?? string.Empty)
            {
                terminal.Put(c);
            }
        }

        public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));
    }
}
