using System.Collections.Concurrent;
using System.Linq;
using ApiLevel.Facts;

namespace ApiLevel.Rules;

/// <summary>The keys of a fact file, in the order in which they are written.</summary>
internal static class FactSchema
{
    private static readonly ConcurrentDictionary<FactTable, FactColumn[]> s_keys = new();

    /// <summary>The columns that a file of this kind of fact can have.</summary>
    public static FactColumn[] KeysOf(FactTable table) => s_keys.GetOrAdd(
        table,
        static table => [.. table.Columns.Where(static column => column.Key is not null).OrderBy(static column => column.KeyOrder)]);
}
