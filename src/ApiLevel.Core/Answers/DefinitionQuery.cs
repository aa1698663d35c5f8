using System;
using System.Collections.Generic;
using System.Linq;
using ApiLevel.Chains;
using ApiLevel.Facts;
using ApiLevel.Verdicts;

namespace ApiLevel.Answers;

/// <summary>Describes APIs of the catalogue with the objects that are written. Not safe for several threads.</summary>
public sealed class DefinitionQuery
{
    private readonly MappingStore _store;
    private readonly ApiJudge _judge;

    /// <summary>Prepares descriptions.</summary>
    /// <param name="store">The facts.</param>
    public DefinitionQuery(MappingStore store)
    {
        _store = store;
        _judge = new ApiJudge(store);
    }

    /// <summary>What the catalogue knows about an API.</summary>
    /// <param name="api">The API.</param>
    public ApiDefinition Describe(ApiEntry api)
    {
        ApiEntry native = NativeOf(api);
        ApiJudgement judgement = _judge.Judge(api);
        return new ApiDefinition
        {
            Api = api.Name,
            Module = api.Module,
            Layer = api.Layer.ToString(),
            Variants = string.Join("; ", api.Variants),
            NativeApi = native.ToString(),
            SyscallNumbers = string.Join("; ", api.SyscallNumbers.Count > 0 || !native.IsKnown ? api.SyscallNumbers : native.SyscallNumbers),
            Ordinals = string.Join("; ", api.Ordinals),
            ApiSets = api.Contract,
            MinimumPlatform = api.MinimumPlatform.Length > 0 ? api.MinimumPlatform : api.FirstBuild.Length > 0 ? "build " + api.FirstBuild : "",
            Category = string.Join("; ", _store.CategoriesOf(api)),
            Technique = string.Join("; ", _store.TechniqueNamesOf(api)),
            Events = string.Join("; ", judgement.All.Select(reached => reached.Label).Distinct()),
            Verdict = judgement.Verdict.ToString(),
            Reference = string.Join("; ", References(api)),
        };
    }

    private IEnumerable<string> References(ApiEntry api) => api.References
        .Concat(_store.MappingsOf(api).SelectMany(mapping => mapping.References))
        .Distinct(StringComparer.Ordinal);

    /// <summary>The first system call or native function on the way down.</summary>
    private ApiEntry NativeOf(ApiEntry api)
    {
        if (api.Layer is ApiLayer.Syscall or ApiLayer.Native)
        {
            return default;
        }

        var queue = new List<ApiEntry> { api };
        for (int i = 0; i < queue.Count && queue.Count < 64; i++)
        {
            if (queue[i].Layer is ApiLayer.RpcMethod or ApiLayer.ServiceInternal)
            {
                continue;
            }

            foreach (CallEntry call in _store.CallsFrom(queue[i]))
            {
                // Behind an RPC or a COM call another process runs: its native calls are not this function's.
                if (!call.IsCall || !call.IsPrimary || call.Opnum is not null || call.RpcInterface.Length > 0 || queue.Contains(call.Callee))
                {
                    continue;
                }

                if (call.Callee.Layer is ApiLayer.Syscall or ApiLayer.Native)
                {
                    return call.Callee;
                }

                queue.Add(call.Callee);
            }
        }

        return default;
    }
}
