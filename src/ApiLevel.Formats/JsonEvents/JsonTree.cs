using System;
using System.Collections.Generic;
using System.Text.Json;

namespace ApiLevel.Formats.JsonEvents;

/// <summary>
/// One JSON value as a flat list of nodes in the order of the text. Names are shared strings; a value is converted when it is asked
/// for. JsonDocument makes a string for each name that is read, which would be most of the cost here.
/// </summary>
internal sealed class JsonTree(TextPool pool)
{
    private const int MaximumDepth = 64;

    // An event of 64 KiB cannot have more values than this, whatever it is written out as.
    private const int MaximumNodes = 1 << 17;

    private static readonly JsonReaderOptions s_options = new()
    {
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
        MaxDepth = MaximumDepth,
    };

    private readonly List<int> _open = [];
    private readonly System.Text.StringBuilder _text = new();
    private Node[] _nodes = new Node[256];
    private ReadOnlyMemory<byte> _json;

    /// <summary>How many nodes there are; the first is the whole value.</summary>
    public int Count { get; private set; }

    /// <summary>Reads a value. The bytes must stay until the last question is asked.</summary>
    /// <returns>What is wrong with it; null when nothing is.</returns>
    public string? Parse(ReadOnlyMemory<byte> json)
    {
        _json = json;
        Count = 0;
        _open.Clear();
        string name = "";
        try
        {
            var reader = new Utf8JsonReader(json.Span, s_options);
            while (reader.Read())
            {
                switch (reader.TokenType)
                {
                    case JsonTokenType.PropertyName:
                        name = reader.ValueIsEscaped ? Unescape(reader.ValueSpan) : pool.Utf8(reader.ValueSpan);
                        continue;
                    case JsonTokenType.EndObject or JsonTokenType.EndArray:
                        int opened = _open[_open.Count - 1];
                        _open.RemoveAt(_open.Count - 1);
                        _nodes[opened].End = Count;
                        continue;
                }

                if (Count == _nodes.Length)
                {
                    if (Count >= MaximumNodes)
                    {
                        return "more values than an event can have; it was skipped";
                    }

                    Array.Resize(ref _nodes, 2 * Count);
                }

                if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                {
                    _open.Add(Count);
                }

                _nodes[Count] = new Node
                {
                    Name = name,
                    Kind = reader.TokenType,
                    Start = (int)reader.TokenStartIndex,
                    Length = (int)(reader.BytesConsumed - reader.TokenStartIndex),
                    Escaped = reader.ValueIsEscaped,
                    End = ++Count,
                };
                name = "";
            }
        }
        catch (JsonException exception)
        {
            return "no valid JSON (" + (exception.BytePositionInLine is { } at ? "at byte " + at.ToString(System.Globalization.CultureInfo.InvariantCulture) : "somewhere") + ")";
        }

        return Count == 0 ? "no JSON value" : null;
    }

    public JsonTokenType Kind(int node) => _nodes[node].Kind;

    public string Name(int node) => _nodes[node].Name;

    /// <summary>The index after a node and everything in it.</summary>
    public int End(int node) => _nodes[node].End;

    public bool IsObject(int node) => _nodes[node].Kind == JsonTokenType.StartObject;

    public bool IsArray(int node) => _nodes[node].Kind == JsonTokenType.StartArray;

    /// <summary>A member by name, without case; -1 without.</summary>
    public int Find(int node, string name)
    {
        if (IsObject(node))
        {
            for (int i = node + 1; i < _nodes[node].End; i = _nodes[i].End)
            {
                if (string.Equals(_nodes[i].Name, name, StringComparison.OrdinalIgnoreCase))
                {
                    return i;
                }
            }
        }

        return -1;
    }

    /// <summary>The text of a string, number or truth value; null for null, objects and arrays.</summary>
    public string? Text(int node)
    {
        ref Node at = ref _nodes[node];
        ReadOnlySpan<byte> token = _json.Span.Slice(at.Start, at.Length);
        switch (at.Kind)
        {
            case JsonTokenType.String:
                if (!at.Escaped)
                {
                    return pool.Utf8(token.Slice(1, token.Length - 2));
                }

                return Unescape(token.Slice(1, token.Length - 2));
            case JsonTokenType.Number:
                return pool.Utf8(token);
            case JsonTokenType.True:
                return "true";
            case JsonTokenType.False:
                return "false";
            default:
                return null;
        }
    }

    /// <summary>A whole number, from a number or from a text that is one, decimal or 0x.</summary>
    public bool TryNumber(int node, out long value)
    {
        value = 0;
        ref Node at = ref _nodes[node];
        if (at.Kind == JsonTokenType.Number)
        {
            var reader = new Utf8JsonReader(_json.Span.Slice(at.Start, at.Length));
            reader.Read();
            if (reader.TryGetInt64(out value))
            {
                return true;
            }

            if (reader.TryGetUInt64(out ulong unsigned))
            {
                value = unchecked((long)unsigned);
                return true;
            }

            if (reader.TryGetDouble(out double number) && Math.Abs(number) < 9e18)
            {
                value = (long)number; // 4688.0
                return true;
            }

            return false;
        }

        return at.Kind == JsonTokenType.String && Text(node) is { } text && TextNumber.TryParse(text, out value);
    }

    /// <summary>A value with the types that JSON has: a text stays a text, whatever it looks like.</summary>
    public object? Scalar(int node)
    {
        ref Node at = ref _nodes[node];
        switch (at.Kind)
        {
            case JsonTokenType.Number:
                var reader = new Utf8JsonReader(_json.Span.Slice(at.Start, at.Length));
                reader.Read();
                if (reader.TryGetInt64(out long signed))
                {
                    return EventLog.BinXmlValue.Box(signed);
                }

                return reader.TryGetUInt64(out ulong unsigned) ? unsigned : reader.TryGetDouble(out double number) ? number : Text(node);
            case JsonTokenType.True:
                return true;
            case JsonTokenType.False:
                return false;
            default:
                return Text(node);
        }
    }

    /// <summary>
    /// The text of an escaped string whose syntax the reader has checked. Half of a surrogate pair stays what it is, as in other formats;
    /// Utf8JsonReader refuses the whole text for it.
    /// </summary>
    private string Unescape(ReadOnlySpan<byte> bytes)
    {
        _text.Clear();
        while (true)
        {
            int at = bytes.IndexOf((byte)'\\');
            if (at < 0)
            {
                return _text.Append(pool.Utf8(bytes)).ToString();
            }

            _text.Append(pool.Utf8(bytes.Slice(0, at)));
            byte kind = bytes[at + 1];
            int length = 2;
            if (kind == (byte)'u')
            {
                length = 6;
                int value = 0;
                foreach (byte digit in bytes.Slice(at + 2, 4))
                {
                    value = (value << 4) | (digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
                }

                _text.Append((char)value);
            }
            else
            {
                _text.Append(kind switch
                {
                    (byte)'b' => '\b',
                    (byte)'f' => '\f',
                    (byte)'n' => '\n',
                    (byte)'r' => '\r',
                    (byte)'t' => '\t',
                    _ => (char)kind,
                });
            }

            bytes = bytes.Slice(at + length);
        }
    }

    private struct Node
    {
        public string Name;
        public JsonTokenType Kind;
        public bool Escaped;
        public int Start;
        public int Length;
        public int End;
    }
}
