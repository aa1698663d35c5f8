using System.Collections.Generic;

namespace ApiLevel.Rules;

/// <summary>The keys of a fact file, in the order in which they are written.</summary>
internal static class FactSchema
{
    public static readonly string[] SourceKeys =
    [
        "name", "provider", "guid", "channel", "delivery", "privileges", "default", "description", "documentation",
    ];

    public static readonly string[] EventKeys =
    [
        "source", "event", "version", "name", "fires", "emitter", "requirement", "car", "car-reference", "level", "column",
        "column-reference", "channel", "fields", "symbol", "task", "opcode", "severity", "keywords", "keyword-mask", "first-build",
        "data-component", "audit-subcategory", "audit-reference", "evidence", "reference", "apis",
    ];

    public static readonly string[] MappingKeys =
    [
        "api", "layer", "relation", "via", "condition", "emitter", "mechanism", "evidence", "reference",
    ];

    public static readonly string[] RequiredSourceKeys = ["name", "provider"];

    public static readonly string[] RequiredEventKeys = ["source", "event"];

    public static readonly string[] RequiredMappingKeys = ["api", "relation", "evidence", "reference"];

    /// <summary>What separates the parts of a list that stands in one value.</summary>
    public const string ListSeparator = "; ";

    /// <summary>Gives the parts of a list without the blanks around them, joined with a bare semicolon.</summary>
    public static string JoinList(string value)
    {
        if (value.IndexOf(';') < 0)
        {
            return value.Trim();
        }

        List<string> parts = [];
        foreach (string part in value.Split(';'))
        {
            string trimmed = part.Trim();
            if (trimmed.Length > 0)
            {
                parts.Add(trimmed);
            }
        }

        return string.Join(";", parts);
    }
}
