using System.Collections.Generic;
using System.Management.Automation;
using ApiLevel.Answers;
using ApiLevel.Chains;
using ApiLevel.Completion;
using ApiLevel.Facts;

namespace ApiLevel.Commands;

/// <summary>Follows an API down to the system call and across RPC and COM to the service that does the work.</summary>
[Cmdlet(VerbsCommon.Get, "ApiCallChain")]
[OutputType(typeof(ApiCallStep), typeof(string))]
public sealed class GetApiCallChainCommand : ApiLevelCommand
{
    /// <summary>APIs: a name, module!name, with wildcards.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ApiCompleter))]
    public ApiName[] Api { get; set; } = [];

    /// <summary>Modules the APIs are known by.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ModuleCompleter))]
    public string[]? Module { get; set; }

    /// <summary>How many steps down at most.</summary>
    [Parameter]
    [ValidateRange(1, 32)]
    public int Depth { get; set; } = 16;

    /// <summary>Also side calls and documented counterparts.</summary>
    [Parameter]
    public SwitchParameter All { get; set; }

    /// <summary>Write a Mermaid flowchart, one text an API, instead of steps.</summary>
    [Parameter]
    public SwitchParameter Mermaid { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var chain = new CallChain(Store, Depth, All);
        foreach (ApiEntry api in FindApis(Api, Module))
        {
            ThrowIfStopped();
            IReadOnlyList<ApiCallStep> steps = chain.Below(api);
            if (Mermaid)
            {
                WriteObject(CallChain.ToMermaid(steps));
            }
            else
            {
                WriteObject(steps, enumerateCollection: true);
            }
        }
    }
}
