using System;
using System.Collections.Generic;

namespace ApiLevel.Formats.Configuration;

/// <summary>What a file with a machine's configuration is, by its content.</summary>
public enum ConfigurationKind
{
    /// <summary>None of the others.</summary>
    Unknown,

    /// <summary>A report of <c>auditpol /get /category:* /r</c>: the policy in force, settings as words of the machine's language.</summary>
    AuditReport,

    /// <summary>A file of <c>auditpol /backup</c>: the policy in force, settings as numbers.</summary>
    AuditBackup,

    /// <summary><c>audit.csv</c> of a group policy: what the policy sets; it says nothing about the rest.</summary>
    AuditGroupPolicy,

    /// <summary><c>registry.pol</c> of a group policy.</summary>
    RegistryPolicy,

    /// <summary>Text of <c>reg export</c> (.reg) or <c>reg query /s</c>.</summary>
    RegistryText,

    /// <summary>Text or XML of <c>wevtutil gl</c>, one or several channels.</summary>
    Channels,

    /// <summary>Text of <c>sysmon -c</c>.</summary>
    SysmonReport,

    /// <summary>A Sysmon configuration in XML; read elsewhere.</summary>
    SysmonConfiguration,

    /// <summary>Lines of a path and its security descriptor as SDDL.</summary>
    SecurityDescriptors,

    /// <summary>A JSON object; read elsewhere.</summary>
    Json,
}

/// <summary>Where a value stands.</summary>
/// <param name="File">The file as it was called to the reader. Never null.</param>
/// <param name="Line">The line from 1; 0 where the file has no lines.</param>
/// <param name="Offset">The byte in a file without lines; -1 elsewhere.</param>
public readonly record struct ConfigurationOrigin(string File, int Line, long Offset = -1)
{
    /// <summary>Gives "audit.csv:12" or "registry.pol@0x1a4".</summary>
    public override string ToString() =>
        Line > 0 ? File + ":" + Line.ToString(System.Globalization.CultureInfo.InvariantCulture)
        : Offset >= 0 ? File + "@0x" + Offset.ToString("x", System.Globalization.CultureInfo.InvariantCulture)
        : File ?? "";
}

/// <summary>Which outcomes of an operation are audited.</summary>
[Flags]
public enum AuditOutcomes
{
    /// <summary>None: set to "no auditing". A setting that is not configured has no value at all.</summary>
    None = 0,

    /// <summary>Operations that succeed.</summary>
    Success = 1,

    /// <summary>Operations that fail.</summary>
    Failure = 2,
}

/// <summary>One audit subcategory in a file.</summary>
/// <param name="Subcategory">Its GUID, which decides; names are in the machine's language.</param>
/// <param name="Setting">What is audited; null where the file leaves it as it is (not configured).</param>
/// <param name="Name">Its name as it stands in the file; may be empty.</param>
/// <param name="Target">Empty for the system's policy; the user or group of a per-user policy.</param>
/// <param name="Origin">Where it stands.</param>
public sealed record AuditSetting(Guid Subcategory, AuditOutcomes? Setting, string Name, string Target, ConfigurationOrigin Origin);

/// <summary>An audit option (CrashOnAuditFail, FullPrivilegeAuditing, AuditBaseObjects, AuditBaseDirectories).</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsEnabled">Whether it is on.</param>
/// <param name="Origin">Where it stands.</param>
public sealed record AuditOption(string Name, bool IsEnabled, ConfigurationOrigin Origin);

/// <summary>The kind of object that a security descriptor belongs to.</summary>
public enum SecuredObjectKind
{
    /// <summary>The file does not say.</summary>
    Unknown,

    /// <summary>A file or folder.</summary>
    File,

    /// <summary>A registry key.</summary>
    Key,

    /// <summary>A process, thread, event, section or another object of the kernel.</summary>
    Kernel,

    /// <summary>An object of the Security Account Manager.</summary>
    Sam,

    /// <summary>An object of the directory.</summary>
    Directory,

    /// <summary>A service or the service control manager.</summary>
    Service,
}

/// <summary>The security descriptor of one object, or of all objects of a kind.</summary>
/// <param name="Kind">The kind of object.</param>
/// <param name="Path">The object; empty for the global list, which holds for every object of the kind.</param>
/// <param name="Sddl">The descriptor as SDDL. Never null.</param>
/// <param name="Origin">Where it stands.</param>
public sealed record SecuredObject(SecuredObjectKind Kind, string Path, string Sddl, ConfigurationOrigin Origin);

/// <summary>The type of a registry value; other numbers occur.</summary>
public enum RegistryValueType
{
    /// <summary>REG_NONE.</summary>
    None = 0,

    /// <summary>REG_SZ.</summary>
    Text = 1,

    /// <summary>REG_EXPAND_SZ.</summary>
    ExpandText = 2,

    /// <summary>REG_BINARY.</summary>
    Binary = 3,

    /// <summary>REG_DWORD.</summary>
    DWord = 4,

    /// <summary>REG_DWORD_BIG_ENDIAN.</summary>
    BigEndianDWord = 5,

    /// <summary>REG_LINK.</summary>
    Link = 6,

    /// <summary>REG_MULTI_SZ.</summary>
    MultiText = 7,

    /// <summary>REG_QWORD.</summary>
    QWord = 11,
}

/// <summary>What a file does with a registry value.</summary>
public enum RegistryAction
{
    /// <summary>The key exists or is made; there is no value.</summary>
    Key,

    /// <summary>The value is set, or stands so.</summary>
    Set,

    /// <summary>The value is deleted.</summary>
    DeleteValue,

    /// <summary>All values of the key are deleted.</summary>
    DeleteValues,

    /// <summary>The key is deleted with what is below it.</summary>
    DeleteKey,
}

/// <summary>One line of a registry file.</summary>
/// <param name="Action">What it does.</param>
/// <param name="Key">
/// The key with its root spelled out (<c>HKEY_LOCAL_MACHINE\SOFTWARE\..</c>); without a root where the file has none (registry.pol).
/// </param>
/// <param name="Name">The value's name; empty for the default value.</param>
/// <param name="Type">The value's type.</param>
/// <param name="Data">
/// The data as text: a number decimal, several texts joined with a line feed, bytes as upper-case hexadecimal. Never null.
/// </param>
/// <param name="Origin">Where it stands.</param>
public sealed record RegistryEntry(
    RegistryAction Action, string Key, string Name, RegistryValueType Type, string Data, ConfigurationOrigin Origin);

/// <summary>One event log channel.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsEnabled">Whether it is on; null where the file does not say.</param>
/// <param name="Type">Admin, Operational, Analytic or Debug; empty where the file does not say.</param>
/// <param name="MaximumSize">The size in bytes it may reach; null where the file does not say.</param>
/// <param name="Access">Who may read it, as SDDL; empty where the file does not say.</param>
/// <param name="Origin">Where its name stands; where it says whether it is on, if it does.</param>
public sealed record EventChannel(string Name, bool? IsEnabled, string Type, long? MaximumSize, string Access, ConfigurationOrigin Origin);

/// <summary>One filter in a report of <c>sysmon -c</c>.</summary>
/// <param name="Field">The field.</param>
/// <param name="Condition">The condition as the report spells it.</param>
/// <param name="Value">The value without the quotes.</param>
/// <param name="Origin">Where it stands.</param>
public sealed record SysmonReportFilter(string Field, string Condition, string Value, ConfigurationOrigin Origin);

/// <summary>The rules of one event in a report of <c>sysmon -c</c>.</summary>
/// <param name="Event">The event's tag (ProcessCreate).</param>
/// <param name="IsInclude">Whether what matches is kept; otherwise it is dropped.</param>
/// <param name="Filters">Its filters, in order.</param>
/// <param name="Origin">Where it stands.</param>
public sealed record SysmonReportSection(string Event, bool IsInclude, IReadOnlyList<SysmonReportFilter> Filters, ConfigurationOrigin Origin);

/// <summary>A report of <c>sysmon -c</c>.</summary>
/// <param name="Settings">Its first part by name ("Service name", "Driver name", "Network connection"), with the line of each.</param>
/// <param name="SchemaVersion">The version behind "Rule configuration"; empty where none is named.</param>
/// <param name="Sections">The rules, in order.</param>
/// <param name="Origin">Where "Rule configuration" stands; the first line where nothing does.</param>
public sealed record SysmonReport(
    IReadOnlyDictionary<string, (string Value, ConfigurationOrigin Origin)> Settings,
    string SchemaVersion,
    IReadOnlyList<SysmonReportSection> Sections,
    ConfigurationOrigin Origin);

/// <summary>What one file says about a machine. Which list is filled depends on <see cref="Kind"/>; the others are empty.</summary>
public sealed class ConfigurationFile
{
    internal ConfigurationFile(string name, ConfigurationKind kind)
    {
        Name = name;
        Kind = kind;
    }

    /// <summary>The file as it was called to the reader.</summary>
    public string Name { get; }

    /// <summary>What it is.</summary>
    public ConfigurationKind Kind { get; internal set; }

    /// <summary>The text's encoding as people call it ("UTF-16", "code page 850"); empty for bytes.</summary>
    public string Encoding { get; internal set; } = "";

    /// <summary>Audit subcategories, in order. A repeated one stands once, with the last setting, and is told in <see cref="Problems"/> where the settings differ.</summary>
    public IReadOnlyList<AuditSetting> AuditSettings { get; internal set; } = [];

    /// <summary>Audit options, in order.</summary>
    public IReadOnlyList<AuditOption> AuditOptions { get; internal set; } = [];

    /// <summary>Security descriptors, in order.</summary>
    public IReadOnlyList<SecuredObject> SecuredObjects { get; internal set; } = [];

    /// <summary>Registry keys and values, in order: a later one undoes an earlier one.</summary>
    public IReadOnlyList<RegistryEntry> RegistryEntries { get; internal set; } = [];

    /// <summary>Whether <see cref="RegistryEntries"/> are the first key and everything below it: what is not among them is not set.</summary>
    public bool IsWholeBranch { get; internal set; }

    /// <summary>Channels, in order.</summary>
    public IReadOnlyList<EventChannel> Channels { get; internal set; } = [];

    /// <summary>The report of <c>sysmon -c</c>; null in other files.</summary>
    public SysmonReport? Sysmon { get; internal set; }

    /// <summary>The text of a Sysmon configuration or of JSON, for its own reader; null in other files.</summary>
    public string? Text { get; internal set; }

    /// <summary>What could not be read. What could be read is in the lists.</summary>
    public IReadOnlyList<Problem> Problems => ProblemList;

    internal ProblemList ProblemList { get; } = new();

    /// <summary>Gives the name.</summary>
    public override string ToString() => Name;
}

/// <summary>What reading a configuration file gave: exactly one of the two is not null.</summary>
/// <param name="File">What it says.</param>
/// <param name="Failure">Why it says nothing.</param>
public readonly record struct ConfigurationResult(ConfigurationFile? File, ReadFailure? Failure);
