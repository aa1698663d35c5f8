using System;
using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Threading;

namespace ApiLevel.Formats.Portable;

/// <summary>What the image is: machine, type, runtime, packer.</summary>
internal sealed partial class ImageParser
{
    private const ushort MachineX86 = 0x14C;
    private const ushort MachineX64 = 0x8664;
    private const ushort MachineArm = 0x1C4;
    private const ushort MachineArm64 = 0xAA64;
    private const ushort SubsystemNative = 1;

    private static readonly (ushort Mark, string System)[] s_systems = [(0x7B79, "Linux"), (0x4644, "macOS"), (0xADC4, "FreeBSD")];
    private static readonly byte[] s_goBuildId = [0xFF, .. " Go build ID: "u8];
    private static readonly byte[] s_goBuildInformation = [0xFF, .. " Go buildinf:"u8];

    private bool IsLibrary => (Headers.Characteristics & 0x2000) != 0;

    private string DescribeMachine(bool isHybrid) => Headers.Machine switch
    {
        MachineX86 => "x86",
        MachineX64 => isHybrid ? "ARM64EC" : "x64",
        MachineArm => "ARM",
        MachineArm64 => isHybrid ? "ARM64X" : "ARM64",
        0xA641 => "ARM64EC",
        0xA64E => "ARM64X",
        _ => DescribeForeignMachine(Headers.Machine),
    };

    /// <summary>ReadyToRun code for another system than Windows has its processor's number, changed by one for the system.</summary>
    private static string DescribeForeignMachine(ushort machine)
    {
        foreach ((ushort mark, string system) in s_systems)
        {
            string? processor = (ushort)(machine ^ mark) switch
            {
                MachineX86 => "x86",
                MachineX64 => "x64",
                MachineArm => "ARM",
                MachineArm64 => "ARM64",
                _ => null,
            };
            if (processor is not null)
            {
                return processor + " (" + system + ")";
            }
        }

        return "0x" + machine.ToString("X", CultureInfo.InvariantCulture);
    }

    /// <summary>ARM64EC images call themselves x64; what they are is told by CHPEMetadataPointer in the load configuration.</summary>
    private bool HasHybridMetadata()
    {
        const int PointerAt = 0xC8;
        DataDirectory directory = Headers[DirectoryIndex.LoadConfig];
        if (directory.Rva == 0 || !Headers.Is64)
        {
            return false;
        }

        Span<byte> config = stackalloc byte[PointerAt + 8];
        return TryFill(Window.Other, directory.Rva, config) &&
            BinaryPrimitives.ReadUInt32LittleEndian(config) >= PointerAt + 8 &&
            BinaryPrimitives.ReadUInt64LittleEndian(config.Slice(PointerAt)) != 0;
    }

    private static string DescribeSubsystem(ushort subsystem) => subsystem switch
    {
        SubsystemNative => "Native",
        2 => "Windows",
        3 => "Console",
        5 => "OS/2",
        7 => "POSIX",
        8 => "Windows 9x driver",
        9 => "Windows CE",
        10 => "EFI application",
        11 => "EFI boot service driver",
        12 => "EFI runtime driver",
        13 => "EFI ROM",
        14 => "Xbox",
        16 => "Windows boot application",
        _ => subsystem.ToString(CultureInfo.InvariantCulture),
    };

    private string DescribeType() => Headers.Subsystem switch
    {
        // Programs that start before Windows does (autochk) are native too: they import ntdll and not the kernel.
        SubsystemNative when _importsKernel || !_importsNtdll => "Driver",
        11 or 12 => "Driver",
        _ => IsLibrary ? "Library" : "Executable",
    };

    private bool IsSigned()
    {
        // This directory holds a file offset, not an address.
        DataDirectory directory = Headers[DirectoryIndex.Security];
        return directory.Rva != 0 && directory.Size >= 8 && directory.Rva < Bytes.Length;
    }

    /// <summary>Names a packer by its section names, or says why one is suspected.</summary>
    private string? DescribePacker()
    {
        foreach (ref readonly Section section in Headers.Sections)
        {
            if (Packers.Find(section.Name) is { } packer)
            {
                return packer + " (section names)";
            }
        }

        // What is packed imports little: the rest is found at run time. Only then is a page of the code worth reading.
        const int FewImports = 12;
        int count = _importCount + _delayImportCount;
        int entry = Headers.FindSection(Headers.EntryPoint);
        if (entry < 0 || count > FewImports || Headers.EntryPoint == 0 || Headers[DirectoryIndex.ClrHeader].Rva != 0)
        {
            return null;
        }

        ref readonly Section code = ref Headers.Sections[entry];
        double entropy = MeasureEntropy(in code);
        const double Compressed = 7.2;
        bool isWritable = code.IsWritable && code.IsExecutable;
        if (entropy >= Compressed || (isWritable && entropy >= 6.8))
        {
            return string.Format(
                CultureInfo.InvariantCulture,
                "entropy {0:0.0} in the entry section{1}; {2} imports",
                entropy,
                isWritable ? ", which is writable" : "",
                count);
        }

        // A section that is empty in the file and filled at run time, entered through another that is writable.
        return isWritable && HasEmptyExecutableSection()
            ? string.Format(CultureInfo.InvariantCulture, "code is written at run time (an executable section without bytes); {0} imports", count)
            : null;
    }

    private bool HasEmptyExecutableSection()
    {
        foreach (ref readonly Section section in Headers.Sections)
        {
            if (section.IsExecutable && section.RawSize == 0 && section.VirtualSize >= 0x1000)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Bits of information a byte, in one page from the middle of a section; 0 where there is too little to tell.</summary>
    private double MeasureEntropy(in Section section)
    {
        const int Page = 4096;
        long middle = section.RawSize > 2 * Page ? (section.RawSize / 2) & ~(Page - 1) : 0;
        if (Headers.Map.Find(section.VirtualAddress + middle, out long offset, out long available) != Backing.File)
        {
            return 0;
        }

        ReadOnlySpan<byte> bytes = Bytes.Get(Window.Other, offset, (int)Math.Min(Page, available));
        if (bytes.Length < 1024)
        {
            return 0;
        }

        Span<int> counts = stackalloc int[256];
        counts.Clear();
        foreach (byte value in bytes)
        {
            counts[value]++;
        }

        double entropy = 0;
        foreach (int count in counts)
        {
            if (count > 0)
            {
                double share = (double)count / bytes.Length;
                entropy -= share * Math.Log(share, 2);
            }
        }

        return entropy;
    }

    private string DescribeRuntime()
    {
        bool hasGoSymbols = false;
        foreach (ref readonly Section section in Headers.Sections)
        {
            switch (section.Name)
            {
                case SectionName.Managed:
                case SectionName.Hydrated:
                    return ".NET Native AOT (hint)";
                case SectionName.Symbols:
                    hasGoSymbols = true;
                    break;
                default:
                    break;
            }
        }

        if (IsBundle())
        {
            return ".NET single-file bundle";
        }

        if (hasGoSymbols || (_importsKernel32Only && !IsLibrary && HasGoBuildId()))
        {
            return "Go (hint)";
        }

        return _importsLikeRust && HasRustPaths() ? "Rust (hint)" : "Native";
    }

    /// <summary>
    /// A single-file host holds the SHA-256 of ".net core bundle\n", and before it the offset of the bundle's header, which is 0 in
    /// a host without bundle. The bundle is an overlay, so that only programs with one are searched.
    /// </summary>
    private bool IsBundle()
    {
        if (IsLibrary || Headers.EndOfSections == 0 || Bytes.Length <= Headers.EndOfSections)
        {
            return false;
        }

        DataDirectory certificates = Headers[DirectoryIndex.Security];
        if (certificates.Rva == Headers.EndOfSections && (long)certificates.Rva + certificates.Size >= Bytes.Length)
        {
            return false;
        }

        ReadOnlySpan<byte> signature =
        [
            0x8B, 0x12, 0x02, 0xB9, 0x6A, 0x61, 0x20, 0x38, 0x72, 0x7B, 0x93, 0x02, 0x14, 0xD7, 0xA0, 0x32,
            0x13, 0xF5, 0xB9, 0xE6, 0xEF, 0xAE, 0x33, 0x18, 0xEE, 0x3B, 0x2D, 0xCE, 0x24, 0xB3, 0x6A, 0xAE,
        ];
        foreach (ref readonly Section section in Headers.Sections)
        {
            if (section.Name != SectionName.Data)
            {
                continue;
            }

            long at = Search(in section, signature, 1 << 20);
            if (at >= 8)
            {
                ReadOnlySpan<byte> header = Bytes.Get(Window.Other, at - 8, 8);
                return header.Length == 8 && BinaryPrimitives.ReadInt64LittleEndian(header) is var place && place > 0 && place < Bytes.Length;
            }
        }

        return false;
    }

    /// <summary>The Go linker writes a build id at the start of the code, and a marker at the start of the data.</summary>
    private bool HasGoBuildId()
    {
        foreach (ref readonly Section section in Headers.Sections)
        {
            if (section.Name is SectionName.Text or SectionName.Data && section.RawPointer != 0)
            {
                ReadOnlySpan<byte> start = Bytes.Get(Window.Other, section.RawPointer, 16);
                if (start.StartsWith(s_goBuildId) || start.StartsWith(s_goBuildInformation))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Messages of Rust's library name its sources, "/rustc/hash/library/..."; they lie at the start of the constants.</summary>
    private bool HasRustPaths()
    {
        foreach (ref readonly Section section in Headers.Sections)
        {
            if (section.Name == SectionName.ReadOnlyData)
            {
                return Search(in section, "/rustc/"u8, 256 * 1024) >= 0;
            }
        }

        return false;
    }

    /// <summary>Looks for bytes in the first part of a section. Returns the file offset, or -1.</summary>
    private long Search(in Section section, ReadOnlySpan<byte> wanted, int limit)
    {
        if (Headers.Map.Find(section.VirtualAddress, out long offset, out long available) != Backing.File)
        {
            return -1;
        }

        long end = offset + Math.Min(limit, available);
        while (offset < end)
        {
            ReadOnlySpan<byte> bytes = Bytes.Get(Window.Other, offset, (int)Math.Min(ImageBytes.MaximumCount, end - offset));
            if (bytes.Length < wanted.Length || !Budget.TrySpend(bytes.Length))
            {
                return -1;
            }

            int found = bytes.IndexOf(wanted);
            if (found >= 0)
            {
                return offset + found;
            }

            offset += bytes.Length - wanted.Length + 1;
        }

        return -1;
    }

    private static string ComputeSha256(ByteSource source, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(1 << 17);
        try
        {
            long position = 0;
            while (true)
            {
                cancellation.ThrowIfCancellationRequested();
                int count = source.Read(position, buffer);
                if (count == 0)
                {
                    return Digest.ToHex(hash.GetHashAndReset());
                }

                hash.AppendData(buffer, 0, count);
                position += count;
            }
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
