using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Threading.Tasks;
using ApiLevel.Host.Tests.Support;

namespace ApiLevel.Host.Tests.Commands;

/// <summary>Tab completion and the table views.</summary>
public sealed class ScreenTests(EngineFixture engine) : IClassFixture<EngineFixture>
{
    [Theory]
    [InlineData("Get-ApiEventMapping LogonUs", "LogonUser", "Security 4624")]
    [InlineData("Get-ApiEventMapping kernel32!OpenProc", "kernel32!OpenProcess", "Sysmon 10")]
    [InlineData("Get-ApiEventMapping OpenProc -Module kernel32", "OpenProcess", "Sysmon 10", 28)]
    [InlineData("Get-ApiEventMapping -Module kern", "kernel32", "APIs")]
    [InlineData("Get-ApiEventMapping -Source Sys", "Sysmon", "Sys")]
    [InlineData("Get-ApiEventMapping -Source 'Service Con", "'Service Control Manager'", "")]
    [InlineData("Get-ApiEventMapping -Source Service", "'Service Control Manager'", "")]
    [InlineData("Get-ApiEventMapping -Source Sysmon -EventId 1", "10", "Process accessed")]
    [InlineData("Get-ApiEventSource -Source Microsoft-Windows-Sysmon -EventId 1", "10", "Process accessed")]
    [InlineData("Get-ApiEventSource Sysmon 1", "10", "Process accessed")]
    [InlineData("Test-ApiCoverage -Technique T1055.01", "T1055.012", "APIs")]
    [InlineData("Get-ApiEventSource -Source Sysmon -EventId 10 -Field Granted", "GrantedAccess", "Sysmon 10")]
    [InlineData("Get-ApiEventMapping -WindowsBuild 11-24", "11-24H2", "24H2")]
    [InlineData("Get-ApiEventMapping OpenProcess -MinimumEvidence Hi", "High", "")]
    public void Tab_offers_what_exists_with_its_meaning(string typed, string offered, string meaning, int? cursor = null)
    {
        IReadOnlyList<CompletionResult> matches = engine.Complete(typed, cursor);

        Assert.Contains(offered, matches.Select(match => match.CompletionText));
        Assert.Contains(meaning, matches.First(match => match.CompletionText == offered).ToolTip, StringComparison.Ordinal);
    }

    [Fact]
    public void Event_ids_are_those_of_the_source_that_was_typed()
    {
        Assert.DoesNotContain("4624", engine.Complete("Get-ApiEventMapping -Source Sysmon -EventId 4").Select(match => match.CompletionText));
        Assert.Contains("4624", engine.Complete("Get-ApiEventMapping -Source Security -EventId 46").Select(match => match.CompletionText));
    }

    [Theory]
    [InlineData("Get-ApiEventMapping OpenProcess")]
    [InlineData("Get-ApiEventMapping -Technique T1055*")]
    [InlineData("Get-ApiEventMapping GetTickCount")]
    [InlineData("Get-ApiCallChain System.Diagnostics.Process::Start")]
    [InlineData("Get-ApiDefinition *LogonUser*")]
    [InlineData("Get-ApiEventSource -Source Sysmon")]
    [InlineData("Get-ApiImport $f")]
    [InlineData("Get-ApiImport $f -Summary")]
    [InlineData("Test-ApiCoverage $f")]
    [InlineData("Test-ApiCoverage $f -Summary")]
    [InlineData("Test-ApiCoverage -Technique T1055*")]
    public void A_table_fits_120_columns_live_and_after_a_trip_through_a_file(string command)
    {
        using TemporaryFolder folder = new();
        string file = folder.Write("tool.exe", Images.Tool());
        string script = command.Replace("$f", $"'{file}'", StringComparison.Ordinal);
        string live = engine.Render(script);
        string back = engine.Render(
            $"foreach ($o in @({script})) {{ [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($o)) }}");

        Assert.Equal(live, back);
        string[] lines = live.Split('\n');
        Assert.All(lines, line => Assert.InRange(line.Length, 0, 120));
        Assert.InRange(Array.Find(lines, line => line.StartsWith("--", StringComparison.Ordinal))!.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length, 2, 5);
    }

    [Fact]
    public void The_condition_is_shown_whole_and_broken_between_words()
    {
        string table = engine.Render("Get-ApiEventMapping OpenProcess");
        string words = string.Join(' ', table.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries));

        Assert.DoesNotContain("…", table, StringComparison.Ordinal);
        Assert.Contains("PROCESS_VM_READ", table, StringComparison.Ordinal);
        Assert.Contains("target process differs from caller; via ntdll!NtOpenProcess", words, StringComparison.Ordinal);
    }

    [Fact]
    public void A_verdict_without_an_event_says_why_and_groups_have_names()
    {
        string table = engine.Render("Test-ApiCoverage -Api GetTickCount, NtUnmapViewOfSection");

        Assert.Contains("File: none, asked by name", table, StringComparison.Ordinal);
        Assert.Matches("GetTickCount +(Untracked|Invisible|Unknown) +\\w", table);
        Assert.Contains("Module: none (.NET or COM)", engine.Render("Get-ApiEventMapping Process::Start"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Importing_the_module_does_not_open_the_store()
    {
        // In a process of its own: in this one other tests have asked already.
        ConsoleResult result = await ConsoleProcess.RunAsync(
            "-Command",
            "$state = (Get-Command Get-ApiDefinition).ImplementingType.Assembly.GetType('ApiLevel.ModuleState'); " +
            "$open = $state.GetProperty('IsStoreOpen', [System.Reflection.BindingFlags]'Static,Public,NonPublic'); " +
            "\"$($open.GetValue($null))\"; $null = Get-ApiDefinition OpenProcess; \"$($open.GetValue($null))\"");

        Assert.Equal(["False", "True"], result.OutputLines);
    }
}
