using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using ApiLevel.Host.Tests.Support;

namespace ApiLevel.Host.Tests.Telemetry;

public sealed class ResolveApiEventTests(EngineFixture engine) : IClassFixture<EngineFixture>
{
    private const string SysmonMessage = "Process accessed:\r\nRuleName: -\r\nSourceProcessId: 12\r\nSourceImage: C:\\T\\a.exe\r\nTargetImage: C:\\Windows\\System32\\lsass.exe\r\nGrantedAccess: 0x1010\r\n";

    private static readonly string[] s_lostProperties = ["System.Diagnostics.Eventing.Reader.EventProperty", "System.Diagnostics.Eventing.Reader.EventProperty"];

    private PSObject One(object input, string parameters = "") =>
        Assert.Single(engine.Invoke($"$o | Resolve-ApiEvent {parameters}", new Dictionary<string, object> { ["o"] = input }).WithoutErrors());

    private static PSObject Row(params (string Name, object? Value)[] properties)
    {
        PSObject row = new();
        foreach ((string name, object? value) in properties)
        {
            row.Properties.Add(new PSNoteProperty(name, value));
        }

        return row;
    }

    private static PSObject Row(string message) => Row(
        ("Message", message), ("Id", 10), ("Version", (byte)3), ("ProviderName", "Microsoft-Windows-Sysmon"), ("LogName", "Microsoft-Windows-Sysmon/Operational"),
        ("ProcessId", 3000), ("ThreadId", 3001), ("MachineName", "host"), ("RecordId", 77L), ("TimeCreated", new DateTime(2024, 5, 1, 10, 0, 0, DateTimeKind.Utc)));

    private static object? Value(PSObject e, string name) => e.Properties[name].Value;

    [Fact]
    public void A_record_with_ToXml_is_read_from_its_xml()
    {
        PSObject e = One(new RenderedRecord());
        Assert.Equal(("Sysmon", 10, "NtOpenProcess", 12, "a.exe"), (Value(e, "Source"), Value(e, "EventId"), Value(e, "Api"), Value(e, "ProcessId"), Value(e, "ProcessName")));
        Assert.Equal("host", Value(e, "Computer"));
        Assert.Contains("\"GrantedAccessNames\":\"PROCESS_VM_READ\"", (string)Value(e, "Data")!, StringComparison.Ordinal);
    }

    [Fact]
    public void A_record_without_ToXml_gets_its_fields_from_the_message()
    {
        PSObject e = One(Row(SysmonMessage), "-Field TargetImage");
        Assert.Equal((12, "a.exe", "NtOpenProcess"), (Value(e, "ProcessId"), Value(e, "ProcessName"), Value(e, "Api")));
        Assert.Equal(@"C:\Windows\System32\lsass.exe", Value(e, "TargetImage"));
        Assert.Equal(new DateTime(2024, 5, 1, 10, 0, 0, DateTimeKind.Utc), Value(e, "TimeCreated"));
        Assert.Equal(77L, Value(e, "RecordId"));
    }

    [Fact]
    public void Values_without_names_are_named_by_the_catalogue()
    {
        object[] values = ["-", "2024-05-01 10:00:00.000", Guid.NewGuid(), 12u, 13u, @"C:\T\a.exe", Guid.NewGuid(), 640u, @"C:\lsass.exe", 0x1010u, "", "u", "v"];
        PSObject row = Row("");
        row.Properties.Add(new PSNoteProperty("Properties", values.Select(value => Row(("Value", value))).ToArray()));
        PSObject e = One(row, "-Field TargetImage,GrantedAccess");
        Assert.Equal((12, @"C:\lsass.exe", "0x1010"), (Value(e, "ProcessId"), Value(e, "TargetImage"), Value(e, "GrantedAccess")));
    }

    [Fact]
    public void Objects_that_came_over_remoting_are_read()
    {
        PSObject row = Row(SysmonMessage);
        row.Properties.Add(new PSNoteProperty("Properties", s_lostProperties));
        PSObject e = One(PSSerializer.Deserialize(PSSerializer.Serialize(row)));
        Assert.Equal((12, "NtOpenProcess"), (Value(e, "ProcessId"), Value(e, "Api")));
    }

    [Fact]
    public void Rows_of_a_csv_file_are_read_all_of_them_texts()
    {
        PSObject e = One(Row(
            ("Id", "10"), ("ProviderName", "Microsoft-Windows-Sysmon"), ("LogName", "x"), ("TimeCreated", "5/1/2024 10:00:00 AM"),
            ("SourceImage", @"C:\T\a.exe"), ("SourceProcessId", "12"), ("GrantedAccess", "0x10")));
        Assert.Equal((12, "a.exe", "NtOpenProcess"), (Value(e, "ProcessId"), Value(e, "ProcessName"), Value(e, "Api")));
        Assert.Equal(new DateTime(2024, 5, 1, 10, 0, 0, DateTimeKind.Local).ToUniversalTime(), Value(e, "TimeCreated"));
    }

    [Fact]
    public void Objects_made_from_json_are_read_whatever_tool_wrote_them()
    {
        PSObject e = One(Row(("winlog", Row(
            ("event_id", "4656"), ("provider_name", "Microsoft-Windows-Security-Auditing"), ("channel", "Security"),
            ("event_data", Row(("ObjectServer", "Security"), ("ObjectType", "Key"), ("AccessMask", "0x2"), ("ProcessId", "0x20"), ("ProcessName", @"C:\x\y.exe")))))));
        Assert.Equal(("Security", 32, "y.exe"), (Value(e, "Source"), Value(e, "ProcessId"), Value(e, "ProcessName")));
        Assert.StartsWith("Reg", (string)Value(e, "Api")!, StringComparison.Ordinal);
        Assert.Contains("KEY_SET_VALUE", (string)Value(e, "Data")!, StringComparison.Ordinal);
    }

    [Fact]
    public void What_it_wrote_itself_is_read_again_live_and_remoted()
    {
        PSObject first = One(Row(SysmonMessage));
        foreach (object again in new[] { first, PSSerializer.Deserialize(PSSerializer.Serialize(first)) })
        {
            PSObject e = One(again);
            foreach (PSPropertyInfo property in first.Properties)
            {
                Assert.Equal((property.Name, property.Value), (property.Name, Value(e, property.Name)));
            }
        }
    }

    [Fact]
    public void Adding_columns_twice_leaves_one_of_each()
    {
        EngineResult result = engine.Invoke(
            "$e = $o | Resolve-ApiEvent -Field TargetImage; $e | Resolve-ApiEvent -Field TargetImage,SourceImage", new Dictionary<string, object> { ["o"] = Row(SysmonMessage) });
        PSObject e = Assert.Single(result.WithoutErrors());
        Assert.Equal(@"C:\T\a.exe", Value(e, "SourceImage"));
        Assert.Single(e.Properties, property => property.Name == "TargetImage");
    }

    [Fact]
    public void What_is_no_event_is_an_error_of_its_own_and_the_next_follows()
    {
        foreach (object? bad in new object?[] { "text", 5, Row(("Id", 4)), Row(("ProviderName", "x")), Row() })
        {
            EngineResult result = engine.Invoke("$b, $o | Resolve-ApiEvent", new Dictionary<string, object> { ["b"] = bad!, ["o"] = Row(SysmonMessage) });
            ErrorRecord error = Assert.Single(result.Errors);
            Assert.Equal("InputObjectUnknown,ApiLevel.Commands.ResolveApiEventCommand", error.FullyQualifiedErrorId);
            Assert.Equal(ErrorCategory.InvalidArgument, error.CategoryInfo.Category);
            Assert.Single(result.Objects);
        }
    }

    [Fact]
    public void Properties_that_throw_and_objects_that_nest_without_end_do_no_harm()
    {
        Assert.Equal("NtOpenProcess", Value(One(new Throwing()), "Api"));
        PSObject loop = Row(SysmonMessage);
        loop.Properties.Add(new PSNoteProperty("Self", loop));
        Assert.Equal("NtOpenProcess", Value(One(loop), "Api"));
    }

    public sealed class Throwing
    {
        public string ProviderName { get; } = "Microsoft-Windows-Sysmon";

        public int Id { get; } = 10;

        public string LogName { get; } = "x";

        public string Message => throw new InvalidOperationException(LogName);

        public string ToXml() => throw new InvalidOperationException(LogName);
    }

    public sealed class RenderedRecord
    {
        public string ProviderName { get; } = "Microsoft-Windows-Sysmon";

        public int Id { get; } = 10;

        public string ToXml() => _xml;

        private readonly string _xml = """
            <Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Microsoft-Windows-Sysmon' Guid='{5770385f-c22a-43e0-bf4c-06f5698ffbd9}'/>
            <EventID>10</EventID><Version>3</Version><TimeCreated SystemTime='2024-05-01T10:00:00.0Z'/><Execution ProcessID='3000' ThreadID='3001'/><Channel>Microsoft-Windows-Sysmon/Operational</Channel>
            <Computer>host</Computer></System><EventData><Data Name='SourceProcessId'>12</Data><Data Name='SourceImage'>C:\T\a.exe</Data><Data Name='GrantedAccess'>0x10</Data></EventData></Event>
            """;
    }
}
