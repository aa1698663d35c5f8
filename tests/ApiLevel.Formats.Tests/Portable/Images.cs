using System.Collections.Generic;
using System.Linq;
using ApiLevel.Fixtures;
using ApiLevel.Formats.Portable;

namespace ApiLevel.Formats.Tests.Portable;

/// <summary>Short ways to build, read and compare images.</summary>
internal static class Images
{
    public static PortableImageBuilder New(bool is64 = false) => new PortableImageBuilder { Is64 = is64 };

    /// <summary>Two modules, three functions by name and one by ordinal.</summary>
    public static PortableImageBuilder Usual(bool is64 = false) =>
        New(is64).Import("KERNEL32.dll", "CreateFileW", "ReadFile").Import("WS2_32.dll", "#115", "WSASocketW");

    public static PortableImage Read(PortableImageBytes image, params ReferenceKind[] kinds) => Read(image.Bytes, kinds);

    public static PortableImage Read(byte[] bytes, params ReferenceKind[] kinds)
    {
        PortableReadResult result = ReadResult(bytes, kinds.Length == 0 ? null : new PortableReadOptions { Kinds = kinds });
        Assert.Null(result.Failure);
        return result.Image!;
    }

    public static PortableReadResult ReadResult(byte[] bytes, PortableReadOptions? options = null)
    {
        using ByteSource source = ByteSource.FromMemory(bytes);
        return Read(source, options);
    }

    public static PortableReadResult Read(ByteSource source, PortableReadOptions? options = null) =>
        PortableReader.Read(source, "test.exe", options, TestContext.Current.CancellationToken);

    public static PortableReadResult ReadFile(string path) => PortableReader.Read(path, null, TestContext.Current.CancellationToken);

    /// <summary>"module!name" or "module!#ordinal" of each reference of a kind.</summary>
    public static List<string> List(this PortableImage image, ReferenceKind kind = ReferenceKind.Import) =>
        image.References.Where(r => r.Kind == kind).Select(r => r.Module + "!" + (r.Ordinal is { } o ? "#" + o : r.Name)).ToList();

    public static readonly string[] UsualImports = ["KERNEL32.dll!CreateFileW", "KERNEL32.dll!ReadFile", "WS2_32.dll!#115", "WS2_32.dll!WSASocketW"];
}
