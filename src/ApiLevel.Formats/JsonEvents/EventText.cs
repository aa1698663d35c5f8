using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Xml;
using System.Xml.Linq;

namespace ApiLevel.Formats.JsonEvents;

/// <summary>Values of event headers as the tools write them.</summary>
internal static class EventText
{
    private static readonly DateTime s_unixEpoch = new(1970, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private static readonly string[] s_foreignTimes =
    [
        "MM/dd/yyyy hh:mm:ss tt", "MM/dd/yyyy hh:mm:ss.fff tt", "MM/dd/yyyy HH:mm:ss", "M/d/yyyy h:mm:ss tt",
    ];

    /// <summary>
    /// A time: ISO 8601 or near it, /Date(ms)/ of older ConvertTo-Json, or a number of seconds, milliseconds and so on since 1970. One
    /// that does not name its zone is taken as UTC.
    /// </summary>
    public static DateTime? Time(string text)
    {
        int open = text.IndexOf("Date(", StringComparison.Ordinal);
        if (open >= 0)
        {
            int close = text.IndexOf(')', open);
            if (close < 0)
            {
                return null;
            }

            string inner = text.Substring(open + 5, close - open - 5);
            int zone = inner.LastIndexOfAny(['+', '-']);
            return TextNumber.TryParse(zone > 0 ? inner.Substring(0, zone) : inner, out long milliseconds) ? Unix(milliseconds, 1e-3) : null;
        }

        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number))
        {
            return Time(number);
        }

        if (text.EndsWith(" UTC", StringComparison.OrdinalIgnoreCase))
        {
            text = text.Substring(0, text.Length - 4);
        }

        if (DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTime time)
            || DateTime.TryParseExact(text, s_foreignTimes, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time))
        {
            return time;
        }

        return null;
    }

    /// <summary>Time since 1970 in the unit that the size tells.</summary>
    public static DateTime? Time(double number) => Math.Abs(number) switch
    {
        < 1e11 => Unix(number, 1),
        < 1e14 => Unix(number, 1e-3),
        < 1e17 => Unix(number, 1e-6),
        _ => Unix(number, 1e-9),
    };

    /// <summary>A level's number from its English name, as exports without the number have it; null for others.</summary>
    public static int? Level(string name) => name.ToUpperInvariant() switch
    {
        "CRITICAL" => 1,
        "ERROR" => 2,
        "WARNING" => 3,
        "INFORMATION" or "INFO" => 4,
        "VERBOSE" => 5,
        "LOGALWAYS" => 0,
        _ => null,
    };

    /// <summary>The standard keyword bits by their English names, which exports write instead of the bits; 0 for others.</summary>
    public static ulong Keyword(string name) => name.Trim().ToUpperInvariant() switch
    {
        "AUDIT FAILURE" => 0x0010000000000000,
        "AUDIT SUCCESS" => 0x0020000000000000,
        "CORRELATION HINT" => 0x0040000000000000,
        "CLASSIC" => 0x0080000000000000,
        "RESPONSE TIME" => 0x0001000000000000,
        "SQM" => 0x0008000000000000,
        _ => 0,
    };

    /// <summary>The channels that hayabusa shortens; others as they are.</summary>
    public static string Channel(string name) => name switch
    {
        // Yamato-Security/hayabusa-rules:config/channel_abbreviations.txt, those that stand for one channel.
        "Sec" => "Security",
        "Sys" => "System",
        "App" => "Application",
        "Sysmon" => "Microsoft-Windows-Sysmon/Operational",
        "PwSh" => "Microsoft-Windows-PowerShell/Operational",
        "PwShClassic" => "Windows PowerShell",
        "Defender" => "Microsoft-Windows-Windows Defender/Operational",
        "TaskSch" => "Microsoft-Windows-TaskScheduler/Operational",
        "WMI" => "Microsoft-Windows-WMI-Activity/Operational",
        "BitsCli" => "Microsoft-Windows-Bits-Client/Operational",
        "CodeInteg" => "Microsoft-Windows-CodeIntegrity/Operational",
        "DHCP-Svr" => "Microsoft-Windows-DHCP-Server/Operational",
        "DNS-Svr" => "DNS Server",
        "DvrFmwk" => "Microsoft-Windows-DriverFrameworks-UserMode/Operational",
        "Exchange" => "MSExchange Management",
        "Firewall" => "Microsoft-Windows-Windows Firewall With Advanced Security/Firewall",
        "LDAP-Cli" => "Microsoft-Windows-LDAP-Client/Debug",
        "NTLM" => "Microsoft-Windows-NTLM/Operational",
        "OpenSSH" => "OpenSSH/Operational",
        "PrintAdm" => "Microsoft-Windows-PrintService/Admin",
        "PrintOp" => "Microsoft-Windows-PrintService/Operational",
        "PwShCore" => "PowerShellCore",
        "RDP-Cli" => "Microsoft-Windows-TerminalServices-RDPClient/Operational",
        "RDP-CoreTS" => "Microsoft-Windows-RemoteDesktopServices-RdpCoreTS/Operational",
        "RDS-LSM" => "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational",
        "RDS-RCM" => "Microsoft-Windows-TerminalServices-RemoteConnectionManager/Operational",
        "SmbCliSec" => "Microsoft-Windows-SmbClient/Security",
        "WinRM" => "Microsoft-Windows-WinRM/Operational",
        _ => name,
    };

    /// <summary>
    /// Fills a record from an event's XML, as ToXml and Splunk write it: without DTD, from this text alone.
    /// </summary>
    /// <returns>False when the text is no such XML.</returns>
    public static bool TryXml(string xml, EventRecord record, List<EventField>? fields)
    {
        if (Parse(xml) is not { } root)
        {
            return false;
        }

        if (Child(root, "System") is not { } system)
        {
            return false;
        }

        if (fields is null)
        {
            Header(system, record);
            return true;
        }

        foreach (XElement part in root.Elements())
        {
            switch (part.Name.LocalName)
            {
                case "System" or "RenderingInfo":
                    break;
                case "EventData":
                    record.EventName ??= (string?)part.Attribute("Name");
                    Data(part, fields);
                    break;
                default:
                    foreach (XElement inner in part.Name.LocalName == "UserData" ? part.Elements().SelectMany(static e => e.HasElements ? e.Elements() : [e]) : part.Elements())
                    {
                        fields.Add(new EventField(inner.Name.LocalName, Value(inner)));
                    }

                    break;
            }
        }

        return true;
    }

    /// <summary>Adds the fields of an EventData element, itself or inside of another one (DataItem of Azure Monitor).</summary>
    public static void TryDataXml(string xml, List<EventField> fields)
    {
        if (Parse(xml)?.DescendantsAndSelf().FirstOrDefault(static element => element.Name.LocalName == "EventData") is { } data)
        {
            Data(data, fields);
        }
    }

    private static void Data(XElement eventData, List<EventField> fields)
    {
        foreach (XElement data in eventData.Elements())
        {
            fields.Add(new EventField((string?)data.Attribute("Name") ?? data.Name.LocalName, Value(data)));
        }
    }

    private static XElement? Parse(string xml)
    {
        try
        {
            var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = JsonRecordSplitter.MaximumRecord };
            using var text = new StringReader(xml);
            using XmlReader reader = XmlReader.Create(text, settings);
            return Load(reader);
        }
        catch (XmlException)
        {
            return null;
        }
    }

    // XElement.Load has no depth limit and recurses: deep nesting would overflow the stack.
    private static XElement Load(XmlReader reader)
    {
        reader.MoveToContent();
        var open = new Stack<XElement>();
        XElement? root = null;
        do
        {
            switch (reader.NodeType)
            {
                case XmlNodeType.Element:
                    var element = new XElement(XName.Get(reader.LocalName));
                    bool empty = reader.IsEmptyElement;
                    while (reader.MoveToNextAttribute())
                    {
                        if (reader.Prefix != "xmlns" && reader.LocalName != "xmlns")
                        {
                            element.SetAttributeValue(XName.Get(reader.LocalName), reader.Value);
                        }
                    }

                    if (open.Count > 0)
                    {
                        open.Peek().Add(element);
                    }

                    root ??= element;
                    if (!empty)
                    {
                        open.Push(element);
                    }

                    if (open.Count > EventLog.BinXmlCompiler.MaximumDepth)
                    {
                        throw new XmlException("deeper nesting than a real event has");
                    }

                    break;
                case XmlNodeType.EndElement:
                    open.Pop();
                    break;
                case XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace:
                    open.Peek().Add(new XText(reader.Value));
                    break;
            }
        }
        while (reader.Read());
        return root ?? throw new XmlException("no element");
    }

    private static void Header(XElement system, EventRecord record)
    {
        foreach (XElement element in system.Elements())
        {
            long number = TextNumber.TryParse(element.Value, out long parsed) ? parsed : 0;
            switch (element.Name.LocalName)
            {
                case "Provider":
                    record.Provider = (string?)element.Attribute("Name") ?? "";
                    record.ProviderId = Guid.TryParse((string?)element.Attribute("Guid"), out Guid provider) ? provider : null;
                    break;
                case "EventID":
                    record.EventId = (int)(number & 0xFFFF);
                    break;
                case "Version":
                    record.EventVersion = (int)number;
                    break;
                case "Level":
                    record.Level = (int)number;
                    break;
                case "Task":
                    record.Task = (int)number;
                    break;
                case "Opcode":
                    record.Opcode = (int)number;
                    break;
                case "Keywords":
                    record.Keywords = (ulong)number;
                    break;
                case "TimeCreated":
                    record.TimeCreated = element.Attribute("SystemTime") is { } time ? Time(time.Value) : null;
                    break;
                case "EventRecordID":
                    record.RecordId = number;
                    break;
                case "Correlation":
                    record.ActivityId = Guid.TryParse((string?)element.Attribute("ActivityID"), out Guid activity) && activity != Guid.Empty ? activity : null;
                    break;
                case "Execution":
                    record.ProcessId = TextNumber.TryParse((string?)element.Attribute("ProcessID") ?? "", out long process) ? (int)process : null;
                    record.ThreadId = TextNumber.TryParse((string?)element.Attribute("ThreadID") ?? "", out long thread) ? (int)thread : null;
                    break;
                case "Channel":
                    record.Channel = element.Value;
                    break;
                case "Computer":
                    record.Computer = element.Value;
                    break;
                case "Security":
                    record.UserSid = (string?)element.Attribute("UserID");
                    break;
            }
        }
    }

    private static object? Value(XElement element)
    {
        if (!element.HasElements)
        {
            return element.Value.Length == 0 ? null : element.Value;
        }

        return element.Elements().Select(static child => new EventField(child.Name.LocalName, Value(child))).ToArray();
    }

    private static XElement? Child(XElement element, string name) => element.Elements().FirstOrDefault(child => child.Name.LocalName == name);

    private static DateTime? Unix(double number, double unit)
    {
        // Whole ticks first: a double holds microseconds of today's seconds, not more.
        double ticks = Math.Round(number * unit * 1e6) * 10;
        return Math.Abs(ticks) < 6e17 && s_unixEpoch.Ticks + (long)ticks is >= 0 and var sum && sum <= DateTime.MaxValue.Ticks
            ? new DateTime(sum, DateTimeKind.Utc)
            : null;
    }
}
