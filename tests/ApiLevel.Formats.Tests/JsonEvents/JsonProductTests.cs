using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using ApiLevel.Formats.JsonEvents;

namespace ApiLevel.Formats.Tests.JsonEvents;

/// <summary>What products change beyond the spelling: fields moved elsewhere, lists around the records, XML inside of texts.</summary>
public class JsonProductTests
{
    private const string Hit1 = """{"_index":"w","_source":{"winlog":{"event_id":"1","provider_name":"P","record_id":1}}}""";
    private const string Hit2 = """{"_index":"w","_source":{"winlog":{"event_id":"2","provider_name":"P","record_id":2}}}""";

    [Fact]
    public void Puts_the_fields_back_that_the_Sysmon_module_of_Winlogbeat_moves()
    {
        EventRecord created = Single(
            """
            {"@timestamp":"2021-10-21T20:40:12.867Z","event":{"code":"1","module":"sysmon","provider":"Microsoft-Windows-Sysmon"},
             "process":{"entity_id":"{A}","executable":"C:\\a.exe","pid":2032,"command_line":"a -x","working_directory":"C:\\",
               "parent":{"executable":"C:\\b.exe","pid":7,"command_line":"b"},"pe":{"original_file_name":"A.EXE"}},
             "winlog":{"event_id":"1","provider_name":"Microsoft-Windows-Sysmon","process":{"pid":1152},"event_data":{"LogonId":"0x3e7"}}}
            """);
        Assert.Equal(1152, created.ProcessId);
        Assert.Equal(
            [("LogonId", "0x3e7"), ("ProcessGuid", "{A}"), ("ProcessId", "2032"), ("Image", "C:\\a.exe"), ("CommandLine", "a -x"),
             ("CurrentDirectory", "C:\\"), ("ParentProcessId", "7"), ("ParentImage", "C:\\b.exe"), ("ParentCommandLine", "b"), ("OriginalFileName", "A.EXE")],
            Fields(created));

        EventRecord accessed = Single(
            """
            {"process.executable":"C:\\a.exe","process":{"pid":2032,"thread":{"id":9}},"winlog":{"event_id":10,"provider_name":"Microsoft-Windows-Sysmon",
             "event_data":{"TargetImage":"C:\\lsass.exe","SourceProcessId":"5"}}}
            """);
        Assert.Equal("C:\\a.exe", accessed["SourceImage"]);
        Assert.Equal("5", accessed["SourceProcessId"]); // what is still there is not replaced
        Assert.Equal(9L, accessed["SourceThreadId"]);
        Assert.Null(accessed["Image"]);

        EventRecord loaded = Single(
            """{"process":{"pid":1},"file":{"path":"C:\\x.dll"},"winlog":{"event_id":7,"provider_name":"Microsoft-Windows-Sysmon"}}""");
        Assert.Equal("C:\\x.dll", loaded["ImageLoaded"]);
    }

    [Fact]
    public void Adds_nothing_to_events_of_others_that_have_a_process()
    {
        Assert.Empty(Single("""{"process":{"pid":1},"winlog":{"event_id":7,"provider_name":"Other"}}""").Fields);
    }

    [Theory]
    [InlineData("""{"took":5,"timed_out":false,"_shards":{"total":1},"hits":{"total":{"value":2},"max_score":1.0,"hits":[ONE,TWO]},"aggregations":{"a":["}"]}}""")]
    [InlineData("""{"hits":{"hits":[ONE,TWO]}}""")]
    [InlineData("""{"preview":false,"init_offset":0,"messages":[],"fields":[{"name":"x"}],"results":[ONE,TWO],"highlighted":{}}""")]
    [InlineData("""{"value":[ONE,TWO],"Count":2}""")]
    [InlineData("""{"@odata.context":"x","value":[ONE,TWO]}""")]
    [InlineData("[ONE,TWO]")]
    public void Reads_the_records_in_the_answer_of_a_search(string answer)
    {
        string json = answer.Replace("ONE", Hit1, StringComparison.Ordinal).Replace("TWO", Hit2, StringComparison.Ordinal);

        Assert.Equal([1, 2], Read(json).Select(record => record.EventId));
        Assert.Equal([1, 2, 1, 2], Read(json + "\n" + json).Select(record => record.EventId));
    }

    [Fact]
    public void Counts_the_lines_of_an_answer_and_reports_what_is_no_event()
    {
        string json = "{\n\"took\":1,\n\"hits\":{\"hits\":[\n" + Hit1 + ",\n{\"a\":1}\n]}}";
        using EventFileReader reader = Open(json, null);

        Assert.Equal([1], reader.Select(record => record.EventId));
        Assert.Equal("line 5", Assert.Single(reader.Problems).Where);
    }

    [Fact]
    public void Reads_an_answer_of_many_records_one_at_a_time()
    {
        string many = string.Join(",\n", Enumerable.Repeat(Hit1, 300_000));
        Assert.True(many.Length > JsonRecordSplitter.MaximumRecord);

        Assert.Equal(300_000, Read("{\"took\":1,\"hits\":{\"hits\":[" + many + "]}}").Count);
    }

    [Fact]
    public void Takes_no_event_for_an_answer()
    {
        Assert.Equal(3, Single("""{"fields":{"a":1},"EventID":3,"ProviderName":"P","value":[{"EventID":4}]}""").EventId);
    }

    [Fact]
    public void Reads_the_Event_table_of_Azure_Monitor()
    {
        EventRecord record = Single(
            """
            {"TenantId":"t","TimeGenerated":"2021-10-21T20:40:12.867Z","Source":"Microsoft-Windows-Sysmon","EventLog":"Microsoft-Windows-Sysmon/Operational",
             "Computer":"FS03","EventLevel":4,"EventLevelName":"Information","EventID":10,"RenderedDescription":"Process accessed","EventCategory":10,
             "ParameterXml":"<Param>C:\\a.exe</Param>","Type":"Event",
             "EventData":"<DataItem type=\"System.XmlData\" time=\"2021-10-21\"><EventData xmlns=\"http://schemas.microsoft.com/win/2004/08/events/event\"><Data Name=\"SourceImage\">C:\\a.exe</Data><Data Name=\"SourceProcessId\">2032</Data></EventData></DataItem>"}
            """);

        Assert.Equal((10, "Microsoft-Windows-Sysmon", "Microsoft-Windows-Sysmon/Operational", "FS03", 4, 10),
            (record.EventId, record.Provider, record.Channel, record.Computer, record.Level, record.Task));
        Assert.Equal([("SourceImage", "C:\\a.exe"), ("SourceProcessId", "2032")], Fields(record));
    }

    [Fact]
    public void Reads_Sysmon_for_Linux_in_the_journal()
    {
        EventRecord record = Single(
            """
            {"__REALTIME_TIMESTAMP":"1634848812867822","_PID":"500","SYSLOG_IDENTIFIER":"sysmon","MESSAGE":"<Event><System><Provider Name=\"Linux-Sysmon\" Guid=\"{ff032593-a8d3-4f13-b0d6-01fc615a0f97}\"/><EventID>1</EventID><TimeCreated SystemTime=\"2021-10-21T20:40:12.867822000Z\"/><EventRecordID>7</EventRecordID><Execution ProcessID=\"500\" ThreadID=\"501\"/><Channel>Linux-Sysmon/Operational</Channel><Computer>box</Computer></System><EventData><Data Name=\"Image\">/bin/sh</Data><Data Name=\"ProcessId\">9</Data></EventData></Event>"}
            """);

        Assert.Equal(("Linux-Sysmon", 1, 500, "box"), (record.Provider, record.EventId, record.ProcessId!.Value, record.Computer));
        Assert.Equal([("Image", "/bin/sh"), ("ProcessId", "9")], Fields(record));

        EventRecord syslog = Single(
            """
            {"SourceSystem":"Linux","TimeGenerated":"2022-05-11T18:10:20.4Z","Computer":"box","ProcessName":"sysmon","SyslogMessage":"\u003cEvent\u003e\u003cSystem\u003e\u003cProvider Name=\"Linux-Sysmon\"/\u003e\u003cEventID\u003e5\u003c/EventID\u003e\u003cExecution ProcessID=\"500\"/\u003e\u003c/System\u003e\u003cEventData\u003e\u003cData Name=\"Image\"\u003e/bin/sh\u003c/Data\u003e\u003c/EventData\u003e\u003c/Event\u003e"}
            """);
        Assert.Equal(("Linux-Sysmon", 5, 500), (syslog.Provider, syslog.EventId, syslog.ProcessId!.Value));
        Assert.Equal([("Image", "/bin/sh")], Fields(syslog));
    }

    [Fact]
    public void Takes_the_channel_of_a_flat_result_of_Splunk_from_its_input()
    {
        EventRecord record = Single(
            """{"preview":false,"result":{"EventCode":"4688","source":"XmlWinEventLog:Security","host":"h","ProcessID":"4","New_Process_Name":"C:\\a.exe"}}""");
        Assert.Equal(("Security", 4688, 4), (record.Channel, record.EventId, record.ProcessId!.Value));
        Assert.Equal("C:\\a.exe", record["New_Process_Name"]);

        Assert.Equal("System", Single("""{"EventCode":"1","LogName":"System","source":"WinEventLog:Other"}""").Channel);
    }

    [Fact]
    public void Names_the_values_of_Get_WinEvent_where_a_description_is_known()
    {
        const string Json =
            """
            {"Id":10,"Version":3,"ProviderName":"P","ProviderId":"5770385f-c22a-43e0-bf4c-06f5698ffbd9","LogName":"L","MachineName":"M",
             "Properties":[{"Value":"C:\\a.exe"},{"Value":2032}]}
            """;

        Assert.Equal([("Data", "C:\\a.exe"), ("Data", "2032")], Fields(Single(Json)));
        Assert.Equal([("SourceImage", "C:\\a.exe"), ("SourceProcessId", "2032")], Fields(Single(Json, new Schema("SourceImage", "SourceProcessId"))));
        Assert.Equal([("Data", "C:\\a.exe"), ("Data", "2032")], Fields(Single(Json, new Schema("SourceImage"))));
    }

    [Fact]
    public void Gives_the_fields_of_a_timeline_of_hayabusa_their_own_names()
    {
        EventRecord text = Single(
            """{"Timestamp":"2021-10-21 20:40:12.867 +00:00","RuleTitle":"r","Computer":"c","Channel":"Sysmon","EventID":10,"RecordID":5,"Details":"SrcProc: C:\\a.exe ¦ TgtProc: C:\\lsass.exe ¦ Access: 0x1010 ¦ Other: x"}""");
        Assert.Equal("Microsoft-Windows-Sysmon/Operational", text.Channel);
        Assert.Equal([("SourceImage", "C:\\a.exe"), ("TargetImage", "C:\\lsass.exe"), ("GrantedAccess", "0x1010"), ("Other", "x")], Fields(text));

        EventRecord members = Single(
            """{"RuleTitle":"r","Channel":"Sec","EventID":4688,"Details":{"CmdLine":"a -x","Path":"C:\\a.exe","PID":"0x1f"},"ExtraFieldInfo":{"TokenElevationType":"%%1936"}}""");
        Assert.Equal(
            [("CommandLine", "a -x"), ("NewProcessName", "C:\\a.exe"), ("NewProcessId", "0x1f"), ("TokenElevationType", "%%1936")], Fields(members));

        Assert.Equal("Path", Assert.Single(Single("""{"RuleTitle":"r","Channel":"Sys","EventID":7045,"Details":{"Path":"x"}}""").Fields).Name);
    }

    private static List<(string, string?)> Fields(EventRecord record) =>
        record.Fields.Select(field => (field.Name, Convert.ToString(field.Value, System.Globalization.CultureInfo.InvariantCulture))).ToList();

    private static EventRecord Single(string json, IEventSchemaSource? schemas = null) => Assert.Single(Read(json, schemas));

    private static List<EventRecord> Read(string json, IEventSchemaSource? schemas = null)
    {
        using EventFileReader reader = Open(json, schemas);
        List<EventRecord> records = reader.ToList();
        Assert.Empty(reader.Problems);
        return records;
    }

    private static EventFileReader Open(string json, IEventSchemaSource? schemas) =>
        JsonEventFile.Open(ByteSource.FromMemory(Encoding.UTF8.GetBytes(json)), "x.json", new EventReadOptions { Schemas = schemas }).Reader!;

    private sealed class Schema(params string[] names) : IEventSchemaSource
    {
        public bool TryGetSchema(
            Guid providerId, int eventId, int version, out string provider, out string eventName, out IReadOnlyList<EventFieldSchema> fields)
        {
            provider = "P";
            eventName = "";
            fields = Array.ConvertAll(names, static name => new EventFieldSchema(name, ""));
            return true;
        }
    }
}
