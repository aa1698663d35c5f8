using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using ApiLevel.Core.Tests.Support;
using ApiLevel.Facts;
using ApiLevel.Formats;
using ApiLevel.Formats.Configuration;
using ApiLevel.Names;
using ApiLevel.Readiness;

namespace ApiLevel.Core.Tests.Readiness;

/// <summary>What an event needs against what a snapshot says.</summary>
public class ReadinessTests
{
    private const string Logon = "0cce9215-69ae-11d9-bed3-505054503030";
    private const string Creation = "0cce922b-69ae-11d9-bed3-505054503030";
    private const string Files = "0cce921d-69ae-11d9-bed3-505054503030";
    private const string Keys = "0cce921e-69ae-11d9-bed3-505054503030";
    private const string Kernel = "0cce921f-69ae-11d9-bed3-505054503030";
    private const string Handles = "0cce9223-69ae-11d9-bed3-505054503030";
    private const string PowerShell = @"HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\Windows\PowerShell";

    private static readonly MappingStore s_store = Store();

    [Theory(DisplayName = "a success event needs success, a failure event failure, one of either is on with any")]
    [InlineData(4624, AuditOutcomes.Success, ReadinessState.On)]
    [InlineData(4624, AuditOutcomes.Failure, ReadinessState.Off)]
    [InlineData(4624, AuditOutcomes.None, ReadinessState.Off)]
    [InlineData(4625, AuditOutcomes.Success, ReadinessState.Off)]
    [InlineData(4625, AuditOutcomes.Failure, ReadinessState.On)]
    [InlineData(4673, AuditOutcomes.Failure, ReadinessState.On)]
    [InlineData(9999, AuditOutcomes.Success | AuditOutcomes.Failure, ReadinessState.On)]
    [InlineData(9999, AuditOutcomes.Success, ReadinessState.Unknown)]
    [InlineData(9999, AuditOutcomes.None, ReadinessState.Off)]
    public void OutcomesAreApart(int eventId, AuditOutcomes audited, ReadinessState expected)
    {
        var state = new TelemetryState();
        state.Audit[new Guid(Logon)] = new Known<AuditOutcomes?>(audited, "auditpol.csv:7");

        EventReadiness answer = Ask(state, "Security", eventId);

        Assert.Equal(expected, answer.State);
        Assert.Equal("auditpol.csv:7", answer.Evidence);
        Assert.Equal(expected == ReadinessState.On, answer.RemediationText.Length == 0);
    }

    [Fact(DisplayName = "not configured is not known, no auditing is off, not collected is not known")]
    public void NotConfiguredIsNotOff()
    {
        var state = new TelemetryState();
        Assert.Equal(ReadinessState.Unknown, Ask(state, "Security", 4624).State);
        state.Audit[new Guid(Logon)] = new Known<AuditOutcomes?>(null, "audit.csv:2");
        Assert.Equal(ReadinessState.Unknown, Ask(state, "Security", 4624).State);
        Assert.Contains("not configured", Ask(state, "Security", 4624).Reason);
        state.Audit[new Guid(Logon)] = new Known<AuditOutcomes?>(AuditOutcomes.None, "auditpol.csv:2");
        EventReadiness off = Ask(state, "Security", 4624);
        Assert.Equal(ReadinessState.Off, off.State);
        Assert.Equal("auditpol /set /subcategory:\"{" + Logon + "}\" /success:enable", off.RemediationText);
    }

    [Fact(DisplayName = "a subcategory that a whole report lacks does not exist on the machine")]
    public void WholeReportLacksSubcategory()
    {
        var state = new TelemetryState { AuditInForce = "auditpol.csv" };

        Assert.Equal(ReadinessState.NotApplicable, Ask(state, "Security", 4624).State);
    }

    [Fact(DisplayName = "the field's lack is told, and does not turn the event off")]
    public void FieldIsTold()
    {
        var state = new TelemetryState();
        state.Audit[new Guid(Creation)] = new Known<AuditOutcomes?>(AuditOutcomes.Success, "a:1");
        state.RegistryBranches[@"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies"] = "p.reg:3";

        EventReadiness answer = Ask(state, "Security", 4688);

        Assert.Equal(ReadinessState.On, answer.State);
        Assert.Contains("field: CommandLine is empty", answer.Reason);
        Assert.Contains("p.reg:3", answer.Evidence);
        Assert.Equal(
            @"reg add ""HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System\Audit"" /v ""ProcessCreationIncludeCmdLine_Enabled"" /t REG_DWORD /d 1 /f",
            answer.RemediationText);
    }

    [Fact(DisplayName = "an access event needs the list of its own kind of object")]
    public void ListBelongsToKind()
    {
        var state = new TelemetryState();
        state.Audit[new Guid(Keys)] = new Known<AuditOutcomes?>(AuditOutcomes.Success, "a:1");
        state.Audit[new Guid(Files)] = new Known<AuditOutcomes?>(AuditOutcomes.None, "a:2");
        state.Sacls.Add(new SaclState(SecuredObjectKind.File, "", "S:(AU;SA;FA;;;WD)", "s:1"));
        Assert.Equal(ReadinessState.Unknown, Ask(state, "Security", 4663).State);

        state.Sacls.Add(new SaclState(SecuredObjectKind.Key, @"HKLM\SAM", "S:(AU;SA;KA;;;WD)", "s:2"));
        EventReadiness some = Ask(state, "Security", 4663);
        Assert.Equal(ReadinessState.Filtered, some.State);
        Assert.Equal("auditpol /resourceSACL /set /type:Key /user:S-1-1-0 /success /access:KA", some.RemediationText);

        state.Sacls.Add(new SaclState(SecuredObjectKind.Key, "", "S:(AU;SA;KA;;;WD)", "s:3"));
        Assert.Equal(ReadinessState.On, Ask(state, "Security", 4663).State);
    }

    [Fact(DisplayName = "all requirements are needed: handle access with the object's subcategory alone is off")]
    public void AllRequirementsAreNeeded()
    {
        var state = new TelemetryState();
        state.Audit[new Guid(Keys)] = new Known<AuditOutcomes?>(AuditOutcomes.Success, "a:1");
        state.Audit[new Guid(Handles)] = new Known<AuditOutcomes?>(AuditOutcomes.None, "a:2");
        state.Sacls.Add(new SaclState(SecuredObjectKind.Key, "", "S:(AU;SA;KA;;;WD)", "s:3"));

        Assert.Equal(ReadinessState.Off, Ask(state, "Security", 4656).State);
    }

    [Fact(DisplayName = "a policy, a channel and the build decide, each with its place")]
    public void PolicyChannelBuild()
    {
        var state = new TelemetryState { Build = new Known<int>(19045, "v.reg:4") };
        state.Channels["Test/Operational"] = new Known<bool>(true, "c.txt:2");
        state.RegistryBranches[@"HKEY_LOCAL_MACHINE\SOFTWARE\Policies"] = "p.reg:3";
        EventReadiness off = Ask(state, "Test", 4104);
        Assert.Equal(ReadinessState.Off, off.State);
        Assert.Equal("p.reg:3; c.txt:2", off.Evidence);

        state.Registry[TelemetryState.RegistryName(PowerShell + @"\ScriptBlockLogging", "EnableScriptBlockLogging")] = new Known<string>("1", "p.reg:9");
        Assert.Equal(ReadinessState.On, Ask(state, "Test", 4104).State);
        state.Channels["Test/Operational"] = new Known<bool>(false, "c.txt:2");
        Assert.Equal("wevtutil sl \"Test/Operational\" /e:true", Ask(state, "Test", 4104).RemediationText);
        Assert.Equal(ReadinessState.NotApplicable, Ask(state, "Test", 7).State);
    }

    [Fact(DisplayName = "a protected consumer and a session are said to be what they are")]
    public void SessionsAndConsumers()
    {
        var state = new TelemetryState();
        Assert.Equal((ReadinessState.Unknown, ""), (Ask(state, "Test", 1).State, Ask(state, "Test", 1).RemediationText));
        Assert.Equal("Start-ApiTelemetryTrace -Provider 'Kernel-Audit'", Ask(state, "Kernel-Audit", 5).RemediationText);
        state.Sessions = [];
        Assert.Equal(ReadinessState.Off, Ask(state, "Kernel-Audit", 5).State);
    }

    [Fact(DisplayName = "Sysmon's sections decide: none, include, exclude, both, the default and the schema")]
    public void SysmonSections()
    {
        (string Xml, ReadinessState Access, ReadinessState Create)[] cases =
        [
            ("", ReadinessState.Off, ReadinessState.On),
            ("<ProcessAccess onmatch=\"include\"/><ProcessCreate onmatch=\"include\"/>", ReadinessState.Off, ReadinessState.Off),
            ("<ProcessAccess onmatch=\"exclude\"/>", ReadinessState.On, ReadinessState.On),
            ("<RuleGroup><ProcessAccess onmatch=\"include\"><Rule><TargetImage condition=\"is\">a</TargetImage></Rule></ProcessAccess></RuleGroup>", ReadinessState.Filtered, ReadinessState.On),
            ("<ProcessCreate onmatch=\"exclude\"><Image>a</Image></ProcessCreate>", ReadinessState.Off, ReadinessState.On),
        ];
        foreach ((string xml, ReadinessState access, ReadinessState create) in cases)
        {
            TelemetryState state = Build($"<Sysmon schemaversion=\"4.90\">\n<EventFiltering>\n{xml}\n</EventFiltering></Sysmon>");
            Assert.Equal((access, create), (Ask(state, "Sysmon", 10).State, Ask(state, "Sysmon", 1).State));
        }

        TelemetryState old = Build("<Sysmon schemaversion=\"3.30\"><EventFiltering/></Sysmon>");
        Assert.Equal("<Sysmon schemaversion=\"4.40\">; <ClipboardChange onmatch=\"exclude\"/>; <CaptureClipboard/>", Ask(old, "Sysmon", 24).RemediationText);
        old.Sysmon!.IsInstalled = new Known<bool>(false, "services.reg:1");
        Assert.Equal(ReadinessState.NotApplicable, Ask(old, "Sysmon", 24).State);
    }

    [Fact(DisplayName = "a configuration with a document type, one that is cut off and deep nesting are problems, not exceptions")]
    public void BadConfiguration()
    {
        const string Start = "<Sysmon schemaversion=\"4.9\"><EventFiltering><ProcessCreate onmatch=\"include\">";
        foreach (string xml in new[] { "<!DOCTYPE a [<!ENTITY x \"y\">]><Sysmon>&x;</Sysmon>", Start, Start + string.Concat(Enumerable.Repeat("<Rule>", 50000)) })
        {
            var builder = new TelemetryStateBuilder();
            builder.Add(ConfigurationFiles.Read(Encoding.UTF8.GetBytes(xml), "c.xml", TestContext.Current.CancellationToken).File!);
            Assert.NotEmpty(builder.Problems);
            Assert.All(builder.Problems, problem => Assert.StartsWith("c.xml", problem.Where));
        }
    }

    [Fact(DisplayName = "of a single event of Sysmon its fields decide, and the rule's name is told")]
    public void SingleEvent()
    {
        TelemetryState state = Build("""
            <Sysmon schemaversion="4.90"><EventFiltering>
            <ProcessAccess onmatch="include"><TargetImage name="lsass" condition="image">lsass.exe</TargetImage></ProcessAccess>
            </EventFiltering></Sysmon>
            """);
        var evaluator = new ReadinessEvaluator(s_store, state);
        SourceEntry sysmon = s_store.FindSource("Sysmon")!;

        EventReadiness written = evaluator.Evaluate(sysmon, Access(@"C:\Windows\System32\lsass.exe"));
        EventReadiness dropped = evaluator.Evaluate(sysmon, Access(@"C:\Windows\explorer.exe"));

        Assert.Equal((ReadinessState.On, "lsass", "file:2"), (written.State, written.RuleName, written.Evidence));
        Assert.Equal(ReadinessState.Filtered, dropped.State);
        Assert.Equal("<ProcessAccess onmatch=\"exclude\"/>", dropped.RemediationText);

        static EventRecord Access(string target) => new() { EventId = 10, Fields = [new EventField("SourceImage", "a.exe"), new EventField("TargetImage", target)] };
    }

    [Fact(DisplayName = "what is in force wins over what a policy sets, in any order")]
    public void ForceWinsOverPolicy()
    {
        string policy = $"Machine Name,Policy Target,Subcategory,Subcategory GUID,Inclusion Setting,Exclusion Setting,Setting Value\n,System,Logon,{{{Logon}}},,,3\n,System,File,{{{Files}}},,,1\n";
        string report = $"Machine Name,Policy Target,Subcategory,Subcategory GUID,Inclusion Setting,Exclusion Setting\nPC,System,Logon,{{{Logon}}},Failure,\n";
        foreach (string[] order in new[] { new[] { policy, report }, [report, policy] })
        {
            TelemetryState state = Build(order);
            Assert.Equal(AuditOutcomes.Failure, state.Audit[new Guid(Logon)].Value);
            Assert.Equal(AuditOutcomes.Success, state.Audit[new Guid(Files)].Value);
        }
    }

    [Fact(DisplayName = "a snapshot survives its file, and the file is the same each time")]
    public void SurvivesFile()
    {
        int seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (int i = 0; i < 200; i++)
        {
            TelemetryState state = RandomState.Create(random, [new(Logon), new(Files), new(Kernel)], ["A/B", "System"], ["ProcessAccess", "ProcessCreate"], ["Kernel-Audit"]);
            string text = TelemetryStateFile.Write(state);

            Assert.Equal(text, TelemetryStateFile.Write(TelemetryStateFile.Read(text)));
        }
    }

    [Theory(DisplayName = "what is no snapshot is one clear error")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{\"format\":\"other\"}")]
    [InlineData("{\"format\":\"ApiLevel.TelemetryState\",\"version\":2}")]
    [InlineData("{\"format\":\"ApiLevel.TelemetryState\",\"version\":\"1\"}")]
    [InlineData("{\"format\":\"ApiLevel.TelemetryState\",\"version\":1,\"audit\":{\"x\":{}}}")]
    [InlineData("{\"format\":\"ApiLevel.TelemetryState\",\"version\":1,\"audit\":{\"0cce9215-69ae-11d9-bed3-505054503030\":{\"value\":3}}}")]
    [InlineData("{\"format\":\"ApiLevel.TelemetryState\",\"version\":1,\"role\":{\"value\":\"7\"}}")]
    [InlineData("{\"format\":\"ApiLevel.TelemetryState\",\"version\":1,\"sacls\":[[[[[[[[[[]]]]]]]]]]}")]
    public void BadFile(string text) => Assert.NotEmpty(Assert.Throws<InvalidDataException>(() => TelemetryStateFile.Read(text)).Message);

    [Fact(DisplayName = "the named snapshots are files as the writer writes them, and each value has a reference")]
    public void NamedStatesAreFiles()
    {
        Assert.NotEmpty(NamedStates.Names);
        foreach (string name in NamedStates.Names)
        {
            TelemetryState state = NamedStates.Find(name.ToUpperInvariant())!;

            Assert.Equal(name, state.Name);
            Assert.Equal(NamedStates.Text(name), TelemetryStateFile.Write(state));
            Assert.All(state.Audit.Values, setting => Assert.NotEmpty(setting.Evidence));
            Assert.All(state.Channels.Values, channel => Assert.NotEmpty(channel.Evidence));
        }

        Assert.Null(NamedStates.Find("no such"));
    }

    [Fact(DisplayName = "what changes bring is the best choice of a few lines, and no more than the rows say")]
    public void BlindSpots()
    {
        ApiEntry[] apis = [.. s_store.Apis().Where(s_store.HasMappings)];
        var state = new TelemetryState();
        state.Audit[new Guid(Logon)] = new Known<AuditOutcomes?>(AuditOutcomes.None, "a:1");
        IReadOnlyList<ApiBlindSpot> all = Find(20);

        Assert.NotEmpty(all);
        Assert.Equal(all.Select(row => row.Total).Order(), all.Select(row => row.Total));
        Assert.Equal(all[^1].Total, all.Sum(row => row.Apis.Split("; ").Length));
        foreach (int maximum in Enumerable.Range(1, 3))
        {
            IReadOnlyList<ApiBlindSpot> few = Find(maximum);
            int greedy = all.TakeWhile((_, index) => all.Take(index + 1).Sum(row => row.Remediation.Split("; ").Length) <= maximum).LastOrDefault()?.Total ?? 0;
            Assert.True((few.Count == 0 ? 0 : few[^1].Total) >= greedy);
            Assert.InRange(few.Sum(row => row.Remediation.Split("; ").Length), 0, maximum);
        }

        IReadOnlyList<ApiBlindSpot> Find(int maximum) =>
            new BlindSpotFinder(s_store, new ReadinessTable(new ReadinessEvaluator(s_store, state))).Find(apis, maximum, TestContext.Current.CancellationToken);
    }

    [Fact(DisplayName = "the printed remediation turns on every event it is printed for, on 1,000 random snapshots")]
    public void RemediationTurnsOn()
    {
        int seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        (SourceEntry, int)[] events = [.. s_store.Events().Select(e => (e.Source, e.Id))];
        int printed = 0;
        for (int i = 0; i < 1000; i++)
        {
            TelemetryState state = RandomState.Create(
                random, [new(Logon), new(Creation), new(Files), new(Keys), new(Kernel), new(Handles)], ["Test/Operational", "Security", "System"],
                ["ProcessAccess", "ProcessCreate", "ClipboardChange"], ["Kernel-Audit"]);
            var before = new ReadinessEvaluator(s_store, state);
            foreach ((SourceEntry source, int id) in events)
            {
                EventReadiness answer = before.Evaluate(source, id);
                if (answer.RemediationText.Length == 0)
                {
                    continue;
                }

                printed++;
                EventReadiness after = new ReadinessEvaluator(s_store, PrintedRemediation.Apply(state, answer.RemediationText)).Evaluate(source, id);
                Assert.True(after.State == ReadinessState.On, $"seed {seed}: {source.Name} {id}: {answer.RemediationText} gives {after.State}: {after.Reason}");

                TelemetryState stepped = state.Clone();
                foreach (RemediationStep step in answer.Remediation)
                {
                    step.Apply(stepped);
                }

                Assert.Equal(ReadinessState.On, new ReadinessEvaluator(s_store, stepped).Evaluate(source, id).State);
            }
        }

        Assert.True(printed > 1000, $"{printed} remediations");
    }

    private static EventReadiness Ask(TelemetryState state, string source, int eventId) =>
        new ReadinessEvaluator(s_store, state).Evaluate(s_store.FindSource(source)!, eventId);

    private static TelemetryState Build(params string[] files)
    {
        var builder = new TelemetryStateBuilder();
        foreach (string file in files)
        {
            builder.Add(ConfigurationFiles.Read(Encoding.UTF8.GetBytes(file), "file", TestContext.Current.CancellationToken).File!);
        }

        Assert.Empty(builder.Problems);
        return builder.State;
    }

    private static MappingStore Store()
    {
        FactSet facts = TestFacts.Create();
        facts.Sources.Add(new SourceFact { Name = "Test", Provider = "Test", Guid = "11111111-75a3-4fa7-afc8-ae09cf9b7f23", Delivery = "session" });
        facts.Events.RemoveAll(e => e.Source == "Security" && e.Id is 4663 or 4624);
        Add("Security", 4624, $"auditpol:{{{Logon}}}");
        Add("Security", 4625, $"auditpol:{{{Logon}}}");
        Add("Security", 4673, $"auditpol:{{{Logon}}}");
        Add("Security", 9999, $"auditpol:{{{Logon}}}");
        Add("Security", 4688, $"auditpol:{{{Creation}}};optional:ProcessCreationIncludeCmdLine_Enabled=1 for CommandLine");
        Add("Security", 4656, $"auditpol:{{{Files}}}|{{{Kernel}}}|{{{Keys}}};sacl:object;auditpol:{{{Handles}}}");
        Add("Security", 4663, $"auditpol:{{{Kernel}}}|{{{Keys}}}|{{{Files}}};sacl:object");
        Add("Test", 4104, "policy:EnableScriptBlockLogging;channel:Test/Operational");
        Add("Test", 4103, "policy:EnableModuleLogging;channel:Test/Operational");
        Add("Test", 1644, "policy:15 Field Engineering = 5");
        Add("Test", 106, "channel-off-by-default:Test/Operational");
        Add("Test", 1, "etw-session;consumer:PPL-Antimalware");
        Add("Test", 7, "channel:Test/Operational", "11-24H2");
        Add("Test", 8, "");
        Add("Sysmon", 1, "sysmon-config:ProcessCreate;ruledefault:include", "schema 2.0");
        facts.Events.RemoveAll(e => e.Source == "Sysmon" && e.Id == 24);
        Add("Sysmon", 24, "sysmon-config:ClipboardChange;CaptureClipboard", "schema 4.40");
        return TestFacts.Open(facts);

        void Add(string source, int id, string requirement, string build = "10-1511") => facts.Events.Add(new EventFact
        {
            Source = source,
            Id = id,
            Name = "Event " + id,
            Requirement = requirement,
            FirstBuild = build,
            Reference = "test",
        });
    }
}
