using System;
using System.Collections.Generic;
using System.Linq;
using ApiLevel.Facts;

namespace ApiLevel.Names;

/// <summary>Names that are near one that is not known.</summary>
public static class Suggestions
{
    /// <summary>The names nearest to one that is not known, best first.</summary>
    /// <param name="store">The facts.</param>
    /// <param name="name">What was asked for.</param>
    /// <param name="count">How many at most.</param>
    public static IReadOnlyList<string> Suggest(this MappingStore store, ApiName name, int count = 3)
    {
        string wanted = name.Name.ToLowerInvariant();
        bool isMember = wanted.IndexOf("::", StringComparison.Ordinal) > 0 && wanted.IndexOf('.') < 0;
        int limit = Math.Max(2, wanted.Length / 3);
        var best = new List<(int Distance, bool Judged, ApiEntry Api)>();
        int[] row = new int[wanted.Length + 1];
        foreach (ApiEntry api in store.Apis())
        {
            string candidate = api.Name;

            // Process::Strat means the last parts of System.Diagnostics.Process::Start.
            if (isMember && candidate.IndexOf("::", StringComparison.Ordinal) is > 0 and int colons && candidate.LastIndexOf('.', colons) is >= 0 and int dot)
            {
                candidate = candidate.Substring(dot + 1);
            }

            // Part of a name is as near as one wrong letter: RemoteThread means CreateRemoteThread.
            if (wanted.Length >= 4 && candidate.Length > wanted.Length && candidate.IndexOf(wanted, StringComparison.OrdinalIgnoreCase) >= 0)
            {
                best.Add((1, store.HasMappings(api), api));
            }
            else if (Math.Abs(candidate.Length - wanted.Length) <= limit && Distance(wanted, candidate, row, limit) is int distance && distance <= limit)
            {
                best.Add((distance, store.HasMappings(api), api));
            }
        }

        // A name three letters away is no help beside one that is one letter away.
        int nearest = best.Count == 0 ? 0 : best.Min(item => item.Distance);
        return best
            .Where(item => item.Distance <= nearest + 1)
            .OrderBy(item => item.Distance)
            .ThenByDescending(item => item.Judged)
            .ThenByDescending(item => item.Api.Module == name.Module)
            .ThenBy(item => item.Api.Name.Length)
            .ThenBy(item => item.Api.Key, StringComparer.Ordinal)
            .Take(count)
            .Select(item => item.Api.Key)
            .ToArray();
    }

    /// <summary>The sources whose names, as tables show them, contain a text or are nearly it; at most five.</summary>
    /// <param name="store">The facts.</param>
    /// <param name="text">What was asked for.</param>
    public static IReadOnlyList<string> SuggestSources(this MappingStore store, string text)
    {
        const int Limit = 2;
        string wanted = text.Trim().ToLowerInvariant();
        int[] row = new int[wanted.Length + 1];
        return
        [
            .. store.Sources
                .Select(source => source.ShortName)
                .Where(name => wanted.Length > 0 && (name.IndexOf(wanted, StringComparison.OrdinalIgnoreCase) >= 0 || Distance(wanted, name, row, Limit) <= Limit))
                .Take(5),
        ];
    }

    /// <summary>Edit distance with a swap of neighbours as one step, cut off at a limit.</summary>
    private static int Distance(string wanted, string candidate, int[] row, int limit)
    {
        for (int j = 0; j <= wanted.Length; j++)
        {
            row[j] = j;
        }

        for (int i = 1; i <= candidate.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            int smallest = i;
            char c = char.ToLowerInvariant(candidate[i - 1]);
            for (int j = 1; j <= wanted.Length; j++)
            {
                int above = row[j];
                int cost = c == wanted[j - 1] ? diagonal : Math.Min(diagonal, Math.Min(above, row[j - 1])) + 1;
                diagonal = above;
                row[j] = cost;
                smallest = Math.Min(smallest, cost);
            }

            if (smallest > limit)
            {
                return limit + 1;
            }
        }

        return row[wanted.Length];
    }
}
