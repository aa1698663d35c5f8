using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

namespace ApiLevel.Mapping;

/// <summary>
/// The facts: APIs, events, the mappings between them, call chains, techniques. Opened without parsing and searched in place;
/// safe for several threads. Overlays give a new store that shares the compiled file.
/// </summary>
public sealed partial class MappingStore
{
    private readonly StoreFile _file;
    private readonly StoreTable _apis;
    private readonly StoreTable _aliases;
    private readonly StoreTable _events;
    private readonly StoreTable _mappings;
    private readonly StoreTable _mappingsByEvent;
    private readonly StoreTable _calls;
    private readonly SourceEntry[] _sources;
    private readonly OverlayFacts _overlay;
    private string? _dataVersion;

    private MappingStore(StoreFile file, string path, OverlayFacts? overlay)
    {
        _file = file;
        Path = path;
        _apis = file[StoreTables.Apis];
        _aliases = file[StoreTables.Aliases];
        _events = file[StoreTables.Events];
        _mappings = file[StoreTables.Mappings];
        _mappingsByEvent = file[StoreTables.MappingsByEvent];
        _calls = file[StoreTables.Calls];
        _overlay = overlay ?? OverlayFacts.Empty;
        _sources = ReadSources(file, _overlay);
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
            return new MappingStore(new StoreFile(File.ReadAllBytes(path)), path, null);
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

    /// <summary>Events, counting each id once, overlays included.</summary>
    public int EventCount => Events().Count(e => e.IsLatest);

    /// <summary>Mappings, overlays included.</summary>
    public int MappingCount => _mappings.Count + _overlay.Mappings.Count;

    /// <summary>Edges of the call chain.</summary>
    public int CallCount => _calls.Count;

    /// <summary>The event sources, by name. Never null.</summary>
    public IReadOnlyList<SourceEntry> Sources => _sources;

    /// <summary>The files that were laid over the compiled facts, in order. Never null.</summary>
    public IReadOnlyList<string> Overlays => _overlay.Paths;

    /// <summary>Sources that only overlays describe. Never null.</summary>
    public IReadOnlyList<SourceFact> OverlaySources => _overlay.Sources;

    /// <summary>Events that only overlays describe. Never null.</summary>
    public IReadOnlyList<EventFact> OverlayEvents => _overlay.Events;

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
        for (int row = 0; row < _events.Count + _overlay.Events.Count; row++)
        {
            yield return new EventEntry(this, row);
        }
    }

    /// <summary>All versions of a source's events. Streams.</summary>
    /// <param name="source">The source.</param>
    public IEnumerable<EventEntry> Events(SourceEntry source)
    {
        if (source.Row < SourceTable.Count)
        {
            (int first, int end) = _events.Find(source.Row);
            for (int row = first; row < end; row++)
            {
                yield return new EventEntry(this, row);
            }
        }

        for (int i = 0; i < _overlay.Events.Count; i++)
        {
            if (_overlay.Events[i].Source == source.Name)
            {
                yield return new EventEntry(this, _events.Count + i);
            }
        }
    }

    /// <summary>All versions of one event, oldest first.</summary>
    /// <param name="source">The source.</param>
    /// <param name="eventId">The id.</param>
    public IEnumerable<EventEntry> EventVersions(SourceEntry source, int eventId)
    {
        if (source.Row < SourceTable.Count)
        {
            (int first, int end) = _events.Find(source.Row, eventId);
            for (int row = first; row < end; row++)
            {
                yield return new EventEntry(this, row);
            }
        }

        for (int i = 0; i < _overlay.Events.Count; i++)
        {
            if (_overlay.Events[i].Id == eventId && _overlay.Events[i].Source == source.Name)
            {
                yield return new EventEntry(this, _events.Count + i);
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

    /// <summary>What the names of Windows' own providers begin with; tables leave it out.</summary>
    public const string WindowsPrefix = "Microsoft-Windows-";

    /// <summary>
    /// A source by its name (whole, or without <see cref="WindowsPrefix"/>), provider name, GUID or channel, in any case; null when there
    /// is none. Of several that write to one channel the first; see <see cref="FindSources"/>.
    /// </summary>
    /// <param name="text">What names it; a GUID with or without braces.</param>
    public SourceEntry? FindSource(string text)
    {
        SourceEntry? source = FindWholeName(text);
        return source is null && !text.TrimStart().StartsWith(WindowsPrefix, StringComparison.OrdinalIgnoreCase)
            ? FindWholeName(WindowsPrefix + text.Trim())
            : source;
    }

    /// <summary>The source that a text names as <see cref="FindSource(string)"/> has it, and all that write to a channel of that name.</summary>
    /// <param name="text">As there. Empty when nothing is called so.</param>
    public IReadOnlyList<SourceEntry> FindSources(string text)
    {
        string channel = text.Trim();
        SourceEntry? named = FindSource(text);
        return
        [
            .. _sources.Where(source => ReferenceEquals(source, named) ||
                StoreCompiler.SplitList(source.Fact.Channel).Contains(channel, StringComparer.OrdinalIgnoreCase)),
        ];
    }

    private SourceEntry? FindWholeName(string text)
    {
        string name = text.Trim();
        if (name.Length == 38 && name[0] == '{' && name[37] == '}')
        {
            name = name.Substring(1, 36);
        }

        foreach (SourceEntry source in _sources)
        {
            if (string.Equals(source.Name, name, StringComparison.OrdinalIgnoreCase))
            {
                return source;
            }
        }

        StoreTable aliases = _file[StoreTables.SourcesByAlias];
        (int low, int high) = _file.FindStrings(name.AsSpan());
        (int first, int end) = aliases.FindRange(low, high);
        if (first < end)
        {
            return SourceByRow(aliases[first, StoreTables.SourceAlias.Source]);
        }

        return _sources.FirstOrDefault(source => source.Row >= SourceTable.Count &&
            (string.Equals(source.Provider, name, StringComparison.OrdinalIgnoreCase) ||
             string.Equals(source.Fact.Guid, name, StringComparison.OrdinalIgnoreCase) ||
             StoreCompiler.SplitList(source.Fact.Channel).Contains(name, StringComparer.OrdinalIgnoreCase)));
    }

    /// <summary>A source by its provider's GUID; null when there is none.</summary>
    /// <param name="providerId">The GUID.</param>
    public SourceEntry? FindSource(Guid providerId)
    {
        foreach (SourceEntry source in _sources)
        {
            if (source.ProviderId == providerId)
            {
                return source;
            }
        }

        return null;
    }

    /// <summary>What an API leads to, by source and event id; a built-in fact before an overlay's.</summary>
    /// <param name="api">The API.</param>
    public IEnumerable<MappingEntry> MappingsOf(ApiEntry api)
    {
        if (api.Row < _apis.Count)
        {
            (int first, int end) = _mappings.Find(api.Row);
            for (int row = first; row < end; row++)
            {
                yield return new MappingEntry(this, row);
            }
        }

        if (_overlay.MappingsByApi.TryGetValue(api.Row, out List<int>? rows))
        {
            foreach (int row in rows)
            {
                yield return new MappingEntry(this, _mappings.Count + row);
            }
        }
    }

    /// <summary>True when a mapping names the API.</summary>
    /// <param name="api">The API.</param>
    public bool HasMappings(ApiEntry api)
    {
        (int first, int end) = api.Row < _apis.Count ? _mappings.Find(api.Row) : (0, 0);
        return first < end || _overlay.MappingsByApi.ContainsKey(api.Row);
    }

    /// <summary>Which APIs lead to an event.</summary>
    /// <param name="source">The event's source.</param>
    /// <param name="eventId">The event id.</param>
    public IEnumerable<MappingEntry> MappingsOf(SourceEntry source, int eventId)
    {
        if (source.Row < SourceTable.Count)
        {
            (int first, int end) = _mappingsByEvent.Find(source.Row, eventId);
            for (int row = first; row < end; row++)
            {
                yield return new MappingEntry(this, _mappingsByEvent[row, StoreTables.MappingByEvent.Mapping]);
            }
        }

        for (int i = 0; i < _overlay.Mappings.Count; i++)
        {
            if (_overlay.Mappings[i].EventId == eventId && _overlay.Mappings[i].Source == source.Name)
            {
                yield return new MappingEntry(this, _mappings.Count + i);
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
            (int first, int end) = _calls.Find(api.Row);
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
        StoreTable table = _file[StoreTables.Techniques];
        if (api.Row < _apis.Count)
        {
            (int first, int end) = table.Find(api.Row);
            for (int row = first; row < end; row++)
            {
                yield return Technique(table, row);
            }
        }
    }

    /// <summary>The names of all techniques that the store relates to APIs, sorted, each once.</summary>
    public IEnumerable<string> TechniqueNames() => Names(StoreTables.TechniquesByName);

    /// <summary>The names of all categories, sorted, each once.</summary>
    public IEnumerable<string> CategoryNames() => Names(StoreTables.CategoriesByName);

    /// <summary>The APIs of one technique, exactly this one.</summary>
    /// <param name="technique">T1055 or T1055.012, in any case.</param>
    public IEnumerable<TechniqueEntry> ApisOfTechnique(string technique)
    {
        StoreTable table = _file[StoreTables.Techniques];
        foreach (int row in RowsByName(StoreTables.TechniquesByName, technique))
        {
            yield return Technique(table, row);
        }
    }

    /// <summary>The APIs of one category, exactly this one; an API may come more than once.</summary>
    /// <param name="category">The category, in any case.</param>
    public IEnumerable<ApiEntry> ApisOfCategory(string category)
    {
        StoreTable table = _file[StoreTables.Categories];
        foreach (int row in RowsByName(StoreTables.CategoriesByName, category))
        {
            yield return new ApiEntry(this, table[row, StoreTables.Category.Api]);
        }
    }

    /// <summary>The categories of an API, each once.</summary>
    /// <param name="api">The API.</param>
    public IReadOnlyList<string> CategoriesOf(ApiEntry api)
    {
        StoreTable table = _file[StoreTables.Categories];
        var names = new List<string>();
        if (api.Row < _apis.Count)
        {
            (int first, int end) = table.Find(api.Row);
            for (int row = first; row < end; row++)
            {
                string name = _file.GetString(table[row, StoreTables.Category.Name]);
                if (names.Count == 0 || names[names.Count - 1] != name)
                {
                    names.Add(name);
                }
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
        StoreTable table = _file[StoreTables.RpcMethods];
        (int low, int high) = _file.FindStrings(interfaceId.ToString("D").AsSpan());
        for (int id = low; id < high; id++)
        {
            (int first, int end) = table.Find(id, opnum + 1);
            if (first < end)
            {
                method = new RpcMethodFact(
                    Text(table, first, StoreTables.RpcMethod.Interface),
                    Text(table, first, StoreTables.RpcMethod.InterfaceName),
                    opnum,
                    Text(table, first, StoreTables.RpcMethod.Method),
                    Text(table, first, StoreTables.RpcMethod.Protocol),
                    Joined(table, first, StoreTables.RpcMethod.Reference));
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
        StoreTable table = _file[StoreTables.ComInterfaces];
        (int low, int high) = _file.FindStrings(id.ToString("D").AsSpan());
        (int first, int end) = table.FindRange(low, high);
        com = first < end ? ReadCom(table, first) : null!;
        return first < end;
    }

    /// <summary>All COM classes and interfaces. Streams.</summary>
    public IEnumerable<ComFact> ComClasses()
    {
        StoreTable table = _file[StoreTables.ComInterfaces];
        for (int row = 0; row < table.Count; row++)
        {
            yield return ReadCom(table, row);
        }
    }

    /// <summary>The audit subcategories, by GUID.</summary>
    public IEnumerable<AuditSubcategoryFact> AuditSubcategories()
    {
        StoreTable table = _file[StoreTables.AuditSubcategories];
        for (int row = 0; row < table.Count; row++)
        {
            yield return new AuditSubcategoryFact(
                Text(table, row, StoreTables.AuditSubcategory.Name),
                Text(table, row, StoreTables.AuditSubcategory.Guid),
                Text(table, row, StoreTables.AuditSubcategory.Category),
                Text(table, row, StoreTables.AuditSubcategory.DefaultSetting),
                Text(table, row, StoreTables.AuditSubcategory.Volume),
                Joined(table, row, StoreTables.AuditSubcategory.EventIds),
                Joined(table, row, StoreTables.AuditSubcategory.Reference));
        }
    }

    /// <summary>The observables of the model's pages, by version.</summary>
    public IEnumerable<ObservableFact> Observables()
    {
        StoreTable table = _file[StoreTables.Observables];
        for (int row = 0; row < table.Count; row++)
        {
            yield return new ObservableFact(
                Text(table, row, StoreTables.Observable.ModelVersion),
                Text(table, row, StoreTables.Observable.Kind),
                Text(table, row, StoreTables.Observable.Place),
                Text(table, row, StoreTables.Observable.PlaceName),
                Text(table, row, StoreTables.Observable.Category),
                Text(table, row, StoreTables.Observable.Field),
                Text(table, row, StoreTables.Observable.Value),
                Text(table, row, StoreTables.Observable.Source),
                Text(table, row, StoreTables.Observable.EventId),
                Text(table, row, StoreTables.Observable.Reference))
            {
                Commit = Text(table, row, StoreTables.Observable.Commit),
            };
        }
    }

    /// <summary>Rows of source tables that are not in the facts as they stood there, each with its reason.</summary>
    public IEnumerable<ExclusionFact> Exclusions()
    {
        StoreTable table = _file[StoreTables.Exclusions];
        for (int row = 0; row < table.Count; row++)
        {
            yield return new ExclusionFact(
                Text(table, row, StoreTables.Exclusion.Table),
                Text(table, row, StoreTables.Exclusion.Row),
                Text(table, row, StoreTables.Exclusion.Reason));
        }
    }

    /// <summary>The API set contracts whose host is a module.</summary>
    /// <param name="module">The module, lower case without <c>.dll</c>.</param>
    public IEnumerable<string> ApiSetsOf(string module)
    {
        StoreTable table = _file[StoreTables.ApiSets];
        int host = _file.FindExact(module);
        for (int row = 0; host >= 0 && row < table.Count; row++)
        {
            if (table[row, StoreTables.ApiSet.Host] == host)
            {
                yield return _file.GetString(table[row, StoreTables.ApiSet.Contract]);
            }
        }
    }

    /// <summary>"Sysmon 10", the label of an event in lists.</summary>
    internal static string EventLabel(string source, int eventId) => source + " " + eventId.ToString(CultureInfo.InvariantCulture);

    /// <summary>Lays facts over this store. Built-in facts stay; what an overlay says differently is seen beside them.</summary>
    /// <param name="facts">Sources, events and mappings; other facts of the set are not used.</param>
    /// <param name="path">The file they come from.</param>
    public MappingStore WithOverlay(FactSet facts, string path)
    {
        var store = new MappingStore(_file, Path, _overlay.Append(facts, path, this));
        return store;
    }

    private StoreTable SourceTable => _file[StoreTables.Sources];

    /// <summary>A source's row is its place in the list: the table is read in order, overlays follow.</summary>
    internal SourceEntry SourceByRow(int row) =>
        (uint)row < (uint)_sources.Length ? _sources[row] : throw new InvalidDataException("a source number lies outside the table");

    private static SourceEntry[] ReadSources(StoreFile file, OverlayFacts overlay)
    {
        StoreTable table = file[StoreTables.Sources];
        var sources = new SourceEntry[table.Count + overlay.Sources.Count];
        for (int row = 0; row < table.Count; row++)
        {
            string guid = file.GetString(table[row, StoreTables.Source.Guid]);
            sources[row] = new SourceEntry(
                row,
                new SourceFact
                {
                    Name = file.GetString(table[row, StoreTables.Source.Name]),
                    Provider = file.GetString(table[row, StoreTables.Source.Provider]),
                    Guid = guid,
                    Channel = file.GetJoined(table[row, StoreTables.Source.Channel], ";"),
                    Delivery = file.GetString(table[row, StoreTables.Source.Delivery]),
                    Privileges = file.GetString(table[row, StoreTables.Source.Privileges]),
                    DefaultState = file.GetString(table[row, StoreTables.Source.DefaultState]),
                    Description = file.GetString(table[row, StoreTables.Source.Description]),
                    Documentation = file.GetString(table[row, StoreTables.Source.Documentation]),
                },
                ParseGuid(guid));
        }

        for (int i = 0; i < overlay.Sources.Count; i++)
        {
            sources[table.Count + i] = new SourceEntry(table.Count + i, overlay.Sources[i], ParseGuid(overlay.Sources[i].Guid));
        }

        return sources;
    }

    private static Guid? ParseGuid(string text) => Guid.TryParse(text, out Guid id) ? id : null;

    private TechniqueEntry Technique(StoreTable table, int row) => new(
        new ApiEntry(this, table[row, StoreTables.Technique.Api]),
        Text(table, row, StoreTables.Technique.Name),
        Text(table, row, StoreTables.Technique.Relation),
        (Evidence)table[row, StoreTables.Technique.Evidence]);

    private ComFact ReadCom(StoreTable table, int row) => new(
        Text(table, row, StoreTables.Com.Name),
        Text(table, row, StoreTables.Com.Id),
        Text(table, row, StoreTables.Com.Base),
        Text(table, row, StoreTables.Com.Namespace),
        Text(table, row, StoreTables.Com.MinimumPlatform),
        Joined(table, row, StoreTables.Com.Methods),
        Joined(table, row, StoreTables.Com.Reference))
    {
        MethodCount = table[row, StoreTables.Com.MethodCount] is > 0 and int count ? count - 1 : null,
    };

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

    private string Text(StoreTable table, int row, int column) => _file.GetString(table[row, column]);

    private string Joined(StoreTable table, int row, int column) => _file.GetJoined(table[row, column], ";");

    private string[] Strings(int list)
    {
        if (list == 0)
        {
            return [];
        }

        int[] ids = _file.GetList(list);
        var parts = new string[ids.Length];
        for (int i = 0; i < ids.Length; i++)
        {
            parts[i] = _file.GetString(ids[i]);
        }

        return parts;
    }

    internal string ApiText(int row, int column) =>
        row < _apis.Count ? Text(_apis, row, column) : _overlay.Apis[row - _apis.Count].Text(column);

    internal IReadOnlyList<string> ApiList(int row, int column) => row < _apis.Count ? Strings(_apis[row, column]) : [];

    internal string ApiTraitText(int row, int column) =>
        row < _apis.Count ? Text(_file[StoreTables.ApiTraits], _apis[row, StoreTables.Api.Traits], column) : "";

    internal IReadOnlyList<string> ApiReferences(int row) =>
        row < _apis.Count ? Strings(_file[StoreTables.ApiTraits][_apis[row, StoreTables.Api.Traits], StoreTables.ApiTrait.Reference]) : [];

    internal bool? ApiSetsLastError(int row) =>
        row >= _apis.Count ? null : _file[StoreTables.ApiTraits][_apis[row, StoreTables.Api.Traits], StoreTables.ApiTrait.SetsLastError] switch
        {
            2 => true,
            1 => false,
            _ => null,
        };

    internal string ApiZwName(int row) =>
        row < _apis.Count ? Text(_file[StoreTables.ApiNatives], _apis[row, StoreTables.Api.Native], StoreTables.ApiNative.ZwName) : "";

    internal IReadOnlyList<string> ApiSyscalls(int row) =>
        row < _apis.Count ? Strings(_file[StoreTables.ApiNatives][_apis[row, StoreTables.Api.Native], StoreTables.ApiNative.Syscalls]) : [];

    internal ApiLayer ApiLayer(int row) =>
        row < _apis.Count ? (ApiLayer)_apis[row, StoreTables.Api.Layer] : _overlay.Apis[row - _apis.Count].Layer;

    internal SourceEntry EventSource(int row) => row < _events.Count
        ? SourceByRow(_events[row, StoreTables.Event.Source])
        : FindSource(_overlay.Events[row - _events.Count].Source)!;

    internal int EventCell(int row, int column) => row < _events.Count
        ? _events[row, column]
        : OverlayFacts.EventCell(_overlay.Events[row - _events.Count], column);

    internal string EventText(int row, int column) => row < _events.Count
        ? Text(_events, row, column)
        : OverlayFacts.EventText(_overlay.Events[row - _events.Count], column);

    internal IReadOnlyList<string> EventList(int row, int column) => row < _events.Count
        ? Strings(_events[row, column])
        : StoreCompiler.SplitList(OverlayFacts.EventText(_overlay.Events[row - _events.Count], column));

    internal ApiEntry MappingApi(int row) => row < _mappings.Count
        ? new ApiEntry(this, _mappings[row, StoreTables.Mapping.Api])
        : new ApiEntry(this, _overlay.MappingApis[row - _mappings.Count]);

    internal SourceEntry MappingSource(int row) => row < _mappings.Count
        ? SourceByRow(_mappings[row, StoreTables.Mapping.Source])
        : FindSource(_overlay.Mappings[row - _mappings.Count].Source)!;

    internal int MappingCell(int row, int column) => row < _mappings.Count
        ? _mappings[row, column]
        : OverlayFacts.MappingCell(_overlay.Mappings[row - _mappings.Count], column);

    internal string MappingText(int row, int column) => row < _mappings.Count
        ? Text(_mappings, row, column)
        : OverlayFacts.MappingText(_overlay.Mappings[row - _mappings.Count], column);

    internal IReadOnlyList<string> MappingList(int row, int column) => row < _mappings.Count
        ? Strings(_mappings[row, column])
        : StoreCompiler.SplitList(OverlayFacts.MappingText(_overlay.Mappings[row - _mappings.Count], column));

    internal string? MappingOverlay(int row) => row < _mappings.Count ? null : _overlay.Mappings[row - _mappings.Count].Origin.File;

    internal int CallCell(int row, int column) => _calls[row, column];

    internal string CallText(int row, int column) => Text(_calls, row, column);

    internal IReadOnlyList<string> CallList(int row, int column) => Strings(_calls[row, column]);
}
