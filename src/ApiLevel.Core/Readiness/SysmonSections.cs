using System;
using System.Collections.Generic;
using System.IO;
using System.Xml;

namespace ApiLevel.Readiness;

/// <summary>The sections of a Sysmon configuration: which events have one, include or exclude, with how many filters, at which line.</summary>
internal static class SysmonSections
{
    private const int MaximumDepth = 64;

    /// <summary>Reads a configuration into what is known of Sysmon.</summary>
    /// <exception cref="XmlException">It is not well formed, has a document type, or is no Sysmon configuration.</exception>
    public static void Read(string text, string file, SysmonState sysmon)
    {
        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            IgnoreComments = true,
            IgnoreWhitespace = true,
        };
        var sections = new List<SysmonSection>();
        var options = new Dictionary<string, Known<string>>(StringComparer.OrdinalIgnoreCase);
        Known<string>? version = null;
        using (XmlReader reader = XmlReader.Create(new StringReader(text.TrimStart('\uFEFF', ' ', '\t', '\r', '\n')), settings))
        {
            var line = (IXmlLineInfo)reader;
            reader.MoveToContent();
            if (!reader.LocalName.Equals("Sysmon", StringComparison.OrdinalIgnoreCase))
            {
                throw new XmlException("the root element is not Sysmon", null, line.LineNumber, line.LinePosition);
            }

            string schema = reader.GetAttribute("schemaversion") ?? "";
            if (schema.Length > 0)
            {
                version = new Known<string>(schema, $"{file}:{line.LineNumber}");
            }

            ReadChildren(reader, line, file, sections, options);
        }

        sysmon.SchemaVersion = version;
        sysmon.Sections = sections;
        foreach (KeyValuePair<string, Known<string>> option in options)
        {
            sysmon.Options[option.Key] = option.Value;
        }

        sysmon.Configuration = text;
        sysmon.ConfigurationFile = file;
    }

    private static void ReadChildren(
        XmlReader reader, IXmlLineInfo line, string file, List<SysmonSection> sections, Dictionary<string, Known<string>> options)
    {
        int root = reader.Depth;
        bool inRules = false;
        while (reader.Read())
        {
            if (reader.Depth > root + MaximumDepth)
            {
                throw new XmlException("the elements are nested deeper than in any configuration", null, line.LineNumber, line.LinePosition);
            }

            if (reader.NodeType != XmlNodeType.Element)
            {
                inRules &= !(reader.NodeType == XmlNodeType.EndElement && reader.LocalName.Equals("EventFiltering", StringComparison.OrdinalIgnoreCase));
                continue;
            }

            if (reader.LocalName.Equals("EventFiltering", StringComparison.OrdinalIgnoreCase))
            {
                inRules = !reader.IsEmptyElement;
            }
            else if (!inRules)
            {
                ReadOption(reader, line, file, options);
            }
            else if (reader.GetAttribute("onmatch") is { } match)
            {
                string tag = reader.LocalName;
                string evidence = $"{file}:{line.LineNumber}";
                sections.Add(new SysmonSection(tag, match.Equals("include", StringComparison.OrdinalIgnoreCase), CountFilters(reader, line), evidence));
            }
        }
    }

    private static void ReadOption(XmlReader reader, IXmlLineInfo line, string file, Dictionary<string, Known<string>> options)
    {
        string name = reader.LocalName;
        string evidence = $"{file}:{line.LineNumber}";
        if (name.Equals("ArchiveDirectory", StringComparison.OrdinalIgnoreCase) || name.Equals("CaptureClipboard", StringComparison.OrdinalIgnoreCase))
        {
            // An element without text is the switch itself.
            string text = "";
            if (!reader.IsEmptyElement && reader.Read() && reader.NodeType == XmlNodeType.Text)
            {
                text = reader.Value.Trim();
            }

            options[name] = new Known<string>(text, evidence);
        }
    }

    private static int CountFilters(XmlReader reader, IXmlLineInfo line)
    {
        if (reader.IsEmptyElement)
        {
            return 0;
        }

        int depth = reader.Depth;
        int count = 0;
        while (reader.Read() && reader.Depth > depth)
        {
            if (reader.Depth > depth + MaximumDepth)
            {
                throw new XmlException("the elements are nested deeper than in any configuration", null, line.LineNumber, line.LinePosition);
            }

            if (reader.NodeType == XmlNodeType.Element && !reader.LocalName.Equals("Rule", StringComparison.OrdinalIgnoreCase))
            {
                count++;
            }
        }

        return count;
    }
}
