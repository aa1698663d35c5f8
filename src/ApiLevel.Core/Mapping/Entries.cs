using System;
using System.Collections.Generic;

namespace ApiLevel.Mapping;

/// <summary>An API in the store: a handle of a few bytes whose properties are read where they lie.</summary>
public readonly struct ApiEntry : IEquatable<ApiEntry>
{
    internal ApiEntry(MappingStore store, int row)
    {
        Store = store;
        Row = row;
    }

    internal MappingStore Store { get; }

    internal int Row { get; }

    /// <summary>True for a handle that names an API; false for the default value.</summary>
    public bool IsKnown => Store is not null;

    /// <summary>The module it is known by, lower case without <c>.dll</c>; empty for a managed API.</summary>
    public string Module => Store.ApiText(Row, StoreTables.Api.Module);

    /// <summary>The name without the A or W of a pair, Nt for Nt and Zw.</summary>
    public string Name => Store.ApiText(Row, StoreTables.Api.Name);

    /// <summary>Module and name, <c>kernel32!OpenProcess</c>.</summary>
    public string Key => Module.Length == 0 ? Name : Module + "!" + Name;

    /// <summary>Where it lives.</summary>
    public ApiLayer Layer => Store.ApiLayer(Row);

    /// <summary>The spellings it is exported under.</summary>
    public IReadOnlyList<string> Variants => Store.ApiList(Row, StoreTables.Api.Variants);

    /// <summary>The Win32 metadata namespace; empty when it is not in the metadata.</summary>
    public string Namespace => Store.ApiTraitText(Row, StoreTables.ApiTrait.Namespace);

    /// <summary>The oldest Windows that has it, as the metadata names it; empty when unknown.</summary>
    public string MinimumPlatform => Store.ApiTraitText(Row, StoreTables.ApiTrait.MinimumPlatform);

    /// <summary>The Zw spelling of an Nt function; empty when there is none.</summary>
    public string ZwName => Store.ApiZwName(Row);

    /// <summary>ntdll, syscall, win32k-syscall or user-mode export; empty for what is not native.</summary>
    public string NativeKind => Store.ApiTraitText(Row, StoreTables.ApiTrait.NativeKind);

    /// <summary>The first build a native function was seen in; empty when unknown.</summary>
    public string FirstBuild => Store.ApiTraitText(Row, StoreTables.ApiTrait.FirstBuild);

    /// <summary>The last build a native function was seen in; empty when unknown.</summary>
    public string LastBuild => Store.ApiTraitText(Row, StoreTables.ApiTrait.LastBuild);

    /// <summary>Architectures it is limited to; empty for all.</summary>
    public string Architectures => Store.ApiTraitText(Row, StoreTables.ApiTrait.Architectures);

    /// <summary>Whether it sets the last error; null when unknown.</summary>
    public bool? SetsLastError => Store.ApiSetsLastError(Row);

    /// <summary>System call numbers of x64 as <c>build:number</c>.</summary>
    public IReadOnlyList<string> SyscallNumbers => Store.ApiSyscalls(Row);

    /// <summary>Ordinals that no source contradicts.</summary>
    public IReadOnlyList<string> Ordinals => Store.ApiList(Row, StoreTables.Api.Ordinals);

    /// <summary>The API set contract the metadata lists it under; empty for most.</summary>
    public string Contract => Store.ApiTraitText(Row, StoreTables.ApiTrait.Contract);

    /// <summary>Where the catalogue has it from.</summary>
    public IReadOnlyList<string> References => Store.ApiReferences(Row);

    /// <inheritdoc/>
    public bool Equals(ApiEntry other) => ReferenceEquals(Store, other.Store) && Row == other.Row;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ApiEntry other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Row;

    /// <summary>Compares two handles.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator ==(ApiEntry left, ApiEntry right) => left.Equals(right);

    /// <summary>Compares two handles.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator !=(ApiEntry left, ApiEntry right) => !left.Equals(right);

    /// <summary>Gives <see cref="Key"/>.</summary>
    public override string ToString() => IsKnown ? Key : "";
}

/// <summary>An event source in the store.</summary>
public sealed class SourceEntry
{
    internal SourceEntry(int row, SourceFact fact, Guid? id)
    {
        Row = row;
        Fact = fact;
        ProviderId = id;
    }

    internal int Row { get; }

    /// <summary>Everything the facts say about it.</summary>
    public SourceFact Fact { get; }

    /// <summary>The short name: Security, Sysmon, or the provider's own.</summary>
    public string Name => Fact.Name;

    /// <summary>The name as tables show it: without <see cref="MappingStore.WindowsPrefix"/>.</summary>
    public string ShortName =>
        Name.StartsWith(MappingStore.WindowsPrefix, StringComparison.Ordinal) ? Name.Substring(MappingStore.WindowsPrefix.Length) : Name;

    /// <summary>The provider's name.</summary>
    public string Provider => Fact.Provider;

    /// <summary>The provider's GUID; null when unknown.</summary>
    public Guid? ProviderId { get; }

    /// <summary>Gives the name.</summary>
    public override string ToString() => Name;
}

/// <summary>One version of one event in the store.</summary>
public readonly struct EventEntry
{
    internal EventEntry(MappingStore store, int row)
    {
        Store = store;
        Row = row;
    }

    internal MappingStore Store { get; }

    internal int Row { get; }

    /// <summary>True for a handle that names an event; false for the default value.</summary>
    public bool IsKnown => Store is not null;

    /// <summary>Its source.</summary>
    public SourceEntry Source => Store.EventSource(Row);

    /// <summary>The event id.</summary>
    public int Id => Store.EventCell(Row, StoreTables.Event.Id);

    /// <summary>The version.</summary>
    public int Version => Store.EventCell(Row, StoreTables.Event.Version);

    /// <summary>True for the newest version known.</summary>
    public bool IsLatest => Store.EventCell(Row, StoreTables.Event.IsLatest) != 0;

    /// <summary>The title.</summary>
    public string Name => Store.EventText(Row, StoreTables.Event.Name);

    /// <summary>Fields in order, <c>Name:Type</c>.</summary>
    public IReadOnlyList<string> Fields => Store.EventList(Row, StoreTables.Event.Fields);

    /// <summary>Channels it is written to; empty where none is known.</summary>
    public IReadOnlyList<string> Channels => Store.EventList(Row, StoreTables.Event.Channel);

    /// <summary>The manifest's symbol; empty when unknown.</summary>
    public string Symbol => Store.EventText(Row, StoreTables.Event.Symbol);

    /// <summary>Keyword names.</summary>
    public IReadOnlyList<string> Keywords => Store.EventList(Row, StoreTables.Event.Keywords);

    /// <summary>The keyword mask in hex; empty when unknown.</summary>
    public string KeywordMask => Store.EventText(Row, StoreTables.Event.KeywordMask);

    /// <summary>The opcode's name; empty when none.</summary>
    public string Opcode => Store.EventText(Row, StoreTables.Event.Opcode);

    /// <summary>The task's name; empty when none.</summary>
    public string Task => Store.EventText(Row, StoreTables.Event.Task);

    /// <summary>The severity's name.</summary>
    public string Severity => Store.EventText(Row, StoreTables.Event.Severity);

    /// <summary>What must be on, as tokens.</summary>
    public IReadOnlyList<string> Requirements => Store.EventList(Row, StoreTables.Event.Requirement);

    /// <summary>The first Windows release or Sysmon schema with this id and version.</summary>
    public string FirstBuild => Store.EventText(Row, StoreTables.Event.FirstBuild);

    /// <summary>CAR object/action; empty when none.</summary>
    public string Car => Store.EventText(Row, StoreTables.Event.Car);

    /// <summary>ATT&amp;CK data component; empty when none.</summary>
    public string DataComponent => Store.EventText(Row, StoreTables.Event.DataComponent);

    /// <summary>Audit category/subcategory; empty outside Security.</summary>
    public string AuditSubcategory => Store.EventText(Row, StoreTables.Event.AuditSubcategory);

    /// <summary>Which lists name the audit subcategory, those that differ included.</summary>
    public IReadOnlyList<string> AuditReferences => Store.EventList(Row, StoreTables.Event.AuditReference);

    /// <summary>Columns A, U or K; empty where the model does not place it.</summary>
    public IReadOnlyList<string> Columns => Store.EventList(Row, StoreTables.Event.Column);

    /// <summary>Which versions of the model place it where, <c>K@v2.0.0+v3.0.0</c>.</summary>
    public IReadOnlyList<string> ColumnReferences => Store.EventList(Row, StoreTables.Event.ColumnReference);

    /// <summary>Levels of the draft with the draft's version, <c>5@draft-2023-06-12</c>.</summary>
    public IReadOnlyList<string> DraftLevels => Store.EventList(Row, StoreTables.Event.DraftLevel);

    /// <summary>One sentence: when it fires; empty where nobody judged it.</summary>
    public string Fires => Store.EventText(Row, StoreTables.Event.Fires);

    /// <summary>Which process writes it; empty when unknown.</summary>
    public string Emitter => Store.EventText(Row, StoreTables.Event.Emitter);

    /// <summary>Evidence for the description.</summary>
    public Evidence Evidence => (Evidence)Store.EventCell(Row, StoreTables.Event.Evidence);

    /// <summary>Sources of the description.</summary>
    public IReadOnlyList<string> References => Store.EventList(Row, StoreTables.Event.Reference);

    /// <summary>Gives "Source Id".</summary>
    public override string ToString() => IsKnown ? MappingStore.EventLabel(Source.Name, Id) : "";
}

/// <summary>One API that leads to one event, in the store or an overlay.</summary>
public readonly struct MappingEntry
{
    internal MappingEntry(MappingStore store, int row)
    {
        Store = store;
        Row = row;
    }

    internal MappingStore Store { get; }

    internal int Row { get; }

    /// <summary>The API.</summary>
    public ApiEntry Api => Store.MappingApi(Row);

    /// <summary>The event's source.</summary>
    public SourceEntry Source => Store.MappingSource(Row);

    /// <summary>The event id.</summary>
    public int EventId => Store.MappingCell(Row, StoreTables.Mapping.EventId);

    /// <summary>The event's newest version; not known for an event that only an overlay names without describing it.</summary>
    public EventEntry Event => Store.FindEvent(Source, EventId);

    /// <summary>How the API leads there.</summary>
    public Relation Relation => (Relation)Store.MappingCell(Row, StoreTables.Mapping.Relation);

    /// <summary>The lower calls that raise it; empty when unknown.</summary>
    public IReadOnlyList<string> Via => Store.MappingList(Row, StoreTables.Mapping.Via);

    /// <summary>When it does; empty for always.</summary>
    public string Condition => Store.MappingText(Row, StoreTables.Mapping.Condition);

    /// <summary>Which process writes it: the mapping's own word, else the event's; empty when unknown.</summary>
    public string Emitter
    {
        get
        {
            string own = OwnEmitter;
            if (own.Length > 0)
            {
                return own;
            }

            EventEntry e = Event;
            return e.IsKnown ? e.Emitter : "";
        }
    }

    /// <summary>Which process writes it, where the mapping says so itself; empty where the event's own emitter holds.</summary>
    public string OwnEmitter => Store.MappingText(Row, StoreTables.Mapping.Emitter);

    /// <summary>The routine that raises it; empty when unknown.</summary>
    public string Mechanism => Store.MappingText(Row, StoreTables.Mapping.Mechanism);

    /// <summary>How well it is supported.</summary>
    public Evidence Evidence => (Evidence)Store.MappingCell(Row, StoreTables.Mapping.Evidence);

    /// <summary>Who says so.</summary>
    public IReadOnlyList<string> References => Store.MappingList(Row, StoreTables.Mapping.Reference);

    /// <summary>The overlay file it comes from; null for a built-in fact.</summary>
    public string? Overlay => Store.MappingOverlay(Row);

    /// <summary>Gives "kernel32!OpenProcess -> Sysmon 10".</summary>
    public override string ToString() => Api.Key + " -> " + MappingStore.EventLabel(Source.Name, EventId);
}

/// <summary>One edge of the call chain.</summary>
public readonly struct CallEntry
{
    private readonly MappingStore _store;
    private readonly int _row;

    internal CallEntry(MappingStore store, int row)
    {
        _store = store;
        _row = row;
    }

    /// <summary>Who calls.</summary>
    public ApiEntry Caller => new(_store, _store.CallCell(_row, StoreTables.Call.Caller));

    /// <summary>What is called.</summary>
    public ApiEntry Callee => new(_store, _store.CallCell(_row, StoreTables.Call.Callee));

    /// <summary>True for the call that does the work; false for a side call.</summary>
    public bool IsPrimary => _store.CallCell(_row, StoreTables.Call.NotPrimary) == 0;

    /// <summary>calls, rpc, forwards, dcom, documented counterpart, ...</summary>
    public string Kind => _store.CallText(_row, StoreTables.Call.Kind);

    /// <summary>True where the edge is a call; false where a header only says that two functions are counterparts.</summary>
    public bool IsCall => Kind != "documented counterpart";

    /// <summary>The RPC interface's UUID; empty for other edges.</summary>
    public string RpcInterface => _store.CallText(_row, StoreTables.Call.RpcInterface);

    /// <summary>The RPC method's number; null for other edges.</summary>
    public int? Opnum => _store.CallCell(_row, StoreTables.Call.Opnum) is > 0 and int value ? value - 1 : null;

    /// <summary>As the facts have it: when the edge is taken, or for which events it was drawn; empty for always.</summary>
    public string Context => _store.CallText(_row, StoreTables.Call.Context);

    /// <summary>When the edge is taken; empty for always, and where the context only names events.</summary>
    public string Condition => OnlyEvents is null ? Context : "";

    /// <summary>The events the edge was drawn for: it says nothing about others. Null for an edge that holds for all.</summary>
    public IReadOnlyList<string>? OnlyEvents => _store.EventsOfContext(Context);

    /// <summary>How well it is supported.</summary>
    public Evidence Evidence => (Evidence)_store.CallCell(_row, StoreTables.Call.Evidence);

    /// <summary>Who says so.</summary>
    public IReadOnlyList<string> References => _store.CallList(_row, StoreTables.Call.Reference);
}

/// <summary>One API and technique.</summary>
/// <param name="Api">The API.</param>
/// <param name="Technique">T1055.012 and the like.</param>
/// <param name="Relation">How strongly it speaks for it.</param>
/// <param name="Evidence">How well it is supported.</param>
public readonly record struct TechniqueEntry(ApiEntry Api, string Technique, string Relation, Evidence Evidence);

/// <summary>How a name in a file or a question was led to an API.</summary>
public enum ResolutionRule
{
    /// <summary>No API of the store has this name.</summary>
    None,

    /// <summary>Module and name as they stand.</summary>
    Exact,

    /// <summary>The A or W spelling of a pair.</summary>
    CharacterSet,

    /// <summary>Zw for Nt.</summary>
    NtZw,

    /// <summary>Two names of one function: kernel32!K32Name and psapi!Name.</summary>
    SameFunction,

    /// <summary>An API set contract led to its host module.</summary>
    ApiSet,

    /// <summary>A module that holds the code of another (kernelbase, sechost, ucrtbase, ...).</summary>
    HostModule,

    /// <summary>The ordinal table.</summary>
    Ordinal,

    /// <summary>A decorated name (<c>_name@12</c>).</summary>
    Decoration,

    /// <summary>A forwarder, step by step.</summary>
    Forwarder,
}

/// <summary>What a name was led to.</summary>
/// <param name="Api">The API; not known when the rule is None.</param>
/// <param name="Rule">The rule that led there.</param>
/// <param name="Name">The function's name even where no API has it: of an ordinal the name by table, else as it was asked for.</param>
/// <param name="Module">The module the name was looked for in, after API sets.</param>
public readonly record struct ApiResolution(ApiEntry Api, ResolutionRule Rule, string Module, string Name);
