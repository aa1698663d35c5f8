using System;
using System.Text;

namespace ApiLevel.Fixtures;

/// <summary>Files with one of everything, to be damaged.</summary>
internal static class EtlSeeds
{
    public static readonly Guid Manifested = new("aaaaaaaa-0000-0000-0000-000000000001");
    public static readonly Guid Merged = new("aaaaaaaa-0000-0000-0000-000000000002");
    public static readonly Guid Source = new("aaaaaaaa-0000-0000-0000-000000000003");
    public static readonly Guid MetaData = new("bbccf6c1-6cd1-48c4-80ff-839482e37671");

    public static byte[][] All() =>
    [
        Mixed(compression: null, pointerSize: 8),
        Mixed(compression: null, pointerSize: 4),
        Mixed(EtlCompressors.Xpress, pointerSize: 8),
        Mixed(EtlCompressors.Lznt1, pointerSize: 8),
        Mixed(EtlCompressors.XpressHuffman, pointerSize: 8),
        [.. Mixed(compression: null, pointerSize: 8), .. Mixed(EtlCompressors.Xpress, pointerSize: 8)],
    ];

    public static byte[] Mixed(EtlCompression? compression, int pointerSize)
    {
        var builder = new EtlBuilder { Compression = compression, PointerSize = pointerSize, BufferSize = 4096 };
        byte[] schema = EtlRecord.TraceLoggingSchema(
            "Nested",
            EtlRecord.Field("Text", 1),
            EtlRecord.Field("Numbers", 8, count: 3),
            EtlRecord.Field("Outer", 24, outType: 2),
            EtlRecord.Field("Name", 22),
            EtlRecord.Field("Inner", 24 | 0x40, outType: 1),
            EtlRecord.Field("Value", 10));
        byte[] payload = new BytesWriter().Text("hello").Int32(1).Int32(2).Int32(3).UInt16(4).Bytes(Encoding.Unicode.GetBytes("ab"))
            .UInt16(2).Int64(5).Int64(6).ToArray();
        for (int processor = 0; processor < 3; processor++)
        {
            long stamp = EtlBuilder.DefaultStamp + (processor * 3);
            builder.Buffer(
                processor,
                EtlRecord.Event(stamp + 10, MetaData, 0, Information(), opcode: 32, flags: 0x100),
                EtlRecord.Event(stamp + 20, Merged, 7, new BytesWriter().Int32(3).Bytes([1, 2, 3]).Text("x").ToArray(), pointerSize: pointerSize),
                EtlRecord.TraceLogging(stamp + 30, "Seed.Provider", schema, payload, pointerSize, (6, new BytesWriter().Int64(1).Int64(2).Int64(3).ToArray())),
                EtlRecord.Event(stamp + 40, Source, 0xFFFE, Manifest(), version: 1),
                EtlRecord.Event(stamp + 50, Source, 3, new BytesWriter().Text("said").Int32(9).ToArray()),
                EtlRecord.System(stamp + 60, 3, 1, Process(pointerSize), version: 4, pointerSize: pointerSize),
                EtlRecord.Compact(stamp + 70, 9, 10, new BytesWriter().Int64(1).Int32(0).Int32(2).Pointer(3, pointerSize).Text("\\REGISTRY\\X").ToArray(), pointerSize: pointerSize),
                EtlRecord.PerfInfo(stamp + 80, 15, 46, new BytesWriter().Pointer(1, pointerSize).Int32(2).Int32(3).ToArray(), pointerSize: pointerSize),
                EtlRecord.Classic(stamp + 90, Manifested, 5, [1, 2, 3], pointerSize: pointerSize),
                EtlRecord.Instance(stamp + 100, Manifested, 6, [4, 5], pointerSize: pointerSize),
                EtlRecord.Message(stamp + 110, Manifested, 12, [6, 7, 8]));
        }

        return builder.Build();
    }

    public static byte[] Process(int pointerSize)
    {
        var bytes = new BytesWriter().Pointer(0xFFFF8000, pointerSize).Int32(4321).Int32(1234).Int32(1).Int32(259).Pointer(0x1000, pointerSize).Int32(0);
        bytes.Pointer(1, pointerSize).Pointer(0, pointerSize).Bytes(Sid());
        return bytes.Utf8("cmd.exe").Text("cmd /c whoami").Text("").Text("").ToArray();
    }

    /// <summary>S-1-5-21-1-2-3-500.</summary>
    public static byte[] Sid() => new BytesWriter().UInt8(1).UInt8(5).Bytes([0, 0, 0, 0, 0, 5]).Int32(21).Int32(1).Int32(2).Int32(3).Int32(500).ToArray();

    /// <summary>A TRACE_EVENT_INFO for <see cref="Merged"/> 7: Size UInt32, Data Binary of that size, Text UnicodeString.</summary>
    public static byte[] Information()
    {
        const int Names = 112 + (3 * 24);
        string[] names = ["Merged-Provider", "Task ", "win:Start", "Size", "Data", "Text"];
        var offsets = new int[names.Length];
        var text = new BytesWriter();
        for (int i = 0; i < names.Length; i++)
        {
            offsets[i] = Names + text.ToArray().Length;
            text.Text(names[i]);
        }

        return new BytesWriter().Guid(Merged).Guid(default).UInt16(7).UInt8(0).UInt8(0).UInt8(4).UInt8(1).UInt16(0).Int64(0)
            .Int32(0).Int32(offsets[0]).Int32(0).Int32(0).Int32(0).Int32(offsets[1]).Int32(offsets[2]).Int32(0).Int32(0).Int32(0).Int32(0)
            .Int32(0).Int32(0).Int32(3).Int32(3).Int32(0)
            .Int32(0).Int32(offsets[3]).UInt16(8).UInt16(0).Int32(0).UInt16(1).UInt16(4).Int32(0)
            .Int32(2).Int32(offsets[4]).UInt16(14).UInt16(0).Int32(0).UInt16(1).UInt16(0).Int32(0)
            .Int32(0).Int32(offsets[5]).UInt16(1).UInt16(0).Int32(0).UInt16(1).UInt16(0).Int32(0)
            .Bytes(text.ToArray()).ToArray();
    }

    /// <summary>The manifest of an EventSource with one event: 3, Say/Start, text UnicodeString, times Int32.</summary>
    public static byte[] Manifest(int total = 1, int number = 0, Range? part = null)
    {
        const string Xml = """
            <instrumentationManifest xmlns="http://schemas.microsoft.com/win/2004/08/events">
             <instrumentation xmlns:win="http://manifests.microsoft.com/win/2004/08/windows/events"><events>
              <provider name="Seed-EventSource" guid="{aaaaaaaa-0000-0000-0000-000000000003}" symbol="SeedEventSource">
               <tasks><task name="Say" value="1"/></tasks>
               <events><event value="3" version="0" level="win:Informational" symbol="SayStart" task="Say" opcode="win:Start" template="SayArgs"/></events>
               <templates><template tid="SayArgs"><data name="text" inType="win:UnicodeString"/><data name="times" inType="win:Int32"/></template></templates>
              </provider></events></instrumentation></instrumentationManifest>
            """;
        byte[] bytes = Encoding.UTF8.GetBytes(Xml);
        return new BytesWriter().UInt8(1).UInt8(1).UInt8(0).UInt8(0x5B).UInt16(total).UInt16(number).Bytes(part is { } range ? bytes[range] : bytes).ToArray();
    }
}
