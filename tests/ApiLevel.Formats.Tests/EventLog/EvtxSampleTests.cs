using System;
using System.IO;
using System.Linq;
using System.Xml.Linq;
using ApiLevel.Formats.EventLog;

namespace ApiLevel.Formats.Tests.EventLog;

/// <summary>Real logs, where the sample folder is present.</summary>
public class EvtxSampleTests
{
    /// <summary>How many records each log has, as other readers count them too.</summary>
    public static TheoryData<string, int, bool> Counts => new()
    {
        { "evtx/Application_no_crc32.evtx", 17, true },
        { "evtx/2-vss_7-System.evtx", 1160, true },
        { "evtx/E_Windows_system32_winevt_logs_Microsoft-Windows-Shell-Core%4Operational.evtx", 1146, true },
        { "evtx/MSExchange_Management_wec.evtx", 1, true },
        { "evtx/Security_short_selected.evtx", 7, true },
        { "evtx/Security_with_size_t.evtx", 636, true },
        { "evtx/new-user-security.evtx", 4, true },
        { "evtx/post-Security.evtx", 126, true },
        { "evtx/sample-with-irregular-bool-values.evtx", 3028, true },
        { "evtx/security.evtx", 2261, true },
        { "evtx/sysmon.evtx", 358, true },
        { "evtx/system.evtx", 1881, true },

        // Damaged: what libevtx gives, and what can be found again behind the damage.
        { "evtx/Microsoft-Windows-HelloForBusiness%4Operational.evtx", 5, false },
        { "evtx/sample-with-zero-data-size-event.evtx", 449, false },
    };

    [Theory]
    [MemberData(nameof(Counts))]
    public void Reads_all_records(string file, int records, bool complete)
    {
        using EventFileReader reader = Open(file);

        Assert.Equal(records, reader.ToList().Count);
        Assert.Equal(complete, reader.Complete);
    }

    [Fact]
    public void Finds_the_event_that_an_attack_log_is_named_after()
    {
        string folder = Path.Combine(Folder(), "evtx-attack");
        foreach (string path in Directory.GetFiles(folder, "ID*.evtx"))
        {
            // ID4624_4688_5140_5145-..., ID800-4103-4104-..., ID_4765_-_..., ID4656__5145__4674-...
            string id = new(Path.GetFileName(path)[2..].TrimStart('_').TakeWhile(char.IsAsciiDigit).ToArray());
            using EventFileReader reader = EventLogFile.Open(path).Reader!;

            Assert.Contains(reader, record => record.EventId.ToString(System.Globalization.CultureInfo.InvariantCulture) == id);
            Assert.Empty(reader.Problems);
        }
    }

    [Fact]
    public void Says_the_same_in_fields_and_in_XML()
    {
        string folder = Path.Combine(Folder(), "evtx-attack");
        foreach (string path in Directory.GetFiles(folder, "*.evtx"))
        {
            using var reader = (EvtxReader)EventLogFile.Open(path).Reader!;
            while (reader.TryRead(out EventRecord? record))
            {
                XElement xml = XElement.Parse(reader.GetXml());
                XElement system = xml.Elements().First(e => e.Name.LocalName == "System");
                Assert.Equal(record.Provider, (string?)system.Elements().First(e => e.Name.LocalName == "Provider").Attribute("Name"));
                Assert.Equal(record.EventId, (int)system.Elements().First(e => e.Name.LocalName == "EventID"));
                XElement[] data = xml.Elements().Where(e => e.Name.LocalName == "EventData").Elements().ToArray();
                if (data.Length > 0)
                {
                    Assert.Equal(data.Select(e => (string?)e.Attribute("Name") ?? e.Name.LocalName), record.Fields.Select(field => field.Name));
                }
            }
        }
    }

    [Fact]
    public void Reads_the_Sysmon_fields_that_hunters_ask_for()
    {
        using EventFileReader reader = Open("evtx-attack/ID10-Mimikatz_LSASS_process_dump.evtx");

        EventRecord access = reader.First(record => record.EventId == 10);

        Assert.Equal("Microsoft-Windows-Sysmon", access.Provider);
        Assert.EndsWith("lsass.exe", (string)access["TargetImage"]!, StringComparison.OrdinalIgnoreCase);
        Assert.IsType<ulong>(access["GrantedAccess"]);
        Assert.StartsWith(@"C:\Windows\SYSTEM32\ntdll.dll+", (string)access["CallTrace"]!, StringComparison.Ordinal);
    }

    private static string Folder()
    {
        string? folder = Logs.Samples();
        if (folder is null)
        {
            Assert.Skip("The folder of sample logs is not beside the repository.");
        }

        return folder!;
    }

    private static EventFileReader Open(string file) => EventLogFile.Open(Path.Combine(Folder(), file)).Reader!;
}
