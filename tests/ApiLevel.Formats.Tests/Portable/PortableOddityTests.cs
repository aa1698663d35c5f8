using System;
using System.Diagnostics;
using System.Linq;
using System.Text;
using ApiLevel.Fixtures;
using ApiLevel.Formats.Portable;

namespace ApiLevel.Formats.Tests.Portable;

/// <summary>Images of the kinds that the corkami collection made known, each built here from scratch.</summary>
public class PortableOddityTests
{
    private const int Page = 0x1000;

    /// <summary>The address of the first section that a test adds.</summary>
    private const int First = PortableImageBuilder.TablesRva + Page;

    private const string Kernel = "KERNEL32.dll";

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(0xFFFFFFFF)]
    public void Ignores_the_size_of_the_import_directory(uint size)
    {
        PortableImageBytes bytes = Images.Usual().Build();
        bytes.Write32(bytes.Directory(1) + 4, size);
        AssertUsual(bytes);
    }

    [Theory]
    [InlineData(12)]
    [InlineData(16)]
    public void Ends_the_list_at_the_first_descriptor_without_name_or_without_table(int field)
    {
        // What follows the end looks like descriptors, as linkers leave it there; it is not read.
        PortableImageBytes bytes = Images.Usual().Import("late.dll", "F").Build();
        bytes.Write32(bytes.Table("imports") + 40 + field, 0);
        AssertUsual(bytes);
    }

    [Fact]
    public void Uses_the_address_table_when_there_is_no_lookup_table()
    {
        PortableImageBuilder builder = Images.Usual();
        builder.OmitLookupTables = true;
        AssertUsual(builder.Build());
    }

    [Theory]
    [InlineData(0x7FFFFF00)]
    [InlineData(0xFFFFFFF0)]
    public void Uses_the_address_table_when_the_lookup_table_is_outside(uint rva)
    {
        PortableImageBytes bytes = Images.Usual().Build();
        bytes.Write32(bytes.Table("imports"), rva);
        AssertUsual(bytes);
    }

    [Fact]
    public void Uses_the_address_table_when_the_lookup_table_is_empty()
    {
        PortableImageBytes bytes = Images.Usual().Build();
        bytes.Write32(bytes.Table("lookup " + Kernel), 0);
        AssertUsual(bytes);
    }

    [Fact]
    public void Skips_a_module_whose_name_is_outside_and_reads_the_next()
    {
        PortableImageBytes bytes = Images.Usual().Build();
        bytes.Write32(bytes.Table("imports") + 12, 0x7FFFFFF0);
        PortableImage image = Images.Read(bytes);

        Assert.Equal(Images.UsualImports.Skip(2), image.List());
        AssertProblem(image, "imports", "outside");
    }

    [Fact]
    public void Keeps_the_functions_of_a_module_whose_name_is_not_text()
    {
        PortableImageBytes bytes = Images.Usual().Build();
        bytes.Write(bytes.Table("module " + Kernel), 0x01);
        PortableImage image = Images.Read(bytes);

        Assert.Equal(["!CreateFileW", "!ReadFile", .. Images.UsualImports.Skip(2)], image.List());
        AssertProblem(image, "imports", "a module's name is not text");
    }

    [Fact]
    public void Skips_a_module_whose_tables_are_outside_and_reads_the_next()
    {
        PortableImageBytes bytes = Images.Usual().Build();
        bytes.Write32(bytes.Table("imports"), 0);
        bytes.Write32(bytes.Table("imports") + 16, 0x7FFFFFF0);
        PortableImage image = Images.Read(bytes);

        Assert.Equal(Images.UsualImports.Skip(2), image.List());
        AssertProblem(image, "imports", "KERNEL32.dll: the table points outside");
    }

    [Theory]
    [InlineData(false, 0x7FFFFFF0UL)]
    [InlineData(true, 0x7FFFFFF0UL)]
    [InlineData(true, 0x00FFFFFF00002000UL)]
    public void Skips_a_function_that_points_outside_and_reads_the_next(bool is64, ulong thunk)
    {
        PortableImageBytes bytes = Images.Usual(is64).Build();
        foreach (string table in new[] { "lookup ", "address " })
        {
            int at = bytes.Table(table + Kernel);
            _ = is64 ? bytes.Write64(at, thunk) : bytes.Write32(at, (long)thunk);
        }

        PortableImage image = Images.Read(bytes);

        Assert.Equal(Images.UsualImports.Skip(1), image.List());
        Assert.Equal(3, image.ImportCount);
        AssertProblem(image, "imports", "KERNEL32.dll: 1 skipped, the first points outside");
    }

    [Fact]
    public void Takes_a_damaged_entry_from_the_other_table()
    {
        PortableImageBytes bytes = Images.Usual().Build();
        bytes.Write32(bytes.Table("lookup " + Kernel) + 4, 0x7FFFFFF0);
        PortableImage image = Images.Read(bytes);

        Assert.Equal(Images.UsualImports, image.List());
        AssertProblem(image, "imports", "KERNEL32.dll: 1 taken from the address table");
    }

    [Fact]
    public void Does_not_let_garbage_behind_the_section_table_hide_sections()
    {
        PortableImageBytes bytes = Images.Usual().Build();
        bytes.Write16(bytes.Offset("pe") + 6, 20);
        for (int at = bytes.SectionRow(2); at < bytes.Offset("section .text"); at += 4)
        {
            bytes.Write32(at, 0x2004);
        }

        Assert.Equal(Images.UsualImports, Images.Read(bytes).List());
    }

    [Fact]
    public void Reads_a_section_whose_address_is_not_that_of_a_page()
    {
        PortableImageBytes bytes = Images.Usual().Build();
        bytes.Write32(bytes.SectionRow(1) + 12, PortableImageBuilder.TablesRva + 0x10);
        AssertUsual(bytes);
    }

    [Fact]
    public void Skips_a_function_whose_name_is_not_text()
    {
        PortableImageBytes bytes = Images.Usual().Build();
        bytes.Write(bytes.Table("name CreateFileW") + 4, 0x07);
        PortableImage image = Images.Read(bytes);

        Assert.Equal(Images.UsualImports.Skip(1), image.List());
        AssertProblem(image, "imports", "not text");
    }

    [Theory]
    [InlineData(3000, true)]
    [InlineData(4096, true)]
    [InlineData(4097, false)]
    [InlineData(20000, false)]
    public void Reads_names_up_to_four_kibibytes(int length, bool isRead)
    {
        PortableImage image = Images.Read(Images.New().Import("a.dll", new string('n', length), "G").Build());

        Assert.Equal(isRead ? 2 : 1, image.ImportCount);
        Assert.Equal(isRead, image.Complete);
        Assert.Contains("a.dll!G", image.List());
    }

    [Fact]
    public void Takes_the_low_sixteen_bits_of_an_ordinal()
    {
        PortableImageBytes bytes = Images.New(true).Import("a.dll", "#1").Build();
        bytes.Write64(bytes.Table("lookup a.dll"), 0x8123456789ABCDEF);
        Assert.Equal(["a.dll!#" + 0xCDEF], Images.Read(bytes).List());
    }

    [Fact]
    public void Chooses_the_size_of_entries_by_the_optional_header_not_by_the_machine()
    {
        PortableImageBuilder builder = Images.Usual(is64: true);
        builder.Machine = 0x14C;
        PortableImageBytes bytes = builder.Build();
        AssertUsual(bytes);
        Assert.Equal("x86", Images.Read(bytes).Machine);
    }

    [Fact]
    public void Sees_zeros_in_a_section_without_bytes_not_what_follows_in_the_file()
    {
        // The same RVA, but the section's bytes are gone from the file's point of view: the loader maps zeros.
        PortableImageBytes bytes = Images.Usual().Build();
        bytes.Write32(bytes.SectionRow(1) + 16, 0);
        PortableImage image = Images.Read(bytes);

        Assert.Empty(image.References);
        Assert.True(image.Complete);
    }

    [Fact]
    public void Ends_a_list_where_the_bytes_of_a_section_end_and_its_zeros_begin()
    {
        PortableImageBytes bytes = Images.Usual().Build();
        int size = bytes.Table("imports") + 20 - bytes.Offset("section .rdata");
        bytes.Write32(bytes.SectionRow(1) + 16, size);
        PortableImage image = Images.Read(bytes, ReferenceKind.Import);
        Assert.Equal(0, image.ImportCount);
        Assert.DoesNotContain(image.Problems, p => p.What.Contains("table has no end", StringComparison.Ordinal));
    }

    [Fact]
    public void Reads_an_image_that_is_mapped_flat()
    {
        PortableImageBuilder builder = Images.Usual();
        builder.SectionAlignment = 0x200;
        PortableImageBytes bytes = builder.Build();

        // Below a page, address and offset are one: the tables' addresses are moved to where the bytes are.
        int delta = PortableImageBuilder.TablesRva - bytes.Offset("section .rdata");
        Rebase(bytes, delta);
        bytes.Write32(bytes.SectionRow(0) + 12, bytes.Offset("section .text"));
        bytes.Write32(bytes.SectionRow(1) + 12, bytes.Offset("section .rdata"));
        AssertUsual(bytes);
    }

    [Fact]
    public void Reads_an_image_whose_sections_begin_inside_pages()
    {
        // .NET's native code for Linux and macOS: the alignment is that of the file, the addresses are not its offsets.
        PortableImageBuilder builder = Images.Usual();
        builder.SectionAlignment = 0x200;
        PortableImageBytes bytes = builder.Build();
        Rebase(bytes, -0x200);
        bytes.Write32(bytes.SectionRow(1) + 12, PortableImageBuilder.TablesRva + 0x200);
        AssertUsual(bytes);
    }

    [Fact]
    public void Reads_an_image_without_sections_that_is_mapped_flat()
    {
        PortableImageBuilder builder = Images.Usual();
        builder.SectionAlignment = 0x10;
        builder.FileAlignment = 0x10;
        PortableImageBytes bytes = builder.Build();
        Rebase(bytes, PortableImageBuilder.TablesRva - bytes.Offset("section .rdata"));
        bytes.Write16(bytes.Offset("pe") + 6, 0);
        AssertUsual(bytes);
    }

    [Fact]
    public void Reads_sections_aligned_below_a_sector()
    {
        PortableImageBuilder builder = Images.Usual();
        builder.FileAlignment = 0x10;
        AssertUsual(builder.Build());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0x10)]
    [InlineData(0x1FF)]
    public void Rounds_the_place_of_a_section_down_to_a_sector(int more)
    {
        PortableImageBytes bytes = Images.Usual().Build();
        bytes.Write32(bytes.SectionRow(1) + 20, bytes.Offset("section .rdata") + more);
        AssertUsual(bytes);
    }

    [Fact]
    public void Reads_tables_from_headers_that_are_used_as_a_section()
    {
        // A pointer below a sector rounds down to 0: the section's bytes are the file from its first byte.
        PortableImageBytes bytes = Images.Usual().Build();
        bytes.Write32(bytes.SectionRow(1) + 20, 1);
        bytes.Write32(bytes.SectionRow(1) + 16, bytes.Bytes.Length);
        bytes.Write32(bytes.SectionRow(1) + 8, bytes.Bytes.Length);
        int delta = -bytes.Offset("section .rdata");
        Rebase(bytes, delta);
        AssertUsual(bytes);
    }

    [Fact]
    public void Reads_tables_that_lie_in_the_headers()
    {
        PortableImageBytes bytes = Images.Usual().Build();
        Rebase(bytes, PortableImageBuilder.TablesRva - bytes.Offset("section .rdata"));
        bytes.Write16(bytes.Offset("pe") + 6, 0);
        bytes.Write32(bytes.OptionalHeader + 60, bytes.Bytes.Length);
        AssertUsual(bytes);
    }

    [Fact]
    public void Reads_a_section_that_claims_more_bytes_than_the_file_has()
    {
        PortableImageBytes bytes = Images.Usual().Build();
        bytes.Write32(bytes.SectionRow(1) + 16, 0x7FFFFFFF);
        AssertUsual(bytes);
    }

    [Fact]
    public void Takes_the_first_of_sections_at_one_address()
    {
        PortableImageBytes bytes = Images.Usual().Section(".copy", new byte[0x200]).Build();
        bytes.Write32(bytes.SectionRow(2) + 12, PortableImageBuilder.TablesRva);
        AssertUsual(bytes);
    }

    [Fact]
    public void Cuts_a_section_where_the_next_begins()
    {
        PortableImageBytes bytes = Images.Usual().Build();
        bytes.Write32(bytes.SectionRow(0) + 8, 0x10000);
        bytes.Write32(bytes.SectionRow(0) + 16, 0x10000);
        AssertUsual(bytes);
    }

    [Fact]
    public void Reads_sections_in_any_order()
    {
        PortableImageBytes bytes = Images.Usual().Build();
        byte[] first = bytes.Bytes.AsSpan(bytes.SectionRow(0), 40).ToArray();
        byte[] second = bytes.Bytes.AsSpan(bytes.SectionRow(1), 40).ToArray();
        bytes.Write(bytes.SectionRow(0), second).Write(bytes.SectionRow(1), first);
        AssertUsual(bytes);
    }

    [Fact]
    public void Reads_an_address_of_two_sections_from_the_one_in_order()
    {
        // The import table's section breaks the order and lies behind another in part: names there are the other's zeros.
        const int Page = 0x1000;
        string[] functions = [.. Enumerable.Range(0, 400).Select(i => "SomeFunction" + i)];
        PortableImageBytes bytes = Images.New().Import("a.dll", functions).Section(".x", new byte[Page], virtualSize: Page).Build();
        Assert.Equal(functions.Length, Images.Read(bytes).ImportCount);

        byte[] tables = bytes.Bytes.AsSpan(bytes.SectionRow(1), 40).ToArray();
        byte[] other = bytes.Bytes.AsSpan(bytes.SectionRow(2), 40).ToArray();
        bytes.Write(bytes.SectionRow(1), other).Write(bytes.SectionRow(2), tables);
        bytes.Write32(bytes.SectionRow(1) + 12, PortableImageBuilder.TablesRva + Page);

        PortableImage image = Images.Read(bytes);
        Assert.InRange(image.ImportCount, 1, functions.Length - 50);
        Assert.Contains("skipped", Assert.Single(image.Problems).What, StringComparison.Ordinal);
    }

    [Fact]
    public void Reads_an_image_with_65535_sections()
    {
        PortableImageBytes built = Images.Usual().Build();
        int table = built.SectionTable;
        byte[] bytes = new byte[table + (40 * 65535) + built.Bytes.Length + 512];
        built.Bytes.CopyTo(bytes, 0);
        int tables = (table + (40 * 65535) + 511) & ~511;
        int from = built.Offset("section .rdata");
        built.Bytes.AsSpan(from).CopyTo(bytes.AsSpan(tables));
        var image = new PortableImageBytes(bytes, new System.Collections.Generic.Dictionary<string, int>());
        image.Write16(built.Offset("pe") + 6, 65535);
        image.Write32(built.SectionRow(1) + 20, tables);
        for (int i = 2; i < 65535; i++)
        {
            image.Write32(table + (40 * i) + 8, 0x10);
            image.Write32(table + (40 * i) + 12, 0x100000L + (0x1000L * i));
        }

        PortableImage read = Images.Read(bytes);
        Assert.Equal(Images.UsualImports, read.List());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Has_no_imports_when_the_header_has_too_few_directories(int count)
    {
        PortableImageBytes bytes = Images.Usual().Build();
        bytes.Write32(bytes.Directory(0) - 4, count);
        PortableImage image = Images.Read(bytes);
        Assert.Empty(image.References);
        Assert.Equal("", image.ImpHash);
        Assert.True(image.Complete);
    }

    [Fact]
    public void Reads_sixteen_directories_when_the_header_claims_more()
    {
        PortableImageBytes bytes = Images.Usual().Build();
        bytes.Write32(bytes.Directory(0) - 4, 0xFFFFFFFF);
        AssertUsual(bytes);
    }

    [Fact]
    public void Reads_headers_that_begin_inside_the_DOS_header()
    {
        // The PE header at offset 4 makes e_lfanew and SectionAlignment the same four bytes.
        PortableImageBuilder builder = Images.Usual();
        builder.SectionAlignment = 4;
        builder.FileAlignment = 4;
        PortableImageBytes built = builder.Build();
        Rebase(built, PortableImageBuilder.TablesRva - built.Offset("section .rdata"));
        byte[] bytes = built.Bytes;
        int pe = built.Offset("pe");
        bytes.AsSpan(pe, 24 + 224).ToArray().CopyTo(bytes, 4);
        var moved = new PortableImageBytes(bytes, new System.Collections.Generic.Dictionary<string, int>());
        moved.Write32(0x3C, 4).Write16(4 + 6, 0);
        Assert.Equal(Images.UsualImports, Images.Read(bytes).List());
    }

    [Fact]
    public void Has_a_problem_when_a_table_has_no_end()
    {
        // Descriptors up to the last byte of the last page: nothing follows, not even zeros.
        PortableImageBytes bytes = Images.New().Import("a.dll", "F").Section(".last", new byte[Page]).Build();
        byte[] descriptor = bytes.Bytes.AsSpan(bytes.Table("imports"), 20).ToArray();
        bytes.Write(bytes.Offset("section .last") + Page - 20, descriptor);
        bytes.Write32(bytes.Directory(1), First + Page - 20);
        PortableImage image = Images.Read(bytes);

        Assert.Equal(["a.dll!F"], image.List());
        AssertProblem(image, "imports", "no end");
    }

    [Fact]
    public void Ends_a_table_with_the_zeros_behind_the_last_section()
    {
        PortableImageBytes bytes = Images.New().Import("a.dll", "F").Section(".last", new byte[512]).Build();
        byte[] descriptor = bytes.Bytes.AsSpan(bytes.Table("imports"), 20).ToArray();
        bytes.Write(bytes.Offset("section .last") + 512 - 20, descriptor);
        bytes.Write32(bytes.Directory(1), First + 512 - 20);
        PortableImage image = Images.Read(bytes);

        Assert.Equal(["a.dll!F"], image.List());
        Assert.True(image.Complete, string.Join("; ", image.Problems));
    }

    [Fact]
    public void Reads_a_text_that_goes_on_in_the_next_section()
    {
        PortableImageBytes name = Images.New().Import("a.dll", "F").Section(".one", PageEndingIn("\0\0Create")).Section(".two", Ascii("FileW")).Build();
        name.Write32(name.Table("lookup a.dll"), First + Page - 8);
        PortableImageBytes hint = Images.New().Import("a.dll", "F").Section(".one", PageEndingIn("\a")).Section(".two", Ascii("\0CreateFileW")).Build();
        hint.Write32(hint.Table("lookup a.dll"), First + Page - 1);
        PortableImageBytes module = Images.New().Import("a.dll", "F").Section(".one", PageEndingIn("kernel")).Section(".two", Ascii("32.dll")).Build();
        module.Write32(module.Table("imports") + 12, First + Page - 6);
        PortableImageBytes forwarder = Images.New().Export("E", "N.F").Section(".one", PageEndingIn("NTDLL.Rt")).Section(".two", Ascii("lAllocateHeap")).Build();
        forwarder.Write32(forwarder.Table("exports") + 40, First + Page - 8).Write32(forwarder.Directory(0) + 4, 8 * Page);

        Assert.Equal(["a.dll!CreateFileW"], Images.Read(name).List());
        Assert.Equal(["a.dll!CreateFileW"], Images.Read(hint).List());
        Assert.Equal((ushort)7, Images.Read(hint).References[0].Hint);
        Assert.Equal(["kernel32.dll!F"], Images.Read(module).List());
        Assert.Equal(["NTDLL!RtlAllocateHeap"], Images.Read(forwarder).List(ReferenceKind.Forwarder));
    }

    [Fact]
    public void Reads_a_text_up_to_the_zeros_that_fill_a_page()
    {
        PortableImageBytes bytes = Images.New().Import("a.dll", "F").Section(".one", [.. new byte[512 - 8], .. Ascii("\0\0Create")]).Build();
        bytes.Write32(bytes.Table("lookup a.dll"), First + 512 - 8);
        PortableImage image = Images.Read(bytes);

        Assert.Equal(["a.dll!Create"], image.List());
        Assert.True(image.Complete, string.Join("; ", image.Problems));
    }

    [Fact]
    public void Has_a_problem_when_a_text_ends_with_the_image()
    {
        PortableImageBytes bytes = Images.New().Import("a.dll", "F").Section(".one", PageEndingIn("\0\0Create")).Build();
        bytes.Write32(bytes.Table("lookup a.dll"), First + Page - 8);
        PortableImage image = Images.Read(bytes);

        Assert.Equal(["a.dll!F"], image.List());
        AssertProblem(image, "imports", "the lookup table is damaged");
    }

    [Fact]
    public void Reads_structures_that_begin_in_zeros_and_end_in_the_next_section()
    {
        // A descriptor whose first three fields are zeros; an address table whose first entry is; the lower half of a thunk.
        PortableImageBytes imports = Images.New().Import("a.dll", "F").Section(".one", new byte[512], virtualSize: Page).Section(".two", new byte[512]).Build();
        int two = imports.Offset("section .two");
        imports.Write32(two, imports.TableRva("module a.dll")).Write32(two + 4, imports.TableRva("address a.dll")).Write32(imports.Directory(1), First + Page - 12);
        PortableImageBytes exports = Images.New().Export("A").Export("HeapAlloc", "NTDLL.RtlAllocateHeap")
            .Section(".one", new byte[512], virtualSize: Page).Section(".two", new byte[512]).Build();
        int table = exports.Table("exports");
        exports.Write32(exports.Offset("section .two"), BitConverter.ToUInt32(exports.Bytes, table + 44)).Write32(table + 28, First + Page - 4);
        PortableImageBytes thunk = Images.New(true).Import("a.dll", "F").Section(".one", new byte[512], virtualSize: Page).Section(".two", [0, 0, 0, 0x80]).Build();
        thunk.Write32(thunk.Table("imports"), First + Page - 4).Write32(thunk.Table("imports") + 16, First + Page - 4);

        Assert.Equal(["a.dll!F"], Images.Read(imports).List());
        Assert.Equal(["NTDLL!RtlAllocateHeap"], Images.Read(exports).List(ReferenceKind.Forwarder));
        Assert.Equal(["a.dll!#0"], Images.Read(thunk).List());
    }

    [Fact]
    public void Maps_no_more_of_a_section_than_its_pages()
    {
        // The file has another page behind the section's only one; the lookup table would be there.
        byte[] content = new byte[2 * Page];
        BitConverter.GetBytes(0x80000009).CopyTo(content, Page + 0x800);
        PortableImageBytes bytes = Images.New().Import("a.dll", "F").Section(".one", content, virtualSize: Page).Build();
        bytes.Write32(bytes.Table("imports"), First + Page + 0x800);

        Assert.Equal(["a.dll!F"], Images.Read(bytes).List());
    }

    [Fact]
    public void Lists_a_forwarder_by_each_of_its_names()
    {
        PortableImageBytes bytes = Images.New().Export("HeapAlloc", "NTDLL.RtlAllocateHeap").Export("MyAlloc").Build();
        int nameOrdinals = bytes.Table("exports") + 40 + 8 + 8;
        bytes.Write16(nameOrdinals, 0).Write16(nameOrdinals + 2, 0);
        PortableImage image = Images.Read(bytes);

        Assert.Equal(["NTDLL!RtlAllocateHeap", "NTDLL!RtlAllocateHeap"], image.List(ReferenceKind.Forwarder));
        Assert.Equal(["HeapAlloc", "MyAlloc"], image.References.Select(reference => reference.ExportName));
    }

    [Fact]
    public void Finds_bound_imports_by_their_address()
    {
        byte[] table = [5, 0, 0, 0, 16, 0, 0, 0, .. new byte[8], .. Ascii("kernel32.dll\0")];
        PortableImageBytes inSection = Images.New().Import("a.dll", "F").Section(".one", table).Build();
        inSection.Write32(inSection.Directory(11), First);
        PortableImageBuilder builder = Images.New().Import("a.dll", "F").Section(".one", new byte[512]);
        builder.Overlay = new byte[4 * Page];
        PortableImageBytes atOffset = builder.Build();
        atOffset.Write(First, table).Write32(atOffset.Directory(11), First);

        Assert.Equal(["kernel32.dll!"], Images.Read(inSection).List(ReferenceKind.BoundImport));
        Assert.Empty(Images.Read(atOffset).List(ReferenceKind.BoundImport));
    }

    [Fact]
    public void Has_a_problem_when_the_file_is_cut_off_in_its_headers()
    {
        // No sections: all lies in the headers, at offsets that are addresses.
        PortableImageBytes bytes = Images.New().Import("kernel32.dll", "F").Build();
        byte[] file = new byte[PortableImageBuilder.TablesRva + 512];
        bytes.Write32(bytes.OptionalHeader + 60, 0x100000).Write16(bytes.Offset("pe") + 6, 0);
        bytes.Bytes.AsSpan(0, 1024).CopyTo(file);
        bytes.Bytes.AsSpan(bytes.Offset("section .rdata"), 512).CopyTo(file.AsSpan(PortableImageBuilder.TablesRva));

        Assert.Equal(["kernel32.dll!F"], Images.Read(file).List());
        Assert.False(Images.Read(file[..(bytes.TableRva("module kernel32.dll") + 4)]).Complete);
    }

    private static byte[] Ascii(string text) => Encoding.ASCII.GetBytes(text);

    private static byte[] PageEndingIn(string text) => [.. new byte[Page - text.Length], .. Ascii(text)];

    [Fact]
    public void Keeps_what_it_has_when_the_file_is_cut_off()
    {
        PortableImageBytes bytes = Images.Usual().Build();
        bytes.Cut(bytes.Table("name WSASocketW") + 6);
        PortableImage image = Images.Read(bytes);

        // The second module's own name lies behind its functions' names and is gone.
        Assert.Equal(Images.UsualImports.Take(2), image.List());
        AssertProblem(image, "imports", "outside");
    }

    [Fact]
    public void Is_never_complete_or_throws_wherever_the_file_is_cut_off()
    {
        PortableImageBytes built = Images.Usual().DelayImport("d.dll", false, "F").Export("E", "NTDLL.G").Build();
        byte[] whole = built.Bytes;
        int end = built.Offset("section .rdata") + 0x200;
        for (int length = 1; length < whole.Length; length++)
        {
            PortableReadResult result = Images.ReadResult(whole.AsSpan(0, length).ToArray());
            if (length < built.Table("lookup WS2_32.dll"))
            {
                Assert.False(result.Image?.Complete ?? false, $"cut at {length}");
            }
        }

        Assert.True(end > 0);
    }

    [Fact]
    public void Reports_tables_that_overlap_instead_of_listing_them_over_and_over()
    {
        // 200 descriptors that share one table of 2,000 functions: a file of 80 KB that claims 400,000 imports.
        const int Descriptors = 200;
        PortableImageBytes bytes = Images.New().Import("a.dll", [.. Enumerable.Range(0, 2000).Select(i => "Function" + i)])
            .Section(".more", new byte[20 * (Descriptors + 1)]).Build();
        byte[] descriptor = bytes.Bytes.AsSpan(bytes.Table("imports"), 20).ToArray();
        for (int i = 0; i < Descriptors; i++)
        {
            bytes.Write(bytes.Offset("section .more") + (20 * i), descriptor);
        }

        bytes.Write32(bytes.Directory(1), bytes.Offset("rva .more"));
        PortableImage image = Images.Read(bytes);

        Assert.InRange(image.ImportCount, 2000, 8000);
        AssertProblem(image, "imports", "more work than the file's size allows");
    }

    [Fact]
    public void Skips_a_delay_import_whose_module_is_outside()
    {
        PortableImageBytes bytes = Images.Usual().DelayImport("a.dll", false, "F").DelayImport("b.dll", false, "G").Build();
        bytes.Write32(bytes.Table("delay") + 4, 0x7FFFFFF0);
        PortableImage image = Images.Read(bytes);

        Assert.Equal(["b.dll!G"], image.List(ReferenceKind.DelayImport));
        Assert.Equal(Images.UsualImports, image.List());
        AssertProblem(image, "delay imports", "outside");
    }

    [Theory]
    [InlineData(20, 0xFFFFFFFF)]
    [InlineData(24, 0xFFFFFFFF)]
    [InlineData(28, 0x7FFFFFF0)]
    [InlineData(36, 0x7FFFFFF0)]
    public void Keeps_the_imports_when_the_export_table_lies(int field, uint value)
    {
        PortableImageBytes bytes = Images.Usual().Export("E", "NTDLL.G").Export("F", "NTDLL.H").Build();
        bytes.Write32(bytes.Table("exports") + field, value);
        PortableImage image = Images.Read(bytes);

        Assert.Equal(Images.UsualImports, image.List());
        Assert.True(image.Complete || image.Problems.All(p => p.Where == "exports"));
    }

    [Fact]
    public void Skips_a_forwarder_that_is_not_module_and_function()
    {
        PortableImage image = Images.Read(Images.Usual().Export("E", "nodot").Export("F", "NTDLL.H").Build());
        Assert.Equal(["NTDLL!H"], image.List(ReferenceKind.Forwarder));
        AssertProblem(image, "exports", "not module.function");
    }

    [Fact]
    public void Names_at_most_some_problems_and_says_how_many_more_there_are()
    {
        PortableImageBuilder builder = Images.New();
        for (int i = 0; i < 200; i++)
        {
            builder.Import($"m{i}.dll", "F");
        }

        PortableImageBytes bytes = builder.Build();
        for (int i = 0; i < 200; i++)
        {
            bytes.Write32(bytes.Table($"lookup m{i}.dll"), 0x7FFFFFF0);
        }

        PortableImage image = Images.Read(bytes);
        Assert.Equal(101, image.Problems.Count);
        Assert.Contains("further problems", image.Problems[^1].What, StringComparison.Ordinal);
    }

    [Fact]
    public void Reads_two_hostile_gigabytes_in_bounded_time_and_memory()
    {
        using var source = new HostileSource();
        long before = GC.GetAllocatedBytesForCurrentThread();
        var watch = Stopwatch.StartNew();
        PortableReadResult result = Images.Read(source);
        watch.Stop();

        Assert.False(result.Image!.Complete);
        Assert.NotEmpty(result.Image.References);

        // A guard against a hang, far above the budget of the reader itself.
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 30);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 160L << 20);
    }

    private static void AssertUsual(PortableImageBytes bytes)
    {
        PortableImage image = Images.Read(bytes);
        Assert.Equal(Images.UsualImports, image.List());
        Assert.True(image.Complete, string.Join("; ", image.Problems));
    }

    private static void AssertProblem(PortableImage image, string where, string what)
    {
        Assert.False(image.Complete);
        Assert.Contains(image.Problems, p => p.Where == where && p.What.Contains(what, StringComparison.Ordinal));
    }

    /// <summary>Moves the import tables of <see cref="Images.Usual"/>: every address in them becomes smaller.</summary>
    private static void Rebase(PortableImageBytes bytes, int delta)
    {
        void Less(int at) => bytes.Write32(at, BitConverter.ToUInt32(bytes.Bytes, at) - delta);
        Less(bytes.Directory(1));
        for (int i = 0; i < 2; i++)
        {
            int descriptor = bytes.Table("imports") + (20 * i);
            Less(descriptor);
            Less(descriptor + 12);
            Less(descriptor + 16);
        }

        Less(bytes.Table("lookup KERNEL32.dll"));
        Less(bytes.Table("lookup KERNEL32.dll") + 4);
        Less(bytes.Table("lookup WS2_32.dll") + 4);
    }

    /// <summary>Two gigabytes in which every thunk points to a name far away from the last one.</summary>
    private sealed class HostileSource : ByteSource
    {
        private readonly byte[] _head;
        private readonly int _tables;

        public HostileSource()
        {
            PortableImageBytes bytes = Images.New().Import("a.dll", "F").Build();
            bytes.Write32(bytes.SectionRow(1) + 8, 0x7FFF0000);
            bytes.Write32(bytes.SectionRow(1) + 16, 0x7FFF0000);
            bytes.Write32(bytes.Table("imports"), 0x100000);
            _tables = bytes.Offset("section .rdata");
            _head = bytes.Bytes;
        }

        public override long Length => 0x7FFFF000;

        public override int Read(long position, Span<byte> buffer)
        {
            int count = (int)Math.Min(buffer.Length, Length - position);
            for (int i = 0; i < count; i++)
            {
                long at = position + i;
                buffer[i] = at < _head.Length ? _head[at] : ThunkOrName(at);
            }

            return count;
        }

        private byte ThunkOrName(long at)
        {
            if (at < 0x40000000)
            {
                // Thunks: addresses all over the second half, in leaps.
                uint index = (uint)(at / 4);
                uint value = 0x40000000 + ((index * 2654435761) & 0x3FFFFFF0);
                return (byte)(value >> (int)(8 * (at & 3)));
            }

            int in16 = (int)((at - _tables + PortableImageBuilder.TablesRva) & 15);
            return in16 < 12 ? (byte)('A' + ((at >> 4) % 26)) : (byte)0;
        }
    }
}
