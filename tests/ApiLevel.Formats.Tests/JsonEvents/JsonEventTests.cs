using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using ApiLevel.Formats.JsonEvents;

namespace ApiLevel.Formats.Tests.JsonEvents;

/// <summary>One event the way each tool writes it.</summary>
public class JsonShapeTests
{
    private static readonly DateTime s_time = new DateTime(2021, 10, 21, 20, 40, 12, DateTimeKind.Utc).AddTicks(8678222);

    /// <summary>Text, and the header fields that this export carries.</summary>
    public static TheoryData<string, string> Exports => new()
    {
        {
            "Get-WinEvent of PowerShell 7",
            """
            {"Id":10,"Version":3,"Qualifiers":null,"Level":4,"Task":10,"Opcode":0,"Keywords":-9223372036854775808,"RecordId":82849,
             "ProviderName":"Microsoft-Windows-Sysmon","ProviderId":"5770385f-c22a-43e0-bf4c-06f5698ffbd9","LogName":"Microsoft-Windows-Sysmon/Operational",
             "ProcessId":1152,"ThreadId":1764,"MachineName":"FS03.offsec.lan","UserId":{"BinaryLength":12,"AccountDomainSid":null,"Value":"S-1-5-18"},
             "TimeCreated":"2021-10-21T22:40:12.8678222+02:00","ActivityId":null,"MatchedQueryIds":[],"Bookmark":{},"LevelDisplayName":"Information",
             "Message":"Process accessed","Properties":[{"Value":"C:\\mimikatz.exe"},{"Value":2032}]}
            """
        },
        {
            "Get-WinEvent of Windows PowerShell",
            """
            {"Message":"Process accessed","Id":10,"Version":3,"Level":4,"Task":10,"Opcode":0,"Keywords":-9223372036854775808,"RecordId":82849,
             "ProviderName":"Microsoft-Windows-Sysmon","ProviderId":"5770385f-c22a-43e0-bf4c-06f5698ffbd9","LogName":"Microsoft-Windows-Sysmon/Operational",
             "ProcessId":1152,"ThreadId":1764,"MachineName":"FS03.offsec.lan","UserId":{"Value":"S-1-5-18"},
             "TimeCreated":"\/Date(1634848812867)\/"}
            """
        },
        {
            "Winlogbeat",
            """
            {"@timestamp":"2021-10-21T20:40:12.867Z","event":{"code":"10","provider":"Microsoft-Windows-Sysmon","kind":"event"},"log":{"level":"information"},
             "message":"Process accessed","winlog":{"event_id":"10","provider_name":"Microsoft-Windows-Sysmon",
             "provider_guid":"{5770385f-c22a-43e0-bf4c-06f5698ffbd9}","channel":"Microsoft-Windows-Sysmon/Operational","computer_name":"FS03.offsec.lan",
             "record_id":82849,"process":{"pid":1152,"thread":{"id":1764}},"version":3,"user":{"identifier":"S-1-5-18"},
             "event_data":{"SourceImage":"C:\\mimikatz.exe","SourceProcessId":"2032"}}}
            """
        },
        {
            "Elasticsearch, flattened",
            """
            {"_index":"w","_source":{"@timestamp":"2021-10-21T20:40:12.867Z","winlog.event_id":10,"winlog.provider_name":"Microsoft-Windows-Sysmon",
             "winlog.channel":"Microsoft-Windows-Sysmon/Operational","winlog.computer_name":"FS03.offsec.lan","winlog.record_id":82849,
             "winlog.event_data.SourceImage":"C:\\mimikatz.exe","winlog.event_data.SourceProcessId":"2032"}}
            """
        },
        {
            "EvtxECmd",
            """
            {"PayloadData1":"SourceProcess: C:\\mimikatz.exe","MapDescription":"Process accessed","ChunkNumber":0,"Computer":"FS03.offsec.lan",
             "Payload":"{\"EventData\":{\"Data\":[{\"@Name\":\"SourceImage\",\"#text\":\"C:\\\\mimikatz.exe\"},{\"@Name\":\"SourceProcessId\",\"#text\":\"2032\"},{\"@Name\":\"Nothing\"}]}}",
             "UserId":"S-1-5-18","Channel":"Microsoft-Windows-Sysmon/Operational","Provider":"Microsoft-Windows-Sysmon","EventId":10,"EventRecordId":"82849",
             "ProcessId":1152,"ThreadId":1764,"Level":"Info","Keywords":"Classic","SourceFile":"x.evtx","TimeCreated":"2021-10-21T20:40:12.8678222+00:00","RecordNumber":1}
            """
        },
        {
            "evtx_dump",
            """
            {"Event":{"#attributes":{"xmlns":"http://schemas.microsoft.com/win/2004/08/events/event"},"System":{"Provider":{"#attributes":{
             "Name":"Microsoft-Windows-Sysmon","Guid":"5770385F-C22A-43E0-BF4C-06F5698FFBD9"}},"EventID":10,"Version":3,"Level":4,"Task":10,"Opcode":0,
             "Keywords":"0x8000000000000000","TimeCreated":{"#attributes":{"SystemTime":"2021-10-21T20:40:12.867822Z"}},"EventRecordID":82849,"Correlation":null,
             "Execution":{"#attributes":{"ProcessID":1152,"ThreadID":1764}},"Channel":"Microsoft-Windows-Sysmon/Operational","Computer":"FS03.offsec.lan",
             "Security":{"#attributes":{"UserID":"S-1-5-18"}}},"EventData":{"SourceImage":"C:\\mimikatz.exe","SourceProcessId":2032}}}
            """
        },
        {
            "Velociraptor",
            """
            {"System":{"Provider":{"Name":"Microsoft-Windows-Sysmon","Guid":"5770385F-C22A-43E0-BF4C-06F5698FFBD9"},"EventID":{"Value":10},"Version":3,"Level":4,
             "Task":10,"Opcode":0,"Keywords":9223372036854775808,"TimeCreated":{"SystemTime":1634848812.867822},"EventRecordID":82849,"Correlation":{},
             "Execution":{"ProcessID":1152,"ThreadID":1764},"Channel":"Microsoft-Windows-Sysmon/Operational","Computer":"FS03.offsec.lan",
             "Security":{"UserID":"S-1-5-18"}},"EventData":{"SourceImage":"C:\\mimikatz.exe","SourceProcessId":2032},"Message":"Process accessed"}
            """
        },
        {
            "hayabusa",
            """
            {"Timestamp":"2021-10-21 20:40:12.867 +00:00","RuleTitle":"LSASS Access","Level":"high","Computer":"FS03.offsec.lan","Channel":"Sysmon","EventID":10,
             "RecordID":82849,"Details":{"SourceImage":"C:\\mimikatz.exe"},"ExtraFieldInfo":{"SourceProcessId":2032},"RuleID":"x"}
            """
        },
        {
            "hayabusa, details as text",
            """
            {"Timestamp":"2021-10-21 20:40:12.867 +00:00","RuleTitle":"LSASS Access","Level":"high","Computer":"FS03.offsec.lan","Channel":"Sysmon","EventID":10,
             "RecordID":82849,"Details":"SourceImage: C:\\mimikatz.exe ¦ SourceProcessId: 2032"}
            """
        },
        {
            "Splunk, XML",
            """
            {"preview":false,"result":{"_time":"2021-10-21T20:40:12.867+00:00","host":"FS03","source":"XmlWinEventLog","_raw":"<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Microsoft-Windows-Sysmon' Guid='{5770385F-C22A-43E0-BF4C-06F5698FFBD9}'/><EventID>10</EventID><Version>3</Version><Level>4</Level><Task>10</Task><Opcode>0</Opcode><Keywords>0x8000000000000000</Keywords><TimeCreated SystemTime='2021-10-21T20:40:12.8678222Z'/><EventRecordID>82849</EventRecordID><Correlation/><Execution ProcessID='1152' ThreadID='1764'/><Channel>Microsoft-Windows-Sysmon/Operational</Channel><Computer>FS03.offsec.lan</Computer><Security UserID='S-1-5-18'/></System><EventData><Data Name='SourceImage'>C:\\mimikatz.exe</Data><Data Name='SourceProcessId'>2032</Data></EventData></Event>"}}
            """
        },
        {
            "Splunk, fields",
            """
            {"result":{"_time":"2021-10-21 20:40:12.867 UTC","EventCode":"10","SourceName":"Microsoft-Windows-Sysmon","ComputerName":"FS03.offsec.lan",
             "LogName":"Microsoft-Windows-Sysmon/Operational","RecordNumber":"82849","ProcessID":"1152","SourceImage":"C:\\mimikatz.exe","SourceProcessId":"2032",
             "host":"FS03","index":"main","_cd":"1:2","date_hour":"20"}}
            """
        },
        {
            "NXLog",
            """
            {"EventTime":"2021-10-21 20:40:12","Hostname":"FS03.offsec.lan","Keywords":-9223372036854775808,"EventType":"INFO","SeverityValue":2,"Severity":"INFO",
             "EventID":10,"SourceName":"Microsoft-Windows-Sysmon","ProviderGuid":"{5770385F-C22A-43E0-BF4C-06F5698FFBD9}","Version":3,"Task":10,"OpcodeValue":0,
             "RecordNumber":82849,"ExecutionProcessID":1152,"ExecutionThreadID":1764,"Channel":"Microsoft-Windows-Sysmon/Operational","Domain":"NT AUTHORITY",
             "AccountName":"SYSTEM","UserID":"S-1-5-18","AccountType":"User","Message":"Process accessed","Category":"Process accessed","Opcode":"Info",
             "SourceImage":"C:\\mimikatz.exe","SourceProcessId":"2032","EventReceivedTime":"2021-10-21 20:40:13","SourceModuleName":"in","SourceModuleType":"im_msvistalog"}
            """
        },
        {
            "Wazuh",
            """
            {"timestamp":"x","rule":{"level":3},"agent":{"id":"1"},"data":{"win":{"system":{"providerName":"Microsoft-Windows-Sysmon",
             "providerGuid":"{5770385f-c22a-43e0-bf4c-06f5698ffbd9}","eventID":"10","version":"3","level":"4","task":"10","opcode":"0",
             "keywords":"0x8000000000000000","systemTime":"2021-10-21T20:40:12.8678222Z","eventRecordID":"82849","processID":"1152","threadID":"1764",
             "channel":"Microsoft-Windows-Sysmon/Operational","computer":"FS03.offsec.lan","message":"m"},
             "eventdata":{"sourceImage":"C:\\mimikatz.exe","sourceProcessId":"2032"}}}}
            """
        },
        {
            "a flat row of a script",
            """
            {"EventId":10,"ProviderName":"Microsoft-Windows-Sysmon","Channel":"Microsoft-Windows-Sysmon/Operational","Computer":"FS03.offsec.lan","RecordId":82849,
             "TimeCreated":"2021-10-21T20:40:12.8678222Z","SourceImage":"C:\\mimikatz.exe","SourceProcessId":2032}
            """
        },
    };

    [Theory]
    [MemberData(nameof(Exports))]
    public void Recognises_each_tool(string tool, string json)
    {
        (EventRecord record, List<Problem> problems) = Single(json);

        Assert.Empty(problems);
        Assert.Equal(10, record.EventId);
        Assert.Equal("Microsoft-Windows-Sysmon/Operational", record.Channel);
        Assert.Equal("FS03.offsec.lan", record.Computer);
        Assert.Equal(82849, record.RecordId);
        Assert.NotNull(record.TimeCreated);
        Assert.InRange(record.TimeCreated!.Value, s_time.AddSeconds(-1), s_time.AddMilliseconds(1));
        Assert.Equal(DateTimeKind.Utc, record.TimeCreated.Value.Kind);
        if (!tool.StartsWith("hayabusa", StringComparison.Ordinal))
        {
            Assert.Equal("Microsoft-Windows-Sysmon", record.Provider);
        }

        // Not every export has them; one that has them has these.
        Assert.True(record.ProcessId is null or 1152);
        Assert.True(record.ThreadId is null or 1764);
        Assert.True(record.UserSid is null or "S-1-5-18");
        Assert.True(record.ProviderId is null || record.ProviderId == new Guid("5770385f-c22a-43e0-bf4c-06f5698ffbd9"));

        if (tool.StartsWith("Get-WinEvent", StringComparison.Ordinal))
        {
            Assert.All(record.Fields, field => Assert.Equal("Data", field.Name));
        }
        else
        {
            Assert.Equal(@"C:\mimikatz.exe", record["SourceImage"]);
            Assert.Equal("2032", EventPayload.ToText(record["SourceProcessId"]));
            Assert.Equal(tool == "EvtxECmd" ? 3 : 2, record.Fields.Count);
        }
    }

    [Theory]
    [InlineData("Get-WinEvent of PowerShell 7", 0x8000000000000000)]
    [InlineData("evtx_dump", 0x8000000000000000)]
    [InlineData("Velociraptor", 0x8000000000000000)]
    [InlineData("NXLog", 0x8000000000000000)]
    [InlineData("EvtxECmd", 0x80000000000000)]
    public void Reads_keywords_however_they_are_spelt(string tool, ulong keywords) =>
        Assert.Equal(keywords, Single(Exports.First(row => row.Data.Item1 == tool).Data.Item2).Record.Keywords);

    [Fact]
    public void Keeps_the_exact_time_where_the_export_has_it() =>
        Assert.All(
            Exports.Where(row => row.Data.Item2.Contains("8678222", StringComparison.Ordinal)),
            row => Assert.Equal(s_time, Single(row.Data.Item2).Record.TimeCreated));

    [Fact]
    public void Tells_header_and_payload_apart_by_case_where_a_tool_does()
    {
        EventRecord record = Single("""{"EventID":1,"SourceModuleType":"im_msvistalog","ExecutionProcessID":1152,"ProcessId":"77","ProcessGuid":"{x}"}""").Record;

        Assert.Equal(1152, record.ProcessId);
        Assert.Equal("77", record["ProcessId"]);
    }

    [Fact]
    public void Takes_unnamed_and_repeated_data()
    {
        EventRecord record = Single("""{"Event":{"System":{"EventID":{"#text":1,"#attributes":{"Qualifiers":16384}}},"EventData":{"Data":{"#text":["a","b"]},"Binary":"00"}}}""").Record;

        Assert.Equal(1, record.EventId);
        Assert.Equal([new EventField("Data", "a"), new EventField("Data", "b"), new EventField("Binary", "00")], record.Fields);
    }

    [Fact]
    public void Takes_UserData_out_of_its_element()
    {
        EventRecord record = Single("""{"Event":{"System":{"EventID":1102},"UserData":{"LogFileCleared":{"#attributes":{"xmlns":"x"},"SubjectUserName":"bob","Nested":{"A":1}}}}}""").Record;

        Assert.Equal(["SubjectUserName", "Nested"], record.Fields.Select(field => field.Name));
        Assert.Equal([new EventField("A", 1L)], Assert.IsType<IReadOnlyList<EventField>>(record["Nested"], exactMatch: false));
    }

    [Fact]
    public void Reads_the_classic_text_of_Splunk()
    {
        EventRecord record = Single("""{"result":{"_raw":"10/21/2021 08:40:12 PM\nLogName=Security\nEventCode=4688\nComputerName=DC\nRecordNumber=7\nMessage=A new process\nEventCode=1"}}""").Record;

        Assert.Equal(4688, record.EventId);
        Assert.Equal("Security", record.Channel);
        Assert.Equal("DC", record.Computer);
    }

    [Fact]
    public void Gives_values_the_types_that_the_text_has()
    {
        EventRecord record = Single("""{"EventId":1,"A":-1,"B":18446744073709551615,"C":1.5,"D":true,"E":null,"F":"0x10","G":[],"H":[1,[2]],"I":{"J":"k"}}""").Record;

        Assert.Equal(-1L, record["A"]);
        Assert.Equal(ulong.MaxValue, record["B"]);
        Assert.Equal(1.5, record["C"]);
        Assert.Equal(true, record["D"]);
        Assert.Equal("0x10", record["F"]);
        Assert.Equal("""{"A":-1,"B":18446744073709551615,"C":1.5,"D":true,"E":null,"F":"0x10","G":null,"H":[1,[2]],"I":{"J":"k"}}""", EventPayload.ToJson(record.Fields));
    }

    [Fact]
    public void Asks_the_filter_before_the_payload()
    {
        string text = string.Join('\n', Enumerable.Range(1, 5).Select(i => $$"""{"EventId":{{i}},"ProviderName":"P","X":"y"}"""));
        using EventFileReader reader = Json.Open(text, new EventReadOptions
        {
            HeaderFilter = header =>
            {
                Assert.Empty(header.Fields);
                return header.EventId > 3;
            },
        });

        Assert.Equal([4, 5], reader.Select(record => record.EventId));
    }

    [Fact]
    public void Reads_no_document_type_in_XML()
    {
        (List<EventRecord> records, List<Problem> problems) = Json.ReadAll(
            """{"_raw":"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><Event><System><EventID>1</EventID></System><EventData><Data>&x;</Data></EventData></Event>"}""");

        Assert.Empty(records);
        Assert.Single(problems);
    }

    private static (EventRecord Record, List<Problem> Problems) Single(string json)
    {
        (List<EventRecord> records, List<Problem> problems) = Json.ReadAll(json);
        return (Assert.Single(records), problems);
    }
}

/// <summary>Files of many records, good and bad.</summary>
public class JsonFileTests
{
    [Theory]
    [InlineData("""[{"EventId":1},{"EventId":2},{"EventId":3}]""")]
    [InlineData("[\r\n  {\r\n    \"EventId\": 1\r\n  },\r\n  {\r\n    \"EventId\": 2\r\n  },\r\n  {\r\n    \"EventId\": 3\r\n  }\r\n]\r\n")]
    [InlineData("{\"EventId\":1}\n{\"EventId\":2}\n{\"EventId\":3}\n")]
    [InlineData("{\"EventId\":1}{\"EventId\":2} {\"EventId\":3}")]
    [InlineData("{\n\"EventId\":1\n}\n{\n\"EventId\":2\n}\n{\n\"EventId\":3\n}")]
    public void Reads_arrays_lines_and_concatenated_objects(string text)
    {
        (List<EventRecord> records, List<Problem> problems) = Json.ReadAll(text);

        Assert.Equal([1, 2, 3], records.Select(record => record.EventId));
        Assert.Empty(problems);
    }

    [Theory]
    [InlineData("utf-8", true)]
    [InlineData("utf-8", false)]
    [InlineData("utf-16", true)]
    [InlineData("utf-16", false)]
    [InlineData("utf-16BE", true)]
    [InlineData("utf-16BE", false)]
    public void Reads_the_encodings_that_PowerShell_writes(string encoding, bool bom)
    {
        // Long enough for several blocks, with characters of two, three and four bytes at changing places.
        var text = new StringBuilder("[");
        for (int i = 0; i < 4000; i++)
        {
            text.Append(i > 0 ? ",\n" : "").Append($$"""{"EventId":{{i}},"Text":"{{new string('x', i % 7)}}é€😀"}""");
        }

        var coder = Encoding.GetEncoding(encoding);
        byte[] bytes = [.. bom ? coder.GetPreamble() : [], .. coder.GetBytes(text.Append(']').ToString())];
        using EventFileReader reader = JsonEventFile.Open(ByteSource.FromMemory(bytes), "x").Reader!;
        List<EventRecord> records = reader.ToList();

        Assert.Equal(Enumerable.Range(0, 4000), records.Select(record => record.EventId));
        Assert.All(records, record => Assert.EndsWith("é€😀", (string)record["Text"]!, StringComparison.Ordinal));
        Assert.True(reader.Complete);
        Assert.Equal(bytes.Length, reader.Position);
    }

    [Fact]
    public void Names_the_line_of_a_row_that_is_no_event_and_goes_on()
    {
        (List<EventRecord> records, List<Problem> problems) = Json.ReadAll(
            "{\"EventId\":1}\n" +
            "{\"some\":\"thing\"}\n" +
            "not json at all {\n" +
            "{\"EventId\":2,}\n" +
            "{\"EventId\":3,\"Cut\":\"off\n" +
            "{\"EventId\":4}\n" +
            "{\"EventId\":5,\"Cut\":{\"a\":1\n" +
            "{\"EventId\":6}\n" +
            "{\"EventId\":7 \"x\"}\n" +
            "{\"EventId\":8}");

        Assert.Equal([1, 2, 4, 6, 8], records.Select(record => record.EventId));
        Assert.Equal(["line 2", "line 3", "line 3", "line 5", "line 7", "line 9"], problems.Select(problem => problem.Where));
    }

    [Fact]
    public void Passes_over_a_record_that_is_larger_than_any_event()
    {
        string text = "{\"EventId\":1}\n{\"EventId\":2,\"X\":\"" + new string('x', 20 << 20) + "\"}\n{\"EventId\":3}";

        (List<EventRecord> records, List<Problem> problems) = Json.ReadAll(text);

        Assert.Equal([1, 3], records.Select(record => record.EventId));
        Assert.Equal("line 2", Assert.Single(problems).Where);
    }

    [Fact]
    public void Survives_nesting_without_end()
    {
        Assert.Single(Json.ReadAll("{\"EventId\":1,\"a\":" + new string('[', 1 << 20)).Problems);
        Assert.Single(Json.ReadAll("{\"EventId\":1,\"a\":" + new string('[', 1 << 16) + new string(']', 1 << 16) + "}").Problems);
        Assert.Single(Json.ReadAll("{\"EventId\":1,\"a\":[1" + string.Concat(Enumerable.Repeat(",1", 1 << 20)) + "]}").Problems);
        string deep = string.Concat(Enumerable.Repeat("<a>", 20000)) + string.Concat(Enumerable.Repeat("</a>", 20000));
        Assert.Single(Json.ReadAll("{\"_raw\":\"<Event>" + deep + "</Event>\"}").Problems);
    }

    [Fact]
    public void Survives_damaged_text()
    {
        const int Mutants = 3000;
        int seed = Environment.TickCount;
        var random = new Random(seed);
        byte[] text = Encoding.UTF8.GetBytes(string.Join('\n', JsonShapeTests.Exports.Select(row => row.Data.Item2)));
        long records = 0;
        for (int i = 0; i < Mutants; i++)
        {
            byte[] mutant = text.ToArray();
            for (int j = random.Next(1, 8); j > 0; j--)
            {
                mutant[random.Next(1, mutant.Length)] = random.Next(3) == 0 ? "{}[]\",:\\\n\0"u8[random.Next(10)] : (byte)random.Next(256);
            }

            try
            {
                using EventFileReader? reader = JsonEventFile.Open(ByteSource.FromMemory(mutant), "x").Reader;
                foreach (EventRecord record in (IEnumerable<EventRecord>?)reader ?? [])
                {
                    records++;
                    _ = EventPayload.ToJson(record.Fields);
                }
            }
            catch (Exception exception)
            {
                Assert.Fail($"mutant {i} of seed {seed}: {exception}");
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}: {Mutants} mutants, {records} records");
        Assert.True(records > Mutants * 4);
    }

    [Theory]
    [InlineData("", ReadFailureKind.FileEmpty)]
    [InlineData("EventId,Provider\n1,x", ReadFailureKind.WrongFormat)]
    [InlineData("   ", ReadFailureKind.WrongFormat)]
    public void Says_why_a_file_is_no_JSON(string text, ReadFailureKind kind) =>
        Assert.Equal(kind, JsonEventFile.Open(ByteSource.FromMemory(Encoding.UTF8.GetBytes(text)), "x.json").Failure!.Kind);
}

internal static class Json
{
    public static EventFileReader Open(string text, EventReadOptions? options = null) =>
        JsonEventFile.Open(ByteSource.FromMemory(Encoding.UTF8.GetBytes(text)), "test.json", options).Reader!;

    public static (List<EventRecord> Records, List<Problem> Problems) ReadAll(string text)
    {
        using EventFileReader reader = Open(text);
        return (reader.ToList(), reader.Problems.ToList());
    }
}
