using System;
using System.Collections.Generic;
using System.Diagnostics;
using ApiLevel.Formats;
using ApiLevel.Formats.EventTrace;

namespace ApiLevel.Fixtures;

/// <summary>What reading damaged files did.</summary>
internal sealed class EtlMutationReport
{
    public int Files { get; set; }

    public int Refused { get; set; }

    public long Records { get; set; }

    public int Threw { get; set; }

    public string? FirstException { get; set; }

    public TimeSpan Slowest { get; set; }

    public string? SlowestWhat { get; set; }
}

/// <summary>Damages .etl files at random, by a seed, and reads them.</summary>
internal static class EtlMutations
{
    public static EtlMutationReport Run(byte[][] seeds, int count, int seed)
    {
        var random = new Random(seed);
        var report = new EtlMutationReport();
        for (int i = 0; i < count; i++)
        {
            byte[] bytes = Mutate(seeds[random.Next(seeds.Length)], random);
            Read(bytes, report, FormattableString.Invariant($"mutant {i} of seed {seed}"));
        }

        return report;
    }

    public static void Read(byte[] bytes, EtlMutationReport report, string what)
    {
        var watch = Stopwatch.StartNew();
        report.Files++;
        try
        {
            EventFileResult result = EventTraceFile.Open(ByteSource.FromMemory(bytes), "mutant.etl", new EventReadOptions { Schemas = AnySchema.Instance });
            if (result.Reader is null)
            {
                report.Refused++;
            }
            else
            {
                using EventFileReader reader = result.Reader;
                foreach (EventRecord _ in reader)
                {
                    report.Records++;
                }
            }
        }
#pragma warning disable CA1031 // Any exception at all is what this looks for.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            report.Threw++;
            report.FirstException ??= what + ": " + exception;
        }

        if (watch.Elapsed > report.Slowest)
        {
            report.Slowest = watch.Elapsed;
            report.SlowestWhat = what;
        }
    }

    private static byte[] Mutate(byte[] original, Random random)
    {
        byte[] bytes = (byte[])original.Clone();
        switch (random.Next(8))
        {
            case 0:
                return bytes.AsSpan(0, random.Next(bytes.Length)).ToArray();
            case 1:
                // One buffer's bytes over another's: stale and repeated data.
                int length = Math.Min(random.Next(1, 4096), bytes.Length);
                bytes.AsSpan(random.Next(bytes.Length - length + 1), length).CopyTo(bytes.AsSpan(random.Next(bytes.Length - length + 1)));
                return bytes;
            case 2:
                bytes.AsSpan(random.Next(bytes.Length)).Fill((byte)random.Next(256));
                return bytes;
            default:
                int changes = 1 << random.Next(10);
                bool early = random.Next(3) == 0;
                for (int i = 0; i < changes; i++)
                {
                    // Sizes and flags stand at the starts: of the file, of buffers, of records.
                    int at = random.Next(early ? Math.Min(bytes.Length, 2048) : bytes.Length);
                    if (random.Next(2) == 0)
                    {
                        at &= ~7;
                    }

                    bytes[at] = random.Next(4) switch
                    {
                        0 => 0,
                        1 => 0xFF,
                        2 => (byte)(bytes[at] ^ (1 << random.Next(8))),
                        _ => (byte)random.Next(256),
                    };
                }

                return bytes;
        }
    }
}

/// <summary>A description for every event, right for none, so that damaged payloads meet every type.</summary>
internal sealed class AnySchema : IEventSchemaSource
{
    public static readonly AnySchema Instance = new();

    private static readonly EventFieldSchema[] s_all = Array.ConvertAll(
        (string[])["UInt16", "PathLength:UInt16", "Path:UnicodeString", "AnsiString", "SID", "Int8", "Boolean", "GUID", "Pointer", "HashSize:UInt32", "Hash:Binary", "FILETIME", "SYSTEMTIME", "Float", "Double", "SizeT", "HexInt64", "Unheard", "UnicodeString"],
        text => text.IndexOf(':', StringComparison.Ordinal) is var colon and > 0
            ? new EventFieldSchema(text[..colon], text[(colon + 1)..])
            : new EventFieldSchema("f", text));

    public bool TryGetSchema(Guid providerId, int eventId, int version, out string provider, out string eventName, out IReadOnlyList<EventFieldSchema> fields)
    {
        provider = "Any";
        eventName = "";
        int from = eventId % s_all.Length;
        fields = s_all[from..];
        return eventId % 3 != 0;
    }
}
