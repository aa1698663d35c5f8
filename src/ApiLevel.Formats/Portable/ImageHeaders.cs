using System;
using System.Buffers.Binary;

namespace ApiLevel.Formats.Portable;

/// <summary>A data directory of the optional header. Its size is told as it stands; most tables ignore it, as Windows does.</summary>
internal readonly record struct DataDirectory(uint Rva, uint Size);

internal enum DirectoryIndex
{
    Export = 0,
    Import = 1,
    Security = 4,
    Debug = 6,
    LoadConfig = 10,
    BoundImport = 11,
    ImportAddresses = 12,
    DelayImport = 13,
    ClrHeader = 14,
}

/// <summary>The headers of a Portable Executable: file header, optional header, directories and section table.</summary>
internal sealed class ImageHeaders
{
    private const int DirectoryCount = 16;
    private readonly DataDirectory[] _directories = new DataDirectory[DirectoryCount];
    private Section[] _sections = new Section[32];
    private int _sectionCount;

    public ushort Machine { get; private set; }

    public ushort Characteristics { get; private set; }

    public ushort Magic { get; private set; }

    public ushort Subsystem { get; private set; }

    public ulong ImageBase { get; private set; }

    public uint EntryPoint { get; private set; }

    public bool Is64 => Magic == 0x20B;

    /// <summary>Where the last section's bytes end: what follows is an overlay.</summary>
    public long EndOfSections { get; private set; }

    public ImageMap Map { get; } = new();

    public ReadOnlySpan<Section> Sections => _sections.AsSpan(0, _sectionCount);

    public DataDirectory this[DirectoryIndex index] => _directories[(int)index];

    /// <summary>Reads them. Null when the bytes are a Portable Executable; otherwise a sentence that says why not.</summary>
    public string? Read(ImageBytes bytes, ReadBudget budget, ProblemList problems)
    {
        ReadOnlySpan<byte> dos = bytes.Get(Window.Headers, 0, 64);
        if (dos.Length < 2 || dos[0] != 'M' || dos[1] != 'Z')
        {
            return "The file is not a Portable Executable: it does not start with MZ.";
        }

        if (dos.Length < 64)
        {
            return "The file is not a Portable Executable: it ends inside the DOS header.";
        }

        uint start = BinaryPrimitives.ReadUInt32LittleEndian(dos.Slice(60));
        ReadOnlySpan<byte> header = bytes.Get(Window.Headers, start, 24);
        if (header.Length >= 2 && BinaryPrimitives.ReadUInt16LittleEndian(header) is 0x454E or 0x454C or 0x584C)
        {
            return "The file is not a Portable Executable: it is a program for 16-bit Windows, OS/2 or a virtual device driver.";
        }

        if (header.Length < 4 || BinaryPrimitives.ReadUInt32LittleEndian(header) != 0x4550)
        {
            return "The file is not a Portable Executable: it has a DOS header, but no PE signature where that points.";
        }

        if (header.Length < 24)
        {
            return "The file is not a Portable Executable: it ends inside the PE header.";
        }

        Machine = BinaryPrimitives.ReadUInt16LittleEndian(header.Slice(4));
        int sectionCount = BinaryPrimitives.ReadUInt16LittleEndian(header.Slice(6));
        int optionalSize = BinaryPrimitives.ReadUInt16LittleEndian(header.Slice(20));
        Characteristics = BinaryPrimitives.ReadUInt16LittleEndian(header.Slice(22));

        // The loader finds the directories by their fixed place and the section table by SizeOfOptionalHeader; in odd images the
        // two overlap, and both are right. What the file does not have is zero, as in the page that the loader maps.
        long optional = (long)start + 24;
        Span<byte> fields = stackalloc byte[112 + (8 * DirectoryCount)];
        ReadOnlySpan<byte> read = bytes.Get(Window.Headers, optional, fields.Length);
        read.CopyTo(fields);
        fields.Slice(read.Length).Clear();
        ReadOptionalHeader(fields, read.Length, problems);
        ReadSections(bytes, budget, problems, optional + optionalSize, sectionCount);
        Map.Set(
            Sections,
            BinaryPrimitives.ReadUInt32LittleEndian(fields.Slice(32)),
            BinaryPrimitives.ReadUInt32LittleEndian(fields.Slice(36)),
            BinaryPrimitives.ReadUInt32LittleEndian(fields.Slice(60)),
            bytes);
        return null;
    }

    /// <summary>The section that an address lies in; -1 when none does.</summary>
    public int FindSection(uint rva)
    {
        for (int i = 0; i < _sectionCount; i++)
        {
            ref readonly Section section = ref _sections[i];
            if (rva >= section.VirtualAddress && rva - section.VirtualAddress < Math.Max(section.VirtualSize, section.RawSize))
            {
                return i;
            }
        }

        return -1;
    }

    private void ReadOptionalHeader(ReadOnlySpan<byte> fields, int available, ProblemList problems)
    {
        Magic = BinaryPrimitives.ReadUInt16LittleEndian(fields);
        EntryPoint = BinaryPrimitives.ReadUInt32LittleEndian(fields.Slice(16));
        ImageBase = Is64 ? BinaryPrimitives.ReadUInt64LittleEndian(fields.Slice(24)) : BinaryPrimitives.ReadUInt32LittleEndian(fields.Slice(28));
        Subsystem = BinaryPrimitives.ReadUInt16LittleEndian(fields.Slice(68));
        int directories = Is64 ? 112 : 96;
        uint count = BinaryPrimitives.ReadUInt32LittleEndian(fields.Slice(directories - 4));
        for (int i = 0; i < DirectoryCount; i++)
        {
            int at = directories + (8 * i);
            _directories[i] = i < count
                ? new DataDirectory(
                    BinaryPrimitives.ReadUInt32LittleEndian(fields.Slice(at)),
                    BinaryPrimitives.ReadUInt32LittleEndian(fields.Slice(at + 4)))
                : default;
        }

        if (Magic is not (0x10B or 0x20B))
        {
            problems.Add("optional header", "the magic is neither PE32 nor PE32+; read as PE32");
        }

        if (available < directories || available < directories + (8 * Math.Min(count, DirectoryCount)))
        {
            problems.Add("optional header", "the file ends inside it");
        }
    }

    private void ReadSections(ImageBytes bytes, ReadBudget budget, ProblemList problems, long table, int count)
    {
        const int RowSize = 40;
        _sectionCount = 0;
        EndOfSections = 0;
        if (!bytes.Reaches(table + ((long)count * RowSize)))
        {
            problems.Add("section table", "the file ends inside it");
            count = (int)Math.Max(0, (bytes.Length - table) / RowSize);
        }

        if (_sections.Length < count)
        {
            _sections = new Section[count];
        }

        while (_sectionCount < count)
        {
            int wanted = Math.Min(count - _sectionCount, ImageBytes.MaximumCount / RowSize);
            ReadOnlySpan<byte> rows = bytes.Get(Window.Headers, table + ((long)_sectionCount * RowSize), wanted * RowSize);
            if (rows.Length < RowSize || !budget.TrySpend(rows.Length))
            {
                problems.Add("section table", budget.Exhausted ?? bytes.Failure ?? "the file ends inside it");
                break;
            }

            for (; rows.Length >= RowSize; rows = rows.Slice(RowSize))
            {
                ref Section section = ref _sections[_sectionCount++];
                section.Name = BinaryPrimitives.ReadUInt64LittleEndian(rows);
                section.VirtualSize = BinaryPrimitives.ReadUInt32LittleEndian(rows.Slice(8));
                section.VirtualAddress = BinaryPrimitives.ReadUInt32LittleEndian(rows.Slice(12));
                section.RawSize = BinaryPrimitives.ReadUInt32LittleEndian(rows.Slice(16));
                section.RawPointer = BinaryPrimitives.ReadUInt32LittleEndian(rows.Slice(20));
                section.Characteristics = BinaryPrimitives.ReadUInt32LittleEndian(rows.Slice(36));
                if (section.RawPointer != 0)
                {
                    EndOfSections = Math.Max(EndOfSections, (long)section.RawPointer + section.RawSize);
                }
            }
        }
    }
}
