using System;
using System.Collections.Generic;
using System.Linq;

namespace ApiLevel.Facts;

/// <summary>Turns requirements into words a person acts on.</summary>
public sealed class RequirementText
{
    private readonly Dictionary<string, string> _subcategories;

    /// <summary>Takes the names of audit subcategories from a store.</summary>
    /// <param name="store">The store.</param>
    public RequirementText(MappingStore store)
    {
        _subcategories = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (AuditSubcategoryFact fact in store.AuditSubcategories())
        {
            _subcategories[fact.Guid] = fact.Name;
        }
    }

    /// <summary>The requirement of an event in words ("audit subcategory Logon"), parts joined with <c>; </c>; empty when nothing is known to be needed.</summary>
    /// <param name="e">The event.</param>
    public string Describe(EventEntry e) => e.IsKnown ? string.Join("; ", e.Requirements.Select(Describe).Where(text => text.Length > 0)) : "";

    /// <summary>One requirement in words; empty for one that asks nothing of anybody.</summary>
    /// <param name="requirement">The requirement.</param>
    public string Describe(Requirement requirement)
    {
        string value = requirement.Value;
        return requirement.Kind switch
        {
            RequirementKind.AuditPolicy => "audit subcategory " + string.Join(" or ", value.Split('|').Select(Subcategory)),
            RequirementKind.Sacl => value.Length is 0 || value == "object" ? "SACL on the object" : "SACL on the " + value,
            RequirementKind.SysmonSection => "Sysmon configuration " + value,
            RequirementKind.SysmonDefault => value == "include" ? "" : "Sysmon rule default " + value,
            RequirementKind.Keyword => "keyword " + value.Replace("+?", " and others"),
            RequirementKind.Session => "ETW session",
            RequirementKind.Consumer => requirement.IsProtectedConsumer ? "PPL antimalware consumer" : "consumer " + value,
            RequirementKind.Channel => "channel " + value,
            RequirementKind.ChannelOffByDefault => "channel " + value + " (off by default)",
            RequirementKind.Policy => "policy " + value,
            _ => requirement.ToString(),
        };
    }

    private string Subcategory(string guid)
    {
        string bare = guid.Trim('{', '}', ' ');
        return _subcategories.TryGetValue(bare, out string? name) ? name : bare;
    }
}
