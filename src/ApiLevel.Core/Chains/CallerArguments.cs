using System;
using System.Collections.Generic;
using System.Linq;
using ApiLevel.Facts;

namespace ApiLevel.Chains;

/// <summary>
/// What the callers on a path have fixed so far: a path can only lead to an event whose conditions these values meet. A call below that fixes an
/// argument anew decides it from there on; an argument that nobody fixed can have any value.
/// </summary>
internal sealed class CallerArguments
{
    private const string Mode = "mode";

    private readonly MappingStore _store;
    private readonly Dictionary<string, string[]> _values;

    private CallerArguments(MappingStore store, Dictionary<string, string[]> values)
    {
        _store = store;
        _values = values;
    }

    /// <summary>What an API fixes by being what it is: whatever a program calls, it calls in user mode.</summary>
    public static CallerArguments Of(MappingStore store, ApiEntry api)
    {
        var values = new Dictionary<string, string[]>(StringComparer.Ordinal);
        if (api.Layer is ApiLayer.Win32 or ApiLayer.Native or ApiLayer.Managed or ApiLayer.ComMethod)
        {
            values.Add(Mode, ["user"]);
        }

        return new CallerArguments(store, values);
    }

    /// <summary>What holds behind one more call.</summary>
    public CallerArguments Behind(ApiEntry caller, ApiEntry callee)
    {
        Dictionary<string, string[]>? values = null;
        foreach ((string argument, string value) in _store.ArgumentsOf(caller, callee))
        {
            values ??= new Dictionary<string, string[]>(_values, StringComparer.Ordinal);
            values[argument] = value.Split('|');
        }

        return values is null ? this : new CallerArguments(_store, values);
    }

    /// <summary>False where a part of a condition cannot be met with these values.</summary>
    public bool CanMeet(string condition)
    {
        if (condition.Length == 0 || _values.Count == 0)
        {
            return true;
        }

        foreach (string part in ListText.Split(condition))
        {
            foreach (ConditionFact test in _store.TestsOf(part))
            {
                if (_values.TryGetValue(test.Argument, out string[]? values) && !test.Value.Split('|').Any(values.Contains))
                {
                    return false;
                }
            }
        }

        return true;
    }
}
