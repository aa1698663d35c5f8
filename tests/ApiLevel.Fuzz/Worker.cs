using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Threading;

namespace ApiLevel.Fuzz;

/// <summary>Fuzzes one target in this process, whose assemblies are instrumented, for a time.</summary>
internal sealed class Worker(Target target, string output, int seed, TimeSpan time) : IDisposable
{
    /// <summary>The exit code after an input that never ended; the process cannot go on.</summary>
    public const int Hung = 3;

    /// <summary>No input of the size that is tried may need that long on a machine that does other work, too.</summary>
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(20);

    /// <summary>Nor make that many bytes of objects.</summary>
    private const long MostAllocated = 512L << 20;

    internal const int MaximumLength = 160 << 10;

    private readonly Random _random = new(seed);
    private readonly List<byte[]> _corpus = [];
    private readonly HashSet<string> _findings = new(StringComparer.Ordinal);
    private readonly CurrentInput _current = new(output);
    private long _startedAt;
    private long _executions;
    private volatile byte[] _input = [];

    /// <summary>Where inputs that took a new edge are kept, and where those that showed a defect are.</summary>
    public static string QueueOf(string output) => Directory.CreateDirectory(Path.Combine(output, "queue")).FullName;

    public static string FindingsOf(string output) => Directory.CreateDirectory(Path.Combine(output, "findings")).FullName;

    public int Run()
    {
        new Thread(Watch) { IsBackground = true, Name = "watch" }.Start();
        Stopwatch clock = Stopwatch.StartNew();
        byte[][] seeds = [.. Seeds(target)];
        foreach (byte[] input in seeds)
        {
            Execute(input, keepAlways: true);
        }

        int before = Coverage.Edges;
        foreach (string file in Directory.GetFiles(QueueOf(output)))
        {
            Execute(File.ReadAllBytes(file), keepAlways: false);
        }

        Mutator mutator = new(_random, MaximumLength, seeds);
        while (clock.Elapsed < time)
        {
            byte[] mutant = mutator.Next(Pick(), _corpus[_random.Next(_corpus.Count)]);
            if (_random.Next(8) != 0)
            {
                target.Repair?.Invoke(mutant);
            }

            if (Execute(mutant, keepAlways: false))
            {
                File.WriteAllBytes(Path.Combine(QueueOf(output), Name(mutant)), mutant);
            }
        }

        Console.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{target.Name}: seed {seed}, {_executions} executions in {clock.Elapsed.TotalSeconds:0} s, {before} edges by {seeds.Length} seeds, {Coverage.Edges} now, {_corpus.Count} inputs, {_findings.Count} findings"));
        return _findings.Count == 0 ? 0 : 1;
    }

    /// <summary>The builders' seeds, then the corpus that the project keeps.</summary>
    public static IEnumerable<byte[]> Seeds(Target target)
    {
        string kept = Path.Combine(AppContext.BaseDirectory, "Corpus", target.Name);
        return target.Seeds().Concat(
            Directory.Exists(kept) ? Directory.GetFiles(kept).Order(StringComparer.Ordinal).Select(File.ReadAllBytes) : []);
    }

    /// <summary>Describes a defect so that two inputs that show the same have the same text.</summary>
    public static string Describe(Exception exception)
    {
        string? place = exception.StackTrace?.Split('\n').Select(l => l.Trim()).FirstOrDefault(l => l.Contains("ApiLevel.", StringComparison.Ordinal) && !l.Contains("Targets.Check", StringComparison.Ordinal));
        return exception.GetType().Name + " " + place + (exception is InvalidDataException ? " " + exception.Message : "");
    }

    // Newer inputs first: what is behind a door that was just opened.
    private byte[] Pick() =>
        _random.Next(2) == 0 ? _corpus[^(1 + _random.Next(Math.Min(_corpus.Count, 32)))] : _corpus[_random.Next(_corpus.Count)];

    private bool Execute(byte[] input, bool keepAlways)
    {
        _current.Write(input);
        _input = input;
        Coverage.Clear();
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        Volatile.Write(ref _startedAt, Environment.TickCount64);
        string? finding = null;
        string details = "";
        try
        {
            target.Run(input);
        }
        catch (Exception exception)
        {
            finding = Describe(exception);
            details = exception.ToString();
        }
        finally
        {
            Volatile.Write(ref _startedAt, 0);
            _executions++;
        }

        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        if (finding is null && allocated > MostAllocated)
        {
            finding = "allocates more than the limit";
            details = string.Create(CultureInfo.InvariantCulture, $"{allocated} bytes for an input of {input.Length}");
        }

        if (finding is not null && _findings.Add(finding))
        {
            Keep(input, finding + "\n" + details);
        }

        bool isNew = Coverage.TakeNew();
        if ((isNew || keepAlways) && finding is null)
        {
            _corpus.Add(input);
        }

        return isNew && finding is null;
    }

    public void Dispose() => _current.Dispose();

    private void Watch()
    {
        while (true)
        {
            Thread.Sleep(500);
            long since = Volatile.Read(ref _startedAt);
            if (since != 0 && Environment.TickCount64 - since > s_longest.TotalMilliseconds)
            {
                Keep(_input, $"does not end within {s_longest.TotalSeconds} s");
                Environment.Exit(Hung);
            }
        }
    }

    private void Keep(byte[] input, string text)
    {
        string file = Path.Combine(FindingsOf(output), Name(input));
        File.WriteAllBytes(file, input);
        File.WriteAllText(file + ".txt", text + "\n");
        Console.Out.WriteLine($"{target.Name}: {text.Split('\n')[0]} ({file})");
    }

    public static string Name(byte[] input) => Convert.ToHexStringLower(SHA256.HashData(input))[..16];
}
