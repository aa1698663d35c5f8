using System;
using System.Collections.Generic;
using System.Linq;
using ApiLevel.Formats.Configuration;

namespace ApiLevel.Readiness;

/// <summary>One line that changes a machine so that it writes more. This module prints it and changes nothing.</summary>
public abstract record RemediationStep
{
    /// <summary>The line: a command, or an element of a Sysmon configuration.</summary>
    public abstract string Text { get; }

    /// <summary>What the line would do to a snapshot. Changes it.</summary>
    /// <param name="state">The snapshot.</param>
    public abstract void Apply(TelemetryState state);

    /// <summary>Gives the line.</summary>
    public sealed override string ToString() => Text;

    private protected string Evidence => "after: " + Text;
}

/// <summary>Audits a subcategory.</summary>
/// <param name="Subcategory">The subcategory.</param>
/// <param name="Outcomes">What is switched on; the other outcome stays as it is.</param>
public sealed record AuditStep(Guid Subcategory, AuditOutcomes Outcomes) : RemediationStep
{
    /// <inheritdoc/>
    public override string Text =>
        $"auditpol /set /subcategory:\"{Subcategory:B}\"" +
        ((Outcomes & AuditOutcomes.Success) != 0 ? " /success:enable" : "") +
        ((Outcomes & AuditOutcomes.Failure) != 0 ? " /failure:enable" : "");

    /// <inheritdoc/>
    public override void Apply(TelemetryState state)
    {
        state.Audit.TryGetValue(Subcategory, out Known<AuditOutcomes?> before);
        state.Audit[Subcategory] = new Known<AuditOutcomes?>((before.Value ?? AuditOutcomes.None) | Outcomes, Evidence);
    }
}

/// <summary>Audits access to all objects of a kind.</summary>
/// <param name="Kind">File or Key.</param>
/// <param name="Outcomes">Which outcomes.</param>
public sealed record GlobalSaclStep(SecuredObjectKind Kind, AuditOutcomes Outcomes) : RemediationStep
{
    // Everyone; file or key access in full.
    private const string Everyone = "S-1-1-0";

    private string Access => Kind == SecuredObjectKind.Key ? "KA" : "FA";

    /// <inheritdoc/>
    public override string Text =>
        $"auditpol /resourceSACL /set /type:{Kind} /user:{Everyone}" +
        ((Outcomes & AuditOutcomes.Success) != 0 ? " /success" : "") +
        ((Outcomes & AuditOutcomes.Failure) != 0 ? " /failure" : "") + $" /access:{Access}";

    /// <inheritdoc/>
    public override void Apply(TelemetryState state)
    {
        string flags = ((Outcomes & AuditOutcomes.Success) != 0 ? "SA" : "") + ((Outcomes & AuditOutcomes.Failure) != 0 ? "FA" : "");
        string entry = $"(AU;{flags};{Access};;;{Everyone})";
        int place = state.Sacls.FindIndex(sacl => sacl.Kind == Kind && sacl.Path.Length == 0);
        if (place < 0)
        {
            state.Sacls.Add(new SaclState(Kind, "", "S:" + entry, Evidence));
        }
        else
        {
            string before = state.Sacls[place].Sddl;
            state.Sacls[place] = new SaclState(Kind, "", (before.IndexOf("S:", StringComparison.Ordinal) < 0 ? "S:" : before) + entry, Evidence);
        }
    }
}

/// <summary>Switches a channel on.</summary>
/// <param name="Channel">The channel.</param>
public sealed record ChannelStep(string Channel) : RemediationStep
{
    /// <inheritdoc/>
    public override string Text => $"wevtutil sl \"{Channel}\" /e:true";

    /// <inheritdoc/>
    public override void Apply(TelemetryState state) => state.Channels[Channel] = new Known<bool>(true, Evidence);
}

/// <summary>Sets a policy's registry value. A group policy that sets it otherwise wins.</summary>
/// <param name="Value">The value.</param>
public sealed record RegistryStep(PolicyValue Value) : RemediationStep
{
    /// <inheritdoc/>
    public override string Text => $"reg add \"{Value.ShortKey}\" /v \"{Value.Name}\" /t {Value.Type} /d {Value.Wanted} /f";

    /// <inheritdoc/>
    public override void Apply(TelemetryState state) =>
        state.Registry[TelemetryState.RegistryName(Value.Key, Value.Name)] = new Known<string>(Value.Wanted, Evidence);
}

/// <summary>Lets Sysmon write all events of a tag: an exclude section without filters, in place of the sections that there are.</summary>
/// <param name="Tag">The tag.</param>
public sealed record SysmonSectionStep(string Tag) : RemediationStep
{
    /// <inheritdoc/>
    public override string Text => $"<{Tag} onmatch=\"exclude\"/>";

    /// <inheritdoc/>
    public override void Apply(TelemetryState state)
    {
        SysmonState sysmon = state.Sysmon ??= new SysmonState();
        sysmon.Sections =
        [
            .. (sysmon.Sections ?? []).Where(section => section.Event != Tag),
            new SysmonSection(Tag, IsInclude: false, 0, Evidence),
        ];
        sysmon.Configuration = null;
    }
}

/// <summary>Names a schema version in a Sysmon configuration that has the event.</summary>
/// <param name="Version">The version.</param>
public sealed record SysmonSchemaStep(string Version) : RemediationStep
{
    /// <inheritdoc/>
    public override string Text => $"<Sysmon schemaversion=\"{Version}\">";

    /// <inheritdoc/>
    public override void Apply(TelemetryState state) => (state.Sysmon ??= new SysmonState()).SchemaVersion = new Known<string>(Version, Evidence);
}

/// <summary>Switches a setting of Sysmon on that stands beside the rules.</summary>
/// <param name="Name">The element.</param>
public sealed record SysmonOptionStep(string Name) : RemediationStep
{
    /// <inheritdoc/>
    public override string Text => $"<{Name}/>";

    /// <inheritdoc/>
    public override void Apply(TelemetryState state) => (state.Sysmon ??= new SysmonState()).Options[Name] = new Known<string>("", Evidence);
}

/// <summary>Records a provider in a session of this module.</summary>
/// <param name="Provider">The provider's name.</param>
public sealed record SessionStep(string Provider) : RemediationStep
{
    /// <inheritdoc/>
    public override string Text => $"Start-ApiTelemetryTrace -Provider '{Provider.Replace("'", "''")}'";

    /// <inheritdoc/>
    public override void Apply(TelemetryState state)
    {
        state.Sessions ??= new Dictionary<string, Known<string>>(StringComparer.OrdinalIgnoreCase);
        state.Sessions[Provider] = new Known<string>("ApiLevel", Evidence);
    }
}
