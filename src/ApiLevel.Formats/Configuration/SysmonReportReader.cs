using System;
using System.Collections.Generic;
using System.Text.RegularExpressions;
using System.Threading;

namespace ApiLevel.Formats.Configuration;

/// <summary>
/// Text of <c>sysmon -c</c>: settings as " - Name:   value", then the rules as " - Event   onmatch: include   combine rules using 'Or'" with
/// lines "Field   filter: condition   value: 'text'" below.
/// </summary>
internal static class SysmonReportReader
{
    // Matched against the beginning of one line, linear in its length.
    private static readonly Regex s_section = new(@"^\s*- (\w+)\s+onmatch:\s*(include|exclude)\b", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase);
    private static readonly Regex s_rules = new(@"^Rule configuration \(version ([0-9.]+)\)", RegexOptions.CultureInvariant);

    public static bool IsHead(string line) =>
        line.StartsWith("System Monitor v", StringComparison.Ordinal) || line.StartsWith("Sysmon v", StringComparison.Ordinal) ||
        line.StartsWith("Current configuration:", StringComparison.Ordinal) || s_rules.IsMatch(Cut(line)) ||
        line.StartsWith("No rules installed", StringComparison.Ordinal);

    public static void Read(string text, ConfigurationFile file, CancellationToken cancellation)
    {
        var settings = new Dictionary<string, (string, ConfigurationOrigin)>(StringComparer.OrdinalIgnoreCase);
        var sections = new List<SysmonReportSection>();
        List<SysmonReportFilter>? filters = null;
        string version = "";
        var origin = new ConfigurationOrigin(file.Name, 1);
        foreach ((int number, string line) in ConfigurationText.Lines(text))
        {
            cancellation.ThrowIfCancellationRequested();
            var here = new ConfigurationOrigin(file.Name, number);
            string cut = Cut(line);
            Match match;
            if ((match = s_rules.Match(cut)).Success)
            {
                version = match.Groups[1].Value;
                origin = here;
            }
            else if ((match = s_section.Match(cut)).Success)
            {
                filters = [];
                bool isInclude = match.Groups[2].Value.Equals("include", StringComparison.OrdinalIgnoreCase);
                sections.Add(new SysmonReportSection(match.Groups[1].Value, isInclude, filters, here));
            }
            else if (filters is null)
            {
                ReadSetting(line, here, settings);
            }
            else if (line.IndexOf("filter:", StringComparison.Ordinal) >= 0)
            {
                if (ReadFilter(line, here) is { } filter)
                {
                    filters.Add(filter);
                }
                else
                {
                    file.ProblemList.Add($"line {number}", "no whole filter; the file may be cut off there");
                }
            }
        }

        file.Sysmon = new SysmonReport(settings, version, sections, origin);
    }

    // By hand: a pattern would try each space of a hostile line.
    private static SysmonReportFilter? ReadFilter(string line, ConfigurationOrigin origin)
    {
        int filter = line.IndexOf("filter:", StringComparison.Ordinal);
        int value = line.IndexOf("value:", filter, StringComparison.Ordinal);
        int open = value < 0 ? -1 : line.IndexOf('\'', value);
        int close = line.LastIndexOf('\'');
        return open < 0 || close <= open
            ? null
            : new SysmonReportFilter(
                line.Substring(0, filter).Trim(),
                line.Substring(filter + 7, value - filter - 7).Trim(),
                line.Substring(open + 1, close - open - 1),
                origin);
    }

    private static void ReadSetting(string line, ConfigurationOrigin origin, Dictionary<string, (string, ConfigurationOrigin)> settings)
    {
        string text = line.TrimStart();
        int colon = text.IndexOf(':');
        if (colon > 2 && text.StartsWith("- ", StringComparison.Ordinal))
        {
            settings[text.Substring(2, colon - 2).Trim()] = (text.Substring(colon + 1).Trim(), origin);
        }
    }

    // No field or value that decides is longer.
    private static string Cut(string line) => line.Length > 16384 ? line.Substring(0, 16384) : line;
}
