using System;
using System.Collections.Generic;

namespace ApiLevel.Formats.JsonEvents;

/// <summary>A field that an export has moved to another place.</summary>
/// <param name="Path">Where it stands now, with dots between the levels.</param>
/// <param name="Name">Its own name; null where only some events have it.</param>
/// <param name="Exceptions">Other names for single events: "8,10=SourceImage 6,7=ImageLoaded".</param>
internal sealed record MovedField(string Path, string? Name, string Exceptions = "")
{
    private readonly Dictionary<int, string> _byEvent = Parse(Exceptions);

    public string? NameOf(int eventId) => _byEvent.TryGetValue(eventId, out string? name) ? name : Name;

    private static Dictionary<int, string> Parse(string exceptions)
    {
        var byEvent = new Dictionary<int, string>();
        foreach (string exception in exceptions.Split([' '], StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = exception.Split('=');
            foreach (string id in parts[0].Split(','))
            {
                byEvent.Add(int.Parse(id, System.Globalization.CultureInfo.InvariantCulture), parts[1]);
            }
        }

        return byEvent;
    }
}

/// <summary>The names that tools give to an event's own fields.</summary>
internal static class ExportedNames
{
    public const string Sysmon = "Microsoft-Windows-Sysmon";

    private const string SysmonChannel = "Microsoft-Windows-Sysmon/Operational";

    /// <summary>Where the Sysmon module of Winlogbeat puts them: elastic/beats:x-pack/winlogbeat/module/sysmon/ingest/sysmon.yml.</summary>
    public static readonly MovedField[] OfSysmonModule =
    [
        new("process.entity_id", "ProcessGuid", "8,10=SourceProcessGuid"),
        new("process.pid", "ProcessId", "8,10=SourceProcessId"),
        new("process.executable", "Image", "8,10=SourceImage 20=Destination"),
        new("process.thread.id", null, "10=SourceThreadId"),
        new("process.command_line", "CommandLine"),
        new("process.working_directory", "CurrentDirectory"),
        new("process.parent.entity_id", "ParentProcessGuid"),
        new("process.parent.pid", "ParentProcessId"),
        new("process.parent.executable", "ParentImage"),
        new("process.parent.command_line", "ParentCommandLine"),
        new("process.pe.original_file_name", "OriginalFileName"),
        new("file.pe.original_file_name", null, "7=OriginalFileName"),
        new("file.path", "TargetFilename", "6,7=ImageLoaded 9=Device"),
        new("file.name", null, "17,18=PipeName"),
        new("network.transport", "Protocol"),
        new("source.ip", "SourceIp"),
        new("source.domain", "SourceHostname"),
        new("source.port", "SourcePort"),
        new("destination.ip", "DestinationIp"),
        new("destination.domain", "DestinationHostname"),
        new("destination.port", "DestinationPort"),
        new("dns.question.name", "QueryName"),
        new("rule.name", "RuleName"),
    ];

    // Yamato-Security/hayabusa-rules:config/default_details.txt; rules of their own may use further ones.
    private static readonly Dictionary<string, string> s_sysmon = Pairs("""
        Cmd=CommandLine Cmdline=CommandLine Proc=Image ParentCmd=ParentCommandLine ParentCmdline=ParentCommandLine LID=LogonId PID=ProcessId
        PGUID=ProcessGuid SrcProc=SourceImage TgtProc=TargetImage SrcPID=SourceProcessId TgtPID=TargetProcessId SrcPGUID=SourceProcessGuid
        TgtPGUID=TargetProcessGuid SrcUser=SourceUser TgtUser=TargetUser Access=GrantedAccess Path=TargetFilename TgtObj=TargetObject
        Pipe=PipeName Query=QueryName Result=QueryResults SrcIP=SourceIp SrcPort=SourcePort SrcHost=SourceHostname TgtIP=DestinationIp
        TgtPort=DestinationPort TgtHost=DestinationHostname Proto=Protocol Hash=Hashes
        """);

    private static readonly Dictionary<string, string> s_security = Pairs("""
        Proc=ProcessName PID=ProcessId ObjName=ObjectName ObjType=ObjectType ObjSvr=ObjectServer HID=HandleId TgtUser=TargetUserName
        SrcUser=SubjectUserName Svc=ServiceName
        """);

    private static readonly Dictionary<string, string> s_processCreation = Pairs("""
        CmdLine=CommandLine Cmdline=CommandLine Path=NewProcessName Proc=NewProcessName PID=NewProcessId User=SubjectUserName LID=SubjectLogonId
        """);

    /// <summary>The event's own name of a field of a timeline; the same name where it is not one of the table.</summary>
    public static string OfHayabusa(EventRecord record, string name)
    {
        const int ProcessCreation = 4688;
        const int DriverLoaded = 6;
        Dictionary<string, string>? names = record.Channel switch
        {
            SysmonChannel => s_sysmon,
            "Security" => record.EventId == ProcessCreation ? s_processCreation : s_security,
            _ => null,
        };
        return names is null || !names.TryGetValue(name, out string? own) ? name
            : names == s_sysmon && record.EventId == DriverLoaded && name == "Path" ? "ImageLoaded"
            : own;
    }

    private static Dictionary<string, string> Pairs(string text)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string pair in text.Split([' ', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = pair.IndexOf('=');
            pairs.Add(pair.Substring(0, equals), pair.Substring(equals + 1));
        }

        return pairs;
    }
}
