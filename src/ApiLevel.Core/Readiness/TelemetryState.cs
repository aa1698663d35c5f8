using System;
using System.Collections.Generic;
using System.Linq;
using ApiLevel.Formats.Configuration;

namespace ApiLevel.Readiness;

/// <summary>What a machine is in its domain.</summary>
public enum MachineRole
{
    /// <summary>Not known.</summary>
    Unknown,

    /// <summary>A client Windows.</summary>
    Client,

    /// <summary>A server that is no domain controller.</summary>
    Server,

    /// <summary>A domain controller.</summary>
    DomainController,
}

/// <summary>A value that is known, with the place that says so.</summary>
/// <typeparam name="T">The value's type.</typeparam>
/// <param name="Value">The value.</param>
/// <param name="Evidence">File and line, or the function of Windows that was asked. Never null.</param>
public readonly record struct Known<T>(T Value, string Evidence);

/// <summary>The rules of one Sysmon event, as far as whole events are concerned: which sections there are, not what is in them.</summary>
/// <param name="Event">The event's tag (ProcessAccess).</param>
/// <param name="IsInclude">Whether what matches is kept; otherwise it is dropped.</param>
/// <param name="FilterCount">How many filters and nested rules it has.</param>
/// <param name="Evidence">Where it stands.</param>
public sealed record SysmonSection(string Event, bool IsInclude, int FilterCount, string Evidence);

/// <summary>What is known of Sysmon on a machine: Sysinternals' or the feature of Windows, which have the same rules.</summary>
public sealed class SysmonState
{
    /// <summary>Whether its service is installed; null where nothing says so.</summary>
    public Known<bool>? IsInstalled { get; set; }

    /// <summary>The service's name; null where nothing says it.</summary>
    public Known<string>? Service { get; set; }

    /// <summary>The driver's name; null where nothing says it.</summary>
    public Known<string>? Driver { get; set; }

    /// <summary>The schema version of its configuration; null where nothing says it.</summary>
    public Known<string>? SchemaVersion { get; set; }

    /// <summary>The sections of its configuration, in order; null where no configuration is known. Empty for one without rules.</summary>
    public IReadOnlyList<SysmonSection>? Sections { get; set; }

    /// <summary>Switches by name ("ArchiveDirectory", "CaptureClipboard", "NetworkConnect", "ImageLoad"), with their text. Never null.</summary>
    public Dictionary<string, Known<string>> Options { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The configuration's XML, for questions about single events; null where only a report of it is known.</summary>
    public string? Configuration { get; set; }

    /// <summary>The file of <see cref="Configuration"/>; empty without one.</summary>
    public string ConfigurationFile { get; set; } = "";

    internal SysmonState Clone()
    {
        var copy = new SysmonState
        {
            IsInstalled = IsInstalled,
            Service = Service,
            Driver = Driver,
            SchemaVersion = SchemaVersion,
            Sections = Sections,
            Configuration = Configuration,
            ConfigurationFile = ConfigurationFile,
        };
        foreach (KeyValuePair<string, Known<string>> option in Options)
        {
            copy.Options[option.Key] = option.Value;
        }

        return copy;
    }
}

/// <summary>The system access control list of an object, or of all objects of a kind.</summary>
/// <param name="Kind">The kind of object.</param>
/// <param name="Path">The object; empty for the list that holds for all of the kind.</param>
/// <param name="Sddl">The descriptor.</param>
/// <param name="Evidence">Where it stands.</param>
public sealed record SaclState(SecuredObjectKind Kind, string Path, string Sddl, string Evidence);

/// <summary>
/// A snapshot of what decides on a machine whether events are written. What is not known has no value; nothing is guessed. Each value
/// carries the place that says so.
/// </summary>
public sealed class TelemetryState
{
    /// <summary>What to call it: the computer, or the name of a baseline.</summary>
    public string Name { get; set; } = "";

    /// <summary>The Windows build number; null where nothing says it.</summary>
    public Known<int>? Build { get; set; }

    /// <summary>The edition (Enterprise, ServerDatacenter); null where nothing says it.</summary>
    public Known<string>? Edition { get; set; }

    /// <summary>The role; null where nothing says it.</summary>
    public Known<MachineRole>? Role { get; set; }

    /// <summary>
    /// Audit subcategories. A null outcome is "not configured": a policy was read that leaves it as it is. <see cref="AuditOutcomes.None"/> is "no
    /// auditing". Never null.
    /// </summary>
    public Dictionary<Guid, Known<AuditOutcomes?>> Audit { get; } = [];

    /// <summary>Whether <see cref="Audit"/> is the policy in force, all of it; the place that says so. Null otherwise.</summary>
    public string? AuditInForce { get; set; }

    /// <summary>How many users or groups have an audit policy of their own, which adds to or takes from the system's; null where nothing says it.</summary>
    public Known<int>? UserPolicies { get; set; }

    /// <summary>System access control lists that were collected. Never null.</summary>
    public List<SaclState> Sacls { get; } = [];

    /// <summary>Channels, and whether they are on. Never null.</summary>
    public Dictionary<string, Known<bool>> Channels { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Where all channels of the machine were listed; null where only some were.</summary>
    public string? AllChannels { get; set; }

    /// <summary>Registry values that decide, by key and name (<c>HKEY_LOCAL_MACHINE\..\Key|Name</c>); numbers are decimal. Never null.</summary>
    public Dictionary<string, Known<string>> Registry { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Registry branches that were collected whole, so that what is not in them is not set. Never null.</summary>
    public Dictionary<string, string> RegistryBranches { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Sysmon; null where nothing is known of it.</summary>
    public SysmonState? Sysmon { get; set; }

    /// <summary>Products by name, and whether they are there. Never null.</summary>
    public Dictionary<string, Known<bool>> Products { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Providers that a session of this machine records, with the session; null where sessions were not collected.</summary>
    public Dictionary<string, Known<string>>? Sessions { get; set; }

    /// <summary>The files and functions that it was put together from. Never null.</summary>
    public List<string> Origins { get; } = [];

    /// <summary>The key of <see cref="Registry"/>.</summary>
    /// <param name="key">A registry key, its root spelled out.</param>
    /// <param name="name">A value's name.</param>
    public static string RegistryName(string key, string name) => key + "|" + name;

    /// <summary>The branch that was collected whole and has a key in it, with its place; null where none has.</summary>
    /// <param name="key">A registry key, its root spelled out.</param>
    public string? BranchOf(string key)
    {
        for (string path = key; path.Length > 0; path = Parent(path))
        {
            if (RegistryBranches.TryGetValue(path, out string? evidence))
            {
                return evidence;
            }
        }

        return null;
    }

    /// <summary>A copy that can be changed without changing this one.</summary>
    public TelemetryState Clone()
    {
        var copy = new TelemetryState
        {
            Name = Name,
            Build = Build,
            Edition = Edition,
            Role = Role,
            AuditInForce = AuditInForce,
            UserPolicies = UserPolicies,
            AllChannels = AllChannels,
            Sysmon = Sysmon?.Clone(),
            Sessions = Sessions is null ? null : new Dictionary<string, Known<string>>(Sessions, StringComparer.OrdinalIgnoreCase),
        };
        Copy(Audit, copy.Audit);
        Copy(Channels, copy.Channels);
        Copy(Registry, copy.Registry);
        Copy(RegistryBranches, copy.RegistryBranches);
        Copy(Products, copy.Products);
        copy.Sacls.AddRange(Sacls);
        copy.Origins.AddRange(Origins);
        return copy;
    }

    /// <summary>Gives the name, or where it comes from.</summary>
    public override string ToString() => Name.Length > 0 ? Name : Origins.FirstOrDefault() ?? "";

    private static string Parent(string path)
    {
        int slash = path.LastIndexOf('\\');
        return slash < 0 ? "" : path.Substring(0, slash);
    }

    private static void Copy<TKey, TValue>(Dictionary<TKey, TValue> from, Dictionary<TKey, TValue> to)
        where TKey : notnull
    {
        foreach (KeyValuePair<TKey, TValue> pair in from)
        {
            to[pair.Key] = pair.Value;
        }
    }
}
