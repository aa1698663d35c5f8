using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using ApiLevel.Attribution;
using ApiLevel.Formats;
using ApiLevel.Tracing;

namespace ApiLevel.Commands;

/// <summary>
/// One file of recorded events, read and attributed on a worker that is a few batches ahead at most, so that no file is in memory
/// as a whole. Disposing ends the worker and closes the file before it returns.
/// </summary>
internal sealed class EventFileStream : IDisposable
{
    private const int BatchSize = 128;
    private const int BatchesAhead = 8;
    private const int BatchMilliseconds = 100;

    private readonly TelemetryFilter _filter;
    private readonly IEventSchemaSource _schemas;
    private readonly CancellationTokenSource _stop;
    private readonly BlockingCollection<List<ApiTelemetryEvent>> _batches = new(BatchesAhead);
    private readonly Task _reading;
    private long _length;
    private long _position;

    public EventFileStream(string path, bool found, TelemetryFilter filter, IEventSchemaSource schemas, CancellationToken cancellation)
    {
        Path = path;
        Found = found;
        _filter = filter;
        _schemas = schemas;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        // It must run also when it is cancelled before it began: it says that nothing comes.
        _reading = Task.Run(Read, CancellationToken.None);
    }

    public string Path { get; }

    /// <summary>True where the file was found in a directory.</summary>
    public bool Found { get; }

    /// <summary>Why the file gave nothing; null where it could be opened. Known after the end.</summary>
    public ReadFailure? Failure { get; private set; }

    /// <summary>What is missing of the module, so that the file could not be opened; null for nothing.</summary>
    public Exception? MissingPart { get; private set; }

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
    public bool TryTake(int milliseconds, CancellationToken cancellation, out List<ApiTelemetryEvent>? batch) =>
        _batches.TryTake(out batch, milliseconds, cancellation);

    /// <summary>Throws what the worker met that says nothing about the file.</summary>
    public void ThrowIfFailed() => _reading.GetAwaiter().GetResult();

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
            Cancellation = _stop.Token,
        };
        if (IsNetTrace())
        {
            ITracingProvider provider;
            try
            {
                provider = PrivateAssemblies.Create<ITracingProvider>("ApiLevel.Tracing", "ApiLevel.Tracing.TracingProvider");
            }
            catch (Exception exception) when (exception is FileNotFoundException or FileLoadException or BadImageFormatException or TypeLoadException)
            {
                MissingPart = exception;
                return null;
            }

            EventFileReader? trace = provider.OpenNetTrace(Path, options, out ReadFailure? why);
            Failure = why;
            return trace;
        }

        (EventFileReader? reader, Failure) = EventFiles.Open(Path, options);
        return reader;
    }

    private bool IsNetTrace()
    {
        using ByteSource source = ByteSource.OpenFile(Path);
        return EventFiles.Detect(source) == EventFileFormat.NetTrace;
    }

    private void Read(EventFileReader reader)
    {
        Interlocked.Exchange(ref _length, reader.Length);
        var batch = new List<ApiTelemetryEvent>(BatchSize);
        var clock = Stopwatch.StartNew();
        while (reader.TryRead(out EventRecord? record))
        {
            Interlocked.Exchange(ref _position, reader.Position);
            if (_filter.Attribute(record, Path) is { } e)
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
