using System;
using System.Collections.Generic;

namespace ApiLevel.Formats.JsonEvents;

/// <summary>What a property of an export means for the record's header.</summary>
internal enum HeaderSlot
{
    EventId,
    Provider,
    ProviderId,
    TimeCreated,
    EventVersion,
    Level,
    Task,
    Opcode,
    Keywords,
    ProcessId,
    ThreadId,
    Computer,
    Channel,
    RecordId,
    UserSid,
    ActivityId,

    /// <summary>Splunk's input, with the channel behind a colon: "XmlWinEventLog:Security".</summary>
    ChannelSource,
}

/// <summary>How a property of an export holds the payload.</summary>
internal enum PayloadForm
{
    /// <summary>EventData: an object of names and values, or Data items with names.</summary>
    EventData,

    /// <summary>UserData: one object around an object of names and values.</summary>
    UserData,

    /// <summary>A text that holds JSON with EventData or UserData.</summary>
    JsonText,

    /// <summary>A text that holds the event's XML, or lines of name=value.</summary>
    RawText,

    /// <summary>A text that holds the XML of EventData alone.</summary>
    DataXml,

    /// <summary>A list of values without names.</summary>
    Values,

    /// <summary>An object of names and values, or a text "name: value ¦ name: value".</summary>
    Details,
}

/// <summary>
/// One way of writing events as JSON, as a row of a table: how it is recognised, and what its properties mean. Paths are names with
/// dots between them; a file may nest the objects or have the dots in its names. Where several paths mean the same, the first wins.
/// </summary>
internal sealed class JsonShape
{
    /// <summary>What Elastic, Splunk and others put around the event; looked into before a shape is chosen.</summary>
    public static readonly string[] Wrappers = ["_source", "result"];

    private static readonly JsonShape[] s_all = MakeAll();

    private readonly string[][] _signature;

    private JsonShape(string signature, string header, string payload = "", string ignored = "", bool flat = false, bool exact = false, string prefix = "")
    {
        IsFlat = flat;
        Root = new JsonRule(exact ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase);
        _signature = Array.ConvertAll(signature.Split([' '], StringSplitOptions.RemoveEmptyEntries), static group => group.Split('|'));
        int order = 0;
        foreach (string entry in header.Split([' ', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = entry.Split('=');
            JsonRule rule = Add(prefix + parts[0]);
            rule.Slot = (HeaderSlot)Enum.Parse(typeof(HeaderSlot), parts[1]);
            rule.Order = order++;
        }

        foreach (string entry in payload.Split([' ', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = entry.Split('=');
            JsonRule rule = Add(prefix + parts[0]);
            rule.Payload = (PayloadForm)Enum.Parse(typeof(PayloadForm), parts[1]);
            rule.Order = order++;
        }

        foreach (string entry in ignored.Split([' ', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries))
        {
            Add(entry);
        }
    }

    /// <summary>What no rule names is a field of the payload.</summary>
    public bool IsFlat { get; }

    public JsonRule Root { get; }

    /// <summary>The first shape whose signature is there.</summary>
    public static JsonShape For(JsonTree tree, int root)
    {
        foreach (JsonShape shape in s_all)
        {
            if (shape.Fits(tree, root))
            {
                return shape;
            }
        }

        return s_all[s_all.Length - 1];
    }

    private bool Fits(JsonTree tree, int root)
    {
        foreach (string[] group in _signature)
        {
            bool any = false;
            for (int i = root + 1; i < tree.End(root) && !any; i = tree.End(i))
            {
                string name = tree.Name(i);
                foreach (string wanted in group)
                {
                    // "winlog" is there as well when only "winlog.event_id" is.
                    // The case counts: "Event" is evtx_dump's, "event" is ECS's.
                    any |= name.StartsWith(wanted, StringComparison.Ordinal)
                        && (name.Length == wanted.Length || name[wanted.Length] == '.');
                }
            }

            if (!any)
            {
                return false;
            }
        }

        return true;
    }

    private JsonRule Add(string path)
    {
        JsonRule rule = Root;
        foreach (string name in path.Split('.'))
        {
            rule = rule.Child(name);
        }

        return rule;
    }

    private static JsonShape[] MakeAll()
    {
        const string System = """
            System.EventID=EventId System.Provider.#attributes.Name=Provider System.Provider.Name=Provider System.Provider.@Name=Provider
            System.Provider_attributes.Name=Provider System.Provider.#attributes.Guid=ProviderId System.Provider.Guid=ProviderId
            System.Provider.@Guid=ProviderId System.Provider_attributes.Guid=ProviderId
            System.TimeCreated.#attributes.SystemTime=TimeCreated System.TimeCreated.SystemTime=TimeCreated
            System.TimeCreated.@SystemTime=TimeCreated System.TimeCreated_attributes.SystemTime=TimeCreated System.TimeCreated=TimeCreated
            System.Version=EventVersion System.Level=Level System.Task=Task System.Opcode=Opcode System.Keywords=Keywords
            System.Execution.#attributes.ProcessID=ProcessId System.Execution.ProcessID=ProcessId System.Execution.@ProcessID=ProcessId
            System.Execution_attributes.ProcessID=ProcessId System.Execution.#attributes.ThreadID=ThreadId System.Execution.ThreadID=ThreadId
            System.Execution.@ThreadID=ThreadId System.Execution_attributes.ThreadID=ThreadId
            System.Correlation.#attributes.ActivityID=ActivityId System.Correlation.ActivityID=ActivityId System.Correlation.@ActivityID=ActivityId
            System.Correlation_attributes.ActivityID=ActivityId
            System.Security.#attributes.UserID=UserSid System.Security.UserID=UserSid System.Security.@UserID=UserSid
            System.Security_attributes.UserID=UserSid
            System.EventRecordID=RecordId System.Channel=Channel System.Computer=Computer
            """;

        const string Wazuh = """
            win.system.eventID=EventId win.system.providerName=Provider win.system.providerGuid=ProviderId win.system.systemTime=TimeCreated
            win.system.version=EventVersion win.system.level=Level win.system.task=Task win.system.opcode=Opcode win.system.keywords=Keywords
            win.system.processID=ProcessId win.system.threadID=ThreadId win.system.computer=Computer win.system.channel=Channel
            win.system.eventRecordID=RecordId win.system.userID=UserSid win.system.activityID=ActivityId
            """;

        return
        [
            // evtx_dump, and XML that was turned into JSON member by member.
            new JsonShape("Event", System, "EventData=EventData UserData=UserData", prefix: "Event."),

            // Velociraptor's parse_evtx.
            new JsonShape("System", System, "EventData=EventData UserData=UserData"),

            // Winlogbeat and the Elastic agent.
            new JsonShape(
                "winlog",
                """
                winlog.event_id=EventId event.code=EventId winlog.provider_name=Provider event.provider=Provider winlog.provider_guid=ProviderId
                winlog.time_created=TimeCreated @timestamp=TimeCreated winlog.version=EventVersion winlog.level=Level log.level=Level
                winlog.task=Task winlog.opcode=Opcode winlog.keywords=Keywords winlog.process.pid=ProcessId winlog.process.thread.id=ThreadId
                winlog.computer_name=Computer winlog.channel=Channel winlog.record_id=RecordId winlog.user.identifier=UserSid
                winlog.activity_id=ActivityId
                """,
                "winlog.event_data=EventData winlog.user_data=UserData"),

            // The Event table of Azure Monitor Logs and Sentinel.
            new JsonShape(
                "EventLog EventID RenderedDescription|ParameterXml|EventLevelName",
                """
                EventID=EventId Source=Provider TimeGenerated=TimeCreated EventLevel=Level EventLevelName=Level EventCategory=Task Computer=Computer
                EventLog=Channel
                """,
                "EventData=DataXml"),

            // journalctl -o json: Sysmon for Linux writes its events' XML as the message.
            new JsonShape("MESSAGE __REALTIME_TIMESTAMP|SYSLOG_IDENTIFIER|_PID", "", "MESSAGE=RawText"),

            // The same in the Syslog table of Azure Monitor Logs and Sentinel.
            new JsonShape("SyslogMessage", "", "SyslogMessage=RawText"),

            // Wazuh, the event alone and inside of an alert.
            new JsonShape("win", Wazuh, "win.eventdata=EventData win.userdata=UserData"),
            new JsonShape("data rule|agent|manager|decoder", Wazuh, "win.eventdata=EventData win.userdata=UserData", prefix: "data."),

            // EvtxECmd --json.
            new JsonShape(
                "EventId Payload|PayloadData1|ChunkNumber|MapDescription",
                """
                EventId=EventId Provider=Provider TimeCreated=TimeCreated Level=Level Keywords=Keywords ProcessId=ProcessId ThreadId=ThreadId
                Computer=Computer Channel=Channel EventRecordId=RecordId UserId=UserSid
                """,
                "Payload=JsonText"),

            // hayabusa json-timeline.
            new JsonShape(
                "RuleTitle EventID",
                """
                EventID=EventId Provider=Provider Timestamp=TimeCreated Computer=Computer Channel=Channel RecordID=RecordId
                """,
                "AllFieldInfo=Details Details=Details ExtraFieldInfo=Details"),

            // NXLog; the field names are its own, what is left comes from EventData. ProcessID is the header's, ProcessId a field of Sysmon:
            // the case decides.
            new JsonShape(
                "EventID SourceModuleType|SourceModuleName|EventReceivedTime|SeverityValue",
                """
                EventID=EventId SourceName=Provider ProviderGuid=ProviderId @timestamp=TimeCreated EventTime=TimeCreated Version=EventVersion
                Level=Level Task=Task TaskValue=Task OpcodeValue=Opcode Keywords=Keywords ExecutionProcessID=ProcessId ProcessID=ProcessId
                ExecutionThreadID=ThreadId ThreadID=ThreadId
                Hostname=Computer Channel=Channel RecordNumber=RecordId UserID=UserSid ActivityID=ActivityId
                """,
                ignored: """
                Message EventType SeverityValue Severity EventReceivedTime SourceModuleName SourceModuleType Category Opcode AccountName AccountType
                Domain host port tags @version RelatedActivityID EventTypeID EventLevelName
                """,
                flat: true,
                exact: true),

            // Splunk: the raw event where it is there, else the fields it took out of it.
            new JsonShape(
                "_raw|EventCode",
                """
                EventCode=EventId EventID=EventId SourceName=Provider Name=Provider ProviderGuid=ProviderId Guid=ProviderId SystemTime=TimeCreated
                _time=TimeCreated Version=EventVersion Level=Level Task=Task OpcodeValue=Opcode Keywords=Keywords ProcessID=ProcessId
                ThreadID=ThreadId ComputerName=Computer Computer=Computer LogName=Channel Channel=Channel RecordNumber=RecordId
                EventRecordID=RecordId UserID=UserSid Sid=UserSid ActivityID=ActivityId source=ChannelSource
                """,
                "_raw=RawText",
                ignored: """
                _bkt _cd _indextime _serial _si _sourcetype _subsecond _eventtype_color host sourcetype index linecount punct
                splunk_server splunk_server_group timestamp timestartpos timeendpos date_hour date_mday date_minute date_month date_second date_wday
                date_year date_zone eventtype tag Message Type EventType TaskCategory OpCode SidType preview offset lastrow
                """,
                flat: true,
                exact: true),

            // Get-WinEvent | ConvertTo-Json.
            new JsonShape(
                "ProviderName Id LogName|MachineName|RecordId|Properties",
                """
                Id=EventId ProviderName=Provider ProviderId=ProviderId TimeCreated=TimeCreated Version=EventVersion Level=Level Task=Task Opcode=Opcode
                Keywords=Keywords ProcessId=ProcessId ThreadId=ThreadId MachineName=Computer LogName=Channel RecordId=RecordId UserId=UserSid
                ActivityId=ActivityId
                """,
                "EventData=EventData UserData=UserData Properties=Values"),

            // Anything else that names an event's number: the names that scripts, CSV files and our own objects use.
            new JsonShape(
                "",
                """
                EventId=EventId EventID=EventId event_id=EventId EventCode=EventId Id=EventId InstanceId=EventId event.code=EventId
                ProviderName=Provider Provider=Provider provider_name=Provider SourceName=Provider Source=Provider event.provider=Provider
                ProviderGuid=ProviderId ProviderId=ProviderId provider_guid=ProviderId TimeCreated=TimeCreated SystemTime=TimeCreated
                @timestamp=TimeCreated Timestamp=TimeCreated TimeGenerated=TimeCreated EventTime=TimeCreated UtcTime=TimeCreated
                EventVersion=EventVersion Version=EventVersion Level=Level Task=Task Opcode=Opcode Keywords=Keywords
                ExecutionProcessID=ProcessId ExecutionThreadID=ThreadId Computer=Computer ComputerName=Computer MachineName=Computer Hostname=Computer
                computer_name=Computer Channel=Channel LogName=Channel EventRecordID=RecordId RecordId=RecordId RecordNumber=RecordId
                record_id=RecordId UserSid=UserSid UserId=UserSid ActivityId=ActivityId
                """,
                "EventData=EventData UserData=UserData event_data=EventData user_data=UserData Data=JsonText Payload=JsonText",
                ignored: "Message EventName Path",
                flat: true),
        ];
    }
}

/// <summary>What stands at one place of an export, and what is known about the places below it.</summary>
internal sealed class JsonRule(StringComparer comparer)
{
    private Dictionary<string, JsonRule>? _children;

    public HeaderSlot? Slot { get; set; }

    public PayloadForm? Payload { get; set; }

    /// <summary>The lower one wins.</summary>
    public int Order { get; set; }

    public bool HasChildren => _children is not null;

    public JsonRule Child(string name)
    {
        _children ??= new Dictionary<string, JsonRule>(comparer);
        if (!_children.TryGetValue(name, out JsonRule? child))
        {
            child = new JsonRule(comparer);
            _children.Add(name, child);
        }

        return child;
    }

    /// <summary>The rule for a name below this one; a name with dots goes down several levels, and may leave a rest inside a payload.</summary>
    public JsonRule? Find(string name, out string rest)
    {
        rest = "";
        if (_children is null)
        {
            return null;
        }

        if (_children.TryGetValue(name, out JsonRule? child))
        {
            return child;
        }

        int dot = name.IndexOf('.');
        if (dot <= 0 || !_children.TryGetValue(name.Substring(0, dot), out child))
        {
            return null;
        }

        rest = name.Substring(dot + 1);
        return child.Payload is not null ? child : child.Find(rest, out rest);
    }
}
