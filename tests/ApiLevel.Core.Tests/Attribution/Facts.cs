using System.IO;
using System.Linq;
using ApiLevel.Attribution;
using ApiLevel.Facts;
using ApiLevel.Formats;

namespace ApiLevel.Core.Tests.Attribution;

/// <summary>A small store of made-up facts, and records to put before it.</summary>
internal sealed class Facts
{
    public const string Guid = "11111111-2222-3333-4444-555555555555";

    private readonly FactSet _set = new();

    public Facts()
    {
        _set.Sources.Add(new SourceFact { Name = "Watch", Provider = "Acme-Watch", Guid = Guid, Channel = "Watch/Log" });
    }

    public Facts Event(int id, string fields = "", string emitter = "", int version = 0)
    {
        _set.Events.Add(new EventFact { Source = "Watch", Id = id, Version = version, Name = "Event " + id, Fields = fields, Emitter = emitter, Reference = "test" });
        return this;
    }

    public Facts Map(
        string api,
        int id,
        Relation relation = Relation.ViaLowerCall,
        Evidence evidence = Evidence.Medium,
        string via = "",
        ApiLayer layer = ApiLayer.Win32,
        string reference = "test",
        string emitter = "")
    {
        _set.Mappings.Add(new MappingFact
        {
            Api = api, Layer = layer, Source = "Watch", EventId = id, Relation = relation, Evidence = evidence, Via = via, Reference = reference, Emitter = emitter,
        });
        return this;
    }

    public Facts Syscall(string api, int id, Relation relation = Relation.Direct, Evidence evidence = Evidence.High) =>
        Map(api, id, relation, evidence, layer: ApiLayer.Syscall);

    public Facts When(string api, int id, string field, string values)
    {
        _set.Attributions.Add(new AttributionFact { Source = "Watch", EventId = id, Api = api, Field = field, Values = values, Reference = "test" });
        return this;
    }

    public Facts Role(int? id, string role, string field, string value = "")
    {
        _set.EventRoles.Add(new EventRoleFact { Source = "Watch", EventId = id, Role = role, Field = field, Value = value, Reference = "test" });
        return this;
    }

    public Facts Right(string kind, string mask, string name)
    {
        _set.AccessRights.Add(new AccessRightFact { Kind = kind, Mask = mask, Name = name, Reference = "test" });
        return this;
    }

    public Facts Call(string caller, string callee, ApiLayer layer = ApiLayer.Win32, string rpc = "", int? opnum = null)
    {
        _set.Calls.Add(new CallFact { Caller = caller, Callee = callee, CalleeLayer = layer, Kind = rpc.Length > 0 ? "rpc" : "calls", IsPrimary = true, RpcInterface = rpc, Opnum = opnum, Evidence = Evidence.Medium, Reference = "test" });
        return this;
    }

    public Facts Method(string id, string name, int opnum, string method)
    {
        _set.RpcMethods.Add(new RpcMethodFact { Interface = id, InterfaceName = name, Opnum = opnum, Method = method, Reference = "test" });
        return this;
    }

    public Facts Technique(string api, string technique)
    {
        _set.Techniques.Add(new TechniqueFact { Api = api, Technique = technique, Relation = "uses", Evidence = Evidence.Medium, Reference = "test" });
        return this;
    }

    public MappingStore Store()
    {
        using MemoryStream stream = new();
        StoreCompiler.Compile(_set, new byte[32], stream);
        return MappingStore.FromBytes(stream.ToArray());
    }

    public EventAttributor Attributor() => new(Store());

    public ApiTelemetryEvent Attribute(int id, params (string Name, object? Value)[] fields) => Attributor().Attribute(Record(id, fields));

    public static EventRecord Record(int id, params (string Name, object? Value)[] fields) => new()
    {
        Provider = "Acme-Watch",
        EventId = id,
        ProcessId = 7,
        ThreadId = 8,
        Fields = [.. fields.Select(field => new EventField(field.Name, field.Value))],
        PayloadState = PayloadState.Decoded,
    };

    public static string[] Candidates(ApiTelemetryEvent e) => e.Candidates.Split("; ");

    /// <summary>A function chain, two system calls and a disputed mapping, as for the opening of processes.</summary>
    public static Facts Opening(int id, string emitter = "Watcher") => new Facts()
        .Event(id, "Source:UnicodeString;SourcePid:UInt32;Access:HexInt32;Trace:UnicodeString;Kind:UnicodeString", emitter)
        .Map("kernel32!Attach", id, evidence: Evidence.Derived, via: "kernel32!OpenThing; ntdll!NtOpenThing")
        .Map("kernel32!AAA", id, evidence: Evidence.Disputed)
        .Syscall("ntdll!NtAltOpenThing", id)
        .Syscall("ntdll!NtOpenThing", id)
        .Map("kernel32!OpenThing", id, evidence: Evidence.High, via: "ntdll!NtOpenThing");
}
