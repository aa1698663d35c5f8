using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using ApiLevel.Answers;
using ApiLevel.Chains;
using ApiLevel.Coverage;
using ApiLevel.Facts;
using ApiLevel.Names;

namespace ApiLevel.Commands;

/// <summary>Decides whether a reference of a file is one of the APIs that were asked for, whatever its spelling.</summary>
internal sealed class ApiNameFilter
{
    private readonly HashSet<ApiEntry> _apis = [];
    private readonly List<(WildcardPattern? Module, WildcardPattern Name)> _patterns = [];

    public ApiNameFilter(MappingStore store, IEnumerable<ApiName> names)
    {
        foreach (ApiName name in names.Where(name => name is not null && name.Name.Length > 0))
        {
            _apis.UnionWith(name.HasWildcards ? [] : store.Find(name));
            _patterns.Add((name.Module.Length == 0 ? null : Pattern(name.Module), Pattern(name.Name)));
        }
    }

    public bool Matches(ResolvedReference reference) =>
        (reference.Api.IsKnown && _apis.Contains(reference.Api)) ||
        _patterns.Exists(pattern =>
            (pattern.Module is null || pattern.Module.IsMatch(reference.Module)) &&
            (pattern.Name.IsMatch(reference.Name) || pattern.Name.IsMatch(reference.Reference.Name)));

    private static WildcardPattern Pattern(string text) => WildcardPattern.Get(text, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant);
}
