using System.Collections.Generic;
using ApiLevel.DataTool.Facts;
using ApiLevel.Facts;

namespace ApiLevel.DataTool.Lints;

/// <summary>A check of the facts, with a name, a level and a sentence that tells what to do.</summary>
internal abstract class Lint
{
    /// <summary>The name, lower case with hyphens; the folder of its bad example has the same.</summary>
    public abstract string Name { get; }

    /// <summary>How bad a finding is.</summary>
    public virtual FindingLevel Level => FindingLevel.Error;

    /// <summary>What to do about a finding.</summary>
    public abstract string Advice { get; }

    /// <summary>Looks through the facts.</summary>
    public abstract IEnumerable<Finding> Check(LintContext context);

    /// <summary>A finding of this lint: what is wrong, then what to do.</summary>
    protected Finding Found(FactOrigin origin, string what) => new(origin, Level, Name, what + ". " + Advice);
}
