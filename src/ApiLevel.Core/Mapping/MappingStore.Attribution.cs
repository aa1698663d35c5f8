using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace ApiLevel.Mapping;

/// <content>What decides between the APIs of an event, and what its fields mean.</content>
public sealed partial class MappingStore
{
    private Dictionary<(string Interface, int Opnum), List<CallEntry>>? _rpcCalls;

    /// <summary>What the fields of an event must say for its APIs.</summary>
    internal IEnumerable<(ApiEntry Api, string Field, string[] Values)> AttributionsOf(SourceEntry source, int eventId)
    {
        StoreTable table = _file[StoreTables.Attributions];
        if (source.Row >= SourceTable.Count)
        {
            yield break;
        }

        (int first, int end) = table.Find(source.Row, eventId);
        for (int row = first; row < end; row++)
        {
            yield return (
                new ApiEntry(this, table[row, StoreTables.Attribution.Api]),
                Text(table, row, StoreTables.Attribution.Field),
                Strings(table[row, StoreTables.Attribution.Values]));
        }
    }

    /// <summary>What the fields of an event mean; a row for the event replaces those of the same role for the whole source.</summary>
    internal IReadOnlyList<EventRoleFact> RolesOf(SourceEntry source, int eventId)
    {
        if (source.Row >= SourceTable.Count)
        {
            return [];
        }

        var roles = Roles(source, eventId + 1).ToList();
        var own = new HashSet<string>(roles.Select(role => role.Role), StringComparer.Ordinal);
        roles.AddRange(Roles(source, 0).Where(role => !own.Contains(role.Role)));
        return roles;
    }

    /// <summary>The names of rights of a kind of object, with the bits each stands for.</summary>
    internal IEnumerable<(uint Mask, string Name)> AccessRightsOf(string kind)
    {
        StoreTable table = _file[StoreTables.AccessRights];
        (int low, int high) = _file.FindStrings(kind.AsSpan());
        (int first, int end) = table.FindRange(low, high);
        for (int row = first; row < end; row++)
        {
            string mask = Text(table, row, StoreTables.AccessRight.Mask);
            if (mask.Length > 2 && uint.TryParse(mask.Substring(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out uint bits))
            {
                yield return (bits, Text(table, row, StoreTables.AccessRight.Name));
            }
        }
    }

    /// <summary>The edges that cross to a method of an RPC interface: who calls it, and what it is called on the other side.</summary>
    internal IReadOnlyList<CallEntry> RpcCalls(Guid interfaceId, int opnum)
    {
        Dictionary<(string, int), List<CallEntry>>? calls = _rpcCalls;
        if (calls is null)
        {
            calls = [];
            for (int row = 0; row < _calls.Count; row++)
            {
                var call = new CallEntry(this, row);
                if (call.Opnum is { } number && call.RpcInterface is { Length: > 0 } id)
                {
                    if (!calls.TryGetValue((id, number), out List<CallEntry>? list))
                    {
                        calls.Add((id, number), list = []);
                    }

                    list.Add(call);
                }
            }

            _rpcCalls = calls;
        }

        return calls.TryGetValue((interfaceId.ToString("D"), opnum), out List<CallEntry>? found) ? found : [];
    }

    /// <summary>The calls below an API that do its work, as far as the edges say something about an event.</summary>
    internal IEnumerable<ApiEntry> CallsBelow(ApiEntry api, MappingEntry mapping) =>
        Walk(api, primaryOnly: true).Where(node => node.Path.Count > 0 && node.Carries(mapping)).Select(node => node.Api);

    private IEnumerable<EventRoleFact> Roles(SourceEntry source, int eventKey)
    {
        StoreTable table = _file[StoreTables.EventRoles];
        (int first, int end) = table.Find(source.Row, eventKey);
        for (int row = first; row < end; row++)
        {
            yield return new EventRoleFact(
                source.Name,
                eventKey == 0 ? null : eventKey - 1,
                Text(table, row, StoreTables.EventRole.Role),
                Text(table, row, StoreTables.EventRole.Field),
                Text(table, row, StoreTables.EventRole.Value),
                Joined(table, row, StoreTables.EventRole.Reference));
        }
    }
}
