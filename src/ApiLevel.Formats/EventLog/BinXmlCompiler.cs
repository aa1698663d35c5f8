using System;
using System.Buffers.Binary;

namespace ApiLevel.Formats.EventLog;

/// <summary>Turns BinXML tokens into a <see cref="BinXmlProgram"/>. Offsets of names count from the start of the chunk.</summary>
internal sealed class BinXmlCompiler(TextPool pool)
{
    /// <summary>The deepest nesting of elements that is read; real events have fewer than ten levels.</summary>
    public const int MaximumDepth = 64;

    private const int NoAttribute = -1;

    private readonly int[] _open = new int[MaximumDepth];
    private BinXmlNode[] _nodes = new BinXmlNode[64];
    private int _count;
    private int _depth;
    private int _attribute; // the node of the open attribute
    private bool _inStartTag;
    private bool _sawRoot;
    private bool _isDefinition;

    /// <summary>Why the last call answered false.</summary>
    public string Fault { get; private set; } = "";

    /// <summary>How many nodes the last call made, finished or not: what it cost.</summary>
    public int Cost => _count;

    /// <summary>Compiles one template's body, or the elements that stand directly in a record or value.</summary>
    /// <param name="chunk">The chunk.</param>
    /// <param name="start">Where the tokens begin.</param>
    /// <param name="end">Where they end at the latest.</param>
    /// <param name="isDefinition">
    /// Template definitions carry a dependency id in each element; elements directly in a record or in a value of type BinXml do not.
    /// </param>
    /// <param name="program">The compiled nodes; null when false is returned.</param>
    /// <param name="next">The position after the last token.</param>
    public bool TryCompile(ReadOnlySpan<byte> chunk, int start, int end, bool isDefinition, out BinXmlProgram program, out int next)
    {
        program = null!;
        next = start;
        _count = 0;
        _depth = 0;
        _attribute = NoAttribute;
        _inStartTag = false;
        _sawRoot = false;
        _isDefinition = isDefinition;
        var input = new Input(chunk, start, end);
        while (input.Position < end && !IsNextFragment(input.Token))
        {
            if (input.Token == BinXmlToken.EndOfFragment)
            {
                if (_depth != 0)
                {
                    return Fail("BinXML ends inside an element");
                }

                break; // the token itself is left to the caller
            }

            if (!TryToken(ref input))
            {
                return false;
            }
        }

        // Names and texts are checked against the end; the fixed sizes that were skipped may pass it.
        if (input.Position > end || _depth != 0)
        {
            return Cut();
        }

        if (!_sawRoot)
        {
            return Fail("BinXML without an element");
        }

        next = input.Position;
        program = new BinXmlProgram(_nodes.AsSpan(0, _count).ToArray());
        return true;
    }

    private bool IsNextFragment(byte token) => _sawRoot && _depth == 0 && token is BinXmlToken.TemplateInstance or BinXmlToken.FragmentHeader;

    private bool TryToken(ref Input input)
    {
        byte token = input.Token;
        if (_inStartTag && _attribute == NoAttribute && BinXmlToken.IsValue(token))
        {
            return Fail("a value stands in a start tag without an attribute");
        }

        return token switch
        {
            BinXmlToken.OpenStartElement => TryOpenStartElement(ref input),
            BinXmlToken.CloseStartElement => TryCloseStartElement(ref input),
            BinXmlToken.CloseEmptyElement => TryCloseEmptyElement(ref input),
            BinXmlToken.EndElement => TryEndElement(ref input),
            BinXmlToken.ValueText => TryValueText(ref input),
            BinXmlToken.Attribute => TryAttribute(ref input),
            BinXmlToken.CDataSection => TryCDataSection(ref input),
            BinXmlToken.CharacterReference => TryCharacterReference(ref input),
            BinXmlToken.EntityReference => TryEntityReference(ref input),
            BinXmlToken.ProcessingInstructionTarget => TryProcessingInstruction(ref input),
            BinXmlToken.NormalSubstitution => TrySubstitution(ref input, isOptional: false),
            BinXmlToken.OptionalSubstitution => TrySubstitution(ref input, isOptional: true),
            BinXmlToken.FragmentHeader when _count == 0 => Skip(ref input, BinXmlToken.FragmentHeaderSize),
            _ => Fail("an unknown BinXML token"),
        };
    }

    private bool TryOpenStartElement(ref Input input)
    {
        const int SizeField = 4; // the element's size, or that of its attribute list; the end tokens give both as well
        bool hasAttributes = input.HasMore;
        input.Position++;
        ushort dependency = BinXmlProgram.NoDependency;
        if (_inStartTag)
        {
            return Fail("an element begins inside a start tag");
        }

        if (_depth == MaximumDepth)
        {
            return Fail("deeper nesting than a real event has");
        }

        if (_isDefinition && !TryNumber(ref input, out dependency))
        {
            return false;
        }

        input.Position += SizeField;
        if (!TryName(ref input, out string name))
        {
            return false;
        }

        if (hasAttributes)
        {
            input.Position += SizeField;
        }

        _open[_depth++] = Add(new BinXmlNode
        {
            Kind = BinXmlNodeKind.Element,
            Known = BinXmlProgram.Recognise(name),
            Value = dependency,
            Text = name,
        });
        _inStartTag = true;
        _sawRoot = true;
        return true;
    }

    private bool TryCloseStartElement(ref Input input)
    {
        if (!_inStartTag)
        {
            return Fail("a start tag is closed that is not open");
        }

        CloseAttribute();
        _nodes[_open[_depth - 1]].Content = _count;
        _inStartTag = false;
        return Skip(ref input, 1);
    }

    private bool TryCloseEmptyElement(ref Input input) => TryCloseStartElement(ref input) && Close();

    private bool TryEndElement(ref Input input)
    {
        if (_inStartTag || _depth == 0)
        {
            return Fail("an element ends that is not open");
        }

        return Close() && Skip(ref input, 1);
    }

    private bool TryAttribute(ref Input input)
    {
        if (!_inStartTag)
        {
            return Fail("an attribute stands outside of a start tag");
        }

        CloseAttribute();
        input.Position++;
        if (!TryName(ref input, out string name))
        {
            return false;
        }

        _attribute = Add(new BinXmlNode
        {
            Kind = BinXmlNodeKind.Attribute,
            Known = BinXmlProgram.Recognise(name),
            Text = name,
        });
        return true;
    }

    private bool TryValueText(ref Input input)
    {
        input.Position++;
        if (!input.Has(1) || input.Chunk[input.Position] != BinXmlType.String)
        {
            return Fail("a literal value is not a string");
        }

        return TryCDataSection(ref input); // the same from here on: a byte to skip, then the text
    }

    private bool TryCDataSection(ref Input input)
    {
        input.Position++;
        return TryText(ref input, out string text) && AddText(text);
    }

    private bool TryCharacterReference(ref Input input)
    {
        input.Position++;
        return TryNumber(ref input, out ushort character) && AddText(((char)character).ToString());
    }

    private bool TryEntityReference(ref Input input)
    {
        input.Position++;
        return TryName(ref input, out string name) && AddText(name switch
        {
            "amp" => "&",
            "lt" => "<",
            "gt" => ">",
            "quot" => "\"",
            "apos" => "'",
            _ => "&" + name + ";",
        });
    }

    private bool TryProcessingInstruction(ref Input input)
    {
        input.Position++;
        if (_inStartTag)
        {
            return Fail("a processing instruction stands inside a start tag");
        }

        if (!TryName(ref input, out string target))
        {
            return false;
        }

        string data = "";
        if (input.Has(1) && input.Chunk[input.Position] == BinXmlToken.ProcessingInstructionData)
        {
            input.Position++;
            if (!TryText(ref input, out data))
            {
                return false;
            }
        }

        Add(new BinXmlNode { Kind = BinXmlNodeKind.ProcessingInstruction, Text = target, Label = data });
        return true;
    }

    private bool TrySubstitution(ref Input input, bool isOptional)
    {
        const int Size = 4; // the token, the substitution's number and its type, which the value has again
        if (!input.Has(Size))
        {
            return Cut();
        }

        Add(new BinXmlNode
        {
            Kind = BinXmlNodeKind.Substitution,
            Optional = isOptional,
            Value = BinaryPrimitives.ReadUInt16LittleEndian(input.Chunk.Slice(input.Position + 1)),
            Text = "",
        });
        return Skip(ref input, Size);
    }

    private int Add(in BinXmlNode node)
    {
        if (_count == _nodes.Length)
        {
            Array.Resize(ref _nodes, _count * 2); // bounded: each node took at least one byte of a 64 KiB chunk
        }

        _nodes[_count] = node;
        _nodes[_count].End = _count + 1;
        return _count++;
    }

    private bool AddText(string text)
    {
        Add(new BinXmlNode { Kind = BinXmlNodeKind.Text, Text = text });
        return true;
    }

    private bool Close()
    {
        _nodes[_open[--_depth]].End = _count;
        return true;
    }

    private void CloseAttribute()
    {
        if (_attribute == NoAttribute)
        {
            return;
        }

        _nodes[_attribute].End = _count;
        if (_nodes[_attribute].Known == KnownName.Name && _count == _attribute + 2 && _nodes[_attribute + 1].Kind == BinXmlNodeKind.Text)
        {
            _nodes[_open[_depth - 1]].Label = _nodes[_attribute + 1].Text;
        }

        _attribute = NoAttribute;
    }

    private bool TryName(ref Input input, out string name)
    {
        const int LengthInName = 6; // behind the offset of the next name in the hash table's list, and the hash
        const int TextInName = 8;
        name = "";
        if (!input.Has(4))
        {
            return Cut();
        }

        ReadOnlySpan<byte> chunk = input.Chunk;
        uint offset = BinaryPrimitives.ReadUInt32LittleEndian(chunk.Slice(input.Position));
        input.Position += 4;
        if (offset > (uint)(chunk.Length - TextInName))
        {
            return Fail("a name lies outside of its chunk");
        }

        int at = (int)offset;
        int length = 2 * BinaryPrimitives.ReadUInt16LittleEndian(chunk.Slice(at + LengthInName));
        if (length > chunk.Length - at - TextInName)
        {
            return Fail("a name is longer than its chunk");
        }

        name = pool.Utf16(chunk.Slice(at + TextInName, length));
        if (at == input.Position)
        {
            // The name stands here, at its first use, with a terminator.
            input.Position += TextInName + length + 2;
            if (!input.Has(0))
            {
                return Cut();
            }
        }

        return true;
    }

    private bool TryText(ref Input input, out string text)
    {
        text = "";
        if (!TryNumber(ref input, out ushort characters))
        {
            return false;
        }

        int length = 2 * characters;
        if (!input.Has(length))
        {
            return Cut();
        }

        text = pool.Utf16(input.Chunk.Slice(input.Position, length));
        return Skip(ref input, length);
    }

    private bool TryNumber(ref Input input, out ushort value)
    {
        if (!input.Has(sizeof(ushort)))
        {
            value = 0;
            return Cut();
        }

        value = BinaryPrimitives.ReadUInt16LittleEndian(input.Chunk.Slice(input.Position));
        return Skip(ref input, sizeof(ushort));
    }

    private static bool Skip(ref Input input, int count)
    {
        input.Position += count;
        return true;
    }

    private bool Cut() => Fail("BinXML is cut short");

    private bool Fail(string fault)
    {
        Fault = fault;
        return false;
    }

    /// <summary>The tokens and how far they were read. The position may pass the end by a size that was skipped.</summary>
    private ref struct Input(ReadOnlySpan<byte> chunk, int start, int end)
    {
        public readonly ReadOnlySpan<byte> Chunk = chunk;
        public readonly int End = end;
        public int Position = start;

        public readonly byte Token => (byte)(Chunk[Position] & ~BinXmlToken.HasMore);

        public readonly bool HasMore => (Chunk[Position] & BinXmlToken.HasMore) != 0;

        public readonly bool Has(int count) => count <= End - Position;
    }
}
