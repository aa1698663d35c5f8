using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using ApiLevel.Host.Tests.Support;

namespace ApiLevel.Host.Tests.Commands;

/// <summary>A team's own facts, end to end.</summary>
public sealed class OverlayTests(EngineFixture engine) : IClassFixture<EngineFixture>, IDisposable
{
    private const string Facts = """
        source: Sysmon
        event: 10
        name: Process accessed
        apis:
          - api: ouragent!SecretCall
            relation: Direct
            condition: our agent is loaded
            evidence: medium
            reference: our lab
          - api: kernel32!OpenProcess
            relation: Direct
            condition: always, says our lab
            evidence: high
            reference: our lab
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        // The facts are the process's: what a test laid over them must not reach the next.
        engine.Invoke($"Remove-Module ApiLevel; Import-Module '{Repository.Manifest}'");
        _folder.Dispose();
    }

    [Fact]
    public void A_file_adds_its_facts_and_contradictions_are_told()
    {
        EngineResult result = Run("Import-ApiEventMapping $f -PassThru", _folder.Write("ours.yml", Facts));

        Assert.Equal(["SecretCall", "OpenProcess"], result.WithoutErrors().Select(row => (string)row.Properties["Api"].Value));
        Assert.Contains("kernel32!OpenProcess", Assert.Single(result.Warnings), StringComparison.Ordinal);
        Assert.Contains("always, says our lab", result.Warnings[0], StringComparison.Ordinal);
        Assert.Contains("Medium", engine.Invoke("Get-ApiEventMapping SecretCall").WithoutErrors().Select(row => row.Properties["Evidence"].Value));
        Assert.Contains("ours.yml", (string)engine.Invoke("Get-ApiMappingStore").WithoutErrors()[0].Properties["Overlays"].Value, StringComparison.Ordinal);
    }

    [Fact]
    public void A_malformed_file_names_file_line_and_field_and_changes_nothing()
    {
        string file = _folder.Write("bad.yml", Facts.Replace("relation: Direct", "relation: Sideways", StringComparison.Ordinal));
        EngineResult result = Run("Import-ApiEventMapping $f", file);

        Assert.NotEmpty(result.Errors);
        Assert.All(result.ErrorIds, id => Assert.Equal("OverlayInvalid", id));
        Assert.Contains("bad.yml", result.Errors[0].Exception.Message, StringComparison.Ordinal);
        Assert.Contains("6", result.Errors[0].Exception.Message, StringComparison.Ordinal);
        Assert.Contains("relation", result.Errors[0].Exception.Message, StringComparison.Ordinal);
        Assert.Equal(["ApiNotFound"], engine.Invoke("Get-ApiEventMapping SecretCall").ErrorIds);
        Assert.Equal("", engine.Invoke("Get-ApiMappingStore").WithoutErrors()[0].Properties["Overlays"].Value);
    }

    [Fact]
    public void Rows_of_a_table_are_one_overlay_and_one_bad_row_stops_all()
    {
        const string Row = "[pscustomobject]@{ Api = 'SecretRow'; Module = 'ouragent'; Source = 'Sysmon'; EventId = 'ID'; Relation = 'Direct'; Condition = ''; Evidence = 'Medium'; Reference = 'our lab' }";
        string good = Row.Replace("ID", "10", StringComparison.Ordinal);

        Assert.Equal(["OverlayInvalid"], engine.Invoke($"{good}, {Row.Replace("ID", "ten", StringComparison.Ordinal)} | Import-ApiEventMapping").ErrorIds);
        Assert.Equal(["ApiNotFound"], engine.Invoke("Get-ApiEventMapping SecretRow").ErrorIds);
        engine.Invoke(good + " | Import-ApiEventMapping").WithoutErrors();
        Assert.Equal(10, Assert.Single(engine.Invoke("Get-ApiEventMapping ouragent!SecretRow").WithoutErrors()).Properties["EventId"].Value);
    }

    [Fact]
    public void What_is_exported_can_be_imported_again()
    {
        string file = Path.Combine(_folder.Path, "out.yml");
        string before = Key(engine.Invoke("Get-ApiEventMapping CreateRemoteThread -NoLowerCall"));
        Run("Get-ApiEventMapping CreateRemoteThread -NoLowerCall | Export-ApiEventMapping $f", file).WithoutErrors();
        EngineResult again = Run("Import-ApiEventMapping $f -PassThru", file);

        Assert.Equal(before, Key(again));
        Assert.Empty(again.Warnings);
        File.Delete(file);
        Run("Get-ApiEventMapping OpenProcess | Export-ApiEventMapping $f -WhatIf", file);
        Assert.False(File.Exists(file));

        static string Key(EngineResult result) => string.Join('\n', result.WithoutErrors()
            .Select(row => string.Join('|', new[] { "Api", "Module", "Source", "EventId", "Relation", "Via", "Condition", "Evidence" }.Select(name => row.Properties[name].Value)))
            .Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_environment_variable_names_overlays_for_a_new_process()
    {
        string file = _folder.Write("ours.yml", Facts);
        ConsoleResult result = await ConsoleProcess.RunAsync(
            "-Command", $"[Environment]::SetEnvironmentVariable('APILEVEL_OVERLAY', '{file}'); Get-ApiEventMapping SecretCall", "-Output", "Json");

        Assert.Contains("\"EventId\":10", result.Output, StringComparison.Ordinal);
        Assert.Equal(0, result.ExitCode);

        string bad = _folder.Write("bad.yml", "source: Sysmon\nevent: ten\n");
        result = await ConsoleProcess.RunAsync("-Command", $"[Environment]::SetEnvironmentVariable('APILEVEL_OVERLAY', '{bad}'); (Get-ApiDefinition OpenProcess).Api");
        Assert.Contains("OpenProcess", result.Output, StringComparison.Ordinal);
        Assert.Contains("APILEVEL_OVERLAY", result.Error, StringComparison.Ordinal);
        Assert.Contains("bad.yml", result.Error, StringComparison.Ordinal);
    }

    private EngineResult Run(string script, string file) => engine.Invoke(script, new Dictionary<string, object> { ["f"] = file });
}
