using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using ApiLevel.Answers;
using ApiLevel.Chains;
using ApiLevel.Facts;
using ApiLevel.Formats;
using ApiLevel.Names;

namespace ApiLevel.Attribution;

/// <summary>How strongly an event speaks for an API.</summary>
public enum AttributionStrength
{
    /// <summary>No API.</summary>
    None,

    /// <summary>Only a result of the call was seen; other calls have the same result.</summary>
    Effect,

    /// <summary>An RPC interface and a method's number, or a method that writes the event itself.</summary>
    Protocol,

    /// <summary>A system call that several functions share.</summary>
    Syscall,

    /// <summary>Written inside the call, by one family of functions.</summary>
    Direct,

    /// <summary>The call stack shows through which function the call went.</summary>
    Stack,
}

/// <summary>What an event proves: one API, and all that can be behind it.</summary>
internal sealed class Proof
{
    public static readonly Proof Nothing = new();

    /// <summary>
    /// The APIs that the event speaks for, best first; without those that it never names. Empty where the facts know none or the
    /// fields contradict all.
    /// </summary>
    public ApiEntry[] Apis { get; init; } = [];

    /// <summary>Which of them is named; not known where none is.</summary>
    public ApiEntry Best { get; init; }

    /// <summary>The candidate it is; -1 for one that is no candidate of the plan.</summary>
    public int Index { get; init; } = -1;

    public string Api { get; init; } = "";

    public string Module { get; init; } = "";

    public AttributionStrength Strength { get; init; }

    public string Candidates { get; init; } = "";

    public string Relation { get; init; } = "";

    public string Evidence { get; init; } = "";

    public string Emitter { get; init; } = "";

    public string Technique { get; init; } = "";

    /// <summary>Why no API is named; empty where one is.</summary>
    public string Reason { get; init; } = "";
}

/// <summary>
/// Everything about one event of one source that does not depend on the record: the APIs that lead to it, which of them pass
/// through which, what the fields decide. What the fields of a record leave over is judged once for each combination.
/// </summary>
/// <remarks>
/// The judgement, in this order. Facts in dispute count only when nothing else is left. What more fields confirm comes first. Then a
/// callable API with evidence from Derived up, a routine inside a service with such evidence, a callable API with weaker evidence
/// (a guess from names), a routine of the kernel. Then dominance: the call through which the most of the others pass is what the
/// event proves, because whichever of them was called, this one was. Then evidence, then how many sources name the pair, then how
/// many techniques use the API. Of routines inside, the outermost: the innermost is only the code that writes the event. An RPC
/// method with a single client function gives way to it. Where nothing tells several unrelated APIs apart, the best supported is
/// named all the same; Effect and the list of candidates say that it is one of several.
/// </remarks>
internal sealed class EventPlan
{
    private const char Dropped = '\uFFFF';
    private const int MaximumProofs = 4096;
    private const string Separator = "; ";

    private readonly MappingStore _store;
    private readonly Candidate[] _candidates;
    private readonly bool[,] _passes;
    private readonly bool _hasConditions;
    private readonly ConcurrentDictionary<string, Proof> _proofs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(Proof, string), Proof> _raised = new();
    private readonly ConcurrentDictionary<string, bool> _modules = new(StringComparer.Ordinal);
    private readonly Proof? _only;

    public EventPlan(MappingStore store, SourceEntry source, int eventId)
    {
        _store = store;
        Source = source;
        Event = store.FindEvent(source, eventId);
        Name = Event.IsKnown ? Event.Name : "";
        Level = Placement.Level(Event);
        Column = Placement.Column(Event);
        Emitter = Event.IsKnown ? Event.Emitter : "";
        Roles = new EventRoles(store.RolesOf(source, eventId));
        _candidates = MakeCandidates(store, source, eventId);
        _passes = MakePasses(store, _candidates);
        _hasConditions = Array.Exists(_candidates, candidate => candidate.Conditions.Length > 0);
        if (!_hasConditions)
        {
            _only = Judge(new string('\0', _candidates.Length));
        }
    }

    public SourceEntry Source { get; }

    public EventEntry Event { get; }

    public string Name { get; }

    public string Level { get; }

    public string Column { get; }

    public string Emitter { get; }

    public EventRoles Roles { get; }

    /// <summary>True when a mapping names the event.</summary>
    public bool IsMapped => _candidates.Length > 0;

    /// <summary>What the record's fields leave over.</summary>
    public Proof Prove(EventRecord record)
    {
        if (_only is not null)
        {
            return _only;
        }

        var state = new char[_candidates.Length];
        for (int i = 0; i < state.Length; i++)
        {
            int confirmed = 0;
            foreach (FieldCondition condition in _candidates[i].Conditions)
            {
                switch (condition.Test(record))
                {
                    case true:
                        confirmed++;
                        break;
                    case false:
                        confirmed = Dropped;
                        break;
                }

                if (confirmed == Dropped)
                {
                    break;
                }
            }

            state[i] = (char)confirmed;
        }

        // The combinations come from the records: a file must not be able to fill the memory with them.
        var key = new string(state);
        return _proofs.TryGetValue(key, out Proof? proof) ? proof
            : _proofs.Count < MaximumProofs ? _proofs.GetOrAdd(key, Judge)
            : Judge(key);
    }

    /// <summary>
    /// Goes up a call stack: each module on it that holds a candidate calling the one proved so far names that candidate. Where the
    /// module above the system call holds none, the system call was called as it is.
    /// </summary>
    public Proof Raise(Proof proof, IReadOnlyList<string> modules)
    {
        if (modules.Count == 0 || proof.Index < 0 || _candidates[proof.Index].Api.Layer is not (ApiLayer.Syscall or ApiLayer.Native or ApiLayer.Win32))
        {
            return proof;
        }

        // Only the modules of Windows at the stack's beginning decide, and of those there are few.
        string[] holding = [.. modules.TakeWhile(IsSystemModule)];
        (Proof, string) key = (proof, string.Join("|", holding));
        if (_raised.TryGetValue(key, out Proof? raised))
        {
            return raised;
        }

        raised = RaiseThrough(proof, holding);
        if (_raised.Count < MaximumProofs)
        {
            _raised.TryAdd(key, raised);
        }

        return raised;
    }

    private Proof RaiseThrough(Proof proof, string[] modules)
    {
        int at = proof.Index;
        for (int frame = 0; frame < modules.Length; frame++)
        {
            int above = -1;
            for (int i = 0; i < _candidates.Length; i++)
            {
                // Of several functions of the module the one nearest to the call: the others call it in turn, and that they did
                // does not follow from another frame in a module that holds the same code (kernelbase, kernel32).
                ApiEntry api = _candidates[i].Api;
                if (i != at && _passes[i, at] && proof.Apis.Contains(api) && IsHostedBy(api, modules[frame])
                    && (frame == 0 || !modules.Take(frame).Any(before => IsHostedBy(api, before)))
                    && (above < 0 || _passes[above, i]))
                {
                    above = i;
                }
            }

            if (above < 0)
            {
                break;
            }

            at = above;
        }

        return Describe(proof, at, AttributionStrength.Stack);
    }

    /// <summary>True for a module that holds one of the event's APIs, under its own name or as the host of another's code.</summary>
    public bool IsSystemModule(string module)
    {
        if (!_modules.TryGetValue(module, out bool hosts))
        {
            hosts = Array.Exists(_candidates, candidate => IsHostedBy(candidate.Api, module));
            if (_modules.Count < MaximumProofs)
            {
                _modules.TryAdd(module, hosts);
            }
        }

        return hosts;
    }

    /// <summary>What an RPC interface and a method's number prove; null when the facts know neither.</summary>
    public Proof? ProveCall(Guid interfaceId, int opnum)
    {
        IReadOnlyList<CallEntry> calls = _store.RpcCalls(interfaceId, opnum);
        bool known = _store.TryGetRpcMethod(interfaceId, opnum, out RpcMethodFact method);
        if (calls.Count == 0)
        {
            return known
                ? new Proof
                {
                    Api = method.InterfaceName.Length == 0 ? method.Method : method.InterfaceName + "::" + method.Method,
                    Candidates = method.InterfaceName.Length == 0 ? method.Method : method.InterfaceName + "::" + method.Method,
                    Strength = AttributionStrength.Protocol,
                    Relation = nameof(Relation.ViaLowerCall),
                    Evidence = nameof(Evidence.Medium),
                    Emitter = Emitter,
                }
                : null;
        }

        ApiEntry callee = calls[0].Callee;
        CallEntry[] clients = [.. calls.Where(call => call.IsCall && call.IsPrimary).GroupBy(call => call.Caller).Select(group => group.First())
            .OrderByDescending(call => call.Evidence).ThenBy(call => call.Caller.Key, StringComparer.Ordinal)];

        // One client function is the call; with several the method itself is what all of them come to.
        bool single = clients.Length == 1;
        ApiEntry best = single ? clients[0].Caller : callee;
        ApiEntry[] apis = single ? [best, callee] : [callee, .. clients.Select(call => call.Caller)];
        return new Proof
        {
            Apis = apis,
            Best = best,
            Api = best.Name,
            Module = best.Module,
            Strength = AttributionStrength.Protocol,
            Candidates = Join(apis),
            Relation = nameof(Relation.ViaLowerCall),
            Evidence = (single ? CallWalk.Weakest(Evidence.Derived, clients[0].Evidence) : Evidence.Medium).ToString(),
            Emitter = Emitter,
            Technique = TechniquesOf(_store, best),
        };
    }

    /// <summary>What an event proves that names the call itself.</summary>
    /// <param name="text">The name, as the event has it.</param>
    /// <param name="wasSeen">True where the call was seen; false where only its caller was.</param>
    public Proof ProveNamed(string text, bool wasSeen)
    {
        ApiName name = ApiName.Parse(text);
        IReadOnlyList<ApiEntry> found = _store.Find(name);
        if (found.Count == 0 && name.Name.IndexOf("::", StringComparison.Ordinal) > 0)
        {
            // Every method that a runtime compiles is named this way; those that the facts know are APIs.
            return new Proof { Emitter = Emitter, Reason = "the facts do not know the managed member that it names" };
        }

        ApiEntry best = found.Count == 1 || (found.Count > 1 && name.Module.Length > 0) ? found[0] : default;
        ApiEntry[] apis = best.IsKnown ? [best] : [.. found];
        return new Proof
        {
            Apis = apis,
            Best = best,
            Api = best.IsKnown ? best.Name : name.Name,
            Module = best.IsKnown ? best.Module : name.Module,
            Strength = wasSeen ? AttributionStrength.Direct : AttributionStrength.Effect,
            Candidates = apis.Length > 0 ? Join(apis) : name.ToString(),
            Relation = wasSeen ? nameof(Relation.Direct) : nameof(Relation.Conditional),
            Evidence = wasSeen ? nameof(Evidence.High) : nameof(Evidence.Medium),
            Emitter = Emitter.Length > 0 ? Emitter : "caller",
            Technique = best.IsKnown ? TechniquesOf(_store, best) : "",
        };
    }

    private static Candidate[] MakeCandidates(MappingStore store, SourceEntry source, int eventId)
    {
        ILookup<ApiEntry, (ApiEntry Api, string Field, IReadOnlyList<string> Values)> rows = store.AttributionsOf(source, eventId).ToLookup(row => row.Api);
        var candidates = new List<Candidate>();
        var seen = new HashSet<ApiEntry>();
        foreach (MappingEntry mapping in store.MappingsOf(source, eventId))
        {
            ApiEntry api = mapping.Api;
            if (mapping.Relation == Relation.None || !seen.Add(api))
            {
                continue;
            }

            candidates.Add(new Candidate(
                mapping,
                api,
                [.. rows[api].Where(row => row.Field.Length > 0).Select(row => new FieldCondition(row.Field, row.Values))],
                rows[api].Any(row => row.Field.Length == 0),
                [.. store.TechniquesOf(api).Select(entry => entry.Technique)]));
        }

        return [.. candidates];
    }

    /// <summary>Which candidate passes through which, by the mappings' own words and by the call chain.</summary>
    private static bool[,] MakePasses(MappingStore store, Candidate[] candidates)
    {
        int count = candidates.Length;
        var passes = new bool[count, count];
        var places = new Dictionary<ApiEntry, int>();
        for (int i = 0; i < count; i++)
        {
            places[candidates[i].Api] = i;
        }

        for (int i = 0; i < count; i++)
        {
            MappingEntry mapping = candidates[i].Mapping;
            IEnumerable<ApiEntry> below = mapping.Via.SelectMany(via => store.Find(ApiName.Parse(via)))
                .Concat(store.CallsBelow(candidates[i].Api, mapping));
            foreach (ApiEntry api in below)
            {
                if (places.TryGetValue(api, out int j) && j != i)
                {
                    passes[i, j] = true;
                }
            }
        }

        for (int k = 0; k < count; k++)
        {
            for (int i = 0; i < count; i++)
            {
                for (int j = 0; passes[i, k] && j < count; j++)
                {
                    passes[i, j] |= passes[k, j] && i != j;
                }
            }
        }

        return passes;
    }

    private Proof Judge(string state)
    {
        var left = new List<int>();
        for (int i = 0; i < state.Length; i++)
        {
            if (state[i] != Dropped)
            {
                left.Add(i);
            }
        }

        if (left.Count == 0)
        {
            return state.Length == 0 ? Proof.Nothing : new Proof { Emitter = Emitter, Reason = "the fields contradict every API that the facts know" };
        }

        var undisputed = left.Where(i => _candidates[i].Mapping.Evidence != Evidence.Disputed).ToList();
        var pool = undisputed.Count > 0 ? undisputed : left;
        var order = new Comparison(this, state, pool);
        left.Sort(order);
        var named = pool.Where(i => !_candidates[i].NeverNamed).ToList();
        if (named.Count == 0)
        {
            return new Proof
            {
                Candidates = Join(left.Select(i => _candidates[i].Api)),
                Emitter = Emitter,
                Reason = "any call over the same transport leaves this event",
            };
        }

        named.Sort(order);
        int best = named[0];
        if (_candidates[best].Api.Layer == ApiLayer.RpcMethod)
        {
            best = SingleClient(best, named) ?? best;
        }

        left.Remove(best);
        left.Insert(0, best);
        var proof = new Proof
        {
            Apis = [.. left.Where(i => !_candidates[i].NeverNamed).Select(i => _candidates[i].Api)],
            Candidates = Join(left.Select(i => _candidates[i].Api)),
        };
        return Describe(proof, best, StrengthOf(best, state, named));
    }

    private Proof Describe(Proof proof, int index, AttributionStrength strength)
    {
        Candidate best = _candidates[index];
        ApiEntry[] apis = proof.Apis;
        string candidates = proof.Candidates;
        if (apis[0] != best.Api)
        {
            apis = [best.Api, .. apis.Where(api => api != best.Api)];
            candidates = string.Join(Separator, [best.Api.Key, .. candidates.Split([Separator], StringSplitOptions.None).Where(key => key != best.Api.Key)]);
        }

        return new Proof
        {
            Apis = apis,
            Best = best.Api,
            Index = index,
            Api = best.Api.Name,
            Module = best.Api.Module,
            Strength = strength,
            Candidates = candidates,
            Relation = best.Mapping.Relation.ToString(),
            Evidence = best.Mapping.Evidence.ToString(),
            Emitter = best.Mapping.Emitter,
            Technique = Techniques(index, apis),
        };
    }

    /// <summary>The techniques of an API; where it has none, those of the one family of functions that calls it.</summary>
    private string Techniques(int index, ApiEntry[] apis)
    {
        string own = TechniquesOf(_store, _candidates[index].Api);
        if (own.Length > 0)
        {
            return own;
        }

        int[] above = [.. Enumerable.Range(0, _candidates.Length).Where(i => i != index && _passes[i, index] && apis.Contains(_candidates[i].Api))];
        int[] nearest = [.. above.Where(i => Array.TrueForAll(above, other => other == i || !_passes[i, other]))];
        return nearest.Length == 1 ? TechniquesOf(_store, _candidates[nearest[0]].Api) : "";
    }

    /// <summary>The one function family that a client calls to reach an RPC method: its innermost function.</summary>
    private int? SingleClient(int method, List<int> pool)
    {
        var clients = pool.Where(i => i != method && _passes[i, method] && IsCallable(i) && _candidates[i].Api.Layer != ApiLayer.RpcMethod).ToList();
        int[] nearest = [.. clients.Where(i => clients.TrueForAll(other => other == i || !_passes[i, other]))];
        return nearest.Length == 1 ? nearest[0] : null;
    }

    private AttributionStrength StrengthOf(int best, string state, List<int> pool)
    {
        Candidate candidate = _candidates[best];
        MappingEntry mapping = candidate.Mapping;
        bool raisedThere = mapping.Relation == Relation.Direct || (mapping.Relation == Relation.Conditional && mapping.Via.Count == 0);
        if (candidate.Api.Layer == ApiLayer.RpcMethod)
        {
            return mapping.Relation == Relation.Direct ? AttributionStrength.Protocol : AttributionStrength.Effect;
        }

        if (!raisedThere || candidate.Api.Layer is ApiLayer.ServiceInternal or ApiLayer.ComMethod)
        {
            return AttributionStrength.Effect;
        }

        // Another system call beside this one leaves the kind of proof as it is; a function that goes another way does not.
        bool rival = pool.Exists(i => i != best && IsCallable(i) && _candidates[i].Api.Layer is not ApiLayer.Syscall
            && !_passes[i, best] && !_passes[best, i] && state[i] >= state[best]);
        if (rival)
        {
            return AttributionStrength.Effect;
        }

        var above = pool.Where(i => i != best && _passes[i, best]).ToList();
        int families = above.Count(i => above.TrueForAll(other => other == i || !_passes[i, other]));
        bool inside = mapping.Relation == Relation.Direct && mapping.Emitter is "" or "kernel" or "caller";
        bool system = candidate.Api.Layer is ApiLayer.Syscall or ApiLayer.Native;
        return inside && (families <= 1 || !system) ? AttributionStrength.Direct
            : system ? AttributionStrength.Syscall
            : AttributionStrength.Effect;
    }

    private bool IsCallable(int index) => _candidates[index].Api.Layer is not (ApiLayer.Kernel or ApiLayer.ServiceInternal);

    private bool IsHostedBy(ApiEntry api, string module) =>
        api.Layer is ApiLayer.Win32 or ApiLayer.Native && (api.Module == module || _store.Find(ApiName.Create(module, api.Name)).Contains(api));

    private static string Join(IEnumerable<ApiEntry> apis) => string.Join(Separator, apis.Select(api => api.Key));

    private static string TechniquesOf(MappingStore store, ApiEntry api) =>
        string.Join("; ", store.TechniqueNamesOf(api));

    private sealed record Candidate(MappingEntry Mapping, ApiEntry Api, FieldCondition[] Conditions, bool NeverNamed, string[] Techniques);

    /// <summary>Better first.</summary>
    private sealed class Comparison : IComparer<int>
    {
        private readonly EventPlan _plan;
        private readonly string _state;
        private readonly int[] _dominance;

        public Comparison(EventPlan plan, string state, List<int> pool)
        {
            _plan = plan;
            _state = state;
            _dominance = new int[state.Length];
            foreach (int i in pool)
            {
                bool callable = plan.IsCallable(i);
                _dominance[i] = pool.Count(other => callable ? plan._passes[other, i] : plan._passes[i, other]);
            }
        }

        public int Compare(int left, int right)
        {
            Candidate one = _plan._candidates[left];
            Candidate two = _plan._candidates[right];
            int order = Weak(one).CompareTo(Weak(two));
            order = order != 0 ? order : _state[right].CompareTo(_state[left]);
            order = order != 0 ? order : Class(one).CompareTo(Class(two));
            order = order != 0 ? order : _dominance[right].CompareTo(_dominance[left]);
            order = order != 0 ? order : two.Mapping.Evidence.CompareTo(one.Mapping.Evidence);
            order = order != 0 ? order : two.Mapping.References.Count.CompareTo(one.Mapping.References.Count);
            order = order != 0 ? order : Uses(right).CompareTo(Uses(left));
            return order != 0 ? order : string.CompareOrdinal(one.Api.Key, two.Api.Key);
        }

        /// <summary>How many techniques use the API, itself or through the functions that call it.</summary>
        private int Uses(int index) => Enumerable.Range(0, _state.Length)
            .Where(i => i == index || _plan._passes[i, index])
            .SelectMany(i => _plan._candidates[i].Techniques)
            .Distinct(StringComparer.Ordinal)
            .Count();

        private static int Class(Candidate candidate)
        {
            bool supported = candidate.Mapping.Evidence >= Evidence.Derived;
            return candidate.Api.Layer switch
            {
                ApiLayer.Kernel => 3,
                ApiLayer.ServiceInternal => supported ? 1 : 4,
                _ => supported ? 0 : 2,
            };
        }

        private static int Weak(Candidate candidate) =>
            candidate.Mapping.Evidence == Evidence.Disputed ? 2 : candidate.NeverNamed ? 1 : 0;
    }
}
