using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;
using System.Text;
using ApiLevel.Fixtures;
using ApiLevel.Formats.Portable;

namespace ApiLevel.Formats.Tests.Portable;

public class PortableManagedTests
{
    private static readonly byte[] s_metadata = ManagedMetadata.Build();

    private static PortableImageBuilder Assembly => Images.New().Import("mscoree.dll", "_CorExeMain").Managed(s_metadata);

    [Fact]
    public void Lists_platform_invokes_with_module_and_entry_point()
    {
        PortableImage image = Images.Read(Assembly.Build());

        Assert.Equal(["kernel32.dll!CreateFileW", "user32!MessageBoxW", "ole32.dll!#42"], image.List(ReferenceKind.PInvoke));
        Assert.Equal(3, image.PInvokeCount);
        Assert.True(image.Complete, string.Join("; ", image.Problems));
    }

    [Fact]
    public void Lists_members_and_types_of_other_assemblies()
    {
        Assert.Equal(
            [
                "System.Runtime!System.IO.File::ReadAllBytes",
                "System.Runtime!System.Environment+SpecialFolder::ToString",
                "System.Runtime!System.Collections.Generic.List`1::Add",
                "System.Runtime!System.Object",
                "System.Runtime!System.Environment",
            ],
            Images.Read(Assembly.Build()).List(ReferenceKind.ManagedReference));
    }

    [Fact]
    public void Counts_platform_invokes_that_were_not_asked_for()
    {
        PortableImage image = Images.Read(Assembly.Build(), ReferenceKind.Import);
        Assert.Equal(3, image.PInvokeCount);
        Assert.Equal(["mscoree.dll!_CorExeMain"], image.List());
        Assert.Single(image.References);
    }

    [Fact]
    public void Reads_an_assembly_that_is_nearly_all_methods()
    {
        // As reference assemblies are: the walk over the methods is work beside that of reading the metadata.
        MetadataBuilder metadata = new();
        metadata.AddModule(0, metadata.GetOrAddString("many.dll"), metadata.GetOrAddGuid(Guid.Empty), default, default);
        metadata.AddAssembly(metadata.GetOrAddString("many"), new Version(1, 0), default, default, 0, AssemblyHashAlgorithm.None);
        BlobBuilder signature = new();
        new BlobEncoder(signature).MethodSignature().Parameters(0, static type => type.Void(), static _ => { });
        BlobHandle nothing = metadata.GetOrAddBlob(signature);
        ModuleReferenceHandle module = metadata.AddModuleReference(metadata.GetOrAddString("kernel32.dll"));
        const int Methods = 200_000;
        for (int i = 0; i < Methods; i++)
        {
            MethodAttributes attributes = MethodAttributes.Static | (i == Methods - 1 ? MethodAttributes.PinvokeImpl : 0);
            MethodDefinitionHandle method = metadata.AddMethodDefinition(attributes, 0, metadata.GetOrAddString("M"), nothing, -1, default);
            if (i == Methods - 1)
            {
                metadata.AddMethodImport(method, MethodImportAttributes.None, metadata.GetOrAddString("Beep"), module);
            }
        }

        metadata.AddTypeDefinition(
            0, default, metadata.GetOrAddString("<Module>"), default, MetadataTokens.FieldDefinitionHandle(1), MetadataTokens.MethodDefinitionHandle(1));
        BlobBuilder image = new();
        new ManagedPEBuilder(PEHeaderBuilder.CreateLibraryHeader(), new MetadataRootBuilder(metadata), new BlobBuilder()).Serialize(image);
        Assert.True(image.Count > ReadBudget.MinimumWork);

        PortableImage read = PortableReader.Read(ByteSource.FromMemory(image.ToArray()), "many.dll", cancellation: TestContext.Current.CancellationToken).Image!;
        Assert.Equal(["kernel32.dll!Beep"], read.List(ReferenceKind.PInvoke));
        Assert.True(read.Complete, string.Join("; ", read.Problems));
    }

    [Theory]
    [InlineData(1u, false, ".NET (IL only)")]
    [InlineData(0u, false, ".NET (mixed mode)")]
    [InlineData(4u, true, ".NET (ReadyToRun)")]
    public void Tells_how_a_NET_image_was_compiled(uint flags, bool isReadyToRun, string runtime)
    {
        Assert.Equal(runtime, Images.Read(Images.New().Managed(s_metadata, flags, isReadyToRun).Build()).Runtime);
    }

    [Fact]
    public void Loses_only_the_metadata_when_it_is_damaged()
    {
        PortableImageBytes bytes = Assembly.Build();
        bytes.Write(bytes.Table("metadata"), 0, 0, 0, 0);
        PortableImage image = Images.Read(bytes);

        Assert.Equal(["mscoree.dll!_CorExeMain"], image.List());
        Assert.Equal(".NET (IL only)", image.Runtime);
        Problem problem = Assert.Single(image.Problems);
        Assert.Equal(".NET metadata", problem.Where);
    }

    [Fact]
    public void Keeps_the_rest_for_any_damage_to_the_metadata()
    {
        PortableImageBytes built = Assembly.Build();
        int start = built.Table("metadata");
        for (int i = 0; i < s_metadata.Length; i++)
        {
            byte[] bytes = built.Bytes.AsSpan().ToArray();
            bytes[start + i] ^= 0xFF;
            PortableImage image = Images.Read(bytes);
            Assert.Equal(["mscoree.dll!_CorExeMain"], image.List());
            Assert.All(image.Problems, p => Assert.Equal(".NET metadata", p.Where));
        }
    }

    [Theory]
    [InlineData(8, 0x7FFFFFF0L)]
    [InlineData(12, 0x7FFFFFF0L)]
    [InlineData(12, 0L)]
    public void Survives_a_header_that_lies_about_the_metadata(int field, long value)
    {
        PortableImageBytes bytes = Assembly.Build();
        bytes.Write32(bytes.Table("clr") + field, value);
        PortableImage image = Images.Read(bytes);

        Assert.Equal(["mscoree.dll!_CorExeMain"], image.List());
        Assert.Contains(image.Problems, p => p.Where == ".NET metadata");
    }

    [Fact]
    public void Reads_this_test_assembly()
    {
        PortableImage image = Images.ReadFile(typeof(PortableManagedTests).Assembly.Location).Image!;
        Assert.True(image.Complete, string.Join("; ", image.Problems));
        Assert.Contains("System.Runtime!System.Object::.ctor", image.List(ReferenceKind.ManagedReference));
        Assert.True(image.References.Count(r => r.Kind == ReferenceKind.ManagedReference) > 50);
        Assert.Contains(image.References, r => r.Name.StartsWith("ApiLevel.Formats.Portable.PortableReader::Read", StringComparison.Ordinal));
    }

    [Fact]
    public void Finds_the_platform_invokes_that_MetadataReader_finds_in_the_framework()
    {
        string[] files = Directory.GetFiles(RuntimeEnvironment.GetRuntimeDirectory(), "*.dll");
        int found = 0;
        foreach (string file in files)
        {
            using PEReader reader = new(File.OpenRead(file));
            if (!reader.HasMetadata)
            {
                continue;
            }

            string[] expected = [.. FindWithMetadataReader(reader.GetMetadataReader())];
            PortableImage image = Images.ReadFile(file).Image!;
            Assert.Equal(expected, image.List(ReferenceKind.PInvoke));
            Assert.Equal(expected.Length, image.PInvokeCount);
            Assert.Equal(expected.Length, PortableReader.Read(file, new PortableReadOptions { Kinds = [] }, TestContext.Current.CancellationToken).Image!.PInvokeCount);
            found += expected.Length;
        }

        Assert.True(found > 500, $"{found} in {files.Length} files");
    }

    private static IEnumerable<string> FindWithMetadataReader(MetadataReader reader)
    {
        foreach (MethodDefinitionHandle handle in reader.MethodDefinitions)
        {
            MethodDefinition method = reader.GetMethodDefinition(handle);
            MethodImport import = method.GetImport();
            if (method.Attributes.HasFlag(MethodAttributes.PinvokeImpl) && !import.Module.IsNil)
            {
                string name = reader.GetString(import.Name);
                yield return $"{reader.GetString(reader.GetModuleReference(import.Module).Name)}!{(name.Length == 0 ? reader.GetString(method.Name) : name)}";
            }
        }
    }

    /// <summary>Tables of more than 65,535 rows have wide indexes, and push those of others over the edge.</summary>
    [Theory]
    [InlineData(10, 1)]
    [InlineData(0x7FFF, 1)]
    [InlineData(0x8000, 1)]
    [InlineData(0x10000, 1)]
    [InlineData(10, 0x10000)]
    public void Finds_the_table_whatever_the_size_of_the_others(int methods, int modules)
    {
        MetadataBuilder metadata = new();
        metadata.AddModule(0, metadata.GetOrAddString("wide.dll"), metadata.GetOrAddGuid(Guid.Empty), default, default);
        metadata.AddAssembly(metadata.GetOrAddString("wide"), new Version(1, 0), default, default, 0, AssemblyHashAlgorithm.None);
        BlobBuilder signature = new();
        new BlobEncoder(signature).MethodSignature().Parameters(0, static type => type.Void(), static _ => { });
        BlobHandle nothing = metadata.GetOrAddBlob(signature);
        for (int i = 1; i < modules; i++)
        {
            metadata.AddModuleReference(metadata.GetOrAddString("unused.dll"));
        }

        ModuleReferenceHandle module = metadata.AddModuleReference(metadata.GetOrAddString("kernel32.dll"));
        for (int i = 0; i < methods; i++)
        {
            bool isImported = i >= methods - 2;
            MethodDefinitionHandle method = metadata.AddMethodDefinition(
                MethodAttributes.Static | (isImported ? MethodAttributes.PinvokeImpl : 0), 0, metadata.GetOrAddString(isImported ? "Beep" : "M"), nothing, -1, default);
            if (isImported)
            {
                metadata.AddMethodImport(method, MethodImportAttributes.None, i == methods - 1 ? default : metadata.GetOrAddString("Sleep"), module);
            }
        }

        metadata.AddTypeDefinition(
            0, default, metadata.GetOrAddString("<Module>"), default, MetadataTokens.FieldDefinitionHandle(1), MetadataTokens.MethodDefinitionHandle(1));
        BlobBuilder bytes = new();
        new MetadataRootBuilder(metadata).Serialize(bytes, 0, 0);

        PortableImage image = Images.Read(Images.New().Managed(bytes.ToArray()).Build());
        Assert.Equal(["kernel32.dll!Sleep", "kernel32.dll!Beep"], image.List(ReferenceKind.PInvoke));
        Assert.True(image.Complete, string.Join("; ", image.Problems));
    }

    [Fact]
    public void Says_that_a_name_of_a_platform_invoke_is_not_text()
    {
        PortableImageBytes bytes = Assembly.Build();
        int name = bytes.Bytes.AsSpan().IndexOf("CreateFileW"u8);
        bytes.Write(name, 0x1B, (byte)'[');
        PortableImage image = Images.Read(bytes);

        Assert.Equal(["user32!MessageBoxW", "ole32.dll!#42"], image.List(ReferenceKind.PInvoke));
        Assert.Contains("1 P/Invokes skipped", Assert.Single(image.Problems).What, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\u009B31m")]
    [InlineData("\u0085")]
    public void Takes_no_name_that_a_terminal_would_obey(string name)
    {
        PortableImage image = Images.Read(Images.New().Import("kernel32.dll", name, "Sleep").Build());

        Assert.Equal(["kernel32.dll!Sleep"], image.List());
        Assert.Contains("not text", Assert.Single(image.Problems).What, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(3000)]
    public void Finds_the_tables_behind_other_streams(int streams)
    {
        PortableImage image = Images.Read(Images.New().Managed(WithStreams(s_metadata, streams)).Build());
        Assert.Equal(3, image.PInvokeCount);
        Assert.True(image.Complete, string.Join("; ", image.Problems));
    }

    [Fact]
    public void Says_that_the_tables_stand_in_it_twice()
    {
        PortableImage image = Images.Read(Images.New().Managed(WithStreams(s_metadata, 1, "#~\0\0"u8)).Build());
        Assert.Equal(3, image.PInvokeCount);
        Assert.Contains("more than once", Assert.Single(image.Problems).What, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("#~", "#Strings", false)]
    [InlineData("#-", "#Strings", true)]
    [InlineData("#-", "#sTRINGS", true)]
    [InlineData("#~", "#sTRINGS", false)]
    public void Takes_the_heap_of_names_that_the_runtime_takes(string tables, string added, bool isFirst)
    {
        // Ahead of the real heap stands one with other names. .NET 10 was seen to take the last "#Strings" beside "#~", and beside "#-"
        // the first in any case of its letters.
        byte[] metadata = [.. s_metadata];
        metadata[metadata.AsSpan().IndexOf("#~\0"u8) + 1] = (byte)tables[1];
        byte[] decoy = WithStreams(metadata, 1, [.. Encoding.ASCII.GetBytes(added), 0, 0, 0, 0], [.. FindStrings(metadata).ToArray().Select(c => c == 'e' ? (byte)'z' : c)]);
        PortableImage image = Images.Read(Images.New().Managed(decoy).Build());

        Assert.Equal(isFirst ? "kzrnzl32.dll!CrzatzFilzW" : "kernel32.dll!CreateFileW", image.List(ReferenceKind.PInvoke)[0]);
        Assert.Contains(image.Problems, problem => problem.What.Contains("more than once", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(20_000, 2000, 0)]
    [InlineData(60_000, 1000, 1000)]
    [InlineData(2_000_000, 4, 4)]
    public void Does_not_join_names_that_are_none(int length, int types, int members)
    {
        // Each type is nested in itself, and all have one name.
        MetadataBuilder metadata = new();
        metadata.AddModule(0, metadata.GetOrAddString("long.dll"), metadata.GetOrAddGuid(Guid.Empty), default, default);
        StringHandle name = metadata.GetOrAddString(new string('n', length));
        for (int i = 0; i < types; i++)
        {
            metadata.AddTypeReference(MetadataTokens.TypeReferenceHandle(i + 1), name, name);
        }

        for (int i = 0; i < members; i++)
        {
            metadata.AddMemberReference(MetadataTokens.TypeReferenceHandle(i + 1), name, metadata.GetOrAddBlob(new byte[] { 0, 0, 1 }));
        }

        BlobBuilder blob = new();
        new MetadataRootBuilder(metadata, suppressValidation: true).Serialize(blob, 0, 0);
        byte[] bytes = Images.New().Managed(blob.ToArray()).Build().Bytes;
        long before = GC.GetAllocatedBytesForCurrentThread();
        PortableImage image = Images.Read(bytes);

        Assert.Empty(image.List(ReferenceKind.ManagedReference));
        Assert.Contains(image.Problems, problem => problem.What.Contains("too long", StringComparison.Ordinal));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, bytes.Length + (16L << 20));
    }

    private static ReadOnlySpan<byte> FindStrings(byte[] metadata)
    {
        int header = metadata.AsSpan().IndexOf("#Strings"u8) - 8;
        return metadata.AsSpan(BitConverter.ToInt32(metadata, header), BitConverter.ToInt32(metadata, header + 4));
    }

    /// <summary>Adds streams that nobody knows before the others.</summary>
    private static byte[] WithStreams(byte[] metadata, int count) => WithStreams(metadata, count, "#x\0\0"u8);

    private static byte[] WithStreams(byte[] metadata, int count, ReadOnlySpan<byte> added, byte[]? content = null)
    {
        byte[] header = [.. new byte[8], .. added];
        if (content is not null)
        {
            BitConverter.GetBytes(metadata.Length + (count * header.Length)).CopyTo(header, 0);
            BitConverter.GetBytes(content.Length).CopyTo(header, 4);
        }

        int start = 16 + BitConverter.ToInt32(metadata, 12);
        List<byte> bytes = [.. metadata.AsSpan(0, start + 4)];
        int streams = BitConverter.ToUInt16(metadata, start + 2);
        bytes[start + 2] = (byte)(streams + count);
        bytes[start + 3] = (byte)((streams + count) >> 8);
        for (int i = 0; i < count; i++)
        {
            bytes.AddRange(header);
        }

        int at = start + 4;
        for (int i = 0; i < streams; i++)
        {
            int name = Array.IndexOf(metadata, (byte)0, at + 8) - at - 8;
            bytes.AddRange(BitConverter.GetBytes(BitConverter.ToInt32(metadata, at) + (count * header.Length)));
            int rest = 4 + ((name + 4) & ~3);
            bytes.AddRange(metadata.AsSpan(at + 4, rest));
            at += 4 + rest;
        }

        bytes.AddRange(metadata.AsSpan(at));
        bytes.AddRange(content ?? []);
        return [.. bytes];
    }

    [Fact]
    public void Says_that_the_names_could_not_be_read()
    {
        PortableImageBytes bytes = Assembly.Build();
        using CutSource source = new(bytes.Bytes, bytes.Bytes.AsSpan().IndexOf("CreateFileW"u8));
        PortableImage image = Images.Read(source).Image!;
        Assert.DoesNotContain("kernel32.dll!CreateFileW", image.List(ReferenceKind.PInvoke));
        Assert.Contains(image.Problems, problem => problem.What.Contains("names cannot be read", StringComparison.Ordinal));
    }

    /// <summary>A file that another process cuts off while it is read.</summary>
    private sealed class CutSource(byte[] bytes, int end) : ByteSource
    {
        public override long Length => bytes.Length;

        public override int Read(long position, Span<byte> buffer)
        {
            int count = (int)Math.Max(0, Math.Min(buffer.Length, end - position));
            bytes.AsSpan((int)Math.Min(position, end), count).CopyTo(buffer);
            return count;
        }
    }

    [Fact]
    public void Loses_no_platform_invoke_silently_that_MetadataReader_finds()
    {
        int seed = Environment.TickCount;
        TestContext.Current.SendDiagnosticMessage("seed {0}", seed);
        Random random = new(seed);
        PortableImageBytes built = Assembly.Build();
        int start = built.Table("metadata");
        int compared = 0;
        for (int i = 0; i < 5000; i++)
        {
            byte[] metadata = [.. s_metadata];
            for (int changes = random.Next(1, 4); changes > 0; changes--)
            {
                metadata[random.Next(metadata.Length)] = (byte)random.Next(256);
            }

            if (TryFindWithMetadataReader(metadata) is not { } expected)
            {
                continue;
            }

            compared++;
            byte[] bytes = [.. built.Bytes];
            metadata.CopyTo(bytes, start);
            PortableImage image = Images.Read(bytes);
            Assert.True(
                expected.Except(image.List(ReferenceKind.PInvoke)).All(_ => !image.Complete),
                $"seed {seed}, mutant {i}: {string.Join(", ", expected)} against {string.Join(", ", image.List(ReferenceKind.PInvoke))}");
        }

        Assert.True(compared > 500, $"{compared} compared");
    }

    private static string[]? TryFindWithMetadataReader(byte[] metadata)
    {
        try
        {
            // Those without a module are calls into the image's own code, which our reader leaves out; ordinals are no names to it.
            using MetadataReaderProvider provider = MetadataReaderProvider.FromMetadataImage([.. metadata]);
            return [.. FindWithMetadataReader(provider.GetMetadataReader()).Where(call => call[0] != '!' && !call.Contains('#'))];
        }
        catch (Exception exception) when (exception is BadImageFormatException or ArgumentException or InvalidOperationException or OverflowException)
        {
            return null;
        }
    }

    [Fact]
    public void Says_that_a_module_is_not_there()
    {
        PortableImage image = Images.Read(Edit(row => row[^2] = 9));
        Assert.Equal(["user32!MessageBoxW", "ole32.dll!#42"], image.List(ReferenceKind.PInvoke));
        Assert.Contains("1 P/Invokes skipped", Assert.Single(image.Problems).What, StringComparison.Ordinal);
    }

    [Fact]
    public void Lists_each_import_of_a_method()
    {
        // The second row names the method of the first; of three rows a search by halves meets the second.
        PortableImageBytes bytes = Edit(_ => { });
        int first = FindImports(bytes.Bytes);
        bytes.Bytes.AsSpan(first + 2, 2).CopyTo(bytes.Bytes.AsSpan(first + ImportSize + 2));
        Assert.Equal(["kernel32.dll!CreateFileW", "user32!Open", "ole32.dll!#42"], Images.Read(bytes).List(ReferenceKind.PInvoke));
    }

    private const int ImportSize = 8;

    private static PortableImageBytes Edit(Action<byte[]> change)
    {
        PortableImageBytes bytes = Assembly.Build();
        int at = FindImports(bytes.Bytes);
        byte[] row = bytes.Bytes.AsSpan(at, ImportSize).ToArray();
        change(row);
        row.CopyTo(bytes.Bytes, at);
        return bytes;
    }

    /// <summary>The first import's row: flags, method 1 as a tagged index, name, module 1; behind it the row of method 2.</summary>
    private static int FindImports(byte[] bytes)
    {
        for (int at = 0; at < bytes.Length - (2 * ImportSize); at++)
        {
            if (bytes[at + 2] == 3 && bytes[at + 3] == 0 && bytes[at + 6] == 1 && bytes[at + 7] == 0 && bytes[at + 10] == 5 && bytes[at + 11] == 0 && bytes[at + 14] == 2)
            {
                return at;
            }
        }

        throw new InvalidOperationException("no table of imports");
    }
}
