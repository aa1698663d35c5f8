using System;
using System.Collections.Generic;
using System.Linq;

namespace ApiLevel.Mapping;

/// <summary>An event that an API leads to, by its own mapping or through calls below it.</summary>
/// <param name="Mapping">The mapping of the API that stands at the end of the path.</param>
/// <param name="Path">The lower calls from the first to the one that has the mapping; empty where the API itself has it.</param>
/// <param name="Evidence">The mapping's own, or the weakest along the path and never above Derived.</param>
/// <param name="Condition">The conditions of the path and of the mapping, joined with <c>; </c>; empty for always.</param>
// A class, like the nodes of the walk: lists of structs would be compiled anew in each process, and the first answer would wait for that.
public sealed record ReachedEvent(MappingEntry Mapping, IReadOnlyList<ApiEntry> Path, Evidence Evidence, string Condition)
{
    /// <summary>How the asked API leads to the event.</summary>
    public Relation Relation => Path.Count == 0 || Mapping.Relation == Relation.Conditional ? Mapping.Relation : Relation.ViaLowerCall;

    /// <summary>The lower calls, nearest first, joined with <c>; </c>; the mapping's own word where the API itself has it.</summary>
    public string Via => Path.Count == 0 ? string.Join("; ", Mapping.Via) : string.Join("; ", Path.Select(api => api.Key));
}

/// <content>What follows from the call chains.</content>
public sealed partial class MappingStore
{
    // Real chains have at most a dozen steps and a few dozen nodes; the bounds keep an overlay or a damaged store from costing more.
    private const int MaximumDepth = 16;
    private const int MaximumNodes = 512;

    /// <summary>The events of an API: its own mappings first, then those of the calls below it that do its work.</summary>
    /// <param name="api">The API.</param>
    /// <param name="lowerCalls">False for its own mappings only.</param>
    public IReadOnlyList<ReachedEvent> EventsOf(ApiEntry api, bool lowerCalls = true)
    {
        var found = new List<ReachedEvent>();
        var seen = new HashSet<long>();
        foreach (MappingEntry mapping in MappingsOf(api))
        {
            seen.Add(Pair(mapping));
            found.Add(new ReachedEvent(mapping, [], mapping.Evidence, mapping.Condition));
        }

        if (!lowerCalls)
        {
            return found;
        }

        foreach (ChainNode node in Walk(api, primaryOnly: true))
        {
            if (node.Path.Count == 0)
            {
                continue;
            }

            foreach (MappingEntry mapping in MappingsOf(node.Api))
            {
                if (node.Carries(mapping) && seen.Add(Pair(mapping)))
                {
                    Evidence evidence = Weakest(Weakest(Evidence.Derived, node.Evidence), mapping.Evidence);
                    found.Add(new ReachedEvent(mapping, node.Path, evidence, Join(node.Condition, mapping.Condition)));
                }
            }
        }

        return found;
    }

    /// <summary>The nearest call below an API that leads to an event, side calls included; not known when there is none.</summary>
    /// <param name="api">The API; its own mappings do not count.</param>
    public ApiEntry NearestLowerCallWithEvent(ApiEntry api)
    {
        foreach (ChainNode node in Walk(api, primaryOnly: false))
        {
            if (node.Path.Count > 0 && MappingsOf(node.Api).Any(node.Carries))
            {
                return node.Api;
            }
        }

        return default;
    }

    /// <summary>True when somebody judged the API: a mapping names it, or the call chain knows what it calls or that it ends a chain.</summary>
    /// <param name="api">The API.</param>
    public bool IsJudged(ApiEntry api) => HasMappings(api) ||
        CallsFrom(api).Any(call => call.IsCall && call.Callee != api) || (EndsChain(api) && CallsTo(api).Any());

    /// <summary>True when every path of an API's work was followed to a system call or into the kernel.</summary>
    /// <param name="api">The API.</param>
    public bool IsChainComplete(ApiEntry api)
    {
        bool any = false;
        foreach (ChainNode node in Walk(api, primaryOnly: true))
        {
            if (!node.IsLeaf)
            {
                continue;
            }

            if (!EndsChain(node.Api))
            {
                return false;
            }

            any = true;
        }

        return any;
    }

    internal static Evidence Weakest(Evidence left, Evidence right) => left < right ? left : right;

    internal static string Join(string left, string right) =>
        left.Length == 0 ? right : right.Length == 0 || left == right ? left : left + "; " + right;

    private static long Pair(MappingEntry mapping) => ((long)mapping.Source.Row << 32) | (uint)mapping.EventId;

    // What a service does for an RPC call that has no further edges is not known, and may well leave a trace.
    private static bool EndsChain(ApiEntry api) => api.Layer is Mapping.ApiLayer.Syscall or Mapping.ApiLayer.Kernel;

    /// <summary>Breadth first, each API once, the API itself as the first node.</summary>
    private List<ChainNode> Walk(ApiEntry start, bool primaryOnly)
    {
        var nodes = new List<ChainNode> { new(start, [], Evidence.High, "", true, null) };
        var seen = new HashSet<int> { start.Row };
        for (int i = 0; i < nodes.Count && nodes.Count < MaximumNodes; i++)
        {
            ChainNode node = nodes[i];
            if (node.Path.Count >= MaximumDepth)
            {
                continue;
            }

            bool leaf = true;
            foreach (CallEntry call in CallsFrom(node.Api))
            {
                if (!call.IsCall || (primaryOnly && !call.IsPrimary))
                {
                    continue;
                }

                ApiEntry callee = call.Callee;
                if (callee == node.Api)
                {
                    continue;
                }

                leaf = false;
                if (seen.Add(callee.Row))
                {
                    nodes.Add(new ChainNode(
                        callee,
                        [.. node.Path, callee],
                        Weakest(node.Evidence, call.Evidence),
                        Join(node.Condition, call.Condition),
                        true,
                        Intersect(node.OnlyEvents, call.OnlyEvents)));
                }
            }

            nodes[i] = node with { IsLeaf = leaf };
        }

        return nodes;
    }

    /// <summary>
    /// The events that an edge's context names ("Security 4624 ; Security 4625", or a source alone for all of its events), none for
    /// "no event": what SetThreadPriority asks of NtSetInformationThread leaves nothing of what that can leave. Null where the context is a
    /// condition in words or empty.
    /// </summary>
    internal IReadOnlyList<string>? EventsOfContext(string context)
    {
        if (context.Length == 0)
        {
            return null;
        }

        if (context == "no event")
        {
            return [];
        }

        string[] parts = StoreCompiler.SplitList(context);
        foreach (string part in parts)
        {
            int space = part.LastIndexOf(' ');
            bool numbered = space > 0 && part.Skip(space + 1).All(char.IsDigit);
            if (FindSource(numbered ? part.Substring(0, space) : part) is null)
            {
                return null;
            }
        }

        return parts;
    }

    private static IReadOnlyList<string>? Intersect(IReadOnlyList<string>? left, IReadOnlyList<string>? right) =>
        left is null ? right : right is null ? left : left.Where(right.Contains).ToArray();

    private sealed record ChainNode(
        ApiEntry Api, IReadOnlyList<ApiEntry> Path, Evidence Evidence, string Condition, bool IsLeaf, IReadOnlyList<string>? OnlyEvents)
    {
        /// <summary>Whether the edges on the way say something about a mapping's event.</summary>
        public bool Carries(MappingEntry mapping) => OnlyEvents is null ||
            OnlyEvents.Contains(EventLabel(mapping.Source.Name, mapping.EventId)) || OnlyEvents.Contains(mapping.Source.Name);
    }
}
