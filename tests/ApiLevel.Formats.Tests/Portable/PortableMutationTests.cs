using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using ApiLevel.Fixtures;
using ApiLevel.Formats.Portable;
using CsCheck;

namespace ApiLevel.Formats.Tests.Portable;

public class PortableMutationTests
{
    private const int Mutants = 2000;
    private const int Seed = 20261124;

    private static readonly PortableReadOptions s_importsAlone = new() { Describe = false, Kinds = [ReferenceKind.Import, ReferenceKind.DelayImport] };

    [Fact]
    public void Survives_two_thousand_mutants()
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {Seed}");
        var mutator = new PortableMutator(Seed);
        IReadOnlyList<PortableImageBytes> bases = PortableMutator.Bases(ManagedMetadata.Build());
        int images = 0;
        int withImports = 0;
        for (int i = 0; i < Mutants; i++)
        {
            byte[] bytes = mutator.Next(i, bases);
            var watch = Stopwatch.StartNew();
            PortableReadResult result = Images.ReadResult(bytes);
            Assert.True(watch.Elapsed.TotalSeconds < 20, $"mutant {i} of seed {Seed} hangs");
            Assert.True(result.Image is null != result.Failure is null);
            if (result.Image is { } image)
            {
                images++;
                withImports += image.ImportCount > 0 ? 1 : 0;
                AssertBounded(image, bytes.Length);

                // What is not asked for changes nothing in what is.
                PortableImage alone = Images.ReadResult(bytes, s_importsAlone).Image!;
                Assert.Equal(image.References.Where(r => r.Kind is ReferenceKind.Import or ReferenceKind.DelayImport), alone.References);
                Assert.Equal(image.ImpHash, alone.ImpHash);
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{images} pass the signature check, {withImports} give imports");
        Assert.True(images >= Mutants / 2);
        Assert.True(withImports >= Mutants / 2);
    }

    [Fact]
    public void Survives_any_bytes()
    {
        Gen.Byte.Array[0, 2000].Sample(bytes =>
        {
            Assert.NotNull(Images.ReadResult(bytes).Failure);
            return true;
        });
    }

    [Fact]
    public void Survives_any_bytes_behind_good_headers()
    {
        byte[] head = Images.Usual(true).DelayImport("d.dll", false, "F").Export("E", "N.F").Build().Bytes;
        Gen.Select(Gen.Byte.Array[0, 3000], Gen.Int[0x180, head.Length]).Sample((bytes, at) =>
        {
            byte[] file = [.. head.AsSpan(0, at), .. bytes];
            AssertBounded(Images.Read(file), file.Length);
            return true;
        });
    }

    [Fact]
    public void Reads_back_whatever_is_built()
    {
        Gen<string> name = Gen.String[Gen.Char['!', '~'], 1, 60].Where(n => n[0] != '#');
        Gen<string> function = Gen.OneOf(name, Gen.UShort.Select(o => "#" + o));
        Gen.Select(Gen.Bool, Gen.Select(name, function.Array[1, 12]).Array[1, 6], Gen.Int[0, 2].Select(i => i == 0 ? 0x10 : i == 1 ? 0x200 : 0x1000)).Sample((is64, modules, alignment) =>
        {
            PortableImageBuilder builder = Images.New(is64);
            builder.FileAlignment = alignment;
            var expected = new List<string>();
            foreach ((string module, string[] functions) in modules)
            {
                builder.Import(module, functions);
                expected.AddRange(functions.Select(f => module + "!" + f));
            }

            PortableImage image = Images.Read(builder.Build());
            Assert.Equal(expected, image.List());
            return image.Complete && image.ImportCount == expected.Count;
        });
    }

    private static void AssertBounded(PortableImage image, int length)
    {
        // Every entry of a table takes at least four bytes, and no table's bytes are walked twice.
        Assert.InRange(image.ImportCount + image.DelayImportCount, 0, Math.Max(length, 4096) / 4);
        Assert.InRange(image.Problems.Count, 0, 101);
        Assert.All(image.References, r => Assert.True(r.Name.Length > 0 || r.Ordinal is not null || r.Kind == ReferenceKind.BoundImport));
        Assert.Equal(image.Problems.Count == 0, image.Complete);
        Assert.Matches("^([0-9a-f]{32})?$", image.ImpHash);
    }
}
