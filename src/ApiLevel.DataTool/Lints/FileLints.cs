using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;
using ApiLevel.DataTool.Facts;
using ApiLevel.Facts;

namespace ApiLevel.DataTool.Lints;

/// <summary>The folder is the slug of the source, the file the number and the slug of the event's name.</summary>
internal sealed partial class PathIsIdentityLint : Lint
{
    private const int MaximumSlug = 60;

    public override string Name => "path-is-identity";

    public override string Advice => "Move the file, or change `source:`, `event:` or `name:`";

    public override IEnumerable<Finding> Check(LintContext context)
    {
        foreach (SourceFact source in context.Facts.Sources)
        {
            string expected = "sources/" + Folder(source.Name) + "/source.yml";
            if (source.Origin.File != expected)
            {
                yield return Found(source.Origin, "the source belongs in " + expected);
            }
        }

        foreach (EventFact fact in context.Folder.EventFiles)
        {
            string expected = string.Create(
                System.Globalization.CultureInfo.InvariantCulture, $"sources/{Folder(fact.Source)}/{fact.Id}-{Slug(fact.Name)}.yml");
            if (fact.Origin.File != expected)
            {
                yield return Found(fact.Origin, "the event belongs in " + expected);
            }
        }

        foreach (string file in context.Folder.Files.Where(static file =>
            file.StartsWith("sources/", StringComparison.Ordinal)
            && (!file.EndsWith(".yml", StringComparison.Ordinal) || file.Count(static c => c == '/') != 2)))
        {
            yield return Found(new FactOrigin(file, 0), "only files of the form sources/<source>/<name>.yml are read");
        }
    }

    /// <summary>A source's folder: lower case, a hyphen for whatever is no letter or digit.</summary>
    public static string Folder(string name) => OtherRegex().Replace(name.ToLowerInvariant(), "-").Trim('-');

    /// <summary>An event's slug: as a folder, with a hyphen between the words of CreateRemoteThread, at most 60 characters.</summary>
    public static string Slug(string name)
    {
        string words = CamelRegex().Replace(name, "$1-$2");
        words = AcronymRegex().Replace(words, "$1-$2");
        string slug = Folder(words);
        return slug.Length <= MaximumSlug ? slug : slug.Substring(0, MaximumSlug).Trim('-');
    }

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex OtherRegex();

    [GeneratedRegex("([a-z0-9])([A-Z])")]
    private static partial Regex CamelRegex();

    [GeneratedRegex("([A-Z])([A-Z][a-z])")]
    private static partial Regex AcronymRegex();
}

/// <summary>Every event names a source that has a source.yml.</summary>
internal sealed class SourceKnownLint : Lint
{
    public override string Name => "source-known";

    public override string Advice => "Write a source.yml with that name, or use the name of a source that exists";

    public override IEnumerable<Finding> Check(LintContext context)
    {
        HashSet<string> known = [.. context.Facts.Sources.Select(static source => source.Name)];
        return context.Facts.Events
            .Where(fact => !known.Contains(fact.Source))
            .Concat(context.Folder.EventFiles.Where(fact => !known.Contains(fact.Source)))
            .Select(fact => Found(fact.Origin, "the source `" + fact.Source + "` has no source.yml"))
            .Distinct();
    }
}

/// <summary>A source has events, and no two sources share a name.</summary>
internal sealed class SourceNotEmptyLint : Lint
{
    public override string Name => "source-not-empty";

    public override string Advice => "Add its events to catalogue/events.csv, or remove the source";

    public override IEnumerable<Finding> Check(LintContext context)
    {
        HashSet<string> used = [.. context.Facts.Events.Select(static fact => fact.Source)];
        HashSet<string> seen = new(StringComparer.OrdinalIgnoreCase);
        foreach (SourceFact source in context.Facts.Sources)
        {
            if (!used.Contains(source.Name))
            {
                yield return Found(source.Origin, "the source `" + source.Name + "` has no event");
            }

            if (!seen.Add(source.Name))
            {
                yield return Found(source.Origin, "the source `" + source.Name + "` stands twice");
            }
        }
    }
}

/// <summary>A source says how its events reach a reader.</summary>
internal sealed class SourceCompleteLint : Lint
{
    private static readonly string[] s_deliveries = ["channel", "session", "system", "ppl"];
    private static readonly string[] s_states = ["on", "off", "per-event", "not-installed"];

    public override string Name => "source-complete";

    public override string Advice => "Delivery is a list of channel, session, system, ppl; default is one of on, off, per-event, not-installed";

    public override IEnumerable<Finding> Check(LintContext context)
    {
        foreach (SourceFact source in context.Facts.Sources)
        {
            if (source.Description.Length == 0 || source.Documentation.Length == 0)
            {
                yield return Found(source.Origin, "`description` and `documentation` are needed");
            }

            if (source.Delivery.Split(';').Except(s_deliveries).Any() || !s_states.Contains(source.DefaultState, StringComparer.Ordinal))
            {
                yield return Found(source.Origin, "`delivery` or `default` is missing or unknown");
            }

            if (source.Delivery.Split(';').Contains("channel", StringComparer.Ordinal) != source.Channel.Length > 0)
            {
                yield return Found(source.Origin, "`channel` is given exactly when the delivery names it");
            }
        }
    }
}

/// <summary>An event file names an event of the catalogue, or describes a new one in full.</summary>
internal sealed class EventKnownLint : Lint
{
    public override string Name => "event-known";

    public override string Advice =>
        "Check the number, or give `name`, `evidence` and `reference` of the new event, and add it to catalogue/events.csv";

    public override IEnumerable<Finding> Check(LintContext context)
    {
        HashSet<(string, int)> known =
        [
            .. context.Facts.Events
                .Where(static fact => fact.Origin.File.EndsWith(".csv", StringComparison.Ordinal))
                .Select(static fact => (fact.Source, fact.Id)),
        ];
        foreach (EventFact fact in context.Folder.EventFiles)
        {
            bool isDescribed = fact.Name.Length > 0 && fact.Reference.Length > 0;
            if (!known.Contains((fact.Source, fact.Id)) && !isDescribed)
            {
                yield return Found(fact.Origin, LintContext.Describe(fact) + " is not in the catalogue");
            }
        }
    }
}

/// <summary>What an event file repeats from the catalogue says the same.</summary>
internal sealed class EventAgreesLint : Lint
{
    public override string Name => "event-agrees";

    public override string Advice => "Correct the file or catalogue/events.csv, with the reference for what is right";

    public override IEnumerable<Finding> Check(LintContext context)
    {
        foreach (EventFact file in context.Folder.EventFiles)
        {
            if (!context.Latest.TryGetValue((file.Source, file.Id), out EventFact? latest) || latest.Origin == file.Origin)
            {
                continue;
            }

            foreach (FactColumn column in file.Table.Columns.Where(static column => column is { Key: not null, InCatalogue: true }
                && column.Kind is FactKind.Text or FactKind.List))
            {
                string own = ListText.Normalize(file.Text(column));
                string catalogue = ListText.Normalize(latest.Text(column));
                if (own != catalogue && !(own.Length == 0 && !column.IsRepeated) && column != EventColumns.Reference)
                {
                    yield return Found(file.Origin, $"`{column.Key}` is `{own}` here and `{catalogue}` in the catalogue");
                }
            }
        }
    }
}

/// <summary>Requirements are made of the known tokens.</summary>
internal sealed partial class RequirementKnownLint : Lint
{
    public override string Name => "requirement-known";

    public override string Advice => "README.md lists the tokens; an audit subcategory is named by a GUID of catalogue/audit-subcategories.csv";

    public override IEnumerable<Finding> Check(LintContext context)
    {
        HashSet<string> subcategories = [.. context.Facts.AuditSubcategories.Select(static fact => fact.Guid)];
        foreach (EventFact fact in context.Facts.Events)
        {
            foreach (string token in fact.Requirement.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                bool isKnown = TokenRegex().IsMatch(token);
                if (isKnown && token.StartsWith("auditpol:{", StringComparison.Ordinal))
                {
                    isKnown = token["auditpol:".Length..].Split('|').All(part => subcategories.Contains(part.Trim('{', '}')));
                }

                if (!isKnown)
                {
                    yield return Found(fact.Origin, "`" + token + "` is no requirement token");
                }
            }
        }
    }

    [GeneratedRegex(
        @"^(etw-session|etw-keyword:0x[0-9a-f]+(\+\?)?|auditpol:(unknown|\{[0-9a-f-]{36}\}(\|\{[0-9a-f-]{36}\})*)|sacl:[a-z]+" +
        @"|sysmon-config:[A-Za-z]+|ruledefault:(include|exclude)|ArchiveDirectory|CaptureClipboard|consumer:PPL-Antimalware" +
        @"|channel(-off-by-default)?:\S.*|policy:\S.*|optional:\S.*)$")]
    private static partial Regex TokenRegex();
}

/// <summary>Fact files hold nothing but facts in UTF-8 without a mark at the start and with a line feed at the end.</summary>
internal sealed class PlainTextLint : Lint
{
    public override string Name => "plain-text";

    public override string Advice => "Save the file as UTF-8 without byte order mark, without tabs and with a line feed at the end";

    public override IEnumerable<Finding> Check(LintContext context)
    {
        foreach (string file in context.Folder.Files)
        {
            byte[] content = File.ReadAllBytes(Path.Combine(context.Folder.Root, file));
            bool isUtf8 = true;
            try
            {
                new UTF8Encoding(false, throwOnInvalidBytes: true).GetCharCount(content);
            }
            catch (DecoderFallbackException)
            {
                isUtf8 = false;
            }

            bool hasMark = content.AsSpan().StartsWith(Encoding.UTF8.Preamble);
            bool hasTab = content.AsSpan().Contains((byte)'\t');
            if (!isUtf8 || hasMark || hasTab || content.Length == 0 || content[^1] != (byte)'\n')
            {
                yield return Found(new FactOrigin(file, 0), "the file is no plain text");
            }
        }
    }
}
