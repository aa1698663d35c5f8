using System.Collections.Generic;
using ApiLevel.Answers;
using ApiLevel.Chains;
using ApiLevel.Facts;
using ApiLevel.Names;
using ApiLevel.Verdicts;

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
