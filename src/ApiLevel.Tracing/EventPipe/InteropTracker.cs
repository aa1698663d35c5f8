using System;
using System.Collections.Generic;
using ApiLevel.Formats;

namespace ApiLevel.Tracing.EventPipe;

/// <summary>
/// Follows the runtime events of one process and says which native functions and managed members they name. Each function is
/// named once: the runtime writes an event when it makes a stub, not when it uses one.
/// </summary>
/// <param name="managedMembers">Members to report, <c>Namespace.Type::Member</c>.</param>
internal sealed class InteropTracker(IReadOnlyCollection<string> managedMembers) : IDisposable
{
    /// <summary>The field with <c>library!function</c> or <c>Namespace.Type::Member</c>.</summary>
    public const string ApiField = "Api";

    private const uint NotPInvokeFlags = 0x1 | 0x2 | 0x8;
    private const int MaximumModules = 16_384;
    private const int MaximumWaiting = 65_536;
    private const int MaximumNamed = 262_144;

    private readonly object _gate = new();
    private readonly HashSet<string> _members = new(managedMembers, StringComparer.Ordinal);
    private readonly HashSet<string> _reportedMembers = new(StringComparer.Ordinal);
    private readonly Dictionary<ulong, LoadedModule> _modules = [];
    private readonly HashSet<(ulong Module, int Token)> _named = [];
    private readonly List<(ulong Module, Action<List<EventRecord>> Handle)> _waiting = [];

    /// <summary>True until all modules that were loaded before the attach are known; stubs of unknown modules wait so long.</summary>
    public bool WaitsForModules { get; set; }

    /// <summary>Takes note of a module's path.</summary>
    public void AddModule(ulong id, string path, List<EventRecord> output)
    {
        lock (_gate)
        {
            if (_modules.Count >= MaximumModules || _modules.ContainsKey(id))
            {
                return;
            }

            _modules.Add(id, new LoadedModule(path));
            Release(output, all: false);
        }
    }

    /// <summary>No more modules from before the attach will be told; what waited goes out as it is known.</summary>
    public void EndOfModules(List<EventRecord> output)
    {
        lock (_gate)
        {
            WaitsForModules = false;
            Release(output, all: true);
        }
    }

    /// <summary>Handles a stub.</summary>
    public void AddStub(StubGeneratedEvent stub, EventRecord record, List<EventRecord> output)
    {
        lock (_gate)
        {
            WhenKnown(stub.ModuleId, list => Name(stub, record, list), output);
        }
    }

    /// <summary>Handles a compiled method: it may be a member that was asked for, and it may call functions that share a stub.</summary>
    public void AddMethod(MethodEvent method, EventRecord record, List<EventRecord> output)
    {
        lock (_gate)
        {
            AddMember(method, record, output);
            if (method.Token != 0)
            {
                WhenKnown(method.ModuleId, list => AddCaller(method, record, list), output);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            foreach (LoadedModule module in _modules.Values)
            {
                module.Close();
            }

            _modules.Clear();
        }
    }

    private static EventRecord With(EventRecord header, params ReadOnlySpan<EventField> fields)
    {
        EventField[] all = fields.ToArray();
        return new EventRecord
        {
            TimeCreated = header.TimeCreated,
            Provider = ClrEvents.RuntimeProvider,
            ProviderId = ClrEvents.RuntimeProviderId,
            EventId = header.EventId,
            EventVersion = header.EventVersion,
            EventName = header.EventId switch
            {
                ClrEvents.StubGenerated => "ILStub/StubGenerated",
                ClrEvents.MethodLoadVerbose => "Method/LoadVerbose",
                ClrEvents.EntryPointFound => "Method/R2RGetEntryPoint",
                _ => header.EventName,
            },
            Level = header.Level,
            Opcode = header.Opcode,
            Task = header.Task,
            Keywords = header.Keywords,
            ProcessId = header.ProcessId,
            ThreadId = header.ThreadId,
            ActivityId = header.ActivityId,
            Stack = header.Stack,
            RawData = header.RawData,
            Fields = all,
            PayloadState = PayloadState.Decoded,
        };
    }

    private void WhenKnown(ulong module, Action<List<EventRecord>> handle, List<EventRecord> output)
    {
        if (WaitsForModules && !_modules.ContainsKey(module) && _waiting.Count < MaximumWaiting)
        {
            _waiting.Add((module, handle));
        }
        else
        {
            handle(output);
        }
    }

    private void Release(List<EventRecord> output, bool all)
    {
        // In their order: a function is named by the first of its witnesses.
        for (int i = 0; i < _waiting.Count; i++)
        {
            if (all || _modules.ContainsKey(_waiting[i].Module))
            {
                _waiting[i].Handle(output);
                _waiting.RemoveAt(i--);
            }
        }
    }

    private void AddCaller(MethodEvent method, EventRecord record, List<EventRecord> output)
    {
        if (!_modules.TryGetValue(method.ModuleId, out LoadedModule? module) || module.Metadata is not { } metadata)
        {
            return;
        }

        foreach (PInvokeDeclaration call in metadata.FindCalls(method.Token))
        {
            if (_named.Contains((method.ModuleId, call.Token)))
            {
                continue;
            }

            if (module.Stubs.TryGetValue(call.StubKey, out PInvokeDeclaration? first))
            {
                AddShared(method.ModuleId, call, first, record, output);
            }
            else if (call.MayNeedNoStub)
            {
                AddCalled(method.ModuleId, call, method, record, output);
            }
            else if (module.Pending.Count < MaximumNamed)
            {
                module.Pending[call.Token] = call;
            }
        }
    }

    private void Name(StubGeneratedEvent stub, EventRecord record, List<EventRecord> output)
    {
        if (_named.Count >= MaximumNamed || !_named.Add((stub.ModuleId, stub.Token)))
        {
            return;
        }

        _modules.TryGetValue(stub.ModuleId, out LoadedModule? module);
        PInvokeDeclaration? declaration = (stub.Flags & NotPInvokeFlags) == 0
            ? module?.Metadata?.Find(stub.Token, stub.Method)
            : null;

        // Without the module's file (loaded from memory, a bundle, another machine's recording) the managed name is the best guess,
        // and the library is not known.
        string api = declaration?.Api ?? ((stub.Flags & NotPInvokeFlags) == 0 ? stub.Method : "");
        output.Add(With(
            record,
            new EventField(ApiField, api),
            new EventField("NativeLibrary", declaration?.Library ?? ""),
            new EventField("EntryPoint", declaration?.EntryPoint ?? ""),
            new EventField("Witness", declaration is null ? "StubWithoutModule" : "Stub"),
            new EventField("ModuleILPath", module?.Path ?? ""),
            new EventField("ModuleID", stub.ModuleId),
            new EventField("StubFlags", (ulong)stub.Flags),
            new EventField("ManagedInteropMethodToken", (ulong)(uint)stub.Token),
            new EventField("ManagedInteropMethodNamespace", stub.Type),
            new EventField("ManagedInteropMethodName", stub.Method),
            new EventField("NativeMethodSignature", stub.NativeSignature)));
        if (module is null || declaration is null || module.Stubs.ContainsKey(declaration.StubKey))
        {
            return;
        }

        module.Stubs.Add(declaration.StubKey, declaration);
        module.Pending.Remove(declaration.Token);
        List<PInvokeDeclaration> shared = [];
        foreach (PInvokeDeclaration pending in module.Pending.Values)
        {
            if (pending.StubKey == declaration.StubKey)
            {
                shared.Add(pending);
            }
        }

        foreach (PInvokeDeclaration pending in shared)
        {
            module.Pending.Remove(pending.Token);
            AddShared(stub.ModuleId, pending, declaration, record, output);
        }
    }

    // A method that calls the function was compiled while the trace ran: it can have called it, which is less than having been seen to.
    private void AddPossible(ulong moduleId, PInvokeDeclaration call, string witness, EventField because, EventRecord record, List<EventRecord> output)
    {
        if (_named.Count < MaximumNamed && _named.Add((moduleId, call.Token)))
        {
            output.Add(With(
                record,
                new EventField(ApiField, call.Api),
                new EventField("NativeLibrary", call.Library),
                new EventField("EntryPoint", call.EntryPoint),
                new EventField("Witness", witness),
                because,
                new EventField("ModuleILPath", _modules[moduleId].Path),
                new EventField("ModuleID", moduleId),
                new EventField("ManagedInteropMethodToken", (ulong)(uint)call.Token)));
        }
    }

    // Functions of one signature share a stub, and only the first gets an event.
    private void AddShared(
        ulong moduleId, PInvokeDeclaration call, PInvokeDeclaration first, EventRecord record, List<EventRecord> output) =>
        AddPossible(moduleId, call, "SharedStub", new EventField("SharesStubWith", first.Api), record, output);

    // Optimized code calls such a function directly, and there is never an event of its own.
    private void AddCalled(
        ulong moduleId, PInvokeDeclaration call, MethodEvent caller, EventRecord record, List<EventRecord> output) =>
        AddPossible(
            moduleId, call, "CallerCompiled", new EventField("Caller", caller.Type + "::" + caller.Method), record, output);

    private void AddMember(MethodEvent method, EventRecord record, List<EventRecord> output)
    {
        if (_members.Count == 0)
        {
            return;
        }

        string member = method.Type + "::" + method.Method;
        if (_members.Contains(member) && _reportedMembers.Add(member))
        {
            output.Add(With(
                record,
                new EventField(ApiField, member),
                new EventField("Witness", record.EventId == ClrEvents.EntryPointFound ? "EntryPoint" : "Compiled"),
                new EventField("MethodNamespace", method.Type),
                new EventField("MethodName", method.Method),
                new EventField("MethodSignature", method.Signature)));
        }
    }

    private sealed class LoadedModule(string path)
    {
        private PInvokeModule? _metadata;
        private bool _opened;

        public string Path { get; } = path;

        public Dictionary<string, PInvokeDeclaration> Stubs { get; } = new(StringComparer.Ordinal);

        public Dictionary<int, PInvokeDeclaration> Pending { get; } = [];

        public PInvokeModule? Metadata
        {
            get
            {
                if (!_opened)
                {
                    _opened = true;
                    _metadata = PInvokeModule.TryOpen(Path);
                }

                return _metadata;
            }
        }

        public void Close() => _metadata?.Close();
    }
}
