using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace ApiLevel.Formats;

/// <summary>
/// A cache of strings by their bytes. A log repeats its provider, computer, accounts and paths thousands of times; sharing the
/// strings saves memory where records are kept. Direct-mapped: a new string replaces the one in its place, so the size is fixed.
/// </summary>
internal sealed partial class TextPool
{
    /// <summary>Longer texts are mostly unique (command lines, scripts) and would only evict the others.</summary>
    public const int MaximumBytes = 160;

    private const int Size = 4096;

    private readonly Entry[] _entries = new Entry[Size];

    /// <summary>UTF-16 text, as it is.</summary>
    public string Utf16(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<char> chars = MemoryMarshal.Cast<byte, char>(bytes);
        if (bytes.Length > MaximumBytes || chars.Length == 0)
        {
            return chars.ToString();
        }

        uint hash = Hash(bytes);
        ref Entry entry = ref _entries[hash & (Size - 1)];
        if (entry.Hash == hash && entry.Key is null && entry.Text is { } text && chars.SequenceEqual(text.AsSpan()))
        {
            return text;
        }

        text = chars.ToString();
        entry = new Entry { Hash = hash, Text = text };
        return text;
    }

    /// <summary>The text of a security identifier; null when the bytes are none.</summary>
    public string? Sid(ReadOnlySpan<byte> bytes)
    {
        uint hash = Hash(bytes) ^ 0x53494453;
        ref Entry entry = ref _entries[hash & (Size - 1)];
        if (entry.Hash == hash && entry.Key is { } key && bytes.SequenceEqual(key))
        {
            return entry.Text;
        }

        string? text = EventLog.BinXmlValue.FormatSid(bytes);
        if (text is not null)
        {
            entry = new Entry { Hash = hash, Text = text, Key = bytes.ToArray() };
        }

        return text;
    }

    /// <summary>UTF-8 text.</summary>
    public string Utf8(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaximumBytes / 2 || bytes.Length == 0)
        {
            return Decode(bytes);
        }

        uint hash = Hash(bytes) ^ 0x55544638;
        ref Entry entry = ref _entries[hash & (Size - 1)];
        if (entry.Hash == hash && entry.Key is { } key && bytes.SequenceEqual(key))
        {
            return entry.Text!;
        }

        string text = Decode(bytes);
        entry = new Entry { Hash = hash, Text = text, Key = bytes.ToArray() };
        return text;
    }

    private static uint Hash(ReadOnlySpan<byte> bytes)
    {
        ulong hash = (ulong)bytes.Length * 0x9E3779B97F4A7C15;
        while (bytes.Length >= 8)
        {
            hash = (hash ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes)) * 0xFF51AFD7ED558CCD;
            hash ^= hash >> 32;
            bytes = bytes.Slice(8);
        }

        foreach (byte b in bytes)
        {
            hash = (hash ^ b) * 0xFF51AFD7ED558CCD;
        }

        return (uint)(hash ^ (hash >> 29));
    }

    private struct Entry
    {
        public uint Hash;
        public string? Text;
        public byte[]? Key;
    }
}
