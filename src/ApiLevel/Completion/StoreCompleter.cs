using System;
using System.Collections;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;
using ApiLevel.Answers;
using ApiLevel.Facts;
using ApiLevel.Names;

namespace ApiLevel.Completion;

/// <summary>Completes an argument from the facts: quotes where needed, puts the meaning into the tooltip, never throws.</summary>
public abstract class StoreCompleter : IArgumentCompleter
{
    private const int Most = 200;

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName,
        string parameterName,
        string wordToComplete,
        CommandAst commandAst,
        IDictionary fakeBoundParameters)
    {
        string typed = (wordToComplete ?? "").Trim('\'', '"');
        try
        {
            return Candidates(ModuleState.Store, typed, fakeBoundParameters ?? new Hashtable())
                .Take(Most)
                .Select(candidate => new CompletionResult(
                    Quote(candidate.Text), candidate.List ?? candidate.Text, CompletionResultType.ParameterValue, Tooltip(candidate)))
                .ToArray();
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            // No facts, no proposals; the command itself says what is wrong with them.
            return [];
        }
    }

    /// <summary>What could stand here, best first.</summary>
    /// <param name="store">The facts.</param>
    /// <param name="typed">What stands there, without quotes.</param>
    /// <param name="bound">Parameters that were typed already.</param>
    private protected abstract IEnumerable<Candidate> Candidates(MappingStore store, string typed, IDictionary bound);

    /// <summary>The sources that were typed already, whole or in part; all where none was.</summary>
    private protected static IEnumerable<SourceEntry> Named(MappingStore store, IReadOnlyList<string> names)
    {
        HashSet<SourceEntry> whole = [.. names.SelectMany(store.FindSources)];
        return store.Sources.Where(source =>
            names.Count == 0 || whole.Contains(source) || names.Any(name => Begins(source.Name, name) || Begins(source.ShortName, name)));
    }

    /// <summary>Whether a text begins as typed, or matches what was typed as a pattern.</summary>
    private protected static bool Begins(string text, string typed) =>
        typed.Length == 0 || text.StartsWith(typed, StringComparison.OrdinalIgnoreCase) ||
        (WildcardPattern.ContainsWildcardCharacters(typed) &&
         WildcardPattern.Get(typed + "*", WildcardOptions.IgnoreCase).IsMatch(text));

    /// <summary>The values of a parameter that was typed already.</summary>
    private protected static IReadOnlyList<string> Bound(IDictionary bound, params string[] names)
    {
        foreach (string name in names)
        {
            if (bound.Contains(name))
            {
                return bound[name] switch
                {
                    string text => [text],
                    IEnumerable values => values.Cast<object?>().Select(value => value?.ToString() ?? "").ToArray(),
                    { } other => [other.ToString() ?? ""],
                    null => [],
                };
            }
        }

        return [];
    }

    private static string Tooltip(Candidate candidate) => string.IsNullOrEmpty(candidate.Meaning) ? candidate.Text : candidate.Meaning;

    private static string Quote(string text) =>
        text.Length > 0 && text.All(c => char.IsLetterOrDigit(c) || c is '_' or '.' or '-' or '!' or ':' or '\\') && !text.StartsWith("-", StringComparison.Ordinal)
            ? text
            : "'" + text.Replace("'", "''") + "'";

    /// <summary>One proposal.</summary>
    private protected readonly record struct Candidate(string Text, string Meaning, string? List = null);
}

/// <summary>Completes API names: those with judged facts first, the events as meaning.</summary>
public sealed class ApiCompleter : StoreCompleter
{
    private protected override IEnumerable<Candidate> Candidates(MappingStore store, string typed, IDictionary bound)
    {
        ApiName name = ApiName.Parse(typed);
        Func<string, bool>? module = null;
        if (name.Module.Length > 0)
        {
            module = text => text == name.Module;
        }
        else if (Bound(bound, "Module") is { Count: > 0 } modules)
        {
            module = text => modules.Any(item => Begins(text, ApiName.NormalizeModule(item)));
        }

        ApiEntry[] found = store.Match(text => Begins(text, name.Name), module, WildcardPattern.ContainsWildcardCharacters(name.Name) ? "" : name.Name)
            .Take(2000)
            .ToArray();
        return found.OrderByDescending(store.HasMappings).ThenBy(api => api.Name, StringComparer.OrdinalIgnoreCase).Select(api =>
        {
            string text = name.Module.Length > 0 ? api.Key : api.Name;
            string events = string.Join(", ", store.MappingsOf(api).Select(mapping => mapping.Source.Name + " " + mapping.EventId).Take(6));
            return new Candidate(text, api.Key + (events.Length > 0 ? ": " + events : ": no event of its own"));
        }).Distinct();
    }
}

/// <summary>Completes modules.</summary>
public sealed class ModuleCompleter : StoreCompleter
{
    private protected override IEnumerable<Candidate> Candidates(MappingStore store, string typed, IDictionary bound) => store
        .Apis()
        .Where(api => api.Module.Length > 0 && Begins(api.Module, typed))
        .GroupBy(api => api.Module, StringComparer.Ordinal)
        .OrderBy(group => group.Key, StringComparer.Ordinal)
        .Select(group => new Candidate(group.Key, $"{group.Count()} APIs in the catalogue"));
}

/// <summary>Completes event sources.</summary>
public sealed class SourceCompleter : StoreCompleter
{
    private protected override IEnumerable<Candidate> Candidates(MappingStore store, string typed, IDictionary bound) => store
        .Sources
        .Where(source => Begins(source.Name, typed) || Begins(source.ShortName, typed) || Begins(source.Provider, typed))
        .OrderBy(source => source.Name, StringComparer.OrdinalIgnoreCase)
        .Select(source => new Candidate(source.Name, source.Fact.Description.Length > 0 ? source.Fact.Description : source.Provider));
}

/// <summary>Completes event ids of the sources that were typed already; of all that an API leads to where none was.</summary>
public sealed class EventIdCompleter : StoreCompleter
{
    private protected override IEnumerable<Candidate> Candidates(MappingStore store, string typed, IDictionary bound)
    {
        IReadOnlyList<string> names = Bound(bound, "Source", "ProviderName");
        return Named(store, names)
            .SelectMany(store.Events)
            .Where(e => e.IsLatest && e.Id.ToString(System.Globalization.CultureInfo.InvariantCulture).StartsWith(typed, StringComparison.Ordinal))
            .Where(e => names.Count > 0 || store.MappingsOf(e.Source, e.Id).Any())
            .OrderBy(e => e.Id)
            .Select(e => new Candidate(
                e.Id.ToString(System.Globalization.CultureInfo.InvariantCulture), e.Source.Name + ": " + e.Name, e.Id + " " + e.Name));
    }
}

/// <summary>Completes ATT&amp;CK techniques that the facts relate to APIs.</summary>
public sealed class TechniqueCompleter : StoreCompleter
{
    private protected override IEnumerable<Candidate> Candidates(MappingStore store, string typed, IDictionary bound) => store
        .TechniqueNames()
        .Where(name => Begins(name, typed))
        .Select(name => new Candidate(name, $"{store.ApisOfTechnique(name).Select(entry => entry.Api).Distinct().Count()} APIs"));
}

/// <summary>Completes behaviour categories.</summary>
public sealed class CategoryCompleter : StoreCompleter
{
    private protected override IEnumerable<Candidate> Candidates(MappingStore store, string typed, IDictionary bound) => store
        .CategoryNames()
        .Where(name => Begins(name, typed))
        .Select(name => new Candidate(name, $"{store.ApisOfCategory(name).Distinct().Count()} APIs"));
}

/// <summary>Completes field names of the events that were typed already.</summary>
public sealed class FieldCompleter : StoreCompleter
{
    private protected override IEnumerable<Candidate> Candidates(MappingStore store, string typed, IDictionary bound)
    {
        IReadOnlyList<string> names = Bound(bound, "Source", "ProviderName");
        IReadOnlyList<string> ids = Bound(bound, "EventId", "Id");
        return Named(store, names)
            .SelectMany(store.Events)
            .Where(e => e.IsLatest && (ids.Count == 0 || ids.Contains(e.Id.ToString(System.Globalization.CultureInfo.InvariantCulture))))
            .SelectMany(e => EventQuery.FieldNames(e).Select(field => (Field: field, Event: e)))
            .Where(pair => Begins(pair.Field, typed))
            .GroupBy(pair => pair.Field, StringComparer.OrdinalIgnoreCase)
            .OrderBy(group => group.Key, StringComparer.OrdinalIgnoreCase)
            .Select(group => new Candidate(group.Key, string.Join(", ", group.Select(pair => pair.Event.ToString()).Distinct().Take(5))));
    }
}

/// <summary>Completes Windows releases.</summary>
public sealed class ReleaseCompleter : StoreCompleter
{
    private protected override IEnumerable<Candidate> Candidates(MappingStore store, string typed, IDictionary bound) =>
        WindowsReleases.Names(store).Where(name => Begins(name, typed)).Select(name => new Candidate(name, "Windows release " + name));
}
