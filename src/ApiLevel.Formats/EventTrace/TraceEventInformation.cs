using System;

namespace ApiLevel.Formats.EventTrace;

/// <summary>
/// TRACE_EVENT_INFO: the description that Windows' merge tools write into a file for each event that they could describe.
/// Offsets count from the structure's start.
/// </summary>
internal static class TraceEventInformation
{
    private const int HeaderSize = 112;
    private const int PropertySize = 24;
    private const int DecodingSourceClassic = 1;

    [Flags]
    private enum PropertyFlags
    {
        Struct = 1,
        LengthFromProperty = 2,
        CountFromProperty = 4,
        FixedLength = 0x10,
        FixedCount = 0x20,
    }

    /// <summary>Parses one. False when it is not even a whole header.</summary>
    public static bool TryParse(ReadOnlySpan<byte> data, out SchemaKey key, out PayloadSchema? schema)
    {
        key = default;
        schema = null;
        if (data.Length < HeaderSize)
        {
            return false;
        }

        bool classic = EtlBytes.UInt32(data, 48) == DecodingSourceClassic;
        int id = EtlBytes.UInt16(data, 32);
        int version = data[34];
        int opcode = data[37];
        Guid provider = EtlBytes.Guid(data, 0);
        Guid eventGuid = EtlBytes.Guid(data, 16);
        key = classic ? new SchemaKey(eventGuid, opcode, version, true) : new SchemaKey(provider, id, version, false);

        string task = EtlBytes.Utf16At(data, EtlBytes.UInt32(data, 68)).Trim();
        string opcodeName = EtlBytes.Utf16At(data, EtlBytes.UInt32(data, 72)).Trim();
        string providerName = EtlBytes.Utf16At(data, EtlBytes.UInt32(data, 52)).Trim();
        int count = Math.Min((int)Math.Min(EtlBytes.UInt32(data, 100), int.MaxValue), (data.Length - HeaderSize) / PropertySize);
        int top = (int)Math.Min(EtlBytes.UInt32(data, 104), (uint)count);
        var properties = new PayloadProperty[count];
        for (int i = 0; i < count; i++)
        {
            properties[i] = Property(data, data.Slice(HeaderSize + (i * PropertySize), PropertySize), i, count);
        }

        schema = new PayloadSchema(providerName, EventName(task, opcode, opcodeName), properties, top);
        return true;
    }

    /// <summary>"Task/Opcode", or what there is of it; null when there is nothing.</summary>
    public static string? EventName(string task, int opcode, string opcodeName)
    {
        // The standard opcodes carry the namespace of Windows' own manifest.
        const string Prefix = "win:";
        string tail = opcode == 0 ? ""
            : opcodeName.StartsWith(Prefix, StringComparison.Ordinal) ? opcodeName.Substring(Prefix.Length)
            : opcodeName;
        return task.Length == 0 ? tail.Length == 0 ? null : tail
            : tail.Length == 0 ? task
            : task + "/" + tail;
    }

    private static PayloadProperty Property(ReadOnlySpan<byte> data, ReadOnlySpan<byte> entry, int index, int count)
    {
        var flags = (PropertyFlags)EtlBytes.UInt32(entry, 0);
        string name = EtlBytes.Utf16At(data, EtlBytes.UInt32(entry, 4)).Trim();
        int first = EtlBytes.UInt16(entry, 8);
        int second = EtlBytes.UInt16(entry, 10);
        int number = EtlBytes.UInt16(entry, 16);
        int length = EtlBytes.UInt16(entry, 18);

        ExtentKind countKind = (flags & PropertyFlags.CountFromProperty) != 0 ? ExtentKind.Property
            : (flags & PropertyFlags.FixedCount) != 0 || number > 1 ? ExtentKind.Fixed
            : ExtentKind.None;
        if ((flags & PropertyFlags.Struct) != 0)
        {
            // Members must come later than their structure, or a description could contain itself.
            bool valid = first > index && first + second <= count;
            return new PayloadProperty(
                name, valid ? InType.Struct : InType.Null, OutType.None, countKind, number, ExtentKind.None, 0, first, valid ? second : 0);
        }

        ExtentKind lengthKind = (flags & PropertyFlags.LengthFromProperty) != 0 ? ExtentKind.Property
            : length > 0 ? ExtentKind.Fixed
            : ExtentKind.None;
        return new PayloadProperty(name, (InType)first, (OutType)second, countKind, number, lengthKind, length, 0, 0);
    }
}

/// <summary>What a description belongs to: an event of a manifest (its id), or of a classic class (its opcode).</summary>
internal readonly record struct SchemaKey(Guid Provider, int Number, int Version, bool Classic);
