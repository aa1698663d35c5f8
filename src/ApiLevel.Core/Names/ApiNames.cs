using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using ApiLevel.Facts;

namespace ApiLevel.Names;

/// <summary>What the names of APIs mean in a store: spellings, API sets, ordinals, decoration, patterns.</summary>
public static class ApiNames
{
    /// <summary>
    /// Leads a name to the API the store knows: exact, A/W, Nt/Zw, psapi, API set, host module, ordinal, decoration. A function of
    /// a module that is no part of Windows is never led to a Windows API of the same name.
    /// </summary>
    /// <param name="store">The facts.</param>
    /// <param name="module">The module in any spelling; empty for any module.</param>
    /// <param name="name">The function; may be empty when an ordinal is given. <c>#115</c> is read as an ordinal.</param>
    /// <param name="ordinal">The ordinal; null for a name.</param>
    public static ApiResolution Resolve(this MappingStore store, string module, string name, int? ordinal = null)
    {
        string asked = ApiName.NormalizeModule(module);
        string host = asked;
        ResolutionRule? set = null;
        if (IsApiSet(asked))
        {
            host = store.ApiSetHost(asked);
            set = ResolutionRule.ApiSet;
        }

        if (name.Length == 0 || name[0] == '#')
        {
            int? number = ordinal ?? ApiName.Create("", name).Ordinal;
            if (number is { } value)
            {
                string? byTable = store.OrdinalName(host, value);
                if (byTable is null)
                {
                    return new ApiResolution(default, ResolutionRule.None, asked, "#" + value.ToString(CultureInfo.InvariantCulture));
                }

                ApiResolution named = ResolveName(store, host, byTable, set);
                return new ApiResolution(named.Api, ResolutionRule.Ordinal, named.Module, byTable);
            }

            return new ApiResolution(default, ResolutionRule.None, asked, name);
        }

        ApiResolution found = ResolveName(store, host, name, set);
        if (found.Rule == ResolutionRule.None && TryUndecorate(name, out string plain))
        {
            ApiResolution undecorated = ResolveName(store, host, plain, set);
            if (undecorated.Rule != ResolutionRule.None)
            {
                return undecorated with { Rule = ResolutionRule.Decoration };
            }
        }

        return found.Rule == ResolutionRule.None ? found with { Module = asked } : found;
    }

    /// <summary>All APIs that a name means: of one module, or of every module that has it. Empty when there is none.</summary>
    /// <param name="store">The facts.</param>
    /// <param name="name">A name without wildcards.</param>
    public static IReadOnlyList<ApiEntry> Find(this MappingStore store, ApiName name)
    {
        if (name.Name.Length == 0)
        {
            return [];
        }

        if (name.Module.Length > 0)
        {
            ApiResolution resolution = store.Resolve(name.Module, name.Name);
            return resolution.Api.IsKnown ? [resolution.Api] : [];
        }

        var found = new List<ApiEntry>();
        AddByName(store, name.Name, found);
        if (found.Count == 0 && TryUndecorate(name.Name, out string plain))
        {
            AddByName(store, plain, found);
        }

        // Managed and COM members are asked for by their last parts too: Process::Start, ITaskFolder::RegisterTask.
        if (found.Count == 0 && name.Name.IndexOf("::", StringComparison.Ordinal) > 0)
        {
            string suffix = "." + name.Name;
            found.AddRange(store.Apis().Where(api => api.Name.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)));
        }

        // The module people mean comes first: one with judged facts, then one that the Win32 metadata documents.
        if (found.Count > 1)
        {
            // A name that a judged API has is not asked for in a module where nothing is known of it.
            if (found.Exists(store.HasMappings))
            {
                found.RemoveAll(api => !store.IsJudged(api));
            }

            found.Sort((a, b) => Preference(store, a).CompareTo(Preference(store, b)) is not 0 and var order ? order : a.Row.CompareTo(b.Row));
        }

        return found;
    }

    /// <summary>All APIs that match a pattern, in the order of their names. Streams.</summary>
    /// <param name="store">The facts.</param>
    /// <param name="nameMatches">Decides on the name and on each exported spelling; null for all.</param>
    /// <param name="moduleMatches">Decides on the module; null for all.</param>
    /// <param name="prefix">What every matching name begins with; empty when unknown. Saves the walk over the others.</param>
    public static IEnumerable<ApiEntry> Match(
        this MappingStore store, Func<string, bool>? nameMatches, Func<string, bool>? moduleMatches, string prefix = "") =>
        (prefix.Length > 0 ? store.ApisByPrefix(prefix).Concat(store.Apis().Skip(store.CompiledApiCount)) : store.Apis())
        .Where(api => (moduleMatches is null || moduleMatches(api.Module)) &&
            (nameMatches is null || nameMatches(api.Name) || api.Variants.Any(nameMatches)));

    /// <summary>True for the name of an API set contract.</summary>
    /// <param name="module">A module, lower case without <c>.dll</c>.</param>
    public static bool IsApiSet(string module) =>
        module.StartsWith("api-", StringComparison.Ordinal) || module.StartsWith("ext-", StringComparison.Ordinal);

    /// <summary>Takes the decoration of C calling conventions off: <c>_name@12</c>, <c>@name@8</c>, <c>_name</c>.</summary>
    /// <param name="name">The decorated name.</param>
    /// <param name="plain">The plain name.</param>
    public static bool TryUndecorate(string name, out string plain)
    {
        plain = name;
        int at = name.LastIndexOf('@');
        if (at > 1 && at < name.Length - 1 && name.Skip(at + 1).All(char.IsDigit))
        {
            plain = name.Substring(0, at);
        }

        if (plain.Length > 1 && (plain[0] == '_' || plain[0] == '@'))
        {
            plain = plain.Substring(1);
        }

        return plain.Length != name.Length;
    }

    private static ApiResolution ResolveName(MappingStore store, string module, string name, ResolutionRule? set)
    {
        if (module.Length > 0)
        {
            // An exact spelling in the module itself wins over every rule.
            if (store.TryGetApi(module, name, out ApiEntry exact, out AliasRule? spelling))
            {
                return new ApiResolution(exact, set ?? ToRule(spelling), module, name);
            }

            if (set is null && !store.IsApiSetHost(module))
            {
                return new ApiResolution(default, ResolutionRule.None, module, name);
            }
        }

        var candidates = new List<ApiEntry>();
        AddByName(store, name, candidates);
        if (module.Length > 0 || set is not null)
        {
            // A host module holds the code of other modules of Windows, never of a method or a managed member.
            candidates.RemoveAll(api => api.Layer is ApiLayer.ComMethod or ApiLayer.Managed or ApiLayer.RpcMethod or ApiLayer.ServiceInternal or ApiLayer.Kernel);
        }

        if (candidates.Count == 0)
        {
            return new ApiResolution(default, ResolutionRule.None, module, name);
        }

        ApiEntry best = candidates[0];
        foreach (ApiEntry candidate in candidates)
        {
            if (Preference(store, candidate) < Preference(store, best))
            {
                best = candidate;
            }
        }

        ResolutionRule rule = set ?? (module.Length > 0 ? ResolutionRule.HostModule : RuleOf(store, best, name));
        return new ApiResolution(best, rule, best.Module, name);
    }

    private static ResolutionRule RuleOf(MappingStore store, ApiEntry api, string name)
    {
        foreach ((ApiEntry candidate, AliasRule? rule) in store.ApisByName(name))
        {
            if (candidate == api)
            {
                return ToRule(rule);
            }
        }

        return ResolutionRule.Exact;
    }

    private static ResolutionRule ToRule(AliasRule? spelling) => spelling switch
    {
        null => ResolutionRule.Exact,
        AliasRule.NtZw => ResolutionRule.NtZw,
        AliasRule.SameFunction => ResolutionRule.SameFunction,
        AliasRule.Forwarded => ResolutionRule.HostModule,
        _ => ResolutionRule.CharacterSet,
    };

    private static void AddByName(MappingStore store, string name, List<ApiEntry> found)
    {
        foreach ((ApiEntry api, _) in store.ApisByName(name))
        {
            if (!found.Contains(api))
            {
                found.Add(api);
            }
        }
    }

    private static int Preference(MappingStore store, ApiEntry api) =>
        store.HasMappings(api) ? 0 : store.CallsFrom(api).Any() ? 1 : api.Namespace.Length > 0 ? 2 : 3;
}
