using System.Collections.Generic;
using System.Linq;
using ApiLevel.Answers;
using ApiLevel.Chains;
using ApiLevel.Facts;
using ApiLevel.Formats.Portable;
using ApiLevel.Verdicts;

namespace ApiLevel.Coverage;

/// <summary>Makes the rows that are written of verdicts. What is said of an API is worked out once. Not safe for several threads.</summary>
public sealed class CoverageRows
{
    private readonly MappingStore _store;
    private readonly RequirementText _requirements;
    private readonly Dictionary<ApiEntry, ApiText> _known = [];

    /// <summary>Prepares rows.</summary>
    /// <param name="store">The facts.</param>
    public CoverageRows(MappingStore store)
    {
        _store = store;
        _requirements = new RequirementText(store);
    }

    /// <summary>The row of a verdict.</summary>
    /// <param name="path">The image; null for a name that was asked for.</param>
    /// <param name="reference">What was judged.</param>
    public ApiCoverage Describe(string? path, JudgedReference reference)
    {
        ApiJudgement judgement = reference.Judgement;
        ReachedEvent? best = judgement.Events.Count > 0 ? judgement.Events[0] : null;
        ApiText text = TextOf(reference.Api, judgement, best);
        return new ApiCoverage
        {
            Path = path,
            Module = reference.Module,
            Api = reference.Name,
            ImportedName = reference.ImportedName,
            Kind = reference.Kind,
            Verdict = judgement.Verdict.ToString(),
            Source = best?.Mapping.Source.Name,
            EventId = best?.Mapping.EventId,
            Events = text.Events,
            Via = best?.Via ?? "",
            Requirement = text.Requirement,
            Level = text.Level,
            Column = text.Column,
            Technique = text.Technique,
            Category = text.Category,
            Reason = judgement.Reason,
            Evidence = best?.Evidence.ToString() ?? "",
            DataVersion = _store.DataVersion,
        };
    }

    /// <summary>The row of a count.</summary>
    /// <param name="path">The image's path, as it is written.</param>
    /// <param name="image">The image.</param>
    /// <param name="count">The verdicts on it.</param>
    public ApiCoverageSummary Describe(string path, PortableImage image, CoverageCount count) => new()
    {
        Path = path,
        Format = image.Format,
        Machine = image.Machine,
        Packed = image.Packed,
        ImpHash = image.ImpHash,
        Sha256 = image.Sha256,
        Imports = count.Imports,
        Tracked = count.Tracked,
        Recorded = count[Verdict.Recorded],
        Recordable = count[Verdict.Recordable],
        Invisible = count[Verdict.Invisible],
        Untracked = count[Verdict.Untracked],
        Unknown = count[Verdict.Unknown] + count.Gaps,
        CoveragePercent = count.Percent,
        Complete = image.Complete,
        Problems = string.Join("; ", image.Problems),
        DataVersion = _store.DataVersion,
    };

    private ApiText TextOf(ApiEntry api, ApiJudgement judgement, ReachedEvent? best)
    {
        if (!api.IsKnown)
        {
            return ApiText.None;
        }

        if (!_known.TryGetValue(api, out ApiText? text))
        {
            EventEntry e = best?.Mapping.Event ?? default;
            text = new ApiText(
                string.Join("; ", judgement.Events
                    .Select(reached => reached.Label)
                    .Distinct()),
                _requirements.Describe(e),
                Placement.Level(e),
                Placement.Column(e),
                string.Join("; ", _store.TechniqueNamesOf(api)),
                string.Join("; ", _store.CategoriesOf(api)));
            _known.Add(api, text);
        }

        return text;
    }

    private sealed record ApiText(string Events, string Requirement, string Level, string Column, string Technique, string Category)
    {
        public static ApiText None { get; } = new("", "", Placement.Level(default), Placement.Column(default), "", "");
    }
}
