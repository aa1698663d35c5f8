using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace ApiLevel.Facts;

/// <summary>What kind of thing must be on for an event to be written or received.</summary>
public enum RequirementKind
{
    /// <summary>A token that this version does not know; its text is kept.</summary>
    Other,

    /// <summary>Any of the audit subcategories; their GUIDs are the values.</summary>
    AuditPolicy,

    /// <summary>A SACL on an object of the kind that the value names ("object": any).</summary>
    Sacl,

    /// <summary>A section of a Sysmon configuration; the value is its tag.</summary>
    SysmonSection,

    /// <summary>What Sysmon does without a rule: the value is include or exclude.</summary>
    SysmonDefault,

    /// <summary>A setting of a Sysmon configuration that stands outside its rules (ArchiveDirectory, CaptureClipboard).</summary>
    SysmonSetting,

    /// <summary>An ETW session; the event is in no event log by itself.</summary>
    Session,

    /// <summary>A keyword of an ETW session; the value is its mask.</summary>
    Keyword,

    /// <summary>A consumer of a kind (PPL-Antimalware).</summary>
    Consumer,

    /// <summary>An event log channel that is on by default.</summary>
    Channel,

    /// <summary>An event log channel that is off by default.</summary>
    ChannelOffByDefault,

    /// <summary>A policy.</summary>
    Policy,

    /// <summary>A setting that adds a field to the event; the event is written without it.</summary>
    Optional,
}

/// <summary>One thing that must be on for an event; an event needs all of its requirements.</summary>
/// <param name="Kind">What kind of thing.</param>
/// <param name="Value">What the token says after its colon; empty where it says nothing.</param>
public sealed record Requirement(RequirementKind Kind, string Value)
{
    private const string UnknownPart = "+?";

    private static readonly (string Word, RequirementKind Kind)[] s_words =
    [
        ("auditpol", RequirementKind.AuditPolicy),
        ("sacl", RequirementKind.Sacl),
        ("sysmon-config", RequirementKind.SysmonSection),
        ("ruledefault", RequirementKind.SysmonDefault),
        ("ArchiveDirectory", RequirementKind.SysmonSetting),
        ("CaptureClipboard", RequirementKind.SysmonSetting),
        ("etw-session", RequirementKind.Session),
        ("etw-keyword", RequirementKind.Keyword),
        ("consumer", RequirementKind.Consumer),
        ("channel", RequirementKind.Channel),
        ("channel-off-by-default", RequirementKind.ChannelOffByDefault),
        ("policy", RequirementKind.Policy),
        ("optional", RequirementKind.Optional),
    ];

    /// <summary>Reads a token of the facts. Anything is accepted; what is not known is Other with the whole token as its value.</summary>
    /// <param name="token">The token.</param>
    public static Requirement Parse(string token)
    {
        string text = token.Trim();
        int colon = text.IndexOf(':');
        string word = colon < 0 ? text : text.Substring(0, colon);
        string value = colon < 0 ? "" : text.Substring(colon + 1);
        foreach ((string known, RequirementKind kind) in s_words)
        {
            if (known == word)
            {
                return new Requirement(kind, kind == RequirementKind.SysmonSetting ? word : value);
            }
        }

        return new Requirement(RequirementKind.Other, text);
    }

    /// <summary>The GUIDs of the audit subcategories, any of which is enough; empty for other kinds and where the facts do not know it.</summary>
    public IReadOnlyList<Guid> Subcategories => Kind != RequirementKind.AuditPolicy
        ? []
        : [.. Value.Split('|').Select(part => Guid.TryParse(part, out Guid id) ? id : Guid.Empty).Where(id => id != Guid.Empty)];

    /// <summary>The mask of a keyword; null for other kinds and where none is known.</summary>
    public ulong? Mask => Kind == RequirementKind.Keyword && Value.StartsWith("0x", StringComparison.OrdinalIgnoreCase) &&
        ulong.TryParse(
            Value.Replace(UnknownPart, "").Substring(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong mask)
            ? mask
            : null;

    /// <summary>True where the event has a keyword besides whose mask is not known.</summary>
    public bool HasUnknownKeyword => Kind == RequirementKind.Keyword && Value.EndsWith(UnknownPart, StringComparison.Ordinal);

    /// <summary>True for a consumer that is a protected antimalware process.</summary>
    public bool IsProtectedConsumer => Kind == RequirementKind.Consumer && Value == "PPL-Antimalware";

    /// <summary>Gives the token.</summary>
    public override string ToString()
    {
        RequirementKind kind = Kind;
        return kind is RequirementKind.Other or RequirementKind.SysmonSetting
            ? Value
            : Array.Find(s_words, pair => pair.Kind == kind).Word + (Value.Length > 0 ? ":" + Value : "");
    }
}
