using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace ApiLevel.Formats.EventLog;

/// <summary>
/// Decodes the records of one chunk at a time. A template is compiled at its first use in the chunk; a record is then a walk over
/// the compiled nodes, first over the System element alone, later over the payload, each value converted where it is wanted.
/// </summary>
internal sealed partial class BinXmlDecoder
{
    /// <summary>BinXml values within BinXml values; and elements within elements; real events have a few.</summary>
    public const int MaximumNesting = 32;

    /// <summary>What one record may cost, in bytes walked over; the largest real one is below a twentieth of this.</summary>
    public const long WorkPerRecord = 8 << 20;

    private const int NodeCost = 32;
    private const string OverwrittenTemplate = "its template definition was overwritten";

    private static readonly EventField[] s_noFields = [];

    private readonly TextPool _pool = new();
    private readonly BinXmlCompiler _compiler;
    private readonly Dictionary<int, BinXmlProgram?> _templates = [];
    private readonly List<Fragment> _fragments = [];
    private readonly StringBuilder _text = new();
    private byte[] _chunk = [];
    private int _length;
    private Slot[] _slots = new Slot[256];
    private int _slotCount;
    private EventField[] _fields = new EventField[64];
    private int _fieldCount;
    private ReadBudget _budget = null!;
    private string? _lastGuidText;
    private Guid? _lastGuid;

    public BinXmlDecoder() => _compiler = new BinXmlCompiler(_pool);

    /// <summary>Where the templates of the whole log are collected; null where nobody asks for them.</summary>
    public BinXmlTemplates? Templates { get; init; }

    /// <summary>
    /// Records are read that may be older than what stands around them: a definition counts only when it has the identifier that the
    /// record names, and one of another chunk stands in for it.
    /// </summary>
    public bool IsRecovering { get; set; }

    /// <summary>Whether the record's own template is lost, and its System element was read by Windows' usual one.</summary>
    public bool UsesStandIn { get; private set; }

    /// <summary>The first thing that was wrong with the record; null while nothing was.</summary>
    public string? Fault { get; private set; }

    private ReadOnlySpan<byte> Chunk => _chunk.AsSpan(0, _length);

    /// <summary>Begins a chunk. What was compiled for another one is forgotten: its offsets mean nothing here.</summary>
    public void SetChunk(byte[] buffer, int length)
    {
        _chunk = buffer;
        _length = length;
        _templates.Clear();
        _fragments.Clear();
        _slotCount = 0;
    }

    /// <summary>Finds the fragments of a record and their values; decodes none of them.</summary>
    /// <param name="start">Where the BinXML begins.</param>
    /// <param name="end">Where it ends.</param>
    /// <param name="budget">What the record may cost.</param>
    /// <returns>False when not even the first fragment can be read; <see cref="Fault"/> tells why.</returns>
    public bool TryBegin(int start, int end, ReadBudget budget)
    {
        Fault = null;
        UsesStandIn = false;
        _budget = budget;
        _fragments.Clear();
        _slotCount = 0;
        _fieldCount = 0;
        int pos = start;
        while (TryNextFragment(ref pos, end, out Fragment fragment))
        {
            _fragments.Add(fragment);
        }

        if (_fragments.Count == 0)
        {
            SetFault("a record without BinXML");
            return false;
        }

        return true;
    }

    /// <summary>Fills the header from the System element.</summary>
    /// <returns>False when the record has no System element.</returns>
    public bool TryFillHeader(EventRecord record)
    {
        foreach (Fragment fragment in _fragments)
        {
            if (Header(fragment, record, nested: false))
            {
                return true;
            }
        }

        // Unusual but allowed: the System element comes out of a value.
        foreach (Fragment fragment in _fragments)
        {
            if (Header(fragment, record, nested: true))
            {
                return true;
            }
        }

        SetFault("a record without a System element");
        return false;
    }

    /// <summary>Fills the fields.</summary>
    public void FillPayload(EventRecord record)
    {
        _fieldCount = 0;
        foreach (Fragment fragment in _fragments)
        {
            BinXmlNode[] nodes = fragment.Program.Nodes;
            for (int i = 0; i < nodes.Length; i = nodes[i].End)
            {
                if (nodes[i].Kind != BinXmlNodeKind.Element)
                {
                    continue;
                }

                if (nodes[i].Known == KnownName.Event)
                {
                    EventContent(fragment, nodes[i].Content, nodes[i].End, record);
                }
                else
                {
                    EventContent(fragment, i, nodes[i].End, record);
                }
            }
        }

        record.Fields = TakeFields(0);
        record.PayloadState = Fault is null ? PayloadState.Decoded : record.Fields.Count > 0 ? PayloadState.Partial : PayloadState.Undecoded;
    }

    private bool Header(in Fragment fragment, EventRecord record, bool nested)
    {
        BinXmlNode[] nodes = fragment.Program.Nodes;
        for (int i = 0; i < nodes.Length; i = nodes[i].End)
        {
            if (nodes[i].Kind != BinXmlNodeKind.Element || nodes[i].Known != KnownName.Event)
            {
                if (nodes[i].Kind == BinXmlNodeKind.Element && nodes[i].Known == KnownName.System)
                {
                    SystemElement(fragment, i, record);
                    return true;
                }

                continue;
            }

            int end = nodes[i].End;
            for (int child = nodes[i].Content; child < end; child = nodes[child].End)
            {
                if (nodes[child].Kind == BinXmlNodeKind.Element && nodes[child].Known == KnownName.System)
                {
                    SystemElement(fragment, child, record);
                    return true;
                }

                if (nested && TrySlot(fragment, child, out Slot slot) && slot.Type == BinXmlType.BinXml && HeaderInValue(slot, record))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private bool HeaderInValue(in Slot slot, EventRecord record)
    {
        bool found = false;
        if (Enter())
        {
            int mark = _slotCount;
            int pos = slot.Offset;
            while (!found && TryNextFragment(ref pos, slot.Offset + slot.Length, out Fragment inner))
            {
                found = Header(inner, record, nested: true);
                _slotCount = mark;
            }

            _slotCount = mark;
            _budget.Leave();
        }

        return found;
    }

    private void SystemElement(in Fragment fragment, int element, EventRecord record)
    {
        BinXmlNode[] nodes = fragment.Program.Nodes;
        int end = nodes[element].End;
        for (int i = nodes[element].Content; i < end; i = nodes[i].End)
        {
            if (nodes[i].Kind != BinXmlNodeKind.Element || !Spend(NodeCost) || IsAbsent(fragment, i))
            {
                continue;
            }

            int content = nodes[i].Content;
            int contentEnd = nodes[i].End;
            long number;
            switch (nodes[i].Known)
            {
                case KnownName.EventID:
                    if (TryNumber(fragment, content, contentEnd, out number))
                    {
                        record.EventId = (int)(number & 0xFFFF); // the upper half would be the qualifiers
                    }

                    break;
                case KnownName.Version:
                    record.EventVersion = TryNumber(fragment, content, contentEnd, out number) ? (int)number : 0;
                    break;
                case KnownName.Level:
                    record.Level = TryNumber(fragment, content, contentEnd, out number) ? (int)number : 0;
                    break;
                case KnownName.Task:
                    record.Task = TryNumber(fragment, content, contentEnd, out number) ? (int)number : 0;
                    break;
                case KnownName.Opcode:
                    record.Opcode = TryNumber(fragment, content, contentEnd, out number) ? (int)number : 0;
                    break;
                case KnownName.Keywords:
                    record.Keywords = TryNumber(fragment, content, contentEnd, out number) ? (ulong)number : 0;
                    break;
                case KnownName.EventRecordID:
                    if (TryNumber(fragment, content, contentEnd, out number))
                    {
                        record.RecordId = number;
                    }

                    break;
                case KnownName.Channel:
                    record.Channel = TextOf(fragment, content, contentEnd);
                    break;
                case KnownName.Computer:
                    record.Computer = TextOf(fragment, content, contentEnd);
                    break;
                default:
                    SystemAttributes(fragment, i, record);
                    break;
            }
        }
    }

    private void SystemAttributes(in Fragment fragment, int element, EventRecord record)
    {
        BinXmlNode[] nodes = fragment.Program.Nodes;
        KnownName owner = nodes[element].Known;
        for (int i = element + 1; i < nodes[element].Content; i = nodes[i].End)
        {
            int start = i + 1;
            int end = nodes[i].End;
            switch (owner, nodes[i].Known)
            {
                case (KnownName.Provider, KnownName.Name):
                    record.Provider = TextOf(fragment, start, end) ?? "";
                    break;
                case (KnownName.Provider, KnownName.Guid):
                    record.ProviderId = GuidOf(fragment, start, end);
                    break;
                case (KnownName.TimeCreated, KnownName.SystemTime):
                    // Zero is no time: the time in the record's own header is used instead.
                    record.TimeCreated = TimeOf(fragment, start, end) is { Ticks: > BinXmlValue.Year1601 } time ? time : record.TimeCreated;
                    break;
                case (KnownName.Correlation, KnownName.ActivityID):
                    Guid? activity = GuidOf(fragment, start, end);
                    record.ActivityId = activity == Guid.Empty ? null : activity;
                    break;
                case (KnownName.Execution, KnownName.ProcessID):
                    record.ProcessId = TryNumber(fragment, start, end, out long process) ? unchecked((int)process) : null;
                    break;
                case (KnownName.Execution, KnownName.ThreadID):
                    record.ThreadId = TryNumber(fragment, start, end, out long thread) ? unchecked((int)thread) : null;
                    break;
                case (KnownName.Security, KnownName.UserID):
                    record.UserSid = TextOf(fragment, start, end);
                    break;
            }
        }
    }

    // The children of Event other than System: EventData, UserData, and rarer ones such as ProcessingErrorData.
    private void EventContent(in Fragment fragment, int start, int end, EventRecord record)
    {
        BinXmlNode[] nodes = fragment.Program.Nodes;
        for (int i = start; i < end && Fault is null; i = nodes[i].End)
        {
            if (nodes[i].Kind == BinXmlNodeKind.Substitution)
            {
                if (TrySlot(fragment, i, out Slot slot) && slot.Type == BinXmlType.BinXml)
                {
                    Nested(slot, Place.Event, record);
                }

                continue;
            }

            if (nodes[i].Kind != BinXmlNodeKind.Element || nodes[i].Known is KnownName.System or KnownName.RenderingInfo
                || !Spend(NodeCost) || IsAbsent(fragment, i))
            {
                continue;
            }

            switch (nodes[i].Known)
            {
                case KnownName.EventData:
                    record.EventName ??= nodes[i].Label;
                    DataContent(fragment, nodes[i].Content, nodes[i].End);
                    break;
                case KnownName.UserData:
                    UserContent(fragment, nodes[i].Content, nodes[i].End);
                    break;
                default:
                    UserContent(fragment, i, nodes[i].End);
                    break;
            }
        }
    }

    private void DataContent(in Fragment fragment, int start, int end)
    {
        BinXmlNode[] nodes = fragment.Program.Nodes;
        for (int i = start; i < end && Fault is null; i = nodes[i].End)
        {
            if (nodes[i].Kind == BinXmlNodeKind.Substitution)
            {
                if (TrySlot(fragment, i, out Slot slot))
                {
                    if (slot.Type == BinXmlType.BinXml)
                    {
                        Nested(slot, Place.Data, null);
                    }
                    else
                    {
                        AddValues("Data", slot);
                    }
                }

                continue;
            }

            if (nodes[i].Kind != BinXmlNodeKind.Element || !Spend(NodeCost) || IsAbsent(fragment, i))
            {
                continue;
            }

            string name = nodes[i].Label ?? (nodes[i].Known == KnownName.Data ? DynamicName(fragment, i) ?? "Data" : nodes[i].Text);
            AddContent(name, fragment, i, withAttributes: nodes[i].Known is not (KnownName.Data or KnownName.Binary));
        }
    }

    // A provider's UserData is one element of its own around the values; the name of that element is no field.
    private void UserContent(in Fragment fragment, int start, int end)
    {
        BinXmlNode[] nodes = fragment.Program.Nodes;
        for (int i = start; i < end && Fault is null; i = nodes[i].End)
        {
            if (nodes[i].Kind == BinXmlNodeKind.Substitution)
            {
                if (TrySlot(fragment, i, out Slot slot) && slot.Type == BinXmlType.BinXml)
                {
                    Nested(slot, Place.User, null);
                }

                continue;
            }

            if (nodes[i].Kind != BinXmlNodeKind.Element || !Spend(NodeCost) || IsAbsent(fragment, i))
            {
                continue;
            }

            if (IsLeaf(fragment, i))
            {
                AddContent(nodes[i].Text, fragment, i, withAttributes: false);
            }
            else
            {
                Attributes(fragment, i);
                Children(fragment, nodes[i].Content, nodes[i].End);
            }
        }
    }

    private void Attributes(in Fragment fragment, int element)
    {
        BinXmlNode[] nodes = fragment.Program.Nodes;
        for (int i = element + 1; i < nodes[element].Content && Fault is null; i = nodes[i].End)
        {
            if (!IsNamespace(nodes[i]) && Spend(NodeCost) && !IsMissing(fragment, i + 1, nodes[i].End))
            {
                AddField(nodes[i].Text, ValueOf(fragment, i + 1, nodes[i].End));
            }
        }
    }

    // Child elements as fields, whatever they are called.
    private void Children(in Fragment fragment, int start, int end)
    {
        BinXmlNode[] nodes = fragment.Program.Nodes;
        for (int i = start; i < end && Fault is null; i = nodes[i].End)
        {
            if (nodes[i].Kind == BinXmlNodeKind.Element)
            {
                if (Spend(NodeCost) && !IsAbsent(fragment, i))
                {
                    // EventData may stand inside of UserData, with the names in attributes.
                    string name = nodes[i].Known == KnownName.Data && nodes[i].Label is { } label ? label : nodes[i].Text;
                    AddContent(name, fragment, i, withAttributes: nodes[i].Known != KnownName.Data);
                }
            }
            else if (nodes[i].Kind == BinXmlNodeKind.Substitution && TrySlot(fragment, i, out Slot slot))
            {
                if (slot.Type == BinXmlType.BinXml)
                {
                    Nested(slot, Place.Children, null);
                }
                else if (start != i || nodes[i].End != end)
                {
                    AddValues("Value", slot); // text beside elements
                }
            }
        }
    }

    private void Nested(in Slot slot, Place place, EventRecord? record)
    {
        if (!Enter())
        {
            return;
        }

        int mark = _slotCount;
        int pos = slot.Offset;
        while (Fault is null && TryNextFragment(ref pos, slot.Offset + slot.Length, out Fragment inner))
        {
            int end = inner.Program.Nodes.Length;
            switch (place)
            {
                case Place.Event:
                    EventContent(inner, 0, end, record!);
                    break;
                case Place.Data:
                    DataContent(inner, 0, end);
                    break;
                case Place.User:
                    UserContent(inner, 0, end);
                    break;
                default:
                    Children(inner, 0, end);
                    break;
            }

            _slotCount = mark;
        }

        _slotCount = mark;
        _budget.Leave();
    }

    // Adds an element's content under a name: once, or once for each value of an array, as the XML repeats the element.
    private void AddContent(string name, in Fragment fragment, int element, bool withAttributes)
    {
        BinXmlNode[] nodes = fragment.Program.Nodes;
        int start = nodes[element].Content;
        int end = nodes[element].End;
        if (start + 1 == end && !withAttributes)
        {
            ref BinXmlNode only = ref nodes[start];
            if (only.Kind == BinXmlNodeKind.Text)
            {
                AddField(name, nodes[element].Known == KnownName.Binary && TryHex(only.Text, out byte[] bytes) ? bytes : only.Text);
                return;
            }

            if (only.Kind == BinXmlNodeKind.Substitution)
            {
                if (!TrySlot(fragment, start, out Slot slot))
                {
                    AddField(name, null);
                    return;
                }

                if (slot.Type != BinXmlType.BinXml)
                {
                    AddValues(name, slot);
                    return;
                }
            }
        }

        if (withAttributes ? IsLeaf(fragment, element) : !HasElements(fragment, start, end))
        {
            if (start + 1 == end && nodes[start].Kind == BinXmlNodeKind.Substitution && TrySlot(fragment, start, out Slot slot))
            {
                AddValues(name, slot);
            }
            else
            {
                AddField(name, ValueOf(fragment, start, end));
            }

            return;
        }

        if (!Enter())
        {
            return;
        }

        int mark = _fieldCount;
        if (withAttributes)
        {
            Attributes(fragment, element);
        }

        if (HasElements(fragment, start, end))
        {
            Children(fragment, start, end);
        }
        else if (start < end && ValueOf(fragment, start, end) is { } value)
        {
            AddField("Value", value);
        }

        EventField[] inner = TakeFields(mark);
        _budget.Leave();
        AddField(name, inner);
    }

    private void AddValues(string name, in Slot slot)
    {
        if ((slot.Type & BinXmlType.Array) == 0)
        {
            AddField(name, Convert(slot.Type, Bytes(slot)));
            return;
        }

        byte type = (byte)(slot.Type & ~BinXmlType.Array);
        ReadOnlySpan<byte> rest = Bytes(slot);
        if (rest.IsEmpty)
        {
            AddField(name, null);
        }

        while (Spend(NodeCost) && BinXmlValue.TryNextItem(type, ref rest, out ReadOnlySpan<byte> item))
        {
            AddField(name, Convert(type, item));
        }
    }

    private object? Convert(byte type, ReadOnlySpan<byte> bytes) => Spend(bytes.Length) ? BinXmlValue.ToObject(type, bytes, _pool) : null;

    private void AddField(string name, object? value)
    {
        if (_fieldCount == _fields.Length)
        {
            Array.Resize(ref _fields, _fieldCount * 2); // bounded by the record's budget
        }

        _fields[_fieldCount++] = new EventField(name, value);
    }

    private EventField[] TakeFields(int mark)
    {
        if (_fieldCount == mark)
        {
            return s_noFields;
        }

        EventField[] taken = _fields.AsSpan(mark, _fieldCount - mark).ToArray();
        Array.Clear(_fields, mark, taken.Length);
        _fieldCount = mark;
        return taken;
    }

    // A value of content without elements: typed when it is one substitution, else the text.
    private object? ValueOf(in Fragment fragment, int start, int end)
    {
        if (start + 1 == end && fragment.Program.Nodes[start].Kind == BinXmlNodeKind.Substitution)
        {
            if (!TrySlot(fragment, start, out Slot slot))
            {
                return null;
            }

            if ((slot.Type & BinXmlType.Array) == 0)
            {
                return slot.Type == BinXmlType.BinXml ? null : Convert(slot.Type, Bytes(slot));
            }
        }

        return TextOf(fragment, start, end);
    }

    /// <summary>The text of content without elements; null when there is none.</summary>
    private string? TextOf(in Fragment fragment, int start, int end)
    {
        if (start == end)
        {
            return null;
        }

        BinXmlNode[] nodes = fragment.Program.Nodes;
        if (start + 1 == end)
        {
            if (nodes[start].Kind == BinXmlNodeKind.Text)
            {
                return nodes[start].Text;
            }

            if (nodes[start].Kind == BinXmlNodeKind.Substitution && TrySlot(fragment, start, out Slot slot) && Spend(slot.Length))
            {
                if (slot.Type == BinXmlType.String)
                {
                    return _pool.Utf16(BinXmlValue.TrimUtf16(Bytes(slot)));
                }

                if (slot.Type == BinXmlType.Sid && _pool.Sid(Bytes(slot)) is { } sid)
                {
                    return sid;
                }
            }
        }

        _text.Clear();
        bool any = false;
        for (int i = start; i < end && Fault is null; i = nodes[i].End)
        {
            if (nodes[i].Kind == BinXmlNodeKind.Text && Spend(nodes[i].Text.Length))
            {
                _text.Append(nodes[i].Text);
                any = true;
            }
            else if (nodes[i].Kind == BinXmlNodeKind.Substitution && TrySlot(fragment, i, out Slot slot))
            {
                AppendSlot(_text, slot);
                any = true;
            }
        }

        return any ? _text.ToString() : null;
    }

    // A value inside of text; the items of an array with commas, as the XML has them in attributes.
    private void AppendSlot(StringBuilder text, in Slot slot)
    {
        if (slot.Type == BinXmlType.BinXml || !Spend(slot.Length))
        {
            return;
        }

        if ((slot.Type & BinXmlType.Array) == 0)
        {
            BinXmlValue.AppendText(text, slot.Type, Bytes(slot), _pool);
            return;
        }

        byte type = (byte)(slot.Type & ~BinXmlType.Array);
        ReadOnlySpan<byte> rest = Bytes(slot);
        bool first = true;
        while (BinXmlValue.TryNextItem(type, ref rest, out ReadOnlySpan<byte> item))
        {
            if (!first)
            {
                text.Append(',');
            }

            first = false;
            BinXmlValue.AppendText(text, type, item, _pool);
        }
    }

    private bool TryNumber(in Fragment fragment, int start, int end, out long value)
    {
        if (start + 1 == end && TrySlot(fragment, start, out Slot slot) && BinXmlValue.TryInteger(slot.Type, Bytes(slot), out value))
        {
            return true;
        }

        value = 0;
        return TextOf(fragment, start, end) is { } text && TextNumber.TryParse(text, out value);
    }

    private Guid? GuidOf(in Fragment fragment, int start, int end)
    {
        if (start + 1 == end && TrySlot(fragment, start, out Slot slot) && slot is { Type: BinXmlType.Guid, Length: 16 })
        {
            return BinXmlValue.ReadGuid(Bytes(slot));
        }

        string? text = TextOf(fragment, start, end);
        if (text is null)
        {
            return null;
        }

        if (!ReferenceEquals(text, _lastGuidText))
        {
            _lastGuidText = text;
            _lastGuid = Guid.TryParse(text, out Guid guid) ? guid : null;
        }

        return _lastGuid;
    }

    private DateTime? TimeOf(in Fragment fragment, int start, int end)
    {
        if (start + 1 == end && TrySlot(fragment, start, out Slot slot) && Convert(slot.Type, Bytes(slot)) is DateTime time)
        {
            return time;
        }

        return TextOf(fragment, start, end) is { } text
            && DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out time)
            ? time
            : null;
    }

    private string? DynamicName(in Fragment fragment, int element)
    {
        BinXmlNode[] nodes = fragment.Program.Nodes;
        for (int i = element + 1; i < nodes[element].Content; i = nodes[i].End)
        {
            if (nodes[i].Known == KnownName.Name)
            {
                return TextOf(fragment, i + 1, nodes[i].End);
            }
        }

        return null;
    }

    // An element is left out when the substitution that it depends on, or the optional one that is its whole content, is null. An empty
    // string is not null.
    private bool IsAbsent(in Fragment fragment, int element)
    {
        ref BinXmlNode node = ref fragment.Program.Nodes[element];
        if (node.Value != BinXmlProgram.NoDependency && IsNull(fragment, node.Value))
        {
            return true;
        }

        return node.Content < node.End && IsMissing(fragment, node.Content, node.End);
    }

    // Content that is one optional substitution without a value.
    private bool IsMissing(in Fragment fragment, int start, int end)
    {
        if (start + 1 != end)
        {
            return false;
        }

        ref BinXmlNode node = ref fragment.Program.Nodes[start];
        return node.Kind == BinXmlNodeKind.Substitution && node.Optional && IsNull(fragment, node.Value);
    }

    private bool IsNull(in Fragment fragment, ushort substitution) =>
        substitution >= fragment.Count || _slots[fragment.Base + substitution].Type == BinXmlType.Null;

    private bool IsLeaf(in Fragment fragment, int element)
    {
        BinXmlNode[] nodes = fragment.Program.Nodes;
        for (int i = element + 1; i < nodes[element].Content; i = nodes[i].End)
        {
            if (!IsNamespace(nodes[i]))
            {
                return false;
            }
        }

        return !HasElements(fragment, nodes[element].Content, nodes[element].End);
    }

    private bool HasElements(in Fragment fragment, int start, int end)
    {
        BinXmlNode[] nodes = fragment.Program.Nodes;
        for (int i = start; i < end; i = nodes[i].End)
        {
            if (nodes[i].Kind == BinXmlNodeKind.Element || (TrySlot(fragment, i, out Slot slot) && slot.Type == BinXmlType.BinXml))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsNamespace(in BinXmlNode attribute) =>
        attribute.Known == KnownName.Xmlns || attribute.Text.StartsWith("xmlns:", StringComparison.Ordinal);

    // The value of a substitution node; false for other nodes and for null.
    private bool TrySlot(in Fragment fragment, int node, out Slot slot)
    {
        ref BinXmlNode at = ref fragment.Program.Nodes[node];
        if (at.Kind != BinXmlNodeKind.Substitution || at.Value >= fragment.Count)
        {
            slot = default;
            return false;
        }

        slot = _slots[fragment.Base + at.Value];
        return slot.Type != BinXmlType.Null;
    }

    private ReadOnlySpan<byte> Bytes(in Slot slot) => _chunk.AsSpan(slot.Offset, slot.Length);

    /// <summary>Reads the next fragment's frame: its program, and where its values lie.</summary>
    private bool TryNextFragment(ref int pos, int end, out Fragment fragment)
    {
        fragment = default;
        if (pos >= end || _chunk[pos] == BinXmlToken.EndOfFragment)
        {
            return false; // what lies behind the end token pads the record: real logs have parts of older records there
        }

        if (_chunk[pos] == BinXmlToken.FragmentHeader)
        {
            pos += BinXmlToken.FragmentHeaderSize;
        }

        if (pos >= end)
        {
            return false;
        }

        switch (_chunk[pos] & ~BinXmlToken.HasMore)
        {
            case BinXmlToken.TemplateInstance:
                return TryTemplateInstance(ref pos, end, out fragment);
            case BinXmlToken.OpenStartElement:
                bool compiled = _compiler.TryCompile(Chunk, pos, end, isDefinition: false, out BinXmlProgram program, out int next);
                if (!Spend((long)_compiler.Cost * NodeCost) || !compiled)
                {
                    return SetFault(_compiler.Fault);
                }

                pos = next;
                fragment = new Fragment(program, _slotCount, 0);
                return true;
            default:
                return SetFault("a fragment begins with an unknown token");
        }
    }

    private bool TryTemplateInstance(ref int pos, int end, out Fragment fragment)
    {
        fragment = default;
        if (end - pos < 14)
        {
            return SetFault("a template instance is cut short");
        }

        ReadOnlySpan<byte> chunk = Chunk;
        uint offset = BinaryPrimitives.ReadUInt32LittleEndian(chunk.Slice(pos + 6));
        int p = pos + 10;
        if (offset > (uint)(chunk.Length - 24))
        {
            return SetFault("a template definition lies outside of its chunk");
        }

        int definition = (int)offset;
        uint id = BinaryPrimitives.ReadUInt32LittleEndian(chunk.Slice(pos + 2));
        uint size = BinaryPrimitives.ReadUInt32LittleEndian(chunk.Slice(definition + 20));
        BinXmlProgram? program = null;
        bool isStandIn = false;
        if (IsRecovering && id != BinaryPrimitives.ReadUInt32LittleEndian(chunk.Slice(definition + 4)))
        {
            if (definition == p)
            {
                return SetFault(OverwrittenTemplate);
            }

            if (Templates?.TryGet(id, out program) != true)
            {
                program = BinXmlStandIn.Find((int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(chunk.Slice(p)), int.MaxValue));
                if (program is null)
                {
                    return SetFault(OverwrittenTemplate);
                }

                isStandIn = true;
            }
        }
        else if (size > (uint)(chunk.Length - definition - 24))
        {
            return SetFault("a template definition is longer than its chunk");
        }
        else if (!_templates.TryGetValue(definition, out program) && (!IsRecovering || Templates?.TryGet(id, out program) != true))
        {
            int start = definition + 24;
            if (!_compiler.TryCompile(chunk, start, start + (int)size, isDefinition: true, out program, out _))
            {
                program = null;
                SetFault(_compiler.Fault);
            }
            else
            {
                Templates?.Add(id, program);
            }

            _templates.Add(definition, program);
            if (!Spend((long)_compiler.Cost * NodeCost))
            {
                return false;
            }
        }

        if (program is null)
        {
            return SetFault("a template definition that cannot be read");
        }

        if (definition == p)
        {
            p += 24 + (int)size;
            if (end - p < 4)
            {
                return SetFault("a template instance is cut short");
            }
        }

        uint count = BinaryPrimitives.ReadUInt32LittleEndian(chunk.Slice(p));
        p += 4;
        if (count > (uint)(end - p) / 4 || !Spend(4 * count))
        {
            return SetFault("more template values than the record has room for");
        }

        int values = p + (4 * (int)count);
        fragment = new Fragment(program, _slotCount, (int)count);
        while (_slots.Length - _slotCount < count)
        {
            Array.Resize(ref _slots, _slots.Length * 2);
        }

        for (int i = 0; i < (int)count; i++)
        {
            int length = BinaryPrimitives.ReadUInt16LittleEndian(chunk.Slice(p));
            byte type = chunk[p + 2];
            p += 4;
            if (length > end - values)
            {
                // The values before are complete; this one and those after it are lost.
                SetFault("the values of a template are cut short");
                length = end - values;
                type = BinXmlType.Null;
            }

            _slots[_slotCount++] = new Slot(values, length, type);
            values += length;
        }

        pos = values;
        if (isStandIn)
        {
            UsesStandIn = true;
            for (int i = 0; i < (int)count; i++)
            {
                if (!BinXmlStandIn.Fits((int)count, i, _slots[fragment.Base + i].Type))
                {
                    return SetFault(OverwrittenTemplate);
                }
            }
        }

        return true;
    }

    private bool Enter() => _budget.TryEnter() || SetFault(_budget.Exhausted!);

    private bool Spend(long work) => _budget.TrySpend(work) || SetFault(_budget.Exhausted!);

    private bool SetFault(string fault)
    {
        Fault ??= fault;
        return false;
    }

    private enum Place
    {
        Event,
        Data,
        User,
        Children,
    }

    private readonly struct Slot(int offset, int length, byte type)
    {
        public readonly int Offset = offset;
        public readonly int Length = length;
        public readonly byte Type = type;
    }

    private readonly struct Fragment(BinXmlProgram program, int slotBase, int count)
    {
        public readonly BinXmlProgram Program = program;
        public readonly int Base = slotBase;
        public readonly int Count = count;
    }

    private static bool TryHex(string text, out byte[] bytes)
    {
        bytes = [];
        if ((text.Length & 1) != 0)
        {
            return false;
        }

        var result = new byte[text.Length / 2];
        for (int i = 0; i < text.Length; i++)
        {
            int digit = text[i] switch
            {
                >= '0' and <= '9' => text[i] - '0',
                >= 'A' and <= 'F' => text[i] - 'A' + 10,
                >= 'a' and <= 'f' => text[i] - 'a' + 10,
                _ => -1,
            };
            if (digit < 0)
            {
                return false;
            }

            result[i / 2] = (byte)((result[i / 2] << 4) | digit);
        }

        bytes = result;
        return true;
    }
}
