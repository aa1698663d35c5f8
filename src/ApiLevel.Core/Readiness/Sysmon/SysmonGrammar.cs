using System;
using System.Collections.Generic;
using ApiLevel.Formats.Configuration.Sysmon;

namespace ApiLevel.Readiness.Sysmon;

/// <summary>
/// What the document type of a schema version allows. Sysmon for Windows holds a configuration against it and refuses one that differs;
/// the public engine does so up to commit 64f44bf of microsoft/SysmonCommon and not since.
/// </summary>
internal sealed class SysmonGrammar
{
    private readonly Action<SysmonPosition, string> _report;
    private readonly string _version;
    private readonly bool _isKnown;
    private readonly HashSet<string> _settings;
    private readonly HashSet<string> _conditions;
    private readonly Dictionary<string, HashSet<string>> _fields = new(StringComparer.Ordinal);
    private readonly HashSet<string> _allFields = new(StringComparer.Ordinal);
    private bool _isValid = true;

    public SysmonGrammar(ISysmonSchema schema, SysmonVersion? version, Action<SysmonPosition, string> report)
    {
        _report = report;
        _version = schema.Versions[0];
        foreach (string known in schema.Versions)
        {
            // Sysmon takes the newest document type that is no newer than the configuration.
            if (version is { } wanted && SysmonVersion.Parse(known)!.Value.CompareTo(wanted) <= 0)
            {
                _version = known;
                _isKnown = true;
            }
        }

        _settings = new HashSet<string>(schema.GetOptions(_version, SysmonOptionKind.Setting), StringComparer.Ordinal);
        _conditions = new HashSet<string>(schema.GetOptions(_version, SysmonOptionKind.Condition), StringComparer.Ordinal);
        foreach (SysmonEventType type in schema.GetEvents(_version))
        {
            if (type.Tag is null)
            {
                continue;
            }

            if (!_fields.TryGetValue(type.Tag, out HashSet<string>? fields))
            {
                _fields.Add(type.Tag, fields = new HashSet<string>(StringComparer.Ordinal));
            }

            foreach (SysmonField field in type.Fields)
            {
                fields.Add(field.Name);
                _allFields.Add(field.Name);
            }
        }
    }

    public bool Check(SysmonConfiguration configuration)
    {
        if (!_isKnown)
        {
            return false;
        }

        foreach (SysmonSetting setting in configuration.Settings)
        {
            Require(_settings.Contains(setting.Name), setting.Position, "schema {0} has no setting {1}", setting.Name);
        }

        foreach (SysmonRuleGroup group in configuration.Groups)
        {
            Require(group.GroupRelation is "and" or "or", group.Position, "a rule group needs a groupRelation of `and` or `or`", "");
        }

        foreach (SysmonEventSection section in configuration.Sections)
        {
            CheckSection(section);
        }

        return _isValid;
    }

    private void CheckSection(SysmonEventSection section)
    {
        if (!_fields.TryGetValue(section.Tag, out HashSet<string>? fields))
        {
            Require(false, section.Position, "schema {0} has no event {1}", section.Tag);
            return;
        }

        Require(section.OnMatch is null or "include" or "exclude", section.Position, "the onmatch of {1} is neither include nor exclude", section.Tag);
        Require(section.Default is null or "include" or "exclude", section.Position, "the default of {1} is neither include nor exclude", section.Tag);
        foreach (SysmonRuleItem item in section.Items)
        {
            if (item is SysmonRule rule)
            {
                foreach (SysmonFilter filter in rule.Filters)
                {
                    // The document type allows any field there; the engine does not.
                    CheckFilter(filter, section.Tag, _allFields, fields);
                }
            }
            else if (item is SysmonFilter filter)
            {
                CheckFilter(filter, section.Tag, fields, fields);
            }
        }
    }

    private void CheckFilter(SysmonFilter filter, string tag, HashSet<string> allowed, HashSet<string> fields)
    {
        Require(allowed.Contains(filter.Field), filter.Position, "schema {0} has no field {1} in " + tag, filter.Field);
        if (allowed.Contains(filter.Field) && !fields.Contains(filter.Field))
        {
            _report(filter.Position, Text("schema {0} has no field {1} in " + tag, filter.Field));
        }

        // An unknown condition is valid XML of the schema and refused by the engine; one of a later version is told here.
        if (!string.IsNullOrEmpty(filter.Condition) && !_conditions.Contains(SysmonText.Lower(filter.Condition!))
            && SysmonMatcher.TryParse(filter.Condition, out _))
        {
            _report(filter.Position, Text("schema {0} has no condition `{1}`", filter.Condition!));
        }
    }

    private void Require(bool holds, SysmonPosition position, string format, string name)
    {
        if (!holds)
        {
            _isValid = false;
            _report(position, Text(format, name));
        }
    }

    private string Text(string format, string name) => format.Replace("{0}", _version).Replace("{1}", name);
}
