using System;
using System.Collections.Generic;
using System.Linq;
using ApiLevel.DataTool.Facts;
using ApiLevel.Facts;
using ApiLevel.Names;

namespace ApiLevel.DataTool.Lints;

/// <summary>The facts and the indexes that several lints ask.</summary>
internal sealed class LintContext
{
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly HashSet<string> _rpcMethods = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ComFact> _com = new(StringComparer.Ordinal);
    private readonly HashSet<string> _rpcInterfaces = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _bases = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _hosts = new(StringComparer.Ordinal);

    public LintContext(FactFolder folder)
    {
        Folder = folder;
        foreach (ExportFact export in Facts.Exports)
        {
            _names.Add(export.Module + "!" + export.BaseName);
            if (export.BaseName != export.Name)
            {
                _bases[export.Module + "!" + export.Name] = export.Module + "!" + export.BaseName;
            }
        }

        foreach (NativeFact native in Facts.Natives)
        {
            _names.Add(native.Module + "!" + native.Name);
            if (native.ZwName.Length > 0)
            {
                _bases[native.Module + "!" + native.ZwName] = native.Module + "!" + native.Name;
            }
        }

        _names.UnionWith(folder.Rows["other-names"].Select(static row => row["api"]));
        foreach (CallFact call in Facts.Calls)
        {
            Endpoints.Add(call.Caller);
            Endpoints.Add(call.Callee);
        }

        foreach (ApiSetFact set in Facts.ApiSets.Where(static set => set.Host.Length > 0).OrderBy(static set => set.IsInNewestSchema))
        {
            _hosts[set.LookupKey] = set.Host;
        }

        foreach (ComFact com in Facts.ComInterfaces)
        {
            _com.TryAdd(com.Name, com);
        }

        foreach (RpcMethodFact method in Facts.RpcMethods)
        {
            _rpcMethods.Add(method.Method);
            _rpcMethods.Add(method.InterfaceName + "::" + method.Method);
            _rpcInterfaces.Add(method.InterfaceName.ToLowerInvariant());
        }

        Latest = Facts.Events.Where(static fact => fact.IsLatest)
            .GroupBy(static fact => (fact.Source, fact.Id))
            .ToDictionary(static group => group.Key, static group => group.First());
    }

    public FactFolder Folder { get; }

    public FactSet Facts => Folder.Facts;

    /// <summary>What stands at an end of an edge of the call chain.</summary>
    public HashSet<string> Endpoints { get; } = new(StringComparer.Ordinal);

    /// <summary>The newest version of each event.</summary>
    public Dictionary<(string Source, int Id), EventFact> Latest { get; }

    /// <summary>An event in words: Security 4688.</summary>
    public static string Describe(EventFact fact) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{fact.Source} {fact.Id}");

    /// <summary>True when the catalogue has the name for that layer.</summary>
    public bool IsKnown(string api, ApiLayer layer)
    {
        string name = api.Substring(api.IndexOf('!') + 1);
        return layer switch
        {
            ApiLayer.Win32 or ApiLayer.Native or ApiLayer.Syscall => _names.Contains(api),
            ApiLayer.RpcMethod => _names.Contains(api) || _rpcMethods.Contains(name) || _rpcMethods.Contains(name.Split("::")[^1]) || Endpoints.Contains(api),
            ApiLayer.ComMethod => IsComMethod(name) || _rpcMethods.Contains(name) || Endpoints.Contains(api),
            ApiLayer.Managed => name.Contains("::", StringComparison.Ordinal),
            _ => true,
        };
    }

    /// <summary>True when the name stands anywhere: catalogue, chain or mapping.</summary>
    public bool IsKnownAnywhere(string api) =>
        _names.Contains(api) || Endpoints.Contains(api) || MappedApis.Contains(api)
        || IsComMethod(api.Substring(api.IndexOf('!') + 1));

    /// <summary>The APIs that the fact files map.</summary>
    public HashSet<string> MappedApis => _mapped ??= [.. Facts.Mappings.Select(static fact => fact.Api)];

    private HashSet<string>? _mapped;

    /// <summary>The spelling the facts use for a name, and why; null when it is the one given.</summary>
    public string? Canonical(string api, out string reason)
    {
        reason = "";
        int mark = api.IndexOf('!');
        if (mark < 0)
        {
            return null;
        }

        string module = api.Substring(0, mark);
        string name = api.Substring(mark + 1);
        string plain = module.ToLowerInvariant();
        plain = plain.EndsWith(".dll", StringComparison.Ordinal) ? plain.Substring(0, plain.Length - 4) : plain;
        if (plain != module)
        {
            reason = "a module is written in lower case, without `.dll`";
            return plain + "!" + name;
        }

        if (ApiNames.IsApiSet(module)
            && _hosts.TryGetValue(module.Substring(0, Math.Max(0, module.LastIndexOf('-'))), out string? host))
        {
            reason = "an API set is replaced by its host";
            return host + "!" + name;
        }

        if (_bases.TryGetValue(api, out string? known) && !_names.Contains(api))
        {
            reason = "A and W, and Nt and Zw, are one name";
            return known;
        }

        return null;
    }

    private bool IsComMethod(string name)
    {
        string[] parts = name.Split("::");
        if (parts.Length != 2)
        {
            return false;
        }

        // A base chain has a dozen links at most; a circle in the table must not hang the lint.
        string? current = parts[0];
        for (int depth = 0; depth < 32 && current is not null && _com.TryGetValue(current, out ComFact? com); depth++)
        {
            if (com.Methods.Length == 0 || com.Methods.Split(';').Contains(parts[1], StringComparer.Ordinal))
            {
                return true;
            }

            current = com.Base.Length > 0 ? com.Base : null;
        }

        return _rpcInterfaces.Contains(parts[0].ToLowerInvariant());
    }
}
