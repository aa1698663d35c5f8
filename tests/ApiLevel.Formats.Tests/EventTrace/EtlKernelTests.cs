using System;
using System.Linq;
using System.Net;
using ApiLevel.Fixtures;

namespace ApiLevel.Formats.Tests.EventTrace;

public class EtlKernelTests
{
    private const long Stamp = EtlBuilder.DefaultStamp;

    [Theory]
    [InlineData(4)]
    [InlineData(8)]
    public void Decodes_a_process_start(int pointerSize)
    {
        EventRecord record = Read(3, 1, 4, EtlSeeds.Process(pointerSize), pointerSize);
        Assert.Equal(("MSNT_SystemTrace", "Process/Start"), (record.Provider, record.EventName));
        Assert.Equal(new Guid("3d6fa8d0-fe05-11d0-9dda-00c04fd7ba7c"), record.ProviderId);
        Assert.Equal((4321UL, 1234UL), (record["ProcessId"], record["ParentId"]));
        Assert.Equal(("cmd.exe", "cmd /c whoami"), (record["ImageFileName"], record["CommandLine"]));
        Assert.Equal("S-1-5-21-1-2-3-500", record["UserSID"]);
        Assert.Equal(PayloadState.Decoded, record.PayloadState);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Decodes_older_versions_of_a_process_start_without_a_user(int version)
    {
        var payload = new BytesWriter().Pointer(1, 8).Int32(5).Int32(4).Int32(0).Int32(0);
        if (version == 3)
        {
            payload.Pointer(0x2000, 8);
        }

        payload.Int32(0).Utf8("a.exe");
        if (version >= 2)
        {
            payload.Text("a -b");
        }

        EventRecord record = Read(3, 3, version, payload.ToArray());
        Assert.Equal("Process/DCStart", record.EventName);
        Assert.Equal((5UL, "a.exe"), (record["ProcessId"], record["ImageFileName"]));
        Assert.Equal(version >= 2 ? "a -b" : null, record["CommandLine"]);
        Assert.Null(record["UserSID"]);
        Assert.Equal(PayloadState.Decoded, record.PayloadState);
    }

    [Theory]
    [InlineData(4, 2)]
    [InlineData(8, 2)]
    [InlineData(8, 3)]
    [InlineData(8, 4)]
    public void Decodes_a_thread_start(int pointerSize, int version)
    {
        var payload = new BytesWriter().Int32(44).Int32(45);
        for (ulong i = 1; i <= 7; i++)
        {
            payload.Pointer(i * 0x1000, pointerSize);
        }

        payload.Int32(6);
        if (version >= 3)
        {
            payload.Bytes([8, 5, 2, 0]);
        }

        if (version >= 4)
        {
            payload.Text("worker");
        }

        EventRecord record = Read(5, 1, version, payload.ToArray(), pointerSize);
        Assert.Equal("Thread/Start", record.EventName);
        Assert.Equal((44UL, 45UL, 0x6000UL), (record["ProcessId"], record["TThreadId"], record["Win32StartAddr"]));
        Assert.Equal(version >= 4 ? "worker" : null, record["ThreadName"]);
        Assert.Equal(PayloadState.Decoded, record.PayloadState);
    }

    [Theory]
    [InlineData(0x14, 2, "Image/UnLoad", 4)]
    [InlineData(0x14, 3, "Image/DCStart", 8)]
    [InlineData(0x03, 10, "Image/Load", 8)]
    public void Decodes_images_also_in_the_group_of_processes(int group, int type, string name, int pointerSize)
    {
        byte[] payload = new BytesWriter().Pointer(0x400000, pointerSize).Pointer(0x8000, pointerSize).Int32(77).Int32(1).Int32(2).Int32(0)
            .Pointer(0x10000, pointerSize).Int64(0).Int64(0).Text("\\Device\\x.dll").ToArray();
        EventRecord record = Read(group, type, 2, payload, pointerSize);
        Assert.Equal(name, record.EventName);
        Assert.Equal(new Guid("2cb15d1d-5fc1-11d2-abe1-00a0c911f518"), record.ProviderId);
        Assert.Equal((0x400000UL, 77UL, "\\Device\\x.dll"), (record["ImageBase"], record["ProcessId"], record["FileName"]));
        Assert.Equal(PayloadState.Decoded, record.PayloadState);
    }

    [Theory]
    [InlineData(4, 2)]
    [InlineData(8, 2)]
    [InlineData(4, 3)]
    [InlineData(8, 3)]
    public void Decodes_a_file_create(int pointerSize, int version)
    {
        var payload = new BytesWriter().Pointer(1, pointerSize);
        _ = version == 2 ? payload.Pointer(9, pointerSize).Pointer(2, pointerSize) : payload.Pointer(2, pointerSize).Int32(9);
        payload.Int32(0x01000020).Int32(0x80).Int32(3).Text("C:\\a.txt");
        EventRecord record = Read(4, 64, version, payload.ToArray(), pointerSize);
        Assert.Equal("FileIo/Create", record.EventName);
        Assert.Equal((2UL, 9UL, "C:\\a.txt"), (record["FileObject"], record["TTID"], record["OpenPath"]));
        Assert.Equal(PayloadState.Decoded, record.PayloadState);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(8)]
    public void Decodes_registry_events(int pointerSize)
    {
        byte[] payload = new BytesWriter().Int64(5).Int32(0).Int32(2).Pointer(0x77, pointerSize).Text("Run").ToArray();
        EventRecord record = Read(9, 14, 2, payload, pointerSize);
        Assert.Equal("Registry/SetValue", record.EventName);
        Assert.Equal((0x77UL, "Run"), (record["KeyHandle"], record["KeyName"]));
        Assert.Equal(PayloadState.Decoded, record.PayloadState);
    }

    [Theory]
    [InlineData(6, 12, "TcpIp/ConnectIPV4", false)]
    [InlineData(6, 28, "TcpIp/ConnectIPV6", true)]
    [InlineData(6, 11, "TcpIp/RecvIPV4", false)]
    [InlineData(8, 26, "UdpIp/SendIPV6", true)]
    public void Decodes_network_events(int group, int type, string name, bool v6)
    {
        IPAddress remote = IPAddress.Parse(v6 ? "2001:db8::1" : "10.1.2.3");
        IPAddress local = IPAddress.Parse(v6 ? "fe80::2" : "192.168.0.9");
        var payload = new BytesWriter().Int32(42).Int32(100).Bytes(remote.GetAddressBytes()).Bytes(local.GetAddressBytes()).Bytes([0x01, 0xBB, 0xC0, 0x00]);
        if (type is 12 or 28)
        {
            payload.UInt16(1460).UInt16(1).UInt16(0).UInt16(1).Int32(65535).UInt16(8).UInt16(8);
        }

        payload.Int32(0).Pointer(0x99, 8);
        EventRecord record = Read(group, type, 2, payload.ToArray());
        Assert.Equal(name, record.EventName);
        Assert.Equal((42UL, remote.ToString(), local.ToString(), 443UL, 49152UL), (record["PID"], record["daddr"], record["saddr"], record["dport"], record["sport"]));
        Assert.Equal(0x99UL, record["connid"]);
        Assert.Equal(PayloadState.Decoded, record.PayloadState);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(8)]
    public void Reads_stack_walks(int pointerSize)
    {
        byte[] payload = new BytesWriter().Int64(12345).Int32(1).Int32(2).Pointer(0xAAAA, pointerSize).Pointer(0xBBBB, pointerSize).ToArray();
        EventRecord record = Read(0x18, 32, 2, payload, pointerSize);
        Assert.Equal("StackWalk/Stack", record.EventName);
        Assert.Equal([0xAAAAUL, 0xBBBBUL], record.Stack!);
        Assert.Equal(12345UL, record["EventTimeStamp"]);
        Assert.Equal(PayloadState.Decoded, record.PayloadState);
    }

    [Fact]
    public void Names_what_it_has_no_layout_for_and_keeps_its_bytes()
    {
        EventRecord record = Read(0x0E, 32, 2, [1, 2, 3, 4]);
        Assert.Equal("Pool/PoolAlloc", record.EventName);
        Assert.Equal(PayloadState.Undecoded, record.PayloadState);
        Assert.Equal([1, 2, 3, 4], record.RawData.ToArray());
        Assert.Equal(["Registry/Open"], EtlTestFile.Read(new EtlBuilder().Buffer(0, EtlRecord.Classic(Stamp, new Guid("ae53722e-c863-11d2-8659-00c04fa321a1"), 11, []))).Select(one => one.EventName));
    }

    [Fact]
    public void Finds_the_name_of_the_computer_in_the_system_configuration()
    {
        byte[] payload = new BytesWriter().Int32(3000).Int32(8).Int32(4096).Int32(4096).Int32(65536).Text("WORKSTATION").PadTo(20 + 512).Text("CORP").PadTo(20 + 512 + 268).Int32(0).Int64(1).ToArray();
        EventRecord record = Read(0x0B, 10, 3, payload);
        Assert.Equal("SystemConfig/CPU", record.EventName);
        Assert.Equal(("WORKSTATION", "CORP", 8UL), (record["ComputerName"], record["DomainName"], record["NumberOfProcessors"]));
        Assert.Equal(PayloadState.Partial, record.PayloadState);
    }

    private static EventRecord Read(int group, int type, int version, byte[] payload, int pointerSize = 8) =>
        EtlTestFile.ReadOne(EtlRecord.System(Stamp, group, type, payload, version, pointerSize));
}
