using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

namespace ApiLevel.Facts;

/// <summary>Compiles facts into the file that <see cref="MappingStore"/> searches in place. Same facts, same bytes.</summary>
public static class StoreCompiler
{
    /// <summary>Writes the store.</summary>
    /// <param name="facts">All facts; linted before.</param>
    /// <param name="sourceHash">The SHA-256 of the files the facts were read from, 32 bytes.</param>
    /// <param name="output">Where to; left open.</param>
    /// <exception cref="ArgumentException">The hash has another length.</exception>
    /// <exception cref="InvalidDataException">An event or mapping names a source that the facts do not hold.</exception>
    public static void Compile(FactSet facts, byte[] sourceHash, Stream output)
    {
        if (sourceHash.Length != 32)
        {
            throw new ArgumentException("A SHA-256 has 32 bytes.", nameof(sourceHash));
        }

        new Compilation(facts).Write(sourceHash, output);
    }

    private sealed class ApiDraft(string module, string name)
    {
        public string Module { get; } = module;

        public string Name { get; } = name;

        public ApiLayer Layer { get; set; }

        public int LayerRank { get; set; } = -1;

        public SortedSet<string> Variants { get; } = new(StringComparer.Ordinal);

        public SortedSet<int> Ordinals { get; } = [];

        public string Namespace { get; set; } = "";

        public string MinimumPlatform { get; set; } = "";

        public string Architectures { get; set; } = "";

        public string Contract { get; set; } = "";

        public bool? SetsLastError { get; set; }

        public NativeFact? Native { get; set; }

        public SortedSet<string> References { get; } = new(StringComparer.Ordinal);

        public int Row { get; set; }
    }

    private sealed class Compilation
    {
        private readonly FactSet _facts;
        private readonly StoreFileWriter _writer = new();
        private readonly Dictionary<string, ApiDraft> _apis = new(StringComparer.OrdinalIgnoreCase);
        private readonly Dictionary<string, int> _sourceRows = new(StringComparer.Ordinal);
        private readonly List<(string Name, string Module, ApiDraft Api, AliasRule Rule)> _aliases = [];

        public Compilation(FactSet facts) => _facts = facts;

        public void Write(byte[] sourceHash, Stream output)
        {
            CollectApis();
            CollectStrings();
            _writer.Freeze();
            NumberApis();
            WriteTables();
            _writer.Write(output, sourceHash);
        }

        /// <summary>One entry per API under its canonical name; a weaker source of the layer never overrides a stronger one.</summary>
        private ApiDraft Api(string key, ApiLayer layer, int rank)
        {
            if (layer == ApiLayer.Managed)
            {
                key = WithoutModule(key);
            }

            if (_replaced.TryGetValue(key, out ApiDraft? api))
            {
                return api;
            }

            if (!_apis.TryGetValue(key, out api))
            {
                (string module, string name) = SplitKey(key);
                api = new ApiDraft(module, name);
                _apis.Add(key, api);
            }

            if (rank > api.LayerRank)
            {
                api.Layer = layer;
                api.LayerRank = rank;
            }

            return api;
        }

        private static (string Module, string Name) SplitKey(string key) =>
            key.IndexOf('!') is >= 0 and var bang ? (key.Substring(0, bang), key.Substring(bang + 1)) : ("", key);

        // A managed member belongs to a namespace and not to a module.
        private static string WithoutModule(string key) => key.Substring(key.IndexOf('!') + 1);

        // Namespace.Type::Member is managed, Interface::Method is COM.
        private static ApiLayer GuessLayer(string key)
        {
            int member = key.IndexOf("::", StringComparison.Ordinal);
            return member < 0
                ? ApiLayer.Win32
                : key.IndexOf('!') < 0 && key.IndexOf('.') is >= 0 and var dot && dot < member ? ApiLayer.Managed : ApiLayer.ComMethod;
        }

        private void CollectApis()
        {
            JoinForwarders();
            foreach (ExportFact export in _facts.Exports)
            {
                ApiDraft api = Api(export.Module + "!" + export.BaseName, ApiLayer.Win32, 1);
                api.Variants.Add(export.Name);
                api.Namespace = export.Namespace.Length > 0 ? export.Namespace : api.Namespace;
                api.MinimumPlatform = export.MinimumPlatform.Length > 0 ? export.MinimumPlatform : api.MinimumPlatform;
                api.Architectures = export.Architectures.Length > 0 ? export.Architectures : api.Architectures;
                api.Contract = export.Contract.Length > 0 ? export.Contract : api.Contract;
                api.SetsLastError = export.SetsLastError ?? api.SetsLastError;
                api.References.UnionWith(ListText.Split(export.Reference));
                if (export.Name != export.BaseName)
                {
                    _aliases.Add((export.Name, export.Module, api, AliasRule.Variant));
                }
            }

            foreach (NativeFact native in _facts.Natives)
            {
                ApiLayer layer = native.Kind.IndexOf("syscall", StringComparison.Ordinal) >= 0 ? ApiLayer.Syscall : ApiLayer.Native;
                ApiDraft api = Api(native.Module + "!" + native.Name, layer, 2);
                api.Native = native;
                api.Variants.Add(native.Name);
                api.References.UnionWith(ListText.Split(native.Reference));
                if (native.ZwName.Length > 0)
                {
                    api.Variants.Add(native.ZwName);
                    _aliases.Add((native.ZwName, native.Module, api, AliasRule.NtZw));
                }
            }

            foreach (MappingFact mapping in _facts.Mappings)
            {
                Api(mapping.Api, mapping.Layer, 4);
                foreach (string via in ListText.Split(mapping.Via))
                {
                    Api(via, GuessLayer(via), 0);
                }
            }

            foreach (CallFact call in _facts.Calls.Concat(_facts.ManagedCalls))
            {
                Api(call.Caller, GuessLayer(call.Caller), 0);
                Api(call.Callee, call.CalleeLayer, 3);
            }

            IEnumerable<string> named = _facts.Techniques.Select(fact => fact.Api)
                .Concat(_facts.Categories.Select(fact => fact.Api))
                .Concat(_facts.Invisible.Select(fact => fact.Api))
                .Concat(_facts.Unsettled.Select(fact => fact.Api))
                .Concat(_facts.Denied.Select(fact => fact.Api))
                .Concat(_facts.Arguments.SelectMany(fact => new[] { fact.Caller, fact.Callee }));
            foreach (string key in named)
            {
                Api(key, GuessLayer(key), 0);
            }

            foreach (OrdinalFact ordinal in _facts.Ordinals)
            {
                if (ordinal.Stable != false && Find(ordinal.Module, ordinal.Name) is { } api)
                {
                    api.Ordinals.Add(ordinal.Ordinal);
                }
            }

            AddPsapiNames();
        }

        private ApiDraft? Find(string module, string name)
        {
            if (_apis.TryGetValue(module + "!" + name, out ApiDraft? api))
            {
                return api;
            }

            _aliasIndex ??= BuildAliasIndex();
            return _aliasIndex.TryGetValue(module + "!" + name, out api) ? api : null;
        }

        private Dictionary<string, ApiDraft>? _aliasIndex;

        private Dictionary<string, ApiDraft> BuildAliasIndex()
        {
            var index = new Dictionary<string, ApiDraft>(StringComparer.OrdinalIgnoreCase);
            foreach ((string name, string module, ApiDraft api, AliasRule _) in _aliases)
            {
                index[module + "!" + name] = api;
            }

            return index;
        }

        /// <summary>
        /// kernel32!OpenProcess is forwarded to kernelbase!OpenProcess, which is the same function and no call further down: the two
        /// are one entry, unless the chain knows what the second one calls.
        /// </summary>
        private void JoinForwarders()
        {
            var callers = new HashSet<string>(_facts.Calls.Select(call => call.Caller), StringComparer.OrdinalIgnoreCase);
            var mapped = new HashSet<string>(_facts.Mappings.Select(mapping => mapping.Api), StringComparer.OrdinalIgnoreCase);
            foreach (CallFact call in _facts.Calls)
            {
                if (call.Kind != "forwards" || callers.Contains(call.Callee) || mapped.Contains(call.Callee) || _replaced.ContainsKey(call.Callee))
                {
                    continue;
                }

                (string module, string name) = SplitKey(call.Callee);
                if (module.Length > 0 && string.Equals(name, SplitKey(call.Caller).Name, StringComparison.OrdinalIgnoreCase))
                {
                    ApiDraft api = Api(call.Caller, GuessLayer(call.Caller), 0);
                    _replaced[call.Callee] = api;
                    _aliases.Add((name, module, api, AliasRule.Forwarded));
                }
            }
        }

        /// <summary>kernel32!K32Name and psapi!Name are one function: the psapi name is the one people know.</summary>
        private void AddPsapiNames()
        {
            foreach (ApiDraft merged in _apis.Values.Where(api => api.Module == "kernel32" && api.Name.StartsWith("K32", StringComparison.Ordinal)).ToArray())
            {
                if (!_apis.TryGetValue("psapi!" + merged.Name.Substring(3), out ApiDraft? kept))
                {
                    continue;
                }

                string key = merged.Module + "!" + merged.Name;
                _apis.Remove(key);
                _replaced[key] = kept;
                kept.Variants.UnionWith(merged.Variants);
                kept.Namespace = kept.Namespace.Length > 0 ? kept.Namespace : merged.Namespace;
                kept.MinimumPlatform = kept.MinimumPlatform.Length > 0 ? kept.MinimumPlatform : merged.MinimumPlatform;
                kept.References.UnionWith(merged.References);
                _aliases.Add((merged.Name, merged.Module, kept, AliasRule.SameFunction));
                for (int i = 0; i < _aliases.Count; i++)
                {
                    if (ReferenceEquals(_aliases[i].Api, merged))
                    {
                        _aliases[i] = (_aliases[i].Name, _aliases[i].Module, kept, AliasRule.SameFunction);
                    }
                }
            }
        }

        private readonly Dictionary<string, ApiDraft> _replaced = new(StringComparer.OrdinalIgnoreCase);

        private void CollectStrings()
        {
            foreach (ApiDraft api in _apis.Values)
            {
                _writer.Add(api.Name);
                _writer.Add(api.Module);
                _writer.AddList(api.Variants);
                _writer.Add(api.Namespace);
                _writer.Add(api.MinimumPlatform);
                _writer.Add(api.Architectures);
                _writer.Add(api.Contract);
                _writer.AddList(api.References);
                _writer.AddList(api.Ordinals.Select(Text));
                if (api.Native is { } native)
                {
                    Add(native.ZwName, native.Kind, native.FirstBuild, native.LastBuild);
                    _writer.AddList(ListText.Split(native.SyscallNumbers));
                }
            }

            foreach ((string name, string module, _, _) in _aliases)
            {
                Add(name, module);
            }

            foreach (KeyValuePair<string, string> pair in _facts.Properties)
            {
                Add(pair.Key, pair.Value);
            }

            foreach (Fact fact in _facts.Stored.SelectMany(facts => facts))
            {
                foreach (FactColumn column in fact.Table.Columns)
                {
                    Announce(fact, column);
                }
            }
        }

        private void Announce(Fact fact, FactColumn column)
        {
            if (column.StoreIndex < 0)
            {
                return;
            }

            if (column.IsStoredAsList)
            {
                _writer.AddList(ListText.Split(fact.Text(column)));
            }
            else if (column.Kind is FactKind.Text or FactKind.Guid)
            {
                _writer.Add(fact.Text(column));
            }
        }

        private void Add(params string[] texts)
        {
            foreach (string text in texts)
            {
                _writer.Add(text);
            }
        }

        private void NumberApis()
        {
            ApiDraft[] sorted = _apis.Values
                .OrderBy(api => _writer.Id(api.Name))
                .ThenBy(api => _writer.Id(api.Module))
                .ToArray();
            for (int i = 0; i < sorted.Length; i++)
            {
                sorted[i].Row = i;
            }
        }

        private void WriteTables()
        {
            Table(StoreTables.Property.Count, _facts.Properties.Select(pair => new[] { Id(pair.Key), Id(pair.Value) }));
            WriteSources();
            Facts(EventColumns.Table, _facts.Events);
            WriteApis();
            WriteMappings();
            WriteCalls();
            ByName(Facts(TechniqueColumns.Table, _facts.Techniques), TechniqueColumns.Technique);
            ByName(Facts(CategoryColumns.Table, _facts.Categories), CategoryColumns.Category);
            Facts(ApiSetColumns.Table, _facts.ApiSets);
            Facts(OrdinalColumns.Table, _facts.Ordinals);
            List<int[]> com = Facts(ComColumns.Table, _facts.ComInterfaces);
            Facts(RpcMethodColumns.Table, _facts.RpcMethods);
            Facts(AuditSubcategoryColumns.Table, _facts.AuditSubcategories);
            Facts(ObservableColumns.Table, _facts.Observables);
            WriteSourceAliases();
            ByName(com, ComColumns.Name);
            Facts(ExclusionColumns.Table, _facts.Exclusions);
            Table(StoreTables.ApiTrait.Count, _traits.Rows);
            Table(StoreTables.ApiNative.Count, _natives.Rows);
            Facts(AttributionColumns.Table, _facts.Attributions);
            Facts(EventRoleColumns.Table, _facts.EventRoles);
            Facts(AccessRightColumns.Table, _facts.AccessRights);
            Facts(InvisibleColumns.Table, _facts.Invisible);
            Facts(UnsettledColumns.Table, _facts.Unsettled);
            Facts(DeniedColumns.Table, _facts.Denied);
            Facts(ArgumentColumns.Table, _facts.Arguments);
            Facts(ConditionColumns.Table, _facts.Conditions);
            Facts(EventVolumeColumns.Table, _facts.EventVolumes);
            Facts(WindowsReleaseColumns.Table, _facts.WindowsReleases);
            Facts(SysmonVersionColumns.Table, _facts.SysmonVersions);
            Facts(TellingFieldColumns.Table, _facts.TellingFields);
        }

        /// <summary>Writes the table of one kind of fact.</summary>
        private List<int[]> Facts(FactTable table, IEnumerable<Fact> facts)
        {
            List<int[]> rows = Sorted(facts.Select(Row));
            Table(table.StoredColumns, rows);
            return rows;
        }

        private int[] Row(Fact fact)
        {
            var row = new int[fact.Table.StoredColumns];
            foreach (FactColumn column in fact.Table.Columns)
            {
                if (column.StoreIndex >= 0)
                {
                    row[column.StoreIndex] = Cell(fact, column);
                }
            }

            return row;
        }

        private int Cell(Fact fact, FactColumn column) => column.Kind switch
        {
            FactKind.Text or FactKind.Guid => Id(fact.Text(column)),
            FactKind.List or FactKind.ApiList => _writer.ListId(ListText.Split(fact.Text(column))),
            FactKind.Source => SourceRow(fact.Text(column), fact.Origin),
            FactKind.Api => ApiRow(fact.Text(column), fact.Origin),
            _ => fact.StoredNumber(column),
        };

        /// <summary>Writes the other direction of a table: from a text to the rows that have it.</summary>
        private void ByName(List<int[]> rows, FactColumn column) =>
            Table(StoreTables.ByName.Count, rows.Select((row, index) => new[] { row[column.StoreIndex], index }));

        private void WriteSources()
        {
            List<int[]> rows = Facts(SourceColumns.Table, _facts.Sources);
            var byId = _facts.Sources.ToDictionary(source => Id(source.Name));
            for (int i = 0; i < rows.Count; i++)
            {
                _sourceRows.Add(byId[rows[i][SourceColumns.Name.StoreIndex]].Name, i);
            }
        }

        private void WriteSourceAliases()
        {
            var aliases = new HashSet<(int Alias, int Source)>();
            foreach (SourceFact source in _facts.Sources)
            {
                int row = _sourceRows[source.Name];
                aliases.Add((Id(source.Name), row));
                aliases.Add((Id(source.Provider), row));
                if (source.Guid.Length > 0)
                {
                    aliases.Add((Id(source.Guid), row));
                }

                foreach (string channel in ListText.Split(source.Channel))
                {
                    aliases.Add((Id(channel), row));
                }
            }

            Table(StoreTables.SourceAlias.Count, aliases.Select(alias => new[] { alias.Alias, alias.Source }));
        }

        private int SourceRow(string name, FactOrigin origin) => _sourceRows.TryGetValue(name, out int row)
            ? row
            : throw new InvalidDataException($"{origin}: the source '{name}' is not known");

        private void WriteApis()
        {
            ApiDraft[] apis = [.. _apis.Values.OrderBy(api => api.Row)];
            foreach (ApiDraft api in apis)
            {
                _traits.Add(Traits(api));
                _natives.Add(Native(api));
            }

            Table(StoreTables.Api.Count, apis.Select(api => new[]
            {
                Id(api.Name), Id(api.Module), (int)api.Layer, _writer.ListId(api.Variants), _traits.Number(Traits(api)), _natives.Number(Native(api)),
                _writer.ListId(api.Ordinals.Select(Text)),
            }));
            Table(StoreTables.Alias.Count, _aliases.Select(alias => new[] { Id(alias.Name), Id(alias.Module), alias.Api.Row, (int)alias.Rule }));
        }

        private readonly SharedRows _traits = new();
        private readonly SharedRows _natives = new();

        private int[] Traits(ApiDraft api) =>
        [
            Id(api.Namespace), Id(api.MinimumPlatform), Id(api.Architectures), Id(api.Contract),
            api.SetsLastError switch { true => 2, false => 1, null => 0 }, Id(api.Native?.Kind ?? ""), Id(api.Native?.FirstBuild ?? ""),
            Id(api.Native?.LastBuild ?? ""), _writer.ListId(api.References),
        ];

        private int[] Native(ApiDraft api) => [Id(api.Native?.ZwName ?? ""), List(api.Native?.SyscallNumbers ?? "")];

        /// <summary>Rows that are stored once however many refer to them, numbered in their own order.</summary>
        private sealed class SharedRows
        {
            private readonly SortedSet<int[]> _rows = new(Comparer<int[]>.Create(StoreFileWriter.CompareRows));
            private SortedDictionary<int[], int>? _numbers;

            public IEnumerable<int[]> Rows => _rows;

            public void Add(int[] row) => _rows.Add(row);

            public int Number(int[] row)
            {
                if (_numbers is null)
                {
                    _numbers = new SortedDictionary<int[], int>(Comparer<int[]>.Create(StoreFileWriter.CompareRows));
                    foreach (int[] known in _rows)
                    {
                        _numbers.Add(known, _numbers.Count);
                    }
                }

                return _numbers[row];
            }
        }

        private void WriteMappings()
        {
            List<int[]> rows = Facts(MappingColumns.Table, _facts.Mappings);
            Table(StoreTables.MappingByEvent.Count, rows.Select((row, index) =>
                new[] { row[MappingColumns.Source.StoreIndex], row[MappingColumns.EventId.StoreIndex], index }));
        }

        private void WriteCalls()
        {
            List<int[]> rows = Facts(CallColumns.Table, _facts.Calls.Concat(_facts.ManagedCalls));
            Table(StoreTables.CallByCallee.Count, rows.Select((row, index) => new[] { row[CallColumns.Callee.StoreIndex], index }));
        }

        private int ApiRow(string key, FactOrigin origin) =>
            _apis.TryGetValue(key, out ApiDraft? api) || _replaced.TryGetValue(key, out api) || _apis.TryGetValue(WithoutModule(key), out api)
            ? api.Row
            : throw new InvalidDataException($"{origin}: the API '{key}' is not known");

        private int Id(string text) => _writer.Id(text);

        private int List(string joined) => _writer.ListId(ListText.Split(joined));

        private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

        private static List<int[]> Sorted(IEnumerable<int[]> rows)
        {
            var list = rows.ToList();
            list.Sort(StoreFileWriter.CompareRows);
            return list;
        }

        private void Table(int columns, IEnumerable<int[]> rows) => _writer.AddTable(rows.ToList(), columns);
    }
}
