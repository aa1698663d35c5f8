using System;
using System.IO;

namespace ApiLevel.Runner;

/// <summary>What the runner needs of a console; tests have their own.</summary>
internal interface ITerminal
{
    TextReader In { get; }

    TextWriter Out { get; }

    TextWriter Error { get; }

    /// <summary>True when keys can be read and the cursor be moved.</summary>
    bool Interactive { get; }

    /// <summary>True when escape sequences on <see cref="Out"/> reach a terminal that understands them.</summary>
    bool Colors { get; }

    /// <summary>True when <see cref="Error"/> is a terminal.</summary>
    bool ErrorIsTerminal { get; }

    /// <summary>Columns a line of output may have.</summary>
    int Width { get; }

    int Height { get; }

    (int Left, int Top) Cursor { get; set; }

    ConsoleKeyInfo ReadKey();

    /// <summary>Whether Ctrl+C comes as a key, for the line editor, and not as a signal.</summary>
    void TakeControlC(bool asKey);
}
