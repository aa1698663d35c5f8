using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;
using System.Threading.Tasks;
using ApiLevel.Formats;

namespace ApiLevel.Attribution;

/// <summary>
/// One file of recorded events, read and attributed on a worker that is a few batches ahead at most, so that no file is in memory
/// as a whole. Disposing ends the worker and closes the file before it returns.
/// </summary>
public sealed class AttributedFile : IDisposable
{
    private const int BatchSize = 128;
    private const int BatchesAhead = 8;
    private const int BatchMilliseconds = 100;

    private readonly TelemetryFilter _filter;
    private readonly IEventSchemaSource _schemas;
    private readonly NetTraceOpener _openNetTrace;
    private readonly bool _recover;
    private readonly CancellationTokenSource _stop;
    private readonly BlockingCollection<List<ApiTelemetryEvent>> _batches = new(BatchesAhead);
    private readonly Task _reading;
    private long _length;
    private long _position;

    /// <summary>Opens a file and begins to read.</summary>
    /// <param name="path">A path of the operating system, taken literally.</param>
    /// <param name="filter">Which events are wanted.</param>
    /// <param name="schemas">Describes payloads that carry no description of themselves.</param>
    /// <param name="openNetTrace">Opens EventPipe traces; what it throws is thrown by <see cref="ThrowIfFailed"/>.</param>
    /// <param name="recover">Whether records outside of the file's tables are read too.</param>
    /// <param name="cancellation">Ends the read from outside.</param>
    public AttributedFile(
        string path, TelemetryFilter filter, IEventSchemaSource schemas, NetTraceOpener openNetTrace, bool recover, CancellationToken cancellation)
    {
        Path = path;
        _openNetTrace = openNetTrace;
        _recover = recover;
        _filter = filter;
        _schemas = schemas;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        // It must run also when it is cancelled before it began: it says that nothing comes.
        _reading = Task.Run(Read, CancellationToken.None);
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Why the file gave nothing; null where it could be opened. Known after the end.</summary>
    public ReadFailure? Failure { get; private set; }

    /// <summary>What could not be read. Known after the end.</summary>
    public IReadOnlyList<Problem> Problems { get; private set; } = [];

    /// <summary>Events that the recording says were lost. Known after the end.</summary>
    public long EventsLost { get; private set; }

    /// <summary>Known after the end: whether everything could be read.</summary>
    public bool Complete { get; private set; }

    /// <summary>Records whose header was read.</summary>
    public long Records { get; private set; }

    /// <summary>How much of the file was read, 0 to 100.</summary>
    public int Percent => Interlocked.Read(ref _length) is > 0 and var length ? (int)Math.Min(100, 100 * Interlocked.Read(ref _position) / length) : 0;

    /// <summary>True when there is nothing left to take.</summary>
    public bool Ended => _batches.IsCompleted;

    /// <summary>Takes what was read next; false after some time without anything, and at the end.</summary>
    /// <param name="milliseconds">How long to wait.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <param name="batch">What was read; null for nothing.</param>
    public bool TryTake(int milliseconds, CancellationToken cancellation, out List<ApiTelemetryEvent>? batch) =>
        _batches.TryTake(out batch, milliseconds, cancellation);

    /// <summary>Throws what the worker met that says nothing about the file.</summary>
    public void ThrowIfFailed() => _reading.GetAwaiter().GetResult();

    /// <summary>Ends the worker and closes the file.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        try
        {
            _reading.GetAwaiter().GetResult();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // Nobody is left to be told.
        }

        _batches.Dispose();
        _stop.Dispose();
    }

    private void Read()
    {
        try
        {
            using EventFileReader? reader = Open();
            if (reader is not null)
            {
                Read(reader);
            }
        }
        catch (OperationCanceledException)
        {
            // Whoever cancelled does not wait for more.
        }
        catch (Exception exception) when (ReadFailure.FromException(Path, exception) is { } failure)
        {
            Failure = failure;
        }
        finally
        {
            _batches.CompleteAdding();
        }
    }

    private EventFileReader? Open()
    {
        var options = new EventReadOptions
        {
            HeaderFilter = record =>
            {
                Records++;
                return _filter.PassesHeader(record);
            },
            Schemas = _schemas,
            Recover = _recover,
            Cancellation = _stop.Token,
        };
        (EventFileReader? reader, Failure) = EventFiles.Open(Path, options, _openNetTrace);
        return reader;
    }

    private void Read(EventFileReader reader)
    {
        Interlocked.Exchange(ref _length, reader.Length);
        var batch = new List<ApiTelemetryEvent>(BatchSize);
        var clock = Stopwatch.StartNew();
        while (reader.TryRead(out EventRecord? record))
        {
            Interlocked.Exchange(ref _position, reader.Position);
            if (_filter.Attribute(record, reader.Entry is { } entry ? Path + "/" + entry : Path) is { } e)
            {
                batch.Add(e);
            }

            // A slow file shows what it has; a fast one does not take a lock for each record.
            if (batch.Count >= BatchSize || (batch.Count > 0 && clock.ElapsedMilliseconds >= BatchMilliseconds))
            {
                _batches.Add(batch, _stop.Token);
                batch = new List<ApiTelemetryEvent>(BatchSize);
                clock.Restart();
            }
        }

        if (batch.Count > 0)
        {
            _batches.Add(batch, _stop.Token);
        }

        Problems = reader.Problems;
        EventsLost = reader.EventsLost;
        Complete = reader.Complete;
    }
}
