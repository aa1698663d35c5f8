using System.Globalization;
using System.Management.Automation;
using ApiLevel.Facts;

namespace ApiLevel.Views;

/// <summary>Texts that the table views show, for live objects and for those that came back from a file or another machine.</summary>
public static partial class ViewText
{
    /// <summary>"Sysmon 10 ProcessAccess"; empty without an event.</summary>
    /// <param name="row">An object with Source, EventId and EventName.</param>
    public static string Event(PSObject row)
    {
        string source = Text(row, "Source");
        return source.Length == 0
            ? ""
            : Lines((source.Replace(SourceEntry.WindowsPrefix, "") + " " + Text(row, "EventId") + " " + Text(row, "EventName")).TrimEnd(), EventWidth);
    }

    /// <summary>"4688 v2": the id with the version, where it has had more than the first.</summary>
    /// <param name="row">An object with EventId and Version.</param>
    public static string EventId(PSObject row) =>
        Text(row, "EventId") + (Text(row, "Version") is { Length: > 0 } version && version != "0" ? " v" + version : "");

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
        return Lines(via.Length == 0 ? condition : condition.Length == 0 ? "via " + via : condition + "; via " + via, WhenWidth);
    }

    /// <summary>Several events in the short form: "Sysmon 10; Kernel-Process 1".</summary>
    /// <param name="row">An object with Events.</param>
    public static string Events(PSObject row) => Text(row, "Events").Replace(SourceEntry.WindowsPrefix, "");

    /// <summary>What the best event requires; why there is none, for a verdict without an event.</summary>
    /// <param name="row">An object with Requirement, Reason and Source.</param>
    public static string RequirementOrReason(PSObject row)
    {
        if (Text(row, "Source").Length > 0)
        {
            return Text(row, "Requirement");
        }

        // The version of the facts is in the list view.
        string reason = Text(row, "Reason");
        int version = reason.LastIndexOf("; facts ", System.StringComparison.Ordinal);
        return version < 0 ? reason : reason.Substring(0, version);
    }

    /// <summary>The heading of a group of verdicts: the file, or that names were asked for.</summary>
    /// <param name="row">An object with Path.</param>
    public static string File(PSObject row) => Text(row, "Path") is { Length: > 0 } path ? path : "none, asked by name";

    /// <summary>The heading of a group of events: the file, or where else they came from.</summary>
    /// <param name="row">An object with Path.</param>
    public static string Recording(PSObject row) => Text(row, "Path") is { Length: > 0 } path ? path : "none, from objects or a running trace";

    /// <summary>The heading of a group of APIs: the module, or what stands for it.</summary>
    /// <param name="row">An object with Module.</param>
    public static string Module(PSObject row) => Text(row, "Module") is { Length: > 0 } module ? module : "none (.NET or COM)";

    /// <summary>The name indented by its depth, for a tree that reads at a glance.</summary>
    /// <param name="row">An object with Depth, Module and Api.</param>
    public static string Tree(PSObject row)
    {
        int.TryParse(Text(row, "Depth"), NumberStyles.Integer, CultureInfo.InvariantCulture, out int depth);
        return depth <= 0 ? Api(row) : new string(' ', 2 * (depth - 1)) + "-> " + Api(row);
    }

    // The widths of these columns in ApiLevel.format.ps1xml on a screen of 120, of whose last column most hosts make no use.
    private const int EventWidth = 34;
    private const int WhenWidth = 35;

    /// <summary>Breaks a text between words; the engine would break it in the middle of one.</summary>
    private static string Lines(string text, int width)
    {
        if (text.Length <= width)
        {
            return text;
        }

        var lines = new System.Text.StringBuilder();
        int used = 0;
        foreach (string word in text.Split(' '))
        {
            if (used > 0 && used + 1 + word.Length > width)
            {
                lines.Append('\n');
                used = 0;
            }
            else if (used > 0)
            {
                lines.Append(' ');
                used++;
            }

            lines.Append(word);
            used += word.Length;
        }

        return lines.ToString();
    }

    private static string Text(PSObject row, string property) =>
        row?.Properties[property]?.Value is { } value ? System.Convert.ToString(value, CultureInfo.InvariantCulture) ?? "" : "";
}
