using System;
using System.Text;

namespace ApiLevel.Formats.EventLog;

/// <content>Writes a record as XML text.</content>
internal sealed partial class BinXmlDecoder
{
    /// <summary>Writes the record as one XML element.</summary>
    /// <remarks>Further fragments (RenderingInfo of forwarded events) are written where they belong: into the first one's element.</remarks>
    public void WriteXml(StringBuilder xml, ReadBudget budget)
    {
        _budget = budget;
        Fault = null; // what was wrong with the fields does not keep the rest from being written
        WriteNodes(xml, _fragments[0], 0, _fragments[0].Program.Nodes.Length, rest: 1);
    }

    private void WriteNodes(StringBuilder xml, in Fragment fragment, int start, int end, int rest)
    {
        BinXmlNode[] nodes = fragment.Program.Nodes;
        for (int i = start; i < end && !Spent(NodeCost); i = nodes[i].End)
        {
            switch (nodes[i].Kind)
            {
                case BinXmlNodeKind.Element:
                    // The outermost element may depend on a value as well; it is written in any case, because it is the record.
                    if (rest > 0 || !IsAbsent(fragment, i))
                    {
                        WriteElements(xml, fragment, i, rest);
                        rest = 0;
                    }

                    break;
                case BinXmlNodeKind.Text:
                    _ = Spent(nodes[i].Text.Length);
                    AppendEscaped(xml, nodes[i].Text, 0);
                    break;
                case BinXmlNodeKind.Substitution:
                    if (!TrySlot(fragment, i, out Slot slot))
                    {
                        break;
                    }

                    if (slot.Type == BinXmlType.BinXml)
                    {
                        WriteNested(xml, slot);
                    }
                    else
                    {
                        int from = xml.Length;
                        AppendSlot(xml, slot);
                        EscapeFrom(xml, from);
                    }

                    break;
                case BinXmlNodeKind.ProcessingInstruction:
                    _ = Spent(nodes[i].Text.Length + nodes[i].Label!.Length);
                    xml.Append("<?").Append(XmlName(nodes[i].Text)).Append(' ').Append(nodes[i].Label!.Replace("?>", "? >")).Append("?>");
                    break;
            }
        }
    }

    // An array in an element's content repeats the element.
    private void WriteElements(StringBuilder xml, in Fragment fragment, int element, int rest)
    {
        BinXmlNode[] nodes = fragment.Program.Nodes;
        int content = nodes[element].Content;
        if (content + 1 == nodes[element].End && TrySlot(fragment, content, out Slot slot) && slot.Length > 0
            && (slot.Type & BinXmlType.Array) != 0)
        {
            byte type = (byte)(slot.Type & ~BinXmlType.Array);
            ReadOnlySpan<byte> items = Bytes(slot);
            while (BinXmlValue.TryNextItem(type, ref items, out ReadOnlySpan<byte> item) && !Spent(NodeCost + item.Length))
            {
                WriteStart(xml, fragment, element);
                xml.Append('>');
                int from = xml.Length;
                BinXmlValue.AppendText(xml, type, item, _pool);
                EscapeFrom(xml, from);
                xml.Append("</").Append(XmlName(nodes[element].Text)).Append('>');
            }

            return;
        }

        WriteStart(xml, fragment, element);
        if (content == nodes[element].End && (rest == 0 || rest >= _fragments.Count))
        {
            xml.Append("/>");
            return;
        }

        xml.Append('>');
        WriteNodes(xml, fragment, content, nodes[element].End, rest: 0);
        for (int i = rest; rest > 0 && i < _fragments.Count; i++)
        {
            WriteNodes(xml, _fragments[i], 0, _fragments[i].Program.Nodes.Length, rest: 0);
        }

        xml.Append("</").Append(XmlName(nodes[element].Text)).Append('>');
    }

    private void WriteStart(StringBuilder xml, in Fragment fragment, int element)
    {
        BinXmlNode[] nodes = fragment.Program.Nodes;
        _ = Spent(2 * nodes[element].Text.Length);
        xml.Append('<').Append(XmlName(nodes[element].Text));
        for (int i = element + 1; i < nodes[element].Content && !Spent(NodeCost + nodes[i].Text.Length); i = nodes[i].End)
        {
            if (IsMissing(fragment, i + 1, nodes[i].End))
            {
                continue;
            }

            xml.Append(' ').Append(XmlName(nodes[i].Text)).Append("=\"");
            AppendEscaped(xml, TextOf(fragment, i + 1, nodes[i].End) ?? "", 0);
            xml.Append('"');
        }
    }

    private void WriteNested(StringBuilder xml, in Slot slot)
    {
        if (!Enter())
        {
            return;
        }

        int mark = _slotCount;
        int pos = slot.Offset;
        while (TryNextFragment(ref pos, slot.Offset + slot.Length, out Fragment inner))
        {
            WriteNodes(xml, inner, 0, inner.Program.Nodes.Length, rest: 0);
            _slotCount = mark;
        }

        _slotCount = mark;
        _budget.Leave();
    }

    private bool Spent(long work) => !Spend(work);

    private static void EscapeFrom(StringBuilder xml, int from)
    {
        for (int i = from; i < xml.Length; i++)
        {
            if (xml[i] is < ' ' or '<' or '>' or '&' or '"' or >= '\uD800')
            {
                string text = xml.ToString(from, xml.Length - from);
                xml.Length = from;
                AppendEscaped(xml, text, i - from);
                return;
            }
        }
    }

    // Characters that XML cannot hold become U+FFFD: there is no other way to write them.
    private static void AppendEscaped(StringBuilder xml, string text, int good)
    {
        int done = 0;
        for (int i = good; i < text.Length; i++)
        {
            char c = text[i];
            if (c is not (< ' ' or '<' or '>' or '&' or '"' or >= '\uD800'))
            {
                continue;
            }

            string? replacement = c switch
            {
                '<' => "&lt;",
                '>' => "&gt;",
                '&' => "&amp;",
                '"' => "&quot;",
                '\t' => "&#9;",
                '\n' => "&#10;",
                '\r' => "&#13;",
                < ' ' or '\uFFFE' or '\uFFFF' => "\uFFFD",
                >= '\uE000' => null,
                _ => "\uFFFD",
            };
            if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
                continue;
            }

            if (replacement is not null)
            {
                xml.Append(text, done, i - done).Append(replacement);
                done = i + 1;
            }
        }

        xml.Append(text, done, text.Length - done);
    }

    private static string XmlName(string name)
    {
        foreach (char c in name)
        {
            if (c is not ((>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '_' or '-' or '.' or ':'))
            {
                return System.Xml.XmlConvert.EncodeName(name) ?? "_";
            }
        }

        return name.Length == 0 || name[0] is (>= '0' and <= '9') or '-' or '.' ? "_" + name : name;
    }
}
