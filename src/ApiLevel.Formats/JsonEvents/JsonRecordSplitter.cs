using System;
using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Threading;

namespace ApiLevel.Formats.JsonEvents;

/// <summary>
/// Cuts JSON text into its records: the objects of an array, of lines, or of one after the other. Only one record is ever in
/// memory. What is no record is reported and skipped. JSON allows no line end inside a string and no object directly after a value,
/// so a line that was cut off is detected at the next one.
/// </summary>
internal sealed class JsonRecordSplitter : IDisposable
{
    /// <summary>The largest record that is read; a Windows event is at most 64 KiB before it is written out.</summary>
    public const int MaximumRecord = 16 << 20;

    private const int Block = 64 << 10;

    private const int MinimumEnvelope = 4096;

    private static readonly string[] s_lists = ["results", "value"];

    // Members that stand before the list in such an answer.
    private static readonly string[] s_before =
    [
        "took", "timed_out", "terminated_early", "num_reduce_phases", "_scroll_id", "pit_id", "_shards", "_clusters", "total", "max_score",
        "preview", "init_offset", "post_process_count", "messages", "fields", "@odata.context", "Count",
    ];

    private readonly ByteSource _source;
    private readonly Decoder? _utf16;
    private readonly CancellationToken _cancellation;
    private byte[] _raw = [];
    private char[] _chars = [];
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(Block);
    private int _start;  // the first byte that is not consumed yet
    private int _length; // the end of what was read
    private bool _sourceEnded;
    private int _openObjects; // those around the list of records that is read

    public JsonRecordSplitter(ByteSource source, CancellationToken cancellation = default)
    {
        _source = source;
        _cancellation = cancellation;
        Span<byte> head = stackalloc byte[4];
        int length = source.Read(0, head);
        TextEncoding encoding = Detect(head.Slice(0, length));
        Position = encoding.BomLength;
        if (encoding.Decoder is { } decoder)
        {
            _utf16 = decoder.GetDecoder();
            _raw = ArrayPool<byte>.Shared.Rent(Block);
            _chars = ArrayPool<char>.Shared.Rent(Block);
        }
    }

    /// <summary>How far the source was read.</summary>
    public long Position { get; private set; }

    /// <summary>The line of the last piece, counted from 1.</summary>
    public long Line { get; private set; } = 1;

    private long _line = 1;

    /// <summary>How the bytes are to be read as text, from the mark at their start or from the zeros in them.</summary>
    public static TextEncoding Detect(ReadOnlySpan<byte> head) => head switch
    {
        [0xEF, 0xBB, 0xBF, ..] => new TextEncoding(null, 3),
        [0xFF, 0xFE, ..] => new TextEncoding(Encoding.Unicode, 2),
        [0xFE, 0xFF, ..] => new TextEncoding(Encoding.BigEndianUnicode, 2),
        [not 0, 0, not 0, 0, ..] => new TextEncoding(Encoding.Unicode, 0),
        [0, not 0, 0, not 0, ..] => new TextEncoding(Encoding.BigEndianUnicode, 0),
        _ => new TextEncoding(null, 0),
    };

    /// <summary>Finds the next record.</summary>
    /// <param name="record">Its bytes, UTF-8, good until the next call; empty for a piece that is none.</param>
    /// <param name="fault">What is wrong with the piece; null for a record.</param>
    /// <returns>False at the end.</returns>
    public bool TryNext(out ReadOnlyMemory<byte> record, out string? fault)
    {
        record = default;
        fault = null;
        while (true)
        {
            while (_start == _length)
            {
                if (!Fill(keep: 0))
                {
                    return false;
                }
            }

            byte b = _buffer[_start];
            switch (b)
            {
                case (byte)'\n':
                    _line++;
                    _start++;
                    continue;
                case (byte)']' when _openObjects > 0:
                    _start++;
                    SkipEnvelope();
                    continue;
                case (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)',' or (byte)'[' or (byte)']' or 0x1E:
                    _start++;
                    continue;
                case (byte)'{' when _openObjects == 0 && TryEnterEnvelope():
                    continue;
                case (byte)'{':
                    Line = _line;
                    return Object(out record, out fault);
                default:
                    Line = _line;
                    SkipToRecord();
                    fault = "no JSON object; it was skipped";
                    return true;
            }
        }
    }

    public void Dispose()
    {
        Return(ref _buffer);
        Return(ref _raw);
        if (_chars.Length > 0)
        {
            ArrayPool<char>.Shared.Return(_chars);
            _chars = [];
        }
    }

    /// <summary>
    /// Goes into the list of records where an object is the answer of a search around one: hits.hits of Elasticsearch, results of Splunk,
    /// value of PowerShell and of OData. What stands before the list decides; it has to be in the bytes that were read already.
    /// </summary>
    private bool TryEnterEnvelope()
    {
        ReadOnlySpan<byte> bytes = _buffer.AsSpan(_start, _length - _start);
        if (bytes.Length < MinimumEnvelope && Fill(keep: bytes.Length))
        {
            bytes = _buffer.AsSpan(_start, _length - _start);
        }

        var reader = new Utf8JsonReader(bytes, isFinalBlock: false, default);
        try
        {
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                // The names that are looked for have no escapes, and comparing one with half a surrogate pair throws.
                if (reader.ValueIsEscaped)
                {
                    return false;
                }

                bool isList = IsAny(reader, s_lists);
                bool isHits = reader.ValueTextEquals("hits"u8);
                if (!isList && !isHits && !IsAny(reader, s_before))
                {
                    return false;
                }

                if (!reader.Read())
                {
                    return false;
                }

                if (isHits && reader.TokenType == JsonTokenType.StartObject && reader.CurrentDepth == 1)
                {
                    continue; // its own members come next
                }

                if ((isList || isHits) && reader.TokenType == JsonTokenType.StartArray)
                {
                    int end = (int)reader.BytesConsumed;
                    int depth = reader.CurrentDepth;
                    bool isOfObjects = reader.Read() && reader.TokenType is JsonTokenType.StartObject or JsonTokenType.EndArray;
                    _openObjects = isOfObjects ? depth : 0;
                    _line += isOfObjects ? Count(bytes.Slice(0, end), (byte)'\n') : 0;
                    _start += isOfObjects ? end : 0;
                    return isOfObjects;
                }

                if (!reader.TrySkip())
                {
                    return false;
                }
            }
        }
        catch (JsonException)
        {
            // Told where the object is read as a record.
        }

        return false;
    }

    private static bool IsAny(in Utf8JsonReader reader, string[] names)
    {
        foreach (string name in names)
        {
            if (reader.ValueTextEquals(name))
            {
                return true;
            }
        }

        return false;
    }

    private static int Count(ReadOnlySpan<byte> bytes, byte value)
    {
        int count = 0;
        foreach (byte b in bytes)
        {
            count += b == value ? 1 : 0;
        }

        return count;
    }

    // What stands behind the list, to the end of the object around it.
    private void SkipEnvelope()
    {
        bool inString = false;
        bool escaped = false;
        while (_openObjects > 0 && (_start < _length || Fill(keep: 0)))
        {
            byte b = _buffer[_start++];
            _line += b == (byte)'\n' ? 1 : 0;
            if (inString)
            {
                inString = escaped || b != (byte)'"';
                escaped = !escaped && b == (byte)'\\';
            }
            else
            {
                inString = b == (byte)'"';
                _openObjects += b is (byte)'{' or (byte)'[' ? 1 : b is (byte)'}' or (byte)']' ? -1 : 0;
            }
        }
    }

    private bool Object(out ReadOnlyMemory<byte> record, out string? fault)
    {
        record = default;
        fault = null;
        int depth = 0;
        bool inString = false;
        bool escaped = false;
        bool tooLong = false;
        byte last = 0;
        int at = 0; // relative to _start, which Fill may move
        while (true)
        {
            while (_start + at == _length)
            {
                if (at > MaximumRecord)
                {
                    // Its end is still searched for, but its bytes are not kept.
                    tooLong = true;
                    _start = _length;
                    at = 0;
                }

                if (!Fill(keep: at))
                {
                    _start = _length;
                    fault = "the file ends inside a record";
                    return true;
                }
            }

            byte b = _buffer[_start + at];
            if (inString)
            {
                if (b == (byte)'\n')
                {
                    _start += at;
                    fault = "a line ends inside a text; the record was skipped";
                    return true;
                }

                if (escaped)
                {
                    escaped = false;
                }
                else if (b == (byte)'\\')
                {
                    escaped = true;
                }
                else if (b == (byte)'"')
                {
                    inString = false;
                    last = b;
                }
                else
                {
                    // The rest of the text, up to a byte that matters, in one step.
                    int run = _buffer.AsSpan(_start + at, _length - _start - at).IndexOfAny((byte)'"', (byte)'\\', (byte)'\n');
                    at += run < 0 ? _length - _start - at : run;
                    continue;
                }

                at++;
                continue;
            }

            switch (b)
            {
                case (byte)' ' or (byte)'\t' or (byte)'\r':
                    at++;
                    continue;
                case (byte)'\n':
                    _line++;
                    at++;
                    continue;
                case (byte)'"':
                    inString = true;
                    break;
                case (byte)'{':
                    if (depth > 0 && last is not ((byte)',' or (byte)':' or (byte)'['))
                    {
                        _start += at; // the next record begins here
                        fault = "a record that does not end; it was skipped";
                        return true;
                    }

                    depth++;
                    break;
                case (byte)'[':
                    depth++;
                    break;
                case (byte)'}' or (byte)']':
                    depth--;
                    break;
            }

            last = b;
            at++;
            if (depth == 0)
            {
                if (tooLong)
                {
                    fault = "a record that is longer than an event can be; it was skipped";
                }
                else
                {
                    record = _buffer.AsMemory(_start, at);
                }

                _start += at;
                return true;
            }
        }
    }

    // Passes over what is no object: to the end of the line, or to the next object of the same line.
    private void SkipToRecord()
    {
        while (_start < _length || Fill(keep: 0))
        {
            int found = _buffer.AsSpan(_start, _length - _start).IndexOfAny((byte)'\n', (byte)'{');
            if (found >= 0)
            {
                _start += found;
                return;
            }

            _start = _length;
        }
    }

    // Reads a further block behind what is kept.
    private bool Fill(int keep)
    {
        // Here, because a piece of any length comes through here, whether it holds a record or not.
        _cancellation.ThrowIfCancellationRequested();
        if (_sourceEnded)
        {
            return false;
        }

        if (_start > 0)
        {
            _buffer.AsSpan(_start, keep).CopyTo(_buffer);
            _start = 0;
            _length = keep;
        }

        int room = _utf16 is null ? Block : 3 * Block;
        if (_buffer.Length - _length < room / 2)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(_length + room, _buffer.Length * 2));
            _buffer.AsSpan(0, _length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        int read;
        if (_utf16 is null)
        {
            read = _source.Read(Position, _buffer.AsSpan(_length, Math.Min(Block, _buffer.Length - _length)));
            _length += read;
        }
        else
        {
            // A UTF-16 unit becomes at most three bytes, and one unit may be left over from the block before.
            int most = Math.Min(_raw.Length, Math.Max(2, ((_buffer.Length - _length) / 3 * 2) - 4));
            read = _source.Read(Position, _raw.AsSpan(0, most));
            int chars = _utf16.GetChars(_raw, 0, read, _chars, 0, flush: read == 0);
            _length += Encoding.UTF8.GetBytes(_chars, 0, chars, _buffer, _length);
        }

        Position += read;
        _sourceEnded = read == 0;
        return read > 0;
    }

    private static void Return(ref byte[] buffer)
    {
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = [];
        }
    }

    /// <param name="Decoder">What makes characters of it; null for UTF-8.</param>
    /// <param name="BomLength">How many bytes stand before the text.</param>
    internal readonly record struct TextEncoding(Encoding? Decoder, int BomLength);
}
