using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Threading;
using ApiLevel.Answers;
using ApiLevel.Chains;
using ApiLevel.Completion;
using ApiLevel.Coverage;
using ApiLevel.Errors;
using ApiLevel.Facts;
using ApiLevel.Formats.Portable;
using ApiLevel.Verdicts;

namespace ApiLevel.Commands;

/// <summary>Tells which calls of a program would leave an event behind.</summary>
[Cmdlet(VerbsDiagnostic.Test, "ApiCoverage", DefaultParameterSetName = PathSet)]
[OutputType(typeof(ApiCoverage), typeof(ApiCoverageSummary), typeof(bool))]
public sealed class TestApiCoverageCommand : ImageInputCommand
{
    private const string InputSet = "InputObject";
    private const string NameSet = "Name";

    /// <summary>Imports that Get-ApiImport listed; they are judged as they are, and the file is not read again.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = InputSet)]
    [ValidateNotNull]
    [ImportObject]
    public ApiImport InputObject { get; set; } = null!;

    /// <summary>APIs to judge instead of a file, with wildcards.</summary>
    [Parameter(ParameterSetName = NameSet)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ApiCompleter))]
    public ApiName[]? Api { get; set; }

    /// <summary>ATT&amp;CK techniques whose APIs are judged, with wildcards.</summary>
    [Parameter(ParameterSetName = NameSet)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(TechniqueCompleter))]
    public string[]? Technique { get; set; }

    /// <summary>Behaviour categories whose APIs are judged, with wildcards.</summary>
    [Parameter(ParameterSetName = NameSet)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(CategoryCompleter))]
    public string[]? Category { get; set; }

    /// <summary>Kinds of reference to judge. Default: Import, DelayImport, PInvoke and ManagedReference.</summary>
    [Parameter]
    public ReferenceKind[] Kind { get; set; } = s_defaultKinds;

    /// <summary>The event sources that are collected. Default: all known ones.</summary>
    [Parameter]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(SourceCompleter))]
    public string[]? Source { get; set; }

    /// <summary>The weakest evidence that counts.</summary>
    [Parameter]
    public Evidence MinimumEvidence { get; set; } = Evidence.Derived;

    /// <summary>
    /// What is on at a machine: rows of Test-ApiTelemetryReadiness, or a snapshot as -State takes it there. Recorded then means that this machine
    /// writes an event, and only Recorded counts as covered.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(StateCompleter))]
    public PSObject[]? Readiness { get; set; }

    /// <summary>Verdicts to write.</summary>
    [Parameter]
    public Verdict[]? Verdict { get; set; }

    /// <summary>One object a file instead of one a reference.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = LiteralPathSet)]
    public SwitchParameter Summary { get; set; }

    /// <summary>Compute the SHA-256 for -Summary; reads the whole file.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = LiteralPathSet)]
    public SwitchParameter Hash { get; set; }

    /// <summary>One answer a file: true when at least -MinimumPercent of its tracked imports would be seen.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = LiteralPathSet)]
    public SwitchParameter Quiet { get; set; }

    /// <summary>What -Quiet asks for, in percent.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = LiteralPathSet)]
    [ValidateRange(0.0, 100.0)]
    public double MinimumPercent { get; set; } = 100;

    private CoverageEvaluator _evaluator = null!;
    private PortableReadOptions _options = PortableReadOptions.Default;
    private CoverageRows _rows = null!;
    private HashSet<ApiLevel.Verdict>? _verdicts;
    private HashSet<string> _kinds = [];

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _evaluator = new CoverageEvaluator(new ApiJudge(
            Store, MinimumEvidence, SelectSources(Source), Readiness is null ? null : ReadReadiness(Readiness).IsOn));
        _rows = new CoverageRows(Store);

        // A summary counts imports alone; the other tables need not be read for it.
        _options = new PortableReadOptions { Kinds = Summary || Quiet ? [.. Kind.Where(CoverageEvaluator.IsImport)] : Kind, Hash = Hash };
        WarnWithout(nameof(Hash), Hash, nameof(Summary), Summary);
        WarnWithout(nameof(MinimumPercent), IsBound(nameof(MinimumPercent)), nameof(Quiet), Quiet);
        _verdicts = Verdict is null ? null : [.. Verdict];
        _kinds = [.. Kind.Select(kind => kind.ToString())];
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        switch (ParameterSetName)
        {
            case InputSet:
                WriteInput();
                break;
            case NameSet:
                break;
            default:
                base.ProcessRecord();
                break;
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        base.EndProcessing();
        if (ParameterSetName == NameSet)
        {
            WriteNames();
        }
    }

    /// <inheritdoc/>
    protected override PortableReadResult ReadFile(string path, CancellationToken cancellation) => PortableReader.Read(path, _options, cancellation);

    /// <inheritdoc/>
    protected override void WriteImage(string path, PortableImage image)
    {
        if (Quiet)
        {
            WriteObject(_evaluator.Count(image).Percent >= MinimumPercent);
        }
        else if (Summary)
        {
            WriteObject(_rows.Describe(path, image, _evaluator.Count(image)));
        }
        else
        {
            foreach (JudgedReference reference in _evaluator.Evaluate(image))
            {
                Write(path, reference);
            }
        }
    }

    private void WriteInput()
    {
        if (InputObject.Api.Length == 0 && InputObject.Kind.Length == 0)
        {
            WriteError(ApiLevelErrors.InputObjectUnknown(InputObject, "Api and Module, as Get-ApiImport writes them"));
            return;
        }

        if (!IsBound(nameof(Kind)) || _kinds.Contains(InputObject.Kind))
        {
            Write(InputObject.Path, _evaluator.Evaluate(InputObject));
        }
    }

    private void WriteNames()
    {
        IEnumerable<ApiEntry> apis = [];
        if (Api is not null)
        {
            apis = FindApis(Api, null);
        }

        if (Technique is not null)
        {
            apis = Api is null ? ApisOfTechniques(Technique) : apis.Intersect(ApisOfTechniques(Technique));
        }

        if (Category is not null)
        {
            apis = Api is null && Technique is null ? ApisOfCategories(Category) : apis.Intersect(ApisOfCategories(Category));
        }

        var seen = new HashSet<ApiEntry>();
        foreach (ApiEntry api in apis)
        {
            ThrowIfStopped();
            if (seen.Add(api))
            {
                Write(null, _evaluator.Evaluate(api));
            }
        }
    }

    private void Write(string? path, JudgedReference reference)
    {
        if (_verdicts is null || _verdicts.Contains(reference.Judgement.Verdict))
        {
            WriteObject(_rows.Describe(path, reference));
        }
    }

    private static readonly ReferenceKind[] s_defaultKinds =
        [ReferenceKind.Import, ReferenceKind.DelayImport, ReferenceKind.PInvoke, ReferenceKind.ManagedReference];
}
