using ApiLevel.Facts;

namespace ApiLevel.Rules;

/// <summary>Something wrong in a fact file.</summary>
/// <param name="Origin">The file and line.</param>
/// <param name="Field">The key it concerns; empty when it concerns the whole file.</param>
/// <param name="Message">What is wrong and what to do.</param>
public sealed record FactProblem(FactOrigin Origin, string Field, string Message)
{
    /// <summary>Gives "file:line: field: message".</summary>
    public override string ToString() =>
        Field.Length == 0 ? Origin + ": " + Message : Origin + ": " + Field + ": " + Message;
}
