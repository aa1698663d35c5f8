using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;

namespace ApiLevel.Tracing;

/// <summary>Whether a process has one of some executable names; asked once for each process id and kept for a few seconds.</summary>
internal sealed class ProcessNames
{
    private static readonly TimeSpan s_keep = TimeSpan.FromSeconds(5);

    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<int, (bool Match, long Until)> _known = new();

    public ProcessNames(IEnumerable<string> names)
    {
        foreach (string name in names)
        {
            _names.Add(WithoutExtension(name));
        }
    }

    public static string WithExtension(string name) =>
        name.EndsWith(".exe", StringComparison.OrdinalIgnoreCase) ? name : name + ".exe";

    public bool Contains(int processId)
    {
        long now = Stopwatch.GetTimestamp();
        if (_known.TryGetValue(processId, out (bool Match, long Until) entry) && now < entry.Until)
        {
            return entry.Match;
        }

        bool match;
        try
        {
            using Process process = Process.GetProcessById(processId);
            match = _names.Contains(process.ProcessName);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or Win32Exception)
        {
            // It is gone: what it was when it was last seen is the best answer.
            match = entry.Match;
        }

        if (_known.Count > 4096)
        {
            _known.Clear();
        }

        _known[processId] = (match, now + (long)(s_keep.TotalSeconds * Stopwatch.Frequency));
        return match;
    }

    private static string WithoutExtension(string name) =>
        name.EndsWith(".exe", StringComparison.OrdinalIgnoreCase) ? name.Substring(0, name.Length - 4) : name;
}
