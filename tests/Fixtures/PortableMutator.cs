using System;
using System.Collections.Generic;

namespace ApiLevel.Fixtures;

/// <summary>
/// Damages images, the same way for the same seed. Each header field, each directory, each section row and each descriptor gets
/// its turn with values that are known to hurt; bytes of tables and names are damaged at random on top.
/// </summary>
public sealed class PortableMutator(int seed)
{
    private static readonly uint[] s_values =
    [
        0, 1, 2, 4, 0x7F, 0x80, 0xFF, 0x1FF, 0x200, 0x201, 0x1000, 0x2000, 0x2010, 0x3000, 0x7FFF, 0x8000, 0xFFFF, 0x10000,
        0x00FFFFFF, 0x10000000, 0x7FFFFFF0, 0x7FFFFFFF, 0x80000000, 0x80000001, 0xFFFFF000, 0xFFFFFFF0, 0xFFFFFFFF,
    ];

    private readonly Random _random = new(seed);

    /// <summary>The images that are damaged: both formats, all tables.</summary>
    public static IReadOnlyList<PortableImageBytes> Bases(byte[] metadata)
    {
        var images = new List<PortableImageBytes>();
        foreach (bool is64 in (ReadOnlySpan<bool>)[false, true])
        {
            images.Add(new PortableImageBuilder { Is64 = is64 }
                .Import("KERNEL32.dll", "CreateFileW", "ReadFile", "VirtualAlloc", "GetProcAddress", "LoadLibraryA")
                .Import("WS2_32.dll", "#115", "#3", "WSASocketW")
                .Import("ADVAPI32.dll", "RegOpenKeyExW")
                .DelayImport("dbghelp.dll", false, "MiniDumpWriteDump", "#7")
                .DelayImport("old.dll", !is64, "OldFunction")
                .BoundImport("KERNEL32.dll", "NTDLL.DLL")
                .Export("Own").Export("HeapAlloc", "NTDLL.RtlAllocateHeap").Export("X", "A.#12")
                .Section(".bss", [], 0xC0000080, 0x1000)
                .Hybrid()
                .Build());
            images.Add(new PortableImageBuilder { Is64 = is64, IsLibrary = true }
                .Import("mscoree.dll", "_CorDllMain")
                .Managed(metadata, flags: is64 ? 1u : 0u, isReadyToRun: is64)
                .Build());
        }

        return images;
    }

    /// <summary>Damages one image.</summary>
    /// <param name="index">Which mutant of the series: decides the image and the field, so that all get their turn.</param>
    /// <param name="bases">What is damaged.</param>
    public byte[] Next(int index, IReadOnlyList<PortableImageBytes> bases)
    {
        PortableImageBytes image = bases[index % bases.Count];
        byte[] bytes = image.Bytes.AsSpan().ToArray();
        List<(int Offset, int Size)> fields = FieldsOf(image);
        (int offset, int size) = fields[index / bases.Count % fields.Count];
        Set(bytes, offset, size, s_values[_random.Next(s_values.Length)]);

        // Some have a second field damaged, some random bytes behind the headers, some their end cut off.
        int more = _random.Next(8);
        if (more is 0 or 1)
        {
            (offset, size) = fields[_random.Next(fields.Count)];
            Set(bytes, offset, size, more == 0 ? s_values[_random.Next(s_values.Length)] : (uint)_random.NextInt64());
        }
        else if (more == 2)
        {
            for (int i = _random.Next(1, 64); i > 0; i--)
            {
                bytes[_random.Next(image.SectionTable, bytes.Length)] = (byte)_random.Next(256);
            }
        }
        else if (more == 3)
        {
            bytes = bytes.AsSpan(0, _random.Next(1, bytes.Length)).ToArray();
        }
        else if (more == 4)
        {
            // A run of the file laid over another place.
            int length = _random.Next(1, 256);
            int from = _random.Next(bytes.Length - length);
            int to = _random.Next(image.SectionTable, bytes.Length - length);
            bytes.AsSpan(from, length).ToArray().CopyTo(bytes, to);
        }

        return bytes;
    }

    private void Set(byte[] bytes, int offset, int size, uint value)
    {
        // Near misses hurt as much as wild values.
        if (_random.Next(4) == 0)
        {
            value = (uint)(bytes[offset] + _random.Next(-2, 3));
        }

        for (int i = 0; i < size; i++)
        {
            bytes[offset + i] = i < 4 ? (byte)(value >> (8 * i)) : (byte)0;
        }
    }

    private static List<(int Offset, int Size)> FieldsOf(PortableImageBytes image)
    {
        var fields = new List<(int Offset, int Size)> { (0, 2), (0x3C, 4) };
        int pe = image.Offset("pe");
        fields.Add((pe, 4));
        foreach ((int at, int size) in ((int At, int Size)[])[(4, 2), (6, 2), (8, 4), (12, 4), (16, 4), (20, 2), (22, 2)])
        {
            fields.Add((pe + at, size));
        }

        for (int at = image.OptionalHeader; at < image.Directory(0); at += 4)
        {
            fields.Add((at, 4));
        }

        fields.Add((image.OptionalHeader, 2));
        for (int i = 0; i < 16; i++)
        {
            fields.Add((image.Directory(i), 4));
            fields.Add((image.Directory(i) + 4, 4));
        }

        for (int row = 0; row < 2; row++)
        {
            for (int at = 8; at < 40; at += 4)
            {
                fields.Add((image.SectionRow(row) + at, 4));
            }
        }

        // The first bytes of every table.
        foreach ((string table, int size) in image.Tables)
        {
            for (int at = 0; at < size; at += 4)
            {
                fields.Add((image.Table(table) + at, 4));
            }
        }

        return fields;
    }
}
