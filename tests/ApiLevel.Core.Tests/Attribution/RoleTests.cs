using System;
using System.Globalization;
using System.Linq;
using ApiLevel.Attribution;
using ApiLevel.Facts;
using ApiLevel.Formats;
using ApiLevel.Names;

namespace ApiLevel.Core.Tests.Attribution;

public class RoleTests
{
    [Theory]
    [InlineData("kernel", true)]
    [InlineData("caller", true)]
    [InlineData("", true)]
    [InlineData("lsass.exe", false)]
    public void The_headers_process_is_the_caller_only_where_the_event_is_written_in_its_context(string emitter, bool isCaller)
    {
        ApiTelemetryEvent e = new Facts().Event(1, emitter: emitter).Map("a!One", 1).Attribute(1);
        Assert.Equal(isCaller ? (7, 8) : ((int?)null, (int?)null), (e.ProcessId, e.ThreadId));
    }

    [Fact]
    public void A_field_that_names_the_caller_replaces_the_header_and_a_row_of_the_event_that_of_the_source()
    {
        Facts facts = new Facts().Event(1).Event(2).Event(3)
            .Role(null, "process-id", "Pid").Role(null, "process-name", "Image").Role(null, "thread-id", "")
            .Role(2, "process-id", "ParentPid").Role(2, "process-name", "ParentImage")
            .Role(3, "process-id", "");
        (string, object?)[] fields = [("Pid", 11UL), ("Image", "C:\\x\\child.exe"), ("ParentPid", "0x16"), ("ParentImage", "/usr/bin/parent")];
        ApiTelemetryEvent one = facts.Attribute(1, fields);
        Assert.Equal((11, (int?)null, "child.exe"), (one.ProcessId, one.ThreadId, one.ProcessName));
        ApiTelemetryEvent two = facts.Attribute(2, fields);
        Assert.Equal((0x16, "parent"), (two.ProcessId, two.ProcessName));
        Assert.Null(facts.Attribute(3, fields).ProcessId);
        Assert.Null(facts.Attribute(1).ProcessId);
    }

    [Theory]
    [InlineData(0L)]
    [InlineData("-")]
    [InlineData("")]
    [InlineData(ulong.MaxValue)]
    public void A_value_that_is_no_process_is_none(object value) =>
        Assert.Null(new Facts().Event(1).Role(1, "process-id", "Pid").Attribute(1, ("Pid", value)).ProcessId);

    [Fact]
    public void Rights_are_named_and_bits_without_a_name_are_kept()
    {
        Facts facts = new Facts().Event(1).Role(1, "access-mask", "Access", "process").Event(2).Role(2, "access-mask", "Access", "{Kind}")
            .Right("process", "0x00000010", "READ").Right("process", "0x00001000", "QUERY").Right("process", "0x001fffff", "ALL")
            .Right("standard", "0x00010000", "DELETE").Right("key", "0x00000010", "NOTIFY");
        Assert.Equal("READ; QUERY", facts.Attribute(1, ("Access", 0x1010L)).GetField("AccessNames"));
        Assert.Equal("ALL", facts.Attribute(1, ("Access", "0x1fffff")).GetField("AccessNames"));
        Assert.Equal("READ; DELETE; 0x4", facts.Attribute(1, ("Access", 0x10014UL)).GetField("accessnames"));
        Assert.Equal("NOTIFY", facts.Attribute(2, ("Access", 0x10L), ("Kind", "Key")).GetField("AccessNames"));
        Assert.Equal("0x10", facts.Attribute(2, ("Access", 0x10L), ("Kind", "Strange")).GetField("AccessNames"));
        Assert.Equal("{\"Access\":\"0x1010\",\"AccessNames\":\"READ; QUERY\"}", facts.Attribute(1, ("Access", 0x1010L)).Data);
        Assert.Equal("{\"Access\":\"none\"}", facts.Attribute(1, ("Access", "none")).Data);
    }

    private static Facts Traced() => Facts.Opening(1).Role(1, "call-trace", "Trace", "ntdll;wow64");

    [Fact]
    public void A_stack_through_a_functions_module_names_the_function_and_the_module_that_called_it()
    {
        ApiTelemetryEvent e = Traced().Attribute(1, ("Trace", @"C:\Windows\SYSTEM32\ntdll.dll+909ba|C:\Windows\system32\KERNEL32.dll+2d8e|C:\T\tool.exe+bc|C:\Windows\system32\KERNEL32.DLL+13d2|C:\Windows\SYSTEM32\ntdll.dll+154f4"));
        Assert.Equal(("OpenThing", "kernel32", "Stack"), (e.Api, e.Module, e.Confidence));
        Assert.Equal("kernel32!OpenThing", Facts.Candidates(e)[0]);
        Assert.Equal("tool.exe", e.GetField("CallingModule"));
    }

    [Theory]
    [InlineData(@"C:\Windows\SYSTEM32\ntdll.dll+1|C:\Windows\system32\wow64.dll+2|C:\T\tool.exe+3", "tool.exe")]
    [InlineData(@"C:\T\tool.exe+3|C:\Windows\system32\KERNEL32.DLL+4", "tool.exe")]
    [InlineData(@"C:\Windows\SYSTEM32\ntdll.dll+1|UNKNOWN(00007FF812345678)", "UNKNOWN")]
    public void A_stack_without_the_functions_module_above_the_system_call_leaves_the_system_call(string trace, string caller)
    {
        ApiTelemetryEvent e = Traced().Attribute(1, ("Trace", trace));
        Assert.Equal(("NtOpenThing", "Stack", caller), (e.Api, e.Confidence, e.GetField("CallingModule")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("||||")]
    [InlineData("no stack at all")]
    [InlineData(@"C:\Windows\SYSTEM32\ntdll.dll+1")]
    public void What_is_no_stack_changes_nothing(string trace) =>
        Assert.Equal(("NtOpenThing", "Syscall"), (Traced().Attribute(1, ("Trace", trace)).Api, Traced().Attribute(1, ("Trace", trace)).Confidence));

    [Fact]
    public void Payload_and_header_are_passed_on()
    {
        EventRecord record = Facts.Record(1, ("A", "x"), ("B", 2L));
        record.TimeCreated = new DateTime(2024, 1, 2, 3, 4, 5, DateTimeKind.Utc);
        record.Computer = "host";
        record.Channel = "Watch/Log";
        record.RecordId = 9;
        record.EventVersion = 2;
        ApiTelemetryEvent e = new Facts().Event(1).Attributor().Attribute(record, "f");
        Assert.Equal((record.TimeCreated, "host", "Watch/Log", 9L, 2, "Event 1", "Decoded"), (e.TimeCreated, e.Computer, e.Channel, e.RecordId, e.EventVersion, e.EventName, e.PayloadState));
        Assert.Equal(("x", "2", ""), (e.GetField("a"), e.GetField("B"), e.GetField("C")));
    }

    [Fact]
    public void All_properties_are_scalars()
    {
        foreach (System.Reflection.PropertyInfo property in typeof(ApiTelemetryEvent).GetProperties())
        {
            Type type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            Assert.True(type == typeof(string) || type == typeof(DateTime) || type.IsPrimitive, property.Name);
        }
    }

    [Fact]
    public void Values_without_names_are_named_only_by_a_list_that_fits()
    {
        MappingStore store = new Facts().Event(1, "A:UnicodeString;B:UInt32").Event(1, "A:UnicodeString;B:UInt32;C:UInt32", version: 1).Store();
        SourceEntry source = store.FindSource("Watch")!;
        EventRecord record = Facts.Record(1);
        Assert.Equal(["A=x", "B=2"], MessageFields.Name(store, source, record, ["x", 2L])!.Select(field => field.Name + "=" + Convert.ToString(field.Value, CultureInfo.InvariantCulture)));
        Assert.Equal(3, MessageFields.Name(store, source, record, ["x", 2L, 3L])!.Count);
        Assert.Null(MessageFields.Name(store, source, record, ["x"]));
    }

    [Fact]
    public void A_message_gives_the_fields_that_the_catalogue_names()
    {
        MappingStore store = new Facts().Event(1, "ProcessName:UnicodeString;AccessMask:HexInt32").Store();
        var fields = MessageFields.FromMessage(store, store.FindSource("Watch")!, 1, "A handle:\r\n\tProcess Name:\t\tC:\\a.exe\r\n\tAccess Mask: 0x10\r\n\tOther: x\r\n\tProcess Name: second");
        Assert.Equal([new EventField("ProcessName", "C:\\a.exe"), new EventField("AccessMask", "0x10")], fields);
    }
}
