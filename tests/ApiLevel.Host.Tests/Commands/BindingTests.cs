using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using ApiLevel.Host.Tests.Support;

namespace ApiLevel.Host.Tests.Commands;

/// <summary>What may come down the pipeline into the commands that take names, events or imports.</summary>
public sealed class BindingTests(EngineFixture engine) : IClassFixture<EngineFixture>
{
    private static readonly string[] s_live = ["", "[System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($x))"];

    [Fact]
    public void Imports_live_and_from_a_file_lead_to_their_mappings()
    {
        foreach (string again in s_live)
        {
            IReadOnlyList<PSObject> rows = Run($"$x = @(Get-ApiImport $f); {Again(again)} $x | Get-ApiEventMapping");

            Assert.Contains(rows, row => (string?)row.Properties["Source"].Value == "Sysmon" && Equals(row.Properties["EventId"].Value, 10));
            Assert.DoesNotContain(rows, row => (string)row.Properties["Api"].Value == "WSAStartup" && row.Properties["EventId"].Value is not null);
        }
    }

    [Fact]
    public void An_ordinal_without_a_name_lists_no_mappings_but_its_own()
    {
        Assert.DoesNotContain(
            Run("Get-ApiImport $f -Module ourlib | ForEach-Object { if ($_.Ordinal -eq 7) { $_ } } | Get-ApiEventMapping"),
            row => row.Properties["EventId"].Value is not null);
    }

    [Fact]
    public void An_import_of_a_module_outside_the_catalogue_is_one_row_and_no_error()
    {
        PSObject row = Assert.Single(Run("Get-ApiImport $f -Api OurFunction | Get-ApiEventMapping"));

        Assert.Equal("ourlib!OurFunction", row.Properties["Module"].Value + "!" + row.Properties["Api"].Value);
        Assert.Equal(("None", "Untracked", "not in the catalogue"), ((string)row.Properties["Relation"].Value, (string)row.Properties["Verdict"].Value, (string)row.Properties["Condition"].Value));
        Assert.Equal(["ApiNotFound"], engine.Invoke("Get-ApiEventMapping ourlib!OurFunction").ErrorIds);
    }

    [Fact]
    public void Piped_imports_are_judged_once_each_and_as_the_file_is()
    {
        foreach (string again in s_live)
        {
            IReadOnlyList<PSObject> piped = Run($"$x = @(Get-ApiImport $f); {Again(again)} $x | Test-ApiCoverage");
            IReadOnlyList<PSObject> read = Run("Test-ApiCoverage $f");

            Assert.NotEmpty(read);
            Assert.Equal(read.Select(Text), piped.Select(Text));
        }
    }

    [Fact]
    public void An_import_is_judged_by_parameter_live_and_from_a_file()
    {
        foreach (string again in s_live)
        {
            PSObject row = Assert.Single(Run($"$x = @(Get-ApiImport $f -Api OpenProcess)[0]; {Again(again)} Test-ApiCoverage -InputObject $x"));

            Assert.Equal("Recordable", row.Properties["Verdict"].Value);
            Assert.Equal("Sysmon", row.Properties["Source"].Value);
        }
    }

    [Fact]
    public void Verdicts_lead_to_mappings_of_their_apis_and_not_only_to_their_best_event()
    {
        foreach (string again in s_live)
        {
            IReadOnlyList<PSObject> rows = Run($"$x = @(Test-ApiCoverage $f -Verdict Recordable); {Again(again)} $x | Get-ApiEventMapping");

            Assert.Contains(rows, row => Equals(row.Properties["EventId"].Value, 10));
            Assert.Contains(rows, row => Equals(row.Properties["EventId"].Value, 5) && (string)row.Properties["Api"].Value == "OpenProcess");
        }
    }

    [Fact]
    public void Events_lead_to_their_apis_and_an_unknown_source_among_them_is_one_error()
    {
        foreach (string again in s_live)
        {
            Assert.Contains(
                Run($"$x = Get-ApiEventSource -Source Sysmon -EventId 8; {Again(again)} $x | Get-ApiEventMapping"),
                row => (string)row.Properties["Api"].Value == "CreateRemoteThread");
        }

        EngineResult result = engine.Invoke(
            "[pscustomobject]@{ ProviderName = 'No-Such'; Id = 1 }, [pscustomobject]@{ ProviderName = 'Microsoft-Windows-Sysmon'; Id = 8 } | Get-ApiEventMapping");
        Assert.Equal(["SourceNotFound"], result.ErrorIds);
        Assert.False(result.Ended);
        Assert.Contains("CreateRemoteThread", result.Values("Api"));
        Assert.Equal(
            ["SourceNotFound"],
            engine.Invoke("[pscustomobject]@{ Source = 'No-Such' }, [pscustomobject]@{ Source = 'Sysmon' } | Get-ApiEventSource").ErrorIds);
    }

    [Theory]
    [InlineData("[pscustomobject]@{ Api = 'OpenProcess'; Module = 'kernel32' }")]
    [InlineData("[pscustomobject]@{ Api = 'OpenProcess'; Module = $null }")]
    [InlineData("[pscustomobject]@{ Api = 'OpenProcess' }")]
    [InlineData("[pscustomobject]@{ Api = 'OpenProcess'; Module = '' }")]
    public void A_foreign_object_is_taken_by_its_properties(string made) =>
        Assert.Equal(
            Run("Get-ApiEventMapping OpenProcess").Select(Text),
            Run(made + " | Get-ApiEventMapping").Select(Text));

    [Theory]
    [InlineData("[pscustomobject]@{ Api = $null; Module = 'kernel32' } | Get-ApiEventMapping")]
    [InlineData("[pscustomobject]@{ Api = $null; Module = 'kernel32' } | Get-ApiDefinition")]
    [InlineData("[pscustomobject]@{ Module = $null } | Get-ApiEventMapping")]
    [InlineData("[pscustomobject]@{ Module = $null } | Get-ApiDefinition")]
    [InlineData("[pscustomobject]@{ Source = $null; EventId = 8 } | Get-ApiEventMapping")]
    [InlineData("[pscustomobject]@{ Source = 'Sysmon'; EventId = $null } | Get-ApiEventMapping")]
    [InlineData("[pscustomobject]@{ Source = $null } | Get-ApiEventSource")]
    [InlineData("[pscustomobject]@{ Source = 'Sysmon'; EventId = $null } | Get-ApiEventSource")]
    public void A_property_that_is_null_does_not_ask_for_everything(string command) => Assert.Empty(engine.Invoke(command).Objects);

    [Fact]
    public void An_object_that_is_no_api_is_not_turned_into_a_name()
    {
        EngineResult result = engine.Invoke("[pscustomobject]@{ Colour = 'red' } | Get-ApiEventMapping");

        Assert.Empty(result.Objects);
        Assert.DoesNotContain("ApiNotFound", result.ErrorIds);
    }

    private static string Again(string again) => again.Length == 0 ? "" : "$x = " + again + ";";

    private static string Text(PSObject row) => string.Join('|', row.Properties.Select(p => p.Value));

    private IReadOnlyList<PSObject> Run(string script)
    {
        using TemporaryFolder folder = new();
        string file = folder.Write("tool [1].exe", Images.Tool());
        return engine.Invoke(script, new Dictionary<string, object> { ["f"] = file }).WithoutErrors()
            .Select(row =>
            {
                // The folder is another one each time.
                PSObject copy = new();
                foreach (PSPropertyInfo property in row.Properties)
                {
                    copy.Properties.Add(new PSNoteProperty(property.Name, property.Name == "Path" && property.Value is not null ? "file" : property.Value));
                }

                return copy;
            })
            .ToArray();
    }
}
