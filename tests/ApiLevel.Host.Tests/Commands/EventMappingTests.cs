using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using ApiLevel.Host.Tests.Support;

namespace ApiLevel.Host.Tests.Commands;

/// <summary>Get-ApiEventMapping by API and by event.</summary>
public sealed class EventMappingTests(EngineFixture engine) : IClassFixture<EngineFixture>
{
    [Theory]
    [InlineData("LogonUserA", "Security", 4624)]
    [InlineData("LogonUserW", "Security", 4624)]
    [InlineData("LogonUser", "Security", 4625)]
    [InlineData("advapi32!LogonUser", "Security", 4648)]
    [InlineData("advapi32.dll!logonuserw", "Security", 4624)]
    [InlineData("CreateRemoteThread", "Sysmon", 8)]
    [InlineData("OpenProcess", "Sysmon", 10)]
    [InlineData("kernelbase!OpenProcess", "Sysmon", 10)]
    [InlineData("api-ms-win-core-processthreads-l1-1-0!OpenProcess", "Sysmon", 10)]
    [InlineData("OpenProcess", "Microsoft-Windows-Kernel-Audit-API-Calls", 5)]
    [InlineData("CreateProcess", "Sysmon", 1)]
    [InlineData("CreateProcessW", "Security", 4688)]
    [InlineData("TerminateProcess", "Sysmon", 5)]
    [InlineData("ExitProcess", "Sysmon", 5)]
    public void An_api_leads_to_its_event(string name, string source, int id) =>
        Assert.Contains(Mappings($"Get-ApiEventMapping '{name}'"), row => (string?)row["Source"] == source && (int?)row["EventId"] == id);

    [Theory]
    [InlineData("Threat-Intelligence", 11, "Microsoft-Windows-Threat-Intelligence")]
    [InlineData("threat-intel*", 11, "Microsoft-Windows-Threat-Intelligence")]
    [InlineData("System", 7045, "Service Control Manager")]
    [InlineData("Security", 1102, "Microsoft-Windows-Eventlog")]
    [InlineData("Security", 4624, "Security")]
    public void A_source_is_named_as_tables_show_it_or_by_its_channel(string name, int id, string source)
    {
        Dictionary<string, object?>[] rows = Mappings($"Get-ApiEventMapping -Source '{name}' -EventId {id}");

        Assert.NotEmpty(rows);
        Assert.All(rows, row => Assert.Equal(source, row["Source"]));
    }

    [Theory]
    [InlineData("Threat", "Near names: Threat-Intelligence.")]
    [InlineData("Sysmom", "Near names: Sysmon.")]
    public void An_unknown_source_is_answered_with_near_names(string name, string near) =>
        Assert.Contains(near, Assert.Single(engine.Invoke($"Get-ApiEventMapping -Source {name}").Errors).Exception.Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("4688", "-EventId 4688")]
    [InlineData("T1055.001", "-Technique T1055.001")]
    public void What_is_no_api_but_an_event_or_a_technique_is_told_so(string name, string hint) =>
        Assert.Contains(hint, Assert.Single(engine.Invoke($"Get-ApiEventMapping {name}").Errors).Exception.Message, StringComparison.Ordinal);

    [Fact]
    public void A_technique_is_asked_for_with_its_sub_techniques()
    {
        string[] apis = [.. Mappings("Get-ApiEventMapping -Technique T1055").Select(row => (string)row["Api"]!)];
        Assert.Contains("QueueUserAPC", apis);
        Assert.Empty(Mappings("Get-ApiEventMapping -Technique T1055.001 | Where-Object Api -eq QueueUserAPC"));
    }

    [Fact]
    public void An_event_that_is_known_without_a_call_is_no_silence() =>
        Assert.Contains(engine.Invoke("Get-ApiEventMapping -Source Sysmon -EventId 25").Warnings, warning => warning.Contains("which calls lead to it is not", StringComparison.Ordinal));

    [Fact]
    public void Outcomes_of_one_api_are_told_apart_and_name_who_writes_them()
    {
        Dictionary<string, object?>[] logons = Mappings("Get-ApiEventMapping LogonUserA -Source Security -EventId 4624, 4625");

        Assert.Equal([4624, 4625], logons.Select(row => (int)row["EventId"]!).Order());
        Assert.Equal(2, logons.Select(row => row["Condition"]).Distinct().Count());
        Assert.All(logons, row => Assert.Contains("lsass", (string)row["Emitter"]!, StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData(1, "process/create")]
    [InlineData(5, "process/terminate")]
    public void The_draft_places_process_creation_and_its_end_at_level_5(int id, string car)
    {
        Dictionary<string, object?>[] rows = Mappings($"Get-ApiEventMapping -Source Sysmon -EventId {id}");

        Assert.NotEmpty(rows);
        Assert.All(rows, row => Assert.Equal("5", row["Level"]));
        Assert.All(rows, row => Assert.Equal(car, row["Car"]));
    }

    [Theory]
    [InlineData("OpnProcess", "kernel32!OpenProcess")]
    [InlineData("RemoteThread", "kernel32!CreateRemoteThread")]
    [InlineData("kernel32!OpenProces", "kernel32!OpenProcess")]
    [InlineData("Process::Strat", "System.Diagnostics.Process::Start")]
    public void An_unknown_name_is_an_error_with_the_nearest_name_first_and_the_next_name_follows(string name, string near)
    {
        EngineResult result = engine.Invoke("$n, 'OpenProcess' | Get-ApiEventMapping", new Dictionary<string, object> { ["n"] = name });

        ErrorRecord error = Assert.Single(result.Errors);
        Assert.False(result.Ended);
        Assert.Equal("ApiNotFound,ApiLevel.Commands.GetApiEventMappingCommand", error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.ObjectNotFound, error.CategoryInfo.Category);
        Assert.Equal(name, error.TargetObject);
        Assert.Contains("Near names: " + near, error.Exception.Message, StringComparison.Ordinal);
        Assert.Contains(10, result.Values("EventId"));
    }

    [Fact]
    public void A_plain_name_without_an_event_is_one_row_that_says_so()
    {
        Dictionary<string, object?> row = Assert.Single(Mappings("Get-ApiEventMapping GetTickCount"));

        Assert.Equal("None", row["Relation"]);
        Assert.Null(row["Source"]);
        Assert.Null(row["EventId"]);
        Assert.Equal("no event known", row["Condition"]);
        Assert.Contains((string)row["Verdict"]!, new[] { "Invisible", "Untracked", "Unknown" });
        Assert.Equal("None", Assert.Single(Mappings("Get-ApiEventMapping GetTickCount -Relation None"))["Relation"]);
        Assert.Empty(Mappings("Get-ApiEventMapping GetTickCount -Relation Direct"));
    }

    [Fact]
    public void A_wildcard_writes_no_rows_without_an_event()
    {
        Assert.Empty(Mappings("Get-ApiEventMapping GetTickCoun*"));
        Assert.Empty(Mappings("Get-ApiEventMapping NoSuchThing*"));
        Assert.DoesNotContain(Mappings("Get-ApiEventMapping Create*"), row => (string?)row["Relation"] == "None");
    }

    [Fact]
    public void Without_lower_calls_only_what_the_api_itself_has_is_listed()
    {
        Dictionary<string, object?> row = Assert.Single(Mappings("Get-ApiEventMapping System.IO.File::Delete -NoLowerCall"));

        Assert.Equal("no event of its own", row["Condition"]);
        Assert.Equal("kernel32!DeleteFile", row["Via"]);
        Assert.Contains(Mappings("Get-ApiEventMapping System.IO.File::Delete"), found => (string?)found["Relation"] == "ViaLowerCall");
    }

    [Fact]
    public void An_event_lists_every_api_that_leads_to_it_grouped_by_module()
    {
        Dictionary<string, object?>[] rows = Mappings("Get-ApiEventMapping -Source Security -EventId 5145 -NoLowerCall");

        Assert.True(rows.Length > 20, $"{rows.Length} rows");
        Assert.All(rows, row => Assert.Equal(5145, row["EventId"]));
        Assert.Equal(rows.Select(row => (string)row["Module"]!).Order(StringComparer.Ordinal), rows.Select(row => (string)row["Module"]!));
    }

    [Theory]
    [InlineData("Sysmon")]
    [InlineData("sysmon")]
    [InlineData("Microsoft-Windows-Sysmon")]
    [InlineData("{5770385f-c22a-43e0-bf4c-06f5698ffbd9}")]
    [InlineData("5770385F-C22A-43E0-BF4C-06F5698FFBD9")]
    [InlineData("Microsoft-Windows-Sysmon/Operational")]
    [InlineData("Sysm*")]
    public void A_source_is_named_by_short_name_provider_guid_channel_or_pattern(string name) =>
        Assert.Equal([8], engine.Invoke("Get-ApiEventMapping CreateRemoteThread -ProviderName $s", new Dictionary<string, object> { ["s"] = name }).WithoutErrors()
            .Select(row => row.Properties["EventId"].Value));

    [Fact]
    public void An_unknown_source_ends_the_command_and_an_unknown_event_is_a_warning()
    {
        EngineResult result = engine.Invoke("'OpenProcess', 'CreateFile' | Get-ApiEventMapping -Source NoSuchSource");
        Assert.Equal(["SourceNotFound"], result.ErrorIds);
        Assert.Empty(result.Objects);
        Assert.Contains("999", Assert.Single(engine.Invoke("Get-ApiEventMapping -Source Sysmon -EventId 999").Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Techniques_and_categories_narrow_and_meet()
    {
        Assert.Contains("WriteProcessMemory", Mappings("Get-ApiEventMapping -Technique T1055*").Select(row => (string)row["Api"]!));
        Assert.All(Mappings("Get-ApiEventMapping -Technique T1055.012"), row => Assert.Contains("T1055.012", (string)row["Technique"]!, StringComparison.Ordinal));
        Assert.All(
            Mappings("Get-ApiEventMapping -Technique T1055* -Category *process/inject*"),
            row => Assert.Contains("process/inject", (string)row["Category"]!, StringComparison.Ordinal));
        Assert.Equal(["TechniqueNotFound"], engine.Invoke("Get-ApiEventMapping -Technique T9999").ErrorIds);
        Assert.Equal(["CategoryNotFound"], engine.Invoke("Get-ApiEventMapping -Category nothing-like-it").ErrorIds);
    }

    [Fact]
    public void Evidence_build_and_schema_leave_out_what_is_weaker_or_newer()
    {
        Assert.All(Mappings("Get-ApiEventMapping Open* -MinimumEvidence High"), row => Assert.Equal("High", row["Evidence"]));
        Assert.DoesNotContain(Mappings("Get-ApiEventMapping CreateFile -SysmonVersion 3.0"), row => (int?)row["EventId"] is 23 or 26);
        Assert.True(
            Mappings("Get-ApiEventMapping -Source Sysmon -SysmonVersion 3.0").Length < Mappings("Get-ApiEventMapping -Source Sysmon").Length);
        Assert.True(
            Mappings("Get-ApiEventMapping -Source *Threat-Intel* -WindowsBuild 10-1607").Length < Mappings("Get-ApiEventMapping -Source *Threat-Intel*").Length);
        Assert.Equal(
            Mappings("Get-ApiEventMapping -Source *Threat-Intel* -WindowsBuild 10-1607").Length,
            Mappings("Get-ApiEventMapping -Source *Threat-Intel* -WindowsBuild 14393").Length);
        Assert.Equal(["ReleaseUnknown"], engine.Invoke("Get-ApiEventMapping OpenProcess -WindowsBuild Vista").ErrorIds);
    }

    [Theory]
    [InlineData("OpenProcess", "kernel32")]
    [InlineData("OpenProcess", "kernelbase.dll")]
    [InlineData("OpenProcess", "kern*")]
    [InlineData("OpenProc*", "kernel32")]
    public void A_module_narrows_a_name_in_every_spelling(string api, string module)
    {
        foreach (string command in new[] { "Get-ApiEventMapping", "Get-ApiDefinition", "Get-ApiCallChain" })
        {
            IReadOnlyList<PSObject> found = engine.Invoke(command + " $a -Module $m", new Dictionary<string, object> { ["a"] = api, ["m"] = module }).WithoutErrors();

            Assert.Contains(found, row => (string)row.Properties["Api"].Value == "OpenProcess" && (string)row.Properties["Module"].Value == "kernel32");
        }
    }

    [Fact]
    public void The_first_mapping_comes_before_the_last_is_built()
    {
        // The pipeline is stopped from within at the first object: had all been built before, the verbose count would tell 1 all the same,
        // so what is asked is whether a consumer sees an object while the producer still has the rest to do.
        using PowerShell shell = PowerShell.Create(engine.Runspace);
        PSDataCollection<PSObject> output = [];
        int atFirst = 0;
        output.DataAdded += (_, _) =>
        {
            if (atFirst++ == 0)
            {
                shell.BeginStop(null, null);
            }
        };
        shell.AddScript("Get-ApiEventMapping *");

        try
        {
            shell.Invoke(null, output, null);
        }
        catch (PipelineStoppedException)
        {
        }

        int all = Mappings("Get-ApiEventMapping *").Length;
        Assert.Empty(shell.Streams.Error);
        Assert.InRange(output.Count, 1, all - 1);
    }

    private Dictionary<string, object?>[] Mappings(string command) =>
        [.. engine.Invoke(command).WithoutErrors().Select(o => o.Properties.ToDictionary(p => p.Name, p => (object?)p.Value))];
}
