using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;

namespace ApiLevel.Formats.Portable;

/// <summary>The export table, as far as it refers to other modules.</summary>
internal sealed partial class ImageParser
{
    private const string Exports = "exports";

    /// <summary>What a name takes in memory before it is a reference; those beyond one a forwarder are counted.</summary>
    private const int NameCost = 64;

    /// <summary>An export whose address lies inside the export directory is no address but a text: "module.function".</summary>
    private void ReadForwarders()
    {
        DataDirectory directory = Headers[DirectoryIndex.Export];
        if (directory.Rva == 0)
        {
            return;
        }

        Span<byte> header = stackalloc byte[40];
        if (!TryFill(Window.Descriptors, directory.Rva, header))
        {
            Problems.Add(Exports, "the directory points outside the file");
            return;
        }

        uint ordinalBase = BinaryPrimitives.ReadUInt32LittleEndian(header.Slice(16));

        // Ordinals and the indexes of names have 16 bits: nobody can ask for what is behind them.
        uint functionCount = Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(header.Slice(20)), ushort.MaxValue + 1u);
        uint nameCount = BinaryPrimitives.ReadUInt32LittleEndian(header.Slice(24));
        uint functions = BinaryPrimitives.ReadUInt32LittleEndian(header.Slice(28));
        uint names = BinaryPrimitives.ReadUInt32LittleEndian(header.Slice(32));
        uint nameOrdinals = BinaryPrimitives.ReadUInt32LittleEndian(header.Slice(36));
        List<(uint Index, uint Rva)>? forwarders = FindForwarders(directory, functions, functionCount);
        if (forwarders is null)
        {
            return;
        }

        ILookup<uint, string> exportNames = ReadExportNames(forwarders, names, nameOrdinals, nameCount).ToLookup(named => named.Place, named => named.Name);
        foreach ((uint index, uint rva) in forwarders)
        {
            if (!TryGetText(Window.Names, rva, MaximumName, out ReadOnlySpan<byte> text) || !Names.IsName(text))
            {
                Problems.Add(Exports, "a forwarder is skipped: its text points outside the file, has no end or is not text");
                continue;
            }

            if (!TrySpend(text.Length, Exports))
            {
                return;
            }

            // The loader splits at the last dot: module names may have dots, decorated names may not.
            int dot = text.LastIndexOf((byte)'.');
            ReadOnlySpan<byte> function = text.Slice(dot + 1);
            string module = dot > 0 ? Names.GetName(text.Slice(0, dot)) ?? "" : "";
            ushort? ordinal = TryParseOrdinal(function, out ushort number) ? number : null;
            string name = ordinal is null ? Names.GetName(function) ?? "" : "";
            if (module.Length == 0 || (ordinal is null && name.Length == 0))
            {
                Problems.Add(Exports, "a forwarder is skipped: its text is not module.function");
                continue;
            }

            // An export without a name is known by its ordinal alone, and written as Windows' own tools write it.
            string unnamed = "#" + unchecked(ordinalBase + index).ToString(System.Globalization.CultureInfo.InvariantCulture);
            foreach (string exportName in exportNames[index].DefaultIfEmpty(unnamed))
            {
                if (!TryKeep(new PortableReference(ReferenceKind.Forwarder, module, name, ordinal, exportName), Exports))
                {
                    return;
                }
            }
        }
    }

    private List<(uint Index, uint Rva)>? FindForwarders(DataDirectory directory, uint functions, uint count)
    {
        List<(uint Index, uint Rva)>? found = null;
        uint index = 0;
        Span<byte> row = stackalloc byte[4];
        while (index < count)
        {
            long rva = functions + (4L * index);
            if (Headers.Map.Find(rva, out _, out long zeros) == Backing.Zeros && zeros >= row.Length)
            {
                index = (uint)Math.Min(count, index + (zeros / row.Length));
                continue;
            }

            scoped ReadOnlySpan<byte> rows = GetRows(Window.Descriptors, rva, Math.Min(4L * (count - index), 16 * 1024), row);
            if (rows.Length < row.Length)
            {
                Problems.Add(Exports, "the table of addresses ends outside the file");
                return found;
            }

            if (!TrySpend(rows.Length & ~3, Exports))
            {
                return found;
            }

            for (; rows.Length >= 4; rows = rows.Slice(4), index++)
            {
                uint address = BinaryPrimitives.ReadUInt32LittleEndian(rows);
                if (address - directory.Rva < directory.Size && address != 0)
                {
                    (found ??= []).Add((index, address));
                }
            }
        }

        return found;
    }

    /// <summary>Names of the exports that are forwarders, with their place in the table of addresses. One place may have several.</summary>
    private List<(uint Place, string Name)> ReadExportNames(List<(uint Index, uint Rva)> forwarders, uint names, uint ordinals, uint count)
    {
        var wanted = new HashSet<uint>();
        foreach ((uint place, uint _) in forwarders)
        {
            wanted.Add(place);
        }

        var found = new List<(uint Place, string Name)>(forwarders.Count);
        uint index = 0;
        Span<byte> pointer = stackalloc byte[4];
        while (index < count)
        {
            Backing backing = Headers.Map.Find(ordinals + (2L * index), out long offset, out long available);
            ReadOnlySpan<byte> rows = backing == Backing.File
                ? Bytes.Get(Window.Other, offset, (int)Math.Min(Math.Min(available, 2L * (count - index)), 16 * 1024))
                : default;
            if (rows.Length < 2)
            {
                Problems.Add(Exports, "the table of names ends outside the file");
                return found;
            }

            if (!TrySpend(rows.Length & ~1, Exports))
            {
                return found;
            }

            for (; rows.Length >= 2; rows = rows.Slice(2), index++)
            {
                uint place = BinaryPrimitives.ReadUInt16LittleEndian(rows);
                if (!wanted.Contains(place))
                {
                    continue;
                }

                if (TryFill(Window.Thunks, names + (4L * index), pointer) &&
                    TryGetText(Window.Names, BinaryPrimitives.ReadUInt32LittleEndian(pointer), MaximumName, out ReadOnlySpan<byte> text) &&
                    Names.GetName(text) is { } name)
                {
                    if (!TrySpend(text.Length + 4, Exports))
                    {
                        return found;
                    }

                    if (found.Count >= forwarders.Count && !Budget.TryEmit(NameCost + (2 * name.Length)))
                    {
                        Problems.Add(Exports, "not all forwarders are listed: " + Budget.Exhausted);
                        return found;
                    }

                    found.Add((place, name));
                }
                else
                {
                    Problems.Add(Exports, "a forwarder's own name points outside the file or is not text");
                    if (!TrySpend(4, Exports))
                    {
                        return found;
                    }
                }
            }
        }

        return found;
    }

    private static bool TryParseOrdinal(ReadOnlySpan<byte> text, out ushort ordinal)
    {
        ordinal = 0;
        if (text.Length is < 2 or > 6 || text[0] != '#')
        {
            return false;
        }

        int number = 0;
        foreach (byte value in text.Slice(1))
        {
            if (value is < (byte)'0' or > (byte)'9')
            {
                return false;
            }

            number = (10 * number) + (value - '0');
        }

        ordinal = (ushort)number;
        return number <= ushort.MaxValue;
    }
}
