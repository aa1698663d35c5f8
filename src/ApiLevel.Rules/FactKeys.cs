using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using ApiLevel.Facts;

namespace ApiLevel.Rules;

/// <summary>The keys of one mapping in a fact file, read by type; each thing that is wrong is reported once.</summary>
internal sealed class FactKeys
{
    private readonly Dictionary<string, YamlEntry> _entries = new(StringComparer.Ordinal);
    private readonly string _file;
    private readonly List<FactProblem> _problems;

    public FactKeys(YamlNode node, string file, List<FactProblem> problems, FactTable table, string listKey = "")
    {
        _file = file;
        _problems = problems;
        FactColumn[] columns = FactSchema.KeysOf(table);
        string[] known = [.. columns.Select(static column => column.Key!), .. listKey.Length > 0 ? [listKey] : Array.Empty<string>()];
        foreach (YamlEntry entry in node.Entries!)
        {
            if (Array.IndexOf(known, entry.Key) < 0)
            {
                Report(entry.Key, entry.Line, "the key is unknown; known are " + string.Join(", ", known));
            }
            else if (Has(entry.Key))
            {
                Report(entry.Key, entry.Line, "the key stands twice");
            }
            else
            {
                _entries[entry.Key] = entry;
                Check(entry, isList: entry.Key == listKey);
            }
        }

        foreach (FactColumn column in columns)
        {
            if (column.IsKeyNeeded && !_entries.ContainsKey(column.Key!))
            {
                Report(column.Key!, node.Line, "the key is missing");
            }
        }
    }

    /// <summary>True as long as nothing was reported.</summary>
    public bool IsGood { get; private set; } = true;

    private bool Has(string key) => _entries.ContainsKey(key);

    /// <summary>Puts what the file says into a fact.</summary>
    public void Fill(Fact fact)
    {
        foreach (FactColumn column in FactSchema.KeysOf(fact.Table))
        {
            if (Has(column.Key!))
            {
                fact[column] = Value(column, column.Key!);
            }
        }
    }

    private object Value(FactColumn column, string key) => column.Kind switch
    {
        FactKind.Number => Number(key, column.Maximum),
        FactKind.Guid => Guid(key),
        FactKind.Relation => Relation(key),
        FactKind.Evidence => Evidence(key),
        FactKind.Layer => Layer(key),
        FactKind.Api => Api(key),
        FactKind.ApiList => ApiList(key),
        _ => column.Style == ListStyle.Verbatim ? Text(key) : List(key),
    };

    public void Spoil() => IsGood = false;

    public void Report(string key, int line, string message)
    {
        IsGood = false;
        _problems.Add(new FactProblem(new FactOrigin(_file, line), key, message));
    }

    private string Text(string key) =>
        _entries.TryGetValue(key, out YamlEntry entry) ? entry.Value.Scalar ?? "" : "";

    private string List(string key) => ListText.Normalize(Text(key));

    public IReadOnlyList<YamlNode> Items(string key) =>
        _entries.TryGetValue(key, out YamlEntry entry) && entry.Value.Items is { } items ? items : [];

    private int Number(string key, int maximum)
    {
        string text = Text(key);
        if (text.Length == 0)
        {
            return 0;
        }

        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) || value > maximum)
        {
            Wrong(key, "a number from 0 to " + maximum.ToString(CultureInfo.InvariantCulture));
        }

        return value;
    }

    private string Guid(string key)
    {
        string text = Text(key);
        if (text.Length == 0)
        {
            return "";
        }

        if (!System.Guid.TryParseExact(text, "D", out Guid value))
        {
            Wrong(key, "a GUID of the form 00000000-0000-0000-0000-000000000000");
        }

        return value.ToString("D");
    }

    private Relation Relation(string key)
    {
        string text = Text(key);
        if ((!FactWords.TryParseRelation(text, out Relation value) || value == ApiLevel.Relation.None) && text.Length > 0)
        {
            Wrong(key, "one of Direct, ViaLowerCall, Conditional");
        }

        return value;
    }

    private Evidence Evidence(string key)
    {
        string text = Text(key);
        if (!FactWords.TryParseEvidence(text, out Evidence value) && text.Length > 0)
        {
            Wrong(key, "one of observed, high, medium, paired, derived, low, disputed");
        }

        return value;
    }

    private ApiLayer Layer(string key)
    {
        string text = Text(key);
        if (!FactWords.TryParseLayer(text, out ApiLayer value) && text.Length > 0)
        {
            Wrong(key, "one of win32, native, syscall, kernel, rpc, com, service, managed");
        }

        return value;
    }

    private string Api(string key)
    {
        string text = Text(key);
        if (text.Length > 0 && !IsApiName(text))
        {
            Wrong(key, "a name of the form module!Name or Namespace.Type::Member");
        }

        return text;
    }

    private string ApiList(string key)
    {
        string list = List(key);
        if (list.Length > 0)
        {
            foreach (string name in list.Split(';'))
            {
                if (!IsApiName(name))
                {
                    Wrong(key, "names of the form module!Name, separated by semicolons");
                    break;
                }
            }
        }

        return list;
    }

    private static bool IsApiName(string name)
    {
        int mark = name.IndexOf('!');
        bool hasModule = mark > 0 && mark < name.Length - 1 && name.IndexOf('!', mark + 1) < 0;
        int member = name.IndexOf("::", StringComparison.Ordinal);
        bool hasMember = mark < 0 && member > 0 && member < name.Length - 2;
        if (!hasModule && !hasMember)
        {
            return false;
        }

        foreach (char c in name)
        {
            // A module may be a driver or a program with a blank in no case we know; a blank is a sign of prose.
            if (char.IsWhiteSpace(c) || c == ';' || char.IsControl(c))
            {
                return false;
            }
        }

        return true;
    }

    private void Check(YamlEntry entry, bool isList)
    {
        if (isList)
        {
            if (entry.Value.Items is null)
            {
                Report(entry.Key, entry.Line, "a list is expected: lines that start with `- `");
            }
        }
        else if (entry.Value.Scalar is null)
        {
            Report(entry.Key, entry.Line, "a single value is expected, not a list or further keys");
        }
        else if (string.IsNullOrWhiteSpace(entry.Value.Scalar))
        {
            Report(entry.Key, entry.Line, "the value is empty; leave the key out when nothing is known");
        }
        else if (entry.Value.Scalar.IndexOf('\n') >= 0)
        {
            Report(entry.Key, entry.Line, "the value must stand on one line");
        }
    }

    private void Wrong(string key, string expected) =>
        Report(key, _entries[key].Line, "`" + Text(key) + "` is no value for it; expected is " + expected);
}
