using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Threading;
using ApiLevel.Answers;
using ApiLevel.Chains;
using ApiLevel.Errors;
using ApiLevel.Facts;
using ApiLevel.Names;
using ApiLevel.Verdicts;
using DriveNotFoundException = System.Management.Automation.DriveNotFoundException;

namespace ApiLevel.Commands;

/// <summary>What all commands share: the facts, names with wildcards, and the token that Ctrl+C cancels.</summary>
public abstract partial class ApiLevelCommand : PSCmdlet, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private MappingStore? _store;

    /// <summary>Cancelled by Ctrl+C and by a consumer that has enough.</summary>
    protected CancellationToken StopToken => _stop.Token;

    /// <summary>The facts. Ends the command with StoreUnreadable where they cannot be opened.</summary>
    protected MappingStore Store => _store ??= OpenStore();

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    protected override void StopProcessing() => _stop.Cancel();

    /// <summary>Frees what the command holds.</summary>
    /// <param name="disposing">True when called from <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stop.Dispose();
        }
    }

    /// <summary>True when the parameter stood on the command line or was bound from the pipeline.</summary>
    protected bool IsBound(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);

    /// <summary>Ends the command where Ctrl+C asked for it, as the engine ends commands: without an error.</summary>
    protected void ThrowIfStopped()
    {
        if (_stop.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
    }

    /// <summary>A test by wildcards; null where nothing was asked.</summary>
    protected static Func<string, bool>? Matcher(IReadOnlyCollection<string>? patterns)
    {
        if (patterns is null)
        {
            return null;
        }

        WildcardPattern[] compiled = patterns.Where(pattern => pattern is not null)
            .Select(pattern => WildcardPattern.Get(pattern, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant))
            .ToArray();
        return text => Array.Exists(compiled, pattern => pattern.IsMatch(text));
    }

    /// <summary>A property of a row (one of our objects, of Import-Csv, of another process) as text without spaces around; empty when it has none.</summary>
    private protected static string FieldText(PSObject row, string name) =>
        Convert.ToString(row.Properties[name]?.Value, CultureInfo.InvariantCulture)?.Trim() ?? "";

    /// <summary>
    /// The sources that -Source names, by name (whole or as tables show it), provider, GUID or channel, with wildcards; null where nothing
    /// was asked. A plain name that no source has ends the command; one that came with an object of the pipeline is an error of that object.
    /// </summary>
    protected Func<SourceEntry, bool>? SelectSources(string[]? names, bool fromPipeline = false)
    {
        if (names is null)
        {
            return null;
        }

        SourceSelection selection = SelectionOf(names)!;
        foreach (string name in selection.Unknown)
        {
            ErrorRecord error = ApiLevelErrors.SourceNotFound(name, Store.SuggestSources(name));
            if (!fromPipeline)
            {
                ThrowTerminatingError(error);
            }

            WriteError(error);
        }

        return selection.Contains;
    }

    /// <summary>The sources that -Source names; null where nothing was asked.</summary>
    private protected SourceSelection? SelectionOf(string[]? names) => names is null
        ? null
        : new SourceSelection(Store, names, name => WildcardPattern.ContainsWildcardCharacters(name) ? Matcher([name]) : null);

    /// <summary>The APIs that names mean. A plain name that none has is an error of its own; a wildcard may match nothing.</summary>
    /// <param name="names">The names.</param>
    /// <param name="modules">
    /// The modules, in any spelling a file may have (kernelbase, an API set), with wildcards; null for all. A name's own module comes first.
    /// </param>
    /// <param name="notFound">Told a plain name that no API has; null writes the error.</param>
    protected IEnumerable<ApiEntry> FindApis(IEnumerable<ApiName> names, IEnumerable<string>? modules, Action<ApiName>? notFound = null)
    {
        string[]? asked = modules?.Where(module => module is not null).Select(ApiName.NormalizeModule).ToArray();
        Func<string, bool>? matches = Matcher(asked);
        foreach (ApiName name in names)
        {
            if (name is null || name.Name.Length == 0)
            {
                continue;
            }

            if (name.HasWildcards)
            {
                // By module first: the tables are grouped by it.
                foreach (ApiEntry api in MatchApis(name, matches).OrderBy(api => api.Module, StringComparer.Ordinal))
                {
                    yield return api;
                }

                continue;
            }

            bool any = false;
            foreach (ApiEntry api in FindPlain(name, asked, matches))
            {
                any = true;
                yield return api;
            }

            if (!any && name.Ordinal is null)
            {
                if (notFound is null)
                {
                    ApiName told = asked is { Length: 1 } && name.Module.Length == 0 && !WildcardPattern.ContainsWildcardCharacters(asked[0])
                        ? ApiName.Create(asked[0], name.Name)
                        : name;
                    WriteError(ApiLevelErrors.ApiNotFound(told.ToString(), Store.Suggest(name)));
                }
                else
                {
                    notFound(name);
                }
            }
        }
    }

    /// <summary>A module is a spelling as well as a filter: kernelbase!OpenProcess is kernel32's, and another module's is another function.</summary>
    private IEnumerable<ApiEntry> FindPlain(ApiName name, string[]? modules, Func<string, bool>? matches)
    {
        if (modules is null || name.Module.Length > 0)
        {
            return Store.Find(name).Where(api => matches is null || matches(api.Module) || name.Module.Length > 0);
        }

        var found = new List<ApiEntry>();
        foreach (string module in modules)
        {
            IEnumerable<ApiEntry> apis = WildcardPattern.ContainsWildcardCharacters(module)
                ? Store.Find(name).Where(api => Matcher([module])!(api.Module))
                : module.Length == 0
                    ? Store.Find(name)
                    : Store.Find(ApiName.Create(module, name.Name));
            found.AddRange(apis.Where(api => !found.Contains(api)));
        }

        return found;
    }

    /// <summary>The APIs that match a name with wildcards.</summary>
    protected IEnumerable<ApiEntry> MatchApis(ApiName name, Func<string, bool>? modules)
    {
        Func<string, bool>? matches = name.Name == "*" ? null : Matcher([name.Name]);
        Func<string, bool>? inModule = name.Module.Length == 0 ? modules : Matcher([name.Module]);
        int wildcard = name.Name.IndexOfAny(s_wildcards);
        return Store.Match(matches, inModule, wildcard > 0 ? name.Name.Substring(0, wildcard) : "");
    }

    /// <summary>The APIs of techniques, each once; a plain name without any is an error of its own.</summary>
    protected IEnumerable<ApiEntry> ApisOfTechniques(string[] techniques) => ApisOf(
        // A technique without a dot is asked for with its sub-techniques, as ATT&CK counts them.
        techniques, technique => technique.Contains('.') ? [technique] : [technique, technique + ".*"],
        Store.TechniqueNames(), name => Store.ApisOfTechnique(name).Select(entry => entry.Api), ApiLevelErrors.TechniqueNotFound);

    /// <summary>The APIs of categories, each once; a plain name without any is an error of its own.</summary>
    protected IEnumerable<ApiEntry> ApisOfCategories(string[] categories) => ApisOf(
        categories, category => [category], Store.CategoryNames(), Store.ApisOfCategory, ApiLevelErrors.CategoryNotFound);

    /// <summary>
    /// The paths of the file system that a path means; they need not exist. Where it means none there is an error of its own, except for a
    /// pattern that matches nothing.
    /// </summary>
    /// <param name="path">A path as PowerShell writes it: relative to the current location, with a drive or a provider.</param>
    /// <param name="isLiteral">Whether wildcards are part of the name. What exists as written is taken so in any case.</param>
    /// <param name="isPattern">Whether wildcards were followed.</param>
    protected IReadOnlyList<string> ResolvePath(string path, bool isLiteral, out bool isPattern)
    {
        isPattern = false;
        try
        {
            ProviderInfo provider;
            if (isLiteral || !WildcardPattern.ContainsWildcardCharacters(path) || ExistsAsWritten(path))
            {
                string file = SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out provider, out _);
                return IsFileSystem(provider, path) ? [file] : [];
            }

            isPattern = true;
            IReadOnlyList<string> found = GetResolvedProviderPathFromPSPath(path, out provider);
            return IsFileSystem(provider, path) ? found : [];
        }
        catch (ItemNotFoundException) when (isPattern)
        {
            // A pattern whose folder does not exist matches nothing, like one whose folder is empty.
            WriteVerbose($"Nothing matches '{path}'.");
        }
        catch (Exception exception) when (MeansNoPath(exception))
        {
            WriteError(ApiLevelErrors.FileNotFound(path, exception));
        }

        return [];
    }

    private bool ExistsAsWritten(string path)
    {
        try
        {
            string literal = SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out ProviderInfo provider, out _);
            return provider.Name == "FileSystem" && (File.Exists(literal) || Directory.Exists(literal));
        }
        catch (Exception exception) when (MeansNoPath(exception))
        {
            return false;
        }
    }

    private static bool MeansNoPath(Exception exception) =>
        exception is DriveNotFoundException or ProviderNotFoundException or ItemNotFoundException or PSArgumentException or PSInvalidOperationException;

    private bool IsFileSystem(ProviderInfo provider, string path)
    {
        if (provider.Name == "FileSystem")
        {
            return true;
        }

        WriteError(ApiLevelErrors.PathNotInFileSystem(path, provider.Name));
        return false;
    }

    private IEnumerable<ApiEntry> ApisOf(
        string[] patterns,
        Func<string, string[]> spellings,
        IEnumerable<string> names,
        Func<string, IEnumerable<ApiEntry>> apis,
        Func<string, ErrorRecord> notFound)
    {
        string[] all = names.ToArray();
        var seen = new HashSet<ApiEntry>();
        foreach (string pattern in patterns)
        {
            Func<string, bool> matches = Matcher(spellings(pattern))!;
            bool any = false;
            foreach (string name in all.Where(matches))
            {
                any = true;
                foreach (ApiEntry api in apis(name))
                {
                    if (seen.Add(api))
                    {
                        yield return api;
                    }
                }
            }

            if (!any && !WildcardPattern.ContainsWildcardCharacters(pattern))
            {
                WriteError(notFound(pattern));
            }
        }
    }

    private MappingStore OpenStore()
    {
        try
        {
            if (!ModuleState.IsStoreOpen)
            {
                WriteVerbose($"Opening the facts in '{ModuleState.StorePath}'.");
            }

            MappingStore store = ModuleState.Store;
            foreach (string warning in ModuleState.TakeWarnings())
            {
                WriteWarning(warning);
            }

            return store;
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            ThrowTerminatingError(ApiLevelErrors.StoreUnreadable(ModuleState.StorePath, exception.Message, MappingStore.FormatVersion, exception));
            throw;
        }
    }

    private static readonly char[] s_wildcards = ['*', '?', '['];
}
