using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using ApiLevel.Runner;

namespace ApiLevel.Host.Tests.Support;

/// <summary>What a script wrote.</summary>
/// <param name="Objects">What came out.</param>
/// <param name="Errors">The error stream, and last the error that ended the script.</param>
/// <param name="Warnings">The warnings' texts.</param>
/// <param name="Verbose">The verbose texts.</param>
/// <param name="Ended">True when an error ended the script.</param>
public sealed record EngineResult(
    IReadOnlyList<PSObject> Objects,
    IReadOnlyList<ErrorRecord> Errors,
    IReadOnlyList<string> Warnings,
    IReadOnlyList<string> Verbose,
    bool Ended)
{
    /// <summary>The errors' ids without the class that wrote them.</summary>
    public IReadOnlyList<string> ErrorIds => [.. Errors.Select(e => e.FullyQualifiedErrorId.Split(',')[0])];

    /// <summary>A property of every object.</summary>
    public IReadOnlyList<object?> Values(string property) => [.. Objects.Select(o => o.Properties[property]?.Value)];

    /// <summary>The objects, after a check that nothing went to the error stream.</summary>
    public IReadOnlyList<PSObject> WithoutErrors()
    {
        Assert.Empty(Errors.Select(e => $"{e.FullyQualifiedErrorId}: {e.Exception.Message}"));
        return Objects;
    }
}

/// <summary>A runspace with the built module in it, imported through the manifest at the repository's root.</summary>
public sealed class EngineFixture : IDisposable
{
    private readonly ScriptedTerminal _terminal = new();

    static EngineFixture()
    {
        // Asked once, by the engine's first type: a test run tells nobody anything.
        Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");
    }

    public EngineFixture()
    {
        Runspace = RunspaceFactory.CreateRunspace(new RunnerHost(_terminal), InitialSessionState.CreateDefault2());
        Runspace.Open();
        Runspace.SessionStateProxy.Path.SetLocation(Repository.Root);
        using PowerShell shell = PowerShell.Create(Runspace);
        shell.AddCommand("Import-Module").AddParameter("Name", Repository.Manifest).AddParameter("ErrorAction", ActionPreference.Stop).Invoke();
    }

    public Runspace Runspace { get; }

    /// <summary>The module's cmdlets, found and not listed here, so that every suite meets a new one at once.</summary>
    public IReadOnlyList<CmdletInfo> Cmdlets =>
        [.. Invoke("Get-Command -Module ApiLevel -CommandType Cmdlet").WithoutErrors().Select(o => (CmdletInfo)o.BaseObject)];

    /// <summary>Runs a script; values of <paramref name="variables"/> are its parameters by name, <paramref name="input"/> is its $input.</summary>
    public EngineResult Invoke(string script, IDictionary? variables = null, IEnumerable? input = null)
    {
        using PowerShell shell = PowerShell.Create(Runspace);
        if (variables is { Count: > 0 })
        {
            string names = string.Join(", ", variables.Keys.Cast<string>().Select(k => "$" + k));
            shell.AddScript($"param({names}) {script}").AddParameters(variables);
        }
        else
        {
            shell.AddScript(script);
        }

        PSDataCollection<PSObject> output = [];
        List<ErrorRecord> errors = [];
        bool ended = false;
        try
        {
            shell.Invoke(input, output, null);
        }
        catch (RuntimeException e)
        {
            ended = true;
            errors.Add(e.ErrorRecord);
        }

        errors.InsertRange(0, shell.Streams.Error);
        return new EngineResult(
            [.. output],
            errors,
            [.. shell.Streams.Warning.Select(w => w.Message)],
            [.. shell.Streams.Verbose.Select(v => v.Message)],
            ended);
    }

    /// <summary>What a person would see of a script's output on a screen of this width.</summary>
    public string Render(string script, int width = 120)
    {
        _terminal.Width = width;
        _terminal.Written.Clear();
        using PowerShell shell = PowerShell.Create(Runspace);
        shell.AddScript(script).AddCommand("Out-Default").Invoke();
        Assert.Empty(shell.Streams.Error.Select(e => e.ToString()));
        return _terminal.Written.ToString().ReplaceLineEndings("\n");
    }

    /// <summary>What Tab would offer at the end of the text, or at the cursor.</summary>
    public IReadOnlyList<CompletionResult> Complete(string text, int? cursor = null)
    {
        using PowerShell shell = PowerShell.Create(Runspace);
        return CommandCompletion.CompleteInput(text, cursor ?? text.Length, null, shell).CompletionMatches;
    }

    public void Dispose() => Runspace.Dispose();
}
