using System.IO;
using ApiLevel.Facts;

namespace ApiLevel.Core.Tests.Support;

/// <summary>A small set of facts with one of everything that the rules about names, chains and verdicts tell apart.</summary>
internal static class TestFacts
{
    /// <summary>Compiles facts as the build does and opens what came out.</summary>
    public static MappingStore Open(FactSet? facts = null) => MappingStore.FromBytes(Compile(facts ?? Create()), "test.facts");

    public static byte[] Compile(FactSet facts)
    {
        using var stream = new MemoryStream();
        StoreCompiler.Compile(facts, new byte[32], stream);
        return stream.ToArray();
    }

    public static FactSet Create()
    {
        var facts = new FactSet();
        facts.Properties["DataVersion"] = "7.0";
        facts.WindowsReleases.Add(new WindowsReleaseFact { Name = "10-1511", Build = 10586, Kind = "client" });
        facts.WindowsReleases.Add(new WindowsReleaseFact { Name = "10-1809", Build = 17763, Kind = "client" });
        facts.WindowsReleases.Add(new WindowsReleaseFact { Name = "11-24H2", Build = 26100, Kind = "client" });
        facts.Sources.Add(new SourceFact
        {
            Name = "Sysmon",
            Provider = "Microsoft-Windows-Sysmon",
            Guid = "5770385f-c22a-43e0-bf4c-06f5698ffbd9",
            Channel = "Microsoft-Windows-Sysmon/Operational",
            Delivery = "channel",
        });
        facts.Sources.Add(new SourceFact
        {
            Name = "Security",
            Provider = "Microsoft-Windows-Security-Auditing",
            Guid = "54849625-5478-4994-a5ba-3e3b0328c30d",
            Channel = "Security",
            Delivery = "channel",
        });
        facts.Sources.Add(new SourceFact
        {
            Name = "Kernel-Audit",
            Provider = "Kernel-Audit",
            Guid = "e02a841c-75a3-4fa7-afc8-ae09cf9b7f23",
            Delivery = "session",
        });

        Event("Sysmon", 10, "Process accessed", "sysmon-config:ProcessAccess", "schema 3.0", channel: "Microsoft-Windows-Sysmon/Operational");
        Event("Sysmon", 24, "Clipboard", "sysmon-config:ClipboardChange", "schema 4.40", channel: "Microsoft-Windows-Sysmon/Operational");
        Event("Security", 4624, "Logon", "auditpol:{0cce9215-69ae-11d9-bed3-505054503030}", "10-1511", channel: "Security");
        Event("Security", 4663, "Object access", "sacl:object", "10-1809", channel: "Security");
        Event("Kernel-Audit", 5, "Open process", "etw-session", "10-1511");
        facts.AuditSubcategories.Add(new AuditSubcategoryFact { Name = "Logon", Guid = "0cce9215-69ae-11d9-bed3-505054503030", Category = "Logon/Logoff", DefaultSetting = "Success", EventIds = "4624", Reference = "test" });

        Export("kernel32", "OpenProcess");
        Export("kernel32", "CreateThing", "A");
        Export("kernel32", "CreateThing", "W");
        Export("gdi32", "LineDDA");
        Export("kernel32", "K32EnumThings");
        Export("psapi", "EnumThings");
        Export("advapi32", "LogonUser", "A");
        Export("advapi32", "LogonUser", "W");
        Export("user32", "SetClipboardData");
        Export("ws2_32", "connect");
        Export("kernel32", "Silent");
        Export("kernel32", "HalfKnown");
        facts.Natives.Add(new NativeFact { Module = "ntdll", Name = "NtOpenProcess", ZwName = "ZwOpenProcess", Kind = "syscall", FirstBuild = "3790", LastBuild = "26200", SyscallNumbers = "19041:38; 26200:38", Reference = "test" });
        facts.Natives.Add(new NativeFact { Module = "ntdll", Name = "NtSilent", Kind = "syscall", Reference = "test" });
        facts.ApiSets.Add(new ApiSetFact { Contract = "api-ms-win-core-thing-l1-1-0", LookupKey = "api-ms-win-core-thing-l1-1", Host = "kernelbase" });
        facts.Ordinals.Add(new OrdinalFact { Module = "ws2_32", Ordinal = 4, Name = "connect", Stable = true });
        facts.Ordinals.Add(new OrdinalFact { Module = "ws2_32", Ordinal = 5, Name = "other", Stable = false });

        Map("ntdll!NtOpenProcess", "Kernel-Audit", 5, Relation.Direct, Evidence.High, layer: ApiLayer.Syscall);
        Map("kernel32!OpenProcess", "Sysmon", 10, Relation.ViaLowerCall, Evidence.High, "target differs", "ntdll!NtOpenProcess");
        Map("advapi32!LogonUser", "Security", 4624, Relation.ViaLowerCall, Evidence.Medium, "logon succeeds");
        Map("user32!SetClipboardData", "Sysmon", 24, Relation.Direct, Evidence.Low);
        Map("ntdll!NtOpenProcess", "Security", 4663, Relation.Conditional, Evidence.Medium, "sacl", layer: ApiLayer.Syscall);

        Call("kernel32!OpenProcess", "kernelbase!OpenProcess", ApiLayer.Win32, "forwards");
        Call("kernel32!OpenProcess", "ntdll!NtOpenProcess", ApiLayer.Syscall, "calls");
        Call("kernel32!CreateThing", "kernel32!OpenProcess", ApiLayer.Win32, "calls", evidence: Evidence.Low);
        Call("kernel32!Silent", "ntdll!NtSilent", ApiLayer.Syscall, "calls");
        Call("kernel32!HalfKnown", "user32!Elsewhere", ApiLayer.Win32, "calls");
        Call("user32!Restricted", "ntdll!NtOpenProcess", ApiLayer.Syscall, "calls", context: "Security 4663");
        Call("user32!OtherClass", "ntdll!NtOpenProcess", ApiLayer.Syscall, "calls", context: "no event");
        Call("user32!AsksService", "service!Method", ApiLayer.RpcMethod, "rpc");
        Call("kernel32!Silent", "ntdll!NtOpenProcess", ApiLayer.Syscall, "calls", primary: false);
        facts.Invisible.Add(new InvisibleFact { Api = "kernel32!Silent", Reason = "It reads memory.", Searched = "everything", Evidence = Evidence.Medium, Reference = "test" });
        facts.Unsettled.Add(new UnsettledFact { Api = "kernel32!HalfKnown", Reason = "Half is known.", SettledBy = "the other half", Reference = "test" });
        facts.Techniques.Add(new TechniqueFact { Api = "kernel32!OpenProcess", Technique = "T1055.001", Relation = "any one api is enough", Context = "rule", Evidence = Evidence.Medium, Reference = "test" });
        facts.Categories.Add(new CategoryFact { Api = "kernel32!OpenProcess", Scheme = "capa-namespace", Category = "host-interaction/process", Context = "rule", Reference = "test" });
        return facts;

        void Event(string source, int id, string name, string requirement, string first, string channel = "") => facts.Events.Add(new EventFact
        {
            Source = source,
            Id = id,
            Name = name,
            Requirement = requirement,
            FirstBuild = first,
            Channel = channel,
            Fields = "TargetImage:UnicodeString;ProcessId:UInt32",
            Emitter = source,
            Reference = "test",
        });

        void Export(string module, string name, string variant = "") => facts.Exports.Add(new ExportFact { Module = module, Name = name + variant, BaseName = name, Namespace = "System.Test", MinimumPlatform = "windows6.1", Reference = "test" });

        void Map(
            string api, string source, int id, Relation relation, Evidence evidence, string condition = "", string via = "", ApiLayer layer = ApiLayer.Win32) =>
            facts.Mappings.Add(new MappingFact
            {
                Api = api,
                Layer = layer,
                Source = source,
                EventId = id,
                Relation = relation,
                Evidence = evidence,
                Condition = condition,
                Via = via,
                Reference = "test",
            });

        void Call(
            string caller,
            string callee,
            ApiLayer layer,
            string kind,
            bool primary = true,
            string context = "",
            Evidence evidence = Evidence.Medium) =>
            facts.Calls.Add(new CallFact { Caller = caller, Callee = callee, CalleeLayer = layer, Kind = kind, IsPrimary = primary, Context = context, Evidence = evidence, Reference = "test" });
    }
}
