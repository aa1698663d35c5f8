using System.Globalization;
using System.Management.Automation;

namespace ApiLevel.Views;

/// <summary>Texts that the table views show, for live objects and for those that came back from a file or another machine.</summary>
public static partial class ViewText
{
    /// <summary>"Sysmon 10 ProcessAccess"; empty without an event.</summary>
    /// <param name="row">An object with Source, EventId and EventName.</param>
    public static string Event(PSObject row)
    {
        string source = Text(row, "Source");
        return source.Length == 0 ? "" : (source.Replace("Microsoft-Windows-", "") + " " + Text(row, "EventId") + " " + Text(row, "EventName")).TrimEnd();
    }

    /// <summary>"kernel32!OpenProcess", or the name alone.</summary>
    /// <param name="row">An object with Module and Api.</param>
    public static string Api(PSObject row)
    {
        string module = Text(row, "Module");
        string api = Text(row, "Api");
        return module.Length == 0 || api.Length == 0 ? api : module + "!" + api;
    }

    /// <summary>What a person needs next to the event: the condition, and through which call.</summary>
    /// <param name="row">An object with Condition and Via.</param>
    public static string When(PSObject row)
    {
        string condition = Text(row, "Condition");
        string via = Text(row, "Via");
        return via.Length == 0 ? condition : condition.Length == 0 ? "via " + via : condition + "; via " + via;
    }

    /// <summary>The name indented by its depth, for a tree that reads at a glance.</summary>
    /// <param name="row">An object with Depth, Module and Api.</param>
    public static string Tree(PSObject row)
    {
        int.TryParse(Text(row, "Depth"), NumberStyles.Integer, CultureInfo.InvariantCulture, out int depth);
        return depth <= 0 ? Api(row) : new string(' ', 2 * (depth - 1)) + "-> " + Api(row);
    }

    private static string Text(PSObject row, string property) =>
        row?.Properties[property]?.Value is { } value ? System.Convert.ToString(value, CultureInfo.InvariantCulture) ?? "" : "";
}
