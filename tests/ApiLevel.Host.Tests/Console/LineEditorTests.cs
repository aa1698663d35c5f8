using System;
using System.Collections.ObjectModel;
using System.Linq;
using System.Management.Automation;
using ApiLevel.Host.Tests.Support;
using ApiLevel.Runner;

namespace ApiLevel.Host.Tests.RunnerTests;

public sealed class LineEditorTests
{
    [Fact]
    public void Returns_what_was_typed()
    {
        Assert.Equal("Get-X", Read(new ScriptedTerminal().Type("Get-X").Press(ConsoleKey.Enter)));
    }

    [Fact]
    public void Edits_in_the_middle()
    {
        ScriptedTerminal terminal = new ScriptedTerminal().Type("abXcd")
            .Press(ConsoleKey.LeftArrow, ConsoleKey.LeftArrow, ConsoleKey.Backspace)
            .Type("-")
            .Press(ConsoleKey.Home, ConsoleKey.Delete, ConsoleKey.End)
            .Type("!")
            .Press(ConsoleKey.Enter);

        Assert.Equal("b-cd!", Read(terminal));
        Assert.Equal("PS> b-cd!", terminal.Screen);
    }

    [Fact]
    public void Moves_and_deletes_by_words()
    {
        ScriptedTerminal terminal = new ScriptedTerminal().Type("one two three")
            .Press(ConsoleKey.LeftArrow, ConsoleModifiers.Control)
            .Press(ConsoleKey.W, ConsoleModifiers.Control)
            .Press(ConsoleKey.Enter);

        Assert.Equal("one three", Read(terminal));
    }

    [Fact]
    public void Brings_back_earlier_lines_and_the_one_that_was_begun()
    {
        ScriptedTerminal terminal = new ScriptedTerminal()
            .Type("first").Press(ConsoleKey.Enter)
            .Type("second").Press(ConsoleKey.Enter)
            .Press(ConsoleKey.UpArrow, ConsoleKey.UpArrow, ConsoleKey.UpArrow, ConsoleKey.Enter)
            .Type("beg").Press(ConsoleKey.UpArrow, ConsoleKey.DownArrow).Type("un").Press(ConsoleKey.Enter);
        LineEditor editor = Editor(terminal);

        Assert.Equal(["first", "second", "first", "begun"], Enumerable.Range(0, 4).Select(_ => editor.ReadLine("PS> ")));
    }

    [Fact]
    public void Control_C_gives_the_line_up_and_control_D_ends()
    {
        ScriptedTerminal terminal = new ScriptedTerminal().Type("abc").Press(ConsoleKey.C, ConsoleModifiers.Control)
            .Press(ConsoleKey.D, ConsoleModifiers.Control);
        LineEditor editor = Editor(terminal);

        Assert.Equal(string.Empty, editor.ReadLine("PS> "));
        Assert.Null(editor.ReadLine("PS> "));
        Assert.False(terminal.ControlCIsKey);
    }

    [Fact]
    public void Tab_goes_through_the_matches_both_ways_and_shows_what_they_mean()
    {
        ScriptedTerminal terminal = new ScriptedTerminal().Type("x Al").Press(ConsoleKey.Tab, ConsoleKey.Tab)
            .Press(ConsoleKey.Tab, ConsoleModifiers.Shift);
        LineEditor editor = Editor(terminal);

        Assert.Throws<System.IO.EndOfStreamException>(() => editor.ReadLine("PS> "));

        Assert.Equal("PS> x Alpha\nthe first letter", terminal.Screen);
        Assert.Equal(("PS> x Alpha".Length, 0), terminal.Cursor);
    }

    [Fact]
    public void What_a_match_means_goes_with_the_next_key()
    {
        ScriptedTerminal terminal = new ScriptedTerminal().Type("x Al").Press(ConsoleKey.Tab).Type("!").Press(ConsoleKey.Enter);

        Assert.Equal("x Alpha!", Read(terminal));
        Assert.Equal("PS> x Alpha!", terminal.Screen);
    }

    [Fact]
    public void Tab_without_a_match_changes_nothing()
    {
        Assert.Equal("zzz", Read(new ScriptedTerminal().Type("zzz").Press(ConsoleKey.Tab, ConsoleKey.Enter)));
    }

    [Theory]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(40)]
    [InlineData(64)]
    public void A_line_longer_than_the_screen_is_wide_is_drawn_over_several_rows(int length)
    {
        string text = string.Concat(Enumerable.Range(0, length).Select(i => (char)('a' + i % 26)));
        ScriptedTerminal terminal = new ScriptedTerminal(width: 20, height: 30).Type(text)
            .Press(ConsoleKey.Backspace).Press(ConsoleKey.Home).Type("1").Press(ConsoleKey.Enter);

        Assert.Equal("1" + text[..^1], Read(terminal));
        Assert.Equal("PS> 1" + text[..^1], terminal.Screen.Replace("\n", string.Empty, StringComparison.Ordinal));
    }

    [Fact]
    public void A_long_line_at_the_bottom_of_the_screen_scrolls()
    {
        ScriptedTerminal terminal = new ScriptedTerminal(width: 20, height: 3).Type(new string('a', 30)).Type("b").Press(ConsoleKey.Enter);
        terminal.Out.Write("old1\nold2\n");

        Assert.Equal(new string('a', 30) + "b", Read(terminal));
        Assert.Contains("b", terminal.Screen);
        Assert.DoesNotContain("old1", terminal.Screen);
    }

    [Fact]
    public void The_prompt_completes_from_the_module_and_runs_what_was_typed()
    {
        // A whole run as a person sees it: complete a cmdlet's name, run it, leave.
        ScriptedTerminal terminal = new ScriptedTerminal { Interactive = true }
            .Type("Get-ApiEventM").Press(ConsoleKey.Tab).Type(" LogonUserA -Source Security").Press(ConsoleKey.Enter)
            .Type("exit 3").Press(ConsoleKey.Enter);

        int code = Application.Run([], terminal, AppContext.BaseDirectory);

        Assert.Equal(3, code);
        Assert.Contains("PS> Get-ApiEventMapping LogonUserA -Source Security", terminal.Screen);
        Assert.Contains("4624", terminal.Screen);
        Assert.Empty(terminal.Error.ToString()!);
    }

    [Fact]
    public void An_unfinished_command_goes_on_in_the_next_line()
    {
        ScriptedTerminal terminal = new ScriptedTerminal { Interactive = true }
            .Type("if ($true) {").Press(ConsoleKey.Enter).Type("'inside' }").Press(ConsoleKey.Enter)
            .Press(ConsoleKey.D, ConsoleModifiers.Control);

        Assert.Equal(0, Application.Run([], terminal, AppContext.BaseDirectory));
        Assert.Contains(">> 'inside' }\ninside", terminal.Screen);
    }

    [Fact]
    public void Text_output_takes_the_terminals_width()
    {
        ScriptedTerminal terminal = new(width: 70);

        Application.Run(["-Command", "Get-ApiEventMapping LogonUserA"], terminal, AppContext.BaseDirectory);

        string[] lines = terminal.Written.ToString().ReplaceLineEndings("\n").Split('\n');
        Assert.All(lines, line => Assert.InRange(line.Length, 0, 70));
        Assert.Contains(lines, line => line.Length > 60);
    }

    private static string? Read(ScriptedTerminal terminal) => Editor(terminal).ReadLine("PS> ");

    private static LineEditor Editor(ScriptedTerminal terminal) => new(terminal, (text, cursor) =>
    {
        CompletionResult[] all =
        [
            new("Alpha", "Alpha", CompletionResultType.ParameterValue, "the first letter"),
            new("Alto", "Alto", CompletionResultType.ParameterValue, "a voice"),
        ];
        int start = text.LastIndexOf(' ', Math.Max(cursor - 1, 0)) + 1;
        string word = text[start..cursor];
        Collection<CompletionResult> matches = [.. all.Where(r => r.CompletionText.StartsWith(word, StringComparison.Ordinal))];
        return new CommandCompletion(matches, -1, start, word.Length);
    });
}
