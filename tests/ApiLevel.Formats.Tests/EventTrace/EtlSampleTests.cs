using System;
using System.IO;
using System.IO.Compression;
using System.Linq;
using ApiLevel.Formats.EventTrace;

namespace ApiLevel.Formats.Tests.EventTrace;

public sealed class EtlSampleTests : IDisposable
{
    private readonly string _temporary = Directory.CreateTempSubdirectory("etl-samples-").FullName;

    public void Dispose() => Directory.Delete(_temporary, recursive: true);

    [Theory]
    [InlineData("net.4.5.2.x64.etl.zip", 179_474)]
    [InlineData("gcevents.etl.zip", 71)]
    [InlineData("gcrundownevents.etl.zip", 112)]
    [InlineData("primitive-types.etl.zip", 7)]
    [InlineData("SelfDescribingSingleEvent.etl", 22)]
    [InlineData("AMSITrace.etl", 21)]
    [InlineData("lxcore_kernel.etl", 4)]
    [InlineData("powershell.etl", 114)]
    public void Reads_all_records_in_order_of_time_without_a_problem(string name, int count)
    {
        using EtlReader reader = Open(name);
        int records = 0;
        DateTime last = DateTime.MinValue;
        foreach (EventRecord record in reader)
        {
            Assert.True(record.TimeCreated >= last);
            last = record.TimeCreated.Value;
            records++;
        }

        Assert.Equal(count, records);
        Assert.Empty(reader.Problems);
        Assert.Equal(reader.Length, reader.Position);
    }

    [Fact]
    public void Decodes_the_primitive_types_as_Windows_did()
    {
        using EtlReader reader = Open("primitive-types.etl.zip");
        EventRecord[] records = reader.Where(record => record.EventName == "PrimitiveTypesTest").ToArray();
        Assert.Equal(["Mercury", "Venus", "Earth", "Mars", "Jupiter"], records.Select(record => record["string_type"]));
        EventRecord first = records[0];
        Assert.Equal("solar_system", first.Provider);
        Assert.Equal(false, first["boolean_type"]);

        // The event itself declares int64_type unsigned; the baseline's tool prints all 64-bit numbers signed.
        Assert.Equal((-51L, -102L, 51UL, 102UL, unchecked((ulong)-204L), 204UL), (first["int16_type"], first["int32_type"], first["uint16_type"], first["uint32_type"], first["int64_type"], first["uint64_type"]));
        Assert.StartsWith("0ad614c4-0ef4-4225-8", first["guid_type"]!.ToString(), StringComparison.Ordinal);
        Assert.Equal(new DateTime(2021, 9, 9, 14, 59, 35, DateTimeKind.Utc), ((DateTime)first["system_time_type"]!).AddTicks(-(((DateTime)first["system_time_type"]!).Ticks % TimeSpan.TicksPerSecond)));
    }

    [Fact]
    public void Finds_the_process_that_was_started_in_the_kernel_trace()
    {
        using EtlReader reader = Open("net.4.5.2.x64.etl.zip");
        EventRecord start = reader.Single(record => record.EventName == "Process/Start");
        Assert.Equal("Test.x64.exe", start["ImageFileName"]);
        Assert.Equal(3676UL, start["ProcessId"]);
        Assert.Equal(PayloadState.Decoded, start.PayloadState);
    }

    [Fact]
    public void Counts_what_the_recording_lost()
    {
        using EtlReader reader = Open("AMSITrace.etl");
        Assert.Equal(20, reader.Count(record => record.Provider.Length > 0 && record.PayloadState == PayloadState.Decoded));
        Assert.Equal(3, reader.EventsLost);
        Assert.False(reader.Complete);
    }

    private EtlReader Open(string name)
    {
        string path = Path.Combine(Folder(), name);
        if (!File.Exists(path))
        {
            Assert.Skip("The sample " + name + " is not here.");
        }

        if (name.EndsWith(".zip", StringComparison.Ordinal))
        {
            ZipFile.ExtractToDirectory(path, _temporary);
            path = Directory.GetFiles(_temporary, "*.etl", SearchOption.AllDirectories).Single();
        }

        EventFileResult result = EventTraceFile.Open(path);
        Assert.Null(result.Failure);
        return (EtlReader)result.Reader!;
    }

    private static string Folder()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "ApiLevel.sln")))
            {
                return Path.Combine(at.Parent!.FullName, "shared", "samples", "etl");
            }
        }

        return "";
    }
}
