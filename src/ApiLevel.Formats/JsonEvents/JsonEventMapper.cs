using System;
using System.Collections.Generic;
using System.Text.Json;

namespace ApiLevel.Formats.JsonEvents;

/// <summary>Fills records from one exported object: the header first, the payload when it is wanted. One mapper for all tools.</summary>
internal sealed class JsonEventMapper(TextPool pool, IEventSchemaSource? schemas = null)
{
    private const int Slots = (int)HeaderSlot.ChannelSource + 1;

    private readonly JsonTree _tree = new(pool);
    private readonly int[] _slotNode = new int[Slots];
    private readonly int[] _slotOrder = new int[Slots];
    private readonly List<(string Name, int Node, JsonRule Rule)> _payloads = [];
    private readonly List<(string Name, int Node)> _loose = [];
    private readonly List<EventField> _fields = [];
    private string? _raw;
    private int _root;
    private JsonEventMapper? _inner; // for JSON inside of a text; that holds no further one

    /// <summary>Fills the header.</summary>
    /// <returns>What is wrong with the object; null for an event.</returns>
    public string? TryHeader(ReadOnlyMemory<byte> json, EventRecord record)
    {
        if (_tree.Parse(json) is { } fault)
        {
            return fault;
        }

        int root = 0;
        foreach (string wrapper in JsonShape.Wrappers)
        {
            int inner = _tree.Find(root, wrapper);
            if (inner >= 0 && _tree.IsObject(inner))
            {
                root = inner;
            }
        }

        _root = root;
        JsonShape shape = JsonShape.For(_tree, root);
        Array.Clear(_slotNode, 0, Slots);
        _payloads.Clear();
        _loose.Clear();
        _raw = null;
        Walk(root, shape.Root, shape.IsFlat);

        foreach ((string _, int node, JsonRule rule) in _payloads)
        {
            if (rule.Payload == PayloadForm.RawText && _tree.Text(node) is { } text)
            {
                if (text.IndexOf("<Event", StringComparison.Ordinal) >= 0 && EventText.TryXml(text, record, fields: null))
                {
                    _raw = text;
                    return null;
                }

                RawLines(text, record);
            }
        }

        Fill(record);
        return _slotNode[(int)HeaderSlot.EventId] > 0 || record.EventId > 0 ? null : "an object without an event id; it was skipped";
    }

    /// <summary>Fills the fields of the record whose header was filled last.</summary>
    public void Payload(EventRecord record)
    {
        _fields.Clear();
        if (_raw is not null)
        {
            EventText.TryXml(_raw, record, _fields);
        }
        else
        {
            foreach ((string name, int node, JsonRule rule) in _payloads)
            {
                Add(name, node, rule, record);
            }

            foreach ((string name, int node) in _loose)
            {
                AddValue(name, node);
            }

            if (record.Provider == ExportedNames.Sysmon && _tree.Find(_root, "process") >= 0)
            {
                AddMoved(record.EventId);
            }
        }

        record.Fields = _fields.ToArray();
        record.PayloadState = PayloadState.Decoded;
    }

    private void Walk(int parent, JsonRule rules, bool flat)
    {
        for (int i = parent + 1; i < _tree.End(parent); i = _tree.End(i))
        {
            string name = _tree.Name(i);
            JsonRule? rule = rules.Find(name, out string rest);
            if (rule is null)
            {
                if (flat)
                {
                    _loose.Add((name, i));
                }

                continue;
            }

            if (rule.Payload is { } form)
            {
                // A text that holds no JSON is no payload under this name ("Data" of something else).
                if (form == PayloadForm.JsonText && !LooksLikeJson(i))
                {
                    if (flat)
                    {
                        _loose.Add((name, i));
                    }
                }
                else
                {
                    _payloads.Add((rest, i, rule));
                }

                continue;
            }

            if (rule.Slot is { } slot && _tree.Kind(i) != JsonTokenType.Null
                && (_slotNode[(int)slot] == 0 || rule.Order < _slotOrder[(int)slot]) && !(rule.HasChildren && _tree.IsObject(i)))
            {
                _slotNode[(int)slot] = i;
                _slotOrder[(int)slot] = rule.Order;
            }

            if (rule.HasChildren && _tree.IsObject(i))
            {
                Walk(i, rule, flat: false);
            }
        }
    }

    private void Fill(EventRecord record)
    {
        record.EventId = Number(HeaderSlot.EventId) is { } id ? (int)(id & 0xFFFF) : record.EventId;
        record.Provider = Text(HeaderSlot.Provider)?.Trim('"', '\'') ?? record.Provider;
        record.ProviderId = Identifier(HeaderSlot.ProviderId) ?? record.ProviderId;
        record.EventVersion = (int?)Number(HeaderSlot.EventVersion) ?? 0;
        record.Task = (int?)Number(HeaderSlot.Task) ?? 0;
        record.Opcode = (int?)Number(HeaderSlot.Opcode) ?? 0;
        record.Level = (int?)Number(HeaderSlot.Level) ?? (Text(HeaderSlot.Level) is { } level ? EventText.Level(level) : null) ?? 0;
        record.Keywords = Keywords();
        record.ProcessId = Number(HeaderSlot.ProcessId) is { } process ? unchecked((int)process) : record.ProcessId;
        record.ThreadId = Number(HeaderSlot.ThreadId) is { } thread ? unchecked((int)thread) : record.ThreadId;
        record.Computer = Text(HeaderSlot.Computer) ?? record.Computer;
        record.Channel = Text(HeaderSlot.Channel) is { } channel ? EventText.Channel(channel) : ChannelOf(Text(HeaderSlot.ChannelSource)) ?? record.Channel;
        record.RecordId = Number(HeaderSlot.RecordId) ?? record.RecordId;
        record.UserSid = Text(HeaderSlot.UserSid) is { } sid && sid.StartsWith("S-1-", StringComparison.OrdinalIgnoreCase) ? sid : record.UserSid;
        Guid? activity = Identifier(HeaderSlot.ActivityId);
        record.ActivityId = activity == Guid.Empty ? null : activity;
        record.TimeCreated = Time() ?? record.TimeCreated;
    }

    private static string? ChannelOf(string? source) =>
        source?.IndexOf("WinEventLog:", StringComparison.OrdinalIgnoreCase) is (0 or 3) and var at ? source.Substring(at + "WinEventLog:".Length) : null;

    // What an export moved out of the payload goes back to it, unless it is still there.
    private void AddMoved(int eventId)
    {
        foreach (MovedField moved in ExportedNames.OfSysmonModule)
        {
            string? name = moved.NameOf(eventId);
            int node = name is null || _fields.Exists(field => string.Equals(field.Name, name, StringComparison.OrdinalIgnoreCase))
                ? -1
                : FindPath(_root, moved.Path);
            if (node >= 0 && !_tree.IsObject(node))
            {
                AddValue(name!, node);
            }
        }
    }

    // A path of names, each a level or several of them with their dots in one name.
    private int FindPath(int node, string path)
    {
        int whole = _tree.Find(node, path);
        for (int dot = path.IndexOf('.'); whole < 0 && dot > 0; dot = path.IndexOf('.', dot + 1))
        {
            int child = _tree.Find(node, path.Substring(0, dot));
            whole = child < 0 ? -1 : FindPath(child, path.Substring(dot + 1));
        }

        return whole;
    }

    // Tools write a value as it is, or as an object around it: #text beside attributes, Value of PowerShell and Velociraptor.
    private int Inner(int node)
    {
        if (_tree.IsArray(node) && node + 1 < _tree.End(node))
        {
            node++;
        }

        if (!_tree.IsObject(node))
        {
            return node;
        }

        foreach (string name in (string[])["#text", "Value", "Text", "DateTime", "SystemTime", "#attributes"])
        {
            int inner = _tree.Find(node, name);
            if (inner >= 0)
            {
                return _tree.IsObject(inner) ? Inner(inner) : inner;
            }
        }

        return node;
    }

    private string? Text(HeaderSlot slot) => _slotNode[(int)slot] is > 0 and var node ? _tree.Text(Inner(node)) : null;

    private long? Number(HeaderSlot slot) => _slotNode[(int)slot] is > 0 and var node && _tree.TryNumber(Inner(node), out long value) ? value : null;

    private Guid? Identifier(HeaderSlot slot) => Guid.TryParse(Text(slot)?.Trim('"', '\''), out Guid guid) ? guid : null;

    private DateTime? Time()
    {
        int node = _slotNode[(int)HeaderSlot.TimeCreated];
        return node > 0 && _tree.Text(Inner(node)) is { } text ? EventText.Time(text.Trim('"', '\'')) : null;
    }

    private ulong Keywords()
    {
        int node = _slotNode[(int)HeaderSlot.Keywords];
        if (node == 0)
        {
            return 0;
        }

        if (_tree.TryNumber(node, out long bits))
        {
            return (ulong)bits;
        }

        ulong sum = 0;
        if (_tree.IsArray(node))
        {
            for (int i = node + 1; i < _tree.End(node); i = _tree.End(i))
            {
                sum |= _tree.Text(i) is { } name ? EventText.Keyword(name) : 0;
            }

            return sum;
        }

        foreach (string name in (_tree.Text(node) ?? "").Split(','))
        {
            sum |= EventText.Keyword(name);
        }

        return sum;
    }

    // Name=value lines of the classic Windows input; what follows Message is for people.
    private static void RawLines(string text, EventRecord record)
    {
        foreach (string line in text.Split('\n'))
        {
            int equals = line.IndexOf('=');
            if (equals <= 0)
            {
                continue;
            }

            string value = line.Substring(equals + 1).Trim();
            switch (line.Substring(0, equals).Trim())
            {
                case "EventCode" when TextNumber.TryParse(value, out long id):
                    record.EventId = (int)(id & 0xFFFF);
                    break;
                case "LogName":
                    record.Channel = value;
                    break;
                case "SourceName":
                    record.Provider = value;
                    break;
                case "ComputerName":
                    record.Computer = value;
                    break;
                case "RecordNumber" when TextNumber.TryParse(value, out long number):
                    record.RecordId = number;
                    break;
                case "Message":
                    return;
            }
        }
    }

    private void Add(string name, int node, JsonRule rule, EventRecord record)
    {
        if (name.Length > 0)
        {
            AddValue(name, node); // winlog.event_data.TargetImage, written with its dots
            return;
        }

        switch (rule.Payload)
        {
            case PayloadForm.EventData:
                EventData(node, record);
                break;
            case PayloadForm.UserData:
                UserData(node);
                break;
            case PayloadForm.Values:
                Values(node, record);
                break;
            case PayloadForm.DataXml when _tree.Text(node) is { } xml:
                EventText.TryDataXml(xml, _fields);
                break;
            case PayloadForm.Details when _tree.Text(node) is { } details:
                Details(details, record);
                break;
            case PayloadForm.Details when _tree.IsObject(node):
                for (int i = node + 1; i < _tree.End(node); i = _tree.End(i))
                {
                    AddValue(ExportedNames.OfHayabusa(record, _tree.Name(i)), i);
                }

                break;
            case PayloadForm.Details:
                break;
            case PayloadForm.JsonText:
                JsonText(node, record);
                break;
        }
    }

    private void EventData(int node, EventRecord record)
    {
        if (!_tree.IsObject(node))
        {
            if (_tree.Kind(node) != JsonTokenType.Null && _tree.Text(node) is not "")
            {
                AddValue("Data", node);
            }

            return;
        }

        for (int i = node + 1; i < _tree.End(node); i = _tree.End(i))
        {
            string name = _tree.Name(i);
            if (name is "#attributes" or "EventData_attributes")
            {
                int title = _tree.Find(i, "Name");
                record.EventName ??= title >= 0 ? _tree.Text(title) : null;
            }
            else if (name == "@Name")
            {
                record.EventName ??= _tree.Text(i);
            }
            else if (name.Length > 0 && name[0] == '@')
            {
                // xmlns and the like
            }
            else if (name == "Data")
            {
                DataItems(i);
            }
            else
            {
                AddValue(name, i);
            }
        }
    }

    // Data: one item or a list of them, each a value or an object of name and value.
    private void DataItems(int node)
    {
        if (_tree.IsArray(node))
        {
            for (int i = node + 1; i < _tree.End(node); i = _tree.End(i))
            {
                DataItems(i);
            }

            return;
        }

        if (!_tree.IsObject(node))
        {
            AddValue("Data", node);
            return;
        }

        int name = _tree.Find(node, "@Name");
        if (name < 0)
        {
            int attributes = _tree.Find(node, "#attributes");
            name = _tree.Find(attributes >= 0 ? attributes : node, "Name");
        }

        int value = _tree.Find(node, "#text");
        value = value >= 0 ? value : _tree.Find(node, "Value");
        string label = name >= 0 ? _tree.Text(name) ?? "Data" : "Data";
        if (value >= 0)
        {
            AddValue(label, value);
        }
        else if (name >= 0)
        {
            _fields.Add(new EventField(label, null));
        }
        else
        {
            AddValue("Data", node);
        }
    }

    // As in a log: the name of the one object around the values is no field.
    private void UserData(int node)
    {
        int only = -1;
        int count = 0;
        for (int i = node + 1; _tree.IsObject(node) && i < _tree.End(node); i = _tree.End(i))
        {
            if (!IsAttribute(_tree.Name(i)))
            {
                only = i;
                count++;
            }
        }

        Members(count == 1 && _tree.IsObject(only) ? only : node);
    }

    private void Members(int node)
    {
        if (!_tree.IsObject(node))
        {
            if (_tree.Kind(node) != JsonTokenType.Null)
            {
                AddValue("Data", node);
            }

            return;
        }

        for (int i = node + 1; i < _tree.End(node); i = _tree.End(i))
        {
            if (!IsAttribute(_tree.Name(i)))
            {
                AddValue(_tree.Name(i), i);
            }
        }
    }

    // The values of Get-WinEvent have no names; they stand in the order of the event's description.
    private void Values(int node, EventRecord record)
    {
        int count = 0;
        for (int i = node + 1; i < _tree.End(node); i = _tree.End(i))
        {
            count++;
        }

        IReadOnlyList<EventFieldSchema> fields = [];
        bool named = schemas is not null && record.ProviderId is { } provider
            && schemas.TryGetSchema(provider, record.EventId, record.EventVersion, out _, out _, out fields) && fields.Count == count;
        int next = 0;
        for (int i = node + 1; i < _tree.End(node); i = _tree.End(i))
        {
            AddValue(named ? fields[next++].Name : "Data", Inner(i));
        }
    }

    private void Details(string text, EventRecord record)
    {
        foreach (string part in text.Split('\u00A6'))
        {
            int colon = part.IndexOf(':');
            if (colon > 0)
            {
                string name = ExportedNames.OfHayabusa(record, part.Substring(0, colon).Trim());
                _fields.Add(new EventField(name, part.Substring(colon + 1).Trim()));
            }
        }
    }

    private void JsonText(int node, EventRecord record)
    {
        string? text = _tree.Text(node);
        if (text is null && _tree.IsObject(node))
        {
            Members(node);
            return;
        }

        JsonEventMapper inner = _inner ??= new JsonEventMapper(pool);
        inner._fields.Clear();
        if (text is null || inner._tree.Parse(System.Text.Encoding.UTF8.GetBytes(text)) is not null || !inner._tree.IsObject(0))
        {
            return;
        }

        int data = inner._tree.Find(0, "EventData");
        int user = inner._tree.Find(0, "UserData");
        if (data >= 0)
        {
            inner.EventData(data, record);
        }
        else if (user >= 0)
        {
            inner.UserData(user);
        }
        else
        {
            inner.Members(0);
        }

        _fields.AddRange(inner._fields);
    }

    private bool LooksLikeJson(int node) =>
        _tree.IsObject(node) || (_tree.Kind(node) == JsonTokenType.String && _tree.Text(node) is { Length: > 1 } text && text.TrimStart().StartsWith("{", StringComparison.Ordinal));

    // A list of plain values is a name that the payload repeats.
    private void AddValue(string name, int node)
    {
        if (_tree.IsArray(node))
        {
            if (node + 1 == _tree.End(node))
            {
                _fields.Add(new EventField(name, null));
            }

            for (int i = node + 1; i < _tree.End(node); i = _tree.End(i))
            {
                _fields.Add(new EventField(name, Value(i)));
            }

            return;
        }

        _fields.Add(new EventField(name, Value(node)));
    }

    private object? Value(int node)
    {
        if (_tree.IsObject(node))
        {
            // A value with attributes around it is that value.
            int text = _tree.Find(node, "#text");
            if (text >= 0)
            {
                return Value(text);
            }

            var members = new List<EventField>();
            for (int i = node + 1; i < _tree.End(node); i = _tree.End(i))
            {
                if (!IsAttribute(_tree.Name(i)))
                {
                    members.Add(new EventField(_tree.Name(i), Value(i)));
                }
            }

            return members.ToArray();
        }

        if (_tree.IsArray(node))
        {
            var items = new List<object?>();
            for (int i = node + 1; i < _tree.End(node); i = _tree.End(i))
            {
                items.Add(Value(i));
            }

            return items.ToArray();
        }

        return _tree.Scalar(node);
    }

    private static bool IsAttribute(string name) =>
        name is "#attributes" or "xmlns" or "@xmlns" || name.EndsWith("_attributes", StringComparison.Ordinal) || name.StartsWith("@xmlns:", StringComparison.Ordinal);
}
