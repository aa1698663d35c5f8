using System;
using System.Collections.Generic;
using ApiLevel.Formats.Configuration;
using ApiLevel.Readiness;

namespace ApiLevel.Windows;

/// <summary>Reads the Windows that it runs on.</summary>
public sealed class MachineReader : IMachineReader
{
    /// <inheritdoc/>
    public string FunctionOf(string method) => method switch
    {
        nameof(AuditPolicy) => "AuditQuerySystemPolicy",
        nameof(GlobalList) => "AuditQueryGlobalSacl",
        nameof(Channels) => "EvtGetChannelConfigProperty",
        _ => "RegQueryValueEx",
    };

    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<Guid, AuditOutcomes>> AuditPolicy()
    {
        using (Privilege.Enable(Privilege.Security))
        {
            return AuditQuerySystemPolicy.Query(AuditEnumerateSubCategories.Query());
        }
    }

    /// <inheritdoc/>
    public string GlobalList(SecuredObjectKind kind)
    {
        using (Privilege.Enable(Privilege.Security))
        {
            return AuditQueryGlobalSacl.Query(kind == SecuredObjectKind.Key ? "Key" : "File");
        }
    }

    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<string, bool>> Channels()
    {
        foreach (string channel in EvtOpenChannelEnum.Query())
        {
            if (EvtOpenChannelConfig.IsEnabled(channel) is { } on)
            {
                yield return new KeyValuePair<string, bool>(channel, on);
            }
        }
    }

    /// <inheritdoc/>
    public string? RegistryValue(string key, string name)
    {
        using RegistryKeyHandle? handle = RegOpenKey.Open(key);
        return handle is null ? null : RegQueryValue.Query(handle, name);
    }

    /// <inheritdoc/>
    public bool RegistryKeyExists(string key)
    {
        using RegistryKeyHandle? handle = RegOpenKey.Open(key);
        return handle is not null;
    }
}
