using System;
using System.Collections.Generic;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;

namespace ApiLevel.Commands;

/// <summary>
/// A command that reads files whole. They are read ahead by several workers and written in the order they came in; one that cannot be
/// read is one error and the next follows.
/// </summary>
/// <typeparam name="T">What a worker gets out of one file.</typeparam>
public abstract class FileInputCommand<T> : PathInputCommand
{
    private readonly Queue<Pending> _pending = new();
    private readonly ProgressClock _clock = new();
    private long _written;

    /// <summary>Reads one file. Runs on a worker: no member of the command that writes may be called.</summary>
    protected abstract T ReadFile(string path, CancellationToken cancellation);

    /// <summary>Writes what was read. Runs on the pipeline's thread.</summary>
    /// <param name="path">The file.</param>
    /// <param name="result">What the worker gave.</param>
    /// <param name="found">True where the file was found in a directory: one of another format is then passed over.</param>
    protected abstract void WriteFile(string path, T result, bool found);

    /// <inheritdoc/>
    protected override void EndProcessing() => Drain(all: true);

    /// <inheritdoc/>
    protected override void AddFile(string path, bool found)
    {
        CancellationToken token = StopToken;
        _pending.Enqueue(new Pending(path, found, Task.Run(() => ReadFile(path, token), token)));
        Drain(all: false);
    }

    /// <summary>Writes what is ready at the head of the queue; waits where the queue is full or everything is asked for.</summary>
    private void Drain(bool all)
    {
        while (_pending.Count > 0)
        {
            Pending head = _pending.Peek();
            if (!all && !head.Reading.IsCompleted && _pending.Count < s_readAhead)
            {
                return;
            }

            T result;
            try
            {
                head.Reading.Wait(StopToken);
                result = head.Reading.Result;
            }
            catch (OperationCanceledException)
            {
                throw new PipelineStoppedException();
            }
            catch (AggregateException exception) when (exception.InnerException is OperationCanceledException)
            {
                throw new PipelineStoppedException();
            }

            _pending.Dequeue();
            _written++;
            if (_clock.IsDue)
            {
                WriteProgress(new ProgressRecord(1, MyInvocation.MyCommand.Name, head.Path)
                {
                    CurrentOperation = $"{_written} files read",
                });
            }

            WriteFile(head.Path, result, head.Found);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && _pending.Count > 0)
        {
            // What was read ahead for a pipeline that ended early: the reads end by the token, their files close with them.
            // One that hangs in the operating system (a pipe, a share that is gone) is left behind: nobody waits for it.
            StopProcessing();
            var watch = System.Diagnostics.Stopwatch.StartNew();
            foreach (Pending pending in _pending)
            {
                try
                {
                    pending.Reading.Wait(Math.Max(0, GraceMilliseconds - (int)watch.ElapsedMilliseconds));
                }
                catch (AggregateException)
                {
                    // Nobody is left to be told.
                }
            }

            _pending.Clear();
        }

        base.Dispose(disposing);
    }

    private const int GraceMilliseconds = 500;
    private static readonly int s_readAhead = Math.Max(8, 4 * Environment.ProcessorCount);

    private sealed record Pending(string Path, bool Found, Task<T> Reading);
}

/// <summary>Says at most five times a second, and not in the first second, that progress should be written.</summary>
internal sealed class ProgressClock
{
    private readonly System.Diagnostics.Stopwatch _watch = System.Diagnostics.Stopwatch.StartNew();
    private long _next = 1000;

    public bool IsDue
    {
        get
        {
            if (_watch.ElapsedMilliseconds < _next)
            {
                return false;
            }

            _next = _watch.ElapsedMilliseconds + 200;
            return true;
        }
    }
}
