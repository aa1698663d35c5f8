using System;
using System.Collections.Generic;

namespace ApiLevel.Facts;

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
    public ApiLayer Layer => Store.LayerOf(Row);

    /// <summary>The spellings it is exported under.</summary>
    public IReadOnlyList<string> Variants => Store.ApiList(Row, StoreTables.Api.Variants);

    /// <summary>The Win32 metadata namespace; empty when it is not in the metadata.</summary>
    public string Namespace => Trait(StoreTables.ApiTrait.Namespace);

    /// <summary>The oldest Windows that has it, as the metadata names it; empty when unknown.</summary>
    public string MinimumPlatform => Trait(StoreTables.ApiTrait.MinimumPlatform);

    /// <summary>The Zw spelling of an Nt function; empty when there is none.</summary>
    public string ZwName => Store.String(Store.ApiNative(Row, StoreTables.ApiNative.ZwName));

    /// <summary>ntdll, syscall, win32k-syscall or user-mode export; empty for what is not native.</summary>
    public string NativeKind => Trait(StoreTables.ApiTrait.NativeKind);

    /// <summary>The first build a native function was seen in; empty when unknown.</summary>
    public string FirstBuild => Trait(StoreTables.ApiTrait.FirstBuild);

    /// <summary>The last build a native function was seen in; empty when unknown.</summary>
    public string LastBuild => Trait(StoreTables.ApiTrait.LastBuild);

    /// <summary>Architectures it is limited to; empty for all.</summary>
    public string Architectures => Trait(StoreTables.ApiTrait.Architectures);

    /// <summary>Whether it sets the last error; null when unknown.</summary>
    public bool? SetsLastError => Store.IsOverlayApi(this) ? null : Store.ApiTrait(Row, StoreTables.ApiTrait.SetsLastError) switch
    {
        2 => true,
        1 => false,
        _ => null,
    };

    /// <summary>System call numbers of x64 as <c>build:number</c>.</summary>
    public IReadOnlyList<string> SyscallNumbers => Store.Strings(Store.ApiNative(Row, StoreTables.ApiNative.Syscalls));

    /// <summary>Ordinals that no source contradicts.</summary>
    public IReadOnlyList<string> Ordinals => Store.ApiList(Row, StoreTables.Api.Ordinals);

    /// <summary>The API set contract the metadata lists it under; empty for most.</summary>
    public string Contract => Trait(StoreTables.ApiTrait.Contract);

    /// <summary>Where the catalogue has it from.</summary>
    public IReadOnlyList<string> References => Store.Strings(Store.ApiTrait(Row, StoreTables.ApiTrait.Reference));

    // What a service does for an RPC call that has no further edges is not known, and may well leave a trace.
    /// <summary>True for what stands at the lower end of a chain: system calls and the kernel.</summary>
    internal bool EndsChain => Layer is ApiLayer.Syscall or ApiLayer.Kernel;

    private string Trait(int column) => Store.String(Store.ApiTrait(Row, column));

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
