using System.Collections.Generic;
using ApiLevel.Facts;

namespace ApiLevel.Rules;

/// <summary>What was read from a fact file.</summary>
public sealed class FactReadResult
{
    internal FactReadResult(FactSet facts, IReadOnlyList<FactProblem> problems)
    {
        Facts = facts;
        Problems = problems;
    }

    /// <summary>The facts that could be read; a document with a problem gives none.</summary>
    public FactSet Facts { get; }

    /// <summary>What is wrong, in the order of the file; empty when all is well.</summary>
    public IReadOnlyList<FactProblem> Problems { get; }
}
