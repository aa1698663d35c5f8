using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;

namespace ApiLevel.Commands;

/// <summary>Adds fields of the payload to events as columns: the same columns to each, empty where an event lacks the field.</summary>
internal sealed class FieldColumns
{
    private static readonly HashSet<string> s_own = new(
        typeof(ApiTelemetryEvent).GetProperties().Select(property => property.Name), StringComparer.OrdinalIgnoreCase);

    private readonly string[] _names;

    public FieldColumns(string[]? names) => _names = names is null
        ? []
        : [.. names.Where(name => !string.IsNullOrWhiteSpace(name) && !s_own.Contains(name)).Distinct(StringComparer.OrdinalIgnoreCase)];

    /// <summary>The event, or an object around it where columns are asked for. A field called like a property is that property.</summary>
    public object Apply(ApiTelemetryEvent e)
    {
        if (_names.Length == 0)
        {
            return e;
        }

        var shown = new PSObject(e);
        foreach (string name in _names)
        {
            // An object that comes by a second time still has what was added to it.
            if (shown.Properties[name] is PSNoteProperty added)
            {
                added.Value = e.GetField(name);
            }
            else
            {
                shown.Properties.Add(new PSNoteProperty(name, e.GetField(name)));
            }
        }

        return shown;
    }
}
