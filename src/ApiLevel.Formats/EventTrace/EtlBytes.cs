using System;
using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;

namespace ApiLevel.Formats.EventTrace;

/// <summary>
/// Little-endian values out of untrusted bytes. What lies past the end reads as absent (false, null), never as an exception.
/// </summary>
internal static class EtlBytes
{
    public static ushort UInt16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes.Slice(at));

    public static uint UInt32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.Slice(at));

    public static int Int32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadInt32LittleEndian(bytes.Slice(at));

    public static long Int64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadInt64LittleEndian(bytes.Slice(at));

    public static ulong UInt64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes.Slice(at));

    public static Guid Guid(ReadOnlySpan<byte> bytes, int at)
    {
        ReadOnlySpan<byte> b = bytes.Slice(at, 16);
        return new Guid(Int32(b, 0), (short)UInt16(b, 4), (short)UInt16(b, 6), b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
    }

    public static string Utf16(ReadOnlySpan<byte> bytes) =>
        MemoryMarshal.Cast<byte, char>(bytes.Slice(0, bytes.Length & ~1)).ToString();

    /// <summary>How many bytes a UTF-16 string has before its terminator; all of them, rounded down to whole characters, when there is none.</summary>
    public static int Utf16Length(ReadOnlySpan<byte> bytes, out bool terminated)
    {
        int index = MemoryMarshal.Cast<byte, char>(bytes.Slice(0, bytes.Length & ~1)).IndexOf('\0');
        terminated = index >= 0;
        return terminated ? index * 2 : bytes.Length & ~1;
    }

    /// <summary>A UTF-16 string at an offset of a structure, for names; empty for offset 0 or one outside.</summary>
    /// <remarks>Many offsets may lead to one long string, so what is taken of each is limited.</remarks>
    public static string Utf16At(ReadOnlySpan<byte> bytes, uint offset, int maximum = 512)
    {
        if (offset == 0 || offset >= bytes.Length)
        {
            return "";
        }

        ReadOnlySpan<byte> rest = bytes.Slice((int)offset);
        return Utf16(rest.Slice(0, Math.Min(Utf16Length(rest, out _), maximum * 2)));
    }

    /// <summary>UTC time of a FILETIME; null for 0 and for what .NET has no date for.</summary>
    public static DateTime? FileTime(long value)
    {
        // 1601 to 9999 in ticks of 100 ns; DateTime.FromFileTimeUtc throws outside.
        const long Last = 2650467743999999999;
        return value is > 0 and <= Last ? DateTime.FromFileTimeUtc(value) : null;
    }

    /// <summary>UTC time of a SYSTEMTIME structure; null when its parts are no date.</summary>
    public static DateTime? SystemTime(ReadOnlySpan<byte> bytes)
    {
        int year = UInt16(bytes, 0);
        int month = UInt16(bytes, 2);
        int day = UInt16(bytes, 6);
        int hour = UInt16(bytes, 8);
        int minute = UInt16(bytes, 10);
        int second = UInt16(bytes, 12);
        int millisecond = UInt16(bytes, 14);
        return year is >= 1 and <= 9999 && month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year, month)
            && hour < 24 && minute < 60 && second < 60 && millisecond < 1000
            ? new DateTime(year, month, day, hour, minute, second, millisecond, DateTimeKind.Utc)
            : null;
    }

    /// <summary>The length of the security identifier that starts here; 0 when none does.</summary>
    public static int SidLength(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 8 || bytes[0] != 1 || bytes[1] > 15)
        {
            return 0;
        }

        int length = 8 + (4 * bytes[1]);
        return length <= bytes.Length ? length : 0;
    }

    /// <summary>A security identifier as S-1-...; null when the bytes hold none.</summary>
    public static string? Sid(ReadOnlySpan<byte> bytes)
    {
        if (SidLength(bytes) == 0)
        {
            return null;
        }

        ulong authority = 0;
        for (int i = 2; i < 8; i++)
        {
            authority = (authority << 8) | bytes[i];
        }

        var text = new StringBuilder("S-1-", 64);
        text.Append(authority.ToString(CultureInfo.InvariantCulture));
        for (int i = 0; i < bytes[1]; i++)
        {
            text.Append('-').Append(UInt32(bytes, 8 + (4 * i)).ToString(CultureInfo.InvariantCulture));
        }

        return text.ToString();
    }

    /// <summary>An address of 4 or 16 bytes in network order.</summary>
    public static string Address(ReadOnlySpan<byte> bytes) => new IPAddress(bytes.ToArray()).ToString();
}
