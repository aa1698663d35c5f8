using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;

namespace ApiLevel.Fuzz;

/// <summary>Fuzzes the readers: see <see cref="Usage"/>.</summary>
internal static class Program
{
    private const string Usage = """
        Fuzzes the readers of untrusted bytes, guided by the branches that inputs take.

          run    [targets] [--seconds N] [--seed N] [--output folder]   N seconds in all (60), shared by the targets; all without a name
          replay <target> <files>                                      runs inputs once, and prints what they throw
          keep   <target> [--output folder]                            copies the inputs that a run found, small and each with a branch
                                                                       of its own, into Corpus/, the corpus that the project keeps

        A run goes on where the one before it in the same folder ended. Exit code: 0; 1 with findings, which lie in
        <output>/<target>/findings with the exception beside them; 2 when the command line is wrong.
        """;

    /// <summary>An input's objects must fit in here, with the corpus.</summary>
    private const string HeapLimit = "0x60000000";

    private static int Main(string[] args)
    {
        Coverage.Start();
        Dictionary<string, string> options = new(StringComparer.Ordinal);
        List<string> words = [];
        for (int i = 0; i < args.Length; i++)
        {
            if (args[i].StartsWith("--", StringComparison.Ordinal) && i + 1 < args.Length)
            {
                options[args[i]] = args[++i];
            }
            else
            {
                words.Add(args[i]);
            }
        }

        string output = Path.GetFullPath(options.GetValueOrDefault("--output", Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "obj", "fuzz")));
        int seconds = int.Parse(options.GetValueOrDefault("--seconds", "60"), CultureInfo.InvariantCulture);
        int seed = options.TryGetValue("--seed", out string? number) ? int.Parse(number, CultureInfo.InvariantCulture) : Environment.TickCount;
        List<Target> targets = words.Count < 2 ? [.. Targets.All] : [.. Targets.All.Where(t => words[0] == "run" ? words.Contains(t.Name) : t.Name == words[1])];
        switch (words.FirstOrDefault())
        {
            case "run" when words.Skip(1).All(w => targets.Exists(t => t.Name == w)):
                return RunAll(targets, output, seconds, seed);
            case "worker" when targets.Count == 1:
                using (Worker worker = new(targets[0], output, seed, TimeSpan.FromSeconds(seconds)))
                {
                    return worker.Run();
                }

            case "replay" when targets.Count == 1 && words.Count > 2:
                return Replay(targets[0], words.Skip(2));
            case "keep" when targets.Count == 1:
                return Start(Instrumented(output), "keeper", targets[0], Path.Combine(output, targets[0].Name), 0, 0);
            case "keeper" when targets.Count == 1:
                return Keeper.Run(targets[0], output);
            default:
                Console.Error.WriteLine(Usage);
                Console.Error.WriteLine("Targets: " + string.Join(", ", Targets.All.Select(t => t.Name)));
                return 2;
        }
    }

    private static string Instrumented(string output) =>
        Coverage.Instrument(typeof(Program).Assembly.Location, Path.Combine(output, "program"));

    private static int RunAll(List<Target> targets, string output, int seconds, int seed)
    {
        string program = Instrumented(output);
        bool isClean = true;
        foreach (Target target in targets)
        {
            string folder = Directory.CreateDirectory(Path.Combine(output, target.Name)).FullName;
            Stopwatch clock = Stopwatch.StartNew();
            double share = (double)seconds / targets.Count;

            // A target whose process ended goes on in a new one for what is left of its time, with other mutants.
            for (int attempt = 0; clock.Elapsed.TotalSeconds < share || attempt == 0; attempt++)
            {
                int code = Start(program, "worker", target, folder, (int)Math.Max(1, share - clock.Elapsed.TotalSeconds), seed + attempt);
                isClean &= code == 0;
                if (code is 0 or 1)
                {
                    break;
                }

                if (code != Worker.Hung && !KeepCurrent(target, folder, code))
                {
                    return 1;
                }
            }
        }

        return isClean ? 0 : 1;
    }

    // The runtime ended the process: no memory, no stack. The input is the one that was begun last.
    private static bool KeepCurrent(Target target, string folder, int code)
    {
        if (CurrentInput.Read(folder) is not { } input)
        {
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{target.Name}: the worker ended with {code} before its first input"));
            return false;
        }

        string file = Path.Combine(Worker.FindingsOf(folder), Worker.Name(input));
        File.WriteAllBytes(file, input);
        File.WriteAllText(file + ".txt", string.Create(CultureInfo.InvariantCulture, $"ends the process with {code}\n"));
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{target.Name}: ends the process with {code} ({file})"));
        return true;
    }

    private static int Start(string program, string command, Target target, string output, int seconds, int seed)
    {
        ProcessStartInfo start = new("dotnet",
        [
            program, command, target.Name, "--output", output,
            "--seconds", seconds.ToString(CultureInfo.InvariantCulture), "--seed", seed.ToString(CultureInfo.InvariantCulture),
        ]);
        start.Environment["DOTNET_GCHeapHardLimit"] = HeapLimit;
        using Process process = Process.Start(start)!;
        process.WaitForExit();
        return process.ExitCode;
    }

    private static int Replay(Target target, IEnumerable<string> files)
    {
        int code = 0;
        foreach (string file in files)
        {
            try
            {
                target.Run(File.ReadAllBytes(file));
                Console.Out.WriteLine($"{file}: fine");
            }
            catch (Exception exception)
            {
                code = 1;
                Console.Out.WriteLine($"{file}: {exception}");
            }
        }

        return code;
    }
}
