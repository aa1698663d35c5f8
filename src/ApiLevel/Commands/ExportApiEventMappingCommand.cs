using System;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Text;
using ApiLevel.Answers;
using ApiLevel.Chains;
using ApiLevel.Errors;
using ApiLevel.Facts;
using ApiLevel.Names;

namespace ApiLevel.Commands;

/// <summary>Writes mappings as a fact file that Import-ApiEventMapping reads and that can be handed in as a contribution.</summary>
[Cmdlet(VerbsData.Export, "ApiEventMapping", SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo))]
public sealed class ExportApiEventMappingCommand : ApiLevelCommand
{
    /// <summary>The file to write; an existing one is replaced.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>Mappings that Get-ApiEventMapping wrote, or rows with the same properties. Without any, the overlays of this session.</summary>
    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    /// <summary>Write the file's object.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private readonly FactSet _facts = new();
    private int _count;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (InputObject is null)
        {
            return;
        }

        _count++;
        string relation = FieldText(InputObject!, "Relation");
        if (relation == nameof(Relation.None))
        {
            WriteVerbose($"{FieldText(InputObject!, "Api")}: no event is known, nothing to write.");
            return;
        }

        if (OverlayRow.TryRead(name => FieldText(InputObject!, name), new FactOrigin("pipeline", _count), out MappingFact mapping, out string problem))
        {
            _facts.Mappings.Add(mapping);
        }
        else
        {
            WriteError(ApiLevelErrors.InputObjectUnknown(InputObject, $"{string.Join(", ", OverlayRow.Fields)}; {problem}"));
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_count == 0)
        {
            AddOverlays();
        }

        OverlayRules.Canonicalize(Store, _facts);
        if (ResolvePath(Path, isLiteral: true, out _) is not [string file] || !ShouldProcess(file, $"Write {_facts.Mappings.Count} mappings"))
        {
            return;
        }

        try
        {
            using var writer = new StreamWriter(file, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { NewLine = "\n" };
            Overlays.Text.Write(_facts, writer);
        }
        catch (Exception exception) when (Formats.ReadFailure.FromException(file, exception) is not null)
        {
            ThrowTerminatingError(ApiLevelErrors.FileNotWritable(file, exception));
        }

        if (PassThru)
        {
            WriteObject(new FileInfo(file));
        }
    }

    private void AddOverlays()
    {
        foreach (MappingEntry mapping in Store.Mappings().Where(mapping => mapping.Overlay is not null))
        {
            _facts.Mappings.Add(new MappingFact
            {
                Api = mapping.Api.Key,
                Layer = mapping.Api.Layer,
                Source = mapping.Source.Name,
                EventId = mapping.EventId,
                Relation = mapping.Relation,
                Via = string.Join("; ", mapping.Via),
                Condition = mapping.Condition,
                Emitter = mapping.OwnEmitter,
                Mechanism = mapping.Mechanism,
                Evidence = mapping.Evidence,
                Reference = string.Join("; ", mapping.References),
            });
        }

        _facts.Sources.AddRange(Store.OverlaySources);
        _facts.Events.AddRange(Store.OverlayEvents);
    }
}
