using System;
using System.Collections.Generic;

namespace ApiLevel.Formats.EventTrace;

/// <summary>The in-types of event descriptions, with Windows' numbers.</summary>
internal enum InType
{
    Null = 0,
    UnicodeString = 1,
    AnsiString = 2,
    Int8 = 3,
    UInt8 = 4,
    Int16 = 5,
    UInt16 = 6,
    Int32 = 7,
    UInt32 = 8,
    Int64 = 9,
    UInt64 = 10,
    Float = 11,
    Double = 12,
    Boolean = 13,
    Binary = 14,
    Guid = 15,
    Pointer = 16,
    FileTime = 17,
    SystemTime = 18,
    Sid = 19,
    HexInt32 = 20,
    HexInt64 = 21,

    /// <summary>A length in bytes (two bytes), then so much UTF-16.</summary>
    CountedUnicode = 22,

    /// <summary>A length in bytes (two bytes), then so much narrow text.</summary>
    CountedAnsi = 23,

    /// <summary>TraceLogging's structure; event descriptions of Windows use a flag instead.</summary>
    Struct = 24,

    /// <summary>A length in bytes (two bytes), then the bytes.</summary>
    CountedBinary = 25,

    ClassicCountedUnicode = 300,
    ClassicCountedAnsi = 301,

    /// <summary>As the counted ones, with the length in network order.</summary>
    ReversedCountedUnicode = 302,
    ReversedCountedAnsi = 303,

    /// <summary>Text up to the payload's end.</summary>
    UnterminatedUnicode = 304,
    UnterminatedAnsi = 305,
    UnicodeChar = 306,
    AnsiChar = 307,
    SizeT = 308,

    /// <summary>A length in bytes (four bytes), then the bytes.</summary>
    HexDump = 309,

    /// <summary>A security identifier after the token structure it came with.</summary>
    TokenSid = 310,
}

/// <summary>How a value wants to be shown, the few that change a value here.</summary>
internal enum OutType
{
    None = 0,
    Boolean = 13,
    Port = 22,
    IPv4 = 23,
    IPv6 = 24,
    Utf8 = 35,

    /// <summary>Not Windows' number: a character for integers, from TraceLogging's STRING.</summary>
    Character = 1000,

    /// <summary>Not Windows' number: an unsigned in-type that holds a signed value.</summary>
    Signed = 1001,

    /// <summary>Not Windows' number: a signed in-type that holds an unsigned value.</summary>
    Unsigned = 1002,

    /// <summary>Not Windows' number: an integer of 64 bits that is a FILETIME.</summary>
    FileTime = 1003,
}

/// <summary>Where a count or a length comes from.</summary>
internal enum ExtentKind
{
    /// <summary>There is none: one value, of the type's own length.</summary>
    None,

    /// <summary>The number stands in the description.</summary>
    Fixed,

    /// <summary>The number is an earlier property's value.</summary>
    Property,

    /// <summary>The number stands before the value, two bytes.</summary>
    Inline,
}

/// <summary>One property of a payload's description.</summary>
internal readonly record struct PayloadProperty(
    string Name,
    InType Type,
    OutType Out,
    ExtentKind CountKind,
    int Count,
    ExtentKind LengthKind,
    int Length,
    int FirstMember,
    int MemberCount);

/// <summary>A payload's description, whatever it was made from. Members of structures follow the top-level properties.</summary>
internal sealed class PayloadSchema(string provider, string? eventName, PayloadProperty[] properties, int topLevel)
{
    public string Provider { get; } = provider;

    public string? EventName { get; } = eventName;

    public PayloadProperty[] Properties { get; } = properties;

    /// <summary>A count or a length is another property's value, so integers have to be kept while decoding.</summary>
    public bool RefersToIntegers { get; } = Array.Exists(
        properties, property => property.CountKind == ExtentKind.Property || property.LengthKind == ExtentKind.Property);

    public int TopLevel { get; } = topLevel;

    /// <summary>From this top-level property on, a payload may end: older versions of Windows did not write the rest.</summary>
    public int OptionalFrom { get; init; } = int.MaxValue;

    /// <summary>Another way to read the same payload, tried when this one does not end where the payload ends.</summary>
    public PayloadSchema? Alternative { get; init; }

    /// <summary>Bytes that the whole description itself takes in memory, roughly; for the reader's limits.</summary>
    public int Weight
    {
        get
        {
            int weight = 64;
            foreach (PayloadProperty property in Properties)
            {
                weight += 96 + (2 * property.Name.Length);
            }

            return weight;
        }
    }

    private static readonly Dictionary<string, InType> s_names = new(StringComparer.OrdinalIgnoreCase)
    {
        ["UnicodeString"] = InType.UnicodeString,
        ["AnsiString"] = InType.AnsiString,
        ["Int8"] = InType.Int8,
        ["UInt8"] = InType.UInt8,
        ["Int16"] = InType.Int16,
        ["UInt16"] = InType.UInt16,
        ["Int32"] = InType.Int32,
        ["UInt32"] = InType.UInt32,
        ["Int64"] = InType.Int64,
        ["UInt64"] = InType.UInt64,
        ["Float"] = InType.Float,
        ["Double"] = InType.Double,
        ["Boolean"] = InType.Boolean,
        ["Binary"] = InType.Binary,
        ["GUID"] = InType.Guid,
        ["Pointer"] = InType.Pointer,
        ["FILETIME"] = InType.FileTime,
        ["SYSTEMTIME"] = InType.SystemTime,
        ["SID"] = InType.Sid,
        ["HexInt32"] = InType.HexInt32,
        ["HexInt64"] = InType.HexInt64,
        ["SizeT"] = InType.SizeT,
    };

    /// <summary>Makes a description from names and types alone.</summary>
    /// <remarks>
    /// Such a list does not say which strings and binaries have their length in the field before. The name does:
    /// FilePathLength, FilePath; FileHashSize, FileHash. Two descriptions are made where that occurs, and the one that ends
    /// where the payload ends is right.
    /// </remarks>
    public static PayloadSchema FromFields(string provider, string? eventName, IReadOnlyList<EventFieldSchema> fields)
    {
        PayloadProperty[] plain = Build(fields, useLengthFields: false, out _);
        PayloadProperty[] withLengths = Build(fields, useLengthFields: true, out bool used);
        var simple = new PayloadSchema(provider, eventName, plain, plain.Length);
        return used ? new PayloadSchema(provider, eventName, withLengths, withLengths.Length) { Alternative = simple } : simple;
    }

    private static PayloadProperty[] Build(IReadOnlyList<EventFieldSchema> fields, bool useLengthFields, out bool used)
    {
        used = false;
        var properties = new PayloadProperty[fields.Count];
        for (int i = 0; i < properties.Length; i++)
        {
            EventFieldSchema field = fields[i];
            if (!s_names.TryGetValue(field.Type, out InType type))
            {
                type = InType.Null;
            }

            bool hasLength = useLengthFields && i > 0
                && type is InType.UnicodeString or InType.AnsiString or InType.Binary
                && properties[i - 1].Type is InType.UInt16 or InType.UInt32 or InType.HexInt32 or InType.UInt8
                && NamesLengthOf(fields[i - 1].Name, type == InType.Binary ? null : field.Name);
            used |= hasLength;
            properties[i] = new PayloadProperty(
                field.Name,
                type,
                OutType.None,
                ExtentKind.None,
                1,
                hasLength ? ExtentKind.Property : ExtentKind.None,
                hasLength ? i - 1 : 0,
                0,
                0);
        }

        return properties;
    }

    /// <summary>Whether a field's name says that it holds another one's length; null for the other means that the place says it.</summary>
    private static bool NamesLengthOf(string lengthName, string? name)
    {
        foreach (string suffix in (string[])["Length", "Size", "Len"])
        {
            if (lengthName.Length > suffix.Length && lengthName.EndsWith(suffix, StringComparison.OrdinalIgnoreCase))
            {
                return name is null || name.StartsWith(lengthName.Substring(0, lengthName.Length - suffix.Length), StringComparison.OrdinalIgnoreCase);
            }
        }

        return false;
    }
}
