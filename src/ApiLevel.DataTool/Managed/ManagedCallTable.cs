using System;
using System.Collections.Generic;
using System.Linq;
using ApiLevel.Chains;
using ApiLevel.Facts;
using ApiLevel.Names;

namespace ApiLevel.DataTool.Managed;

/// <summary>Which public members reach which mapped native functions, and on which shortest way.</summary>
internal static class ManagedCallTable
{
    /// <summary>The most calls between a member and the native function's declaration.</summary>
    public const int MaximumDepth = 8;

    // With so few methods in between the native function is what the member is for; with more it is mostly something on the way.
    private const int MaximumPrimarySteps = 4;

    /// <summary>Makes the rows, sorted by member and function.</summary>
    /// <param name="graph">The assemblies.</param>
    /// <param name="store">The facts: names are led to the APIs it knows.</param>
    /// <param name="reference">The packages, for the reference of each row, by assembly.</param>
    public static List<CallFact> Derive(ManagedCallGraph graph, MappingStore store, Func<string, string> reference)
    {
        Dictionary<ManagedMethod, List<ManagedMethod>> callers = [];
        Dictionary<string, (ApiEntry Api, List<ManagedMethod> Imports)> natives = new(StringComparer.Ordinal);
        foreach (ManagedMethod method in graph.Methods)
        {
            foreach (ManagedMethod callee in method.Calls)
            {
                if (!IsBarrier(callee.Type))
                {
                    (callers.TryGetValue(callee, out List<ManagedMethod>? list) ? list : callers[callee] = []).Add(method);
                }
            }

            if (method.Import is { } import && FindMapped(store, import) is { } api)
            {
                (natives.TryGetValue(api.Key, out var found) ? found : natives[api.Key] = (api, [])).Imports.Add(method);
            }
        }

        List<CallFact> rows = [];
        foreach ((ApiEntry api, List<ManagedMethod> imports) in natives.Values)
        {
            rows.AddRange(Reach(api, imports, callers, reference));
        }

        rows.Sort(static (left, right) => string.CompareOrdinal(left.Caller, right.Caller) is int order and not 0
            ? order
            : string.CompareOrdinal(left.Callee, right.Callee));
        return rows;
    }

    private static Dictionary<string, CallFact>.ValueCollection Reach(
        ApiEntry api, List<ManagedMethod> imports, Dictionary<ManagedMethod, List<ManagedMethod>> callers, Func<string, string> reference)
    {
        Dictionary<ManagedMethod, (ManagedMethod? Next, int Depth)> seen = imports.ToDictionary(
            static method => method, static _ => ((ManagedMethod?)null, 0));
        Queue<ManagedMethod> queue = new(imports);
        Dictionary<string, CallFact> members = new(StringComparer.Ordinal);
        while (queue.TryDequeue(out ManagedMethod? method))
        {
            int depth = seen[method].Depth;

            // Breadth first: the first overload that is met is on the shortest way.
            if (method.IsPublic && !IsBarrier(method.Type) && !method.Name.StartsWith('<'))
            {
                List<string> steps = Steps(method, seen);
                members.TryAdd(method.ToString(), new CallFact
                {
                    Caller = method.ToString(),
                    Callee = api.Key,
                    CalleeLayer = api.Layer,
                    Kind = "P/Invoke",
                    IsPrimary = steps.Count <= MaximumPrimarySteps,
                    Context = steps.Count == 0 ? "" : "through " + string.Join(" > ", steps),
                    Evidence = Evidence.Derived,
                    Reference = reference(method.Type.Assembly),
                });
            }

            if (depth < MaximumDepth && callers.TryGetValue(method, out List<ManagedMethod>? above))
            {
                foreach (ManagedMethod caller in above)
                {
                    if (seen.TryAdd(caller, (method, depth + 1)))
                    {
                        queue.Enqueue(caller);
                    }
                }
            }
        }

        return members.Values;
    }

    private static List<string> Steps(ManagedMethod method, Dictionary<ManagedMethod, (ManagedMethod? Next, int Depth)> seen)
    {
        List<string> steps = [];
        string type = "";
        for (ManagedMethod? step = seen[method].Next; step is not null; step = seen[step].Next)
        {
            // The declaration itself and the marshalling around it say nothing that the function's name does not.
            if (step.Type.Name.StartsWith("Interop", StringComparison.Ordinal) || step.Import is not null)
            {
                continue;
            }

            string name = step.Name.TrimStart('.');
            steps.Add(step.Type.Name == type ? name : Short(step.Type.Name) + "::" + name);
            type = step.Type.Name;
        }

        return steps;
    }

    private static string Short(string type) => type.Substring(type.LastIndexOf('.') + 1);

    private static ApiEntry? FindMapped(MappingStore store, string import)
    {
        string[] parts = import.Split('!');
        ApiEntry api = store.Resolve(parts[0], parts[1]).Api;
        if (!api.IsKnown)
        {
            return null;
        }

        if (store.EventsOf(api).Count > 0)
        {
            return api;
        }

        // sspicli holds what secur32 is known for: the same function under the name that has the events.
        ApiEntry[] known =
        [
            .. store.Find(ApiName.Create("", api.Name)).Where(candidate => candidate.Layer == api.Layer && store.HasMappings(candidate)),
        ];
        return known.Length == 1 ? known[0] : null;
    }

    // Messages, exceptions and trace events are made everywhere; what they open on the way is nothing that the caller does.
    private static bool IsBarrier(ManagedType type)
    {
        if (type.Name is "System.SR" or "SR"
            || type.Name.EndsWith("ThrowHelper", StringComparison.Ordinal)
            || type.Name.EndsWith("ExceptionHelper", StringComparison.Ordinal))
        {
            return true;
        }

        for (ManagedType? parent = type; parent is not null; parent = parent.Base)
        {
            if (IsNoise(parent.Name) || IsNoise(parent.BaseName))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsNoise(string type) => type is "System.Exception" or "System.Diagnostics.Tracing.EventSource";
}
