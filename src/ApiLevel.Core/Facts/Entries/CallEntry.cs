using System.Collections.Generic;

namespace ApiLevel.Facts;

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
    public ApiEntry Caller => new(_store, _store.CallRows.Number(_row, CallColumns.Caller));

    /// <summary>What is called.</summary>
    public ApiEntry Callee => new(_store, _store.CallRows.Number(_row, CallColumns.Callee));

    /// <summary>True for the call that does the work; false for a side call.</summary>
    public bool IsPrimary => _store.CallRows.Number(_row, CallColumns.IsPrimary) == 0;

    /// <summary>calls, rpc, forwards, dcom, documented counterpart, ...</summary>
    public string Kind => _store.CallRows.Text(_row, CallColumns.Kind);

    /// <summary>True where the edge is a call; false where a header only says that two functions are counterparts.</summary>
    public bool IsCall => Kind != "documented counterpart";

    /// <summary>The RPC interface's UUID; empty for other edges.</summary>
    public string RpcInterface => _store.CallRows.Text(_row, CallColumns.RpcInterface);

    /// <summary>The RPC method's number; null for other edges.</summary>
    public int? Opnum => _store.CallRows.Number(_row, CallColumns.Opnum) is > 0 and int value ? value - 1 : null;

    /// <summary>As the facts have it: when the edge is taken, or for which events it was drawn; empty for always.</summary>
    public string Context => _store.CallRows.Text(_row, CallColumns.Context);

    /// <summary>When the edge is taken; empty for always, and where the context only names events.</summary>
    public string Condition => OnlyEvents is null ? Context : "";

    /// <summary>The events the edge was drawn for: it says nothing about others. Null for an edge that holds for all.</summary>
    public IReadOnlyList<string>? OnlyEvents => _store.EventsOfContext(Context);

    /// <summary>How well it is supported.</summary>
    public Evidence Evidence => (Evidence)_store.CallRows.Number(_row, CallColumns.Evidence);

    /// <summary>Who says so.</summary>
    public IReadOnlyList<string> References => _store.CallRows.List(_row, CallColumns.Reference);
}
