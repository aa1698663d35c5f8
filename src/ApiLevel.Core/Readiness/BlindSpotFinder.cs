using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using ApiLevel.Chains;
using ApiLevel.Facts;

namespace ApiLevel.Readiness;

/// <summary>
/// Which lines make most APIs visible: the best choice among up to <see cref="ExactLines"/> lines, by gain where there are more.
/// </summary>
public sealed class BlindSpotFinder
{
    /// <summary>So many lines can be tried in every combination.</summary>
    public const int ExactLines = 20;

    private readonly MappingStore _store;
    private readonly ReadinessTable _table;
    private readonly Evidence _minimum;
    private readonly Dictionary<string, string> _volumes;

    /// <summary>Prepares answers.</summary>
    /// <param name="store">The facts.</param>
    /// <param name="table">What is on.</param>
    /// <param name="minimum">The weakest evidence that counts.</param>
    public BlindSpotFinder(MappingStore store, ReadinessTable table, Evidence minimum = Evidence.Derived)
    {
        _store = store;
        _table = table;
        _minimum = minimum;
        _volumes = store.AuditSubcategories().ToDictionary(fact => fact.Guid, fact => fact.Volume, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>The changes, each with what it brings on top of those before it.</summary>
    /// <param name="apis">The APIs that are to be seen.</param>
    /// <param name="maximum">How many lines may be used.</param>
    /// <param name="cancellation">Ends the search.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public IReadOnlyList<ApiBlindSpot> Find(IEnumerable<ApiEntry> apis, int maximum, CancellationToken cancellation)
    {
        var lines = new List<string>();
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        var hidden = new List<Hidden>();
        int visible = 0;
        foreach (ApiEntry api in apis)
        {
            cancellation.ThrowIfCancellationRequested();
            var ways = new List<int[]>();
            bool isOn = false;
            foreach (ReachedEvent reached in _store.EventsOf(api).Where(reached => reached.Evidence >= _minimum))
            {
                if (_table.StateOf(reached.Mapping.Source, reached.Mapping.EventId) == ReadinessState.On)
                {
                    isOn = true;
                    break;
                }

                IReadOnlyList<string> needed = _table.LinesFor(reached.Mapping.Source, reached.Mapping.EventId);

                // A session ends with the machine's next start: it is no change of its configuration.
                if (needed.Count > 0 && !needed.Any(IsSession))
                {
                    ways.Add([.. needed.Select(Number)]);
                }
            }

            visible += isOn ? 1 : 0;
            if (!isOn && ways.Count > 0)
            {
                hidden.Add(new Hidden(api, ways));
            }
        }

        List<int[]> changes = lines.Count <= ExactLines
            ? Order(hidden, Best(hidden, lines.Count, maximum, cancellation), cancellation)
            : Greedy(hidden, [.. hidden.SelectMany(item => item.Ways)], maximum, cancellation);
        return Describe(hidden, lines, changes, visible);

        int Number(string line)
        {
            if (!numbers.TryGetValue(line, out int number))
            {
                number = lines.Count;
                numbers.Add(line, number);
                lines.Add(line);
            }

            return number;
        }
    }

    private static bool IsSession(string line) => line.StartsWith("Start-ApiTelemetryTrace", StringComparison.Ordinal);

    /// <summary>The lines, as bits, that show most; of equal ones the fewest, then the first.</summary>
    private static int Best(List<Hidden> hidden, int count, int maximum, CancellationToken cancellation)
    {
        // APIs with the same ways are one with a weight: a handful is left of hundreds.
        (int[] Ways, int Weight)[] groups =
        [
            .. hidden.Select(item => item.Ways.Select(way => way.Aggregate(0, (mask, line) => mask | (1 << line))).Distinct().OrderBy(mask => mask).ToArray())
                .GroupBy(ways => string.Join(",", ways), StringComparer.Ordinal)
                .Select(group => (group.First(), group.Count())),
        ];
        int best = 0;
        int bestGain = 0;
        int bestSize = 0;
        for (int chosen = 1; chosen < 1 << count; chosen++)
        {
            if ((chosen & 0xFFF) == 0)
            {
                cancellation.ThrowIfCancellationRequested();
            }

            int size = Size(chosen);
            if (size > maximum)
            {
                continue;
            }

            int gain = 0;
            foreach ((int[] ways, int weight) in groups)
            {
                foreach (int way in ways)
                {
                    if ((way & ~chosen) == 0)
                    {
                        gain += weight;
                        break;
                    }
                }
            }

            if (gain > bestGain || (gain == bestGain && size < bestSize))
            {
                (best, bestGain, bestSize) = (chosen, gain, size);
            }
        }

        return best;
    }

    private static int Size(int bits)
    {
        int size = 0;
        for (; bits != 0; bits &= bits - 1)
        {
            size++;
        }

        return size;
    }

    // The chosen lines in the order of what they bring; lines that bring something only together are one change.
    private static List<int[]> Order(List<Hidden> hidden, int chosen, CancellationToken cancellation)
    {
        int[][] ways = [.. hidden.SelectMany(item => item.Ways).Where(way => Array.TrueForAll(way, line => (chosen & (1 << line)) != 0))];
        return Greedy(hidden, ways, ExactLines, cancellation);
    }

    private static List<int[]> Greedy(List<Hidden> hidden, int[][] ways, int maximum, CancellationToken cancellation)
    {
        var used = new HashSet<int>();
        var changes = new List<int[]>();
        int[][] distinct = [.. ways.GroupBy(way => string.Join(",", way.OrderBy(line => line)), StringComparer.Ordinal).Select(group => group.First())];
        var left = new List<Hidden>(hidden);
        while (left.Count > 0)
        {
            int[]? best = null;
            double bestRate = 0;
            foreach (int[] way in distinct)
            {
                cancellation.ThrowIfCancellationRequested();
                int[] added = [.. way.Where(line => !used.Contains(line))];
                if (added.Length == 0 || used.Count + added.Length > maximum)
                {
                    continue;
                }

                // By line: a change of three lines has to bring three times as much.
                double rate = (double)left.Count(item => item.IsShown(used, added)) / added.Length;
                if (rate > bestRate)
                {
                    (best, bestRate) = (added, rate);
                }
            }

            if (best is null)
            {
                break;
            }

            used.UnionWith(best);
            changes.Add(best);
            left.RemoveAll(item => item.IsShown(used, []));
        }

        return changes;
    }

    private List<ApiBlindSpot> Describe(List<Hidden> hidden, List<string> lines, List<int[]> changes, int visible)
    {
        var used = new HashSet<int>();
        var left = new List<Hidden>(hidden);
        var rows = new List<ApiBlindSpot>();
        foreach (int[] change in changes)
        {
            used.UnionWith(change);
            Hidden[] shown = [.. left.Where(item => item.IsShown(used, []))];
            left.RemoveAll(item => item.IsShown(used, []));
            visible += shown.Length;
            rows.Add(new ApiBlindSpot
            {
                Remediation = string.Join("; ", change.Select(line => lines[line])),
                Apis = string.Join("; ", shown.Select(item => item.Api.Key).OrderBy(key => key, StringComparer.OrdinalIgnoreCase)),
                Techniques = string.Join("; ", shown.SelectMany(item => _store.TechniquesOf(item.Api)).Select(entry => entry.Technique)
                    .Distinct(StringComparer.Ordinal).OrderBy(technique => technique, StringComparer.Ordinal)),
                Volume = string.Join("; ", change.Select(line => VolumeOf(lines[line])).Where(volume => volume.Length > 0).Distinct(StringComparer.Ordinal)),
                Total = visible,
            });
        }

        return rows;
    }

    private string VolumeOf(string line)
    {
        int open = line.IndexOf('{');
        int close = line.IndexOf('}');
        return open > 0 && close > open && _volumes.TryGetValue(line.Substring(open + 1, close - open - 1), out string? volume) ? volume : "";
    }

    private sealed class Hidden(ApiEntry api, List<int[]> ways)
    {
        public ApiEntry Api { get; } = api;

        public List<int[]> Ways { get; } = ways;

        public bool IsShown(HashSet<int> used, int[] added) =>
            Ways.Exists(way => Array.TrueForAll(way, line => used.Contains(line) || Array.IndexOf(added, line) >= 0));
    }
}
