using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

namespace ApiLevel.Mapping;

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

    /// <summary>Splits a joined list of a fact.</summary>
    internal static string[] SplitList(string joined)
    {
        if (joined.Length == 0)
        {
            return [];
        }

        string[] parts = joined.Split(';');
        int count = 0;
        foreach (string part in parts)
        {
            string trimmed = part.Trim();
            if (trimmed.Length > 0)
            {
                parts[count++] = trimmed;
            }
        }

        Array.Resize(ref parts, count);
        return parts;
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
            if (layer == ApiLayer.Managed && key.IndexOf('!') is > 0 and var bang)
            {
                key = key.Substring(bang + 1);
            }

            if (_replaced.TryGetValue(key, out ApiDraft? api))
            {
                return api;
            }

            if (!_apis.TryGetValue(key, out api))
            {
                int split = key.IndexOf('!');
                api = split < 0 ? new ApiDraft("", key) : new ApiDraft(key.Substring(0, split), key.Substring(split + 1));
                _apis.Add(key, api);
            }

            if (rank > api.LayerRank)
            {
                api.Layer = layer;
                api.LayerRank = rank;
            }

            return api;
        }

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
                api.References.UnionWith(SplitList(export.Reference));
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
                api.References.UnionWith(SplitList(native.Reference));
                if (native.ZwName.Length > 0)
                {
                    api.Variants.Add(native.ZwName);
                    _aliases.Add((native.ZwName, native.Module, api, AliasRule.NtZw));
                }
            }

            foreach (MappingFact mapping in _facts.Mappings)
            {
                Api(mapping.Api, mapping.Layer, 4);
                foreach (string via in SplitList(mapping.Via))
                {
                    Api(via, GuessLayer(via), 0);
                }
            }

            foreach (CallFact call in _facts.Calls.Concat(_facts.ManagedCalls))
            {
                Api(call.Caller, GuessLayer(call.Caller), 0);
                Api(call.Callee, call.CalleeLayer, 3);
            }

            foreach (string key in _facts.Techniques.Select(fact => fact.Api).Concat(_facts.Categories.Select(fact => fact.Api)))
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

                ApiName callee = ApiName.Parse(call.Callee);
                if (callee.Module.Length > 0 && string.Equals(callee.Name, ApiName.Parse(call.Caller).Name, StringComparison.OrdinalIgnoreCase))
                {
                    ApiDraft api = Api(call.Caller, GuessLayer(call.Caller), 0);
                    _replaced[call.Callee] = api;
                    _aliases.Add((callee.Name, callee.Module, api, AliasRule.Forwarded));
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
                    _writer.AddList(SplitList(native.SyscallNumbers));
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

            foreach (SourceFact source in _facts.Sources)
            {
                Add(source.Name, source.Provider, source.Guid, source.Delivery, source.Privileges, source.DefaultState, source.Description, source.Documentation);
                AddLists(source.Channel);
            }

            foreach (EventFact e in _facts.Events)
            {
                Add(e.Name, e.Symbol, e.KeywordMask, e.Opcode, e.Task, e.Severity, e.FirstBuild, e.Car, e.CarReference, e.DataComponent, e.AuditSubcategory, e.Fires, e.Emitter);
                AddLists(e.Fields, e.Channel, e.Keywords, e.Requirement, e.AuditReference, e.Column, e.ColumnReference, e.DraftLevel, e.Reference);
            }

            foreach (MappingFact mapping in _facts.Mappings)
            {
                Add(mapping.Condition, mapping.Emitter, mapping.Mechanism);
                AddLists(mapping.Via, mapping.Reference);
            }

            foreach (CallFact call in _facts.Calls.Concat(_facts.ManagedCalls))
            {
                Add(call.Kind, call.RpcInterface, call.Context);
                AddLists(call.Reference);
            }

            foreach (TechniqueFact fact in _facts.Techniques)
            {
                Add(fact.Technique, fact.Relation, fact.Context);
                AddLists(fact.Reference);
            }

            foreach (CategoryFact fact in _facts.Categories)
            {
                Add(fact.Scheme, fact.Category, fact.Context);
                AddLists(fact.Reference);
            }

            foreach (ApiSetFact fact in _facts.ApiSets)
            {
                Add(fact.Contract, fact.LookupKey, fact.Host, fact.Override);
                AddLists(fact.Builds, fact.Reference);
            }

            foreach (OrdinalFact fact in _facts.Ordinals)
            {
                Add(fact.Module, fact.Name);
                AddLists(fact.Reference);
            }

            foreach (ComFact fact in _facts.ComInterfaces)
            {
                Add(fact.Name, fact.Id, fact.Base, fact.Namespace, fact.MinimumPlatform);
                AddLists(fact.Methods, fact.Reference);
            }

            foreach (RpcMethodFact fact in _facts.RpcMethods)
            {
                Add(fact.Interface, fact.InterfaceName, fact.Method, fact.Protocol);
                AddLists(fact.Reference);
            }

            foreach (AuditSubcategoryFact fact in _facts.AuditSubcategories)
            {
                Add(fact.Guid, fact.Name, fact.Category, fact.DefaultSetting, fact.Volume);
                AddLists(fact.EventIds, fact.Reference);
            }

            foreach (ObservableFact fact in _facts.Observables)
            {
                Add(fact.ModelVersion, fact.Kind, fact.Place, fact.PlaceName, fact.Category, fact.Field, fact.Value, fact.Source, fact.EventId, fact.Reference, fact.Commit);
            }

            foreach (ExclusionFact fact in _facts.Exclusions)
            {
                Add(fact.Table, fact.Row, fact.Reason);
            }

            foreach (AttributionFact fact in _facts.Attributions)
            {
                Add(fact.Field);
                AddLists(fact.Values, fact.Reference);
            }

            foreach (EventRoleFact fact in _facts.EventRoles)
            {
                Add(fact.Role, fact.Field, fact.Value);
                AddLists(fact.Reference);
            }

            foreach (AccessRightFact fact in _facts.AccessRights)
            {
                Add(fact.Kind, fact.Mask, fact.Name);
                AddLists(fact.Reference);
            }
        }

        private void Add(params string[] texts)
        {
            foreach (string text in texts)
            {
                _writer.Add(text);
            }
        }

        private void AddLists(params string[] lists)
        {
            foreach (string list in lists)
            {
                _writer.AddList(SplitList(list));
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
            WriteEvents();
            WriteApis();
            WriteMappings();
            WriteCalls();
            WriteTechniques();
            WriteCategories();
            Table(StoreTables.ApiSet.Count, _facts.ApiSets.Select(fact => new[]
            {
                Id(fact.LookupKey), Id(fact.Contract), Id(fact.Host), List(fact.Builds), List(fact.Reference), fact.IsInNewestSchema ? 1 : 0, Id(fact.Override),
            }));
            Table(StoreTables.Ordinal.Count, _facts.Ordinals.Select(fact => new[]
            {
                Id(fact.Module), fact.Ordinal, Id(fact.Name), fact.Stable switch { true => 2, null => 1, _ => 0 }, (int)fact.Evidence, List(fact.Reference),
            }));
            var com = Sorted(_facts.ComInterfaces.Select(fact => new[]
            {
                Id(fact.Id), Id(fact.Name), Id(fact.Base), Id(fact.Namespace), Id(fact.MinimumPlatform), List(fact.Methods), List(fact.Reference),
                (fact.MethodCount ?? -1) + 1,
            }));
            Table(StoreTables.Com.Count, com);
            Table(StoreTables.RpcMethod.Count, _facts.RpcMethods.Select(fact => new[]
            {
                Id(fact.Interface), fact.Opnum + 1, Id(fact.InterfaceName), Id(fact.Method), Id(fact.Protocol), List(fact.Reference),
            }));
            Table(StoreTables.AuditSubcategory.Count, _facts.AuditSubcategories.Select(fact => new[]
            {
                Id(fact.Guid), Id(fact.Name), Id(fact.Category), Id(fact.DefaultSetting), Id(fact.Volume), List(fact.EventIds), List(fact.Reference),
            }));
            Table(StoreTables.Observable.Count, _facts.Observables.Select(fact => new[]
            {
                Id(fact.ModelVersion), Id(fact.Kind), Id(fact.Place), Id(fact.PlaceName), Id(fact.Category), Id(fact.Field), Id(fact.Value),
                Id(fact.Source), Id(fact.EventId), Id(fact.Reference), Id(fact.Commit),
            }));
            WriteSourceAliases();
            Table(StoreTables.ByName.Count, com.Select((row, index) => new[] { row[StoreTables.Com.Name], index }));
            Table(StoreTables.Exclusion.Count, _facts.Exclusions.Select(fact => new[] { Id(fact.Table), Id(fact.Row), Id(fact.Reason) }));
            Table(StoreTables.ApiTrait.Count, _traits.Rows);
            Table(StoreTables.ApiNative.Count, _natives.Rows);
            Table(StoreTables.Attribution.Count, _facts.Attributions.Select(fact => new[]
            {
                SourceRow(fact.Source, fact.Origin), fact.EventId, ApiRow(fact.Api, fact.Origin), Id(fact.Field), List(fact.Values), List(fact.Reference),
            }));
            Table(StoreTables.EventRole.Count, _facts.EventRoles.Select(fact => new[]
            {
                SourceRow(fact.Source, fact.Origin), (fact.EventId ?? -1) + 1, Id(fact.Role), Id(fact.Field), Id(fact.Value), List(fact.Reference),
            }));
            Table(StoreTables.AccessRight.Count, _facts.AccessRights.Select(fact => new[]
            {
                Id(fact.Kind), Id(fact.Mask), Id(fact.Name), List(fact.Reference),
            }));
        }

        private void WriteSources()
        {
            List<int[]> rows = Sorted(_facts.Sources.Select(source => new[]
            {
                Id(source.Name), Id(source.Provider), Id(source.Guid), List(source.Channel), Id(source.Delivery), Id(source.Privileges),
                Id(source.DefaultState), Id(source.Description), Id(source.Documentation),
            }));
            var byId = _facts.Sources.ToDictionary(source => Id(source.Name));
            for (int i = 0; i < rows.Count; i++)
            {
                _sourceRows.Add(byId[rows[i][0]].Name, i);
            }

            Table(StoreTables.Source.Count, rows);
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

                foreach (string channel in SplitList(source.Channel))
                {
                    aliases.Add((Id(channel), row));
                }
            }

            Table(StoreTables.SourceAlias.Count, aliases.Select(alias => new[] { alias.Alias, alias.Source }));
        }

        private int SourceRow(string name, FactOrigin origin) => _sourceRows.TryGetValue(name, out int row)
            ? row
            : throw new InvalidDataException($"{origin}: the source '{name}' is not known");

        private void WriteEvents() => Table(StoreTables.Event.Count, _facts.Events.Select(e => new[]
        {
            SourceRow(e.Source, e.Origin), e.Id, e.Version, e.IsLatest ? 1 : 0, Id(e.Name), List(e.Fields), List(e.Channel), Id(e.KeywordMask),
            Id(e.Opcode), Id(e.Task), Id(e.Severity), List(e.Requirement), Id(e.FirstBuild), Id(e.Car), Id(e.CarReference), Id(e.DataComponent),
            Id(e.AuditSubcategory), List(e.Column), List(e.ColumnReference), List(e.DraftLevel), Id(e.Fires), Id(e.Emitter), (int)e.Evidence,
            List(e.Reference), Id(e.Symbol), List(e.Keywords), List(e.AuditReference),
        }));

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
            List<int[]> rows = Sorted(_facts.Mappings.Select(fact => new[]
            {
                Row(fact.Api, fact.Layer), SourceRow(fact.Source, fact.Origin), fact.EventId, (int)fact.Relation, List(fact.Via), Id(fact.Condition),
                Id(fact.Emitter), Id(fact.Mechanism), (int)fact.Evidence, List(fact.Reference),
            }));
            Table(StoreTables.Mapping.Count, rows);
            Table(StoreTables.MappingByEvent.Count, rows.Select((row, index) =>
                new[] { row[StoreTables.Mapping.Source], row[StoreTables.Mapping.EventId], index }));
        }

        private void WriteCalls()
        {
            List<int[]> rows = Sorted(_facts.Calls.Select(call => Call(call, GuessLayer(call.Caller)))
                .Concat(_facts.ManagedCalls.Select(call => Call(call, ApiLayer.Managed))));
            Table(StoreTables.Call.Count, rows);
            Table(StoreTables.CallByCallee.Count, rows.Select((row, index) => new[] { row[StoreTables.Call.Callee], index }));

            int[] Call(CallFact call, ApiLayer callerLayer) =>
            [
                Row(call.Caller, callerLayer), call.IsPrimary ? 0 : 1, Row(call.Callee, call.CalleeLayer), Id(call.Kind), Id(call.RpcInterface),
                (call.Opnum ?? -1) + 1, Id(call.Context), (int)call.Evidence, List(call.Reference),
            ];
        }

        private void WriteTechniques()
        {
            List<int[]> rows = Sorted(_facts.Techniques.Select(fact => new[]
            {
                Row(fact.Api, GuessLayer(fact.Api)), Id(fact.Technique), Id(fact.Relation), Id(fact.Context), (int)fact.Evidence, List(fact.Reference),
            }));
            Table(StoreTables.Technique.Count, rows);
            Table(StoreTables.ByName.Count, rows.Select((row, index) => new[] { row[StoreTables.Technique.Name], index }));
        }

        private void WriteCategories()
        {
            List<int[]> rows = Sorted(_facts.Categories.Select(fact => new[]
            {
                Row(fact.Api, GuessLayer(fact.Api)), Id(fact.Category), Id(fact.Scheme), Id(fact.Context), List(fact.Reference),
            }));
            Table(StoreTables.Category.Count, rows);
            Table(StoreTables.ByName.Count, rows.Select((row, index) => new[] { row[StoreTables.Category.Name], index }));
        }

        private int Row(string key, ApiLayer layer)
        {
            if (layer == ApiLayer.Managed && key.IndexOf('!') is > 0 and var bang)
            {
                key = key.Substring(bang + 1);
            }

            return _apis.TryGetValue(key, out ApiDraft? api) ? api.Row : _replaced[key].Row;
        }

        private int ApiRow(string key, FactOrigin origin) => _apis.TryGetValue(key, out ApiDraft? api) || _replaced.TryGetValue(key, out api)
            ? api.Row
            : throw new InvalidDataException($"{origin}: the API '{key}' is not known");

        private int Id(string text) => _writer.Id(text);

        private int List(string joined) => _writer.ListId(SplitList(joined));

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

/// <summary>Why a spelling stands for an API.</summary>
internal enum AliasRule
{
    Variant = 1,
    NtZw = 2,
    SameFunction = 3,
    Forwarded = 4,
}
