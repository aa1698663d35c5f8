using System;
using System.Collections.Generic;
using System.Linq;
using ApiLevel.Answers;
using ApiLevel.Chains;
using ApiLevel.Facts;
using ApiLevel.Formats;

namespace ApiLevel.Attribution;

/// <summary>Which fields of an event hold the caller, the rights, the RPC method and the call stack.</summary>
internal sealed class EventRoles
{
    public EventRoles(IReadOnlyList<EventRoleFact> roles)
    {
        ProcessId = Fields(roles, "process-id");
        ThreadId = Fields(roles, "thread-id");
        ProcessName = Fields(roles, "process-name") ?? [];
        ApiName = Fields(roles, "api-name") ?? [];
        ApiUnseen = [.. roles.Where(role => role.Role == "api-unseen" && role.Field.Length > 0)
            .Select(role => (role.Field, ListText.Split(role.Value)))];
        RpcInterface = Fields(roles, "rpc-interface") ?? [];
        RpcOpnum = Fields(roles, "rpc-opnum") ?? [];
        AccessMasks = [.. roles.Where(role => role.Role == "access-mask" && role.Field.Length > 0)];
        CallTrace = roles.FirstOrDefault(role => role.Role == "call-trace");
    }

    /// <summary>Fields with the caller's process id; empty where the event does not say it; null where the record's header does.</summary>
    public string[]? ProcessId { get; }

    /// <summary>Fields with the caller's thread id; empty where the event does not say it; null where the record's header does.</summary>
    public string[]? ThreadId { get; }

    public string[] ProcessName { get; }

    public string[] ApiName { get; }

    /// <summary>Fields whose values say that the named call can have been made, not that it was.</summary>
    private (string Field, string[] Values)[] ApiUnseen { get; }

    public string[] RpcInterface { get; }

    public string[] RpcOpnum { get; }

    public IReadOnlyList<EventRoleFact> AccessMasks { get; }

    public EventRoleFact? CallTrace { get; }

    /// <summary>True where the record itself can name a call that no mapping names.</summary>
    public bool NamesCalls => ApiName.Length > 0 || RpcInterface.Length > 0;

    /// <summary>True where the call that the record names was seen itself.</summary>
    public bool SawCall(EventRecord record) => !ApiUnseen.Any(role => role.Values.Contains(record[role.Field] as string));

    /// <summary>The first of some fields that the record has; null without.</summary>
    public static object? First(EventRecord record, string[] fields)
    {
        foreach (string field in fields)
        {
            if (record[field] is { } value)
            {
                return value;
            }
        }

        return null;
    }

    private static string[]? Fields(IReadOnlyList<EventRoleFact> roles, string name)
    {
        EventRoleFact[] found = [.. roles.Where(role => role.Role == name)];
        return found.Length == 0 ? null : [.. found.Select(role => role.Field).Where(field => field.Length > 0)];
    }
}
