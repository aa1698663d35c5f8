using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using ApiLevel.Answers;
using ApiLevel.Chains;
using ApiLevel.Facts;
using ApiLevel.Formats.Portable;

namespace ApiLevel.Coverage;

/// <summary>What is looked for in an image beyond its tables.</summary>
[Flags]
public enum InferenceKinds
{
    /// <summary>Nothing: headers and tables alone are read.</summary>
    None = 0,

    /// <summary>COM class and interface ids among the constants.</summary>
    Com = 1,

    /// <summary>Function names among the strings.</summary>
    Name = 2,

    /// <summary>Hashes of function names among the constants.</summary>
    Hash = 4,

    /// <summary>All of them.</summary>
    All = Com | Name | Hash,
}

/// <summary>
/// The store's names, ids and the hashes of its names, as the reader of images compares with them. Safe for several threads once made.
/// </summary>
public sealed class StoreInference : IInferenceDictionary
{
    // A short name is a word of any program; "send" in a string table proves nothing.
    private const int ShortestName = 6;

    private readonly MappingStore _store;
    private readonly HashSet<Guid> _com = [];
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<uint, (string Algorithm, string Module, string Name)> _hashes = [];

    /// <summary>Collects what the kinds need; takes some milliseconds.</summary>
    /// <param name="store">The facts.</param>
    /// <param name="kinds">What to look for.</param>
    public StoreInference(MappingStore store, InferenceKinds kinds)
    {
        _store = store;
        FindComClasses = (kinds & InferenceKinds.Com) != 0;
        FindNames = (kinds & InferenceKinds.Name) != 0;
        FindHashes = (kinds & InferenceKinds.Hash) != 0;
        if (FindComClasses)
        {
            CollectCom();
        }

        if (FindNames || FindHashes)
        {
            CollectNames();
        }
    }

    /// <inheritdoc/>
    public bool FindComClasses { get; }

    /// <inheritdoc/>
    public bool FindNames { get; }

    /// <inheritdoc/>
    public bool FindHashes { get; }

    /// <summary>The names of the hash algorithms that are known, for help and tests.</summary>
    public static IReadOnlyList<string> Algorithms { get; } = [.. NameHashes.All.Select(hash => hash.Name)];

    /// <inheritdoc/>
    public bool IsKnownComClass(Guid id) => _com.Contains(id);

    /// <inheritdoc/>
    public bool TryGetFunction(ReadOnlySpan<char> name, out string module)
    {
        module = "";
        return name.Length >= ShortestName && _names.TryGetValue(name.ToString(), out module!);
    }

    /// <inheritdoc/>
    public bool TryGetHash(uint value, out string algorithm, out string module, out string name)
    {
        bool found = _hashes.TryGetValue(value, out (string Algorithm, string Module, string Name) hit);
        algorithm = hit.Algorithm ?? "";
        module = hit.Module ?? "";
        name = hit.Name ?? "";
        return found;
    }

    private void CollectCom()
    {
        foreach (ComFact com in _store.ComClasses())
        {
            // IUnknown, IDispatch and their like are in every program that uses COM at all; a base says nothing.
            if (Guid.TryParse(com.Id, out Guid id) && com.Name is not ("IUnknown" or "IDispatch" or "IClassFactory"))
            {
                _com.Add(id);
            }
        }
    }

    private void CollectNames()
    {
        foreach (ApiEntry api in _store.Apis())
        {
            if (api.Module.Length == 0 || api.Layer is not (ApiLayer.Win32 or ApiLayer.Native or ApiLayer.Syscall))
            {
                continue;
            }

            bool matters = _store.IsJudged(api) || _store.TechniquesOf(api).Any();
            foreach (string variant in api.Variants)
            {
                if (FindNames && variant.Length >= ShortestName && (matters || api.Namespace.Length > 0))
                {
                    _names[variant] = matters || !_names.ContainsKey(variant) ? api.Module : _names[variant];
                }

                if (FindHashes && matters)
                {
                    AddHashes(api.Module, variant);
                }
            }
        }
    }

    private void AddHashes(string module, string name)
    {
        byte[] ascii = Encoding.ASCII.GetBytes(name);
        foreach (NameHash hash in NameHashes.All)
        {
            uint value = hash.Compute(ascii);

            // Small numbers and repeated bytes are everywhere in code.
            if (value > 0xFFFF && value < 0xFFFF0000)
            {
                _hashes[value] = (hash.Name, module, name);
            }
        }
    }
}
