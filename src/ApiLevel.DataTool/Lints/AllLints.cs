using System.Collections.Generic;
using System.Linq;
using ApiLevel.DataTool.Facts;

namespace ApiLevel.DataTool.Lints;

/// <summary>The lints, in the order in which they run.</summary>
internal static class AllLints
{
    public static readonly Lint[] Lints =
    [
        new PlainTextLint(),
        new PathIsIdentityLint(),
        new SourceKnownLint(),
        new SourceNotEmptyLint(),
        new SourceCompleteLint(),
        new EventKnownLint(),
        new EventAgreesLint(),
        new EventHasApiLint(),
        new LatestOnceLint(),
        new RequirementKnownLint(),
        new DuplicatePairLint(),
        new ApiKnownLint(),
        new ApiSpellingLint(),
        new ViaKnownLint(),
        new DerivedNotStrongerLint(),
        new DisputedSaysWhyLint(),
        new ReferenceIsASourceLint(),
        new TechniqueFormatLint(),
        new RpcMethodKnownLint(),
        new AttributionKnownLint(),
        new RoleKnownLint(),
        new SortedLint(),
        new CountsLint(),
        new ExclusionShareLint(),
        new JudgementAgreesLint(),
        new DeniedKnownLint(),
        new ArgumentKnownLint(),
        new FamilyAgreesLint(),
    ];

    /// <summary>What the readers and the lints found, by file and line.</summary>
    public static List<Finding> Run(FactFolder folder)
    {
        LintContext context = new(folder);
        return
        [
            .. folder.Findings.Concat(Lints.SelectMany(lint => lint.Check(context)))
                .OrderBy(static finding => finding.Origin.File, System.StringComparer.Ordinal)
                .ThenBy(static finding => finding.Origin.Line)
                .ThenBy(static finding => finding.Name, System.StringComparer.Ordinal)
                .ThenBy(static finding => finding.Message, System.StringComparer.Ordinal),
        ];
    }
}
