using System;
using System.Collections.Generic;
using ApiLevel.Formats.Configuration;

namespace ApiLevel.Readiness;

/// <summary>
/// Reads the Windows that it runs on. Each method throws what Windows said (a <see cref="System.ComponentModel.Win32Exception"/> or an
/// <see cref="UnauthorizedAccessException"/>) where it may not or cannot read; the snapshot then lacks that part.
/// </summary>
public interface IMachineReader
{
    /// <summary>The name of the function of Windows that a method asks, for evidence.</summary>
    /// <param name="method">The method's name.</param>
    string FunctionOf(string method);

    /// <summary>The system's audit policy in force: every subcategory with what is audited. Needs the right to manage auditing.</summary>
    IEnumerable<KeyValuePair<Guid, AuditOutcomes>> AuditPolicy();

    /// <summary>The list that holds for all objects of a kind, as SDDL; empty where there is none. Needs the right to manage auditing.</summary>
    /// <param name="kind">File or Key.</param>
    string GlobalList(SecuredObjectKind kind);

    /// <summary>Every channel, and whether it is on.</summary>
    IEnumerable<KeyValuePair<string, bool>> Channels();

    /// <summary>A registry value as text, numbers decimal; null where it is not set.</summary>
    /// <param name="key">The key below HKEY_LOCAL_MACHINE.</param>
    /// <param name="name">The value's name.</param>
    string? RegistryValue(string key, string name);

    /// <summary>Whether a registry key exists.</summary>
    /// <param name="key">The key below HKEY_LOCAL_MACHINE.</param>
    bool RegistryKeyExists(string key);
}
