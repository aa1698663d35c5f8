using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using ApiLevel.Formats;
using ApiLevel.Formats.Configuration.Sysmon;
using ApiLevel.Readiness.Sysmon;

namespace ApiLevel.Readiness;

/// <summary>What the module knows of Sysmon's schemas, and configurations read with it.</summary>
public static class SysmonFacts
{
    private static readonly Lazy<SysmonSchema> s_schema = new(() => new SysmonSchema(
        Rows("sysmon-schema.csv").Select(cells => new SysmonSchemaRow(
            cells[0], int.Parse(cells[1], CultureInfo.InvariantCulture), cells[2], cells[3], int.Parse(cells[4], CultureInfo.InvariantCulture), cells[5], cells[6])),
        Rows("sysmon-options.csv").Select(cells => new SysmonOptionRow(cells[0], cells[1], cells[2]))));

    /// <summary>The events, fields and settings of each schema version; read at first use.</summary>
    public static ISysmonSchema Schema => s_schema.Value;

    /// <summary>The rules of a snapshot's configuration; null where only a report of it or nothing is known, or where it cannot be read.</summary>
    /// <param name="state">What is known of Sysmon; null for nothing.</param>
    public static SysmonRules? Compile(SysmonState? state)
    {
        if (state?.Configuration is not { } text)
        {
            return null;
        }

        SysmonConfigurationResult result = SysmonConfigurationReader.ReadText(text, state.ConfigurationFile);
        return result.Configuration is { } configuration ? SysmonRules.Compile(configuration, Schema) : null;
    }

    /// <summary>Reads a configuration into what is known of Sysmon. Returns why it could not be read; null where it could.</summary>
    internal static ReadFailure? Read(string text, string file, SysmonState state, Action<Problem> tell)
    {
        SysmonConfigurationResult result = SysmonConfigurationReader.ReadText(text, file);
        if (result.Configuration is not { } configuration)
        {
            return result.Failure;
        }

        foreach (Problem problem in result.Problems)
        {
            tell(problem);
        }

        SysmonRules rules = SysmonRules.Compile(configuration, Schema);
        if (rules.Refusal is { } refusal)
        {
            tell(new Problem("configuration", "Sysmon refuses it: " + refusal));
        }

        state.SchemaVersion = configuration.SchemaVersion is { } version ? new Known<string>(version, Place(file, configuration.Position)) : null;
        state.Sections =
        [
            .. configuration.Sections.Select(section => new SysmonSection(
                section.Tag, IsInclude(section), section.Items.Sum(item => item is SysmonRule rule ? rule.Filters.Count : 1), Place(file, section.Position))),
        ];
        foreach (SysmonSetting setting in configuration.Settings)
        {
            state.Options[setting.Name] = new Known<string>(setting.Value, Place(file, setting.Position));
        }

        state.Configuration = text;
        state.ConfigurationFile = file;
        return null;
    }

    /// <summary>A place in a configuration as evidence has it.</summary>
    internal static string Place(string file, SysmonPosition position) =>
        position.Line > 0 ? file + ":" + position.Line.ToString(CultureInfo.InvariantCulture) : file;

    private static bool IsInclude(SysmonEventSection section) =>
        string.Equals(section.OnMatch ?? section.Default, "include", StringComparison.OrdinalIgnoreCase);

    // No cell of these two tables has a comma.
    private static IEnumerable<string[]> Rows(string name)
    {
        using Stream stream = typeof(SysmonFacts).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        reader.ReadLine();
        while (reader.ReadLine() is { } line)
        {
            yield return line.Split(',');
        }
    }
}
