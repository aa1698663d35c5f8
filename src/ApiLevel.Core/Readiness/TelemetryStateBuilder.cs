using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using ApiLevel.Formats;
using ApiLevel.Formats.Configuration;

namespace ApiLevel.Readiness;

/// <summary>Puts a snapshot together from files of one machine, and from policies that apply to it.</summary>
/// <remarks>
/// What is in force (a report, a backup, an export) wins over what a policy sets, whatever their order; of two of one kind the later.
/// </remarks>
public sealed class TelemetryStateBuilder
{
    private const string CurrentVersion = @"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion";
    private const string ProductOptions = @"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\ProductOptions";
    private const string ComputerName = @"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\ComputerName\ComputerName";
    private const string Channels = @"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\WINEVT\Channels";
    private const string Services = @"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services";
    private const string Driver = Services + @"\SysmonDrv";

    private readonly HashSet<Guid> _auditInForce = [];
    private readonly HashSet<string> _registryInForce = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _users = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<Problem> _problems = [];
    private readonly Dictionary<(SecuredObjectKind, string), int> _places = [];

    /// <summary>The snapshot so far.</summary>
    public TelemetryState State { get; } = new();

    /// <summary>What could not be read of the files that were added, each with its file. Never null.</summary>
    public IReadOnlyList<Problem> Problems => _problems;

    /// <summary>Adds what a file says.</summary>
    /// <param name="file">A file that was read.</param>
    /// <exception cref="InvalidDataException">It is JSON and no snapshot.</exception>
    public void Add(ConfigurationFile file)
    {
        if (file is null)
        {
            throw new ArgumentNullException(nameof(file));
        }

        State.Origins.Add(file.Name);
        foreach (Problem problem in file.Problems)
        {
            _problems.Add(new Problem(file.Name + ", " + problem.Where, problem.What));
        }

        switch (file.Kind)
        {
            case ConfigurationKind.AuditReport or ConfigurationKind.AuditBackup or ConfigurationKind.AuditGroupPolicy:
                AddAudit(file);
                break;
            case ConfigurationKind.RegistryText or ConfigurationKind.RegistryPolicy:
                AddRegistry(file);
                break;
            case ConfigurationKind.Channels:
                foreach (EventChannel channel in file.Channels)
                {
                    if (channel.IsEnabled is { } on)
                    {
                        State.Channels[channel.Name] = new Known<bool>(on, channel.Origin.ToString());
                    }
                }

                break;
            case ConfigurationKind.SysmonReport:
                AddReport(file.Sysmon!);
                break;
            case ConfigurationKind.SysmonConfiguration:
                AddConfiguration(file.Name, file.Text!);
                break;
        }

        foreach (SecuredObject item in file.SecuredObjects)
        {
            Replace(new SaclState(item.Kind, item.Path, item.Sddl, item.Origin.ToString()));
        }
    }

    /// <summary>Adds what another snapshot knows; its values win.</summary>
    /// <param name="state">The snapshot.</param>
    public void Add(TelemetryState state)
    {
        if (state is null)
        {
            throw new ArgumentNullException(nameof(state));
        }

        State.Name = state.Name.Length > 0 ? state.Name : State.Name;
        State.Build = state.Build ?? State.Build;
        State.Edition = state.Edition ?? State.Edition;
        State.Role = state.Role ?? State.Role;
        State.AuditInForce = state.AuditInForce ?? State.AuditInForce;
        State.UserPolicies = state.UserPolicies ?? State.UserPolicies;
        State.AllChannels = state.AllChannels ?? State.AllChannels;
        State.Sysmon = state.Sysmon?.Clone() ?? State.Sysmon;
        State.Sessions = state.Sessions ?? State.Sessions;
        foreach (KeyValuePair<Guid, Known<AuditOutcomes?>> setting in state.Audit)
        {
            State.Audit[setting.Key] = setting.Value;
        }

        foreach (SaclState sacl in state.Sacls)
        {
            Replace(sacl);
        }

        Copy(state.Channels, State.Channels);
        Copy(state.Registry, State.Registry);
        Copy(state.RegistryBranches, State.RegistryBranches);
        Copy(state.Products, State.Products);
        State.Origins.AddRange(state.Origins);
    }

    private static void Copy<T>(Dictionary<string, T> from, Dictionary<string, T> to)
    {
        foreach (KeyValuePair<string, T> pair in from)
        {
            to[pair.Key] = pair.Value;
        }
    }

    private void Replace(SaclState added)
    {
        (SecuredObjectKind, string) key = (added.Kind, added.Path.ToUpperInvariant());
        if (_places.TryGetValue(key, out int place))
        {
            State.Sacls[place] = added;
            return;
        }

        _places.Add(key, State.Sacls.Count);
        State.Sacls.Add(added);
    }

    private void AddAudit(ConfigurationFile file)
    {
        bool inForce = file.Kind != ConfigurationKind.AuditGroupPolicy;
        foreach (AuditSetting row in file.AuditSettings)
        {
            if (row.Target.Length > 0)
            {
                _users.Add(row.Target);
                State.UserPolicies = new Known<int>(_users.Count, row.Origin.ToString());
                continue;
            }

            // A policy says what will be set, the report what is: a policy that leaves a setting as it is takes nothing away either.
            if (inForce || (!_auditInForce.Contains(row.Subcategory) && (row.Setting is not null || !State.Audit.ContainsKey(row.Subcategory))))
            {
                State.Audit[row.Subcategory] = new Known<AuditOutcomes?>(row.Setting, row.Origin.ToString());
            }

            if (inForce)
            {
                _auditInForce.Add(row.Subcategory);
            }
        }

        // A file that is cut off is not all of the policy.
        if (inForce && file.Problems.Count == 0 && file.AuditSettings.Count >= CompleteReport)
        {
            State.AuditInForce = file.Name;
        }
    }

    // Windows 7 and later have more than fifty subcategories; a report of one category has at most fourteen.
    private const int CompleteReport = 50;

    private void AddRegistry(ConfigurationFile file)
    {
        bool inForce = file.Kind == ConfigurationKind.RegistryText;
        string root = inForce ? "" : PolicyValue.Machine + "\\";
        foreach (RegistryEntry entry in file.RegistryEntries)
        {
            string key = root + entry.Key;
            string evidence = entry.Origin.ToString();
            switch (entry.Action)
            {
                case RegistryAction.Key:
                    if (inForce)
                    {
                        AddKey(key, evidence);
                    }

                    break;
                case RegistryAction.Set:
                    AddValue(key, entry.Name, entry.Data, evidence, inForce);
                    break;
                case RegistryAction.DeleteValue:
                    Remove(name => string.Equals(name, TelemetryState.RegistryName(key, entry.Name), StringComparison.OrdinalIgnoreCase), inForce);
                    break;
                case RegistryAction.DeleteValues:
                    Remove(name => name.StartsWith(key + "|", StringComparison.OrdinalIgnoreCase), inForce);
                    break;
                case RegistryAction.DeleteKey:
                    Remove(name => name.StartsWith(key + "|", StringComparison.OrdinalIgnoreCase) || name.StartsWith(key + "\\", StringComparison.OrdinalIgnoreCase), inForce);
                    break;
            }
        }

        // An export has one branch whole: its first key and everything below. What is not in it is not set.
        if (file.IsWholeBranch && file.Problems.Count == 0)
        {
            RegistryEntry first = file.RegistryEntries[0];
            State.RegistryBranches[first.Key] = first.Origin.ToString();
            if (string.Equals(first.Key, Channels, StringComparison.OrdinalIgnoreCase))
            {
                State.AllChannels = first.Origin.ToString();
            }

            if (string.Equals(first.Key, Services, StringComparison.OrdinalIgnoreCase) && State.Sysmon?.IsInstalled is null)
            {
                (State.Sysmon ??= new SysmonState()).IsInstalled = new Known<bool>(false, first.Origin.ToString());
            }
        }
    }

    private void AddKey(string key, string evidence)
    {
        if (string.Equals(key, Driver, StringComparison.OrdinalIgnoreCase) || string.Equals(key, Driver + @"\Parameters", StringComparison.OrdinalIgnoreCase))
        {
            SysmonState sysmon = State.Sysmon ??= new SysmonState();
            sysmon.Driver = new Known<string>("SysmonDrv", evidence);
            sysmon.IsInstalled = new Known<bool>(true, evidence);
        }
    }

    private void AddValue(string key, string name, string data, string evidence, bool inForce)
    {
        if (inForce)
        {
            AddIdentity(key, name, data, evidence);
            if (name.Equals("Enabled", StringComparison.OrdinalIgnoreCase) && key.StartsWith(Channels + "\\", StringComparison.OrdinalIgnoreCase))
            {
                State.Channels[key.Substring(Channels.Length + 1)] = new Known<bool>(data is not "0", evidence);
            }
        }

        string full = TelemetryState.RegistryName(key, name);
        if (PolicyValues.Decides(key, name) && (inForce || !_registryInForce.Contains(full)))
        {
            State.Registry[full] = new Known<string>(data, evidence);
            if (inForce)
            {
                _registryInForce.Add(full);
            }
        }
    }

    private void AddIdentity(string key, string name, string data, string evidence)
    {
        if (string.Equals(key, CurrentVersion, StringComparison.OrdinalIgnoreCase))
        {
            if (name is "CurrentBuildNumber" && int.TryParse(data, NumberStyles.None, CultureInfo.InvariantCulture, out int build))
            {
                State.Build = new Known<int>(build, evidence);
            }
            else if (name is "EditionID")
            {
                State.Edition = new Known<string>(data, evidence);
            }
        }
        else if (name is "ProductType" && string.Equals(key, ProductOptions, StringComparison.OrdinalIgnoreCase))
        {
            MachineRole role = RoleOf(data);
            if (role != MachineRole.Unknown)
            {
                State.Role = new Known<MachineRole>(role, evidence);
            }
        }
        else if (name is "ComputerName" && string.Equals(key, ComputerName, StringComparison.OrdinalIgnoreCase))
        {
            State.Name = data;
        }
    }

    internal static MachineRole RoleOf(string productType) => productType.ToUpperInvariant() switch
    {
        "WINNT" => MachineRole.Client,
        "SERVERNT" => MachineRole.Server,
        "LANMANNT" => MachineRole.DomainController,
        _ => MachineRole.Unknown,
    };

    private void Remove(Func<string, bool> matches, bool inForce)
    {
        foreach (string name in State.Registry.Keys.Where(matches).ToArray())
        {
            if (inForce || !_registryInForce.Contains(name))
            {
                State.Registry.Remove(name);
            }
        }
    }

    private void AddReport(SysmonReport report)
    {
        SysmonState sysmon = State.Sysmon ??= new SysmonState();
        if (report.Settings.TryGetValue("Service name", out (string Value, ConfigurationOrigin Origin) service))
        {
            sysmon.Service = new Known<string>(service.Value, service.Origin.ToString());
            sysmon.IsInstalled = new Known<bool>(true, service.Origin.ToString());
        }

        if (report.Settings.TryGetValue("Driver name", out (string Value, ConfigurationOrigin Origin) driver))
        {
            sysmon.Driver = new Known<string>(driver.Value, driver.Origin.ToString());
        }

        AddSwitch(sysmon, report, "Network connection", "NetworkConnect");
        AddSwitch(sysmon, report, "Image loading", "ImageLoad");
        if (report.Settings.TryGetValue("Archive Directory", out (string Value, ConfigurationOrigin Origin) archive) && archive.Value.Trim('-', ' ').Length > 0)
        {
            sysmon.Options["ArchiveDirectory"] = new Known<string>(archive.Value, archive.Origin.ToString());
        }

        if (report.SchemaVersion.Length > 0)
        {
            sysmon.SchemaVersion = new Known<string>(report.SchemaVersion, report.Origin.ToString());
        }

        // The XML says more than the report of it.
        if (sysmon.Configuration is null)
        {
            sysmon.Sections = [.. report.Sections.Select(section => new SysmonSection(section.Event, section.IsInclude, section.Filters.Count, section.Origin.ToString()))];
        }
    }

    private static void AddSwitch(SysmonState sysmon, SysmonReport report, string setting, string option)
    {
        if (report.Settings.TryGetValue(setting, out (string Value, ConfigurationOrigin Origin) found) && found.Value is "enabled" or "disabled")
        {
            sysmon.Options[option] = new Known<string>(found.Value, found.Origin.ToString());
        }
    }

    private void AddConfiguration(string name, string text)
    {
        SysmonState sysmon = State.Sysmon ??= new SysmonState();
        if (SysmonFacts.Read(text, name, sysmon, problem => _problems.Add(new Problem(name + ", " + problem.Where, problem.What))) is { } failure)
        {
            _problems.Add(new Problem(name, failure.Message.TrimEnd('.')));
        }
    }
}
