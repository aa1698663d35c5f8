using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Text.Json;
using ApiLevel.Facts;

namespace ApiLevel.Views;

/// <content>Events as a story: when, who, what was called, what it was done to.</content>
public static partial class ViewText
{
    private static string[][]? s_telling;

    // The first field that the event has counts; what stands behind its name goes with it. Where the facts cannot be opened the view shows the name.
    private static string[][] Telling
    {
        get
        {
            try
            {
                return s_telling ??= [.. ModuleState.Store.TellingFields().Select(fact => (string[])[fact.Field, .. ListText.Split(fact.Beside)])];
            }
            catch (Exception exception) when (exception is System.IO.IOException or System.IO.InvalidDataException or UnauthorizedAccessException)
            {
                return [];
            }
        }
    }

    /// <summary>Month to milliseconds, without the year, which the events of one attack share.</summary>
    /// <param name="row">An object with TimeCreated.</param>
    public static string EventTime(PSObject row) => row?.Properties["TimeCreated"]?.Value switch
    {
        DateTime time => time.ToString("MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture),
        null => "",
        { } other => Convert.ToString(other, CultureInfo.InvariantCulture) ?? "",
    };

    /// <summary>"mimikatz.exe (2032)".</summary>
    /// <param name="row">An object with ProcessName and ProcessId.</param>
    public static string Process(PSObject row)
    {
        string name = Text(row, "ProcessName");
        string id = Text(row, "ProcessId");
        return id.Length == 0 ? name : name.Length == 0 ? "(" + id + ")" : name + " (" + id + ")";
    }

    /// <summary>"Sysmon 10".</summary>
    /// <param name="row">An object with Source and EventId.</param>
    public static string EventNumber(PSObject row) => Text(row, "Source").Replace(SourceEntry.WindowsPrefix, "") + " " + Text(row, "EventId");

    /// <summary>What it was done to: the fields that tell most, in one line.</summary>
    /// <param name="row">An event, live or from another machine.</param>
    public static string What(PSObject row)
    {
        if (row is null)
        {
            return "";
        }

        Func<string, string> field = row.BaseObject is ApiTelemetryEvent live ? live.GetField : FromData(Text(row, "Data"));
        foreach (string[] names in Telling)
        {
            if (field(names[0]) is { Length: > 0 } first && first != "-")
            {
                IEnumerable<string> rest = names.Skip(1).Select(field).Where(text => text.Length > 0 && text != "-");
                string subject = names[0] == "TargetImage" ? first.Substring(first.LastIndexOf('\\') + 1) : Shorten(first);
                return OneLine(string.Join(" ", [subject, .. rest.Select(Shorten)]));
            }
        }

        return Text(row, "EventName");
    }

    /// <summary>The end of a path says more than its beginning.</summary>
    private static string Shorten(string text)
    {
        const int Kept = 40;
        bool isPath = text.IndexOf('\\') >= 0 && text.IndexOf(' ', Math.Max(0, text.LastIndexOf('\\'))) < 0;
        if (!isPath || text.Length <= Kept)
        {
            return text;
        }

        int cut = text.IndexOf('\\', text.Length - Kept);
        return cut < 0 ? "\u2026" + text.Substring(text.Length - Kept) : "\u2026" + text.Substring(cut);
    }

    private static string OneLine(string text)
    {
        const int Longest = 400;
        string cut = text.Length > Longest ? text.Substring(0, Longest) : text;
        return string.Join(" ", cut.Split([' ', '\r', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries));
    }

    private static Func<string, string> FromData(string json)
    {
        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        try
        {
            using JsonDocument document = JsonDocument.Parse(json.Length == 0 ? "{}" : json);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                foreach (JsonProperty property in document.RootElement.EnumerateObject())
                {
                    if (!values.ContainsKey(property.Name))
                    {
                        values.Add(property.Name, property.Value.ToString());
                    }
                }
            }
        }
        catch (JsonException)
        {
            // Somebody changed the text; the view shows the event without it.
        }

        return name => values.TryGetValue(name, out string? value) ? value : "";
    }
}
