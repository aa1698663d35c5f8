using System;
using System.Collections.Generic;
using System.Linq;

namespace ApiLevel.Readiness;

/// <summary>A registry value that a policy sets.</summary>
/// <param name="Key">The key, its root spelled out.</param>
/// <param name="Name">The value's name.</param>
/// <param name="Type">The type as <c>reg add</c> calls it.</param>
/// <param name="Wanted">The text that turns it on; numbers are decimal.</param>
public sealed record PolicyValue(string Key, string Name, string Type, string Wanted)
{
    /// <summary>The key with its root abbreviated, as reg.exe takes it.</summary>
    public string ShortKey => Key.StartsWith(Machine, StringComparison.OrdinalIgnoreCase) ? "HKLM" + Key.Substring(Machine.Length) : Key;

    internal const string Machine = "HKEY_LOCAL_MACHINE";
}

/// <summary>The registry values behind the policies that requirements name.</summary>
public static class PolicyValues
{
    private const string PowerShell = PolicyValue.Machine + @"\SOFTWARE\Policies\Microsoft\Windows\PowerShell";

    private static readonly Dictionary<string, PolicyValue[]> s_policies = new(StringComparer.OrdinalIgnoreCase)
    {
        // learn.microsoft.com: about_Logging_Windows, Enabling Script Block Logging.
        ["EnableScriptBlockLogging"] = [new(PowerShell + @"\ScriptBlockLogging", "EnableScriptBlockLogging", "REG_DWORD", "1")],

        // learn.microsoft.com: about_Logging_Windows: enabled, and for which modules; * is all of them.
        ["EnableModuleLogging"] =
        [
            new(PowerShell + @"\ModuleLogging", "EnableModuleLogging", "REG_DWORD", "1"),
            new(PowerShell + @"\ModuleLogging\ModuleNames", "*", "REG_SZ", "*"),
        ],

        // learn.microsoft.com: Command line process auditing.
        ["ProcessCreationIncludeCmdLine_Enabled"] =
        [
            new(PolicyValue.Machine + @"\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System\Audit", "ProcessCreationIncludeCmdLine_Enabled", "REG_DWORD", "1"),
        ],

        // The requirement of event 1644 itself says 5; the key is where the directory service's diagnostics are.
        ["15 Field Engineering"] =
        [
            new(PolicyValue.Machine + @"\SYSTEM\CurrentControlSet\Services\NTDS\Diagnostics", "15 Field Engineering", "REG_DWORD", "5"),
        ],
    };

    /// <summary>All values that decide something here. Streams.</summary>
    internal static IEnumerable<PolicyValue> All => s_policies.Values.SelectMany(values => values);

    /// <summary>The values of a policy; empty for one that is not known.</summary>
    /// <param name="requirement">As facts write it: <c>EnableModuleLogging</c>, <c>15 Field Engineering = 5</c>, <c>X=1 for Field</c>.</param>
    public static IReadOnlyList<PolicyValue> Find(string requirement)
    {
        int equals = requirement.IndexOf('=');
        string name = (equals < 0 ? requirement : requirement.Substring(0, equals)).Trim();
        return s_policies.TryGetValue(name, out PolicyValue[]? values) ? values : [];
    }

    /// <summary>Whether a registry value decides something here, so that a snapshot keeps it.</summary>
    internal static bool Decides(string key, string name) => All.Any(value =>
        string.Equals(value.Name, name, StringComparison.OrdinalIgnoreCase) && string.Equals(value.Key, key, StringComparison.OrdinalIgnoreCase));
}
