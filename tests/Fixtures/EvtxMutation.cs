using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Diagnostics;
using ApiLevel.Formats;
using ApiLevel.Formats.EventLog;

namespace ApiLevel.Fixtures;

/// <summary>Damages logs at random, from a seed, and reads what is left.</summary>
internal static class EvtxMutation
{
    /// <summary>Logs with everything the builder can write, to be damaged.</summary>
    public static byte[] Seed()
    {
        EvtxTemplate data = EvtxEvents.Data(
            ("Text", 0x01), ("Number", 0x08), ("Bytes", 0x0E), ("Sid", 0x13), ("Time", 0x11), ("Hex", 0x15), ("Texts", 0x81), ("Numbers", 0x88));
        var chunks = new List<byte[]>();
        for (int c = 0; c < 3; c++)
        {
            var chunk = new EvtxChunk();
            for (int i = 0; i < 20; i++)
            {
                long id = (c * 100) + i + 1;
                EvtxEvents.Add(
                    chunk,
                    i + 1,
                    id,
                    data,
                    EvtxValue.Text("value " + i),
                    EvtxValue.UInt32((uint)i),
                    new EvtxValue(0x0E, [1, 2, 3, 4]),
                    EvtxValue.Sid(21, 1, 2, 3),
                    EvtxValue.FileTime(EvtxEvents.Time),
                    EvtxValue.Hex64(0x1FFFFF),
                    new EvtxValue(0x81, [.. EvtxValue.Text("a\0b\0c\0").Bytes]),
                    new EvtxValue(0x88, [1, 0, 0, 0, 2, 0, 0, 0]));
            }

            chunks.Add(chunk.ToBytes());
        }

        return EvtxFile.Build(chunks);
    }

    /// <summary>A damaged copy: single bits, bytes, numbers, moved blocks, a cut end, and mostly checksums that fit again.</summary>
    public static byte[] Mutate(byte[] seed, Random random)
    {
        byte[] bytes = seed.AsSpan().ToArray();
        int count = 1 << random.Next(0, 7);
        for (int i = 0; i < count; i++)
        {
            // Nearly all of a log is records; the headers get their share.
            int at = random.Next(8) == 0 ? random.Next(Math.Min(bytes.Length, 4096 + 512)) : random.Next(bytes.Length);
            switch (random.Next(7))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2 when at + 4 <= bytes.Length:
                    BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), (int[])[0, -1, int.MaxValue, int.MinValue, 0x10000, random.Next()] is var odd ? odd[random.Next(odd.Length)] : 0);
                    break;
                case 3 when at + 2 <= bytes.Length:
                    BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(at), random.Next(2) == 0 ? ushort.MaxValue : (ushort)random.Next(0x10000));
                    break;
                case 4:
                    int length = Math.Min(random.Next(64), bytes.Length - at);
                    int from = random.Next(bytes.Length - length + 1);
                    bytes.AsSpan(from, length).CopyTo(bytes.AsSpan(at));
                    break;
                case 5:
                    // A token in the wrong place.
                    bytes[at] = (byte)random.Next(0x10);
                    break;
                case 6 when random.Next(16) == 0:
                    bytes = bytes.AsSpan(0, at).ToArray();
                    if (bytes.Length == 0)
                    {
                        return bytes;
                    }

                    break;
            }
        }

        return bytes;
    }

    /// <summary>Reads a log to its end, XML too. Throws what the reader throws.</summary>
    public static (long Records, int Problems, TimeSpan Time) Read(byte[] bytes)
    {
        var clock = Stopwatch.StartNew();
        EventFileResult result = EventLogFile.Open(ByteSource.FromMemory(bytes), "mutant");
        if (result.Reader is not EvtxReader reader)
        {
            return (0, 1, clock.Elapsed);
        }

        long records = 0;
        using (reader)
        {
            while (reader.TryRead(out EventRecord? record))
            {
                records++;
                _ = EventPayload.ToJson(record.Fields);
                if ((records & 7) == 0)
                {
                    _ = reader.GetXml();
                }
            }

            return (records, reader.Problems.Count, clock.Elapsed);
        }
    }
}
