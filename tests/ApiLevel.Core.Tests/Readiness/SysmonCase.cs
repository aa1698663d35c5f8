using System;
using System.Collections.Generic;
using ApiLevel.Formats.Configuration.Sysmon;
using ApiLevel.Readiness.Sysmon;

namespace ApiLevel.Core.Tests.Readiness;

/// <summary>Short ways to rules and events.</summary>
internal static class SysmonCase
{
    public static SysmonSchema Schema { get; } = SysmonTables.Load();

    /// <summary>Compiles what stands between the EventFiltering tags.</summary>
    public static SysmonRules Compile(string sections, string version = "4.90", SysmonRuleOptions? options = null) =>
        CompileWhole($"<Sysmon schemaversion=\"{version}\"><EventFiltering>\n{sections}\n</EventFiltering></Sysmon>", options);

    public static SysmonRules CompileWhole(string text, SysmonRuleOptions? options = null)
    {
        SysmonConfigurationResult read = SysmonConfigurationReader.ReadText(text, "test.xml", TestContext.Current.CancellationToken);
        Assert.Null(read.Failure);
        return SysmonRules.Compile(read.Configuration!, Schema, options);
    }

    /// <summary>One filter on a field of ProcessCreate in an include section.</summary>
    public static SysmonRules Filter(string condition, string value, SysmonRuleOptions? options = null, string field = "CommandLine") => Compile(
        $"<ProcessCreate onmatch=\"include\"><{field} condition=\"{condition}\">{value.Replace("&", "&amp;", StringComparison.Ordinal)}</{field}></ProcessCreate>",
        options: options);

    /// <summary>Asks with an event of the fields named; all others are there and hold a dash.</summary>
    public static SysmonDecision Ask(this SysmonRules rules, int eventId, params (string Name, object? Value)[] fields)
    {
        Dictionary<string, object?> values = [];
        foreach ((string name, object? value) in fields)
        {
            values.Add(name, value);
        }

        return rules.Decide(eventId, name => values.TryGetValue(name, out object? value) ? value : "-");
    }
}
