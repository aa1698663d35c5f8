using System;
using System.Collections.Generic;

namespace ApiLevel.Mapping;

/// <summary>
/// Facts as text, before they are compiled: what the readers of YAML and CSV give and what the compiler of the store and the
/// overlays take. Names are canonical here: <c>module!Name</c>, module in lower case without extension, no A or W of a pair, Nt
/// for Nt and Zw. Lists inside a string are joined with <c>;</c> as in the files.
/// </summary>
public sealed class FactSet
{
    /// <summary>Event sources: one a provider.</summary>
    public List<SourceFact> Sources { get; } = [];

    /// <summary>Events, each version of each.</summary>
    public List<EventFact> Events { get; } = [];

    /// <summary>API to event.</summary>
    public List<MappingFact> Mappings { get; } = [];

    /// <summary>Exported functions by their export spelling.</summary>
    public List<ExportFact> Exports { get; } = [];

    /// <summary>Native functions and system calls.</summary>
    public List<NativeFact> Natives { get; } = [];

    /// <summary>API set contracts.</summary>
    public List<ApiSetFact> ApiSets { get; } = [];

    /// <summary>Exports by ordinal.</summary>
    public List<OrdinalFact> Ordinals { get; } = [];

    /// <summary>Caller to callee.</summary>
    public List<CallFact> Calls { get; } = [];

    /// <summary>API to ATT&amp;CK technique.</summary>
    public List<TechniqueFact> Techniques { get; } = [];

    /// <summary>API to behaviour category.</summary>
    public List<CategoryFact> Categories { get; } = [];

    /// <summary>COM interfaces and classes.</summary>
    public List<ComFact> ComInterfaces { get; } = [];

    /// <summary>Methods of RPC interfaces.</summary>
    public List<RpcMethodFact> RpcMethods { get; } = [];

    /// <summary>Audit subcategories.</summary>
    public List<AuditSubcategoryFact> AuditSubcategories { get; } = [];

    /// <summary>Observables of the Summiting the Pyramid pages, version by version.</summary>
    public List<ObservableFact> Observables { get; } = [];

    /// <summary>Managed members and the native function each reaches (the table derived from the .NET runtime pack).</summary>
    public List<CallFact> ManagedCalls { get; } = [];

    /// <summary>What a field must say for an API to be behind an event.</summary>
    public List<AttributionFact> Attributions { get; } = [];

    /// <summary>Which field of an event holds the caller, the call's rights, the RPC method and the like.</summary>
    public List<EventRoleFact> EventRoles { get; } = [];

    /// <summary>The names of the bits of access masks.</summary>
    public List<AccessRightFact> AccessRights { get; } = [];

    /// <summary>Rows of a source table that were left out or joined, each with its reason.</summary>
    public List<ExclusionFact> Exclusions { get; } = [];

    /// <summary>Single values such as the data version, the Sysmon schema and the ATT&amp;CK version, by name.</summary>
    public SortedDictionary<string, string> Properties { get; } = new(StringComparer.Ordinal);
}

/// <summary>Where a fact stands, for messages.</summary>
/// <param name="File">The file, relative to the folder that was read.</param>
/// <param name="Line">The line, from 1; 0 where unknown.</param>
public readonly record struct FactOrigin(string File, int Line)
{
    /// <summary>Gives "file:line".</summary>
    public override string ToString() => Line > 0 ? File + ":" + Line.ToString(System.Globalization.CultureInfo.InvariantCulture) : File;
}

/// <summary>An event source.</summary>
public sealed record SourceFact
{
    /// <summary>The short name used everywhere: Security, Sysmon, or the provider's own name.</summary>
    public required string Name { get; init; }

    /// <summary>The provider's name as Windows registers it.</summary>
    public required string Provider { get; init; }

    /// <summary>The provider's GUID in the D format; empty when unknown.</summary>
    public string Guid { get; init; } = "";

    /// <summary>The event log channels; empty where it has none by default.</summary>
    public string Channel { get; init; } = "";

    /// <summary>How an event reaches a reader, joined with <c>;</c>: channel, session, system (only as SYSTEM through EventLog-Security), ppl.</summary>
    public string Delivery { get; init; } = "";

    /// <summary>What a reader must be: "administrator", "PPL antimalware", ...; empty when nothing special.</summary>
    public string Privileges { get; init; } = "";

    /// <summary>Whether it writes on a fresh Windows: on, off, per-event, not-installed.</summary>
    public string DefaultState { get; init; } = "";

    /// <summary>One sentence on what it is.</summary>
    public string Description { get; init; } = "";

    /// <summary>The page that documents it; empty when none does.</summary>
    public string Documentation { get; init; } = "";

    /// <summary>Where it stands.</summary>
    public FactOrigin Origin { get; init; }
}

/// <summary>One version of one event.</summary>
public sealed record EventFact
{
    /// <summary>The source's short name.</summary>
    public required string Source { get; init; }

    /// <summary>The event id.</summary>
    public required int Id { get; init; }

    /// <summary>The version.</summary>
    public int Version { get; init; }

    /// <summary>True for the newest version known.</summary>
    public bool IsLatest { get; init; } = true;

    /// <summary>The title.</summary>
    public string Name { get; init; } = "";

    /// <summary>The symbol of the manifest; empty when unknown.</summary>
    public string Symbol { get; init; } = "";

    /// <summary>Fields in order, <c>Name:Type</c> joined with <c>;</c>.</summary>
    public string Fields { get; init; } = "";

    /// <summary>Channels; empty where none is known.</summary>
    public string Channel { get; init; } = "";

    /// <summary>Keyword names joined with <c>;</c>; empty when none.</summary>
    public string Keywords { get; init; } = "";

    /// <summary>The keyword mask in hex ("0x10"); empty when unknown.</summary>
    public string KeywordMask { get; init; } = "";

    /// <summary>Opcode name; empty when none.</summary>
    public string Opcode { get; init; } = "";

    /// <summary>Task name; empty when none.</summary>
    public string Task { get; init; } = "";

    /// <summary>Severity name (Informational, ...).</summary>
    public string Severity { get; init; } = "";

    /// <summary>What must be on, in the tokens of the reference tables joined with <c>;</c>.</summary>
    public string Requirement { get; init; } = "";

    /// <summary>The first Windows release ("10-1511") or Sysmon schema ("schema 2.0") with this id and version.</summary>
    public string FirstBuild { get; init; } = "";

    /// <summary>CAR object/action ("process/create"); empty when none.</summary>
    public string Car { get; init; } = "";

    /// <summary>Where the CAR pair comes from.</summary>
    public string CarReference { get; init; } = "";

    /// <summary>ATT&amp;CK data component; empty when none.</summary>
    public string DataComponent { get; init; } = "";

    /// <summary>Audit category and subcategory, "category/subcategory"; empty outside Security.</summary>
    public string AuditSubcategory { get; init; } = "";

    /// <summary>Which lists name the subcategory ("Logon=WELA+OSSEM-DD"), those that differ included.</summary>
    public string AuditReference { get; init; } = "";

    /// <summary>Columns A, U, K joined with <c>;</c>, newest first; empty when the model does not place it.</summary>
    public string Column { get; init; } = "";

    /// <summary>Which versions of the model say so.</summary>
    public string ColumnReference { get; init; } = "";

    /// <summary>Level 1 to 7 of the draft with the draft's version ("5@draft-2023-06-12"); empty when not placed.</summary>
    public string DraftLevel { get; init; } = "";

    /// <summary>One sentence: when it fires; empty where nobody judged it.</summary>
    public string Fires { get; init; } = "";

    /// <summary>Which process writes it: caller, kernel, Sysmon, lsass.exe, ...; empty when unknown.</summary>
    public string Emitter { get; init; } = "";

    /// <summary>Evidence for the event's own description.</summary>
    public Evidence Evidence { get; init; } = Evidence.Medium;

    /// <summary>Sources of the description.</summary>
    public string Reference { get; init; } = "";

    /// <summary>Where it stands.</summary>
    public FactOrigin Origin { get; init; }
}

/// <summary>One API that leads to one event.</summary>
public sealed record MappingFact
{
    /// <summary>The API, <c>module!Name</c>.</summary>
    public required string Api { get; init; }

    /// <summary>Where the API lives.</summary>
    public ApiLayer Layer { get; init; }

    /// <summary>The source's short name.</summary>
    public required string Source { get; init; }

    /// <summary>The event id.</summary>
    public required int EventId { get; init; }

    /// <summary>How it leads there.</summary>
    public Relation Relation { get; init; }

    /// <summary>
    /// The calls on the way down, nearest first, joined with <c>;</c>: the last one raises the event; empty when unknown.
    /// </summary>
    public string Via { get; init; } = "";

    /// <summary>When it does; empty for always.</summary>
    public string Condition { get; init; } = "";

    /// <summary>Which process writes it; empty where the event's own emitter holds.</summary>
    public string Emitter { get; init; } = "";

    /// <summary>The routine that raises it; empty when unknown.</summary>
    public string Mechanism { get; init; } = "";

    /// <summary>How well it is supported.</summary>
    public Evidence Evidence { get; init; }

    /// <summary>Who says so; several joined with <c>;</c>.</summary>
    public required string Reference { get; init; }

    /// <summary>Where it stands.</summary>
    public FactOrigin Origin { get; init; }
}

/// <summary>One exported function, by its export spelling.</summary>
/// <param name="Module">The module, lower case without extension.</param>
/// <param name="Name">The export's spelling, A or W included.</param>
/// <param name="BaseName">The name without A or W where the two are variants of one function; otherwise the same as Name.</param>
/// <param name="Variant">"A", "W" or empty.</param>
/// <param name="Namespace">The Win32 metadata namespace; empty when it is not in the metadata.</param>
/// <param name="MinimumPlatform">"windows8.1" and the like; empty when unknown.</param>
/// <param name="Architectures">Architectures it is limited to; empty for all.</param>
/// <param name="Reference">Sources.</param>
public sealed record ExportFact(
    string Module, string Name, string BaseName, string Variant, string Namespace, string MinimumPlatform, string Architectures, string Reference)
{
    /// <summary>Whether the function sets the last error; null when unknown.</summary>
    public bool? SetsLastError { get; init; }

    /// <summary>The API set contract under which the metadata lists the function, where that is not its module; empty otherwise.</summary>
    public string Contract { get; init; } = "";
}

/// <summary>One native function or system call.</summary>
/// <param name="Module">The module, lower case without extension.</param>
/// <param name="Name">The Nt name where there is a pair.</param>
/// <param name="ZwName">The Zw name of the pair; empty when there is none.</param>
/// <param name="Kind">ntdll, syscall, win32k-syscall or user-mode export.</param>
/// <param name="FirstBuild">First build with it; empty when unknown.</param>
/// <param name="LastBuild">Last build seen with it; empty when unknown.</param>
/// <param name="SyscallNumbers"><c>build:number</c> joined with <c>;</c>; empty for what is no system call.</param>
/// <param name="Reference">Sources.</param>
public sealed record NativeFact(
    string Module, string Name, string ZwName, string Kind, string FirstBuild, string LastBuild, string SyscallNumbers, string Reference);

/// <summary>One API set contract.</summary>
/// <param name="Contract">The full contract name without extension.</param>
/// <param name="LookupKey">The name without its last number: what the loader looks up.</param>
/// <param name="Host">The host module, lower case without extension; empty for a contract without host.</param>
/// <param name="Builds">Schema builds it was seen in.</param>
/// <param name="Reference">Sources.</param>
public sealed record ApiSetFact(string Contract, string LookupKey, string Host, string Builds, string Reference)
{
    /// <summary>True when the newest schema holds the row.</summary>
    public bool IsInNewestSchema { get; init; }

    /// <summary>A host of its own for one importing module; empty for most.</summary>
    public string Override { get; init; } = "";
}

/// <summary>One export by ordinal.</summary>
/// <param name="Module">The module, lower case without extension.</param>
/// <param name="Ordinal">The ordinal.</param>
/// <param name="Name">The export's spelling.</param>
/// <param name="Stable">True when two sources agree and none differs; false when they differ; null with one source.</param>
/// <param name="Evidence">Support.</param>
/// <param name="Reference">Sources.</param>
public sealed record OrdinalFact(string Module, int Ordinal, string Name, bool? Stable, Evidence Evidence, string Reference);

/// <summary>One edge of the call chain.</summary>
/// <param name="Caller">The caller, <c>module!Name</c> or <c>Namespace.Type::Member</c>.</param>
/// <param name="Callee">The callee, likewise.</param>
/// <param name="CalleeLayer">Where the callee lives.</param>
/// <param name="Kind">calls, rpc, forwards, dcom, documented counterpart, ...</param>
/// <param name="IsPrimary">True for the call that does the work; false for a side call.</param>
/// <param name="RpcInterface">The interface's UUID; empty when the edge is no RPC.</param>
/// <param name="Opnum">The method's number; null when the edge is no RPC.</param>
/// <param name="Context">When the edge is taken; empty for always.</param>
/// <param name="Evidence">Support.</param>
/// <param name="Reference">Sources.</param>
public sealed record CallFact(
    string Caller, string Callee, ApiLayer CalleeLayer, string Kind, bool IsPrimary, string RpcInterface, int? Opnum, string Context, Evidence Evidence, string Reference);

/// <summary>One API and technique.</summary>
/// <param name="Api">The API, <c>module!Name</c>.</param>
/// <param name="Technique">T1055.012 and the like.</param>
/// <param name="Relation">How strongly it speaks for the technique, in the words of the table.</param>
/// <param name="Context">The rule or page that relates them.</param>
/// <param name="Evidence">Support.</param>
/// <param name="Reference">Sources.</param>
public sealed record TechniqueFact(string Api, string Technique, string Relation, string Context, Evidence Evidence, string Reference);

/// <summary>One API and behaviour category.</summary>
/// <param name="Api">The API, <c>module!Name</c>.</param>
/// <param name="Scheme">capa-namespace or mbc.</param>
/// <param name="Category">The category.</param>
/// <param name="Context">The rule that relates them.</param>
/// <param name="Reference">Sources.</param>
public sealed record CategoryFact(string Api, string Scheme, string Category, string Context, string Reference);

/// <summary>One COM interface or class.</summary>
/// <param name="Name">Interface or class name.</param>
/// <param name="Id">IID or CLSID, D format.</param>
/// <param name="Base">The base interface; empty for a class or unknown.</param>
/// <param name="Namespace">The Win32 metadata namespace; empty when unknown.</param>
/// <param name="MinimumPlatform">Empty when unknown.</param>
/// <param name="Methods">Methods in vtable order, without those of the base, joined with <c>;</c>.</param>
/// <param name="Reference">Sources.</param>
public sealed record ComFact(string Name, string Id, string Base, string Namespace, string MinimumPlatform, string Methods, string Reference)
{
    /// <summary>How many methods the interface adds, where the names are not known; null otherwise.</summary>
    public int? MethodCount { get; init; }
}

/// <summary>One RPC method.</summary>
/// <param name="Interface">UUID, D format.</param>
/// <param name="InterfaceName">The interface's name.</param>
/// <param name="Opnum">The method's number; -1 for an interface of which no method is known.</param>
/// <param name="Method">The method's name; empty for an interface of which no method is known.</param>
/// <param name="Protocol">MS-XXXX; empty when unknown.</param>
/// <param name="Reference">Sources.</param>
public sealed record RpcMethodFact(string Interface, string InterfaceName, int Opnum, string Method, string Protocol, string Reference);

/// <summary>One audit subcategory.</summary>
/// <param name="Name">The subcategory's English name.</param>
/// <param name="Guid">Its GUID, D format.</param>
/// <param name="Category">Its category.</param>
/// <param name="DefaultSetting">What a fresh Windows audits.</param>
/// <param name="Volume">How much it writes, in words.</param>
/// <param name="EventIds">Event ids joined with <c>;</c>.</param>
/// <param name="Reference">Sources.</param>
public sealed record AuditSubcategoryFact(string Name, string Guid, string Category, string DefaultSetting, string Volume, string EventIds, string Reference);

/// <summary>One observable of a Summiting the Pyramid page.</summary>
/// <param name="ModelVersion">The version of the model.</param>
/// <param name="Kind">draft-level, level, column, ...</param>
/// <param name="Place">The level or column.</param>
/// <param name="PlaceName">Its name on the page.</param>
/// <param name="Category">The category on the page.</param>
/// <param name="Field">The observable field.</param>
/// <param name="Value">The observable value.</param>
/// <param name="Source">The event source; empty when none is named.</param>
/// <param name="EventId">The event id as text; empty when none is named.</param>
/// <param name="Reference">The page.</param>
public sealed record ObservableFact(
    string ModelVersion, string Kind, string Place, string PlaceName, string Category, string Field, string Value, string Source, string EventId, string Reference)
{
    /// <summary>The commit or tag of the page.</summary>
    public string Commit { get; init; } = "";
}

/// <summary>A row of a source table that is not in the facts as it stood there.</summary>
/// <param name="Table">The table.</param>
/// <param name="Row">What the row was about.</param>
/// <param name="Reason">Why it was left out or joined with another.</param>
public sealed record ExclusionFact(string Table, string Row, string Reason);

/// <summary>What a field of an event must say for an API to be behind it.</summary>
/// <param name="Source">The source's short name.</param>
/// <param name="EventId">The event id.</param>
/// <param name="Api">The API, <c>module!Name</c>; one that a mapping relates to the event.</param>
/// <param name="Field">The field; empty for an API that the event alone never names, because any call over the same transport leaves it.</param>
/// <param name="Values">
/// What the field may say, alternatives joined with <c>;</c>: a text with <c>*</c> and <c>?</c>, a number, <c>&amp;0x10</c> for a
/// mask with one of these bits. One that begins with <c>!</c> excludes; one that begins with <c>~</c> is needed but too common to speak
/// for the API.
/// </param>
/// <param name="Reference">Sources.</param>
public sealed record AttributionFact(string Source, int EventId, string Api, string Field, string Values, string Reference)
{
    /// <summary>Where it stands.</summary>
    public FactOrigin Origin { get; init; }
}

/// <summary>What a field of an event means.</summary>
/// <param name="Source">The source's short name.</param>
/// <param name="EventId">The event id; null for all events of the source that have no row of their own.</param>
/// <param name="Role">process-id, thread-id, process-name, api-name, api-unseen, rpc-interface, rpc-opnum, call-trace, access-mask.</param>
/// <param name="Field">The field; empty where the event does not say it, and the record's header does not either.</param>
/// <param name="Value">What the role needs besides: the kind of rights of an access mask, the modules a call trace begins in, the values that api-unseen is about.</param>
/// <param name="Reference">Sources.</param>
public sealed record EventRoleFact(string Source, int? EventId, string Role, string Field, string Value, string Reference)
{
    /// <summary>Where it stands.</summary>
    public FactOrigin Origin { get; init; }
}

/// <summary>The name of a bit, or of several, of an access mask.</summary>
/// <param name="Kind">The kind of object, lower case: process, file, key, ...; standard and generic hold for all.</param>
/// <param name="Mask">The bits as 0x and eight hexadecimal digits.</param>
/// <param name="Name">The name as the Windows headers have it.</param>
/// <param name="Reference">Sources.</param>
public sealed record AccessRightFact(string Kind, string Mask, string Name, string Reference);
