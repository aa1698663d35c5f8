using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Threading;
using System.Xml;

namespace ApiLevel.Formats.Configuration;

/// <summary>Text and XML of <c>wevtutil gl</c>; several answers may stand in one file.</summary>
internal static class ChannelReader
{
    public static bool IsHead(string line) => line.StartsWith("name:", StringComparison.OrdinalIgnoreCase);

    public static void Read(string text, ConfigurationFile file, CancellationToken cancellation)
    {
        var channels = new List<EventChannel>();
        if (text.TrimStart('\uFEFF', ' ', '\t', '\r', '\n').StartsWith("<", StringComparison.Ordinal))
        {
            ReadXml(text, file, channels, cancellation);
        }
        else
        {
            ReadLines(text, file, channels, cancellation);
        }

        Merge(channels, file);
    }

    private static void ReadLines(string text, ConfigurationFile file, List<EventChannel> channels, CancellationToken cancellation)
    {
        Draft? draft = null;
        foreach ((int number, string line) in ConfigurationText.Lines(text))
        {
            cancellation.ThrowIfCancellationRequested();
            int colon = line.IndexOf(':');
            if (colon < 0)
            {
                continue;
            }

            string name = line.Substring(0, colon).Trim();
            string value = line.Substring(colon + 1).Trim();
            var origin = new ConfigurationOrigin(file.Name, number);
            if (IsHead(line))
            {
                Finish(draft, file, channels);
                draft = new Draft(value, origin);
            }
            else
            {
                draft?.Take(name, value, origin);
            }
        }

        Finish(draft, file, channels);
    }

    // Answers of several calls in one file are several documents: each has its own declaration.
    private static void ReadXml(string text, ConfigurationFile file, List<EventChannel> channels, CancellationToken cancellation)
    {
        int line = 1;
        int start = 0;
        while (start < text.Length)
        {
            cancellation.ThrowIfCancellationRequested();
            int next = text.IndexOf("<?xml", start + 1, StringComparison.Ordinal);
            int end = next < 0 ? text.Length : next;
            string part = text.Substring(start, end - start).TrimEnd('\0');
            if (!ReadDocument(part, line, file, channels))
            {
                return;
            }

            line += Count(text, start, end);
            start = end;
        }
    }

    private static bool ReadDocument(string text, int line, ConfigurationFile file, List<EventChannel> channels)
    {
        var settings = new XmlReaderSettings
        {
            ConformanceLevel = ConformanceLevel.Fragment,
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
        };
        Draft? draft = null;
        try
        {
            using XmlReader reader = XmlReader.Create(new StringReader(text.TrimStart('\uFEFF', ' ', '\t', '\r', '\n')), settings);
            int skipped = Count(text, 0, text.Length - text.TrimStart('\uFEFF', ' ', '\t', '\r', '\n').Length);
            string element = "";
            while (reader.Read())
            {
                int at = line + skipped + ((reader as IXmlLineInfo)?.LineNumber ?? 1) - 1;
                var origin = new ConfigurationOrigin(file.Name, at);
                if (reader.NodeType == XmlNodeType.Element)
                {
                    element = reader.LocalName;
                    if (element == "channel")
                    {
                        Finish(draft, file, channels);
                        draft = new Draft(reader.GetAttribute("name") ?? "", origin);
                        foreach (string name in s_attributes)
                        {
                            if (reader.GetAttribute(name) is { } value)
                            {
                                draft.Take(name, value, origin);
                            }
                        }
                    }
                }
                else if (reader.NodeType == XmlNodeType.Text)
                {
                    draft?.Take(element, reader.Value.Trim(), origin);
                }
            }

            Finish(draft, file, channels);
            return true;
        }
        catch (XmlException exception)
        {
            Finish(draft, file, channels);
            file.ProblemList.Add($"line {line + exception.LineNumber - 1}", "no well-formed XML: " + exception.Message.TrimEnd('.') + "; the rest is not read");
            return false;
        }
    }

    private static readonly string[] s_attributes = ["enabled", "type", "channelAccess"];

    private static int Count(string text, int start, int end)
    {
        int count = 0;
        for (int i = start; i < end; i++)
        {
            count += text[i] == '\n' ? 1 : 0;
        }

        return count;
    }

    private static void Finish(Draft? draft, ConfigurationFile file, List<EventChannel> channels)
    {
        if (draft is null)
        {
            return;
        }

        if (draft.Name.Length == 0)
        {
            file.ProblemList.Add($"line {draft.Origin.Line}", "the channel has no name");
            return;
        }

        if (draft.Enabled is null)
        {
            file.ProblemList.Add($"line {draft.Origin.Line}", $"{draft.Name}: whether it is enabled does not stand there; the file may be cut off");
        }

        channels.Add(new EventChannel(draft.Name, draft.Enabled, draft.Type, draft.Size, draft.Access, draft.EnabledOrigin ?? draft.Origin));
    }

    private static void Merge(List<EventChannel> channels, ConfigurationFile file)
    {
        var merged = new List<EventChannel>(channels.Count);
        var places = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        foreach (EventChannel channel in channels)
        {
            if (!places.TryGetValue(channel.Name, out int place))
            {
                places.Add(channel.Name, merged.Count);
                merged.Add(channel);
                continue;
            }

            if (merged[place].IsEnabled != channel.IsEnabled)
            {
                file.ProblemList.Add($"line {channel.Origin.Line}", $"{channel.Name} stands twice with different settings; the last one is taken");
            }

            merged[place] = channel;
        }

        file.Channels = merged;
    }

    private sealed class Draft(string name, ConfigurationOrigin origin)
    {
        public string Name { get; } = name;

        public ConfigurationOrigin Origin { get; } = origin;

        public ConfigurationOrigin? EnabledOrigin { get; private set; }

        public bool? Enabled { get; private set; }

        public string Type { get; private set; } = "";

        public long? Size { get; private set; }

        public string Access { get; private set; } = "";

        public void Take(string name, string value, ConfigurationOrigin origin)
        {
            switch (name)
            {
                case "enabled":
                    Enabled = bool.TryParse(value, out bool enabled) ? enabled : Enabled;
                    EnabledOrigin = origin;
                    break;
                case "type":
                    Type = value;
                    break;
                case "channelAccess":
                    Access = value;
                    break;
                case "maxSize":
                    Size = long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long size) ? size : null;
                    break;
            }
        }
    }
}
