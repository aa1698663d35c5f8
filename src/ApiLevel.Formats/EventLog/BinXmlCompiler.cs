using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace ApiLevel.Formats.EventLog;

/// <summary>Turns BinXML tokens into a <see cref="BinXmlProgram"/>. Offsets of names count from the start of the chunk.</summary>
internal sealed class BinXmlCompiler(TextPool pool)
{
    /// <summary>Elements within elements; real events have fewer than ten.</summary>
    public const int MaximumDepth = 64;

    private const byte MoreFlag = 0x40;

    private readonly int[] _open = new int[MaximumDepth];
    private BinXmlNode[] _nodes = new BinXmlNode[64];
    private int _count;

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
    /// <param name="program">What came out.</param>
    /// <param name="next">The position after the last token.</param>
    public bool TryCompile(ReadOnlySpan<byte> chunk, int start, int end, bool isDefinition, out BinXmlProgram program, out int next)
    {
        program = null!;
        next = start;
        _count = 0;
        int depth = 0;
        int attribute = -1;     // the open attribute
        bool inStartTag = false;
        bool sawRoot = false;
        int pos = start;
        while (pos < end)
        {
            byte raw = chunk[pos];
            int token = raw & ~MoreFlag;
            if (sawRoot && depth == 0 && token is (0x0C or 0x0F))
            {
                break; // the next fragment
            }

            if (inStartTag && attribute < 0 && token is (0x05 or 0x07 or 0x08 or 0x09 or 0x0D or 0x0E))
            {
                return Fail("a value stands in a start tag without an attribute");
            }

            switch (token)
            {
                case 0x00:
                    if (depth != 0)
                    {
                        return Fail("BinXML ends inside an element");
                    }

                    goto done; // the token itself is the caller's

                case 0x01:
                    {
                        int p = pos + 1;
                        ushort dependency = BinXmlProgram.NoDependency;
                        if (inStartTag)
                        {
                            return Fail("an element begins inside a start tag");
                        }

                        if (depth == MaximumDepth)
                        {
                            return Fail("deeper nesting than a real event has");
                        }

                        if (isDefinition)
                        {
                            if (p + 2 > end)
                            {
                                return Cut();
                            }

                            dependency = BinaryPrimitives.ReadUInt16LittleEndian(chunk.Slice(p));
                            p += 2;
                        }

                        p += 4; // the element's size, which the end tags tell as well
                        if (!TryName(chunk, ref p, end, out string name))
                        {
                            return false;
                        }

                        if ((raw & MoreFlag) != 0)
                        {
                            p += 4; // the attribute list's size
                        }

                        _open[depth++] = Add(new BinXmlNode
                        {
                            Kind = BinXmlNodeKind.Element,
                            Known = BinXmlProgram.Recognise(name),
                            Value = dependency,
                            Text = name,
                        });
                        inStartTag = true;
                        sawRoot = true;
                        pos = p;
                        break;
                    }

                case 0x02 or 0x03:
                    if (!inStartTag)
                    {
                        return Fail("a start tag is closed that is not open");
                    }

                    CloseAttribute(ref attribute, _open[depth - 1]);
                    _nodes[_open[depth - 1]].Content = _count;
                    inStartTag = false;
                    if (token == 0x03)
                    {
                        _nodes[_open[--depth]].End = _count;
                    }

                    pos++;
                    break;

                case 0x04:
                    if (inStartTag || depth == 0)
                    {
                        return Fail("an element ends that is not open");
                    }

                    _nodes[_open[--depth]].End = _count;
                    pos++;
                    break;

                case 0x05:
                    if (pos + 2 > end || chunk[pos + 1] != 0x01)
                    {
                        return Fail("a literal value is not a string");
                    }

                    pos++;
                    goto case 0x07;

                case 0x07:
                    pos++;
                    if (!TryText(chunk, ref pos, end, out string text))
                    {
                        return false;
                    }

                    Add(new BinXmlNode { Kind = BinXmlNodeKind.Text, Text = text });
                    break;

                case 0x06:
                    {
                        if (!inStartTag)
                        {
                            return Fail("an attribute stands outside of a start tag");
                        }

                        CloseAttribute(ref attribute, _open[depth - 1]);
                        int p = pos + 1;
                        if (!TryName(chunk, ref p, end, out string name))
                        {
                            return false;
                        }

                        attribute = Add(new BinXmlNode
                        {
                            Kind = BinXmlNodeKind.Attribute,
                            Known = BinXmlProgram.Recognise(name),
                            Text = name,
                        });
                        pos = p;
                        break;
                    }

                case 0x08:
                    if (pos + 3 > end)
                    {
                        return Cut();
                    }

                    Add(new BinXmlNode
                    {
                        Kind = BinXmlNodeKind.Text,
                        Text = ((char)BinaryPrimitives.ReadUInt16LittleEndian(chunk.Slice(pos + 1))).ToString(),
                    });
                    pos += 3;
                    break;

                case 0x09:
                    {
                        int p = pos + 1;
                        if (!TryName(chunk, ref p, end, out string name))
                        {
                            return false;
                        }

                        Add(new BinXmlNode
                        {
                            Kind = BinXmlNodeKind.Text,
                            Text = name switch
                            {
                                "amp" => "&",
                                "lt" => "<",
                                "gt" => ">",
                                "quot" => "\"",
                                "apos" => "'",
                                _ => "&" + name + ";",
                            },
                        });
                        pos = p;
                        break;
                    }

                case 0x0A:
                    {
                        int p = pos + 1;
                        if (inStartTag)
                        {
                            return Fail("a processing instruction stands inside a start tag");
                        }

                        if (!TryName(chunk, ref p, end, out string target))
                        {
                            return false;
                        }

                        string data = "";
                        if (p < end && chunk[p] == 0x0B)
                        {
                            p++;
                            if (!TryText(chunk, ref p, end, out data))
                            {
                                return false;
                            }
                        }

                        Add(new BinXmlNode { Kind = BinXmlNodeKind.ProcessingInstruction, Text = target, Label = data });
                        pos = p;
                        break;
                    }

                case 0x0D or 0x0E:
                    if (pos + 4 > end)
                    {
                        return Cut();
                    }

                    Add(new BinXmlNode
                    {
                        Kind = BinXmlNodeKind.Substitution,
                        Optional = token == 0x0E,
                        Value = BinaryPrimitives.ReadUInt16LittleEndian(chunk.Slice(pos + 1)),
                        Text = "",
                    });
                    pos += 4;
                    break;

                case 0x0F when _count == 0:
                    pos += 4;
                    break;

                default:
                    return Fail("an unknown BinXML token");
            }
        }

        // Names and texts are checked against the end; what may pass it are the fixed sizes that were skipped.
        if (pos > end || depth != 0)
        {
            return Cut();
        }

    done:
        if (!sawRoot)
        {
            return Fail("BinXML without an element");
        }

        next = pos;
        program = new BinXmlProgram(_nodes.AsSpan(0, _count).ToArray());
        return true;
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

    private void CloseAttribute(ref int attribute, int element)
    {
        if (attribute < 0)
        {
            return;
        }

        _nodes[attribute].End = _count;
        if (_nodes[attribute].Known == KnownName.Name && _count == attribute + 2 && _nodes[attribute + 1].Kind == BinXmlNodeKind.Text)
        {
            _nodes[element].Label = _nodes[attribute + 1].Text;
        }

        attribute = -1;
    }

    private bool TryName(ReadOnlySpan<byte> chunk, ref int pos, int end, out string name)
    {
        name = "";
        if (pos + 4 > end)
        {
            return Cut();
        }

        uint offset = BinaryPrimitives.ReadUInt32LittleEndian(chunk.Slice(pos));
        pos += 4;
        if (offset > (uint)(chunk.Length - 8))
        {
            return Fail("a name lies outside of its chunk");
        }

        int at = (int)offset;
        int length = 2 * BinaryPrimitives.ReadUInt16LittleEndian(chunk.Slice(at + 6));
        if (length > chunk.Length - at - 8)
        {
            return Fail("a name is longer than its chunk");
        }

        name = pool.Utf16(chunk.Slice(at + 8, length));
        if (at == pos)
        {
            pos += 8 + length + 2; // the name stands here, at its first use, with a terminator
            if (pos > end)
            {
                return Cut();
            }
        }

        return true;
    }

    private bool TryText(ReadOnlySpan<byte> chunk, ref int pos, int end, out string text)
    {
        text = "";
        if (pos + 2 > end)
        {
            return Cut();
        }

        int length = 2 * BinaryPrimitives.ReadUInt16LittleEndian(chunk.Slice(pos));
        pos += 2;
        if (length > end - pos)
        {
            return Cut();
        }

        text = pool.Utf16(chunk.Slice(pos, length));
        pos += length;
        return true;
    }

    private bool Cut() => Fail("BinXML is cut short");

    private bool Fail(string fault)
    {
        Fault = fault;
        return false;
    }
}
