using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using ApiLevel.Fixtures;
using ApiLevel.Formats.Portable;

namespace ApiLevel.Formats.Tests.Portable;

public class PortableInferenceTests
{
    private static readonly Guid s_class = new("72c24dd5-d70a-438b-8a42-98424b88afb8");

    [Fact]
    public void Infers_nothing_unless_asked()
    {
        byte[] bytes = Image(Encoding.ASCII.GetBytes("\0NtCreateThreadEx\0")).Build().Bytes;
        Assert.DoesNotContain(Images.Read(bytes).References, r => r.IsInferred);
        Assert.DoesNotContain(Read(bytes, new Dictionary()).References, r => r.IsInferred);
    }

    [Theory]
    [InlineData("NtCreateThreadEx", true)]
    [InlineData("xNtCreateThreadEx", false)]
    [InlineData("NtCreateThreadExtra", false)]
    [InlineData("call NtCreateThreadEx", false)]
    public void Finds_whole_names_in_strings_of_both_kinds(string text, bool isFound)
    {
        foreach ((byte[] bytes, string kind) in new[]
        {
            (Encoding.ASCII.GetBytes("\0\0" + text + "\0"), "ASCII"),
            (Encoding.Unicode.GetBytes("\0\0" + text + "\0"), "UTF-16"),
        })
        {
            PortableReference[] found = Read(Image(bytes).Build().Bytes, new Dictionary { FindNames = true }).References.Where(r => r.IsInferred).ToArray();
            if (isFound)
            {
                PortableReference name = Assert.Single(found);
                Assert.Equal((ReferenceKind.DynamicName, "ntdll", "NtCreateThreadEx"), (name.Kind, name.Module, name.Name));
                Assert.StartsWith(kind + " string at 0x", name.Detail, StringComparison.Ordinal);
            }
            else
            {
                Assert.Empty(found);
            }
        }
    }

    [Fact]
    public void Does_not_look_for_names_where_none_can_be_resolved()
    {
        byte[] bytes = Images.New().Import("a.dll", "F").Section(".data", Encoding.ASCII.GetBytes("\0NtCreateThreadEx\0")).Build().Bytes;
        Assert.DoesNotContain(Read(bytes, new Dictionary { FindNames = true }).References, r => r.IsInferred);
    }

    [Fact]
    public void Does_not_repeat_what_is_imported()
    {
        byte[] bytes = Image(Encoding.ASCII.GetBytes("\0NtCreateThreadEx\0")).Import("ntdll.dll", "NtCreateThreadEx").Build().Bytes;
        Assert.DoesNotContain(Read(bytes, new Dictionary { FindNames = true }).References, r => r.IsInferred);
    }

    [Fact]
    public void Finds_a_name_across_the_pieces_that_a_section_is_read_in()
    {
        for (int at = (256 * 1024) - 540; at < (256 * 1024) - 500; at++)
        {
            byte[] bytes = new byte[300 * 1024];
            Encoding.ASCII.GetBytes("NtCreateThreadEx").CopyTo(bytes, at);
            PortableReference name = Assert.Single(Read(Image(bytes).Build().Bytes, new Dictionary { FindNames = true }).References, r => r.IsInferred);
            Assert.Equal("NtCreateThreadEx", name.Name);
        }
    }

    [Fact]
    public void Finds_class_ids()
    {
        byte[] bytes = [1, 2, 3, 4, .. s_class.ToByteArray(), 5, 6, 7, 8, .. s_class.ToByteArray()];
        PortableReference id = Assert.Single(Read(Image(bytes).Build().Bytes, new Dictionary { FindComClasses = true }).References, r => r.IsInferred);
        Assert.Equal((ReferenceKind.ComClass, "72c24dd5-d70a-438b-8a42-98424b88afb8"), (id.Kind, id.Name));
        Assert.StartsWith("GUID at 0x", id.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Finds_hashes_in_instructions_and_in_tables_when_there_are_several()
    {
        // push imm32; mov eax, imm32; cmp [esp+4], imm32
        byte[] three = [0x68, .. Hash(1), 0xB8, .. Hash(2), 0x81, 0x7C, 0x24, 0x04, .. Hash(3), 0xC3];
        byte[] two = [0x68, .. Hash(1), 0xB8, .. Hash(2), 0xC3];
        byte[] table = [.. Hash(1), .. Hash(2), .. Hash(3)];

        PortableImageBuilder builder = Images.Usual();
        builder.Code = three;
        PortableReference[] found = Read(builder.Build().Bytes, new Dictionary { FindHashes = true }).References.Where(r => r.IsInferred).ToArray();
        Assert.Equal(["Function1", "Function2", "Function3"], found.Select(r => r.Name));
        Assert.All(found, r => Assert.StartsWith("ror13 at 0x", r.Detail, StringComparison.Ordinal));

        builder.Code = two;
        Assert.DoesNotContain(Read(builder.Build().Bytes, new Dictionary { FindHashes = true }).References, r => r.IsInferred);

        Assert.Equal(3, Read(Image(table).Build().Bytes, new Dictionary { FindHashes = true }).References.Count(r => r.IsInferred));
    }

    private static byte[] Hash(uint number) => BitConverter.GetBytes(0xEC0E4E00 + number);

    private static PortableImageBuilder Image(byte[] data) =>
        Images.New().Import("KERNEL32.dll", "GetProcAddress", "LoadLibraryA").Section(".data", data, 0xC0000040);

    private static PortableImage Read(byte[] bytes, IInferenceDictionary dictionary) =>
        Images.ReadResult(bytes, new PortableReadOptions { Inference = dictionary }).Image!;

    private sealed class Dictionary : IInferenceDictionary
    {
        private static readonly HashSet<string> s_names = ["NtCreateThreadEx"];

        public bool FindComClasses { get; init; }

        public bool FindNames { get; init; }

        public bool FindHashes { get; init; }

        public bool IsKnownComClass(Guid id) => id == s_class;

        public bool TryGetFunction(ReadOnlySpan<char> name, out string module)
        {
            module = "ntdll";
            return s_names.Contains(name.ToString());
        }

        public bool TryGetHash(uint value, out string algorithm, out string module, out string name)
        {
            (algorithm, module, name) = ("ror13", "kernel32", "Function" + (value & 0xFF));
            return value is > 0xEC0E4E00 and < 0xEC0E4E10;
        }
    }
}
