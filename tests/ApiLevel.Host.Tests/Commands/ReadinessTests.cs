using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using ApiLevel.Host.Tests.Support;

namespace ApiLevel.Host.Tests.Commands;

/// <summary>The commands about what is on at a machine, with files that were collected elsewhere.</summary>
public sealed class ReadinessTests(EngineFixture engine) : IClassFixture<EngineFixture>
{
    private static readonly string s_state = Path.Combine(Repository.Root, "tests", "Fixtures", "state");

    private static Dictionary<string, object> Variables(params (string Name, object Value)[] more) =>
        new([new KeyValuePair<string, object>("state", s_state), .. more.Select(pair => new KeyValuePair<string, object>(pair.Name, pair.Value))]);

    [Fact(DisplayName = "without Windows and without files there is one error that names both ways to go on")]
    public void TellsBothWays()
    {
        Assert.SkipWhen(System.OperatingSystem.IsWindows(), "Here it reads the machine.");
        foreach (string command in new[] { "Test-ApiTelemetryReadiness", "Get-ApiBlindSpot", "Export-ApiTelemetryState x.json" })
        {
            ErrorRecord error = Assert.Single(engine.Invoke(command).Errors);

            Assert.StartsWith("StateNotCollected,", error.FullyQualifiedErrorId);
            Assert.Equal(ErrorCategory.NotEnabled, error.CategoryInfo.Category);
            Assert.Contains("Windows in question", error.Exception.Message);
            Assert.Contains("Collect-ApiTelemetryState.ps1", error.Exception.Message);
        }
    }

    [Fact(DisplayName = "a snapshot answers as the files that it was made from")]
    public void SnapshotAnswersAsFiles()
    {
        using TemporaryFolder folder = new();
        string file = Path.Combine(folder.Path, "state.json");
        FileInfo written = (FileInfo)Assert.Single(engine.Invoke("Export-ApiTelemetryState $file -Path $state", Variables(("file", file))).WithoutErrors()).BaseObject;
        Assert.Equal(file, written.FullName);

        string[] ofFiles = Rows("Test-ApiTelemetryReadiness -State $state", Variables());
        string[] ofSnapshot = Rows("Test-ApiTelemetryReadiness -State $file", Variables(("file", file)));

        Assert.NotEmpty(ofFiles);
        Assert.Equal(ofFiles, ofSnapshot);
        Assert.Contains("Security 4688 On auditpol.csv:47; systempolicies.reg:3; channels.txt:2", ofFiles);
    }

    [Fact(DisplayName = "a file that is there is kept with -NoClobber and -WhatIf, and replaced otherwise")]
    public void KeepsFile()
    {
        using TemporaryFolder folder = new();
        string file = folder.Write("state.json", "old"u8.ToArray());
        Dictionary<string, object> variables = Variables(("file", file));

        ErrorRecord error = Assert.Single(engine.Invoke("Export-ApiTelemetryState $file -Path $state -NoClobber", variables).Errors);
        Assert.StartsWith("FileExists,", error.FullyQualifiedErrorId);
        engine.Invoke("Export-ApiTelemetryState $file -Path $state -WhatIf", variables).WithoutErrors();
        Assert.Equal("old", File.ReadAllText(file));
        engine.Invoke("Export-ApiTelemetryState $file -Path $state", variables).WithoutErrors();
        Assert.StartsWith("{", File.ReadAllText(file));
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact(DisplayName = "one bad file among good ones is one error, a name that is none another")]
    public void BadFileAmongGood()
    {
        using TemporaryFolder folder = new();
        string bad = folder.Write("bad.txt", "nothing of a machine"u8.ToArray());

        EngineResult result = engine.Invoke("Test-ApiTelemetryReadiness Security 4624 -State $bad, $state", Variables(("bad", bad)));
        Assert.StartsWith("NotAConfigurationFile,", Assert.Single(result.Errors).FullyQualifiedErrorId);
        Assert.Equal(bad, result.Errors[0].TargetObject);
        Assert.Single(result.Objects);

        EngineResult none = engine.Invoke("Test-ApiTelemetryReadiness Security 4624 -State NoSuchName");
        Assert.Equal(["StateNotFound", "StateEmpty"], none.Errors.Select(error => error.FullyQualifiedErrorId.Split(',')[0]));
    }

    [Fact(DisplayName = "with a readiness Recorded means this machine, from a snapshot and from rows alike")]
    public void RecordedMeansThisMachine()
    {
        foreach (string readiness in new[] { "$state", "(Test-ApiTelemetryReadiness -State $state)" })
        {
            string[] verdicts = [.. engine.Invoke($"Test-ApiCoverage -Api kernel32!CreateRemoteThread, kernel32!OpenProcess -Readiness {readiness}", Variables())
                .WithoutErrors().Select(row => $"{row.Properties["Api"].Value} {row.Properties["Verdict"].Value}")];

            Assert.Equal(["CreateRemoteThread Recorded", "OpenProcess Recordable"], verdicts.Order());
        }

        PSObject first = engine.Invoke("Get-ApiEventMapping kernel32!CreateRemoteThread -Readiness $state", Variables()).WithoutErrors()[0];
        Assert.Equal(("Sysmon", 8, "Recorded"), (first.Properties["Source"].Value, first.Properties["EventId"].Value, first.Properties["Verdict"].Value));
    }

    [Fact(DisplayName = "a single event is asked of the Sysmon rules, and the rule's name is told")]
    public void SingleEvent()
    {
        const string Command = """
            'C:\Windows\System32\lsass.exe', 'C:\Windows\notepad.exe' | ForEach-Object {
                [pscustomobject]@{ ProviderName = 'Microsoft-Windows-Sysmon'; Id = 10; TargetImage = $_ } } |
                Test-ApiTelemetryReadiness -SysmonConfiguration $state/sysmon.xml
            """;

        Assert.Equal(
            ["On credential access", "Filtered "],
            engine.Invoke(Command, Variables()).WithoutErrors().Select(row => $"{row.Properties["State"].Value} {row.Properties["RuleName"].Value}"));
    }

    [Fact(DisplayName = "what few changes bring grows with each row and keeps to the number of lines")]
    public void BlindSpots()
    {
        IReadOnlyList<PSObject> rows = engine.Invoke("Get-ApiBlindSpot $state -First 4", Variables()).WithoutErrors();

        int[] totals = [.. rows.Select(row => (int)row.Properties["Total"].Value)];
        Assert.NotEmpty(totals);
        Assert.Equal(totals.Order(), totals);
        Assert.InRange(rows.Sum(row => ((string)row.Properties["Remediation"].Value).Split("; ").Length), 1, 4);
        Assert.All(rows, row => Assert.NotEqual("", row.Properties["Apis"].Value));
    }

    private string[] Rows(string command, Dictionary<string, object> variables) =>
        [.. engine.Invoke(command, variables).WithoutErrors().Select(row => $"{row.Properties["Source"].Value} {row.Properties["EventId"].Value} {row.Properties["State"].Value} {row.Properties["Evidence"].Value}")];
}
