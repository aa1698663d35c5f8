using System;
using System.IO;
using System.Linq;
using System.Text;
using ApiLevel.Formats.Configuration;

namespace ApiLevel.Formats.Tests.Configuration;

/// <summary>Files that administrators collect, as Windows writes them and as they get damaged.</summary>
public class ConfigurationTests
{
    private const string Head = "Machine Name,Policy Target,Subcategory,Subcategory GUID,Inclusion Setting,Exclusion Setting";
    private static readonly Guid s_logon = new("0cce9215-69ae-11d9-bed3-505054503030");
    private static readonly Guid s_creation = new("0cce922b-69ae-11d9-bed3-505054503030");

    static ConfigurationTests() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    internal static ConfigurationFile Read(string text, Encoding? encoding = null) => Read((encoding ?? Encoding.UTF8).GetBytes(text));

    internal static ConfigurationFile Read(byte[] bytes)
    {
        ConfigurationResult result = ConfigurationFiles.Read(bytes, "f", TestContext.Current.CancellationToken);
        Assert.Null(result.Failure);
        return result.File!;
    }

    [Fact(DisplayName = "reads a report of auditpol in English: success and failure apart, no auditing is a setting")]
    public void ReadsEnglishReport()
    {
        ConfigurationFile file = Read(
            Head + "\r\n\r\nPC,System,Logon,{0CCE9215-69AE-11D9-BED3-505054503030},Success and Failure,\r\n" +
            "PC,System,Process Creation,{0CCE922B-69AE-11D9-BED3-505054503030},No Auditing,\r\n");

        Assert.Equal(ConfigurationKind.AuditReport, file.Kind);
        Assert.Empty(file.Problems);
        Assert.Equal(AuditOutcomes.Success | AuditOutcomes.Failure, file.AuditSettings[0].Setting);
        Assert.Equal(s_creation, file.AuditSettings[1].Subcategory);
        Assert.Equal(AuditOutcomes.None, file.AuditSettings[1].Setting);
        Assert.Equal("f:4", file.AuditSettings[1].Origin.ToString());
    }

    [Theory(DisplayName = "reads a report of auditpol in German in each encoding that a redirection or a copy gives it")]
    [InlineData("utf-8")]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    [InlineData("ibm850")]
    [InlineData("windows-1252")]
    public void ReadsGermanReport(string encoding)
    {
        ConfigurationFile file = Read(
            "Computername,Richtlinienziel,Unterkategorie,Unterkategorie-GUID,Aufnahmeeinstellung,Ausschlusseinstellung\r\n\r\n" +
            "PC,System,Anmelden,{0CCE9215-69AE-11D9-BED3-505054503030},Erfolg und Fehler,\r\n" +
            "PC,System,Prozesserstellung,{0CCE922B-69AE-11D9-BED3-505054503030},Keine Überwachung,\r\n",
            Encoding.GetEncoding(encoding));

        Assert.Empty(file.Problems);
        Assert.Equal([AuditOutcomes.Success | AuditOutcomes.Failure, AuditOutcomes.None], file.AuditSettings.Select(row => row.Setting!.Value));
    }

    [Theory(DisplayName = "takes a byte order mark for what it is")]
    [InlineData("utf-8")]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    public void TakesMark(string name)
    {
        var encoding = Encoding.GetEncoding(name);
        byte[] bytes = [.. encoding.GetPreamble(), .. encoding.GetBytes(Head + "\r\nPC,System,Logon,{0CCE9215-69AE-11D9-BED3-505054503030},Success,")];

        Assert.Equal(AuditOutcomes.Success, Assert.Single(Read(bytes).AuditSettings).Setting);
    }

    [Fact(DisplayName = "does not guess words of a language it does not know: a problem says that the backup has numbers")]
    public void DoesNotGuessWords()
    {
        ConfigurationFile file = Read("a,b,c,d,e,f\r\nPC,Sistema,x,{0CCE9215-69AE-11D9-BED3-505054503030},Nunca visto,\r\n");

        Assert.Empty(file.AuditSettings);
        Assert.Contains("auditpol /backup", Assert.Single(file.Problems).What);
    }

    [Fact(DisplayName = "tells a backup, where 0 is no auditing, from a group policy, where 0 leaves the setting as it is")]
    public void TellsBackupFromGroupPolicy()
    {
        string rows = ",System,Logon,{0CCE9215-69AE-11D9-BED3-505054503030},No Auditing,,0\r\n,System,Process Creation,{0CCE922B-69AE-11D9-BED3-505054503030},,,4\r\n";
        ConfigurationFile policy = Read(Head + ",Setting Value\r\n" + rows);
        ConfigurationFile backup = Read(Head + ",Setting Value\r\n" + rows + ",,Option:CrashOnAuditFail,,Disabled,,0\r\n,,FileGlobalSacl,,,,S:(AU;SA;FA;;;WD)\r\n");

        Assert.Equal(ConfigurationKind.AuditGroupPolicy, policy.Kind);
        Assert.Equal([null, AuditOutcomes.None], policy.AuditSettings.Select(row => row.Setting));
        Assert.Equal(ConfigurationKind.AuditBackup, backup.Kind);
        Assert.Equal(AuditOutcomes.None, backup.AuditSettings[0].Setting);
        Assert.False(Assert.Single(backup.AuditOptions).IsEnabled);
        SecuredObject all = Assert.Single(backup.SecuredObjects);
        Assert.Equal((SecuredObjectKind.File, "", "S:(AU;SA;FA;;;WD)"), (all.Kind, all.Path, all.Sddl));
    }

    [Fact(DisplayName = "takes the last of two rows of one subcategory and says so where they differ")]
    public void TellsDuplicates()
    {
        const string Row = "PC,System,Logon,{0CCE9215-69AE-11D9-BED3-505054503030},";
        ConfigurationFile same = Read($"{Head}\n{Row}Success,\n{Row}Success,\n");
        ConfigurationFile other = Read($"{Head}\n{Row}Success,\n{Row}Failure,\n");

        Assert.Single(same.AuditSettings);
        Assert.Empty(same.Problems);
        Assert.Equal(AuditOutcomes.Failure, Assert.Single(other.AuditSettings).Setting);
        Assert.Equal("line 3", Assert.Single(other.Problems).Where);
    }

    [Fact(DisplayName = "keeps per-user policy apart from the system's")]
    public void KeepsUsersApart()
    {
        ConfigurationFile file = Read(
            Head + ",Setting Value\nPC,System,Logon,{0CCE9215-69AE-11D9-BED3-505054503030},Success,,1\nPC,S-1-5-21-1-2-3-1001,Logon,{0CCE9215-69AE-11D9-BED3-505054503030},Failure,,4\n");

        Assert.Equal(["", "S-1-5-21-1-2-3-1001"], file.AuditSettings.Select(row => row.Target));
        Assert.Equal(AuditOutcomes.Failure, file.AuditSettings[1].Setting);
    }

    [Fact(DisplayName = "says where a report that is cut off anywhere ends, and gives the rows before")]
    public void TellsTruncation()
    {
        string text = Head + "\r\nPC,System,Logon,{0CCE9215-69AE-11D9-BED3-505054503030},Success,\r\nPC,System,Process Creation,{0CCE922B-69AE-11D9-BED3-505054503030},Success and Failure,\r\n";
        int second = text.LastIndexOf("PC,", StringComparison.Ordinal);
        int whole = text.LastIndexOf("and Failure,", StringComparison.Ordinal) + "and Failure,".Length;
        for (int length = second + 1; length < text.Length; length++)
        {
            ConfigurationFile file = Read(text.Substring(0, length));
            Assert.Equal(s_logon, file.AuditSettings[0].Subcategory);
            Assert.Equal(length >= whole ? (2, 0) : (1, 1), (file.AuditSettings.Count, file.Problems.Count));
        }
    }

    [Fact(DisplayName = "reads a registry export of each version, continued lines, deletions and all types")]
    public void ReadsRegistryExport()
    {
        const string Text = """
            Windows Registry Editor Version 5.00

            [HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\Windows\PowerShell\ScriptBlockLogging]
            "EnableScriptBlockLogging"=dword:00000001
            "Path"="C:\\Windows\\\"x\""
            "Multi"=hex(7):61,00,00,00,\
              62,00,00,00,00,00
            "Big"=hex(b):01,00,00,00,00,00,00,00
            "Gone"=-
            @="default"

            [-HKLM\SOFTWARE\Gone]
            """;
        foreach (Encoding encoding in new[] { Encoding.Unicode, Encoding.UTF8 })
        {
            ConfigurationFile file = Read(Text, encoding);

            Assert.Equal(ConfigurationKind.RegistryText, file.Kind);
            Assert.Empty(file.Problems);
            Assert.Equal(
                ["Key|", "Set|EnableScriptBlockLogging=1", "Set|Path=C:\\Windows\\\"x\"", "Set|Multi=a\nb", "Set|Big=1", "DeleteValue|Gone=", "Set|=default", "DeleteKey|"],
                file.RegistryEntries.Select(entry => $"{entry.Action}|{entry.Name}{(entry.Action is RegistryAction.Set or RegistryAction.DeleteValue ? "=" + entry.Data : "")}"));
            Assert.Equal("f:6", file.RegistryEntries[3].Origin.ToString());
            Assert.Equal("HKEY_LOCAL_MACHINE\\SOFTWARE\\Gone", file.RegistryEntries[7].Key);
        }

        ConfigurationFile old = Read("REGEDIT4\r\n\r\n[HKEY_LOCAL_MACHINE\\A]\r\n\"E\"=hex(2):25,41,25,00\r\n");
        Assert.Equal("%A%", old.RegistryEntries[1].Data);
    }

    [Fact(DisplayName = "reads what reg query prints")]
    public void ReadsRegistryQuery()
    {
        ConfigurationFile file = Read(
            "\r\nHKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Sysmon64\r\n    Start    REG_DWORD    0x2\r\n    Image Path    REG_EXPAND_SZ    %SystemRoot%\\Sysmon64.exe\r\n\r\n");

        Assert.Equal(["", "Start", "Image Path"], file.RegistryEntries.Select(entry => entry.Name));
        Assert.Equal("2", file.RegistryEntries[1].Data);
    }

    [Fact(DisplayName = "reads registry.pol with its directives and says at which byte a cut one ends")]
    public void ReadsRegistryPolicy()
    {
        using var stream = new MemoryStream();
        stream.Write("PReg\x01\0\0\0"u8);
        Entry(stream, "Software\\Policies\\Microsoft\\Windows\\PowerShell\\ScriptBlockLogging", "EnableScriptBlockLogging", 4, [1, 0, 0, 0]);
        long second = stream.Length;
        Entry(stream, "Software\\A", "**del.B", 1, [0x20, 0, 0, 0]);
        Entry(stream, "Software\\A", "**delvals.", 1, [0x20, 0, 0, 0]);
        byte[] bytes = stream.ToArray();

        ConfigurationFile file = Read(bytes);
        Assert.Equal(ConfigurationKind.RegistryPolicy, file.Kind);
        Assert.Empty(file.Problems);
        Assert.Equal([RegistryAction.Set, RegistryAction.DeleteValue, RegistryAction.DeleteValues], file.RegistryEntries.Select(entry => entry.Action));
        Assert.Equal(("1", "B"), (file.RegistryEntries[0].Data, file.RegistryEntries[1].Name));
        Assert.Equal($"f@0x{second:x}", file.RegistryEntries[1].Origin.ToString());
        for (int length = 9; length < bytes.Length; length++)
        {
            ConfigurationFile cut = Read(bytes.AsSpan(0, length).ToArray());
            Assert.True(cut.Problems.Count == 1 || cut.RegistryEntries.Count > 0);
        }
    }

    [Fact(DisplayName = "reads channels from text and from XML, several in one file")]
    public void ReadsChannels()
    {
        ConfigurationFile text = Read("name: Security\r\nenabled: true\r\ntype: Admin\r\nchannelAccess: O:BAG:SYD:(A;;0xf0005;;;SY)\r\nlogging:\r\n  maxSize: 20971520\r\nname: A/Operational\r\nenabled: false\r\n");
        ConfigurationFile xml = Read(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<channel name=\"Security\" enabled=\"true\" type=\"Admin\" channelAccess=\"O:BAG:SYD:(A;;0xf0005;;;SY)\" xmlns=\"http://schemas.microsoft.com/win/2004/08/events\">\r\n<logging><maxSize>20971520</maxSize></logging>\r\n</channel>\r\n" +
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<channel name=\"A/Operational\" enabled=\"false\" xmlns=\"http://schemas.microsoft.com/win/2004/08/events\"/>\r\n");
        foreach (ConfigurationFile file in new[] { text, xml })
        {
            Assert.Equal(ConfigurationKind.Channels, file.Kind);
            Assert.Empty(file.Problems);
            Assert.Equal([("Security", true), ("A/Operational", false)], file.Channels.Select(channel => (channel.Name, channel.IsEnabled!.Value)));
            Assert.Equal((20971520, "Admin"), (file.Channels[0].MaximumSize!.Value, file.Channels[0].Type));
        }

        Assert.Equal(["f:2", "f:8"], text.Channels.Select(channel => channel.Origin.ToString()));
        Assert.Equal(["f:2", "f:6"], xml.Channels.Select(channel => channel.Origin.ToString()));
    }

    [Fact(DisplayName = "refuses a document type in the XML of a channel")]
    public void RefusesDocumentType()
    {
        ConfigurationFile file = Read("<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b \"bb\">]><channel name=\"&b;\" enabled=\"true\"/>");

        Assert.Empty(file.Channels);
        Assert.Contains("DTD", Assert.Single(file.Problems).What);
    }

    [Fact(DisplayName = "reads the report of sysmon -c")]
    public void ReadsSysmonReport()
    {
        ConfigurationFile file = Read("""
            System Monitor v15.15 - System activity monitor

            Current configuration:
             - Service name:                  Sysmon64
             - Driver name:                   SysmonDrv
             - Network connection:            enabled

            Rule configuration (version 4.91):
             - ProcessCreate                      onmatch: include   combine rules using 'Or'
                    ParentImage                    filter: image        value: 'sethc.exe'
                    CommandLine                    filter: contains     value: 'it's'
             - NetworkConnect                     onmatch: exclude   combine rules using 'Or'
            """);

        Assert.Equal(ConfigurationKind.SysmonReport, file.Kind);
        SysmonReport report = file.Sysmon!;
        Assert.Equal(("Sysmon64", "4.91"), (report.Settings["Service name"].Value, report.SchemaVersion));
        Assert.Equal([("ProcessCreate", true, 2), ("NetworkConnect", false, 0)], report.Sections.Select(section => (section.Event, section.IsInclude, section.Filters.Count)));
        Assert.Equal(("it's", "f:11"), (report.Sections[0].Filters[1].Value, report.Sections[0].Filters[1].Origin.ToString()));
    }

    [Fact(DisplayName = "reads lines of path and security descriptor, and its audit entries")]
    public void ReadsDescriptors()
    {
        ConfigurationFile file = Read(
            "\"Path\",\"Sddl\"\r\n\"HKLM\\SAM\",\"O:BAG:SYD:PAI(A;;KA;;;BA)S:AI(AU;SAFA;KA;;;WD)\"\r\n\"C:\\Windows\",\"O:SYG:SYD:(A;;FA;;;BA)\"\r\nKernel,lsass.exe,S:(AU;SAFA;0x10;;;WD)(ML;;NW;;;SI)\r\n");

        Assert.Equal(ConfigurationKind.SecurityDescriptors, file.Kind);
        Assert.Empty(file.Problems);
        Assert.Equal([SecuredObjectKind.Key, SecuredObjectKind.File, SecuredObjectKind.Kernel], file.SecuredObjects.Select(item => item.Kind));
        Assert.Equal([1, 0, 1], file.SecuredObjects.Select(item => SecurityDescriptorText.TryReadAudit(item.Sddl, out var entries, out _) ? entries.Count : -1));
        Assert.False(SecurityDescriptorText.TryReadAudit("S:(AU;SA;FA;;;WD", out _, out string problem));
        Assert.NotEmpty(problem);
    }

    [Theory(DisplayName = "tells a file of another kind in one failure")]
    [InlineData("hello\nworld\n")]
    [InlineData("<html></html>")]
    [InlineData("[Unicode]\nUnicode=yes\n[Service General Setting]\n\"Browser\",4,\"D:AR(A;;CC;;;BA)\"\n")]
    [InlineData("MZ\0\0\u0001")]
    public void TellsOtherFiles(string text)
    {
        ConfigurationResult result = ConfigurationFiles.Read(Encoding.UTF8.GetBytes(text), "f", TestContext.Current.CancellationToken);

        Assert.Equal(ReadFailureKind.WrongFormat, result.Failure!.Kind);
    }

    [Fact(DisplayName = "ends on random damage to each kind of file without an exception")]
    public void SurvivesDamage()
    {
        int seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        byte[][] seeds =
        [
            Encoding.UTF8.GetBytes(Head + "\r\nPC,System,Logon,{0CCE9215-69AE-11D9-BED3-505054503030},Success,\r\n,,RegistryGlobalSacl,,,,S:(AU;SA;FA;;;WD)"),
            Encoding.Unicode.GetBytes("Windows Registry Editor Version 5.00\r\n[HKEY_LOCAL_MACHINE\\A]\r\n\"E\"=hex(7):25,00,\\\r\n  41,00\r\n"),
            Encoding.UTF8.GetBytes("name: A\r\nenabled: true\r\n"),
            Encoding.UTF8.GetBytes("<channel name=\"A\" enabled=\"true\"><logging><maxSize>1</maxSize></logging></channel>"),
            Encoding.UTF8.GetBytes("Rule configuration (version 4.9):\r\n - A   onmatch: include\r\n  B filter: is value: 'c'\r\n"),
            Encoding.UTF8.GetBytes("HKLM\\SAM,O:BAG:SYD:PAI(A;;KA;;;BA)S:AI(AU;SAFA;KA;;;WD)"),
            [.. "PReg\x01\0\0\0"u8, .. Encoding.Unicode.GetBytes("[A\0;B\0;"), 4, 0, 0, 0, 0x3B, 0, 4, 0, 0, 0, 0x3B, 0, 1, 0, 0, 0, 0x5D, 0],
        ];
        for (int i = 0; i < 20000; i++)
        {
            byte[] bytes = (byte[])seeds[i % seeds.Length].Clone();
            for (int j = random.Next(6); j >= 0; j--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            ConfigurationResult result = ConfigurationFiles.Read(bytes.AsSpan(0, random.Next(1, bytes.Length + 1)).ToArray(), "f", TestContext.Current.CancellationToken);
            Assert.True(result.File is null != result.Failure is null);
        }
    }

    private static void Entry(Stream stream, string key, string name, int type, byte[] data)
    {
        stream.Write(Encoding.Unicode.GetBytes("[" + key + "\0;" + name + "\0;"));
        stream.Write(BitConverter.GetBytes(type));
        stream.Write(Encoding.Unicode.GetBytes(";"));
        stream.Write(BitConverter.GetBytes(data.Length));
        stream.Write(Encoding.Unicode.GetBytes(";"));
        stream.Write(data);
        stream.Write(Encoding.Unicode.GetBytes("]"));
    }
}
