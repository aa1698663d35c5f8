using System;
using System.Collections.Generic;
using System.Linq;

namespace ApiLevel.Facts;

/// <summary>Turns the requirement tokens of the facts into words a person acts on, and tells how an event reaches a reader.</summary>
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
    public string Describe(EventEntry e) => e.IsKnown ? Describe(e.Requirements) : "";

    /// <summary>Requirement tokens in words.</summary>
    /// <param name="tokens">As the facts hold them.</param>
    public string Describe(IReadOnlyList<string> tokens) =>
        string.Join("; ", tokens.Select(DescribeToken).Where(text => text.Length > 0));

    /// <summary>How the event reaches a reader: <c>channel NAME</c>, <c>ETW session</c>, <c>ETW session as SYSTEM</c>, <c>PPL antimalware consumer</c>.</summary>
    /// <param name="source">The event's source.</param>
    /// <param name="e">The event; may be unknown.</param>
    public static string Delivery(SourceEntry source, EventEntry e)
    {
        IReadOnlyList<string> tokens = e.IsKnown ? e.Requirements : [];
        if (source.Fact.Delivery == "ppl" || tokens.Contains("consumer:PPL-Antimalware"))
        {
            return "PPL antimalware consumer";
        }

        IReadOnlyList<string> channels = e.IsKnown && e.Channels.Count > 0 ? e.Channels : [];
        if (channels.Count == 0 && !tokens.Contains("etw-session"))
        {
            channels = ListText.Split(source.Fact.Channel);
        }

        return channels.Count > 0 ? "channel " + string.Join(", ", channels) : "ETW session";
    }

    private string DescribeToken(string token)
    {
        int colon = token.IndexOf(':');
        string kind = colon < 0 ? token : token.Substring(0, colon);
        string value = colon < 0 ? "" : token.Substring(colon + 1);
        return kind switch
        {
            "auditpol" => "audit subcategory " + string.Join(" or ", value.Split('|').Select(Subcategory)),
            "sacl" => value.Length is 0 || value == "object" ? "SACL on the object" : "SACL on the " + value,
            "sysmon-config" => "Sysmon configuration " + value,
            "ruledefault" => value == "include" ? "" : "Sysmon rule default " + value,
            "etw-keyword" => "keyword " + value.Replace("+?", " and others"),
            "etw-session" => "ETW session",
            "consumer" => value == "PPL-Antimalware" ? "PPL antimalware consumer" : "consumer " + value,
            "channel" => "channel " + value,
            "channel-off-by-default" => "channel " + value + " (off by default)",
            "policy" => "policy " + value,
            _ => token,
        };
    }

    private string Subcategory(string guid)
    {
        string bare = guid.Trim('{', '}', ' ');
        return _subcategories.TryGetValue(bare, out string? name) ? name : bare;
    }
}
