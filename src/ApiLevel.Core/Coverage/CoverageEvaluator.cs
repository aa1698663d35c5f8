using System;
using System.Collections.Generic;
using System.Linq;
using ApiLevel.Formats;
using ApiLevel.Formats.Portable;
using ApiLevel.Answers;
using ApiLevel.Chains;
using ApiLevel.Facts;
using ApiLevel.Names;
using ApiLevel.Verdicts;

namespace ApiLevel.Coverage;

/// <summary>Judges what an image refers to, what was listed before, or names. Not safe for several threads.</summary>
public sealed class CoverageEvaluator
{
    private readonly MappingStore _store;
    private readonly ApiJudge _judge;
    private readonly ImageReferences _references;
    private readonly RequirementText _requirements;

    /// <summary>Prepares judgements.</summary>
    /// <param name="store">The facts.</param>
    /// <param name="minimum">The weakest evidence that counts.</param>
    /// <param name="sources">Which sources are collected; null for all.</param>
    public CoverageEvaluator(MappingStore store, Evidence minimum = Evidence.Derived, Func<SourceEntry, bool>? sources = null)
    {
        _store = store;
        _judge = new ApiJudge(store, minimum, sources);
        _references = new ImageReferences(store);
        _requirements = new RequirementText(store);
    }

    /// <summary>
    /// The verdict on each reference of an image, in file order, then one row Unknown for each table that could not be read whole
    /// and one for packed code: what those hold is not known.
    /// </summary>
    /// <param name="path">The image's path, as it is written.</param>
    /// <param name="image">The image.</param>
    public IEnumerable<ApiCoverage> Evaluate(string path, PortableImage image)
    {
        foreach (ResolvedReference reference in _references.Resolve(path, image))
        {
            yield return Describe(reference.Import, reference.Api);
        }

        foreach (string reason in Gaps(image))
        {
            yield return new ApiCoverage
            {
                Path = path,
                Verdict = nameof(Verdict.Unknown),
                Level = "none",
                Column = "none",
                Reason = reason,
                DataVersion = _store.DataVersion,
            };
        }
    }

    /// <summary>The verdict on one import that was listed before, or on any object with its properties.</summary>
    /// <param name="import">The import.</param>
    public ApiCoverage Evaluate(ApiImport import)
    {
        ApiName name = ApiName.Create(import.Module, import.Api);
        ApiEntry api = _store.Resolve(name.Module, name.Name).Api;
        if (!api.IsKnown && name.Module.Length == 0)
        {
            IReadOnlyList<ApiEntry> found = _store.Find(name);
            api = found.Count > 0 ? found[0] : default;
        }

        return Describe(import, api);
    }

    /// <summary>The verdict on an API that was asked for by name.</summary>
    /// <param name="api">The API.</param>
    public ApiCoverage Evaluate(ApiEntry api) => Describe(new ApiImport { Api = api.Name, Module = api.Module, Kind = "" }, api, byName: true);

    /// <summary>Counts the verdicts on an image.</summary>
    /// <param name="path">The image's path, as it is written.</param>
    /// <param name="image">The image.</param>
    public ApiCoverageSummary Summarize(string path, PortableImage image)
    {
        int imports = 0;
        var counts = new int[Enum.GetValues(typeof(Verdict)).Length];
        foreach (ResolvedReference reference in _references.Resolve(path, image))
        {
            if (IsImport(reference.Import.Kind))
            {
                imports++;
                counts[(int)(reference.Api.IsKnown ? _judge.Judge(reference.Api) : _judge.JudgeUnknownName()).Verdict]++;
            }
        }

        int gaps = Gaps(image).Count();
        int tracked = imports - counts[(int)Verdict.Untracked];
        int seen = counts[(int)Verdict.Recorded] + counts[(int)Verdict.Recordable];
        return new ApiCoverageSummary
        {
            Path = path,
            Format = image.Format,
            Machine = image.Machine,
            Packed = image.Packed,
            ImpHash = image.ImpHash,
            Sha256 = image.Sha256,
            Imports = imports,
            Tracked = tracked,
            Recorded = counts[(int)Verdict.Recorded],
            Recordable = counts[(int)Verdict.Recordable],
            Invisible = counts[(int)Verdict.Invisible],
            Untracked = counts[(int)Verdict.Untracked],
            Unknown = counts[(int)Verdict.Unknown] + gaps,
            CoveragePercent = gaps > 0 || tracked == 0 ? null : Math.Round(100.0 * seen / tracked, 1),
            Complete = image.Complete,
            Problems = string.Join("; ", image.Problems),
            DataVersion = _store.DataVersion,
        };
    }

    /// <summary>True for the kinds that CoveragePercent counts.</summary>
    /// <param name="kind">The kind as it is written.</param>
    public static bool IsImport(string kind) =>
        kind is nameof(ReferenceKind.Import) or nameof(ReferenceKind.DelayImport) or nameof(ReferenceKind.PInvoke);

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

    private ApiCoverage Describe(ApiImport import, ApiEntry api, bool byName = false)
    {
        ApiJudgement judgement = api.IsKnown ? _judge.Judge(api) : _judge.JudgeUnknownName();
        ReachedEvent? best = judgement.Events.Count > 0 ? judgement.Events[0] : null;
        EventEntry e = best?.Mapping.Event ?? default;
        return new ApiCoverage
        {
            Path = byName ? null : import.Path,
            Module = import.Module,
            Api = import.Api,
            ImportedName = import.ImportedName,
            Kind = byName ? null : import.Kind,
            Verdict = judgement.Verdict.ToString(),
            Source = best?.Mapping.Source.Name,
            EventId = best?.Mapping.EventId,
            Events = string.Join("; ", judgement.Events
                .Select(reached => EventLabel.Of(reached.Mapping.Source.Name, reached.Mapping.EventId))
                .Distinct()),
            Via = best?.Via ?? "",
            Requirement = _requirements.Describe(e),
            Level = Placement.Level(e),
            Column = Placement.Column(e),
            Technique = api.IsKnown ? string.Join("; ", _store.TechniquesOf(api).Select(entry => entry.Technique).Distinct()) : "",
            Category = api.IsKnown ? string.Join("; ", _store.CategoriesOf(api)) : "",
            Reason = judgement.Reason,
            Evidence = best?.Evidence.ToString() ?? "",
            DataVersion = _store.DataVersion,
        };
    }
}
