using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using ApiLevel.Facts;

namespace ApiLevel.Attribution;

/// <summary>Names the bits of access masks.</summary>
internal sealed class AccessRights
{
    private readonly MappingStore _store;
    private readonly ConcurrentDictionary<string, (uint Mask, string Name)[]> _kinds = new(StringComparer.OrdinalIgnoreCase);

    public AccessRights(MappingStore store) => _store = store;

    /// <summary>The rights of a mask, joined with <c>; </c>; bits without a name are one hexadecimal number at the end.</summary>
    /// <param name="kind">The kind of object, as the facts or the event name it.</param>
    /// <param name="mask">The mask.</param>
    public string Describe(string kind, uint mask)
    {
        if (mask == 0)
        {
            return "";
        }

        (uint Mask, string Name)[] rights = _kinds.GetOrAdd(kind, Load);
        var names = new List<string>();
        foreach ((uint bits, string name) in rights)
        {
            if (bits == mask)
            {
                return name; // PROCESS_ALL_ACCESS says more than its twenty-one bits
            }
        }

        uint left = mask;
        foreach ((uint bits, string name) in rights)
        {
            if ((bits & (bits - 1)) == 0 && (left & bits) != 0)
            {
                names.Add(name);
                left &= ~bits;
            }
        }

        if (left != 0)
        {
            names.Add("0x" + left.ToString("x", CultureInfo.InvariantCulture));
        }

        return string.Join("; ", names);
    }

    private (uint Mask, string Name)[] Load(string kind) =>
        [.. _store.AccessRightsOf(kind.ToLowerInvariant()).Concat(_store.AccessRightsOf("standard")).Concat(_store.AccessRightsOf("generic")).OrderBy(right => right.Mask)];
}
