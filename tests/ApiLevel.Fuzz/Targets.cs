using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using ApiLevel.Fixtures;
using ApiLevel.Formats;
using ApiLevel.Formats.EventLog;
using ApiLevel.Formats.EventTrace;
using ApiLevel.Formats.JsonEvents;
using ApiLevel.Formats.Portable;
using ApiLevel.Rules;
using ApiLevel.Tracing;
using ApiLevel.Tracing.Tests.NetTrace;

namespace ApiLevel.Fuzz;

/// <summary>A reader and what it is fed. A reader that throws has a defect: damage is a result, not an exception.</summary>
/// <param name="Name">How the command line calls it; the folder of its corpus.</param>
/// <param name="Run">Reads an input to its end and checks what must hold for any input.</param>
/// <param name="Seeds">Small valid inputs, made by the builders of the tests.</param>
/// <param name="Repair">Makes the checksums of a mutant fit; null for a format that has none.</param>
internal sealed record Target(string Name, Action<byte[]> Run, Func<IEnumerable<byte[]>> Seeds, Action<byte[]>? Repair = null);

/// <summary>Every reader of bytes that come from others.</summary>
internal static class Targets
{
    private const int EvtxHeader = 4096;
    private const int MaximumProblems = 101;

    private static readonly PortableReadOptions s_everything = new() { Hash = true, Inference = new Names() };

    public static IReadOnlyList<Target> All { get; } =
    [
        new("pe", Portable, () => PortableMutator.Bases(ManagedMetadata.Build()).Select(i => i.Bytes)),
        new("evtx", bytes => Events(EventLogFile.Open(ByteSource.FromMemory(bytes), "input")), EventLogs, SealChunks),
        new("etl", bytes => Events(EventTraceFile.Open(ByteSource.FromMemory(bytes), "input")), EtlSeeds.All),
        new("json", Json, () => []),
        new("xml", bytes => Event(EventRecordText.FromXml(Encoding.UTF8.GetString(bytes))), Xml),
        new("nettrace", NetTrace, NetTraces),
        new("facts", Facts, () => []),
    ];

    private static void Portable(byte[] bytes)
    {
        using ByteSource source = ByteSource.FromMemory(bytes);
        foreach (PortableReadOptions options in (PortableReadOptions[])[PortableReadOptions.Default, s_everything])
        {
            PortableReadResult result = PortableReader.Read(source, "input", options);
            Check(result.Image is null != result.Failure is null, "an image or a failure");
            if (result.Image is { } image)
            {
                Check(image.Complete == (image.Problems.Count == 0), "complete without problems");
                Check(image.Problems.Count <= MaximumProblems, "the number of problems is bounded");
                Check(image.References.Count(r => r.Kind is ReferenceKind.Import or ReferenceKind.DelayImport) <= Math.Max(bytes.Length, 4096) / 4, "the number of imports is bounded");
            }
        }
    }

    private static void Events(EventFileResult result)
    {
        Check(result.Reader is null != result.Failure is null, "a reader or a failure");
        if (result.Reader is not { } reader)
        {
            return;
        }

        using (reader)
        {
            for (int i = 0; reader.TryRead(out EventRecord? record); i++)
            {
                Event(record);
                Check(reader.Position >= 0 && reader.Position <= reader.Length, "a position within the file");
                if (i % 8 == 0 && reader is EvtxReader log)
                {
                    _ = log.GetXml();
                }
            }

            Check(reader.Problems.Count <= MaximumProblems, "the number of problems is bounded");
            Check(reader.Problems.All(p => p.Where is not null && p.What is not null), "a problem says where and what");
        }
    }

    private static void Event(EventRecord? record)
    {
        if (record is not null)
        {
            // The payload is valid JSON, whatever stood in it.
            JsonDocument.Parse(EventPayload.ToJson(record.Fields), new JsonDocumentOptions { MaxDepth = 256 }).Dispose();
        }
    }

    private static void Json(byte[] bytes)
    {
        Events(JsonEventFile.Open(ByteSource.FromMemory(bytes), "input"));
        Event(EventRecordText.FromJson(bytes, out _));
    }

    private static void NetTrace(byte[] bytes) =>
        Events(new TracingProvider().OpenNetTrace(ByteSource.FromMemory(bytes), "input", null));

    private static void Facts(byte[] bytes)
    {
        using StreamReader text = new(new MemoryStream(bytes), new UTF8Encoding(false, throwOnInvalidBytes: false));
        FactReadResult result = FactYamlReader.Read(text, "input");
        Check(result.Problems.All(p => p.Origin.Line >= 0), "a problem has a line");
    }

    private static IEnumerable<byte[]> EventLogs()
    {
        EvtxTemplate data = EvtxEvents.Data(("Text", 0x01), ("Number", 0x08), ("Bytes", 0x0E), ("Sid", 0x13), ("Time", 0x11), ("Texts", 0x81));
        var usual = new EvtxChunk();
        for (int i = 1; i <= 3; i++)
        {
            EvtxEvents.Add(
                usual, i, i, data, EvtxValue.Text("value"), EvtxValue.UInt32(7), new EvtxValue(0x0E, [1, 2, 3]), EvtxValue.Sid(21, 1), EvtxValue.FileTime(EvtxEvents.Time), new EvtxValue(0x81, EvtxValue.Text("a\0b\0").Bytes));
        }

        yield return EvtxFile.Build(usual);

        var loose = new EvtxChunk();
        EvtxEvents.Add(loose, 9, 1, chunk =>
        {
            chunk.Open("EventData", attributes: true);
            chunk.Attribute("Name");
            chunk.Text("n");
            chunk.CloseStart();
            chunk.Text("content");
            chunk.End();
        });
        yield return EvtxFile.Build(loose);
    }

    private static void SealChunks(byte[] bytes)
    {
        for (int at = EvtxHeader; at + EvtxChunk.Size <= bytes.Length; at += EvtxChunk.Size)
        {
            EvtxChunk.Seal(bytes.AsSpan(at, EvtxChunk.Size));
        }
    }

    private static IEnumerable<byte[]> Xml() =>
    [
        """
        <Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Microsoft-Windows-Sysmon' Guid='{5770385f-c22a-43e0-bf4c-06f5698ffbd9}'/><EventID Qualifiers='0'>10</EventID><Version>3</Version><Level>4</Level><Keywords>0x8000000000000000</Keywords><TimeCreated SystemTime='2021-10-21T20:40:43.1363201Z'/><EventRecordID>1</EventRecordID><Execution ProcessID='4' ThreadID='8'/><Channel>Security</Channel><Computer>c</Computer><Security UserID='S-1-5-18'/></System><EventData><Data Name='A'>x</Data><Data>y</Data></EventData></Event>
        """u8.ToArray(),
        "<Event><System/><UserData><A xmlns='b'><C>d</C><C>e</C></A></UserData></Event>"u8.ToArray(),
    ];

    private static IEnumerable<byte[]> NetTraces()
    {
        // A UInt32, an object of a text and a byte, an array of numbers; and no field.
        yield return NetTraceBytes.Version4(NetTraceBytes.Bytes(fields =>
        {
            fields.Write(2);
            fields.Write(10);
            fields.Write(NetTraceBytes.Utf16("Number"));
            fields.Write(1);
            fields.Write(1);
            fields.Write(18);
            fields.Write(NetTraceBytes.Utf16("Text"));
            fields.Write(NetTraceBytes.Utf16("Inner"));
        }));
        yield return NetTraceBytes.Version4([0, 0, 0, 0]);
        yield return NetTraceBytes.Version6(NetTraceBytes.Bytes(fields =>
        {
            fields.Write((short)1);
            byte[] field = NetTraceBytes.Bytes(f =>
            {
                f.Write("Number");
                f.Write((byte)10);
            });
            fields.Write((short)field.Length);
            fields.Write(field);
        }));
        yield return NetTraceBytes.Version6([0, 0]);
    }

    private static void Check(bool holds, string what)
    {
        if (!holds)
        {
            throw new InvalidDataException("does not hold: " + what);
        }
    }

    /// <summary>Knows enough names that every kind of inference has something to find.</summary>
    private sealed class Names : IInferenceDictionary
    {
        public bool FindComClasses => true;

        public bool FindNames => true;

        public bool FindHashes => true;

        public bool IsKnownComClass(Guid id) => (id.ToByteArray()[0] & 3) == 0;

        public bool TryGetFunction(ReadOnlySpan<char> name, out string module)
        {
            module = "kernel32";
            return name.Length > 3 && char.IsUpper(name[0]);
        }

        public bool TryGetHash(uint value, out string algorithm, out string module, out string name)
        {
            (algorithm, module, name) = ("ror13", "kernel32", "CreateFileW");
            return (value & 0xFF) == 0x12;
        }
    }
}
