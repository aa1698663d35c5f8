using System.Collections.Generic;
using System.IO;

namespace ApiLevel.Facts;

/// <summary>
/// Reads and writes facts as YAML. The one implementation lives in ApiLevel.Rules, which is loaded at first use in a load context of
/// its own.
/// </summary>
public interface IFactText
{
    /// <summary>Reads a fact file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="problems">What is wrong, each with file, line and field; empty when all is well. Never null.</param>
    /// <returns>The facts that could be read.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="System.UnauthorizedAccessException">The file may not be read.</exception>
    FactSet Read(string path, out IReadOnlyList<string> problems);

    /// <summary>Writes facts in the format that <see cref="Read"/> reads.</summary>
    /// <param name="facts">Sources, events and mappings.</param>
    /// <param name="output">Where to; left open.</param>
    void Write(FactSet facts, TextWriter output);
}
