using System.Collections.Generic;
using System.Globalization;
using ApiLevel.Formats.Portable;
using ApiLevel.Mapping;

namespace ApiLevel.Coverage;

/// <summary>A reference of an image with the API it was led to.</summary>
/// <param name="Import">What is written to the pipeline.</param>
/// <param name="Api">The API; not known where the store has none.</param>
public readonly record struct ResolvedReference(ApiImport Import, ApiEntry Api);

/// <summary>Leads what an image refers to to the APIs of the store.</summary>
public sealed class ImageReferences
{
    private readonly MappingStore _store;

    /// <summary>Prepares lookups.</summary>
    /// <param name="store">The facts.</param>
    public ImageReferences(MappingStore store) => _store = store;

    /// <summary>
    /// The references in file order. Managed members that the store does not know are left out, they are no Windows API; of overloads the
    /// first stands for all.
    /// </summary>
    /// <param name="path">The image's path, as it is written.</param>
    /// <param name="image">The image.</param>
    public IEnumerable<ResolvedReference> Resolve(string path, PortableImage image)
    {
        HashSet<ApiEntry>? members = null;
        foreach (PortableReference reference in image.References)
        {
            if (TryResolve(path, reference, out ResolvedReference resolved))
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

    private bool TryResolve(string path, PortableReference reference, out ResolvedReference resolved)
    {
        string module = ApiName.NormalizeModule(reference.Module);
        string name = reference.Name;
        ApiEntry api = default;
        string rule = nameof(ResolutionRule.None);
        switch (reference.Kind)
        {
            case ReferenceKind.BoundImport:
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
                rule = nameof(ResolutionRule.Exact);
                break;
            case ReferenceKind.ComClass:
                if (System.Guid.TryParse(name, out System.Guid id) && _store.TryGetCom(id, out ComFact com))
                {
                    name = com.Name;
                    rule = nameof(ResolutionRule.Exact);
                }

                break;
            default:
                ApiResolution resolution = _store.Resolve(module, name, reference.Ordinal);
                api = resolution.Api;
                module = api.IsKnown ? api.Module : resolution.Module;
                name = api.IsKnown ? api.Name : resolution.Name;
                rule = (reference.Kind == ReferenceKind.Forwarder && api.IsKnown ? ResolutionRule.Forwarder : resolution.Rule).ToString();
                break;
        }

        if (name.Length == 0 && reference.Ordinal is { } ordinal)
        {
            name = "#" + ordinal.ToString(CultureInfo.InvariantCulture);
        }

        resolved = new ResolvedReference(
            new ApiImport
            {
                Path = path,
                Kind = reference.Kind.ToString(),
                Module = module,
                Api = name,
                ImportedFrom = reference.Module,
                ImportedName = reference.Name,
                Ordinal = reference.Ordinal,
                Hint = reference.Hint,
                ExportName = reference.ExportName,
                ResolvedBy = rule,
                Inferred = reference.Detail,
            },
            api);
        return true;
    }
}
