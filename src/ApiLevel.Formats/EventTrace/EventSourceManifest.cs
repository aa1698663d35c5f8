using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Xml;

namespace ApiLevel.Formats.EventTrace;

/// <summary>Reads the manifest that a .NET EventSource writes into the trace as events with the id 65534, in pieces of XML.</summary>
internal static class EventSourceManifest
{
    private const int MaximumTemplates = 4096;

    /// <summary>The id of the events that carry pieces of a manifest.</summary>
    public const int EventId = 0xFFFE;

    /// <summary>Parses a whole manifest. Null when it is no XML of this kind.</summary>
    public static List<KeyValuePair<SchemaKey, PayloadSchema>>? Parse(Guid providerId, byte[] xml, int length, out string provider)
    {
        provider = "";
        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            IgnoreComments = true,
            IgnoreWhitespace = true,
            MaxCharactersInDocument = length,
        };
        try
        {
            using var reader = XmlReader.Create(new MemoryStream(xml, 0, length, writable: false), settings);
            return Parse(providerId, reader, out provider);
        }
        catch (XmlException)
        {
            return null;
        }
    }

    /// <summary>The description of the event that carries a piece.</summary>
    public static PayloadSchema Piece(string provider) => new(
        provider,
        "ManifestData",
        [
            Property("Format", InType.UInt8, OutType.None, 0, -1),
            Property("MajorVersion", InType.UInt8, OutType.None, 0, -1),
            Property("MinorVersion", InType.UInt8, OutType.None, 0, -1),
            Property("Magic", InType.UInt8, OutType.None, 0, -1),
            Property("TotalChunks", InType.UInt16, OutType.None, 0, -1),
            Property("ChunkNumber", InType.UInt16, OutType.None, 0, -1),
            Property("Manifest", InType.UnterminatedAnsi, OutType.Utf8, 0, -1),
        ],
        7);

    private static List<KeyValuePair<SchemaKey, PayloadSchema>> Parse(Guid providerId, XmlReader reader, out string provider)
    {
        provider = "";
        var events = new List<(int Id, int Version, string Task, string Opcode, string Symbol, string Template)>();
        var templates = new Dictionary<string, List<PayloadProperty>>(StringComparer.Ordinal);
        List<PayloadProperty>? template = null;
        while (reader.Read())
        {
            if (reader.NodeType != XmlNodeType.Element)
            {
                continue;
            }

            switch (reader.LocalName)
            {
                case "provider" when provider.Length == 0:
                    provider = reader.GetAttribute("name") ?? "";
                    break;
                case "event" when events.Count < ushort.MaxValue:
                    if (int.TryParse(reader.GetAttribute("value"), NumberStyles.Integer, CultureInfo.InvariantCulture, out int id))
                    {
                        _ = int.TryParse(reader.GetAttribute("version"), NumberStyles.Integer, CultureInfo.InvariantCulture, out int version);
                        events.Add((
                            id,
                            version,
                            reader.GetAttribute("task") ?? "",
                            reader.GetAttribute("opcode") ?? "",
                            reader.GetAttribute("symbol") ?? "",
                            reader.GetAttribute("template") ?? ""));
                    }

                    break;
                case "template":
                    template = null;
                    if (templates.Count < MaximumTemplates && reader.GetAttribute("tid") is { } tid)
                    {
                        templates[tid] = template = [];
                    }

                    break;
                case "struct":
                    // An array of structures: its members would be read as if they stood in the payload once.
                    template?.Add(Property(reader.GetAttribute("name") ?? "", InType.Null, OutType.None, 0, -1));
                    template = null;
                    break;
                case "data" when template is not null:
                    template.Add(Data(reader, template));
                    break;
            }
        }

        var result = new List<KeyValuePair<SchemaKey, PayloadSchema>>(events.Count);
        foreach ((int id, int version, string task, string opcode, string symbol, string tid) in events)
        {
            List<PayloadProperty> properties = templates.TryGetValue(tid, out List<PayloadProperty>? found) ? found : [];
            string? name = TraceEventInformation.EventName(
                task.Length > 0 ? task : symbol, opcode is "" or "win:Info" ? 0 : 1, opcode);
            result.Add(new(
                new SchemaKey(providerId, id, version, false),
                new PayloadSchema(provider, name, properties.ToArray(), properties.Count)));
        }

        return result;
    }

    private static PayloadProperty Data(XmlReader reader, List<PayloadProperty> before)
    {
        string type = reader.GetAttribute("inType") ?? "";
        int colon = type.IndexOf(':');
        InType inType = (colon < 0 ? type : type.Substring(colon + 1)) switch
        {
            "UnicodeString" => InType.UnicodeString,
            "AnsiString" => InType.AnsiString,
            "Int8" => InType.Int8,
            "UInt8" => InType.UInt8,
            "Int16" => InType.Int16,
            "UInt16" => InType.UInt16,
            "Int32" => InType.Int32,
            "UInt32" => InType.UInt32,
            "Int64" => InType.Int64,
            "UInt64" => InType.UInt64,
            "Float" => InType.Float,
            "Double" => InType.Double,
            "Boolean" => InType.Boolean,
            "Binary" => InType.Binary,
            "GUID" => InType.Guid,
            "Pointer" => InType.Pointer,
            "FILETIME" => InType.FileTime,
            "SYSTEMTIME" => InType.SystemTime,
            "SID" => InType.Sid,
            "HexInt32" => InType.HexInt32,
            "HexInt64" => InType.HexInt64,
            _ => InType.Null,
        };
        int length = 0;
        int lengthFrom = -1;
        if (reader.GetAttribute("length") is { } text
            && !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out length))
        {
            lengthFrom = before.FindIndex(property => property.Name == text);
            inType = lengthFrom < 0 ? InType.Null : inType;
        }

        if (reader.GetAttribute("count") is not null)
        {
            inType = InType.Null;
        }

        OutType outType = reader.GetAttribute("outType") is { } o && o.EndsWith("Boolean", StringComparison.Ordinal) && inType != InType.Boolean
            ? OutType.Boolean
            : OutType.None;
        return Property(reader.GetAttribute("name") ?? "", inType, outType, length, lengthFrom);
    }

    private static PayloadProperty Property(string name, InType type, OutType outType, int length, int lengthFrom) => new(
        name,
        type,
        outType,
        ExtentKind.None,
        1,
        lengthFrom >= 0 ? ExtentKind.Property : length > 0 ? ExtentKind.Fixed : ExtentKind.None,
        lengthFrom >= 0 ? lengthFrom : length,
        0,
        0);
}
