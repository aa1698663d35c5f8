using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Runtime.CompilerServices;

namespace ApiLevel.Fuzz;

/// <summary>Chooses from what a run found the inputs that the project keeps: few, small, and each takes a branch that no other takes.</summary>
internal static class Keeper
{
    private const long MostOfAll = 256 << 10;

    public static int Run(Target target, string output)
    {
        foreach (byte[] seed in Worker.Seeds(target))
        {
            TakesNew(target, seed);
        }

        int edges = Coverage.Edges;
        string corpus = Directory.CreateDirectory(Path.Combine(SourceFolder(), "Corpus", target.Name)).FullName;
        long total = Directory.GetFiles(corpus).Sum(f => new FileInfo(f).Length);
        int kept = 0;
        foreach (string file in Directory.GetFiles(Worker.QueueOf(output)).OrderBy(f => new FileInfo(f).Length).ThenBy(f => f, StringComparer.Ordinal))
        {
            byte[] input = File.ReadAllBytes(file);
            if (total + input.Length > MostOfAll)
            {
                break;
            }

            int before = Coverage.Edges;
            if (TakesNew(target, input) && Coverage.Edges > before)
            {
                File.WriteAllBytes(Path.Combine(corpus, Worker.Name(input)), input);
                total += input.Length;
                kept++;
            }
        }

        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{target.Name}: {kept} inputs kept, {edges} edges before, {Coverage.Edges} with them, {total} bytes"));
        return 0;
    }

    private static bool TakesNew(Target target, byte[] input)
    {
        Coverage.Clear();
        target.Run(input);
        return Coverage.TakeNew();
    }

    private static string SourceFolder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
