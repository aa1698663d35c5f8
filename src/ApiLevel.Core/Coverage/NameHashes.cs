using System;
using System.Collections.Generic;

namespace ApiLevel.Coverage;

/// <summary>One way of hashing a function's name.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Compute">The hash of an ASCII name without its final zero.</param>
internal sealed record NameHash(string Name, Func<byte[], uint> Compute);

/// <summary>The 32-bit hashes by which shellcode and loaders name functions.</summary>
internal static class NameHashes
{
    private static readonly uint[] s_crc = MakeCrcTable();

    public static IReadOnlyList<NameHash> All { get; } =
    [
        new("ror13", name => RotateAdd(name, 13, withZero: false)),
        new("ror13 with zero", name => RotateAdd(name, 13, withZero: true)),
        new("djb2", name => Fold(name, 5381, static (hash, c) => (hash * 33) + c)),
        new("djb2 xor", name => Fold(name, 5381, static (hash, c) => (hash * 33) ^ c)),
        new("sdbm", name => Fold(name, 0, static (hash, c) => c + (hash << 6) + (hash << 16) - hash)),
        new("fnv1", name => Fold(name, 0x811C9DC5, static (hash, c) => (hash * 0x01000193) ^ c)),
        new("fnv1a", name => Fold(name, 0x811C9DC5, static (hash, c) => (hash ^ c) * 0x01000193)),
        new("crc32", Crc32),
        new("one at a time", OneAtATime),
    ];

    private static uint Fold(byte[] name, uint seed, Func<uint, uint, uint> step)
    {
        uint hash = seed;
        foreach (byte c in name)
        {
            hash = unchecked(step(hash, c));
        }

        return hash;
    }

    private static uint RotateAdd(byte[] name, int bits, bool withZero)
    {
        uint hash = 0;
        foreach (byte c in name)
        {
            hash = unchecked(((hash >> bits) | (hash << (32 - bits))) + c);
        }

        return withZero ? (hash >> bits) | (hash << (32 - bits)) : hash;
    }

    private static uint OneAtATime(byte[] name)
    {
        uint hash = 0;
        foreach (byte c in name)
        {
            unchecked
            {
                hash += c;
                hash += hash << 10;
                hash ^= hash >> 6;
            }
        }

        unchecked
        {
            hash += hash << 3;
            hash ^= hash >> 11;
            hash += hash << 15;
        }

        return hash;
    }

    private static uint Crc32(byte[] name)
    {
        uint crc = uint.MaxValue;
        foreach (byte c in name)
        {
            crc = s_crc[(crc ^ c) & 0xFF] ^ (crc >> 8);
        }

        return ~crc;
    }

    private static uint[] MakeCrcTable()
    {
        var table = new uint[256];
        for (uint i = 0; i < table.Length; i++)
        {
            uint value = i;
            for (int bit = 0; bit < 8; bit++)
            {
                value = (value & 1) != 0 ? 0xEDB88320 ^ (value >> 1) : value >> 1;
            }

            table[i] = value;
        }

        return table;
    }
}
