using System;
using System.Linq;
using ApiLevel.Chains;
using ApiLevel.Facts;
using ApiLevel.Verdicts;

namespace ApiLevel.Answers;

/// <summary>Makes the rows that are written of answers about mappings. Not safe for several threads.</summary>
public sealed class MappingRows
{
    private readonly MappingStore _store;
    private readonly RequirementText _requirements;
    private readonly ApiJudge _judge;
    private readonly ReleaseTable _releases;

    /// <summary>Prepares rows.</summary>
    /// <param name="judge">Judges APIs.</param>
    public MappingRows(ApiJudge judge)
    {
        _judge = judge ?? throw new ArgumentNullException(nameof(judge));
        _store = judge.Store;
        _requirements = new RequirementText(_store);
        _releases = new ReleaseTable(_store);
    }

    /// <summary>The row of an answer.</summary>
    /// <param name="answer">The answer.</param>
    public ApiEventMapping Describe(MappingAnswer answer) => Describe(answer.Api, answer.Event);

    /// <summary>The row of a mapping as it stands.</summary>
    /// <param name="mapping">The mapping.</param>
    public ApiEventMapping Describe(MappingEntry mapping) => Describe(mapping.Api, ReachedEvent.Own(mapping));

    /// <summary>The row that says that no event is known for an API.</summary>
    /// <param name="api">The API.</param>
    /// <param name="ownOnly">Whether lower calls were left out of the question.</param>
    public ApiEventMapping None(ApiEntry api, bool ownOnly)
    {
        ApiEntry lower = _store.NearestLowerCallWithEvent(api);
        ApiJudgement judgement = _judge.Judge(api);
        return new ApiEventMapping
        {
            Api = api.Name,
            Module = api.Module,
            Relation = nameof(Relation.None),
            Via = lower.ToString(),
            Condition = ownOnly && judgement.All.Count > 0 ? "no event of its own" : "no event known",
            Verdict = judgement.Verdict.ToString(),
            Level = "none",
            Column = "none",
            Technique = Techniques(api),
            Category = Categories(api),
            Reference = string.Join("; ", api.References),
        };
    }

    /// <summary>The row for a name that the catalogue does not have, of a file that imports it for instance.</summary>
    /// <param name="name">The name with its module.</param>
    public ApiEventMapping None(ApiName name) => new()
    {
        Api = name.Name,
        Module = name.Module,
        Relation = nameof(Relation.None),
        Condition = "not in the catalogue",
        Verdict = _judge.JudgeUnknownName().Verdict.ToString(),
        Level = "none",
        Column = "none",
    };

    private ApiEventMapping Describe(ApiEntry api, ReachedEvent reached)
    {
        MappingEntry mapping = reached.Mapping;
        EventEntry e = mapping.Event;
        string reference = string.Join("; ", mapping.References);
        return new ApiEventMapping
        {
            Api = api.Name,
            Module = api.Module,
            Source = mapping.Source.Name,
            EventId = mapping.EventId,
            EventName = e.IsKnown ? e.Name : "",
            Relation = reached.Relation.ToString(),
            Via = reached.Via,
            Condition = reached.Condition,
            Requirement = _requirements.Describe(e),
            Emitter = mapping.Emitter,
            Mechanism = mapping.Mechanism,
            Delivery = mapping.Delivery.ToString(),
            Volume = _store.VolumeOf(mapping.Source, mapping.EventId),
            Verdict = _judge.VerdictOf(api, reached).ToString(),
            Level = Placement.Level(e),
            Column = Placement.Column(e),
            Car = e.IsKnown ? e.Car : "",
            Technique = Techniques(api),
            Category = Categories(api),
            MinimumBuild = FirstBuild(mapping),
            Evidence = reached.Evidence.ToString(),
            Reference = mapping.Overlay is { } overlay ? overlay + "; " + reference : reference,
        };
    }

    private string FirstBuild(MappingEntry mapping)
    {
        string first = "";
        foreach (EventEntry version in _store.EventVersions(mapping.Source, mapping.EventId))
        {
            if (version.FirstBuild.Length > 0 && (first.Length == 0 || _releases.Compare(version.FirstBuild, first) < 0))
            {
                first = version.FirstBuild;
            }
        }

        return first;
    }

    private string Techniques(ApiEntry api) => string.Join("; ", _store.TechniqueNamesOf(api));

    private string Categories(ApiEntry api) => string.Join("; ", _store.CategoriesOf(api));
}
