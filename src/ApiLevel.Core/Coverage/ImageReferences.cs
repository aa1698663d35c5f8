using System.Collections.Generic;
using System.Globalization;
using ApiLevel.Answers;
using ApiLevel.Chains;
using ApiLevel.Facts;
using ApiLevel.Formats.Portable;
using ApiLevel.Names;

namespace ApiLevel.Coverage;

/// <summary>A reference of an image with the API it was led to.</summary>
/// <param name="Reference">As it stands in the file.</param>
/// <param name="Module">The module the API is known by, else the file's in its one spelling.</param>
/// <param name="Name">The name the store knows the API by, else the file's; <c>#115</c> for an ordinal without a name.</param>
/// <param name="Api">The API; not known where the store has none.</param>
/// <param name="Rule">The rule that led there.</param>
public readonly record struct ResolvedReference(PortableReference Reference, string Module, string Name, ApiEntry Api, ResolutionRule Rule)
{
    /// <summary>The row that is written.</summary>
    /// <param name="path">The image's path, as it is written.</param>
    public ApiImport ToImport(string path) => new()
    {
        Path = path,
        Kind = Reference.Kind.ToString(),
        Module = Module,
        Api = Name,
        ImportedFrom = Reference.Module,
        ImportedName = Reference.Name,
        Ordinal = Reference.Ordinal,
        Hint = Reference.Hint,
        ExportName = Reference.ExportName,
        ResolvedBy = Rule.ToString(),
        Inferred = Reference.Detail,
    };
}

/// <summary>Leads what images refer to to the APIs of the store. Remembers what it found, and is for one thread at a time.</summary>
public sealed class ImageReferences
{
    // The images of a folder import the same functions over and over. A hostile one imports what no other does.
    private const int MaximumRemembered = 1 << 16;

    private readonly MappingStore _store;
    private readonly Dictionary<(string Module, string Name, int? Ordinal), Target> _remembered = [];

    /// <summary>Prepares lookups.</summary>
    /// <param name="store">The facts.</param>
    public ImageReferences(MappingStore store) => _store = store;

    /// <summary>
    /// The references in file order. Managed members that the store does not know are left out, they are no Windows API; of overloads the
    /// first stands for all.
    /// </summary>
    /// <param name="image">The image.</param>
    public IEnumerable<ResolvedReference> Resolve(PortableImage image)
    {
        HashSet<ApiEntry>? members = null;
        foreach (PortableReference reference in image.References)
        {
            if (TryResolve(reference, out ResolvedReference resolved))
            {
                // Overloads are references of their own in the file and one member in the facts.
                if (reference.Kind == ReferenceKind.ManagedReference && !(members ??= []).Add(resolved.Api))
                {
                    continue;
                }

                yield return resolved;
            }
        }
    }

    /// <summary>The API behind an import; not known where the store has none.</summary>
    /// <param name="reference">An import, delay import or P/Invoke.</param>
    internal ApiEntry ApiOf(PortableReference reference) => Find(reference).Api;

    /// <summary>What an image says about itself.</summary>
    /// <param name="path">The image's path, as it is written.</param>
    /// <param name="image">The image.</param>
    public static ApiImageSummary Summarize(string path, PortableImage image) => new()
    {
        Path = path,
        Format = image.Format,
        Machine = image.Machine,
        Subsystem = image.Subsystem,
        ImageType = image.ImageType,
        Runtime = image.Runtime,
        Packed = image.Packed,
        Signed = image.Signed,
        Imports = image.ImportCount,
        DelayImports = image.DelayImportCount,
        PInvokes = image.PInvokeCount,
        ImpHash = image.ImpHash,
        Sha256 = image.Sha256,
        Complete = image.Complete,
        Problems = string.Join("; ", image.Problems),
    };

    private bool TryResolve(PortableReference reference, out ResolvedReference resolved)
    {
        string module;
        string name = reference.Name;
        ApiEntry api = default;
        ResolutionRule rule = ResolutionRule.None;
        switch (reference.Kind)
        {
            case ReferenceKind.BoundImport:
                module = ApiName.NormalizeModule(reference.Module);
                break;
            case ReferenceKind.ManagedReference:
                api = _store.Resolve("", name).Api;
                if (!api.IsKnown)
                {
                    resolved = default;
                    return false;
                }

                module = api.Module;
                name = api.Name;
                rule = ResolutionRule.Exact;
                break;
            case ReferenceKind.ComClass:
                module = ApiName.NormalizeModule(reference.Module);
                if (System.Guid.TryParse(name, out System.Guid id) && _store.TryGetCom(id, out ComFact com))
                {
                    name = com.Name;
                    rule = ResolutionRule.Exact;
                }

                break;
            default:
                (module, name, api, rule) = Find(reference);
                if (reference.Kind == ReferenceKind.Forwarder && api.IsKnown)
                {
                    rule = ResolutionRule.Forwarder;
                }

                break;
        }

        if (name.Length == 0 && reference.Ordinal is { } ordinal)
        {
            name = "#" + ordinal.ToString(CultureInfo.InvariantCulture);
        }

        resolved = new ResolvedReference(reference, module, name, api, rule);
        return true;
    }

    private Target Find(PortableReference reference)
    {
        (string Module, string Name, int? Ordinal) key = (reference.Module, reference.Name, reference.Ordinal);
        if (_remembered.TryGetValue(key, out Target target))
        {
            return target;
        }

        ApiResolution resolution = _store.Resolve(ApiName.NormalizeModule(reference.Module), reference.Name, reference.Ordinal);
        ApiEntry api = resolution.Api;
        target = new Target(
            api.IsKnown ? api.Module : resolution.Module, api.IsKnown ? api.Name : resolution.Name, api, resolution.Rule);
        if (_remembered.Count >= MaximumRemembered)
        {
            _remembered.Clear();
        }

        _remembered.Add(key, target);
        return target;
    }

    private readonly record struct Target(string Module, string Name, ApiEntry Api, ResolutionRule Rule);
}
