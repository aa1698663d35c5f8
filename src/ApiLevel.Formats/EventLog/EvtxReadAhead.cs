using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.IO;
using System.Threading.Tasks;

namespace ApiLevel.Formats.EventLog;

/// <summary>
/// Gives the blocks of a log in the order of the file. With more than one thread the next ones are decoded while their caller works on
/// one; a few are in memory at a time.
/// </summary>
internal sealed class EvtxReadAhead(ByteSource source, long origin, bool isUnchecked, EventReadOptions options, BinXmlTemplates? templates)
    : IDisposable
{
    private readonly Queue<(EvtxChunkReader Chunk, Task? Work)> _ahead = new();
    private readonly Stack<EvtxChunkReader> _free = new();
    private long _next = origin;
    private Exception? _failure;

    private bool IsParallel => options.Parallelism > 1;

    /// <summary>Where the block begins that comes next.</summary>
    public long Position { get; private set; } = origin;

    /// <summary>Loads the next block; the caller gives it back with <see cref="Return"/>. False at the end of the file.</summary>
    /// <param name="problems">Where the problems of the block go when it is read by its caller; else the block has its own list.</param>
    /// <param name="chunk">The block.</param>
    /// <exception cref="IOException">The operating system could not read.</exception>
    /// <exception cref="UnauthorizedAccessException">The operating system did not allow to read.</exception>
    public bool TryNext(ProblemList problems, [NotNullWhen(true)] out EvtxChunkReader? chunk)
    {
        int wanted = IsParallel ? options.Parallelism + 1 : 1;
        while (_ahead.Count < wanted && TryLoad(problems, out EvtxChunkReader? loaded))
        {
            // Without a header there is nothing to decode.
            Task? work = IsParallel && loaded.HasHeader ? Task.Run(() => Decode(loaded)) : null;
            _ahead.Enqueue((loaded, work));
        }

        chunk = null;
        if (_ahead.Count == 0)
        {
            return _failure is null ? false : throw _failure;
        }

        (chunk, Task? running) = _ahead.Dequeue();
        Position = chunk.Position + chunk.Length;
        running?.GetAwaiter().GetResult();
        return true;
    }

    /// <summary>Goes to the first record of a block that has a header.</summary>
    public void Begin(EvtxChunkReader chunk)
    {
        if (!IsParallel)
        {
            chunk.Begin(isUnchecked);
        }
    }

    /// <summary>Takes a block back, for the next one.</summary>
    public void Return(EvtxChunkReader chunk) => _free.Push(chunk);

    public void Dispose()
    {
        foreach ((EvtxChunkReader chunk, Task? work) in _ahead)
        {
            // One chunk has little work, and its buffer must not go back to the pool while it is used.
            ((IAsyncResult?)work)?.AsyncWaitHandle.WaitOne();
            _ = work?.Exception;
            chunk.Dispose();
        }

        _ahead.Clear();
        foreach (EvtxChunkReader chunk in _free)
        {
            chunk.Dispose();
        }

        _free.Clear();
    }

    private bool TryLoad(ProblemList problems, [NotNullWhen(true)] out EvtxChunkReader? chunk)
    {
        chunk = null;
        if (_failure is not null)
        {
            return false;
        }

        chunk = _free.Count > 0 ? _free.Pop() : new EvtxChunkReader(options, templates);
        chunk.Problems = IsParallel ? new ProblemList() : problems;
        try
        {
            chunk.Load(source, _next);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _failure = exception; // thrown when its turn comes, after the blocks before it
        }

        if (_failure is not null || chunk.Length == 0)
        {
            _free.Push(chunk);
            return false;
        }

        _next += chunk.Length;
        return true;
    }

    private void Decode(EvtxChunkReader chunk)
    {
        chunk.Begin(isUnchecked);
        chunk.ReadAhead();
    }
}
