using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;
using ApiLevel.Formats;

namespace ApiLevel.Tracing;

/// <summary>
/// Hands events from the threads of a session to the one thread that writes them to the pipeline. It holds a bounded number of
/// events and of bytes. A reader that is only a little late makes the writer wait for a moment, and the system's own buffers take
/// up the slack; a reader that is away makes it drop, and the drops are counted.
/// </summary>
public sealed class TraceHub
{
    /// <summary>Events held by default.</summary>
    public const int DefaultCapacity = 16_384;

    /// <summary>Bytes held by default, as estimated from the payloads.</summary>
    public const long DefaultMaximumBytes = 64L << 20;

    /// <summary>How long a writer waits by default for a reader before it begins to drop.</summary>
    public static readonly TimeSpan DefaultPatience = TimeSpan.FromMilliseconds(250);

    private readonly Channel<(EventRecord Record, int Size)> _channel;
    private readonly long _maximumBytes;
    private readonly long _limit;
    private readonly object _gate = new();
    private long _bytes;
    private long _accepted;
    private long _seen;
    private long _dropped;
    private long _failed;
    private long _received;
    private Exception? _firstFailure;
    private volatile bool _stalled;
    private volatile bool _completed;
    private volatile int _waiting;
    private int _limitReached;

    /// <summary>Makes an empty hub.</summary>
    /// <param name="limit">After how many events it closes itself; null for never.</param>
    /// <param name="capacity">Events it holds.</param>
    /// <param name="maximumBytes">Bytes it holds.</param>
    public TraceHub(long? limit = null, int capacity = DefaultCapacity, long maximumBytes = DefaultMaximumBytes)
    {
        _limit = limit ?? long.MaxValue;
        _maximumBytes = maximumBytes;
        _channel = Channel.CreateBounded<(EventRecord, int)>(
            new BoundedChannelOptions(capacity) { SingleReader = false, SingleWriter = false, FullMode = BoundedChannelFullMode.Wait });
    }

    /// <summary>How long a writer waits for a reader before it begins to drop.</summary>
    public TimeSpan Patience { get; init; } = DefaultPatience;

    /// <summary>Called once, on a thread of the pool, when the limit was reached.</summary>
    public Action? LimitReached { get; set; }

    /// <summary>Events written to it, dropped ones included.</summary>
    public long Seen => Interlocked.Read(ref _seen);

    /// <summary>Events that found no room.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Events whose handling failed.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>Events that were taken out.</summary>
    public long Received => Interlocked.Read(ref _received);

    /// <summary>The first failure in a session's callback; null while there was none.</summary>
    public Exception? FirstFailure => Volatile.Read(ref _firstFailure);

    /// <summary>True once nothing more comes; what is held can still be taken.</summary>
    public bool Completed => _completed;

    /// <summary>Hands an event over, from any thread. Returns false when it was dropped or the hub is closed.</summary>
    /// <param name="record">The event; the hub owns it from now on.</param>
    public bool Write(EventRecord record)
    {
        if (_completed)
        {
            return false;
        }

        long number = Interlocked.Increment(ref _accepted);
        if (number > _limit)
        {
            return false;
        }

        Interlocked.Increment(ref _seen);
        int size = EstimateSize(record);
        bool written = WaitAndWrite(record, size);
        if (!written)
        {
            Interlocked.Increment(ref _dropped);
        }

        if (number == _limit && Interlocked.Exchange(ref _limitReached, 1) == 0)
        {
            Complete();
            if (LimitReached is { } action)
            {
                _ = Task.Run(action);
            }
        }

        return written;
    }

    /// <summary>Counts a failure of a session's callback and keeps the first one.</summary>
    /// <param name="exception">What was thrown.</param>
    public void CountFailure(Exception exception)
    {
        Interlocked.Increment(ref _failed);
        Interlocked.CompareExchange(ref _firstFailure, exception, null);
    }

    /// <summary>Nothing more will be written. Harmless when called again.</summary>
    public void Complete()
    {
        _completed = true;
        _channel.Writer.TryComplete();
        lock (_gate)
        {
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Takes the next event if there is one now.</summary>
    /// <param name="record">The event.</param>
    public bool TryRead([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out EventRecord? record)
    {
        if (!_channel.Reader.TryRead(out (EventRecord Record, int Size) item))
        {
            record = null;
            return false;
        }

        Interlocked.Add(ref _bytes, -item.Size);
        Interlocked.Increment(ref _received);
        _stalled = false;
        if (_waiting > 0)
        {
            lock (_gate)
            {
                Monitor.PulseAll(_gate);
            }
        }

        record = item.Record;
        return true;
    }

    /// <summary>Waits for an event. Returns false when none will come any more.</summary>
    /// <param name="cancellation">Ends the wait with an exception.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public bool WaitToRead(CancellationToken cancellation)
    {
        ValueTask<bool> wait = _channel.Reader.WaitToReadAsync(cancellation);
        return wait.IsCompleted ? wait.Result : wait.AsTask().GetAwaiter().GetResult();
    }

    private static int EstimateSize(EventRecord record)
    {
        long size = 200 + record.RawData.Length + ((record.Stack?.Count ?? 0) * 8L);
        IReadOnlyList<EventField> fields = record.Fields;
        for (int i = 0; i < fields.Count; i++)
        {
            size += 40 + (fields[i].Value switch
            {
                string text => text.Length * 2L,
                byte[] bytes => bytes.Length,
                Array array => array.Length * 32L,
                _ => 0L,
            });
        }

        return (int)Math.Min(size, int.MaxValue);
    }

    private bool WaitAndWrite(EventRecord record, int size)
    {
        // One writer at a time: two could otherwise pass the byte limit together. Those that wait let go of the gate, so there may be several.
        lock (_gate)
        {
            if (TryWrite(record, size))
            {
                return true;
            }

            // Who found no reader for the whole time does not ask again until somebody reads.
            if (_stalled)
            {
                return false;
            }

            Stopwatch clock = Stopwatch.StartNew();
            _waiting++;
            try
            {
                // Once more: the reader may have looked at the flag just before it was set.
                while (!TryWrite(record, size))
                {
                    TimeSpan left = Patience - clock.Elapsed;
                    if (_completed || left <= TimeSpan.Zero)
                    {
                        _stalled = true;
                        return false;
                    }

                    Monitor.Wait(_gate, left);
                }

                return true;
            }
            finally
            {
                _waiting--;
            }
        }
    }

    private bool TryWrite(EventRecord record, int size)
    {
        long held = Interlocked.Read(ref _bytes);
        if (held > 0 && held + size > _maximumBytes)
        {
            return false;
        }

        // Counted before it is visible, or the reader could take it off first.
        Interlocked.Add(ref _bytes, size);
        if (_channel.Writer.TryWrite((record, size)))
        {
            return true;
        }

        Interlocked.Add(ref _bytes, -size);
        return false;
    }
}
