using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

namespace ApiLevel.Facts;

/// <summary>
/// The facts: APIs, events, the mappings between them, call chains, techniques. Opened without parsing and searched in place;
/// safe for several threads. Overlays give a new store that shares the compiled file.
/// </summary>
public sealed class MappingStore
{
    private readonly StoreFile _file;
    private readonly StoreTable _apis;
    private readonly StoreTable _aliases;
    private readonly SourceEntry[] _sources;
    private readonly OverlayFacts _overlay;

    // By the event's row. Not a dictionary with a pair as its key: that would be compiled anew in each process.
    private readonly Delivery?[] _deliveries;
    private readonly ConcurrentDictionary<string, Requirement> _requirements = new(StringComparer.Ordinal);
    private string? _dataVersion;
    private HashSet<int>? _apiSetHosts;
    private Dictionary<string, List<ConditionFact>>? _conditions;
    private Dictionary<(string Interface, int Opnum), List<CallEntry>>? _rpcCalls;

    private MappingStore(StoreFile file, string path, OverlayFacts? overlay)
    {
        _file = file;
        Path = path;
        _apis = file[StoreTables.Apis];
        _aliases = file[StoreTables.Aliases];
        _overlay = overlay ?? OverlayFacts.Empty;
        SourceRows = new FactRows(this, file, SourceColumns.Table, _overlay.Sources);
        EventRows = new FactRows(this, file, EventColumns.Table, _overlay.Events);
        MappingRows = new FactRows(this, file, MappingColumns.Table, _overlay.Mappings);
        CallRows = new FactRows(this, file, CallColumns.Table);
        _deliveries = new Delivery?[EventRows.Count];
        _sources = ReadSources(SourceRows);
    }

    /// <summary>Opens a compiled store.</summary>
    /// <param name="path">The file, <c>ApiLevel.facts</c>.</param>
    /// <exception cref="InvalidDataException">It is no store, one of another format version, or damaged; the message tells which.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static MappingStore Open(string path)
    {
        try
        {
            return FromBytes(File.ReadAllBytes(path), path);
        }
        catch (Exception exception) when (exception is ArgumentException or IndexOutOfRangeException)
        {
            throw new InvalidDataException("its tables are damaged", exception);
        }
    }

    /// <summary>Opens a store from memory.</summary>
    /// <param name="bytes">The compiled facts; kept, not copied.</param>
    /// <param name="path">What to call it.</param>
    /// <exception cref="InvalidDataException">It is no store, or one of another format version.</exception>
    public static MappingStore FromBytes(byte[] bytes, string path = "") => new(new StoreFile(bytes), path, null);

    /// <summary>The compiled file.</summary>
    public string Path { get; }

    /// <summary>The version of the format that this module reads.</summary>
    public static int FormatVersion => StoreFile.FormatVersion;

    /// <summary>The SHA-256 of the facts the store was compiled from, lower case hex.</summary>
    public string SourceHash => _file.SourceHash;

    /// <summary>The version of the facts ("2026.11.24+1a2b3c4d"); overlays are not part of it.</summary>
    public string DataVersion => _dataVersion ??= Property("DataVersion") + "+" + SourceHash.Substring(0, 8);

    /// <summary>APIs, overlays included.</summary>
    public int ApiCount => _apis.Count + _overlay.Apis.Count;

    /// <summary>APIs of the compiled facts; those of overlays follow them.</summary>
    internal int CompiledApiCount => _apis.Count;

    /// <summary>Events, counting each id once, overlays included.</summary>
    public int EventCount => Events().Count(e => e.IsLatest);

    /// <summary>Mappings, overlays included.</summary>
    public int MappingCount => MappingRows.Count;

    /// <summary>Edges of the call chain.</summary>
    public int CallCount => CallRows.Count;

    /// <summary>The event sources, by name. Never null.</summary>
    public IReadOnlyList<SourceEntry> Sources => _sources;

    /// <summary>The files that were laid over the compiled facts, in order. Never null.</summary>
    public IReadOnlyList<string> Overlays => _overlay.Paths;

    /// <summary>Sources that only overlays describe. Never null.</summary>
    public IReadOnlyList<SourceFact> OverlaySources => _overlay.Sources;

    /// <summary>Events that only overlays describe. Never null.</summary>
    public IReadOnlyList<EventFact> OverlayEvents => _overlay.Events;

    /// <summary>The mappings that overlays brought, in order. Never null.</summary>
    public IReadOnlyList<MappingFact> OverlayMappings => _overlay.Mappings;

    /// <summary>The rows of the sources.</summary>
    internal FactRows SourceRows { get; }

    /// <summary>The rows of the events.</summary>
    internal FactRows EventRows { get; }

    /// <summary>The rows of the mappings.</summary>
    internal FactRows MappingRows { get; }

    /// <summary>The rows of the calls.</summary>
    internal FactRows CallRows { get; }

    /// <summary>A single value of the facts ("SysmonVersion", "AttackVersion", ...); empty when there is none.</summary>
    /// <param name="name">Its name.</param>
    public string Property(string name)
    {
        StoreTable table = _file[StoreTables.Properties];
        int id = _file.FindExact(name);
        if (id < 0)
        {
            return "";
        }

        (int first, int end) = table.Find(id);
        return first < end ? _file.GetString(table[first, StoreTables.Property.Value]) : "";
    }

    /// <summary>All APIs, in the order of their names. Streams.</summary>
    public IEnumerable<ApiEntry> Apis()
    {
        for (int row = 0; row < ApiCount; row++)
        {
            yield return new ApiEntry(this, row);
        }
    }

    /// <summary>All versions of all events, by source and id. Streams.</summary>
    public IEnumerable<EventEntry> Events()
    {
        for (int row = 0; row < EventRows.Count; row++)
        {
            yield return new EventEntry(this, row);
        }
    }

    /// <summary>All versions of a source's events. Streams.</summary>
    /// <param name="source">The source.</param>
    public IEnumerable<EventEntry> Events(SourceEntry source)
    {
        if (source.Row < SourceRows.Table.Count)
        {
            (int first, int end) = EventRows.Table.Find(source.Row);
            for (int row = first; row < end; row++)
            {
                yield return new EventEntry(this, row);
            }
        }

        for (int i = 0; i < _overlay.Events.Count; i++)
        {
            if (_overlay.Events[i].Source == source.Name)
            {
                yield return new EventEntry(this, EventRows.Table.Count + i);
            }
        }
    }

    /// <summary>All versions of one event, oldest first.</summary>
    /// <param name="source">The source.</param>
    /// <param name="eventId">The id.</param>
    public IEnumerable<EventEntry> EventVersions(SourceEntry source, int eventId)
    {
        if (source.Row < SourceRows.Table.Count)
        {
            (int first, int end) = EventRows.Table.Find(source.Row, eventId);
            for (int row = first; row < end; row++)
            {
                yield return new EventEntry(this, row);
            }
        }

        for (int i = 0; i < _overlay.Events.Count; i++)
        {
            if (_overlay.Events[i].Id == eventId && _overlay.Events[i].Source == source.Name)
            {
                yield return new EventEntry(this, EventRows.Table.Count + i);
            }
        }
    }

    /// <summary>The newest version of an event; not known where the store has none.</summary>
    /// <param name="source">The source.</param>
    /// <param name="eventId">The id.</param>
    public EventEntry FindEvent(SourceEntry source, int eventId)
    {
        EventEntry found = default;
        foreach (EventEntry entry in EventVersions(source, eventId))
        {
            if (!found.IsKnown || entry.IsLatest)
            {
                found = entry;
            }
        }

        return found;
    }

    /// <summary>A source by its short name, in any case; null when there is none. What else can name a source is decided in <c>Names</c>.</summary>
    /// <param name="name">The short name.</param>
    public SourceEntry? SourceNamed(string name)
    {
        foreach (SourceEntry source in _sources)
        {
            if (string.Equals(source.Name, name, StringComparison.OrdinalIgnoreCase))
            {
                return source;
            }
        }

        return null;
    }

    /// <summary>The source that the compiled facts know under a provider's name, a GUID or a channel; null when there is none.</summary>
    /// <param name="alias">The name, in any case.</param>
    internal SourceEntry? SourceByAlias(string alias)
    {
        StoreTable aliases = _file[StoreTables.SourcesByAlias];
        (int low, int high) = _file.FindStrings(alias.AsSpan());
        (int first, int end) = aliases.FindRange(low, high);
        return first < end ? SourceByRow(aliases[first, StoreTables.SourceAlias.Source]) : null;
    }

    /// <summary>True for a source that only an overlay describes.</summary>
    /// <param name="source">The source.</param>
    internal bool IsOverlaySource(SourceEntry source) => source.Row >= SourceRows.Table.Count;

    /// <summary>How an event reaches a reader; worked out once.</summary>
    /// <param name="source">The event's source.</param>
    /// <param name="eventId">The event id; one that the facts do not have is delivered as its source is.</param>
    public Delivery DeliveryOf(SourceEntry source, int eventId)
    {
        EventEntry e = FindEvent(source, eventId);
        return e.IsKnown ? _deliveries[e.Row] ??= Delivery.Of(source, e) : Delivery.Of(source, e);
    }

    /// <summary>Requirement tokens as values, each parsed once.</summary>
    internal IReadOnlyList<Requirement> RequirementsOf(IReadOnlyList<string> tokens)
    {
        if (tokens.Count == 0)
        {
            return [];
        }

        var requirements = new Requirement[tokens.Count];
        for (int i = 0; i < requirements.Length; i++)
        {
            requirements[i] = _requirements.GetOrAdd(tokens[i], Requirement.Parse);
        }

        return requirements;
    }

    /// <summary>What an API leads to, by source and event id; a built-in fact before an overlay's.</summary>
    /// <param name="api">The API.</param>
    public IEnumerable<MappingEntry> MappingsOf(ApiEntry api)
    {
        if (api.Row < _apis.Count)
        {
            (int first, int end) = MappingRows.Table.Find(api.Row);
            for (int row = first; row < end; row++)
            {
                yield return new MappingEntry(this, row);
            }
        }

        if (_overlay.MappingsByApi.TryGetValue(api.Row, out List<int>? rows))
        {
            foreach (int row in rows)
            {
                yield return new MappingEntry(this, MappingRows.Table.Count + row);
            }
        }
    }

    /// <summary>True when a mapping names the API.</summary>
    /// <param name="api">The API.</param>
    public bool HasMappings(ApiEntry api)
    {
        (int first, int end) = api.Row < _apis.Count ? MappingRows.Table.Find(api.Row) : (0, 0);
        return first < end || _overlay.MappingsByApi.ContainsKey(api.Row);
    }

    /// <summary>True when somebody judged the API: a mapping names it, or the call chain knows what it calls or that it ends a chain.</summary>
    /// <param name="api">The API.</param>
    public bool IsJudged(ApiEntry api) => HasMappings(api) ||
        CallsFrom(api).Any(call => call.IsCall && call.Callee != api) || (api.EndsChain && CallsTo(api).Any());

    /// <summary>Which APIs lead to an event.</summary>
    /// <param name="source">The event's source.</param>
    /// <param name="eventId">The event id.</param>
    public IEnumerable<MappingEntry> MappingsOf(SourceEntry source, int eventId)
    {
        if (source.Row < SourceRows.Table.Count)
        {
            StoreTable byEvent = _file[StoreTables.MappingsByEvent];
            (int first, int end) = byEvent.Find(source.Row, eventId);
            for (int row = first; row < end; row++)
            {
                yield return new MappingEntry(this, byEvent[row, StoreTables.MappingByEvent.Mapping]);
            }
        }

        for (int i = 0; i < _overlay.Mappings.Count; i++)
        {
            if (_overlay.Mappings[i].EventId == eventId && _overlay.Mappings[i].Source == source.Name)
            {
                yield return new MappingEntry(this, MappingRows.Table.Count + i);
            }
        }
    }

    /// <summary>All mappings. Streams.</summary>
    public IEnumerable<MappingEntry> Mappings()
    {
        for (int row = 0; row < MappingCount; row++)
        {
            yield return new MappingEntry(this, row);
        }
    }

    /// <summary>What an API calls: the calls that do the work first, then side calls.</summary>
    /// <param name="api">The API.</param>
    public IEnumerable<CallEntry> CallsFrom(ApiEntry api)
    {
        if (api.Row < _apis.Count)
        {
            (int first, int end) = CallRows.Table.Find(api.Row);
            for (int row = first; row < end; row++)
            {
                yield return new CallEntry(this, row);
            }
        }
    }

    /// <summary>Who calls an API.</summary>
    /// <param name="api">The API.</param>
    public IEnumerable<CallEntry> CallsTo(ApiEntry api)
    {
        StoreTable table = _file[StoreTables.CallsByCallee];
        if (api.Row < _apis.Count)
        {
            (int first, int end) = table.Find(api.Row);
            for (int row = first; row < end; row++)
            {
                yield return new CallEntry(this, table[row, StoreTables.CallByCallee.Call]);
            }
        }
    }

    /// <summary>The techniques of an API.</summary>
    /// <param name="api">The API.</param>
    public IEnumerable<TechniqueEntry> TechniquesOf(ApiEntry api)
    {
        FactRows rows = Rows(TechniqueColumns.Table);
        (int first, int end) = api.Row < _apis.Count ? rows.Table.Find(api.Row) : (0, 0);
        for (int row = first; row < end; row++)
        {
            yield return Technique(rows, row);
        }
    }

    /// <summary>The names of an API's techniques, each once.</summary>
    /// <param name="api">The API.</param>
    public IEnumerable<string> TechniqueNamesOf(ApiEntry api) => TechniquesOf(api).Select(entry => entry.Technique).Distinct(StringComparer.Ordinal);

    /// <summary>The names of all techniques that the store relates to APIs, sorted, each once.</summary>
    public IEnumerable<string> TechniqueNames() => Names(StoreTables.TechniquesByName);

    /// <summary>The names of all categories, sorted, each once.</summary>
    public IEnumerable<string> CategoryNames() => Names(StoreTables.CategoriesByName);

    /// <summary>The APIs of one technique, exactly this one.</summary>
    /// <param name="technique">T1055 or T1055.012, in any case.</param>
    public IEnumerable<TechniqueEntry> ApisOfTechnique(string technique)
    {
        FactRows rows = Rows(TechniqueColumns.Table);
        foreach (int row in RowsByName(StoreTables.TechniquesByName, technique))
        {
            yield return Technique(rows, row);
        }
    }

    /// <summary>The APIs of one category, exactly this one; an API may come more than once.</summary>
    /// <param name="category">The category, in any case.</param>
    public IEnumerable<ApiEntry> ApisOfCategory(string category)
    {
        FactRows rows = Rows(CategoryColumns.Table);
        foreach (int row in RowsByName(StoreTables.CategoriesByName, category))
        {
            yield return new ApiEntry(this, rows.Number(row, CategoryColumns.Api));
        }
    }

    /// <summary>The categories of an API, each once.</summary>
    /// <param name="api">The API.</param>
    public IReadOnlyList<string> CategoriesOf(ApiEntry api)
    {
        FactRows rows = Rows(CategoryColumns.Table);
        var names = new List<string>();
        (int first, int end) = api.Row < _apis.Count ? rows.Table.Find(api.Row) : (0, 0);
        for (int row = first; row < end; row++)
        {
            string name = rows.Text(row, CategoryColumns.Category);
            if (names.Count == 0 || names[names.Count - 1] != name)
            {
                names.Add(name);
            }
        }

        return names;
    }

    /// <summary>The method of an RPC interface; false when the store does not know it.</summary>
    /// <param name="interfaceId">The interface's UUID.</param>
    /// <param name="opnum">The method's number.</param>
    /// <param name="method">The method, as the catalogue has it.</param>
    public bool TryGetRpcMethod(Guid interfaceId, int opnum, out RpcMethodFact method)
    {
        FactRows rows = Rows(RpcMethodColumns.Table);
        (int low, int high) = _file.FindStrings(interfaceId.ToString("D").AsSpan());
        for (int id = low; id < high; id++)
        {
            (int first, int end) = rows.Table.Find(id, opnum + 1);
            if (first < end)
            {
                method = rows.Read<RpcMethodFact>(first);
                return true;
            }
        }

        method = null!;
        return false;
    }

    /// <summary>A COM class or interface by its id; false when the store does not know it.</summary>
    /// <param name="id">CLSID or IID.</param>
    /// <param name="com">The class or interface, as the catalogue has it.</param>
    public bool TryGetCom(Guid id, out ComFact com)
    {
        FactRows rows = Rows(ComColumns.Table);
        (int first, int end) = rows.Find(id.ToString("D"));
        com = first < end ? rows.Read<ComFact>(first) : null!;
        return first < end;
    }

    /// <summary>All COM classes and interfaces. Streams.</summary>
    public IEnumerable<ComFact> ComClasses() => Rows(ComColumns.Table).ReadAll<ComFact>();

    /// <summary>The audit subcategories, by GUID.</summary>
    public IEnumerable<AuditSubcategoryFact> AuditSubcategories() => Rows(AuditSubcategoryColumns.Table).ReadAll<AuditSubcategoryFact>();

    /// <summary>The observables of the model's pages, by version.</summary>
    public IEnumerable<ObservableFact> Observables() => Rows(ObservableColumns.Table).ReadAll<ObservableFact>();

    /// <summary>Rows of source tables that are not in the facts as they stood there, each with its reason.</summary>
    public IEnumerable<ExclusionFact> Exclusions() => Rows(ExclusionColumns.Table).ReadAll<ExclusionFact>();

    /// <summary>What the fields of an event must say for its APIs.</summary>
    /// <param name="source">The event's source.</param>
    /// <param name="eventId">The event id.</param>
    internal IEnumerable<(ApiEntry Api, string Field, IReadOnlyList<string> Values)> AttributionsOf(SourceEntry source, int eventId)
    {
        FactRows rows = Rows(AttributionColumns.Table);
        (int first, int end) = IsOverlaySource(source) ? (0, 0) : rows.Table.Find(source.Row, eventId);
        for (int row = first; row < end; row++)
        {
            yield return (
                new ApiEntry(this, rows.Number(row, AttributionColumns.Api)),
                rows.Text(row, AttributionColumns.Field),
                rows.List(row, AttributionColumns.Values));
        }
    }

    /// <summary>What the fields of an event mean; a row for the event replaces those of the same role for the whole source.</summary>
    /// <param name="source">The event's source.</param>
    /// <param name="eventId">The event id.</param>
    internal IReadOnlyList<EventRoleFact> RolesOf(SourceEntry source, int eventId)
    {
        if (IsOverlaySource(source))
        {
            return [];
        }

        List<EventRoleFact> roles = Roles(eventId + 1);
        var own = new HashSet<string>(roles.Select(role => role.Role), StringComparer.Ordinal);
        roles.AddRange(Roles(0).Where(role => !own.Contains(role.Role)));
        return roles;

        List<EventRoleFact> Roles(int storedId)
        {
            FactRows rows = Rows(EventRoleColumns.Table);
            (int first, int end) = rows.Table.Find(source.Row, storedId);
            return [.. Enumerable.Range(first, end - first).Select(rows.Read<EventRoleFact>)];
        }
    }

    /// <summary>The fact that says that a call writes no event; null where there is none.</summary>
    /// <param name="api">The API.</param>
    public InvisibleFact? InvisibleOf(ApiEntry api) => First<InvisibleFact>(InvisibleColumns.Table, api);

    /// <summary>What is known of a call that was judged and stays Unknown; null for other calls.</summary>
    /// <param name="api">The API.</param>
    public UnsettledFact? UnsettledOf(ApiEntry api) => First<UnsettledFact>(UnsettledColumns.Table, api);

    /// <summary>True where a fact says that an API does not lead to an event: nothing above gets the event through it either.</summary>
    /// <param name="api">The API.</param>
    /// <param name="source">The event's source.</param>
    /// <param name="eventId">The event id.</param>
    internal bool IsDenied(ApiEntry api, SourceEntry source, int eventId)
    {
        StoreTable table = _file[StoreTables.Denied];
        (int first, int end) = IsOverlayApi(api) ? (0, 0) : table.Find(api.Row, source.Row);
        for (int row = first; row < end; row++)
        {
            if (table[row, DeniedColumns.EventId.StoreIndex] == eventId)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What a caller fixes when it calls the next function.</summary>
    /// <param name="caller">The caller.</param>
    /// <param name="callee">The callee.</param>
    internal IEnumerable<(string Argument, string Value)> ArgumentsOf(ApiEntry caller, ApiEntry callee)
    {
        FactRows rows = Rows(ArgumentColumns.Table);
        (int first, int end) = IsOverlayApi(caller) || IsOverlayApi(callee) ? (0, 0) : rows.Table.Find(caller.Row, callee.Row);
        for (int row = first; row < end; row++)
        {
            yield return (rows.Text(row, ArgumentColumns.Argument), rows.Text(row, ArgumentColumns.Value));
        }
    }

    /// <summary>What arguments must be for a part of a condition to be met; empty for a part that cannot be decided.</summary>
    /// <param name="part">The part, as conditions have it between semicolons.</param>
    internal IReadOnlyList<ConditionFact> TestsOf(string part)
    {
        if (_conditions is null)
        {
            var conditions = new Dictionary<string, List<ConditionFact>>(StringComparer.Ordinal);
            foreach (ConditionFact fact in Rows(ConditionColumns.Table).ReadAll<ConditionFact>())
            {
                if (!conditions.TryGetValue(fact.Condition, out List<ConditionFact>? tests))
                {
                    conditions.Add(fact.Condition, tests = []);
                }

                tests.Add(fact);
            }

            _conditions = conditions;
        }

        return _conditions.TryGetValue(part, out List<ConditionFact>? found) ? found : [];
    }

    /// <summary>How much an event writes, in the words of a page; empty where none says it.</summary>
    /// <param name="source">The event's source.</param>
    /// <param name="eventId">The event id.</param>
    public string VolumeOf(SourceEntry source, int eventId)
    {
        FactRows rows = Rows(EventVolumeColumns.Table);
        (int first, int end) = IsOverlaySource(source) ? (0, 0) : rows.Table.Find(source.Row, eventId);
        return first < end ? rows.Text(first, EventVolumeColumns.Volume) : "";
    }

    /// <summary>The Windows releases by the names that people type.</summary>
    public IEnumerable<WindowsReleaseFact> WindowsReleases() => Rows(WindowsReleaseColumns.Table).ReadAll<WindowsReleaseFact>();

    /// <summary>The versions of Sysmon with their schemas.</summary>
    public IEnumerable<SysmonVersionFact> SysmonVersions() => Rows(SysmonVersionColumns.Table).ReadAll<SysmonVersionFact>();

    /// <summary>The fields that tell most about an event, the first that an event has counts.</summary>
    public IEnumerable<TellingFieldFact> TellingFields() => Rows(TellingFieldColumns.Table).ReadAll<TellingFieldFact>();

    private T? First<T>(FactTable table, ApiEntry api)
        where T : Fact
    {
        FactRows rows = Rows(table);
        (int first, int end) = IsOverlayApi(api) ? (0, 0) : rows.Table.Find(api.Row);
        return first < end ? rows.Read<T>(first) : null;
    }

    /// <summary>The names of rights of a kind of object, with the bits each stands for.</summary>
    /// <param name="kind">The kind, lower case.</param>
    internal IEnumerable<(uint Mask, string Name)> AccessRightsOf(string kind)
    {
        FactRows rows = Rows(AccessRightColumns.Table);
        (int first, int end) = rows.Find(kind);
        for (int row = first; row < end; row++)
        {
            string mask = rows.Text(row, AccessRightColumns.Mask);
            if (mask.Length > 2 && uint.TryParse(mask.Substring(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out uint bits))
            {
                yield return (bits, rows.Text(row, AccessRightColumns.Name));
            }
        }
    }

    /// <summary>The edges that cross to a method of an RPC interface: who calls it, and what it is called on the other side.</summary>
    /// <param name="interfaceId">The interface's UUID.</param>
    /// <param name="opnum">The method's number.</param>
    internal IReadOnlyList<CallEntry> RpcCalls(Guid interfaceId, int opnum)
    {
        Dictionary<(string, int), List<CallEntry>>? calls = _rpcCalls;
        if (calls is null)
        {
            calls = [];
            for (int row = 0; row < CallRows.Count; row++)
            {
                var call = new CallEntry(this, row);
                if (call.Opnum is { } number && call.RpcInterface is { Length: > 0 } id)
                {
                    if (!calls.TryGetValue((id, number), out List<CallEntry>? list))
                    {
                        calls.Add((id, number), list = []);
                    }

                    list.Add(call);
                }
            }

            _rpcCalls = calls;
        }

        return calls.TryGetValue((interfaceId.ToString("D"), opnum), out List<CallEntry>? found) ? found : [];
    }

    /// <summary>The host module of an API set contract; empty when the store does not know it. The last number of the contract is ignored, as the loader does.</summary>
    /// <param name="contract">The contract, lower case without <c>.dll</c>.</param>
    public string ApiSetHost(string contract)
    {
        FactRows rows = Rows(ApiSetColumns.Table);
        int dash = contract.LastIndexOf('-');
        (int first, int end) = rows.Find(dash > 0 ? contract.Substring(0, dash) : contract);
        string host = "";
        for (int row = first; row < end; row++)
        {
            string candidate = rows.Text(row, ApiSetColumns.Host);
            host = candidate.Length > 0 ? candidate : host;
        }

        return host;
    }

    /// <summary>True for a module that holds code for others: the host of an API set.</summary>
    /// <param name="module">The module, lower case without <c>.dll</c>.</param>
    internal bool IsApiSetHost(string module)
    {
        if (_apiSetHosts is null)
        {
            FactRows rows = Rows(ApiSetColumns.Table);
            _apiSetHosts = [.. Enumerable.Range(0, rows.Count).Select(row => rows.Number(row, ApiSetColumns.Host))];
        }

        int id = _file.FindExact(module);
        return id > 0 && _apiSetHosts.Contains(id);
    }

    /// <summary>The name of an export by ordinal, where no source contradicts another; null otherwise.</summary>
    /// <param name="module">The module, lower case without <c>.dll</c>.</param>
    /// <param name="ordinal">The ordinal.</param>
    public string? OrdinalName(string module, int ordinal)
    {
        FactRows rows = Rows(OrdinalColumns.Table);
        int id = _file.FindExact(module);
        (int first, int end) = id < 0 ? (0, 0) : rows.Table.Find(id, ordinal);
        string? name = null;
        for (int row = first; row < end; row++)
        {
            if (rows.Read<OrdinalFact>(row).Stable == false)
            {
                return null;
            }

            name = rows.Text(row, OrdinalColumns.Name);
        }

        return name;
    }

    /// <summary>The APIs whose name lies between two strings of the heap: the API table is sorted by name.</summary>
    /// <param name="prefix">What the names begin with, in any case.</param>
    internal IEnumerable<ApiEntry> ApisByPrefix(string prefix)
    {
        (int low, int high) = _file.FindPrefix(prefix.AsSpan());
        (int first, int end) = _apis.FindRange(low, high);
        for (int row = first; row < end; row++)
        {
            yield return new ApiEntry(this, row);
        }
    }

    /// <summary>The APIs of a name in all modules, by the name itself and then by its other spellings, each with the rule of the spelling (null: the name itself).</summary>
    /// <param name="name">The name, in any case.</param>
    internal IEnumerable<(ApiEntry Api, AliasRule? Rule)> ApisByName(string name)
    {
        (int low, int high) = _file.FindStrings(name.AsSpan());
        (int first, int end) = _apis.FindRange(low, high);
        for (int row = first; row < end; row++)
        {
            yield return (new ApiEntry(this, row), null);
        }

        (first, end) = _aliases.FindRange(low, high);
        for (int row = first; row < end; row++)
        {
            yield return (new ApiEntry(this, _aliases[row, StoreTables.Alias.Api]), (AliasRule)_aliases[row, StoreTables.Alias.Rule]);
        }

        for (int i = 0; i < _overlay.Apis.Count; i++)
        {
            if (string.Equals(_overlay.Apis[i].Name, name, StringComparison.OrdinalIgnoreCase))
            {
                yield return (new ApiEntry(this, _apis.Count + i), null);
            }
        }
    }

    /// <summary>The API that one module has under a name or another spelling of it; false when it has none.</summary>
    /// <param name="module">The module, lower case without <c>.dll</c>.</param>
    /// <param name="name">The name, in any case.</param>
    /// <param name="api">The API.</param>
    /// <param name="rule">The rule of the spelling; null for the name itself.</param>
    internal bool TryGetApi(string module, string name, out ApiEntry api, out AliasRule? rule)
    {
        rule = null;
        int moduleId = _file.FindExact(module);
        (int low, int high) = _file.FindStrings(name.AsSpan());
        for (int id = low; id < high && moduleId >= 0; id++)
        {
            (int first, int end) = _apis.Find(id, moduleId);
            if (first < end)
            {
                api = new ApiEntry(this, first);
                return true;
            }

            (first, end) = _aliases.Find(id, moduleId);
            if (first < end)
            {
                api = new ApiEntry(this, _aliases[first, StoreTables.Alias.Api]);
                rule = (AliasRule)_aliases[first, StoreTables.Alias.Rule];
                return true;
            }
        }

        int overlay = _overlay.Apis.FindIndex(known => known.Is(module, name));
        api = overlay < 0 ? default : new ApiEntry(this, _apis.Count + overlay);
        return overlay >= 0;
    }

    /// <summary>True for an API that only an overlay names.</summary>
    /// <param name="api">The API.</param>
    internal bool IsOverlayApi(ApiEntry api) => api.Row >= _apis.Count;

    /// <summary>
    /// The events that an edge's context names ("Security 4624 ; Security 4625", or a source alone for all of its events), none for
    /// "no event": what SetThreadPriority asks of NtSetInformationThread leaves nothing of what that can leave. Null where the context is a
    /// condition in words or empty.
    /// </summary>
    /// <param name="context">The context.</param>
    internal IReadOnlyList<string>? EventsOfContext(string context)
    {
        if (context.Length == 0)
        {
            return null;
        }

        if (context == "no event")
        {
            return [];
        }

        string[] parts = ListText.Split(context);
        foreach (string part in parts)
        {
            int space = part.LastIndexOf(' ');
            bool numbered = space > 0 && part.Skip(space + 1).All(char.IsDigit);
            if (SourceNamed(numbered ? part.Substring(0, space) : part) is null)
            {
                return null;
            }
        }

        return parts;
    }

    /// <summary>Lays facts over this store. Built-in facts stay; what an overlay says differently is seen beside them.</summary>
    /// <param name="facts">Sources, events and mappings with the store's own spelling of names; other facts of the set are not used.</param>
    /// <param name="path">The file they come from.</param>
    internal MappingStore WithCanonicalOverlay(FactSet facts, string path) => new(_file, Path, _overlay.Append(facts, path, this));

    /// <summary>A source's row is its place in the list: the table is read in order, overlays follow.</summary>
    internal SourceEntry SourceByRow(int row) =>
        (uint)row < (uint)_sources.Length ? _sources[row] : throw new InvalidDataException("a source number lies outside the table");

    private static SourceEntry[] ReadSources(FactRows rows)
    {
        var sources = new SourceEntry[rows.Count];
        for (int row = 0; row < sources.Length; row++)
        {
            SourceFact fact = rows.Read<SourceFact>(row);
            sources[row] = new SourceEntry(row, fact, Guid.TryParse(fact.Guid, out Guid id) ? id : null);
        }

        return sources;
    }

    private FactRows Rows(FactTable facts) => new(this, _file, facts);

    private static TechniqueEntry Technique(FactRows rows, int row) => new(
        new ApiEntry(rows.Store, rows.Number(row, TechniqueColumns.Api)),
        rows.Text(row, TechniqueColumns.Technique),
        rows.Text(row, TechniqueColumns.Relation),
        (Evidence)rows.Number(row, TechniqueColumns.Evidence));

    private IEnumerable<string> Names(int byName)
    {
        StoreTable table = _file[byName];
        int last = -1;
        for (int row = 0; row < table.Count; row++)
        {
            int name = table[row, StoreTables.ByName.Name];
            if (name != last)
            {
                last = name;
                yield return _file.GetString(name);
            }
        }
    }

    private IEnumerable<int> RowsByName(int byName, string name)
    {
        StoreTable table = _file[byName];
        (int low, int high) = _file.FindStrings(name.AsSpan());
        (int first, int end) = table.FindRange(low, high);
        for (int row = first; row < end; row++)
        {
            yield return table[row, StoreTables.ByName.Row];
        }
    }

    internal string ApiText(int row, int column) =>
        row < _apis.Count ? _file.GetString(_apis[row, column]) : _overlay.Apis[row - _apis.Count].Text(column);

    internal IReadOnlyList<string> ApiList(int row, int column) => row < _apis.Count ? _file.GetStrings(_apis[row, column]) : [];

    internal ApiLayer LayerOf(int row) =>
        row < _apis.Count ? (ApiLayer)_apis[row, StoreTables.Api.Layer] : _overlay.Apis[row - _apis.Count].Layer;

    /// <summary>A cell of what many APIs have in common; 0 for an API of an overlay.</summary>
    internal int ApiTrait(int row, int column) =>
        row < _apis.Count ? _file[StoreTables.ApiTraits][_apis[row, StoreTables.Api.Traits], column] : 0;

    /// <summary>A cell of what only native functions have; 0 for an API of an overlay.</summary>
    internal int ApiNative(int row, int column) =>
        row < _apis.Count ? _file[StoreTables.ApiNatives][_apis[row, StoreTables.Api.Native], column] : 0;

    internal string String(int id) => _file.GetString(id);

    internal IReadOnlyList<string> Strings(int list) => _file.GetStrings(list);

    internal ApiEntry MappingApi(int row) => new(
        this,
        row < MappingRows.Table.Count ? MappingRows.Number(row, MappingColumns.Api) : _overlay.MappingApis[row - MappingRows.Table.Count]);
}
