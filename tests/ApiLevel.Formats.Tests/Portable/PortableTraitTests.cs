using System;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using ApiLevel.Fixtures;
using ApiLevel.Formats.Portable;

namespace ApiLevel.Formats.Tests.Portable;

public class PortableTraitTests
{
    [Theory]
    [InlineData(0x14C, false, "x86")]
    [InlineData(0x8664, true, "x64")]
    [InlineData(0x1C4, false, "ARM")]
    [InlineData(0xAA64, true, "ARM64")]
    [InlineData(0xFD1D, true, "x64 (Linux)")]
    [InlineData(0xEC20, true, "ARM64 (macOS)")]
    [InlineData(0x1C0, false, "0x1C0")]
    public void Names_the_machine(int machine, bool is64, string name)
    {
        PortableImageBuilder builder = Images.Usual(is64);
        builder.Machine = (ushort)machine;
        Assert.Equal(name, Images.Read(builder.Build()).Machine);
    }

    [Theory]
    [InlineData(0x8664, "ARM64EC")]
    [InlineData(0xAA64, "ARM64X")]
    public void Tells_hybrid_images_by_their_metadata_pointer(int machine, string name)
    {
        PortableImageBuilder builder = Images.Usual(true).Hybrid();
        builder.Machine = (ushort)machine;
        Assert.Equal(name, Images.Read(builder.Build()).Machine);
    }

    [Theory]
    [InlineData(3, false, "KERNEL32.dll", "Console", "Executable")]
    [InlineData(2, true, "KERNEL32.dll", "Windows", "Library")]
    [InlineData(1, false, "ntoskrnl.exe", "Native", "Driver")]
    [InlineData(1, true, "ntoskrnl.exe", "Native", "Driver")]
    [InlineData(1, false, "NTDLL.dll", "Native", "Executable")]
    [InlineData(12, false, "a.dll", "EFI runtime driver", "Driver")]
    [InlineData(77, false, "a.dll", "77", "Executable")]
    public void Names_subsystem_and_type(int subsystem, bool isLibrary, string module, string name, string type)
    {
        PortableImageBuilder builder = Images.New(true).Import(module, "F");
        builder.Subsystem = (ushort)subsystem;
        builder.IsLibrary = isLibrary;
        PortableImage image = Images.Read(builder.Build());
        Assert.Equal(name, image.Subsystem);
        Assert.Equal(type, image.ImageType);
    }

    [Fact]
    public void Gives_a_sensible_summary_of_an_ARM64_driver()
    {
        PortableImageBuilder builder = Images.New(true).Import("ntoskrnl.exe", "IoCreateDevice", "ZwOpenProcess").Import("FLTMGR.SYS", "FltRegisterFilter");
        builder.Machine = 0xAA64;
        builder.Subsystem = 1;
        PortableImage image = Images.Read(builder.Build());

        Assert.Equal(("PE32+", "ARM64", "Native", "Driver", "Native"), (image.Format, image.Machine, image.Subsystem, image.ImageType, image.Runtime));
        Assert.Equal(3, image.ImportCount);
        Assert.Null(image.Packed);
    }

    [Theory]
    [InlineData("UPX0", "UPX")]
    [InlineData(".MPRESS1", "MPRESS")]
    [InlineData(".vmp0", "VMProtect")]
    [InlineData(".themida", "Themida")]
    [InlineData(".aspack", "ASPack")]
    [InlineData(".petite", "Petite")]
    [InlineData("FSG!", "FSG")]
    public void Names_a_packer_by_its_sections(string section, string packer)
    {
        Assert.Equal(packer + " (section names)", Images.Read(Images.Usual().Section(section, new byte[16]).Build()).Packed);
    }

    [Fact]
    public void Suspects_random_code_beside_few_imports()
    {
        byte[] code = new byte[4096];
        new Random(7).NextBytes(code);
        PortableImageBuilder builder = Images.Usual();
        builder.Code = code;
        Assert.Equal("entropy 8.0 in the entry section; 4 imports", Images.Read(builder.Build()).Packed);

        builder.Import("many.dll", [.. Enumerable.Range(0, 20).Select(i => "F" + i)]);
        Assert.Null(Images.Read(builder.Build()).Packed);
    }

    [Fact]
    public void Suspects_code_that_is_written_at_run_time()
    {
        PortableImageBytes bytes = Images.Usual().Section(".empty", [], 0xE0000080, 0x10000).Build();
        bytes.Write32(bytes.SectionRow(0) + 36, 0xE0000020);
        Assert.Contains("written at run time", Images.Read(bytes).Packed, StringComparison.Ordinal);
    }

    [Fact]
    public void Does_not_suspect_an_ordinary_image() => Assert.Null(Images.Read(Images.Usual().Build()).Packed);

    [Fact]
    public void Sees_a_signature_where_the_certificate_table_lies_in_the_file()
    {
        PortableImageBuilder builder = Images.Usual();
        builder.Overlay = new byte[64];
        PortableImageBytes bytes = builder.Build();
        Assert.False(Images.Read(bytes).Signed);

        bytes.Write32(bytes.Directory(4), bytes.Offset("overlay")).Write32(bytes.Directory(4) + 4, 64);
        Assert.True(Images.Read(bytes).Signed);

        bytes.Write32(bytes.Directory(4), 0x7FFFFFF0);
        Assert.False(Images.Read(bytes).Signed);
    }

    [Fact]
    public void Tells_a_single_file_bundle_from_a_host_without_one()
    {
        byte[] signature = SHA256.HashData(Encoding.ASCII.GetBytes(".net core bundle\n"));
        byte[] Data(long header) => [.. new byte[100], .. BitConverter.GetBytes(header), .. signature, .. new byte[50]];

        PortableImageBuilder builder = Images.Usual(true).Section(".data", Data(0x600), 0xC0000040);
        builder.Overlay = new byte[100];
        Assert.Equal(".NET single-file bundle", Images.Read(builder.Build()).Runtime);

        builder = Images.Usual(true).Section(".data", Data(0), 0xC0000040);
        builder.Overlay = new byte[100];
        Assert.Equal("Native", Images.Read(builder.Build()).Runtime);
    }

    [Theory]
    [InlineData(".managed", ".NET Native AOT (hint)")]
    [InlineData(".symtab", "Go (hint)")]
    [InlineData(".other", "Native")]
    public void Guesses_the_compiler_by_its_sections(string section, string runtime)
    {
        Assert.Equal(runtime, Images.Read(Images.Usual().Section(section, new byte[16]).Build()).Runtime);
    }

    [Fact]
    public void Guesses_Go_by_its_build_id()
    {
        PortableImageBuilder builder = Images.New().Import("kernel32.dll", "WriteFile");
        builder.Code = [0xFF, .. Encoding.ASCII.GetBytes(" Go build ID: \"abc\""), .. new byte[100]];
        Assert.Equal("Go (hint)", Images.Read(builder.Build()).Runtime);
    }

    [Theory]
    [InlineData("/rustc/0123456789/library/core/src/fmt/mod.rs", "Rust (hint)")]
    [InlineData("nothing of the kind", "Native")]
    public void Guesses_Rust_by_the_paths_in_its_messages(string text, string runtime)
    {
        PortableImageBytes bytes = Images.New(true).Import("api-ms-win-core-synch-l1-2-0.dll", "WaitOnAddress")
            .Export(text).Build();
        Assert.Equal(runtime, Images.Read(bytes).Runtime);
    }
}
