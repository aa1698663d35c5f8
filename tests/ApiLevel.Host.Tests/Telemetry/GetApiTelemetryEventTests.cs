using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Text;
using System.Threading;
using ApiLevel.Host.Tests.Support;

namespace ApiLevel.Host.Tests.Telemetry;

public sealed class GetApiTelemetryEventTests(EngineFixture engine) : IClassFixture<EngineFixture>
{
    private static readonly string s_recorded = Path.Combine(Repository.Root, "tests", "Fixtures", "recorded-events.json");

    private EngineResult Read(string parameters, string? file = null) =>
        engine.Invoke($"Get-ApiTelemetryEvent $f {parameters}", new Dictionary<string, object> { ["f"] = file ?? s_recorded });

    private static string[] Apis(EngineResult result) => [.. result.WithoutErrors().Select(e => (string)e.Properties["Api"].Value)];

    [Fact]
    public void Tells_who_called_what_in_the_order_of_the_file()
    {
        IReadOnlyList<PSObject> events = Read("").WithoutErrors();
        Assert.Equal([1, 10, 13, 4624, 7], events.Select(e => e.Properties["EventId"].Value));
        Assert.Equal(["NtCreateUserProcess", "OpenProcess", "CreateService", "AcceptSecurityContext", ""], events.Select(e => e.Properties["Api"].Value));
        Assert.Equal([1000, 4242, 700, null, null], events.Select(e => e.Properties["ProcessId"].Value));
        Assert.Equal(["cmd.exe", "reader.exe", "services.exe", "", ""], events.Select(e => e.Properties["ProcessName"].Value));
        Assert.Equal("Stack", events[1].Properties["Confidence"].Value);
        Assert.All(events, e => Assert.Equal(s_recorded, e.Properties["Path"].Value));
    }

    [Fact]
    public void Adds_fields_as_columns_that_are_empty_where_an_event_lacks_them()
    {
        IReadOnlyList<PSObject> events = Read("-Field TargetImage,GrantedAccess,GrantedAccessNames,CallingModule,Source").WithoutErrors();
        Assert.Equal(@"C:\Windows\system32\lsass.exe", events[1].Properties["TargetImage"].Value);
        Assert.Equal("0x1010", events[1].Properties["GrantedAccess"].Value);
        Assert.Equal("PROCESS_VM_READ; PROCESS_QUERY_LIMITED_INFORMATION", events[1].Properties["GrantedAccessNames"].Value);
        Assert.Equal("reader.exe", events[1].Properties["CallingModule"].Value);
        Assert.All(events.Where((_, i) => i != 1), e => Assert.Equal("", e.Properties["TargetImage"].Value));
        Assert.Equal("Sysmon", events[1].Properties["Source"].Value);
    }

    [Theory]
    [InlineData("-Api OpenProcess", "10")]
    [InlineData("-Api kernel32!DebugActiveProcess", "10")]
    [InlineData("-Api CreateService, NtOpenProcess", "10,13")]
    [InlineData("-Api NtSetValueKey", "13")]
    [InlineData("-Api RegDeleteValue", "")]
    [InlineData("-Source Sysmon", "1,10,13")]
    [InlineData("-Source Security", "4624")]
    [InlineData("-Source 5770385f-c22a-43e0-bf4c-06f5698ffbd9", "1,10,13")]
    [InlineData("-Source Example-*", "7")]
    [InlineData("-Source Application", "7")]
    [InlineData("-EventId 10,7", "10,7")]
    [InlineData("-Source Sysmon -EventId 10", "10")]
    [InlineData("-ProcessId 4242", "10")]
    [InlineData("-StartTime 2024-05-01T10:00:02Z -EndTime 2024-05-01T10:00:03.4Z", "13,4624")]
    public void Filters(string parameters, string ids) =>
        Assert.Equal(ids, string.Join(',', Read(parameters).WithoutErrors().Select(e => e.Properties["EventId"].Value)));

    [Fact]
    public void A_technique_asks_for_the_events_of_its_apis()
    {
        string technique = (string)engine.Invoke("(Get-ApiDefinition OpenProcess).Technique").WithoutErrors()[0].BaseObject;
        Assert.NotEmpty(technique);
        string[] apis = Apis(Read("-Technique " + technique.Split("; ")[0]));
        Assert.Contains("OpenProcess", apis);
        Assert.DoesNotContain("", apis);
    }

    [Fact]
    public void A_source_that_nobody_knows_and_no_record_has_is_an_error()
    {
        EngineResult result = Read("-Source Sysmn");
        Assert.Equal(["SourceNotFound"], result.ErrorIds);
        Assert.Empty(result.Objects);
    }

    [Fact]
    public void Files_are_written_in_the_order_they_were_given_in_whatever_their_size()
    {
        using TemporaryFolder folder = new();
        string large = folder.Write("b-large.json", Encoding.UTF8.GetBytes(Lines(3000)));
        string small = folder.Write("a-small.json", Encoding.UTF8.GetBytes(Lines(1)));
        EngineResult result = engine.Invoke("Get-ApiTelemetryEvent $f", new Dictionary<string, object> { ["f"] = new[] { large, small, large, small, large } });
        string[] paths = [.. result.WithoutErrors().Select(e => (string)e.Properties["Path"].Value)];
        Assert.Equal(9002, paths.Length);
        Assert.Equal([large, small, large, small, large], paths.Where((path, i) => i == 0 || paths[i - 1] != path));
        Assert.Equal(Enumerable.Range(0, 3000).Select(i => (object)(long)i), result.Objects.Take(3000).Select(e => e.Properties["RecordId"].Value));
    }

    [Fact]
    public void A_directory_is_walked_and_what_is_no_event_file_is_passed_over()
    {
        using TemporaryFolder folder = new();
        folder.Write("readme.txt", "hello"u8.ToArray());
        folder.Write("empty.evtx", []);
        folder.Write("settings.json", "{\"a\":1}"u8.ToArray());
        folder.Write("events.json", Encoding.UTF8.GetBytes(Lines(2)));
        EngineResult result = Read("-Recurse", folder.Path);
        Assert.Equal(2, result.WithoutErrors().Count);
        Assert.Empty(result.Warnings);
    }

    [Fact]
    public void One_bad_file_is_one_error_and_the_others_are_read()
    {
        using TemporaryFolder folder = new();
        string good = folder.Write("events.json", Encoding.UTF8.GetBytes(Lines(2)));
        foreach ((string id, ErrorCategory category, string bad) in new[]
        {
            ("FileNotFound", ErrorCategory.ObjectNotFound, Path.Combine(folder.Path, "missing.evtx")),
            ("FileEmpty", ErrorCategory.InvalidData, folder.Write("empty.evtx", [])),
            ("PathIsDirectory", ErrorCategory.InvalidArgument, folder.Path),
            ("NotAnEventFile", ErrorCategory.InvalidData, folder.Write("text.evtx", "no events here"u8.ToArray())),
        })
        {
            EngineResult result = engine.Invoke("$g, $b, $g | Get-ApiTelemetryEvent", new Dictionary<string, object> { ["g"] = good, ["b"] = bad });
            ErrorRecord error = Assert.Single(result.Errors);
            Assert.Equal((id + ",ApiLevel.Commands.GetApiTelemetryEventCommand", category, bad), (error.FullyQualifiedErrorId, error.CategoryInfo.Category, (string)error.TargetObject));
            Assert.Equal(4, result.Objects.Count);
        }
    }

    [Fact]
    public void Damage_is_one_warning_after_the_files_events()
    {
        using TemporaryFolder folder = new();
        string file = folder.Write("events.json", Encoding.UTF8.GetBytes(Lines(2) + "{\"broken\n" + Lines(1) + "{\"Id\":"));
        EngineResult result = Read("", file);
        Assert.True(result.WithoutErrors().Count >= 2);
        Assert.StartsWith(file + ": not read whole: ", Assert.Single(result.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("while ($true) { Get-ApiTelemetryEvent $f | ForEach-Object { $_; break } }")]
    [InlineData("Get-ApiTelemetryEvent $f | ForEach-Object { $_; throw 'enough' }")]
    public void A_consumer_that_has_enough_closes_the_files_at_once(string script)
    {
        using TemporaryFolder folder = new();
        string[] files = [.. Enumerable.Range(0, 6).Select(i => folder.Write(i + ".json", Encoding.UTF8.GetBytes(Lines(20_000))))];
        EngineResult result = engine.Invoke(script, new Dictionary<string, object> { ["f"] = files });
        Assert.Single(result.Objects);
        Assert.Empty(OpenFiles(folder.Path));
    }

    [Fact]
    public void Stopping_closes_the_files_at_once()
    {
        using TemporaryFolder folder = new();
        string[] files = [.. Enumerable.Range(0, 4).Select(i => folder.Write(i + ".json", Encoding.UTF8.GetBytes(Lines(20_000))))];
        using EngineFixture own = new();
        using PowerShell shell = PowerShell.Create(own.Runspace);
        using ManualResetEventSlim first = new();
        PSDataCollection<PSObject> output = [];
        output.DataAdded += (_, _) => first.Set();
        shell.AddScript("param($f) Get-ApiTelemetryEvent $f | ForEach-Object { $_; [System.Threading.Thread]::Sleep(5) }").AddParameter("f", files);
        IAsyncResult running = shell.BeginInvoke<PSObject, PSObject>(null, output);
        Assert.True(first.Wait(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));
        shell.Stop();
        Assert.ThrowsAny<RuntimeException>(() => shell.EndInvoke(running));
        Assert.Equal(PSInvocationState.Stopped, shell.InvocationStateInfo.State);
        Assert.InRange(output.Count, 1, 79_999);
        Assert.Empty(OpenFiles(folder.Path));
    }

    [Fact]
    public void The_table_reads_like_a_story_live_and_after_remoting()
    {
        string live = engine.Render($"Get-ApiTelemetryEvent '{s_recorded}'");
        string remoted = engine.Render(
            $"[System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize(@(Get-ApiTelemetryEvent '{s_recorded}')))");
        foreach (string text in new[] { live, remoted })
        {
            string line = Assert.Single(text.Split('\n'), l => l.Contains("OpenProcess", StringComparison.Ordinal));
            Assert.InRange(line.Length, 1, 120);
            foreach (string part in new[] { "05-01 10:00:01.200", "reader.exe (4242)", "kernel32!OpenProcess", "Sysmon 10", "lsass.exe PROCESS_VM_READ" })
            {
                Assert.Contains(part, line, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void Fields_are_completed_from_the_catalogue() =>
        Assert.Contains("GrantedAccess", engine.Complete("Get-ApiTelemetryEvent x.evtx -Source Sysmon -EventId 10 -Field Gran").Select(match => match.CompletionText));

    /// <summary>Every sample that names an id has events of it, with an API or with the reason why there is none.</summary>
    [Fact]
    public void Each_attack_sample_yields_what_its_name_says()
    {
        string samples = Path.Combine(Repository.Root, "..", "shared", "samples", "evtx-attack");
        if (!Directory.Exists(samples))
        {
            Assert.Skip("The sample recordings are not beside this checkout (../shared/samples).");
        }

        int named = 0;
        foreach (string file in Directory.GetFiles(samples, "ID*.evtx"))
        {
            string digits = new([.. Path.GetFileName(file).SkipWhile(c => !char.IsAsciiDigit(c)).TakeWhile(char.IsAsciiDigit)]);
            IReadOnlyList<PSObject> events = Read("-EventId " + digits, file).WithoutErrors();
            Assert.True(events.Count > 0, file);
            bool mapped = engine.Invoke(
                "foreach ($s in $sources) { Get-ApiEventMapping -Source $s -EventId $id }",
                new Dictionary<string, object>
                {
                    ["sources"] = events.Select(e => (string)e.Properties["Source"].Value).Distinct().Where(IsKnown).ToArray(),
                    ["id"] = int.Parse(digits, System.Globalization.CultureInfo.InvariantCulture),
                }).WithoutErrors().Count > 0;

            // Replication rights are what the mapped methods need; the read of a property by LDAP is none of them.
            bool excluded = Path.GetFileName(file).Contains("Honeypot", StringComparison.Ordinal);
            Assert.True(!mapped || excluded || events.Any(e => (string)e.Properties["Api"].Value != ""), file);
            named++;
        }

        Assert.True(named > 60, "Only " + named + " samples name an id.");
    }

    private bool IsKnown(string source) =>
        engine.Invoke("Get-ApiEventSource -Source $s", new Dictionary<string, object> { ["s"] = source }).Errors.Count == 0;

    private static string Lines(int count)
    {
        StringBuilder text = new();
        for (int i = 0; i < count; i++)
        {
            text.Append("{\"ProviderName\":\"Microsoft-Windows-Sysmon\",\"Id\":11,\"RecordId\":").Append(i)
                .Append(",\"LogName\":\"x\",\"EventData\":{\"Image\":\"C:\\\\a.exe\",\"TargetFilename\":\"C:\\\\f\"}}\n");
        }

        return text.ToString();
    }

    /// <summary>The files of a folder that this process holds open; what cannot be told is opened for itself alone.</summary>
    private static IEnumerable<string> OpenFiles(string folder)
    {
        if (Directory.Exists("/proc/self/fd"))
        {
            return [.. Directory.GetFiles("/proc/self/fd").Select(fd => new FileInfo(fd).LinkTarget ?? "").Where(target => target.StartsWith(folder, StringComparison.Ordinal))];
        }

        foreach (string file in Directory.GetFiles(folder))
        {
            using FileStream alone = new(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        }

        return [];
    }
}
