using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Globalization;
using System.Linq;
using ApiLevel.Formats;
using ApiLevel.Formats.Configuration;

namespace ApiLevel.Readiness;

/// <summary>Takes a snapshot of the Windows that this runs on.</summary>
public static class LiveState
{
    private const string Services = @"SYSTEM\CurrentControlSet\Services";

    private static readonly string[] s_services = ["Sysmon", "Sysmon64", "Sysmon64a"];

    /// <summary>Takes it. What may not be read is missing, and told.</summary>
    /// <param name="machine">Reads Windows.</param>
    /// <param name="problems">What could not be read, and why.</param>
    public static TelemetryState Take(IMachineReader machine, out IReadOnlyList<Problem> problems)
    {
        if (machine is null)
        {
            throw new ArgumentNullException(nameof(machine));
        }

        var state = new TelemetryState { Name = Environment.MachineName };
        var failed = new List<Problem>();
        problems = failed;
        Part("audit policy", nameof(IMachineReader.AuditPolicy), evidence =>
        {
            foreach (KeyValuePair<Guid, AuditOutcomes> setting in machine.AuditPolicy())
            {
                state.Audit[setting.Key] = new Known<AuditOutcomes?>(setting.Value, evidence);
            }

            state.AuditInForce = evidence;
        });
        foreach (SecuredObjectKind kind in new[] { SecuredObjectKind.File, SecuredObjectKind.Key })
        {
            Part($"global list of {kind}", nameof(IMachineReader.GlobalList), evidence =>
                state.Sacls.Add(new SaclState(kind, "", machine.GlobalList(kind), evidence)));
        }

        Part("channels", nameof(IMachineReader.Channels), evidence =>
        {
            foreach (KeyValuePair<string, bool> channel in machine.Channels())
            {
                state.Channels[channel.Key] = new Known<bool>(channel.Value, evidence);
            }

            state.AllChannels = evidence;
        });
        Part("registry", nameof(IMachineReader.RegistryValue), evidence => ReadRegistry(machine, state, evidence));
        return state;

        void Part(string what, string method, Action<string> read)
        {
            string function = machine.FunctionOf(method);
            try
            {
                read(function);
                if (!state.Origins.Contains(function))
                {
                    state.Origins.Add(function);
                }
            }
            catch (Exception exception) when (exception is Win32Exception or UnauthorizedAccessException or InvalidOperationException)
            {
                failed.Add(new Problem(what, function + ": " + exception.Message.TrimEnd('.')));
            }
        }
    }

    private static void ReadRegistry(IMachineReader machine, TelemetryState state, string evidence)
    {
        const string CurrentVersion = @"SOFTWARE\Microsoft\Windows NT\CurrentVersion";
        if (int.TryParse(machine.RegistryValue(CurrentVersion, "CurrentBuildNumber"), NumberStyles.None, CultureInfo.InvariantCulture, out int build))
        {
            state.Build = new Known<int>(build, evidence);
        }

        if (machine.RegistryValue(CurrentVersion, "EditionID") is { } edition)
        {
            state.Edition = new Known<string>(edition, evidence);
        }

        MachineRole role = TelemetryStateBuilder.RoleOf(machine.RegistryValue(@"SYSTEM\CurrentControlSet\Control\ProductOptions", "ProductType") ?? "");
        if (role != MachineRole.Unknown)
        {
            state.Role = new Known<MachineRole>(role, evidence);
        }

        foreach (PolicyValue value in PolicyValues.All)
        {
            string key = value.Key.Substring(PolicyValue.Machine.Length + 1);
            state.RegistryBranches[value.Key] = evidence;
            if (machine.RegistryValue(key, value.Name) is { } set)
            {
                state.Registry[TelemetryState.RegistryName(value.Key, value.Name)] = new Known<string>(set, evidence);
            }
        }

        // Whatever its service is called, the driver's key tells that Sysmon is there; a driver that was renamed is found by the channel only.
        bool hasDriver = machine.RegistryKeyExists(Services + @"\SysmonDrv");
        bool hasService = s_services.Any(name => machine.RegistryKeyExists(Services + "\\" + name));
        bool hasChannel = state.Channels.ContainsKey("Microsoft-Windows-Sysmon/Operational");
        if (hasDriver || hasService || (state.AllChannels is not null && !hasChannel))
        {
            state.Sysmon = new SysmonState { IsInstalled = new Known<bool>(hasDriver || hasService, evidence) };
            if (hasDriver)
            {
                state.Sysmon.Driver = new Known<string>("SysmonDrv", evidence);
            }
        }
    }
}
