using System.Management.Automation;
using ApiLevel.Answers;
using ApiLevel.Chains;
using ApiLevel.Completion;
using ApiLevel.Facts;

namespace ApiLevel.Commands;

/// <summary>Tells what a name is: module, spellings, native call, system call numbers, ordinals, techniques, events.</summary>
[Cmdlet(VerbsCommon.Get, "ApiDefinition")]
[OutputType(typeof(ApiDefinition))]
public sealed class GetApiDefinitionCommand : ApiLevelCommand
{
    /// <summary>APIs: a name, module!name, with wildcards.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ApiCompleter))]
    public ApiName[]? Api { get; set; }

    /// <summary>Modules the APIs are known by.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ModuleCompleter))]
    public string[]? Module { get; set; }

    private DefinitionQuery? _query;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        _query ??= new DefinitionQuery(Store);
        if (!IsBound(nameof(Api)) && IsBound(nameof(Module)) && Module is null)
        {
            return;
        }

        ApiName[] names = IsBound(nameof(Api)) ? Api ?? [] : [ApiName.Parse("*")];
        foreach (ApiEntry api in FindApis(names, Module))
        {
            ThrowIfStopped();
            WriteObject(_query.Describe(api));
        }
    }
}
