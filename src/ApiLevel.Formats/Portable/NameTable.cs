using System;
using System.Runtime.InteropServices;
using System.Text;

namespace ApiLevel.Formats.Portable;

/// <summary>
/// Turns the bytes of names into strings. Images import the same few thousand names over and over: a table of fixed size answers
/// with the string made before, so that a folder of images does not hold one copy for each of them. Belongs to one thread.
/// </summary>
internal sealed class NameTable
{
    private const int Slots = 8192;
    private const int MaximumCachedLength = 64;
    private static readonly UTF8Encoding s_strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly string?[] _strings = new string?[Slots];

    /// <summary>Whether bytes can be a name: not empty, printable, and UTF-8 where they are not ASCII.</summary>
    public static bool IsName(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return false;
        }

        if (NameText.IsPrintableAscii(bytes))
        {
            return true;
        }

        bool isAscii = true;
        foreach (byte value in bytes)
        {
            if (value < 0x20 || value == 0x7F)
            {
                return false;
            }

            isAscii &= value < 0x80;
        }

        return isAscii || TryDecodeUtf8(bytes, out _);
    }

    /// <summary>Gives the string. Null when the bytes are no name (see <see cref="IsName"/>).</summary>
    public string? GetName(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return null;
        }

        if (bytes.Length > MaximumCachedLength)
        {
            return Make(bytes);
        }

        ref string? slot = ref _strings[Hash(bytes) & (Slots - 1)];
        if (slot is not null && NameText.EqualsAscii(slot, bytes))
        {
            return slot;
        }

        string? made = Make(bytes);
        if (made is not null && made.Length == bytes.Length)
        {
            slot = made;
        }

        return made;
    }

    private static string? Make(ReadOnlySpan<byte> bytes)
    {
        if (!IsName(bytes))
        {
            return null;
        }

        return NameText.IsPrintableAscii(bytes) ? NameText.ToAsciiString(bytes) : TryDecodeUtf8(bytes, out string text) ? text : null;
    }

    private static bool TryDecodeUtf8(ReadOnlySpan<byte> bytes, out string text)
    {
        try
        {
            text = NameText.GetString(s_strictUtf8, bytes);
            return true;
        }
        catch (ArgumentException)
        {
            text = "";
            return false;
        }
    }

    private static uint Hash(ReadOnlySpan<byte> bytes)
    {
        // Names have at least some bytes at both ends that differ; all are taken, eight at a time.
        ulong hash = (ulong)bytes.Length;
        while (bytes.Length >= 8)
        {
            hash = (hash ^ MemoryMarshal.Read<ulong>(bytes)) * 0x9E3779B97F4A7C15;
            hash ^= hash >> 29;
            bytes = bytes.Slice(8);
        }

        ulong tail = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            tail |= (ulong)bytes[i] << (8 * i);
        }

        hash = (hash ^ tail) * 0x9E3779B97F4A7C15;
        return (uint)(hash >> 40);
    }
}
