using System;
using System.IO;
using System.Linq;
using System.Numerics;
using System.Runtime.InteropServices;
using SharpFuzz;
using SharpFuzz.Common;

namespace ApiLevel.Fuzz;

/// <summary>Which branches an input takes: SharpFuzz writes into each assembly that it counts the edges between its blocks.</summary>
internal static unsafe class Coverage
{
    private const int Size = 1 << 16;

    /// <summary>What is counted: the readers, and the code of others that they hand bytes to.</summary>
    private static readonly string[] s_assemblies =
    [
        "ApiLevel.Formats", "ApiLevel.Core", "ApiLevel.Rules", "ApiLevel.Tracing",
        "YamlDotNet", "Microsoft.Diagnostics.Tracing.TraceEvent", "Microsoft.Diagnostics.FastSerialization",
    ];

    private static readonly byte* s_counts = (byte*)NativeMemory.AllocZeroed(Size);
    private static readonly byte[] s_seen = new byte[Size];

    /// <summary>Edges that any input took.</summary>
    public static int Edges => s_seen.Count(b => b != 0);

    /// <summary>Copies a program to a folder and changes the assemblies there; returns the program's path.</summary>
    public static string Instrument(string program, string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        string source = Path.GetDirectoryName(program)!;
        foreach (string file in Directory.GetFiles(source, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(folder, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        foreach (string name in s_assemblies)
        {
            Fuzzer.Instrument(Path.Combine(folder, name + ".dll"), _ => true, Options.Value);
        }

        return Path.Combine(folder, Path.GetFileName(program));
    }

    /// <summary>Must be called before any code that is counted runs.</summary>
    public static void Start() => Trace.SharedMem = s_counts;

    /// <summary>Forgets the input before.</summary>
    public static void Clear()
    {
        new Span<byte>(s_counts, Size).Clear();
        Trace.PrevLocation = 0;
    }

    /// <summary>
    /// True when the input since <see cref="Clear"/> took an edge that none took before, or one that often for the first time: 1, 2, 3,
    /// 4 to 7, 8 to 15, 16 to 31, 32 to 127 and 128 times differ.
    /// </summary>
    public static bool TakeNew()
    {
        bool isNew = false;
        ulong* words = (ulong*)s_counts;
        for (int word = 0; word < Size / sizeof(ulong); word++)
        {
            if (words[word] == 0)
            {
                continue;
            }

            for (int i = word * sizeof(ulong); i < (word + 1) * sizeof(ulong); i++)
            {
                int bit = s_counts[i] switch
                {
                    0 => 0,
                    <= 3 and var few => 1 << (few - 1),
                    >= 32 and < 128 => 1 << 6,
                    var more => 1 << Math.Min(BitOperations.Log2(more) + 1, 7),
                };
                if ((s_seen[i] & bit) != bit)
                {
                    s_seen[i] |= (byte)bit;
                    isNew = true;
                }
            }
        }

        return isNew;
    }
}
