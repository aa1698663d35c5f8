using System;
using System.Collections.Generic;
using System.Linq;
using ApiLevel.Facts;
using ApiLevel.Formats;
using ApiLevel.Formats.Portable;
using ApiLevel.Names;
using ApiLevel.Verdicts;

namespace ApiLevel.Coverage;

/// <summary>Judges what an image refers to, what was listed before, or names. A name is looked up and judged once. Not safe for several threads.</summary>
public sealed class CoverageEvaluator
{
    private readonly MappingStore _store;
    private readonly ApiJudge _judge;
    private readonly ImageReferences _references;

    /// <summary>Prepares judgements.</summary>
    /// <param name="judge">Judges APIs.</param>
    public CoverageEvaluator(ApiJudge judge)
    {
        _judge = judge ?? throw new ArgumentNullException(nameof(judge));
        _store = judge.Store;
        _references = new ImageReferences(_store);
    }

    /// <summary>
    /// The verdict on each reference of an image, in file order, then Unknown for each table that could not be read whole and for
    /// packed code: what those hold is not known.
    /// </summary>
    /// <param name="image">The image.</param>
    public IEnumerable<JudgedReference> Evaluate(PortableImage image)
    {
        foreach (ResolvedReference reference in _references.Resolve(image))
        {
            yield return new JudgedReference(
                reference.Module, reference.Name, reference.Reference.Name, reference.Reference.Kind.ToString(), reference.Api, Judge(reference.Api));
        }

        foreach (string reason in Gaps(image))
        {
            yield return new JudgedReference("", "", "", null, default, ApiJudgement.Gap(reason));
        }
    }

    /// <summary>The verdict on one import that was listed before, or on any object with its properties.</summary>
    /// <param name="import">The import.</param>
    public JudgedReference Evaluate(ApiImport import)
    {
        ApiName name = ApiName.Create(import.Module, import.Api);
        ApiEntry api = _store.Resolve(name.Module, name.Name).Api;
        if (!api.IsKnown && name.Module.Length == 0)
        {
            IReadOnlyList<ApiEntry> found = _store.Find(name);
            api = found.Count > 0 ? found[0] : default;
        }

        return new JudgedReference(import.Module, import.Api, import.ImportedName, import.Kind, api, Judge(api));
    }

    /// <summary>The verdict on an API that was asked for by name.</summary>
    /// <param name="api">The API.</param>
    public JudgedReference Evaluate(ApiEntry api) => new(api.Module, api.Name, "", null, api, Judge(api));

    /// <summary>Counts the verdicts on the imports of an image.</summary>
    /// <param name="image">The image.</param>
    public CoverageCount Count(PortableImage image)
    {
        var count = new CoverageCount { Gaps = Gaps(image).Count(), KnowsMachine = _judge.KnowsMachine };
        foreach (PortableReference reference in image.References)
        {
            if (IsImport(reference.Kind))
            {
                count.Add(Judge(_references.ApiOf(reference)).Verdict);
            }
        }

        return count;
    }

    /// <summary>True for the kinds that a count counts.</summary>
    /// <param name="kind">The kind.</param>
    public static bool IsImport(ReferenceKind kind) => kind is ReferenceKind.Import or ReferenceKind.DelayImport or ReferenceKind.PInvoke;

    private ApiJudgement Judge(ApiEntry api) => api.IsKnown ? _judge.Judge(api) : _judge.JudgeUnknownName();

    private static IEnumerable<string> Gaps(PortableImage image)
    {
        foreach (Problem problem in image.Problems)
        {
            yield return problem + "; what it holds is not known";
        }

        if (image.Packed is { } packed)
        {
            yield return "packed (" + packed + "); what the packed code calls cannot be read from the file";
        }
    }
}
