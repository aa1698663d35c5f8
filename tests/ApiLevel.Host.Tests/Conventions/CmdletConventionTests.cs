using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Reflection;
using System.Text.RegularExpressions;
using ApiLevel.Host.Tests.Support;

namespace ApiLevel.Host.Tests.Conventions;

/// <summary>The same questions to every cmdlet; the cmdlets are found, not listed.</summary>
public sealed class CmdletConventionTests(EngineFixture engine) : IClassFixture<EngineFixture>
{
    private static readonly string[] s_changing = ["Start", "Stop", "Set", "New", "Remove", "Export"];
    private static readonly string[] s_literalAliases = ["PSPath", "LP", "FullName"];

    private static readonly string s_events = Path.Combine(Repository.Root, "tests", "Fixtures", "sample-event.jsonl");

    private static readonly Lazy<ILookup<string, string>> s_samples = new(() =>
        File.ReadLines(Path.Combine(Repository.Root, "tests", "Fixtures", "sample-commands.txt"))
            .Where(l => !l.StartsWith('#') && l.Length > 0)
            .Select(l => l.Split(" | ", 2))
            .ToLookup(p => p[0], p => p[1], StringComparer.Ordinal));

    private IEnumerable<CmdletInfo> FileCmdlets => Found(engine.Cmdlets.Where(c => IsFileCommand(c.ImplementingType)));

    [Fact]
    public void The_manifest_exports_by_name_exactly_the_classes_that_are_cmdlets()
    {
        PSModuleInfo module = (PSModuleInfo)Assert.Single(engine.Invoke("Get-Module ApiLevel").WithoutErrors()).BaseObject;
        string[] classes = [.. Found(engine.Cmdlets)[0].ImplementingType.Assembly.GetTypes()
            .Select(t => t.GetCustomAttribute<CmdletAttribute>())
            .Where(a => a is not null)
            .Select(a => $"{a!.VerbName}-{a.NounName}")];
        string manifest = File.ReadAllText(Repository.Manifest);

        Assert.Equal(classes.Order(StringComparer.Ordinal), module.ExportedCmdlets.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(
            classes.Order(StringComparer.Ordinal),
            Regex.Matches(manifest, @"CmdletsToExport\s*=\s*@\((?:\s*'(?<name>\w+-\w+)',?)*\s*\)").Single().Groups["name"].Captures.Select(c => c.Value)
                .Order(StringComparer.Ordinal));
        Assert.Empty(module.ExportedFunctions);
        Assert.Empty(module.ExportedAliases);
        Assert.Empty(module.ExportedVariables);
    }

    [Fact]
    public void The_declared_output_types_are_what_comes_out()
    {
        foreach (CmdletInfo cmdlet in Found(engine.Cmdlets))
        {
            Assert.True(s_samples.Value.Contains(cmdlet.Name), $"{cmdlet.Name} has no line in tests/Fixtures/sample-commands.txt.");
            if (s_samples.Value[cmdlet.Name].Any(c => c.StartsWith('#')))
            {
                continue; // the line says why no sample can run here
            }

            IEnumerable<string> written = s_samples.Value[cmdlet.Name].SelectMany(Sample).Select(o => o.BaseObject.GetType().FullName!).Distinct();

            Assert.Equal(cmdlet.OutputType.Select(t => t.Name).Order(StringComparer.Ordinal), written.Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public void Every_output_property_is_a_scalar_in_the_listed_order()
    {
        Dictionary<string, string[]> listed = File.ReadLines(Path.Combine(Repository.Root, "tests", "Fixtures", "output-properties.txt"))
            .Where(l => !l.StartsWith('#') && l.Length > 0)
            .Select(l => l.Split(": ", 2))
            .ToDictionary(p => "ApiLevel." + p[0], p => p[1].Split(", "), StringComparer.Ordinal);
        foreach (PSObject output in Found(Commands.SelectMany(c => Sample(c).Take(1))))
        {
            Type type = output.BaseObject.GetType();
            if (type.Namespace == nameof(ApiLevel))
            {
                Assert.Equal(listed[type.FullName!], output.Properties.Select(p => p.Name));
                Assert.All(type.GetProperties(), p => Assert.True(IsScalar(p.PropertyType), $"{type.Name}.{p.Name} is no scalar."));
                Assert.True(type.IsSealed && type.GetProperties().All(p => p.SetMethod is not { IsPublic: true } set || IsInitOnly(set)), $"{type.Name} can be changed.");
                Assert.NotEqual(type.FullName, output.BaseObject.ToString());
            }
        }
    }

    [Fact]
    public void File_cmdlets_find_a_file_by_both_parameters_and_by_a_piped_property()
    {
        foreach (CmdletInfo cmdlet in FileCmdlets)
        {
            using TemporaryFolder folder = new();
            string good = GoodFile(cmdlet);
            string file = folder.Write("odd [name]'s" + Path.GetExtension(good), File.ReadAllBytes(good));
            foreach (string alias in s_literalAliases)
            {
                Assert.Contains(alias, cmdlet.Parameters["LiteralPath"].Aliases);
            }

            int expected = engine.Invoke($"{cmdlet.Name} $f", new Dictionary<string, object> { ["f"] = good }).WithoutErrors().Count;
            Assert.NotEqual(0, expected);
            foreach (string call in new[]
            {
                $"{cmdlet.Name} $f",
                $"{cmdlet.Name} -Path $f",
                $"{cmdlet.Name} -LiteralPath $f",
                $"{cmdlet.Name} -PSPath $f",
                $"$f | {cmdlet.Name}",
                $"[pscustomobject]@{{ PSPath = $f }} | {cmdlet.Name}",
                $"[System.IO.FileInfo]::new($f) | {cmdlet.Name}",
                $"[pscustomobject]@{{ Path = $f }} | {cmdlet.Name}",
            })
            {
                EngineResult result = engine.Invoke(call, new Dictionary<string, object> { ["f"] = file });

                Assert.True(result.Errors.Count == 0, $"{call}: {string.Join("; ", result.Errors)}");
                Assert.True(result.Objects.Count == expected, $"{call}: {result.Objects.Count} objects, not {expected}.");
            }
        }
    }

    [Fact]
    public void One_bad_file_among_good_ones_is_one_error_and_all_good_results()
    {
        using TemporaryFolder folder = new();
        foreach (CmdletInfo cmdlet in FileCmdlets)
        {
            Dictionary<string, object> good = new() { ["f"] = GoodFile(cmdlet) };
            int expected = engine.Invoke($"{cmdlet.Name} $f", good).WithoutErrors().Count;
            foreach ((string id, ErrorCategory category, string bad) in new[]
            {
                ("FileNotFound", ErrorCategory.ObjectNotFound, Path.Combine(folder.Path, "missing.exe")),
                ("FileEmpty", ErrorCategory.InvalidData, folder.Write("empty.exe", [])),
                ("PathIsDirectory", ErrorCategory.InvalidArgument, folder.Path),
            })
            {
                EngineResult result = engine.Invoke(
                    $"$f, $bad, $f | {cmdlet.Name}",
                    new Dictionary<string, object> { ["f"] = GoodFile(cmdlet), ["bad"] = bad });

                ErrorRecord error = Assert.Single(result.Errors);
                Assert.Equal($"{id},{cmdlet.ImplementingType.FullName}", error.FullyQualifiedErrorId);
                Assert.Equal(category, error.CategoryInfo.Category);
                Assert.Equal(bad, error.TargetObject);
                Assert.Equal(2 * expected, result.Objects.Count);
            }
        }
    }

    [Fact]
    public void Each_completer_answers()
    {
        foreach ((CmdletInfo cmdlet, ParameterMetadata parameter) in Found(engine.Cmdlets
            .SelectMany(c => c.Parameters.Values.Where(p => p.Attributes.OfType<ArgumentCompleterAttribute>().Any()).Select(p => (c, p)))))
        {
            IReadOnlyList<CompletionResult> matches = engine.Complete($"{cmdlet.Name} -{parameter.Name} ");
            bool live = cmdlet.Noun == "ApiTelemetryTrace" && parameter.Name == "Name"; // sessions, of which there may be none

            Assert.True(matches.Count > 0 || live, $"{cmdlet.Name} -{parameter.Name} completes nothing.");
            Assert.All(matches, m => Assert.False(string.IsNullOrWhiteSpace(m.ToolTip)));
            Assert.Empty(engine.Complete($"{cmdlet.Name} -{parameter.Name} \"no such thing'"));
        }
    }

    [Fact]
    public void What_changes_the_machine_supports_ShouldProcess()
    {
        Assert.All(
            Found(engine.Cmdlets),
            cmdlet => Assert.Equal(
                s_changing.Contains(cmdlet.Verb, StringComparer.Ordinal),
                cmdlet.ImplementingType.GetCustomAttribute<CmdletAttribute>()!.SupportsShouldProcess));
    }

    [Fact]
    public void Parameters_are_singular_and_hold_nothing_of_others()
    {
        Assert.All(
            Found(engine.Cmdlets).SelectMany(c => c.Parameters.Keys.Where(IsOwn)),
            name => Assert.False(name.EndsWith('s') && !name.EndsWith("ss", StringComparison.Ordinal) && name != "MaxEvents", name));
    }

    [Fact]
    public void Table_views_have_at_most_five_columns_within_120()
    {
        using TemporaryFolder folder = new();
        foreach (string command in Found(Commands))
        {
            string[] lines = engine.Render($"$image = '{Repository.ModuleAssembly}'; $events = '{s_events}'; $folder = '{folder.Path}'; {command}").Split('\n');

            Assert.All(lines, line => Assert.InRange(line.Length, 0, 120));
            // Files that were written are shown by PowerShell's own view.
            if (Sample(command)[0].BaseObject is not FileSystemInfo && Array.Find(lines, l => l.StartsWith("---", StringComparison.Ordinal)) is { } rule)
            {
                Assert.InRange(rule.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length, 1, 5);
            }
        }
    }

    private static IEnumerable<string> Commands => s_samples.Value.SelectMany(g => g).Where(c => !c.StartsWith('#'));

    private static string GoodFile(CmdletInfo cmdlet) => cmdlet.Noun == "ApiTelemetryEvent" ? s_events : Repository.ModuleAssembly;

    private static bool IsOwn(string parameter) => !Cmdlet.CommonParameters.Contains(parameter);

    // A file cmdlet is one that the base class of that name serves, whatever it reads.
    private static bool IsFileCommand(Type? type) =>
        type is not null && (type.Name.StartsWith("FileInputCommand", StringComparison.Ordinal) || IsFileCommand(type.BaseType));

    private static bool IsInitOnly(MethodInfo set) =>
        set.ReturnParameter.GetRequiredCustomModifiers().Any(m => m.FullName == "System.Runtime.CompilerServices.IsExternalInit");

    private static bool IsScalar(Type type)
    {
        Type bare = Nullable.GetUnderlyingType(type) ?? type;
        return bare.IsPrimitive || bare.IsEnum || bare == typeof(string) || bare == typeof(decimal) || bare == typeof(DateTime)
            || bare == typeof(DateTimeOffset) || bare == typeof(TimeSpan) || bare == typeof(Guid) || bare == typeof(Version);
    }

    // A suite that found nothing to ask has failed.
    private static T[] Found<T>(IEnumerable<T> items)
    {
        T[] found = [.. items];
        Assert.NotEmpty(found);
        return found;
    }

    private IReadOnlyList<PSObject> Sample(string command)
    {
        using TemporaryFolder folder = new();
        IReadOnlyList<PSObject> output = engine.Invoke(
            command,
            new Dictionary<string, object> { ["image"] = Repository.ModuleAssembly, ["events"] = s_events, ["folder"] = folder.Path }).WithoutErrors();
        Assert.True(output.Count > 0, $"{command} wrote nothing.");
        return output;
    }
}
