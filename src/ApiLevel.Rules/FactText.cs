using System.Collections.Generic;
using System.IO;
using System.Linq;
using ApiLevel.Facts;

namespace ApiLevel.Rules;

/// <summary>What the module asks for when it reads or writes an overlay.</summary>
public sealed class FactText : IFactText
{
    /// <inheritdoc/>
    public FactSet Read(string path, out IReadOnlyList<string> problems)
    {
        FactReadResult result = FactYamlReader.ReadFile(path);
        problems = [.. result.Problems.Select(static problem => problem.ToString())];
        return result.Facts;
    }

    /// <inheritdoc/>
    public void Write(FactSet facts, TextWriter output) => FactYamlWriter.Write(facts.Sources, facts.Events, facts.Mappings, output);
}
