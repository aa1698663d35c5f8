using System;
using System.Collections.Generic;

namespace ApiLevel.Formats.EventLog;

/// <summary>
/// The two templates that Windows itself writes around an event's own data. Their System elements take most from the values of the record,
/// so that it tells that much even where the definition was overwritten: with 18 values, of providers with a manifest, everything but the
/// computer's name; with 20, of providers without one, neither provider, channel nor computer. Seen in the public logs of Windows 7 to 11
/// and their servers; no page documents it.
/// </summary>
internal static class BinXmlStandIn
{
    private const int Data = 17;
    private const int ClassicData = 19;

    private static readonly BinXmlProgram s_manifest = Make(Data);
    private static readonly BinXmlProgram s_classic = Make(ClassicData);

    private static readonly byte[] s_types =
    [
        BinXmlType.UInt8, BinXmlType.UInt8, BinXmlType.UInt16, BinXmlType.UInt16, BinXmlType.UInt16, BinXmlType.HexInt64,
        BinXmlType.FileTime, BinXmlType.Guid, BinXmlType.UInt32, BinXmlType.UInt32, BinXmlType.UInt64, BinXmlType.UInt8, BinXmlType.Sid,
        BinXmlType.Guid, BinXmlType.String, BinXmlType.Guid, BinXmlType.String, BinXmlType.BinXml,
    ];

    /// <summary>The compiled template for so many values; null where neither has as many.</summary>
    public static BinXmlProgram? Find(int count) => count switch
    {
        Data + 1 => s_manifest,
        ClassicData + 1 => s_classic,
        _ => null,
    };

    /// <summary>Whether a value of a type, or an empty one, can stand at a place.</summary>
    public static bool Fits(int count, int value, byte type)
    {
        const int EventId = 3;
        const int Time = 6;
        const int RecordId = 10;
        const int FirstOfManifest = 13;
        if (type == BinXmlType.Null)
        {
            return value is not (EventId or Time or RecordId);
        }

        return count == Data + 1 || value < FirstOfManifest ? type == s_types[value] : value == ClassicData && type == BinXmlType.BinXml;
    }

    private static BinXmlProgram Make(ushort data)
    {
        bool isManifest = data == Data;
        var nodes = new List<BinXmlNode>();
        Element("Event", [], null, () =>
        {
            Element("System", [], null, () =>
            {
                if (isManifest)
                {
                    Element("Provider", [("Name", 14), ("Guid", 15)]);
                    Element("Version", [], 11);
                    Element("Opcode", [], 1);
                    Element("Correlation", [("ActivityID", 7), ("RelatedActivityID", 13)]);
                    Element("Execution", [("ProcessID", 8), ("ThreadID", 9)]);
                    Element("Channel", [], 16);
                }

                Element("EventID", [("Qualifiers", 4)], 3);
                Element("Level", [], 0);
                Element("Task", [], 2);
                Element("Keywords", [], 5);
                Element("TimeCreated", [("SystemTime", 6)]);
                Element("EventRecordID", [], 10);
                Element("Security", [("UserID", 12)]);
            });
            Value(data);
        });
        return new BinXmlProgram(nodes.ToArray());

        void Element(string name, (string Name, ushort Value)[] attributes, ushort? value = null, Action? content = null)
        {
            int element = Add(new BinXmlNode
            {
                Kind = BinXmlNodeKind.Element,
                Known = BinXmlProgram.Recognise(name),
                Value = BinXmlProgram.NoDependency,
                Text = name,
            });
            foreach ((string attribute, ushort of) in attributes)
            {
                int at = Add(new BinXmlNode { Kind = BinXmlNodeKind.Attribute, Known = BinXmlProgram.Recognise(attribute), Text = attribute });
                Value(of);
                End(at);
            }

            BinXmlNode open = nodes[element];
            open.Content = nodes.Count;
            nodes[element] = open;
            if (value is { } only)
            {
                Value(only);
            }

            content?.Invoke();
            End(element);
        }

        void Value(ushort number) => End(Add(new BinXmlNode { Kind = BinXmlNodeKind.Substitution, Optional = true, Value = number, Text = "" }));

        int Add(BinXmlNode node)
        {
            nodes.Add(node);
            return nodes.Count - 1;
        }

        void End(int at)
        {
            BinXmlNode node = nodes[at];
            node.End = nodes.Count;
            nodes[at] = node;
        }
    }
}
