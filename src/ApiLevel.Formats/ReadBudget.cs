using System;
using System.Threading;

namespace ApiLevel.Formats;

/// <summary>
/// What one input may cost: steps of work, bytes of output, depth of nesting and time. Every reader of this library
/// spends from one of these, so that no number inside a file decides how long a read takes or how much memory it needs.
/// </summary>
/// <remarks>
/// A method that answers false has recorded in <see cref="Exhausted"/> what ran out; the reader then stops that table or
/// record, adds a <see cref="Problem"/> with the reason, and returns what it has. Not safe for several threads.
/// </remarks>
public sealed class ReadBudget
{
    /// <summary>Work that even the smallest input may cost.</summary>
    public const long MinimumWork = 1 << 20;

    private readonly int _perByte;
    private readonly long _outputCap;
    private Func<long>? _length;
    private long _maximumWork;
    private long _maximumOutput;
    private readonly int _maximumDepth;
    private readonly int _start;
    private readonly int _milliseconds;
    private long _work;
    private long _output;
    private int _depth;

    /// <summary>Makes a budget from absolute limits.</summary>
    /// <param name="work">Steps, counted in bytes of input walked over, the same byte twice counting twice.</param>
    /// <param name="output">Bytes of strings and records that may be made.</param>
    /// <param name="depth">Levels of nesting.</param>
    /// <param name="time">Wall clock from now; <see cref="Timeout.InfiniteTimeSpan"/> for none.</param>
    /// <param name="cancellation">Ends the read from outside.</param>
    public ReadBudget(long work, long output, int depth, TimeSpan time, CancellationToken cancellation = default)
    {
        _maximumWork = work;
        _maximumOutput = output;
        _maximumDepth = depth;
        _milliseconds = time == Timeout.InfiniteTimeSpan ? int.MaxValue : (int)Math.Min(time.TotalMilliseconds, int.MaxValue);
        _start = Environment.TickCount;
        Cancellation = cancellation;
    }

    /// <summary>
    /// Makes a budget that asks how long the input is when the least that it allows is used up: most inputs need no more.
    /// </summary>
    /// <param name="least">Steps of work, and bytes of output, that any input may cost.</param>
    /// <param name="perByte">Work and output for a byte of the input, where that is more.</param>
    /// <param name="outputCap">Bytes of output that no input may exceed.</param>
    /// <param name="length">Tells the input's length in bytes; called once at most.</param>
    /// <param name="time">Wall clock from now.</param>
    /// <param name="cancellation">Ends the read from outside.</param>
    internal ReadBudget(long least, int perByte, long outputCap, Func<long> length, TimeSpan time, CancellationToken cancellation)
        : this(least, Math.Min(least, outputCap), depth: 64, time, cancellation)
    {
        _perByte = perByte;
        _outputCap = outputCap;
        _length = length;
    }

    /// <summary>Ends the read from outside; readers look at it between records.</summary>
    public CancellationToken Cancellation { get; }

    /// <summary>What ran out, as the end of a sentence ("more work than the file's size allows"); null while nothing did.</summary>
    public string? Exhausted { get; private set; }

    /// <summary>Bytes of input walked over so far.</summary>
    public long Work => _work;

    // TickCount is exact to some milliseconds, which is enough, and costs less than Stopwatch; a folder of small files asks often. It
    // overflows after 25 days, the unchecked difference does not.
    private bool IsOver => _milliseconds != int.MaxValue && unchecked(Environment.TickCount - _start) > _milliseconds;

    private bool TryGrow()
    {
        if (_length is null)
        {
            return false;
        }

        long size = _perByte * _length();
        _length = null;
        _maximumWork = Math.Max(_maximumWork, size);
        _maximumOutput = Math.Max(_maximumOutput, Math.Min(size, _outputCap));
        return true;
    }

    /// <summary>Takes steps of work. Returns false, and takes nothing, when fewer are left or the time is over.</summary>
    /// <param name="bytes">Bytes walked over; at least 0.</param>
    public bool TrySpend(long bytes)
    {
        if (bytes < 0 || (bytes > _maximumWork - _work && !(TryGrow() && bytes <= _maximumWork - _work)))
        {
            Exhausted ??= "more work than the file's size allows";
            return false;
        }

        // The clock is read once in 64 KiB of work: to read it for each record costs more than reading the record.
        if ((_work >> 16) != ((_work + bytes) >> 16) && IsOver)
        {
            Exhausted ??= "more time than one file may take";
            return false;
        }

        _work += bytes;
        return true;
    }

    /// <summary>
    /// Checks the clock and the token now, before steps that cost time and no work (a read from a slow disk). Returns false when the
    /// time is over.
    /// </summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public bool CheckTime()
    {
        Cancellation.ThrowIfCancellationRequested();
        if (IsOver)
        {
            Exhausted ??= "more time than one file may take";
            return false;
        }

        return true;
    }

    /// <summary>Takes bytes of output. Returns false, and takes nothing, when fewer are left.</summary>
    /// <param name="bytes">Bytes that are about to be kept; at least 0.</param>
    public bool TryEmit(long bytes)
    {
        if (bytes < 0 || (bytes > _maximumOutput - _output && !(TryGrow() && bytes <= _maximumOutput - _output)))
        {
            Exhausted ??= "more output than the file's size allows";
            return false;
        }

        _output += bytes;
        return true;
    }

    /// <summary>Goes one level down. Returns false, and stays, at the limit. Pair a true with <see cref="Leave"/>.</summary>
    public bool TryEnter()
    {
        if (_depth >= _maximumDepth)
        {
            Exhausted ??= "deeper nesting than a real file has";
            return false;
        }

        _depth++;
        return true;
    }

    /// <summary>Comes one level up again.</summary>
    public void Leave() => _depth--;
}
