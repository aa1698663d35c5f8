using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace ApiLevel.Mapping;

/// <content>Names: spellings, API sets, ordinals, wildcards, near names.</content>
public sealed partial class MappingStore
{
    private HashSet<int>? _hostModules;

    /// <summary>
    /// Leads a name to the API the store knows: exact, A/W, Nt/Zw, psapi, API set, host module, ordinal, decoration. A function of
    /// a module that is no part of Windows is never led to a Windows API of the same name.
    /// </summary>
    /// <param name="module">The module in any spelling; empty for any module.</param>
    /// <param name="name">The function; may be empty when an ordinal is given. <c>#115</c> is read as an ordinal.</param>
    /// <param name="ordinal">The ordinal; null for a name.</param>
    public ApiResolution Resolve(string module, string name, int? ordinal = null)
    {
        string asked = ApiName.NormalizeModule(module);
        string host = asked;
        ResolutionRule? set = null;
        if (IsApiSet(asked))
        {
            host = ApiSetHost(asked);
            set = ResolutionRule.ApiSet;
        }

        if (name.Length == 0 || name[0] == '#')
        {
            int? number = ordinal ?? ApiName.Create("", name).Ordinal;
            if (number is { } value)
            {
                string? byTable = OrdinalName(host, value);
                if (byTable is null)
                {
                    return new ApiResolution(default, ResolutionRule.None, asked, "#" + value.ToString(CultureInfo.InvariantCulture));
                }

                ApiResolution named = ResolveName(host, byTable, set);
                return new ApiResolution(named.Api, ResolutionRule.Ordinal, named.Module, byTable);
            }

            return new ApiResolution(default, ResolutionRule.None, asked, name);
        }

        ApiResolution found = ResolveName(host, name, set);
        if (found.Rule == ResolutionRule.None && TryUndecorate(name, out string plain))
        {
            ApiResolution undecorated = ResolveName(host, plain, set);
            if (undecorated.Rule != ResolutionRule.None)
            {
                return undecorated with { Rule = ResolutionRule.Decoration };
            }
        }

        return found.Rule == ResolutionRule.None ? found with { Module = asked } : found;
    }

    /// <summary>All APIs that a name means: of one module, or of every module that has it. Empty when there is none.</summary>
    /// <param name="name">A name without wildcards.</param>
    public IReadOnlyList<ApiEntry> Find(ApiName name)
    {
        if (name.Name.Length == 0)
        {
            return [];
        }

        if (name.Module.Length > 0)
        {
            ApiResolution resolution = Resolve(name.Module, name.Name);
            return resolution.Api.IsKnown ? [resolution.Api] : [];
        }

        var found = new List<ApiEntry>();
        AddByName(name.Name, found);
        if (found.Count == 0 && TryUndecorate(name.Name, out string plain))
        {
            AddByName(plain, found);
        }

        // Managed and COM members are asked for by their last parts too: Process::Start, ITaskFolder::RegisterTask.
        if (found.Count == 0 && name.Name.IndexOf("::", StringComparison.Ordinal) > 0)
        {
            string suffix = "." + name.Name;
            found.AddRange(Apis().Where(api => api.Name.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)));
        }

        // The module people mean comes first: one with judged facts, then one that the Win32 metadata documents.
        if (found.Count > 1)
        {
            // A name that a judged API has is not asked for in a module where nothing is known of it.
            if (found.Exists(HasMappings))
            {
                found.RemoveAll(api => !IsJudged(api));
            }

            found.Sort((a, b) => Preference(a).CompareTo(Preference(b)) is not 0 and var order ? order : a.Row.CompareTo(b.Row));
        }

        return found;
    }

    /// <summary>All APIs that match a pattern, in the order of their names. Streams.</summary>
    /// <param name="nameMatches">Decides on the name and on each exported spelling; null for all.</param>
    /// <param name="moduleMatches">Decides on the module; null for all.</param>
    /// <param name="prefix">What every matching name begins with; empty when unknown. Saves the walk over the others.</param>
    public IEnumerable<ApiEntry> Match(Func<string, bool>? nameMatches, Func<string, bool>? moduleMatches, string prefix = "")
    {
        int first = 0;
        int end = _apis.Count;
        if (prefix.Length > 0)
        {
            (int low, int high) = _file.FindPrefix(prefix.AsSpan());
            (first, end) = _apis.FindRange(low, high);
        }

        for (int row = first; row < end; row++)
        {
            var api = new ApiEntry(this, row);
            if ((moduleMatches is null || moduleMatches(api.Module)) && (nameMatches is null || nameMatches(api.Name) || MatchesVariant(api, nameMatches)))
            {
                yield return api;
            }
        }

        for (int i = 0; i < _overlay.Apis.Count; i++)
        {
            var api = new ApiEntry(this, _apis.Count + i);
            if ((moduleMatches is null || moduleMatches(api.Module)) && (nameMatches is null || nameMatches(api.Name)))
            {
                yield return api;
            }
        }
    }

    /// <summary>The names nearest to one that is not known, best first.</summary>
    /// <param name="name">What was asked for.</param>
    /// <param name="count">How many at most.</param>
    public IReadOnlyList<string> Suggest(ApiName name, int count = 3)
    {
        string wanted = name.Name.ToLowerInvariant();
        bool isMember = wanted.IndexOf("::", StringComparison.Ordinal) > 0 && wanted.IndexOf('.') < 0;
        int limit = Math.Max(2, wanted.Length / 3);
        var best = new List<(int Distance, bool Judged, ApiEntry Api)>();
        int[] row = new int[wanted.Length + 1];
        for (int i = 0; i < _apis.Count; i++)
        {
            var api = new ApiEntry(this, i);
            string candidate = api.Name;

            // Process::Strat means the last parts of System.Diagnostics.Process::Start.
            if (isMember && candidate.IndexOf("::", StringComparison.Ordinal) is > 0 and int colons && candidate.LastIndexOf('.', colons) is >= 0 and int dot)
            {
                candidate = candidate.Substring(dot + 1);
            }

            // Part of a name is as near as one wrong letter: RemoteThread means CreateRemoteThread.
            if (wanted.Length >= 4 && candidate.Length > wanted.Length && candidate.IndexOf(wanted, StringComparison.OrdinalIgnoreCase) >= 0)
            {
                best.Add((1, HasMappings(api), api));
            }
            else if (Math.Abs(candidate.Length - wanted.Length) <= limit && Distance(wanted, candidate, row, limit) is int distance && distance <= limit)
            {
                best.Add((distance, HasMappings(api), api));
            }
        }

        // A name three letters away is no help beside one that is one letter away.
        int nearest = best.Count == 0 ? 0 : best.Min(item => item.Distance);
        return best
            .Where(item => item.Distance <= nearest + 1)
            .OrderBy(item => item.Distance)
            .ThenByDescending(item => item.Judged)
            .ThenByDescending(item => item.Api.Module == name.Module)
            .ThenBy(item => item.Api.Name.Length)
            .ThenBy(item => item.Api.Key, StringComparer.Ordinal)
            .Take(count)
            .Select(item => item.Api.Key)
            .ToArray();
    }

    /// <summary>True for the name of an API set contract.</summary>
    /// <param name="module">A module, lower case without <c>.dll</c>.</param>
    public static bool IsApiSet(string module) =>
        module.StartsWith("api-", StringComparison.Ordinal) || module.StartsWith("ext-", StringComparison.Ordinal);

    /// <summary>The host module of a contract; empty when the store does not know it. The last number of the contract is ignored, as the loader does.</summary>
    /// <param name="contract">The contract, lower case without <c>.dll</c>.</param>
    public string ApiSetHost(string contract)
    {
        StoreTable table = _file[StoreTables.ApiSets];
        int dash = contract.LastIndexOf('-');
        string key = dash > 0 ? contract.Substring(0, dash) : contract;
        (int low, int high) = _file.FindStrings(key.AsSpan());
        (int first, int end) = table.FindRange(low, high);
        string host = "";
        for (int row = first; row < end; row++)
        {
            string candidate = Text(table, row, StoreTables.ApiSet.Host);
            host = candidate.Length > 0 ? candidate : host;
        }

        return host;
    }

    /// <summary>The name of an export by ordinal, where no source contradicts another; null otherwise.</summary>
    /// <param name="module">The module, lower case without <c>.dll</c>.</param>
    /// <param name="ordinal">The ordinal.</param>
    public string? OrdinalName(string module, int ordinal)
    {
        StoreTable table = _file[StoreTables.Ordinals];
        int id = _file.FindExact(module);
        if (id < 0)
        {
            return null;
        }

        (int first, int end) = table.Find(id, ordinal);
        string? name = null;
        for (int row = first; row < end; row++)
        {
            if (table[row, StoreTables.Ordinal.Stable] == 0)
            {
                return null;
            }

            name = Text(table, row, StoreTables.Ordinal.Name);
        }

        return name;
    }

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

    private ApiResolution ResolveName(string module, string name, ResolutionRule? set)
    {
        (int low, int high) = _file.FindStrings(name.AsSpan());
        if (module.Length > 0)
        {
            // An exact spelling in the module itself wins over every rule.
            for (int id = low; id < high; id++)
            {
                int moduleId = _file.FindExact(module);
                if (moduleId < 0)
                {
                    break;
                }

                (int first, int end) = _apis.Find(id, moduleId);
                if (first < end)
                {
                    return new ApiResolution(new ApiEntry(this, first), set ?? ResolutionRule.Exact, module, name);
                }

                (first, end) = _aliases.Find(id, moduleId);
                if (first < end)
                {
                    return new ApiResolution(
                        new ApiEntry(this, _aliases[first, StoreTables.Alias.Api]),
                        set ?? ToRule(_aliases[first, StoreTables.Alias.Rule]),
                        module,
                        name);
                }
            }

            for (int i = 0; i < _overlay.Apis.Count; i++)
            {
                if (_overlay.Apis[i].Is(ApiName.Create(module, name)))
                {
                    return new ApiResolution(new ApiEntry(this, _apis.Count + i), ResolutionRule.Exact, module, name);
                }
            }

            if (set is null && !IsHostModule(module))
            {
                return new ApiResolution(default, ResolutionRule.None, module, name);
            }
        }

        var candidates = new List<ApiEntry>();
        AddByName(name, candidates);
        if (module.Length > 0 || set is not null)
        {
            // A host module holds the code of other modules of Windows, never of a method or a managed member.
            candidates.RemoveAll(api => api.Layer is Mapping.ApiLayer.ComMethod or Mapping.ApiLayer.Managed or Mapping.ApiLayer.RpcMethod or Mapping.ApiLayer.ServiceInternal or Mapping.ApiLayer.Kernel);
        }

        if (candidates.Count == 0)
        {
            return new ApiResolution(default, ResolutionRule.None, module, name);
        }

        ApiEntry best = candidates[0];
        foreach (ApiEntry candidate in candidates)
        {
            if (Preference(candidate) < Preference(best))
            {
                best = candidate;
            }
        }

        ResolutionRule rule = set ?? (module.Length > 0 ? ResolutionRule.HostModule : RuleOf(best, name));
        return new ApiResolution(best, rule, best.Module, name);
    }

    private ResolutionRule RuleOf(ApiEntry api, string name)
    {
        if (string.Equals(api.Name, name, StringComparison.OrdinalIgnoreCase))
        {
            return ResolutionRule.Exact;
        }

        (int low, int high) = _file.FindStrings(name.AsSpan());
        (int first, int end) = _aliases.FindRange(low, high);
        for (int row = first; row < end; row++)
        {
            if (_aliases[row, StoreTables.Alias.Api] == api.Row)
            {
                return ToRule(_aliases[row, StoreTables.Alias.Rule]);
            }
        }

        return ResolutionRule.Exact;
    }

    private static ResolutionRule ToRule(int alias) => (AliasRule)alias switch
    {
        AliasRule.NtZw => ResolutionRule.NtZw,
        AliasRule.SameFunction => ResolutionRule.SameFunction,
        AliasRule.Forwarded => ResolutionRule.HostModule,
        _ => ResolutionRule.CharacterSet,
    };

    private void AddByName(string name, List<ApiEntry> found)
    {
        (int low, int high) = _file.FindStrings(name.AsSpan());
        (int first, int end) = _apis.FindRange(low, high);
        for (int row = first; row < end; row++)
        {
            found.Add(new ApiEntry(this, row));
        }

        (first, end) = _aliases.FindRange(low, high);
        for (int row = first; row < end; row++)
        {
            var api = new ApiEntry(this, _aliases[row, StoreTables.Alias.Api]);
            if (!found.Contains(api))
            {
                found.Add(api);
            }
        }

        for (int i = 0; i < _overlay.Apis.Count; i++)
        {
            if (string.Equals(_overlay.Apis[i].Name, name, StringComparison.OrdinalIgnoreCase))
            {
                found.Add(new ApiEntry(this, _apis.Count + i));
            }
        }
    }

    private int Preference(ApiEntry api) => HasMappings(api) ? 0 : CallsFrom(api).Any() ? 1 : api.Namespace.Length > 0 ? 2 : 3;

    /// <summary>Modules that hold code for others: the hosts of API sets.</summary>
    private bool IsHostModule(string module)
    {
        if (_hostModules is null)
        {
            StoreTable table = _file[StoreTables.ApiSets];
            var hosts = new HashSet<int>();
            for (int row = 0; row < table.Count; row++)
            {
                hosts.Add(table[row, StoreTables.ApiSet.Host]);
            }

            _hostModules = hosts;
        }

        int id = _file.FindExact(module);
        return id > 0 && _hostModules.Contains(id);
    }

    private static bool MatchesVariant(ApiEntry api, Func<string, bool> matches)
    {
        foreach (string variant in api.Variants)
        {
            if (matches(variant))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The sources whose names, as tables show them, contain a text or are nearly it; at most five.</summary>
    /// <param name="text">What was asked for.</param>
    public IReadOnlyList<string> SuggestSources(string text)
    {
        const int Limit = 2;
        string wanted = text.Trim().ToLowerInvariant();
        int[] row = new int[wanted.Length + 1];
        return
        [
            .. _sources
                .Select(source => source.ShortName)
                .Where(name => wanted.Length > 0 && (name.IndexOf(wanted, StringComparison.OrdinalIgnoreCase) >= 0 || Distance(wanted, name, row, Limit) <= Limit))
                .Take(5),
        ];
    }

    /// <summary>Edit distance with a swap of neighbours as one step, cut off at a limit.</summary>
    private static int Distance(string wanted, string candidate, int[] row, int limit)
    {
        for (int j = 0; j <= wanted.Length; j++)
        {
            row[j] = j;
        }

        for (int i = 1; i <= candidate.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            int smallest = i;
            char c = char.ToLowerInvariant(candidate[i - 1]);
            for (int j = 1; j <= wanted.Length; j++)
            {
                int above = row[j];
                int cost = c == wanted[j - 1] ? diagonal : Math.Min(diagonal, Math.Min(above, row[j - 1])) + 1;
                diagonal = above;
                row[j] = cost;
                smallest = Math.Min(smallest, cost);
            }

            if (smallest > limit)
            {
                return limit + 1;
            }
        }

        return row[wanted.Length];
    }
}
