using System;
using System.Collections.Generic;

namespace ApiLevel.Formats.EventTrace;

/// <summary>Reads the description that a TraceLogging event carries with it: two extended items, one for the provider, one for the event.</summary>
internal static class TraceLoggingSchema
{
    private const int MaximumDepth = 16;

    /// <summary>The provider's name out of its traits: a length, then UTF-8 up to a zero. Empty when there is none.</summary>
    public static string ProviderName(ReadOnlySpan<byte> traits)
    {
        if (traits.Length < 3)
        {
            return "";
        }

        int length = Math.Min((int)EtlBytes.UInt16(traits, 0), traits.Length);
        return length < 3 ? "" : EtlText.Utf8(UntilZero(traits.Slice(2, length - 2)));
    }

    /// <summary>Parses the event's description. What is damaged ends the list of fields; the name stays.</summary>
    public static PayloadSchema Parse(string provider, ReadOnlySpan<byte> metadata)
    {
        int length = metadata.Length >= 2 ? Math.Min((int)EtlBytes.UInt16(metadata, 0), metadata.Length) : 0;
        if (length < 3)
        {
            return new PayloadSchema(provider, null, [], 0);
        }

        ReadOnlySpan<byte> bytes = metadata.Slice(0, length);
        int at = 2;
        SkipTags(bytes, ref at);
        string name = Name(bytes, ref at);
        var top = new List<Node>();
        bool complete = true;
        while (at < bytes.Length)
        {
            if (!TryField(bytes, ref at, 0, out Node? node))
            {
                complete = false;
                break;
            }

            top.Add(node!);
        }

        if (!complete)
        {
            // Without the rest of the description nothing says where the payload's next field ends.
            top.Add(new Node(new PayloadProperty("", InType.Null, OutType.None, ExtentKind.None, 1, ExtentKind.None, 0, 0, 0), []));
        }

        return new PayloadSchema(provider, name, Flatten(top), top.Count);
    }

    private static bool TryField(ReadOnlySpan<byte> bytes, ref int at, int depth, out Node? node)
    {
        node = null;
        string name = Name(bytes, ref at);
        if (at >= bytes.Length)
        {
            return false;
        }

        int inByte = bytes[at++];
        int outByte = 0;
        if ((inByte & 0x80) != 0)
        {
            if (at >= bytes.Length)
            {
                return false;
            }

            outByte = bytes[at++];
            if ((outByte & 0x80) != 0)
            {
                SkipTags(bytes, ref at);
            }
        }

        var countKind = ExtentKind.None;
        int count = 1;
        switch (inByte & 0x60)
        {
            case 0x20:
                if (bytes.Length - at < 2)
                {
                    return false;
                }

                countKind = ExtentKind.Fixed;
                count = EtlBytes.UInt16(bytes, at);
                at += 2;
                break;
            case 0x40:
                countKind = ExtentKind.Inline;
                break;
            case 0x60:
                // Data of another encoding: it names its own type, and its payload is counted bytes.
                if (bytes.Length - at < 2)
                {
                    return false;
                }

                at += 2 + EtlBytes.UInt16(bytes, at);
                if (at > bytes.Length)
                {
                    return false;
                }

                node = new Node(new PayloadProperty(name, InType.CountedBinary, OutType.None, ExtentKind.None, 1, ExtentKind.None, 0, 0, 0), []);
                return true;
        }

        var type = (InType)(inByte & 0x1F);
        var members = new List<Node>();
        if (type == InType.Struct)
        {
            if (depth >= MaximumDepth)
            {
                return false;
            }

            for (int i = outByte & 0x7F; i > 0; i--)
            {
                if (!TryField(bytes, ref at, depth + 1, out Node? member))
                {
                    return false;
                }

                members.Add(member!);
            }

            node = new Node(new PayloadProperty(name, type, OutType.None, countKind, count, ExtentKind.None, 0, 0, members.Count), members);
            return true;
        }

        // Binary has its length before it here; with a constant count that is the length.
        if (type == InType.Binary)
        {
            type = countKind == ExtentKind.Fixed ? InType.Binary : InType.CountedBinary;
        }

        OutType outType = Out(type, outByte & 0x7F);
        node = type == InType.Binary
            ? new Node(new PayloadProperty(name, type, outType, ExtentKind.None, 1, ExtentKind.Fixed, count, 0, 0), members)
            : new Node(new PayloadProperty(name, type, outType, countKind, count, ExtentKind.None, 0, 0, 0), members);
        return true;
    }

    private static OutType Out(InType type, int outType) => outType switch
    {
        2 when type is InType.UInt8 or InType.UInt16 or InType.Int8 or InType.Int16 => OutType.Character,
        2 when type is InType.Binary or InType.CountedBinary => OutType.Utf8,
        3 when type != InType.Boolean => OutType.Boolean,
        7 => OutType.Port,
        8 => OutType.IPv4,
        9 => OutType.IPv6,
        11 or 12 or 35 => OutType.Utf8,
        16 or 38 when type is InType.UInt64 or InType.Int64 or InType.HexInt64 => OutType.FileTime,
        17 => OutType.Signed,
        18 => OutType.Unsigned,
        _ => OutType.None,
    };

    private static string Name(ReadOnlySpan<byte> bytes, ref int at)
    {
        ReadOnlySpan<byte> name = UntilZero(bytes.Slice(Math.Min(at, bytes.Length)));
        at = Math.Min(at + name.Length + 1, bytes.Length);
        return EtlText.Utf8(name);
    }

    private static void SkipTags(ReadOnlySpan<byte> bytes, ref int at)
    {
        while (at < bytes.Length && (bytes[at++] & 0x80) != 0)
        {
        }
    }

    private static PayloadProperty[] Flatten(List<Node> top)
    {
        var all = new List<Node>(top);
        var properties = new List<PayloadProperty>(all.Count);
        for (int i = 0; i < all.Count; i++)
        {
            PayloadProperty property = all[i].Property;
            properties.Add(property.MemberCount > 0 ? property with { FirstMember = all.Count } : property);
            all.AddRange(all[i].Members);
        }

        return properties.ToArray();
    }

    private static ReadOnlySpan<byte> UntilZero(ReadOnlySpan<byte> bytes)
    {
        int index = bytes.IndexOf((byte)0);
        return index < 0 ? bytes : bytes.Slice(0, index);
    }

    private sealed record Node(PayloadProperty Property, List<Node> Members);
}
