using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;

namespace ApiLevel.Fixtures;

/// <summary>
/// Builds Portable Executables byte by byte, so that a test's broken table is one line. What is built is a correct image; tests
/// break it through the places that <see cref="PortableImageBytes"/> tells.
/// </summary>
public sealed class PortableImageBuilder
{
    /// <summary>Where the tables' section is mapped.</summary>
    public const int TablesRva = 0x2000;

    private readonly List<(string Module, string[] Functions)> _imports = [];
    private readonly List<(string Module, string[] Functions, bool AreVirtual)> _delayImports = [];
    private readonly List<(string Module, string[] Forwarders)> _boundImports = [];
    private readonly List<(string? Name, string? Target)> _exports = [];
    private readonly List<(string Name, byte[] Bytes, uint Characteristics, int VirtualSize)> _sections = [];
    private byte[]? _metadata;
    private uint _clrFlags;
    private bool _isReadyToRun;
    private bool _isHybrid;

    /// <summary>PE32+ instead of PE32.</summary>
    public bool Is64 { get; set; }

    /// <summary>0x14C x86, 0x8664 x64, 0xAA64 ARM64; null for the one that fits <see cref="Is64"/>.</summary>
    public ushort? Machine { get; set; }

    /// <summary>3 is Console.</summary>
    public ushort Subsystem { get; set; } = 3;

    /// <summary>Sets the DLL flag.</summary>
    public bool IsLibrary { get; set; }

    /// <summary>What the optional header says.</summary>
    public uint SectionAlignment { get; set; } = 0x1000;

    /// <summary>What the optional header says, and where sections begin in the file.</summary>
    public int FileAlignment { get; set; } = 0x200;

    /// <summary>What the optional header says.</summary>
    public ulong ImageBase { get; set; } = 0x400000;

    /// <summary>Where the code's section is in the list, by its name.</summary>
    public string CodeName { get; set; } = ".text";

    /// <summary>What the code's section holds.</summary>
    public byte[] Code { get; set; } = [0xC3, .. new byte[0x1FF]];

    /// <summary>Leaves OriginalFirstThunk 0, as some linkers do.</summary>
    public bool OmitLookupTables { get; set; }

    /// <summary>Bytes behind the last section.</summary>
    public byte[] Overlay { get; set; } = [];

    /// <summary>Adds a module; a function "#12" is an ordinal.</summary>
    public PortableImageBuilder Import(string module, params string[] functions)
    {
        _imports.Add((module, functions));
        return this;
    }

    /// <summary>Adds a delay-loaded module, in the form with relative or with virtual addresses.</summary>
    public PortableImageBuilder DelayImport(string module, bool areVirtual, params string[] functions)
    {
        _delayImports.Add((module, functions, areVirtual));
        return this;
    }

    /// <summary>Adds a module that the image is bound to, and the modules that it forwards to.</summary>
    public PortableImageBuilder BoundImport(string module, params string[] forwarders)
    {
        _boundImports.Add((module, forwarders));
        return this;
    }

    /// <summary>Adds an export; without a name it has only its ordinal (the first is 1); with a target it is a forwarder.</summary>
    public PortableImageBuilder Export(string? name, string? target = null)
    {
        _exports.Add((name, target));
        return this;
    }

    /// <summary>Adds a section behind the others.</summary>
    public PortableImageBuilder Section(string name, byte[] bytes, uint characteristics = 0x40000040, int virtualSize = 0)
    {
        _sections.Add((name, bytes, characteristics, virtualSize));
        return this;
    }

    /// <summary>Makes it a .NET image.</summary>
    public PortableImageBuilder Managed(byte[] metadata, uint flags = 1, bool isReadyToRun = false)
    {
        _metadata = metadata;
        _clrFlags = flags;
        _isReadyToRun = isReadyToRun;
        return this;
    }

    /// <summary>Adds a load configuration with a hybrid metadata pointer.</summary>
    public PortableImageBuilder Hybrid()
    {
        _isHybrid = true;
        return this;
    }

    /// <summary>Lays everything out.</summary>
    public PortableImageBytes Build()
    {
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        var directories = new (uint Rva, uint Size)[16];
        var tables = new Tables(this, places, directories);
        byte[] data = tables.Write();

        var sections = new List<(string Name, byte[] Bytes, uint Characteristics, int VirtualSize)>
        {
            (CodeName, Code, 0x60000020, 0),
            (".rdata", data, 0x40000040, 0),
        };
        sections.AddRange(_sections);

        const int PeOffset = 0x80;
        int optionalSize = Is64 ? 240 : 224;
        int optional = PeOffset + 24;
        int sectionTable = optional + optionalSize;
        int headers = Align(sectionTable + (40 * sections.Count) + 0x100, FileAlignment);

        // Bound imports live behind the section headers.
        byte[] bound = WriteBoundImports();
        int boundAt = sectionTable + (40 * sections.Count);
        if (bound.Length > 0)
        {
            headers = Align(boundAt + bound.Length, FileAlignment);
            directories[11] = ((uint)boundAt, (uint)bound.Length);
            places["bound"] = boundAt;
        }

        using var file = new MemoryStream();
        var writer = new BinaryWriter(file);
        writer.Write("MZ"u8);
        file.Position = 0x3C;
        writer.Write(PeOffset);
        file.Position = PeOffset;
        writer.Write("PE\0\0"u8);
        writer.Write(Machine ?? (Is64 ? (ushort)0x8664 : (ushort)0x14C));
        writer.Write((ushort)sections.Count);
        writer.Write(0);
        writer.Write(0L);
        writer.Write((ushort)optionalSize);
        writer.Write((ushort)(0x0102 | (IsLibrary ? 0x2000 : 0)));
        WriteOptionalHeader(writer, directories, headers, sections);

        file.Position = boundAt;
        writer.Write(bound);
        int raw = headers;
        int rva = 0x1000;
        for (int i = 0; i < sections.Count; i++)
        {
            (string name, byte[] bytes, uint characteristics, int virtualSize) = sections[i];
            file.Position = sectionTable + (40 * i);
            writer.Write(Encoding.ASCII.GetBytes(name.PadRight(8, '\0')), 0, 8);
            int size = Align(bytes.Length, FileAlignment);
            writer.Write(virtualSize != 0 ? virtualSize : bytes.Length);
            writer.Write(rva);
            writer.Write(size);
            writer.Write(size == 0 ? 0 : raw);
            file.Position += 12;
            writer.Write(characteristics);
            places["section " + name] = raw;
            places["rva " + name] = rva;
            file.Position = raw;
            writer.Write(bytes);
            file.SetLength(Math.Max(file.Length, raw + size));
            raw += size;
            rva = i == 0 ? TablesRva : rva + Align(Math.Max(Math.Max(bytes.Length, virtualSize), 1), 0x1000);
        }

        file.Position = raw;
        file.SetLength(raw);
        places["overlay"] = raw;
        writer.Write(Overlay);
        places["pe"] = PeOffset;
        places["optional"] = optional;
        places["directories"] = optional + (Is64 ? 112 : 96);
        places["sections"] = sectionTable;
        return new PortableImageBytes(file.ToArray(), places);
    }

    private void WriteOptionalHeader(
        BinaryWriter writer,
        (uint Rva, uint Size)[] directories,
        int headers,
        List<(string Name, byte[] Bytes, uint Characteristics, int VirtualSize)> sections)
    {
        writer.Write((ushort)(Is64 ? 0x20B : 0x10B));
        writer.Write((ushort)14);
        writer.Write(0);
        writer.Write(0);
        writer.Write(0);
        writer.Write(0x1000);
        writer.Write(0x1000);
        if (Is64)
        {
            writer.Write(ImageBase);
        }
        else
        {
            writer.Write(TablesRva);
            writer.Write((uint)ImageBase);
        }

        writer.Write(SectionAlignment);
        writer.Write(FileAlignment);
        writer.Write(0x00000006);
        writer.Write(0);
        writer.Write(0x00000006);
        writer.Write(0);
        writer.Write(TablesRva + sections.Skip(1).Sum(s => Align(Math.Max(Math.Max(s.Bytes.Length, s.VirtualSize), 1), 0x1000)));
        writer.Write(headers);
        writer.Write(0);
        writer.Write(Subsystem);
        writer.Write((ushort)0x0140);
        for (int i = 0; i < 4; i++)
        {
            if (Is64)
            {
                writer.Write(0x100000L);
            }
            else
            {
                writer.Write(0x100000);
            }
        }

        writer.Write(0);
        writer.Write(16);
        foreach ((uint directoryRva, uint size) in directories)
        {
            writer.Write(directoryRva);
            writer.Write(size);
        }
    }

    private byte[] WriteBoundImports()
    {
        if (_boundImports.Count == 0)
        {
            return [];
        }

        int rows = _boundImports.Sum(b => 1 + b.Forwarders.Length) + 1;
        var names = new MemoryStream();
        var table = new MemoryStream();
        var writer = new BinaryWriter(table);
        void Row(string name, int forwarders)
        {
            writer.Write(0x12345678);
            writer.Write((ushort)((8 * rows) + names.Length));
            writer.Write((ushort)forwarders);
            names.Write(Encoding.ASCII.GetBytes(name + "\0"));
        }

        foreach ((string module, string[] forwarders) in _boundImports)
        {
            Row(module, forwarders.Length);
            foreach (string forwarder in forwarders)
            {
                Row(forwarder, 0);
            }
        }

        writer.Write(0L);
        return [.. table.ToArray(), .. names.ToArray()];
    }

    private static int Align(int value, int alignment) => (value + alignment - 1) / alignment * alignment;

#pragma warning disable CA1001 // The stream is memory; there is nothing to release.
    /// <summary>The section with the tables: first all fixed-size parts are placed, then filled.</summary>
    private sealed class Tables(PortableImageBuilder image, Dictionary<string, int> places, (uint Rva, uint Size)[] directories)
    {
        private readonly MemoryStream _data = new();

        private int ThunkSize => image.Is64 ? 8 : 4;

        public byte[] Write()
        {
            if (image._exports.Count > 0)
            {
                WriteExports();
            }

            if (image._imports.Count > 0)
            {
                WriteImports();
            }

            if (image._delayImports.Count > 0)
            {
                WriteDelayImports();
            }

            if (image._metadata is not null)
            {
                WriteManaged(image._metadata);
            }

            if (image._isHybrid)
            {
                int config = Place(new byte[0x140]);
                Put32(config, 0x140);
                Put64(config + 0xC8, image.ImageBase + 0x1000);
                directories[10] = ((uint)(TablesRva + config), 0x140);
            }

            return _data.Length == 0 ? new byte[16] : _data.ToArray();
        }

        private void WriteImports()
        {
            int descriptors = Place(new byte[20 * (image._imports.Count + 1)]);
            places["imports"] = descriptors;
            directories[1] = ((uint)(TablesRva + descriptors), (uint)(20 * (image._imports.Count + 1)));
            for (int i = 0; i < image._imports.Count; i++)
            {
                (string module, string[] functions) = image._imports[i];
                int lookup = Place(new byte[ThunkSize * (functions.Length + 1)]);
                int address = Place(new byte[ThunkSize * (functions.Length + 1)]);
                places["lookup " + module] = lookup;
                places["address " + module] = address;
                for (int j = 0; j < functions.Length; j++)
                {
                    ulong thunk = MakeThunk(functions[j], 0);
                    PutThunk(lookup + (j * ThunkSize), image.OmitLookupTables ? 0 : thunk);
                    PutThunk(address + (j * ThunkSize), thunk);
                }

                int at = descriptors + (20 * i);
                Put32(at, image.OmitLookupTables ? 0 : TablesRva + lookup);
                int name = Place(Encoding.ASCII.GetBytes(module + "\0"));
                places["module " + module] = name;
                Put32(at + 12, TablesRva + name);
                Put32(at + 16, TablesRva + address);
            }
        }

        private void WriteDelayImports()
        {
            int descriptors = Place(new byte[32 * (image._delayImports.Count + 1)]);
            places["delay"] = descriptors;
            directories[13] = ((uint)(TablesRva + descriptors), (uint)(32 * (image._delayImports.Count + 1)));
            for (int i = 0; i < image._delayImports.Count; i++)
            {
                (string module, string[] functions, bool areVirtual) = image._delayImports[i];
                uint add = areVirtual ? (uint)image.ImageBase : 0;
                int names = Place(new byte[ThunkSize * (functions.Length + 1)]);
                int addresses = Place(new byte[ThunkSize * (functions.Length + 1)]);
                for (int j = 0; j < functions.Length; j++)
                {
                    PutThunk(names + (j * ThunkSize), MakeThunk(functions[j], add));
                }

                int at = descriptors + (32 * i);
                Put32(at, areVirtual ? 0 : 1);
                Put32(at + 4, (int)(TablesRva + Place(Encoding.ASCII.GetBytes(module + "\0")) + add));
                Put32(at + 12, (int)(TablesRva + addresses + add));
                Put32(at + 16, (int)(TablesRva + names + add));
            }
        }

        private void WriteExports()
        {
            int count = image._exports.Count;
            string[] names = image._exports.Where(e => e.Name is not null).Select(e => e.Name!).OrderBy(n => n, StringComparer.Ordinal).ToArray();
            int start = Place(new byte[40 + (4 * count) + (4 * names.Length) + (2 * names.Length)]);
            int functions = start + 40;
            int nameTable = functions + (4 * count);
            int ordinals = nameTable + (4 * names.Length);
            places["exports"] = start;
            Put32(start + 16, 1);
            Put32(start + 20, count);
            Put32(start + 24, names.Length);
            Put32(start + 28, TablesRva + functions);
            Put32(start + 32, TablesRva + nameTable);
            Put32(start + 36, TablesRva + ordinals);
            for (int i = 0; i < count; i++)
            {
                string? target = image._exports[i].Target;
                Put32(functions + (4 * i), target is null ? 0x1000 : TablesRva + Place(Encoding.ASCII.GetBytes(target + "\0")));
            }

            for (int i = 0; i < names.Length; i++)
            {
                Put32(nameTable + (4 * i), TablesRva + Place(Encoding.ASCII.GetBytes(names[i] + "\0")));
                int index = image._exports.FindIndex(e => e.Name == names[i]);
                Put16(ordinals + (2 * i), (ushort)index);
            }

            directories[0] = ((uint)(TablesRva + start), (uint)(_data.Length - start));
        }

        private void WriteManaged(byte[] metadata)
        {
            int header = Place(new byte[72]);
            int at = Place(metadata);
            places["metadata"] = at;
            places["clr"] = header;
            Put32(header, 72);
            Put16(header + 4, 2);
            Put16(header + 6, 5);
            Put32(header + 8, TablesRva + at);
            Put32(header + 12, metadata.Length);
            Put32(header + 16, (int)image._clrFlags);
            if (image._isReadyToRun)
            {
                Put32(header + 64, TablesRva + Place([.. "RTR\0"u8, .. new byte[28]]));
                Put32(header + 68, 32);
            }

            directories[14] = ((uint)(TablesRva + header), 72);
        }

        private ulong MakeThunk(string function, uint add)
        {
            if (function.StartsWith('#'))
            {
                ulong flag = image.Is64 ? 1UL << 63 : 1UL << 31;
                return flag | ushort.Parse(function.AsSpan(1), provider: System.Globalization.CultureInfo.InvariantCulture);
            }

            int at = Place([0x07, 0x01, .. Encoding.UTF8.GetBytes(function), 0]);
            places.TryAdd("name " + function, at);
            return (ulong)(TablesRva + at) + add;
        }

        private int Place(byte[] bytes)
        {
            // At even addresses, as linkers do.
            _data.Position = (_data.Length + 3) & ~3;
            int at = (int)_data.Position;
            _data.Write(bytes);
            return at;
        }

        private void PutThunk(int at, ulong value)
        {
            if (image.Is64)
            {
                Put64(at, value);
            }
            else
            {
                Put32(at, (int)(uint)value);
            }
        }

        private void Put16(int at, ushort value)
        {
            Span<byte> bytes = stackalloc byte[2];
            BinaryPrimitives.WriteUInt16LittleEndian(bytes, value);
            Put(at, bytes);
        }

        private void Put32(int at, int value)
        {
            Span<byte> bytes = stackalloc byte[4];
            BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
            Put(at, bytes);
        }

        private void Put64(int at, ulong value)
        {
            Span<byte> bytes = stackalloc byte[8];
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
            Put(at, bytes);
        }

        private void Put(int at, ReadOnlySpan<byte> bytes)
        {
            _data.Position = at;
            _data.Write(bytes);
        }
    }
#pragma warning restore CA1001
}

/// <summary>A built image, and where its parts are.</summary>
public sealed class PortableImageBytes(byte[] bytes, IReadOnlyDictionary<string, int> places)
{
    /// <summary>The file.</summary>
    public byte[] Bytes { get; private set; } = bytes;

    /// <summary>The file offset of the optional header.</summary>
    public int OptionalHeader => places["optional"];

    /// <summary>The file offset of the section table.</summary>
    public int SectionTable => places["sections"];

    /// <summary>Tables that this image has, with how many of their first bytes are fields.</summary>
    public IEnumerable<(string Table, int Size)> Tables
    {
        get
        {
            foreach ((string table, int size) in ((string, int)[])[("imports", 60), ("delay", 64), ("exports", 52), ("clr", 72), ("metadata", 128)])
            {
                if (places.ContainsKey(table))
                {
                    yield return (table, size);
                }
            }

            foreach (string place in places.Keys)
            {
                if (place.StartsWith("lookup ", StringComparison.Ordinal) || place.StartsWith("address ", StringComparison.Ordinal))
                {
                    yield return (place, 12);
                }
            }
        }
    }

    /// <summary>The file offset of a data directory.</summary>
    public int Directory(int index) => places["directories"] + (8 * index);

    /// <summary>The file offset of a row of the section table.</summary>
    public int SectionRow(int index) => SectionTable + (40 * index);

    /// <summary>The file offset of headers and sections: "pe", "overlay", "section .text".</summary>
    public int Offset(string place) => places[place];

    /// <summary>
    /// The file offset of a table: "imports" (the first descriptor), "delay", "exports", "metadata", "lookup MODULE",
    /// "address MODULE", "module MODULE", "name FUNCTION" (its hint).
    /// </summary>
    public int Table(string place) => places["section .rdata"] + places[place];

    /// <summary>The relative virtual address of a table.</summary>
    public int TableRva(string place) => PortableImageBuilder.TablesRva + places[place];

    /// <summary>Overwrites 16 bits.</summary>
    public PortableImageBytes Write16(int offset, int value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(Bytes.AsSpan(offset), (ushort)value);
        return this;
    }

    /// <summary>Overwrites 32 bits.</summary>
    public PortableImageBytes Write32(int offset, long value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(Bytes.AsSpan(offset), (uint)value);
        return this;
    }

    /// <summary>Overwrites 64 bits.</summary>
    public PortableImageBytes Write64(int offset, ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(Bytes.AsSpan(offset), value);
        return this;
    }

    /// <summary>Overwrites bytes.</summary>
    public PortableImageBytes Write(int offset, params byte[] value)
    {
        value.CopyTo(Bytes, offset);
        return this;
    }

    /// <summary>Cuts the file off.</summary>
    public PortableImageBytes Cut(int length)
    {
        Bytes = Bytes.AsSpan(0, length).ToArray();
        return this;
    }
}
