using System;
using System.IO;
using System.Text;

namespace ApiLevel.Formats.Configuration.Sysmon;

/// <summary>
/// Bytes of a configuration as text. The encoding is found as Sysmon finds it: by the byte order mark, else by a zero beside the first
/// character; what the XML declaration says counts for ISO-8859-1 only. Bytes that are no text become U+FFFD.
/// </summary>
internal sealed class ConfigurationText : TextReader
{
    private const int BlockSize = 32 * 1024;

    private readonly ByteSource _source;
    private readonly Decoder _decoder;
    private readonly NotingFallback? _noting;
    private readonly byte[] _bytes = new byte[BlockSize];
    private readonly char[] _chars;
    private long _position;
    private int _start;
    private int _end;
    private bool _isOver;
    private bool _hasBegun;

    public ConfigurationText(ByteSource source)
    {
        _source = source;
        Span<byte> head = stackalloc byte[256];
        head = head.Slice(0, source.Read(0, head));
        Encoding encoding;
        switch (head)
        {
            case [0xFF, 0xFE, ..]:
                encoding = Encoding.Unicode;
                _position = 2;
                break;
            case [0xFE, 0xFF, ..]:
                encoding = Encoding.BigEndianUnicode;
                _position = 2;
                break;
            case [0xEF, 0xBB, 0xBF, ..]:
                encoding = Encoding.UTF8;
                _position = 3;
                break;
            case [not 0, 0, ..]:
                encoding = Encoding.Unicode;
                break;
            case [0, not 0, ..]:
                encoding = Encoding.BigEndianUnicode;
                break;
            default:
                encoding = DeclaresLatin1(head) ? Encoding.GetEncoding(28591) : Encoding.UTF8;
                break;
        }

        _decoder = encoding.GetDecoder();
        _decoder.Fallback = _noting = new NotingFallback();
        _chars = new char[encoding.GetMaxCharCount(BlockSize)];
    }

    /// <summary>Whether bytes were met that are no text in the file's encoding.</summary>
    public bool HasBadBytes => _noting is { Noted: true };

    /// <summary>Line ends that were skipped before the first element: Sysmon takes white space before the XML declaration, XML does not.</summary>
    public int SkippedLines { get; private set; }

    /// <summary>Characters that were skipped on the line of the first element.</summary>
    public int SkippedColumns { get; private set; }

    public override int Peek() => Fill() ? _chars[_start] : -1;

    public override int Read() => Fill() ? _chars[_start++] : -1;

    public override int Read(char[] buffer, int index, int count)
    {
        if (count == 0 || !Fill())
        {
            return 0;
        }

        int length = Math.Min(count, _end - _start);
        Array.Copy(_chars, _start, buffer, index, length);
        _start += length;
        return length;
    }

    private static bool DeclaresLatin1(ReadOnlySpan<byte> head)
    {
        int end = head.IndexOf("?>"u8);
        if (end < 0)
        {
            return false;
        }

        string declaration = Encoding.ASCII.GetString(head.Slice(0, end).ToArray());
        return declaration.TrimStart().StartsWith("<?xml", StringComparison.Ordinal)
            && declaration.IndexOf("iso-8859-1", StringComparison.OrdinalIgnoreCase) >= 0;
    }

    private bool Fill()
    {
        while (_start == _end)
        {
            if (_isOver)
            {
                return false;
            }

            int read = _source.Read(_position, _bytes);
            _position += read;
            _isOver = read == 0;
            _start = 0;
            _end = _decoder.GetChars(_bytes, 0, read, _chars, 0, flush: _isOver);
            if (!_hasBegun)
            {
                SkipWhiteSpace();
            }
        }

        return true;
    }

    private void SkipWhiteSpace()
    {
        for (; _start < _end; _start++)
        {
            switch (_chars[_start])
            {
                case '\n':
                    SkippedLines++;
                    SkippedColumns = 0;
                    break;
                case '\r':
                    SkippedColumns = 0;
                    break;
                case ' ' or '\t' or '\uFEFF':
                    SkippedColumns++;
                    break;
                default:
                    _hasBegun = true;
                    return;
            }
        }
    }

    private sealed class NotingFallback : DecoderFallback
    {
        public bool Noted { get; set; }

        public override int MaxCharCount => 1;

        public override DecoderFallbackBuffer CreateFallbackBuffer() => new Buffer(this);

        private sealed class Buffer(NotingFallback owner) : DecoderFallbackBuffer
        {
            private bool _pending;

            public override int Remaining => _pending ? 1 : 0;

            public override bool Fallback(byte[] bytesUnknown, int index)
            {
                owner.Noted = true;
                return _pending = true;
            }

            public override char GetNextChar()
            {
                char next = _pending ? '\uFFFD' : '\0';
                _pending = false;
                return next;
            }

            public override bool MovePrevious() => false;

            public override void Reset() => _pending = false;
        }
    }
}
