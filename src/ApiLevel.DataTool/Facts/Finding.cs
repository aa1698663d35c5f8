using ApiLevel.Facts;

namespace ApiLevel.DataTool.Facts;

/// <summary>How bad a finding is.</summary>
internal enum FindingLevel
{
    /// <summary>The facts can be used; somebody should look.</summary>
    Warning,

    /// <summary>The facts must not be compiled.</summary>
    Error,
}

/// <summary>Something that a reader or a lint found.</summary>
/// <param name="Origin">The file and line.</param>
/// <param name="Level">How bad it is.</param>
/// <param name="Name">The lint's name, or <c>format</c> for what cannot be read.</param>
/// <param name="Message">What is wrong and what to do.</param>
internal sealed record Finding(FactOrigin Origin, FindingLevel Level, string Name, string Message)
{
    public override string ToString() =>
        Origin + ": " + (Level == FindingLevel.Error ? "error" : "warning") + " " + Name + ": " + Message;
}
