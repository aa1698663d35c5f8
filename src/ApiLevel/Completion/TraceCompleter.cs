using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;
using ApiLevel.Tracing;

namespace ApiLevel.Completion;

/// <summary>Completes the names of traces of this process.</summary>
public sealed class TraceCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        string typed = (wordToComplete ?? "").Trim('\'', '"');
        return TraceRegistry.Traces
            .Select(static trace => (trace.Name, Meaning: trace.Request.Kind + ", " + trace.State))
            .Where(item => item.Name.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
            .OrderBy(static item => item.Name, StringComparer.OrdinalIgnoreCase)
            .Select(static item => new CompletionResult(
                item.Name.Contains(' ') ? "'" + item.Name + "'" : item.Name, item.Name, CompletionResultType.ParameterValue, item.Meaning))
            .ToArray();
    }
}
