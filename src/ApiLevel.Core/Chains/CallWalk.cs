using System;
using System.Collections.Generic;
using System.Linq;
using ApiLevel.Facts;

namespace ApiLevel.Chains;

/// <summary>What follows from the call chains of a store.</summary>
public static class CallWalk
{
    // Real chains have at most a dozen steps and a few dozen nodes; the bounds keep an overlay or a damaged store from costing more.
    private const int MaximumDepth = 16;
    private const int MaximumNodes = 512;

    /// <summary>The events of an API: its own mappings first, then those of the calls below it that do its work.</summary>
    /// <param name="store">The facts.</param>
    /// <param name="api">The API.</param>
    /// <param name="lowerCalls">False for its own mappings only.</param>
    public static IReadOnlyList<ReachedEvent> EventsOf(this MappingStore store, ApiEntry api, bool lowerCalls = true)
    {
        var found = new List<ReachedEvent>();
        var seen = new HashSet<long>();
        foreach (MappingEntry mapping in store.MappingsOf(api))
        {
            seen.Add(Pair(mapping));
            found.Add(ReachedEvent.Own(mapping));
        }

        if (!lowerCalls)
        {
            return found;
        }

        foreach (ChainNode node in Walk(store, api, primaryOnly: true))
        {
            if (node.Path.Count == 0)
            {
                continue;
            }

            foreach (MappingEntry mapping in store.MappingsOf(node.Api))
            {
                if (node.Carries(api, mapping) && seen.Add(Pair(mapping)))
                {
                    Evidence evidence = Weakest(Weakest(Evidence.Derived, node.Evidence), mapping.Evidence);
                    found.Add(new ReachedEvent(mapping, node.Path, evidence, Join(node.Condition, mapping.Condition)));
                }
            }
        }

        return found;
    }

    /// <summary>The nearest call below an API that leads to an event, side calls included; not known when there is none.</summary>
    /// <param name="store">The facts.</param>
    /// <param name="api">The API; its own mappings do not count.</param>
    public static ApiEntry NearestLowerCallWithEvent(this MappingStore store, ApiEntry api)
    {
        foreach (ChainNode node in Walk(store, api, primaryOnly: false))
        {
            if (node.Path.Count > 0 && store.MappingsOf(node.Api).Any(mapping => node.Carries(api, mapping)))
            {
                return node.Api;
            }
        }

        return default;
    }

    internal static Evidence Weakest(Evidence left, Evidence right) => left < right ? left : right;

    internal static string Join(string left, string right) =>
        left.Length == 0 ? right : right.Length == 0 || left == right ? left : left + "; " + right;

    private static long Pair(MappingEntry mapping) => ((long)mapping.Source.Row << 32) | (uint)mapping.EventId;

    /// <summary>The calls below an API that do its work, as far as the edges say something about an event.</summary>
    /// <param name="store">The facts.</param>
    /// <param name="api">The API.</param>
    /// <param name="mapping">A mapping of the event.</param>
    internal static IEnumerable<ApiEntry> CallsBelow(this MappingStore store, ApiEntry api, MappingEntry mapping) =>
        Walk(store, api, primaryOnly: true).Where(node => node.Path.Count > 0 && node.Carries(api, mapping)).Select(node => node.Api);

    /// <summary>
    /// Breadth first, each API once, the API itself as the first node. A call is reached on its shortest way; what a longer one fixes otherwise does not count.
    /// </summary>
    private static List<ChainNode> Walk(MappingStore store, ApiEntry start, bool primaryOnly)
    {
        var nodes = new List<ChainNode> { new(start, [], Evidence.Observed, "", null, CallerArguments.Of(store, start)) };
        var seen = new HashSet<int> { start.Row };
        for (int i = 0; i < nodes.Count && nodes.Count < MaximumNodes; i++)
        {
            ChainNode node = nodes[i];
            if (node.Path.Count >= MaximumDepth)
            {
                continue;
            }

            foreach (CallEntry call in store.CallsFrom(node.Api))
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

                string condition = call.Condition;
                if (node.Arguments.CanMeet(condition) && seen.Add(callee.Row))
                {
                    nodes.Add(new ChainNode(
                        callee,
                        [.. node.Path, callee],
                        Weakest(node.Evidence, call.Evidence),
                        Join(node.Condition, condition),
                        Intersect(node.OnlyEvents, call.OnlyEvents),
                        node.Arguments.Behind(node.Api, callee)));
                }
            }
        }

        return nodes;
    }

    private static IReadOnlyList<string>? Intersect(IReadOnlyList<string>? left, IReadOnlyList<string>? right) =>
        left is null ? right : right is null ? left : left.Where(right.Contains).ToArray();

    private sealed record ChainNode(
        ApiEntry Api,
        IReadOnlyList<ApiEntry> Path,
        Evidence Evidence,
        string Condition,
        IReadOnlyList<string>? OnlyEvents,
        CallerArguments Arguments)
    {
        /// <summary>
        /// Whether a mapping's event can be reached on this way: the edges say something about it, no call on the way is denied it, and what the callers
        /// have fixed meets its condition.
        /// </summary>
        public bool Carries(ApiEntry start, MappingEntry mapping)
        {
            SourceEntry source = mapping.Source;
            if (OnlyEvents is not null && !OnlyEvents.Contains(EventLabel.Of(source.Name, mapping.EventId)) && !OnlyEvents.Contains(source.Name))
            {
                return false;
            }

            if (start.Store.IsDenied(start, source, mapping.EventId))
            {
                return false;
            }

            foreach (ApiEntry step in Path)
            {
                if (start.Store.IsDenied(step, source, mapping.EventId))
                {
                    return false;
                }
            }

            return Arguments.CanMeet(mapping.Condition);
        }
    }
}
