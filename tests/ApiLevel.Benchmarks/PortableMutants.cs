using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using ApiLevel.Fixtures;
using ApiLevel.Formats.Portable;

namespace ApiLevel.Benchmarks;

/// <summary>
/// Reads damaged images, the same ones for the same seed, and counts what became of them. With a folder they are written there,
/// for scripts/count-imports.py, which asks pefile.
/// </summary>
internal static class PortableMutants
{
    private const double Hang = 2;

    public static int Run(ReadOnlySpan<string> arguments)
    {
        int count = arguments.Length > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : 10_000;
        int seed = arguments.Length > 1 ? int.Parse(arguments[1], CultureInfo.InvariantCulture) : 20261124;
        string? folder = arguments.Length > 2 ? arguments[2] : null;
        if (folder is not null)
        {
            Directory.CreateDirectory(folder);
        }

        var mutator = new PortableMutator(seed);
        IReadOnlyList<PortableImageBytes> bases = PortableMutator.Bases(ManagedMetadata.Build());
        int images = 0, complete = 0, withImports = 0, crashes = 0, hangs = 0;
        double slowest = 0;
        for (int i = 0; i < count; i++)
        {
            byte[] bytes = mutator.Next(i, bases);
            if (folder is not null)
            {
                File.WriteAllBytes(Path.Combine(folder, i.ToString("D6", CultureInfo.InvariantCulture)), bytes);
            }

            long start = Stopwatch.GetTimestamp();
            try
            {
                using var source = Formats.ByteSource.FromMemory(bytes);
                if (PortableReader.Read(source, "mutant").Image is { } image)
                {
                    images++;
                    complete += image.Complete ? 1 : 0;
                    withImports += image.ImportCount > 0 ? 1 : 0;
                }
            }
            catch (Exception exception)
            {
                crashes++;
                Console.WriteLine($"mutant {i}: {exception}");
            }

            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            slowest = Math.Max(slowest, seconds);
            hangs += seconds > Hang ? 1 : 0;
        }

        Console.WriteLine(string.Format(
            CultureInfo.InvariantCulture,
            "seed {0}: {1} mutants, {2} pass the signature check, {3} give imports, {4} complete, {5} crashes, {6} above {7} s, slowest {8:0.000} s",
            seed,
            count,
            images,
            withImports,
            complete,
            crashes,
            hangs,
            Hang,
            slowest));
        return crashes + hangs == 0 ? 0 : 1;
    }
}
