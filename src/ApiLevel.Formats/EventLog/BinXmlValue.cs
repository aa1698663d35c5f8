using System;
using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace ApiLevel.Formats.EventLog;

/// <summary>The value types of BinXML; <see cref="Array"/> is added for several values in one.</summary>
internal static class BinXmlType
{
    public const byte Null = 0x00;
    public const byte String = 0x01;
    public const byte AnsiString = 0x02;
    public const byte Int8 = 0x03;
    public const byte UInt8 = 0x04;
    public const byte Int16 = 0x05;
    public const byte UInt16 = 0x06;
    public const byte Int32 = 0x07;
    public const byte UInt32 = 0x08;
    public const byte Int64 = 0x09;
    public const byte UInt64 = 0x0A;
    public const byte Real32 = 0x0B;
    public const byte Real64 = 0x0C;
    public const byte Bool = 0x0D;
    public const byte Binary = 0x0E;
    public const byte Guid = 0x0F;
    public const byte SizeT = 0x10;
    public const byte FileTime = 0x11;
    public const byte SystemTime = 0x12;
    public const byte Sid = 0x13;
    public const byte HexInt32 = 0x14;
    public const byte HexInt64 = 0x15;
    public const byte EvtHandle = 0x20;
    public const byte BinXml = 0x21;
    public const byte EvtXml = 0x23;
    public const byte Array = 0x80;
}

/// <summary>Converts values. A value whose size is wrong for its type is given as its bytes.</summary>
internal static class BinXmlValue
{
    /// <summary>Where FILETIME begins, in ticks.</summary>
    public const long Year1601 = 504911232000000000;

    private static readonly object s_true = true;
    private static readonly object s_false = false;
    private static readonly object[] s_signed = MakeBoxes(static i => (long)i);
    private static readonly object[] s_unsigned = MakeBoxes(static i => (ulong)i);

    /// <summary>The text's bytes without the terminators that some providers count in.</summary>
    public static ReadOnlySpan<byte> TrimUtf16(ReadOnlySpan<byte> bytes)
    {
        int length = bytes.Length & ~1;
        while (length >= 2 && bytes[length - 1] == 0 && bytes[length - 2] == 0)
        {
            length -= 2;
        }

        return bytes.Slice(0, length);
    }

    /// <summary>A value that is no array and no BinXml, as <see cref="EventField.Value"/> has it.</summary>
    public static object? ToObject(byte type, ReadOnlySpan<byte> bytes, TextPool pool)
    {
        switch (type)
        {
            case BinXmlType.Null:
                return null;
            case BinXmlType.String or BinXmlType.EvtXml:
                return pool.Utf16(TrimUtf16(bytes));
            case BinXmlType.AnsiString:
                return Ansi(bytes);
            case BinXmlType.Bool:
                return TryBool(bytes, out bool flag) ? (flag ? s_true : s_false) : bytes.ToArray();
            case BinXmlType.Real32:
                return bytes.Length == 4 ? (double)ReadSingle(bytes) : bytes.ToArray();
            case BinXmlType.Real64:
                return bytes.Length == 8 ? BitConverter.Int64BitsToDouble(BinaryPrimitives.ReadInt64LittleEndian(bytes)) : bytes.ToArray();
            case BinXmlType.Guid:
                return bytes.Length == 16 ? ReadGuid(bytes) : bytes.ToArray();
            case BinXmlType.FileTime:
                if (bytes.Length != 8)
                {
                    return bytes.ToArray();
                }

                return TryFileTime(BinaryPrimitives.ReadInt64LittleEndian(bytes), out DateTime time)
                    ? time
                    : BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            case BinXmlType.SystemTime:
                return TrySystemTime(bytes, out DateTime? systemTime) ? systemTime : bytes.ToArray();
            case BinXmlType.Sid:
                return (object?)pool.Sid(bytes) ?? bytes.ToArray();
            default:
                if (TryInteger(type, bytes, out long value))
                {
                    return IsSigned(type) ? Box(value) : BoxUnsigned(unchecked((ulong)value));
                }

                return bytes.ToArray();
        }
    }

    public static bool IsSigned(byte type) => type is BinXmlType.Int8 or BinXmlType.Int16 or BinXmlType.Int32 or BinXmlType.Int64;

    public static object Box(long value) => (ulong)value < (ulong)s_signed.Length ? s_signed[(int)value] : value;

    public static object BoxUnsigned(ulong value) => value < (ulong)s_unsigned.Length ? s_unsigned[(int)value] : value;

    /// <summary>Any of the integer types, by the size that is really there; an unsigned one in two's complement.</summary>
    public static bool TryInteger(byte type, ReadOnlySpan<byte> bytes, out long value)
    {
        value = 0;
        if (type is not ((>= BinXmlType.Int8 and <= BinXmlType.UInt64) or BinXmlType.SizeT or BinXmlType.HexInt32 or BinXmlType.HexInt64
            or BinXmlType.EvtHandle))
        {
            return false;
        }

        bool signed = IsSigned(type);
        switch (bytes.Length)
        {
            case 1:
                value = signed ? (sbyte)bytes[0] : bytes[0];
                return true;
            case 2:
                value = signed ? BinaryPrimitives.ReadInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);
                return true;
            case 4:
                value = signed ? BinaryPrimitives.ReadInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
                return true;
            case 8:
                value = BinaryPrimitives.ReadInt64LittleEndian(bytes);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Booleans are met with one, two and four bytes, and with other values than 0 and 1.</summary>
    public static bool TryBool(ReadOnlySpan<byte> bytes, out bool value)
    {
        value = false;
        foreach (byte b in bytes)
        {
            value |= b != 0;
        }

        return bytes.Length is 1 or 2 or 4 or 8;
    }

    public static Guid ReadGuid(ReadOnlySpan<byte> b) => new(
        BinaryPrimitives.ReadInt32LittleEndian(b),
        BinaryPrimitives.ReadInt16LittleEndian(b.Slice(4)),
        BinaryPrimitives.ReadInt16LittleEndian(b.Slice(6)),
        b[8],
        b[9],
        b[10],
        b[11],
        b[12],
        b[13],
        b[14],
        b[15]);

    public static float ReadSingle(ReadOnlySpan<byte> bytes) => MemoryMarshal.Read<float>(bytes);

    /// <summary>A FILETIME as UTC; false for one that DateTime cannot hold.</summary>
    public static bool TryFileTime(long ticks, out DateTime time)
    {
        if (ticks < 0 || ticks > DateTime.MaxValue.Ticks - Year1601)
        {
            time = default;
            return false;
        }

        time = new DateTime(ticks + Year1601, DateTimeKind.Utc);
        return true;
    }

    /// <summary>A SYSTEMTIME; null for one of zeros, which means none. False for one that is no date.</summary>
    public static bool TrySystemTime(ReadOnlySpan<byte> bytes, out DateTime? time)
    {
        time = null;
        if (bytes.Length != 16)
        {
            return false;
        }

        int year = BinaryPrimitives.ReadUInt16LittleEndian(bytes);
        int month = BinaryPrimitives.ReadUInt16LittleEndian(bytes.Slice(2));
        int day = BinaryPrimitives.ReadUInt16LittleEndian(bytes.Slice(6));
        int hour = BinaryPrimitives.ReadUInt16LittleEndian(bytes.Slice(8));
        int minute = BinaryPrimitives.ReadUInt16LittleEndian(bytes.Slice(10));
        int second = BinaryPrimitives.ReadUInt16LittleEndian(bytes.Slice(12));
        int millisecond = BinaryPrimitives.ReadUInt16LittleEndian(bytes.Slice(14));
        if (year == 0 && month == 0 && day == 0)
        {
            return hour == 0 && minute == 0 && second == 0 && millisecond == 0;
        }

        if (year is < 1 or > 9999 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)
            || hour > 23 || minute > 59 || second > 59 || millisecond > 999)
        {
            return false;
        }

        time = new DateTime(year, month, day, hour, minute, second, millisecond, DateTimeKind.Utc);
        return true;
    }

    /// <summary>S-1-...; null for bytes that are cut short or too many.</summary>
    public static string? FormatSid(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 8 || bytes[0] != 1 || bytes[1] > 15 || bytes.Length != 8 + (4 * bytes[1]))
        {
            return null;
        }

        ulong authority = ((ulong)BinaryPrimitives.ReadUInt16BigEndian(bytes.Slice(2)) << 32) | BinaryPrimitives.ReadUInt32BigEndian(bytes.Slice(4));
        var text = new StringBuilder("S-1-", 48);
        if (authority > uint.MaxValue)
        {
            text.Append("0x").Append(authority.ToString("X12", CultureInfo.InvariantCulture));
        }
        else
        {
            text.Append(authority.ToString(CultureInfo.InvariantCulture));
        }

        for (int i = 0; i < bytes[1]; i++)
        {
            text.Append('-').Append(BinaryPrimitives.ReadUInt32LittleEndian(bytes.Slice(8 + (4 * i))).ToString(CultureInfo.InvariantCulture));
        }

        return text.ToString();
    }

    /// <summary>The next value of an array. Strings end at their terminators, the rest has sizes that the type tells.</summary>
    /// <returns>False at the end.</returns>
    public static bool TryNextItem(byte itemType, ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> item)
    {
        item = default;
        if (rest.IsEmpty)
        {
            return false;
        }

        int size;
        switch (itemType)
        {
            case BinXmlType.String or BinXmlType.EvtXml:
                int end = MemoryMarshal.Cast<byte, char>(rest).IndexOf('\0');
                size = end < 0 ? rest.Length : 2 * end;
                item = rest.Slice(0, size);
                rest = rest.Slice(Math.Min(rest.Length, size + 2));
                return true;
            case BinXmlType.AnsiString:
                size = rest.IndexOf((byte)0);
                size = size < 0 ? rest.Length : size;
                item = rest.Slice(0, size);
                rest = rest.Slice(Math.Min(rest.Length, size + 1));
                return true;
            case BinXmlType.Sid:
                size = rest.Length >= 8 ? 8 + (4 * rest[1]) : rest.Length;
                break;
            case BinXmlType.Int8 or BinXmlType.UInt8:
                size = 1;
                break;
            case BinXmlType.Int16 or BinXmlType.UInt16:
                size = 2;
                break;
            case BinXmlType.Int32 or BinXmlType.UInt32 or BinXmlType.Real32 or BinXmlType.HexInt32 or BinXmlType.Bool:
                size = 4;
                break;
            case BinXmlType.Int64 or BinXmlType.UInt64 or BinXmlType.Real64 or BinXmlType.HexInt64 or BinXmlType.FileTime or BinXmlType.SizeT:
                size = 8;
                break;
            case BinXmlType.Guid or BinXmlType.SystemTime:
                size = 16;
                break;
            default:
                size = rest.Length;
                break;
        }

        size = Math.Min(size, rest.Length);
        item = rest.Slice(0, size);
        rest = rest.Slice(size);
        return true;
    }

    /// <summary>The texts that a value of <see cref="ToObject"/> has in an event's XML.</summary>
    public static void AppendText(StringBuilder text, byte type, ReadOnlySpan<byte> bytes, TextPool pool)
    {
        if (type is (BinXmlType.HexInt32 or BinXmlType.HexInt64 or BinXmlType.EvtHandle or BinXmlType.SizeT) && TryInteger(type, bytes, out long hex))
        {
            text.Append("0x").Append(hex.ToString("x", CultureInfo.InvariantCulture));
            return;
        }

        AppendText(text, ToObject(type, bytes, pool));
    }

    /// <summary>A value as an event's XML has it.</summary>
    public static void AppendText(StringBuilder text, object? value)
    {
        switch (value)
        {
            case null:
                break;
            case string s:
                text.Append(s);
                break;
            case bool b:
                text.Append(b ? "true" : "false");
                break;
            case byte[] bytes:
                AppendHex(text, bytes);
                break;
            case Guid guid:
                text.Append(guid.ToString("B", CultureInfo.InvariantCulture));
                break;
            case DateTime time:
                text.Append(time.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture));
                break;
            case IFormattable number:
                text.Append(number.ToString(null, CultureInfo.InvariantCulture));
                break;
        }
    }

    public static void AppendHex(StringBuilder text, ReadOnlySpan<byte> bytes)
    {
        foreach (byte b in bytes)
        {
            text.Append("0123456789ABCDEF"[b >> 4]).Append("0123456789ABCDEF"[b & 15]);
        }
    }

    /// <summary>Bytes of some code page: UTF-8 where they are that, one character a byte else.</summary>
    private static string Ansi(ReadOnlySpan<byte> bytes)
    {
        int length = bytes.Length;
        while (length > 0 && bytes[length - 1] == 0)
        {
            length--;
        }

        byte[] copy = bytes.Slice(0, length).ToArray();
        string utf8 = Encoding.UTF8.GetString(copy);
        if (utf8.IndexOf('\uFFFD') < 0)
        {
            return utf8;
        }

        var text = new StringBuilder(length);
        foreach (byte b in copy)
        {
            text.Append((char)b);
        }

        return text.ToString();
    }

    private static object[] MakeBoxes(Func<int, object> box)
    {
        var boxes = new object[1024];
        for (int i = 0; i < boxes.Length; i++)
        {
            boxes[i] = box(i);
        }

        return boxes;
    }
}
