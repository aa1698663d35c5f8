using System;
using System.Buffers.Binary;
using System.Globalization;

namespace ApiLevel.Formats.Portable;

/// <summary>The tables that name other modules: imports, delay-load imports, bound imports.</summary>
internal sealed partial class ImageParser
{
    private const string Imports = "imports";
    private const string DelayImports = "delay imports";
    private const string BoundImports = "bound imports";

    private void ReadImports()
    {
        const int DescriptorSize = 20;
        DataDirectory directory = Headers[DirectoryIndex.Import];
        if (directory.Rva == 0)
        {
            return;
        }

        // The directory's size is ignored, as Windows ignores it.
        Span<byte> descriptor = stackalloc byte[DescriptorSize];
        for (long rva = directory.Rva; ; rva += DescriptorSize)
        {
            if (!TryFill(Window.Descriptors, rva, descriptor))
            {
                Problems.Add(Imports, rva == directory.Rva ? "the directory points outside the file" : "the table has no end inside the file");
                return;
            }

            uint lookup = BinaryPrimitives.ReadUInt32LittleEndian(descriptor);
            uint name = BinaryPrimitives.ReadUInt32LittleEndian(descriptor.Slice(12));
            uint address = BinaryPrimitives.ReadUInt32LittleEndian(descriptor.Slice(16));
            if (name == 0 || address == 0)
            {
                return;
            }

            if (!TrySpend(DescriptorSize, Imports))
            {
                return;
            }

            if (!TryReadModule(name, Imports, out string module))
            {
                continue;
            }

            uint table = ChooseTable(lookup, address);
            if (!ReadThunks(ReferenceKind.Import, Imports, module, table, table == address ? 0 : address, addressesAreVirtual: false))
            {
                return;
            }
        }
    }

    private void ReadDelayImports()
    {
        const int DescriptorSize = 32;
        DataDirectory directory = Headers[DirectoryIndex.DelayImport];
        if (directory.Rva == 0)
        {
            return;
        }

        Span<byte> descriptor = stackalloc byte[DescriptorSize];
        for (long rva = directory.Rva; ; rva += DescriptorSize)
        {
            if (!TryFill(Window.Descriptors, rva, descriptor))
            {
                Problems.Add(DelayImports, rva == directory.Rva ? "the directory points outside the file" : "the table has no end inside the file");
                return;
            }

            uint name = BinaryPrimitives.ReadUInt32LittleEndian(descriptor.Slice(4));
            if (name == 0)
            {
                return;
            }

            if (!TrySpend(DescriptorSize, DelayImports))
            {
                return;
            }

            // Before Visual C++ 7 the fields were virtual addresses; bit 0 of the attributes says that they are not.
            bool areVirtual = (BinaryPrimitives.ReadUInt32LittleEndian(descriptor) & 1) == 0;
            uint table = BinaryPrimitives.ReadUInt32LittleEndian(descriptor.Slice(16));
            if (areVirtual)
            {
                name = ToRelative(name);
                table = ToRelative(table);
            }

            if (TryReadModule(name, DelayImports, out string module) &&
                !ReadThunks(ReferenceKind.DelayImport, DelayImports, module, table, 0, areVirtual))
            {
                return;
            }
        }
    }

    private void ReadBoundImports()
    {
        const int RowSize = 8;
        DataDirectory directory = Headers[DirectoryIndex.BoundImport];
        if (directory.Rva == 0)
        {
            return;
        }

        // The names are relative to the table's start. Linkers put it behind the section headers, the loader takes it anywhere.
        uint forwarders = 0;
        Span<byte> row = stackalloc byte[RowSize];
        for (long at = directory.Rva; ; at += RowSize)
        {
            if (!TryFill(Window.Descriptors, at, row))
            {
                Problems.Add(BoundImports, at == directory.Rva ? "the directory points outside the file" : "the table has no end inside the file");
                return;
            }

            uint stamp = BinaryPrimitives.ReadUInt32LittleEndian(row);
            ushort name = BinaryPrimitives.ReadUInt16LittleEndian(row.Slice(4));
            if (forwarders > 0)
            {
                forwarders--;
            }
            else
            {
                if (stamp == 0 && name == 0)
                {
                    return;
                }

                forwarders = BinaryPrimitives.ReadUInt16LittleEndian(row.Slice(6));
            }

            bool isThere = TryGetText(Window.Names, (long)directory.Rva + name, MaximumModule, out ReadOnlySpan<byte> text);
            if (!TrySpend(RowSize + text.Length, BoundImports))
            {
                return;
            }

            if (name == 0 || !isThere || Names.GetName(text) is not { } module)
            {
                Problems.Add(BoundImports, "a row without a usable name ends the table");
                return;
            }

            if (!TryKeep(new PortableReference(ReferenceKind.BoundImport, module, ""), BoundImports))
            {
                return;
            }
        }
    }

    private uint ToRelative(uint address)
    {
        uint relative = address - (uint)Headers.ImageBase;
        return address >= Headers.ImageBase && Headers.Map.Find(relative, out _, out _) != Backing.Outside ? relative : address;
    }

    private bool TryReadModule(uint rva, string where, out string module)
    {
        if (!TryGetText(Window.Names, rva, MaximumModule, out ReadOnlySpan<byte> text))
        {
            Problems.Add(where, "an entry is skipped: the module's name points outside the file or has no end");
            module = "";
            return false;
        }

        if (!TrySpend(text.Length, where))
        {
            module = "";
            return false;
        }

        if (Names.GetName(text) is not { } name)
        {
            // Its functions are still worth knowing.
            Problems.Add(where, "a module's name is not text");
            name = "";
        }

        if (ReferenceEquals(where, Imports))
        {
            if (_hashes)
            {
                _importHash.SetModule(text);
            }

            NoteModule(name);
        }

        module = name;
        return true;
    }

    /// <summary>Some modules tell what kind of image imports them.</summary>
    private void NoteModule(string module)
    {
        if (!_describes && Headers.Subsystem != SubsystemNative)
        {
            return;
        }

        bool Is(string name) => string.Equals(module, name, StringComparison.OrdinalIgnoreCase);
        _importsNtdll |= Is("ntdll.dll");
        _importsKernel |= Is("ntoskrnl.exe");
        _importsKernel32Only &= Is("kernel32.dll");
        _importsLikeRust |= Is("api-ms-win-core-synch-l1-2-0.dll") || Is("bcryptprimitives.dll");
    }

    /// <summary>The lookup table where there is one; else the address table, which holds the same until the image is bound.</summary>
    private uint ChooseTable(uint lookup, uint address)
    {
        int size = Headers.Is64 ? 8 : 4;
        if (lookup == 0 || (!Bytes.TryGetFromRun(lookup, size, out _) && Headers.Map.Find(lookup, out _, out _) == Backing.Outside))
        {
            return address;
        }

        // An empty lookup table beside a filled address table: the loader would bind nothing, and packers use it to hide.
        Span<byte> first = stackalloc byte[8];
        return TryFill(Window.Thunks, lookup, first.Slice(0, size)) && BinaryPrimitives.ReadUInt64LittleEndian(first) == 0 ? address : lookup;
    }

    /// <summary>Reads one module's functions. False when the budget is at its end.</summary>
    /// <param name="kind">What they become.</param>
    /// <param name="where">The table that problems are told of.</param>
    /// <param name="module">The module.</param>
    /// <param name="table">The entries' address.</param>
    /// <param name="copy">The address of a table with the same entries, for those that are damaged; 0 where there is none.</param>
    /// <param name="addressesAreVirtual">Entries are virtual addresses, not relative ones.</param>
    private bool ReadThunks(ReferenceKind kind, string where, string module, uint table, uint copy, bool addressesAreVirtual)
    {
        var walk = new ThunkWalk
        {
            Kind = kind,
            Where = where,
            Module = module,
            Size = Headers.Is64 ? 8 : 4,
            AddressesAreVirtual = addressesAreVirtual,
            Copy = copy,
            Start = table,
            IsWanted = IsWanted(kind),
        };
        bool goesOn = TryWalk(ref walk, table);
        if (walk.Skipped > 0)
        {
            Problems.Add(where, string.Format(CultureInfo.InvariantCulture, "{0}: {1} skipped, the first {2}", module, walk.Skipped, walk.Reason));
        }

        if (walk.Recovered > 0)
        {
            Problems.Add(where, string.Format(CultureInfo.InvariantCulture, "{0}: {1} taken from the address table, the lookup table is damaged", module, walk.Recovered));
        }

        return goesOn;
    }

    private bool TryWalk(ref ThunkWalk walk, long rva)
    {
        Span<byte> row = stackalloc byte[8];
        bool isFirst = true;
        while (true)
        {
            const int Ahead = 1024;
            scoped ReadOnlySpan<byte> thunks = Bytes.GetRestOfRun(rva, Ahead);
            if (thunks.Length < walk.Size)
            {
                thunks = GetRows(Window.Thunks, rva, Ahead, row.Slice(0, walk.Size));
                if (thunks.Length < walk.Size)
                {
                    Problems.Add(walk.Where, walk.Module + (isFirst ? ": the table points outside the file" : ": the table has no end inside the file"));
                    return true;
                }
            }

            isFirst = false;
            for (; thunks.Length >= walk.Size; thunks = thunks.Slice(walk.Size))
            {
                ulong value = walk.Size == 8 ? BinaryPrimitives.ReadUInt64LittleEndian(thunks) : BinaryPrimitives.ReadUInt32LittleEndian(thunks);
                if (value == 0)
                {
                    return true;
                }

                if (!TryReadThunk(ref walk, value, rva))
                {
                    return false;
                }

                rva += walk.Size;
            }
        }
    }

    private bool TryReadThunk(ref ThunkWalk walk, ulong value, long at)
    {
        ReferenceKind kind = walk.Kind;
        if ((value >> ((8 * walk.Size) - 1)) != 0 && !(walk.AddressesAreVirtual && IsAddress(value)))
        {
            var ordinal = (ushort)value;
            if (!TrySpend(walk.Size, walk.Where))
            {
                return false;
            }

            Count(kind);
            if (kind == ReferenceKind.Import && _hashes)
            {
                _importHash.Add(ordinal);
            }

            return !walk.IsWanted || TryKeep(new PortableReference(kind, walk.Module, "", ordinal), walk.Where);
        }

        long rva = value > uint.MaxValue ? -1 : walk.AddressesAreVirtual ? ToRelative((uint)value) : (uint)value;
        if (!TryGetHintAndName(rva, out ushort hint, out ReadOnlySpan<byte> text, out bool isPrintable))
        {
            return TrySpend(walk.Size, walk.Where) && TryReadCopy(ref walk, value, at, "points outside the file or has no end");
        }

        if (!TrySpend(walk.Size + text.Length + 3, walk.Where))
        {
            return false;
        }

        string? name = null;
        if (isPrintable)
        {
            name = walk.IsWanted ? NameText.ToAsciiString(text) : null;
        }
        else if (walk.IsWanted ? (name = Names.GetName(text)) is null : !Names.IsName(text))
        {
            return TryReadCopy(ref walk, value, at, "has a name that is not text");
        }

        Count(kind);
        if (_isInferring)
        {
            NoteResolver(text);
        }

        if (kind == ReferenceKind.Import && _hashes)
        {
            _importHash.Add(text);
        }

        if (name is null)
        {
            return true;
        }

        if (!TryEmit(name.Length, walk.Where))
        {
            return false;
        }

        References.Next() = PortableReference.WithHint(kind, walk.Module, name, hint);
        return true;
    }

    /// <summary>Takes a damaged entry from the other table where that has another value; skips it otherwise.</summary>
    private bool TryReadCopy(ref ThunkWalk walk, ulong damaged, long at, string reason)
    {
        if (walk.Copy == 0)
        {
            walk.Skip(reason);
            return true;
        }

        Span<byte> bytes = stackalloc byte[8];
        bytes.Clear();
        long copy = walk.Copy + (at - walk.Start);
        if (!TryFill(Window.Other, copy, bytes.Slice(0, walk.Size)) ||
            BinaryPrimitives.ReadUInt64LittleEndian(bytes) is var value && (value == 0 || value == damaged))
        {
            walk.Skip(reason);
            return true;
        }

        // The copy's own copy is none, so that this goes one level deep.
        uint table = walk.Copy;
        int skipped = walk.Skipped;
        walk.Copy = 0;
        bool goesOn = TryReadThunk(ref walk, value, copy);
        walk.Copy = table;
        walk.Recovered += walk.Skipped == skipped ? 1 : 0;
        return goesOn;
    }

    private bool IsAddress(ulong value)
    {
        // In the form with virtual addresses an image base above 2 GiB makes a name's address look like an ordinal.
        return !Headers.Is64 && value >= Headers.ImageBase && Headers.Map.Find((long)(value - Headers.ImageBase), out _, out _) == Backing.File;
    }

    private bool TryGetHintAndName(long rva, out ushort hint, out ReadOnlySpan<byte> text, out bool isPrintable)
    {
        hint = 0;
        text = default;
        isPrintable = false;
        if (Bytes.TryGetHintAndName(rva, MaximumName, out hint, out text))
        {
            isPrintable = true;
            return true;
        }

        Span<byte> first = stackalloc byte[sizeof(ushort)];
        if (Headers.Map.Find(rva, out _, out _) != Backing.File || !TryFill(Window.Names, rva, first))
        {
            return false;
        }

        hint = BinaryPrimitives.ReadUInt16LittleEndian(first);
        return TryGetText(Window.Names, rva + first.Length, MaximumName, out text);
    }

    private void Count(ReferenceKind kind)
    {
        if (kind == ReferenceKind.Import)
        {
            _importCount++;
        }
        else
        {
            _delayImportCount++;
        }
    }

    /// <summary>One module's table while it is walked.</summary>
    private struct ThunkWalk
    {
        public ReferenceKind Kind;
        public string Where;
        public string Module;
        public int Size;
        public bool AddressesAreVirtual;
        public bool IsWanted;
        public uint Copy;
        public uint Start;
        public int Skipped;
        public int Recovered;
        public string? Reason;

        public void Skip(string reason)
        {
            Skipped++;
            Reason ??= reason;
        }
    }
}
