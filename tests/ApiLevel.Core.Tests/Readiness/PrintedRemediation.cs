using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using ApiLevel.Formats.Configuration;
using ApiLevel.Readiness;

namespace ApiLevel.Core.Tests.Readiness;

/// <summary>Does to a snapshot what a printed remediation would do to a machine, from its text alone.</summary>
internal static class PrintedRemediation
{
    private static readonly Regex s_audit = new("^auditpol /set /subcategory:\"\\{(?<guid>[0-9a-f-]+)\\}\"(?<rest>.*)$");
    private static readonly Regex s_list = new("^auditpol /resourceSACL /set /type:(?<type>File|Key) /user:S-1-1-0(?<rest>.*) /access:(?<access>FA|KA)$");
    private static readonly Regex s_channel = new("^wevtutil sl \"(?<name>[^\"]+)\" /e:true$");
    private static readonly Regex s_registry = new("^reg add \"HKLM\\\\(?<key>[^\"]+)\" /v \"(?<name>[^\"]+)\" /t REG_(DWORD|SZ) /d (?<data>\\S+) /f$");
    private static readonly Regex s_session = new("^Start-ApiTelemetryTrace -Provider '(?<name>[^']+)'$");

    public static TelemetryState Apply(TelemetryState state, string remediation)
    {
        TelemetryState result = state.Clone();
        foreach (string line in remediation.Split("; "))
        {
            ApplyLine(result, line);
        }

        return result;
    }

    private static void ApplyLine(TelemetryState state, string line)
    {
        if (s_audit.Match(line) is { Success: true } audit)
        {
            Guid guid = Guid.Parse(audit.Groups["guid"].Value);
            AuditOutcomes outcomes = state.Audit.TryGetValue(guid, out Known<AuditOutcomes?> before) ? before.Value ?? AuditOutcomes.None : AuditOutcomes.None;
            state.Audit[guid] = new Known<AuditOutcomes?>(outcomes | Outcomes(audit.Groups["rest"].Value, ":enable"), "test");
        }
        else if (s_list.Match(line) is { Success: true } list)
        {
            SecuredObjectKind kind = Enum.Parse<SecuredObjectKind>(list.Groups["type"].Value);
            AuditOutcomes outcomes = Outcomes(list.Groups["rest"].Value, "");
            string flags = (outcomes.HasFlag(AuditOutcomes.Success) ? "SA" : "") + (outcomes.HasFlag(AuditOutcomes.Failure) ? "FA" : "");
            state.Sacls.Add(new SaclState(kind, "", $"S:(AU;{flags};{list.Groups["access"].Value};;;WD)", "test"));
        }
        else if (s_channel.Match(line) is { Success: true } channel)
        {
            state.Channels[channel.Groups["name"].Value] = new Known<bool>(true, "test");
        }
        else if (s_registry.Match(line) is { Success: true } registry)
        {
            state.Registry[TelemetryState.RegistryName("HKEY_LOCAL_MACHINE\\" + registry.Groups["key"].Value, registry.Groups["name"].Value)] =
                new Known<string>(registry.Groups["data"].Value, "test");
        }
        else if (s_session.Match(line) is { Success: true } session)
        {
            state.Sessions ??= new Dictionary<string, Known<string>>(StringComparer.OrdinalIgnoreCase);
            state.Sessions[session.Groups["name"].Value] = new Known<string>("ApiLevel", "test");
        }
        else if (line.StartsWith("<Sysmon ", StringComparison.Ordinal))
        {
            XElement root = XElement.Parse(line.Replace(">", "/>", StringComparison.Ordinal));
            (state.Sysmon ??= new SysmonState()).SchemaVersion = new Known<string>((string)root.Attribute("schemaversion")!, "test");
        }
        else
        {
            // A section takes the place of those of its event; an element without attribute is a setting.
            XElement element = XElement.Parse(line);
            SysmonState sysmon = state.Sysmon ??= new SysmonState();
            if ((string?)element.Attribute("onmatch") is { } match)
            {
                Assert.False(element.HasElements);
                sysmon.Sections =
                [
                    .. (sysmon.Sections ?? []).Where(section => section.Event != element.Name.LocalName),
                    new SysmonSection(element.Name.LocalName, match == "include", 0, "test"),
                ];
                sysmon.Configuration = null;
            }
            else
            {
                sysmon.Options[element.Name.LocalName] = new Known<string>("", "test");
            }
        }
    }

    private static AuditOutcomes Outcomes(string text, string value) =>
        (text.Contains("/success" + value, StringComparison.Ordinal) ? AuditOutcomes.Success : AuditOutcomes.None) |
        (text.Contains("/failure" + value, StringComparison.Ordinal) ? AuditOutcomes.Failure : AuditOutcomes.None);
}

/// <summary>Snapshots by chance: each thing is known or not, on or off.</summary>
internal static class RandomState
{
    public static TelemetryState Create(Random random, IReadOnlyList<Guid> subcategories, IReadOnlyList<string> channels, IReadOnlyList<string> tags, IReadOnlyList<string> providers)
    {
        var state = new TelemetryState { Name = "random" };
        if (Chance())
        {
            state.Build = new Known<int>(random.Next(7600, 30000), "b");
        }

        foreach (Guid subcategory in subcategories.Where(_ => Chance()))
        {
            int value = random.Next(5);
            state.Audit[subcategory] = new Known<AuditOutcomes?>(value == 4 ? null : (AuditOutcomes)value, "a:" + value.ToString(CultureInfo.InvariantCulture));
        }

        foreach (string channel in channels.Where(_ => Chance()))
        {
            state.Channels[channel] = new Known<bool>(Chance(), "c");
        }

        foreach (SecuredObjectKind kind in Enum.GetValues<SecuredObjectKind>().Where(_ => Chance()))
        {
            string[] lists = ["S:(AU;SA;FA;;;WD)", "S:(AU;FA;FA;;;WD)", "S:(AU;SAFA;FA;;;WD)", "S:(AU;IOSA;FA;;;WD)", "D:(A;;FA;;;BA)", "S:", ""];
            state.Sacls.Add(new SaclState(kind, Chance() ? "" : "x", lists[random.Next(lists.Length)], "s"));
        }

        if (Chance())
        {
            const string Branch = @"HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\Windows";
            state.RegistryBranches[Branch] = "r:1";
            if (Chance())
            {
                state.Registry[TelemetryState.RegistryName(Branch + @"\PowerShell\ModuleLogging", "EnableModuleLogging")] = new Known<string>(random.Next(2) == 0 ? "0" : "1", "r:2");
            }
        }

        if (Chance())
        {
            state.Sysmon = new SysmonState();
            if (Chance())
            {
                state.Sysmon.IsInstalled = new Known<bool>(Chance(), "y");
            }

            if (Chance())
            {
                state.Sysmon.SchemaVersion = new Known<string>(random.Next(2) == 0 ? "4.22" : "4.90", "y:1");
                state.Sysmon.Sections =
                [
                    .. tags.Where(_ => Chance()).SelectMany(tag => Enumerable.Range(0, random.Next(1, 4)).Select(_ => new SysmonSection(tag, Chance(), random.Next(3), "y:2"))),
                ];
            }
        }

        if (Chance())
        {
            state.Sessions = providers.Where(_ => Chance()).ToDictionary(name => name, _ => new Known<string>("t", "t"), StringComparer.OrdinalIgnoreCase);
        }

        if (Chance())
        {
            state.Products["PPL-Antimalware"] = new Known<bool>(Chance(), "p");
        }

        return state;

        bool Chance() => random.Next(2) == 0;
    }
}
