using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using ApiLevel.Answers;
using ApiLevel.Chains;
using ApiLevel.Errors;
using ApiLevel.Facts;
using ApiLevel.Names;
using ApiLevel.Verdicts;

namespace ApiLevel.Commands;

/// <summary>Lays a team's own facts over the built-in ones for the running session.</summary>
[Cmdlet(VerbsData.Import, "ApiEventMapping", DefaultParameterSetName = PathSet)]
[OutputType(typeof(ApiEventMapping))]
public sealed class ImportApiEventMappingCommand : ApiLevelCommand
{
    private const string PathSet = "Path";
    private const string InputSet = "InputObject";

    /// <summary>Fact files in YAML.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = PathSet)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>Rows with the properties of the objects that Get-ApiEventMapping writes, from Import-Csv for instance.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = InputSet)]
    [ValidateNotNull]
    public PSObject InputObject { get; set; } = null!;

    /// <summary>Write the facts that were laid over.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private readonly FactSet _rows = new();
    private int _count;
    private bool _failed;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == PathSet)
        {
            foreach (string path in Path)
            {
                foreach (string file in ResolvePath(path, isLiteral: false, out _))
                {
                    ImportFile(file);
                }
            }

            return;
        }

        _count++;
        var origin = new FactOrigin("pipeline", _count);
        if (OverlayRow.TryRead(name => FieldText(InputObject, name), origin, out MappingFact mapping, out string problem))
        {
            _rows.Mappings.Add(mapping);
        }
        else
        {
            _failed = true;
            WriteError(ApiLevelErrors.OverlayInvalid("pipeline", $"row {_count}: {problem}"));
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        // Rows are one overlay: with one bad row nothing is changed.
        if (ParameterSetName == InputSet && !_failed && _rows.Mappings.Count > 0)
        {
            Apply(_rows, "pipeline");
        }
    }

    private void ImportFile(string file)
    {
        FactSet facts;
        IReadOnlyList<string> problems;
        try
        {
            facts = Overlays.Text.Read(file, out problems);
        }
        catch (Exception exception) when (Formats.ReadFailure.FromException(file, exception) is { } failure)
        {
            WriteError(ApiLevelErrors.ForFile(file, failure));
            return;
        }

        if (problems.Count > 0)
        {
            foreach (string problem in problems)
            {
                WriteError(ApiLevelErrors.OverlayInvalid(file, problem));
            }

            return;
        }

        Apply(facts, file);
    }

    private void Apply(FactSet facts, string file)
    {
        IReadOnlyList<string> unknown = OverlayRules.Check(Store, facts);
        if (unknown.Count > 0)
        {
            foreach (string problem in unknown)
            {
                WriteError(ApiLevelErrors.OverlayInvalid(file, problem));
            }

            return;
        }

        OverlayRules.Canonicalize(Store, facts);
        foreach (MappingFact mapping in facts.Mappings)
        {
            string contradiction = OverlayRules.Contradiction(Store, mapping);
            if (contradiction.Length > 0)
            {
                WriteWarning($"{mapping.Origin}: {mapping.Api} -> {mapping.Source} {mapping.EventId} contradicts a built-in fact: {contradiction}");
            }
        }

        WriteVerbose($"{file}: {facts.Mappings.Count} mappings lie over the built-in facts of this session.");
        ModuleState.Replace(store => store.WithOverlay(facts, file));
        if (PassThru)
        {
            MappingStore store = ModuleState.Store;
            var rows = new MappingRows(new ApiJudge(store));
            foreach (MappingEntry mapping in store.Mappings().Skip(store.MappingCount - facts.Mappings.Count))
            {
                WriteObject(rows.Describe(mapping));
            }
        }
    }
}
