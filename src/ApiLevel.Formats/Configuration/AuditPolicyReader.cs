using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Threading;

namespace ApiLevel.Formats.Configuration;

/// <summary>
/// The three tables of audit policy: the report and the backup of auditpol, and audit.csv of a group policy
/// ([MS-GPAC] 2.2). The columns stand in one order in every language; GUIDs and numbers decide, words only where there is no number.
/// </summary>
internal static class AuditPolicyReader
{
    private const int Target = 1;
    private const int Name = 2;
    private const int Identifier = 3;
    private const int Inclusion = 4;
    private const int Exclusion = 5;
    private const int Value = 6;

    /// <summary>
    /// What auditpol writes for a setting. German: auditpolmsg.dll.mui and auditpol as a public test quotes it. Another language's words
    /// are not guessed: its number is in the backup.
    /// </summary>
    private static readonly Dictionary<string, AuditOutcomes> s_words = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Success"] = AuditOutcomes.Success,
        ["Failure"] = AuditOutcomes.Failure,
        ["Success and Failure"] = AuditOutcomes.Success | AuditOutcomes.Failure,
        ["No Auditing"] = AuditOutcomes.None,
        ["Erfolg"] = AuditOutcomes.Success,
        ["Erfolgreich"] = AuditOutcomes.Success,
        ["Fehler"] = AuditOutcomes.Failure,
        ["Erfolg und Fehler"] = AuditOutcomes.Success | AuditOutcomes.Failure,
        ["Keine \u00DCberwachung"] = AuditOutcomes.None,
    };

    /// <summary>Whether a line is the English head; in other languages the first row decides.</summary>
    public static bool IsHead(string line) => line.TrimStart('"').StartsWith("Machine Name", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a line is a row: a GUID stands in its fourth column.</summary>
    public static bool IsRow(string line)
    {
        if (line.Length > 4096 || line.IndexOf("-69ae-11d9-bed3-505054503030", StringComparison.OrdinalIgnoreCase) < 0)
        {
            return false;
        }

        List<string> cells = Split(line);
        return cells.Count > Identifier && Guid.TryParse(cells[Identifier], out _);
    }

    public static void Read(string text, ConfigurationFile file, CancellationToken cancellation)
    {
        var rows = new List<Row>();
        var options = new List<AuditOption>();
        var objects = new List<SecuredObject>();
        bool hasValues = false;
        bool hasMachine = false;
        foreach ((int number, string line) in ConfigurationText.Lines(text))
        {
            cancellation.ThrowIfCancellationRequested();
            if (line.Trim().Length == 0)
            {
                continue;
            }

            var origin = new ConfigurationOrigin(file.Name, number);
            List<string> cells = Split(line);
            if (cells.Count > Identifier && Guid.TryParse(cells[Identifier], out Guid subcategory))
            {
                hasValues |= cells.Count > Value;
                hasMachine |= cells[0].Length > 0;
                rows.Add(new Row(subcategory, cells, origin));
            }
            else if (cells.Count > Name && cells[Name].StartsWith("Option:", StringComparison.OrdinalIgnoreCase))
            {
                hasMachine |= cells[0].Length > 0;
                options.Add(new AuditOption(
                    cells[Name].Substring("Option:".Length), cells.Count > Value && cells[Value] == "1", origin));
            }
            else if (cells.Count > Name && GlobalKind(cells[Name]) is { } kind)
            {
                // The descriptor is one cell, or what is left of the line where it was not quoted.
                string sddl = string.Join(",", cells.Skip(Value)).Trim(',', ' ');
                objects.Add(new SecuredObject(kind, "", sddl, origin));
            }
            else if (rows.Count > 0 || options.Count > 0)
            {
                file.ProblemList.Add($"line {number}", "no subcategory's row; the file may be cut off there");
            }
        }

        // auditpol writes the machine and its options into a backup; a group policy's file has neither.
        file.Kind = !hasValues ? ConfigurationKind.AuditReport
            : hasMachine || options.Count > 0 ? ConfigurationKind.AuditBackup
            : ConfigurationKind.AuditGroupPolicy;
        if (rows.Count == 0)
        {
            file.ProblemList.Add("file", "it has the head of an audit policy and no subcategory");
        }

        file.AuditSettings = Settings(rows, file);
        file.AuditOptions = options;
        file.SecuredObjects = objects;
    }

    private static List<AuditSetting> Settings(List<Row> rows, ConfigurationFile file)
    {
        var settings = new List<AuditSetting>(rows.Count);
        var places = new Dictionary<(Guid, string), int>();
        foreach (Row row in rows)
        {
            if (!TryRead(row, file, out AuditSetting setting))
            {
                continue;
            }

            if (!places.TryGetValue((setting.Subcategory, setting.Target), out int place))
            {
                places.Add((setting.Subcategory, setting.Target), settings.Count);
                settings.Add(setting);
                continue;
            }

            if (settings[place].Setting != setting.Setting)
            {
                file.ProblemList.Add(
                    $"line {setting.Origin.Line}",
                    $"{setting.Subcategory:B} stands twice with different settings; the last one is taken, line {settings[place].Origin.Line} is not");
            }

            settings[place] = setting;
        }

        return settings;
    }

    private static bool TryRead(Row row, ConfigurationFile file, out AuditSetting setting)
    {
        string where = $"line {row.Origin.Line}";
        setting = null!;
        string target = IsSystem(row) ? "" : row.Cells[Target];
        AuditOutcomes? value;
        if (row.Cells.Count > Value || file.Kind != ConfigurationKind.AuditReport)
        {
            if (row.Cells.Count <= Value ||
                !int.TryParse(row.Cells[Value], NumberStyles.None, CultureInfo.InvariantCulture, out int number) ||
                !TryValue(number, file.Kind, target.Length > 0, out value))
            {
                file.ProblemList.Add(where, "the setting's number is missing or none that a policy has; the row is left out");
                return false;
            }
        }
        else if (row.Cells.Count <= Exclusion || row.Cells[Inclusion].Length == 0)
        {
            file.ProblemList.Add(where, "the setting is missing; the file may be cut off there");
            return false;
        }
        else if (s_words.TryGetValue(row.Cells[Inclusion], out AuditOutcomes outcomes))
        {
            value = outcomes;
        }
        else
        {
            file.ProblemList.Add(
                where, $"the setting '{Shorten(row.Cells[Inclusion])}' is a word of a language that is not known here; auditpol /backup writes numbers");
            return false;
        }

        setting = new AuditSetting(row.Subcategory, value, row.Cells[Name], target, row.Origin);
        return true;
    }

    // [MS-GPAC] 2.2.1.3.1: 0 leaves the setting as it is, 4 is none. A backup tells what is, and writes 0 for none.
    // 2.2.1.3.2, of a user: bits for include and exclude; only what is included is told here.
    private static bool TryValue(int number, ConfigurationKind kind, bool isUser, out AuditOutcomes? value)
    {
        value = null;
        if (isUser)
        {
            value = ((number & 1) != 0 ? AuditOutcomes.Success : AuditOutcomes.None) | ((number & 4) != 0 ? AuditOutcomes.Failure : AuditOutcomes.None);
            return number is >= 0 and <= 16;
        }

        switch (number)
        {
            case 0:
                value = kind == ConfigurationKind.AuditGroupPolicy ? null : AuditOutcomes.None;
                return true;
            case 4:
                value = AuditOutcomes.None;
                return true;
            case >= 1 and <= 3:
                value = (AuditOutcomes)number;
                return true;
            default:
                return false;
        }
    }

    // The word for the system's policy is in the machine's language; a user or group is a SID or has a domain.
    private static bool IsSystem(Row row)
    {
        string target = row.Cells[Target];
        return !target.StartsWith("S-1-", StringComparison.OrdinalIgnoreCase) && target.IndexOf('\\') < 0 && target.IndexOf('@') < 0;
    }

    private static SecuredObjectKind? GlobalKind(string name) =>
        name.Equals("FileGlobalSacl", StringComparison.OrdinalIgnoreCase) ? SecuredObjectKind.File
        : name.Equals("RegistryGlobalSacl", StringComparison.OrdinalIgnoreCase) ? SecuredObjectKind.Key
        : null;

    private static string Shorten(string text) => text.Length > 60 ? text.Substring(0, 60) + "..." : text;

    /// <summary>Cells of a line, without quotes and spaces around; no cell goes on in the next line.</summary>
    internal static List<string> Split(string line)
    {
        var cells = new List<string>();
        var cell = new StringBuilder();
        bool quoted = false;
        for (int i = 0; i < line.Length; i++)
        {
            char c = line[i];
            if (c == '"')
            {
                if (quoted && i + 1 < line.Length && line[i + 1] == '"')
                {
                    cell.Append('"');
                    i++;
                }
                else
                {
                    quoted = !quoted;
                }
            }
            else if (c == ',' && !quoted)
            {
                cells.Add(cell.ToString().Trim());
                cell.Clear();
            }
            else
            {
                cell.Append(c);
            }
        }

        cells.Add(cell.ToString().Trim());
        return cells;
    }

    private readonly record struct Row(Guid Subcategory, List<string> Cells, ConfigurationOrigin Origin);
}
