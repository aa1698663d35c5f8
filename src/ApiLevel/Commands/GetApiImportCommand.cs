using System;
using System.Linq;
using System.Management.Automation;
using System.Threading;
using ApiLevel.Completion;
using ApiLevel.Coverage;
using ApiLevel.Formats.Portable;

namespace ApiLevel.Commands;

/// <summary>Lists what a Windows program, library or driver calls: imports, delay imports, forwarders, P/Invokes, managed members.</summary>
[Cmdlet(VerbsCommon.Get, "ApiImport", DefaultParameterSetName = PathSet)]
[OutputType(typeof(ApiImport), typeof(ApiImageSummary))]
public sealed class GetApiImportCommand : ImageInputCommand
{
    /// <summary>Kinds of reference to list.</summary>
    [Parameter]
    public ReferenceKind[]? Kind { get; set; }

    /// <summary>APIs to list, with wildcards; a spelling the store knows lists the API under its own name.</summary>
    [Parameter]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ApiCompleter))]
    public ApiName[]? Api { get; set; }

    /// <summary>Modules to list, as known or as imported from, with wildcards.</summary>
    [Parameter]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ModuleCompleter))]
    public string[]? Module { get; set; }

    /// <summary>What to infer from constants and strings; reads beyond headers and tables. Default: nothing.</summary>
    [Parameter]
    public InferenceKinds Inferred { get; set; }

    /// <summary>One object a file instead of one a reference.</summary>
    [Parameter]
    public SwitchParameter Summary { get; set; }

    /// <summary>Compute the SHA-256 for -Summary; reads the whole file.</summary>
    [Parameter]
    public SwitchParameter Hash { get; set; }

    private ImageReferences? _references;
    private PortableReadOptions _options = PortableReadOptions.Default;
    private Func<string, bool>? _modules;
    private ApiNameFilter? _apis;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        WarnWithout(nameof(Hash), Hash, nameof(Summary), Summary);
        _options = new PortableReadOptions
        {
            Kinds = Summary ? [] : Kind,
            Hash = Hash,
            Describe = Summary,
            Inference = Summary || Inferred == InferenceKinds.None ? null : new StoreInference(Store, Inferred),
        };
        if (!Summary)
        {
            _references = new ImageReferences(Store);
            _modules = Matcher(Module?.Select(ApiName.NormalizeModule).ToArray());
            _apis = Api is null ? null : new ApiNameFilter(Store, Api);
        }
    }

    /// <inheritdoc/>
    protected override PortableReadResult ReadFile(string path, CancellationToken cancellation) => PortableReader.Read(path, _options, cancellation);

    /// <inheritdoc/>
    protected override void WriteImage(string path, PortableImage image)
    {
        if (Summary)
        {
            WriteObject(ImageReferences.Summarize(path, image));
            return;
        }

        foreach (ResolvedReference reference in _references!.Resolve(image))
        {
            if ((_modules is null || _modules(reference.Module) || _modules(ApiName.NormalizeModule(reference.Reference.Module))) &&
                (_apis is null || _apis.Matches(reference)))
            {
                WriteObject(reference.ToImport(path));
            }
        }
    }
}
