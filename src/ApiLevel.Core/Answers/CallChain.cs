using System.Collections.Generic;
using System.Linq;
using System.Text;
using ApiLevel.Chains;
using ApiLevel.Facts;
using ApiLevel.Verdicts;

namespace ApiLevel.Answers;

/// <summary>Lists the calls below an API as a tree, each call once, in the order in which they are read: a call, then what it calls.</summary>
public sealed class CallChain
{
    private readonly MappingStore _store;
    private readonly int _depth;
    private readonly bool _sideCalls;

    /// <summary>Prepares lists.</summary>
    /// <param name="store">The facts.</param>
    /// <param name="depth">How many steps down at most.</param>
    /// <param name="sideCalls">Also calls that do not do the work.</param>
    public CallChain(MappingStore store, int depth, bool sideCalls)
    {
        _store = store;
        _depth = depth;
        _sideCalls = sideCalls;
    }

    /// <summary>The API and the calls below it.</summary>
    /// <param name="api">The API.</param>
    public IReadOnlyList<ApiCallStep> Below(ApiEntry api)
    {
        var steps = new List<ApiCallStep>();
        Add(api, null, null, 0, [api], steps);
        return steps;
    }

    /// <summary>The same as a Mermaid flowchart.</summary>
    /// <param name="steps">What <see cref="Below"/> gave.</param>
    public static string ToMermaid(IReadOnlyList<ApiCallStep> steps)
    {
        var numbers = new Dictionary<string, int>();
        var text = new StringBuilder("flowchart TD\n");
        foreach (ApiCallStep step in steps)
        {
            string key = Key(step.Module, step.Api);
            if (numbers.ContainsKey(key))
            {
                continue;
            }

            numbers.Add(key, numbers.Count);
            string events = step.Events.Length > 0 ? "<br/>" + step.Events : "";
            text.Append("    n").Append(numbers[key]).Append("[\"").Append((key + events).Replace("\"", "#quot;")).Append("\"]\n");
        }

        foreach (ApiCallStep step in steps.Where(step => step.Parent is not null))
        {
            string label = step.Opnum is { } opnum ? $"|{step.Relation} opnum {opnum}|" : step.Relation == "calls" ? "" : $"|{step.Relation}|";
            text.Append("    n").Append(numbers[step.Parent!]).Append(" -->").Append(label).Append(" n").Append(numbers[Key(step.Module, step.Api)]).Append('\n');
        }

        return text.ToString();
    }

    private void Add(ApiEntry api, ApiEntry? parent, CallEntry? call, int depth, HashSet<ApiEntry> above, List<ApiCallStep> steps)
    {
        steps.Add(new ApiCallStep
        {
            Api = api.Name,
            Module = api.Module,
            Depth = depth,
            Layer = api.Layer.ToString(),
            Level = LevelOf(api.Layer),
            Parent = parent?.Key,
            Relation = call?.Kind,
            RpcInterface = call is { RpcInterface.Length: > 0 } rpc ? rpc.RpcInterface : null,
            Opnum = call?.Opnum,
            Events = EventsOf(api),
            Evidence = call?.Evidence.ToString() ?? "",
            Reference = string.Join("; ", call?.References ?? api.References),
        });
        if (depth >= _depth)
        {
            return;
        }

        foreach (CallEntry next in _store.CallsFrom(api))
        {
            // A function that stands above calls itself again somewhere: its calls are listed there.
            if (next.Callee == api || (!_sideCalls && (!next.IsPrimary || !next.IsCall)) || !above.Add(next.Callee))
            {
                continue;
            }

            Add(next.Callee, api, next, depth + 1, above, steps);
        }
    }

    /// <summary>The API's own events, the most useful first; what only a protected process gets says so.</summary>
    private string EventsOf(ApiEntry api)
    {
        var events = new List<ReachedEvent>(_store.EventsOf(api, lowerCalls: false));
        events.Sort(EventRanking.Compare);
        return string.Join("; ", events.Select(Label).Distinct());
    }

    private static string Label(ReachedEvent reached)
    {
        return reached.Mapping.Delivery is { IsProtected: true } delivery ? reached.Label + " (" + delivery + ")" : reached.Label;
    }

    private static int LevelOf(ApiLayer layer) => layer switch
    {
        ApiLayer.Managed => 4,
        ApiLayer.Syscall or ApiLayer.Native => 6,
        ApiLayer.Kernel => 7,
        _ => 5,
    };

    private static string Key(string module, string api) => module.Length == 0 ? api : module + "!" + api;
}
