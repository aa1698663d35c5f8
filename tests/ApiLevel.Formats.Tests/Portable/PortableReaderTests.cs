using System;
using System.Buffers.Binary;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Threading;
using ApiLevel.Fixtures;
using ApiLevel.Formats.Portable;

namespace ApiLevel.Formats.Tests.Portable;

public class PortableReaderTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Lists_imports_in_file_order_as_the_file_names_them(bool is64)
    {
        PortableImage image = Images.Read(Images.Usual(is64).Build());

        Assert.Equal(Images.UsualImports, image.List());
        Assert.Equal(4, image.ImportCount);
        Assert.Equal(0x107, image.References[0].Hint);
        Assert.Null(image.References[0].Ordinal);
        Assert.Null(image.References[2].Hint);
        Assert.True(image.Complete);
        Assert.Equal(is64 ? "PE32+" : "PE32", image.Format);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Lists_delay_imports_in_both_forms(bool is64, bool areVirtual)
    {
        PortableImage image = Images.Read(Images.Usual(is64).DelayImport("dbghelp.dll", areVirtual, "MiniDumpWriteDump", "#7").Build());

        Assert.Equal(["dbghelp.dll!MiniDumpWriteDump", "dbghelp.dll!#7"], image.List(ReferenceKind.DelayImport));
        Assert.Equal(2, image.DelayImportCount);
        Assert.Equal(4, image.ImportCount);
        Assert.True(image.Complete);
    }

    [Fact]
    public void Lists_delay_imports_with_virtual_addresses_above_two_gigabytes()
    {
        PortableImageBuilder builder = Images.New().DelayImport("dbghelp.dll", true, "MiniDumpWriteDump");
        builder.ImageBase = 0x90000000;

        Assert.Equal(["dbghelp.dll!MiniDumpWriteDump"], Images.Read(builder.Build()).List(ReferenceKind.DelayImport));
    }

    [Fact]
    public void Lists_bound_modules_and_what_they_forward_to()
    {
        PortableImage image = Images.Read(Images.Usual().BoundImport("KERNEL32.dll", "NTDLL.DLL").BoundImport("GDI32.dll").Build());

        Assert.Equal(["KERNEL32.dll", "NTDLL.DLL", "GDI32.dll"], image.References.Where(r => r.Kind == ReferenceKind.BoundImport).Select(r => r.Module));
        Assert.True(image.Complete);
    }

    [Fact]
    public void Lists_forwarders_by_name_by_ordinal_and_without_a_name_of_their_own()
    {
        PortableImage image = Images.Read(Images.Usual()
            .Export("Own")
            .Export("HeapAlloc", "NTDLL.RtlAllocateHeap")
            .Export("ByOrdinal", "some.module.#12")
            .Export(null, "NTDLL.RtlFreeHeap")
            .Build());

        PortableReference[] forwarders = image.References.Where(r => r.Kind == ReferenceKind.Forwarder).ToArray();
        Assert.Equal(
            [
                new PortableReference(ReferenceKind.Forwarder, "NTDLL", "RtlAllocateHeap", null, "HeapAlloc"),
                new PortableReference(ReferenceKind.Forwarder, "some.module", "", 12, "ByOrdinal"),
                new PortableReference(ReferenceKind.Forwarder, "NTDLL", "RtlFreeHeap", null, "#4"),
            ],
            forwarders);
        Assert.True(image.Complete);
    }

    [Theory]
    [InlineData("_name@12")]
    [InlineData("?value@?1??get@@YAHXZ@4HA")]
    [InlineData("operator new(unsigned int)")]
    [InlineData("naïve")]
    public void Keeps_decorated_and_unusual_names(string name)
    {
        Assert.Equal(["a.dll!" + name], Images.Read(Images.New().Import("a.dll", name).Build()).List());
    }

    [Fact]
    public void Gives_the_import_hash_by_the_rule_of_pefile()
    {
        PortableImageBytes bytes = Images.New()
            .Import("KERNEL32.dll", "CreateFileW", "#3")
            .Import("WS2_32.dll", "#115", "#24", "#9999")
            .Import("Comctl32.OCX", "_Name@12")
            .Import("driver.sys", "A")
            .Import("tool.exe", "B")
            .DelayImport("late.dll", false, "C")
            .Build();

        // Written out by hand; 24 is GetAddrInfoW for pefile, whatever Windows says.
        const string Text = "kernel32.createfilew,kernel32.ord3,ws2_32.wsastartup,ws2_32.getaddrinfow,ws2_32.ord9999," +
            "comctl32._name@12,driver.a,tool.exe.b";
#pragma warning disable CA5351 // The import hash is MD5 by definition.
        string expected = Convert.ToHexStringLower(MD5.HashData(Encoding.ASCII.GetBytes(Text)));
#pragma warning restore CA5351
        Assert.Equal(expected, Images.Read(bytes).ImpHash);
        Assert.Equal(expected, Images.Read(bytes, ReferenceKind.Forwarder).ImpHash);
    }

    [Fact]
    public void Gives_the_same_import_hash_for_more_imports_than_fit_one_buffer()
    {
        PortableImageBuilder builder = Images.New();
        var text = new StringBuilder();
        for (int i = 0; i < 60; i++)
        {
            string[] names = Enumerable.Range(0, 40).Select(j => $"Function{i}_{j}").ToArray();
            builder.Import($"m{i}.dll", names);
            foreach (string name in names)
            {
                text.Append(text.Length > 0 ? "," : "").Append(System.Globalization.CultureInfo.InvariantCulture, $"m{i}.{name.ToLowerInvariant()}");
            }
        }

#pragma warning disable CA5351
        string expected = Convert.ToHexStringLower(MD5.HashData(Encoding.ASCII.GetBytes(text.ToString())));
#pragma warning restore CA5351
        byte[] bytes = builder.Build().Bytes;
        Assert.Equal(expected, Images.Read(bytes).ImpHash);
        Assert.Equal(expected, Images.Read(bytes, ReferenceKind.Forwarder).ImpHash);
        Assert.Equal(expected, Images.Read(bytes, ReferenceKind.Forwarder).ImpHash);
    }

    [Fact]
    public void Lists_only_the_kinds_that_were_asked_for_and_counts_the_others()
    {
        byte[] bytes = Images.Usual().DelayImport("late.dll", false, "C").Export("F", "NTDLL.G").Build().Bytes;

        PortableImage image = Images.ReadResult(bytes, new PortableReadOptions { Kinds = [] }).Image!;
        Assert.Empty(image.References);
        Assert.Equal(4, image.ImportCount);
        Assert.Equal(1, image.DelayImportCount);

        Assert.Equal([ReferenceKind.DelayImport], Images.Read(bytes, ReferenceKind.DelayImport).References.Select(r => r.Kind));
    }

    [Fact]
    public void Hashes_the_file_only_when_asked()
    {
        byte[] bytes = Images.Usual().Build().Bytes;

        Assert.Null(Images.Read(bytes).Sha256);
        Assert.Equal(
            Convert.ToHexStringLower(SHA256.HashData(bytes)),
            Images.ReadResult(bytes, new PortableReadOptions { Hash = true }).Image!.Sha256);
    }

    [Fact]
    public void Reads_a_file_and_leaves_it_unlocked()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, Images.Usual().Build().Bytes);
            Assert.Equal(Images.UsualImports, Images.ReadFile(path).Image!.List());
            File.Delete(path);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Reads_the_headers_and_the_tables_and_nothing_else()
    {
        PortableImageBuilder builder = Images.Usual();
        builder.Section(".big", new byte[1 << 20]);
        builder.Overlay = new byte[1 << 20];
        using var source = new CountingSource(builder.Build().Bytes);

        Assert.NotNull(Images.Read(source).Image);
        Assert.InRange(source.BytesRead, 1, 64 * 1024);
    }

    [Fact]
    public void Looks_at_nothing_but_the_imports_where_that_is_all_that_is_asked_for()
    {
        PortableImageBytes bytes = Images.Usual(true).Hybrid().Managed(ManagedMetadata.Build()).Build();
        var imports = new PortableReadOptions { Kinds = [ReferenceKind.Import], Describe = false };

        PortableImage described = Images.Read(bytes);
        PortableImage alone = Images.ReadResult(bytes.Bytes, imports).Image!;

        Assert.Equal(Images.UsualImports, alone.List());
        Assert.Equal(described.ImpHash, alone.ImpHash);
        Assert.Equal(("ARM64EC", ".NET (IL only)", 3), (described.Machine, described.Runtime, described.PInvokeCount));
        Assert.Equal(("x64", "", 0), (alone.Machine, alone.Runtime, alone.PInvokeCount));
        Assert.Equal(("PE32+", "Executable", "Console"), (alone.Format, alone.ImageType, alone.Subsystem));
    }

    [Fact]
    public void Reads_one_region_beside_the_headers_for_imports_alone()
    {
        // Random code beside few imports: whoever asks what the image is gets a page of it read.
        PortableImageBuilder builder = Images.Usual(true);
        builder.Code = new byte[4096];
        new Random(7).NextBytes(builder.Code);
        byte[] bytes = builder.Build().Bytes;
        using var described = new CountingSource(bytes);
        using var alone = new CountingSource(bytes);

        Images.Read(described);
        Images.Read(alone, new PortableReadOptions { Kinds = [ReferenceKind.Import, ReferenceKind.DelayImport], Describe = false });

        Assert.Equal(3, described.Reads);
        Assert.Equal(2, alone.Reads);
        Assert.Equal(0, alone.TimesLengthWasAsked);
    }

    [Fact]
    public void Reads_no_more_of_a_file_after_one_with_headers_far_from_its_beginning()
    {
        // The buffers are the thread's; both reads are on this one.
        byte[] far = new byte[3 * 4096];
        new byte[] { (byte)'M', (byte)'Z' }.CopyTo(far, 0);
        BinaryPrimitives.WriteInt32LittleEndian(far.AsSpan(0x3C), 0x1F00);
        PortableImageBuilder builder = Images.Usual();
        builder.Overlay = new byte[1 << 20];
        byte[] usual = builder.Build().Bytes;
        using var before = new CountingSource(usual);
        using var after = new CountingSource(usual);

        Images.Read(before);
        Assert.Equal(ReadFailureKind.WrongFormat, Images.ReadResult(far).Failure!.Kind);
        Images.Read(after);

        Assert.Equal((before.Reads, before.BytesRead), (after.Reads, after.BytesRead));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Reads_what_there_is_where_the_system_tells_no_length(bool isWhole)
    {
        byte[] bytes = Images.Usual().Build().Bytes;
        using var source = new LengthlessSource(isWhole ? bytes : bytes[..0x300]);

        PortableImage image = Images.Read(source).Image!;
        Assert.Equal(isWhole ? Images.UsualImports : [], image.List());
        Assert.Equal(!isWhole, image.Problems.Any(problem => problem.What == LengthlessSource.Message));
    }

    [Fact]
    public void Takes_a_device_for_no_image()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Needs /dev.");
        Assert.Equal(ReadFailureKind.FileEmpty, Images.ReadFile("/dev/null").Failure!.Kind);
        Assert.Equal(ReadFailureKind.WrongFormat, Images.ReadFile("/dev/zero").Failure!.Kind);
    }

    [Fact]
    public void Takes_a_forwarder_to_a_number_that_is_no_ordinal_as_a_name()
    {
        PortableImage image = Images.Read(Images.Usual().Export("A", "NTDLL.#65535").Export("B", "NTDLL.#65536").Build());

        Assert.Equal(["NTDLL!#65535", "NTDLL!#65536"], image.List(ReferenceKind.Forwarder));
        Assert.Equal([65535, null], image.References.Where(r => r.Kind == ReferenceKind.Forwarder).Select(r => r.Ordinal));
    }

    [Fact]
    public void Stops_when_cancelled()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        using ByteSource source = ByteSource.FromMemory(Images.Usual().Build().Bytes);
        Assert.Throws<OperationCanceledException>(() => PortableReader.Read(source, "test.exe", null, stop.Token));
    }

    [Fact]
    public void Gives_the_same_from_many_threads()
    {
        byte[][] files = [.. Enumerable.Range(0, 16).Select(i => Images.Usual(i % 2 == 0).Import($"m{i}.dll", $"F{i}").Build().Bytes)];
        System.Threading.Tasks.Parallel.For(0, 2000, i =>
            Assert.Equal([.. Images.UsualImports, $"m{i % 16}.dll!F{i % 16}"], Images.Read(files[i % 16]).List()));
    }

    [Fact]
    public void Reads_an_image_while_another_is_read()
    {
        byte[] inner = Images.Usual().Build().Bytes;
        using var outer = new NestingSource(Images.New().Import("a.dll", "F").Build().Bytes, inner);

        Assert.Equal(["a.dll!F"], Images.Read(outer).Image!.List());
        Assert.Equal(Images.UsualImports, outer.Inner!.List());
    }

    [Theory]
    [InlineData("", ReadFailureKind.FileEmpty)]
    [InlineData("MZ", ReadFailureKind.WrongFormat)]
    [InlineData("#!/bin/sh and more than sixty-four bytes of text, which is no Portable Executable", ReadFailureKind.WrongFormat)]
    public void Says_why_there_is_nothing(string content, ReadFailureKind kind)
    {
        PortableReadResult result = Images.ReadResult(Encoding.ASCII.GetBytes(content));
        Assert.Null(result.Image);
        Assert.Equal(kind, result.Failure!.Kind);
        Assert.Equal("test.exe", result.Failure.Path);
    }

    [Fact]
    public void Tells_other_programs_with_a_DOS_header_apart()
    {
        PortableImageBytes bytes = Images.Usual().Build();
        bytes.Write(bytes.Offset("pe"), (byte)'N', (byte)'E');
        Assert.Contains("16-bit", Images.ReadResult(bytes.Bytes).Failure!.Message, StringComparison.Ordinal);
        bytes.Write(bytes.Offset("pe"), (byte)'x', (byte)'y');
        Assert.Contains("no PE signature", Images.ReadResult(bytes.Bytes).Failure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tells_missing_files_and_folders_apart()
    {
        string missing = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"));
        Assert.Equal(ReadFailureKind.FileNotFound, Images.ReadFile(missing).Failure!.Kind);
        Assert.Equal(ReadFailureKind.PathIsDirectory, Images.ReadFile(Path.GetTempPath()).Failure!.Kind);
    }

    [Fact]
    public void Says_so_when_the_disk_fails_in_the_middle()
    {
        PortableImageBuilder builder = Images.New();
        builder.Section(".pad", new byte[1 << 20]);
        builder.Import("a.dll", "F");
        byte[] bytes = builder.Build().Bytes;
        using var source = new FailingSource(bytes, after: 1);

        PortableReadResult result = Images.Read(source);
        Assert.NotNull(result.Image);
        using var none = new FailingSource(bytes, after: 0);
        Assert.Equal(ReadFailureKind.FileUnreadable, Images.Read(none).Failure!.Kind);
    }

    private class CountingSource(byte[] bytes) : ByteSource
    {
        public long BytesRead { get; private set; }

        public int Reads { get; private set; }

        public int TimesLengthWasAsked { get; private set; }

        public override long Length
        {
            get
            {
                TimesLengthWasAsked++;
                return bytes.Length;
            }
        }

        public override int Read(long position, Span<byte> buffer)
        {
            if (position < 0 || position >= bytes.Length)
            {
                return 0;
            }

            int count = (int)Math.Min(buffer.Length, bytes.Length - position);
            bytes.AsSpan((int)position, count).CopyTo(buffer);
            BytesRead += count;
            Reads++;
            return count;
        }
    }

    private sealed class LengthlessSource(byte[] bytes) : CountingSource(bytes)
    {
        public const string Message = "It has no length.";

        public override long Length => throw new NotSupportedException(Message);
    }

    private sealed class FailingSource(byte[] bytes, int after) : CountingSource(bytes)
    {
        private int _reads;

        public override int Read(long position, Span<byte> buffer) =>
            _reads++ < after ? base.Read(position, buffer) : throw new IOException("The disk is gone.");
    }

    private sealed class NestingSource(byte[] bytes, byte[] inner) : CountingSource(bytes)
    {
        public PortableImage? Inner { get; private set; }

        public override int Read(long position, Span<byte> buffer)
        {
            Inner ??= Images.Read(inner);
            return base.Read(position, buffer);
        }
    }
}
