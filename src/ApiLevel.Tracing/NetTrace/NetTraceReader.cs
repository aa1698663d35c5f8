using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.IO;
using System.Threading;
using System.Threading.Channels;
using ApiLevel.Formats;
using ApiLevel.Tracing.EventPipe;
using Microsoft.Diagnostics.Tracing;

namespace ApiLevel.Tracing.NetTrace;

/// <summary>
/// Reads a .nettrace file. TraceEvent pushes its events, so it runs on a thread of its own that waits for whoever takes them. The
/// file is read twice: the paths of modules stand at its end, after the events that need them.
/// </summary>
internal sealed class NetTraceReader : EventFileReader
{
    private const int BatchSize = 128;
    private const int BatchesHeld = 16;

    private readonly EventReadOptions _options;
    private readonly Stream _file;
    private readonly long _validLength;
    private readonly List<Patch> _patches;
    private readonly List<Problem> _problems = [];
    private readonly InteropTracker _tracker = new([]);
    private readonly CancellationTokenSource _cancellation;
    private readonly Channel<List<EventRecord>> _channel =
        Channel.CreateBounded<List<EventRecord>>(new BoundedChannelOptions(BatchesHeld) { SingleReader = true, SingleWriter = true });

    private readonly Thread _thread;
    private List<EventRecord> _current = [];
    private int _next;
    private long _position;
    private long _lost;
    private bool _ended;
    private bool _started;

    private NetTraceReader(Stream file, long validLength, List<Patch> patches, bool hasEnd, EventReadOptions options)
    {
        _file = file;
        _validLength = validLength;
        _patches = patches;
        _options = options;
        _cancellation = CancellationTokenSource.CreateLinkedTokenSource(options.Cancellation);
        _thread = new Thread(ReadFile) { IsBackground = true, Name = "ApiLevel nettrace" };
        if (patches.Count > 0)
        {
            _problems.Add(new Problem(
                "metadata at " + Hexadecimal(patches[0].Offset),
                "The fields of " + patches.Count.ToString(System.Globalization.CultureInfo.InvariantCulture)
                    + " kinds of events are not described as the format says; their payloads come undecoded."));
        }

        if (!hasEnd)
        {
            _problems.Add(new Problem(
                "block at " + Hexadecimal(validLength),
                validLength == file.Length
                    ? "The file stops here, without an end mark."
                    : "The file is damaged here; "
                        + (file.Length - validLength).ToString(System.Globalization.CultureInfo.InvariantCulture) + " bytes were not read."));
        }
    }

    /// <inheritdoc/>
    public override long Length => _file.Length;

    /// <inheritdoc/>
    public override long Position => Interlocked.Read(ref _position);

    /// <inheritdoc/>
    public override IReadOnlyList<Problem> Problems
    {
        get
        {
            lock (_problems)
            {
                return _problems.ToArray();
            }
        }
    }

    /// <inheritdoc/>
    public override long EventsLost => Interlocked.Read(ref _lost);

    /// <inheritdoc/>
    public override bool Complete => _ended && EventsLost == 0 && Problems.Count == 0;

    /// <summary>Opens a file.</summary>
    public static EventFileResult Open(ByteSource source, string path, EventReadOptions options)
    {
        Stream file = new BufferedStream(new ByteSourceStream(source), 1 << 16);
        ReadFailure? failure;
        try
        {
            if (file.Length == 0)
            {
                failure = new ReadFailure(ReadFailureKind.FileEmpty, path, "The file is empty.");
            }
            else if (NetTraceFraming.Walk(file, out long validLength, out List<Patch> patches) is var outcome && outcome == NetTraceFraming.Outcome.WrongFormat)
            {
                failure = new ReadFailure(ReadFailureKind.WrongFormat, path, "The file is no .nettrace file.");
            }
            else
            {
                return new EventFileResult(new NetTraceReader(file, validLength, patches, outcome == NetTraceFraming.Outcome.Complete, options), null);
            }
        }
        catch (Exception exception) when (ReadFailure.FromException(path, exception) is not null)
        {
            failure = ReadFailure.FromException(path, exception);
        }

        file.Dispose();
        return new EventFileResult(null, failure);
    }

    /// <inheritdoc/>
    public override bool TryRead([NotNullWhen(true)] out EventRecord? record)
    {
        if (!_started)
        {
            _started = true;
            _thread.Start();
        }

        while (_next >= _current.Count)
        {
            _options.Cancellation.ThrowIfCancellationRequested();
            if (_ended)
            {
                record = null;
                return false;
            }

            if (_channel.Reader.TryRead(out List<EventRecord>? batch))
            {
                _current = batch;
                _next = 0;
            }
            else
            {
                System.Threading.Tasks.ValueTask<bool> wait = _channel.Reader.WaitToReadAsync(_cancellation.Token);
                _ended = !(wait.IsCompleted ? wait.Result : wait.AsTask().GetAwaiter().GetResult());
            }
        }

        record = _current[_next++];
        return true;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (!disposing)
        {
            return;
        }

        _cancellation.Cancel();
        if (_started)
        {
            _thread.Join();
        }

        _tracker.Dispose();
        _file.Dispose();
        _cancellation.Dispose();
    }

    private void ReadFile()
    {
        List<EventRecord> output = [];
        try
        {
            _tracker.WaitsForModules = true;
            Run(firstPass: true, data =>
            {
                if (IsModule(data) && ClrEvents.TryReadModule(data.EventData(), out ulong id, out string? path))
                {
                    _tracker.AddModule(id, path, output);
                }
            });
            _tracker.EndOfModules(output);
            List<EventRecord> batch = [];
            Run(firstPass: false, data =>
            {
                Convert(data, output);
                batch.AddRange(output);
                output.Clear();
                if (batch.Count >= BatchSize)
                {
                    Send(batch);
                    batch = [];
                }
            });
            Send(batch);
            Interlocked.Exchange(ref _position, Length);
        }
        catch (OperationCanceledException)
        {
            // Nobody wants the rest.
        }
        finally
        {
            _channel.Writer.TryComplete();
        }
    }

    private static string Hexadecimal(long offset) => "0x" + offset.ToString("X", System.Globalization.CultureInfo.InvariantCulture);

    private static bool IsModule(TraceEvent data) =>
        (data.ProviderGuid == ClrEvents.RuntimeProviderId && (int)data.ID == ClrEvents.ModuleLoad)
        || (data.ProviderGuid == ClrEvents.RundownProviderId
            && (int)data.ID is ClrEvents.RundownModuleStart or ClrEvents.RundownModuleEnd);

    private void Run(bool firstPass, Action<TraceEvent> onEvent)
    {
        _file.Position = 0;
        using PartStream part = new(_file, _validLength, _patches);
        try
        {
            using EventPipeEventSource source = new(part);
            source.Dynamic.All += static _ => { };
            Exception? failure = null;
            source.AllEvents += data =>
            {
                if (failure is not null)
                {
                    return;
                }

                try
                {
                    _cancellation.Token.ThrowIfCancellationRequested();
                    onEvent(data);
                    long half = part.Position / 2;
                    Interlocked.Exchange(ref _position, firstPass ? half : (Length / 2) + half);
                }
                catch (OperationCanceledException exception)
                {
                    failure = exception;
                    source.StopProcessing();
                    part.End();
                }
            };
            source.Process();
            Interlocked.Exchange(ref _lost, source.EventsLost);
            if (failure is not null)
            {
                throw failure;
            }
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // What the checks of the framing let through ends this file, not the process.
            if (!firstPass && _validLength == Length)
            {
                lock (_problems)
                {
                    _problems.Add(new Problem(
                        "block before " + Hexadecimal(part.Position),
                        "It cannot be read: " + exception.Message));
                }
            }
        }
    }

    private void Send(List<EventRecord> batch)
    {
        while (batch.Count > 0 && !_channel.Writer.TryWrite(batch))
        {
            _channel.Writer.WaitToWriteAsync(_cancellation.Token).AsTask().GetAwaiter().GetResult();
        }
    }

    private void Convert(TraceEvent data, List<EventRecord> output)
    {
        EventRecord record = EventConverter.ReadHeader(data);
        if (_options.HeaderFilter is { } filter && !filter(record))
        {
            return;
        }

        record.Stack = EventConverter.ReadStack(data);
        if (_options.KeepRawData)
        {
            record.RawData = data.EventData();
        }

        if (data.ProviderGuid == ClrEvents.RuntimeProviderId)
        {
            byte[] payload = data.EventData();
            switch ((int)data.ID)
            {
                case ClrEvents.StubGenerated when ClrEvents.TryReadStub(payload, out StubGeneratedEvent? stub):
                    _tracker.AddStub(stub, record, output);
                    return;
                case ClrEvents.MethodLoadVerbose when ClrEvents.TryReadMethod(payload, out MethodEvent? method):
                    AddMethod(method, record, output);
                    return;
                case ClrEvents.EntryPointFound when ClrEvents.TryReadEntryPoint(payload, out MethodEvent? method):
                    AddMethod(method, record, output);
                    return;
                case ClrEvents.ModuleLoad when ClrEvents.TryReadModule(payload, out ulong id, out string? path):
                    record.EventName = "Loader/ModuleLoad";
                    record.Fields = [new EventField("ModuleID", id), new EventField("ModuleILPath", path)];
                    record.PayloadState = PayloadState.Partial;
                    record.RawData = payload;
                    output.Add(record);
                    return;
            }
        }

        EventConverter.ReadPayload(data, record, _options.KeepRawData);
        output.Add(record);
    }

    private void AddMethod(MethodEvent method, EventRecord record, List<EventRecord> output)
    {
        record.EventName = record.EventId == ClrEvents.EntryPointFound ? "Method/R2RGetEntryPoint" : "Method/LoadVerbose";
        record.Fields =
        [
            new EventField(InteropTracker.ApiField, method.Type + "::" + method.Method),
            new EventField("Witness", record.EventId == ClrEvents.EntryPointFound ? "EntryPoint" : "Compiled"),
            new EventField("MethodNamespace", method.Type),
            new EventField("MethodName", method.Method),
            new EventField("MethodSignature", method.Signature),
        ];
        record.PayloadState = PayloadState.Decoded;
        output.Add(record);
        _tracker.AddMethod(method, record, output);
    }

    /// <summary>The first bytes of a file, patched, and an end mark where the file has none, so that the library hands out what it holds back.</summary>
    private sealed class PartStream(Stream stream, long count, List<Patch> patches) : Stream
    {
        private static readonly byte[] s_endMark = [1, 0, 0, 0];
        private long _read;
        private bool _ended;
        private int _mark;
        private int _patch;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => Interlocked.Read(ref _read);
            set => throw new NotSupportedException();
        }

        public void End() => _ended = true;

        public override int Read(byte[] buffer, int offset, int wanted)
        {
            if (_ended)
            {
                return 0;
            }

            long start = _read;
            int read = stream.Read(buffer, offset, (int)Math.Min(wanted, count - start));
            Interlocked.Add(ref _read, read);
            Apply(buffer.AsSpan(offset, read), start);
            if (read == 0 && wanted > 0 && _mark < s_endMark.Length)
            {
                buffer[offset] = s_endMark[_mark++];
                return 1;
            }

            return read;
        }

        private void Apply(Span<byte> bytes, long start)
        {
            for (; _patch < patches.Count; _patch++)
            {
                Patch patch = patches[_patch];
                for (int i = 0; i < patch.Bytes.Length; i++)
                {
                    long at = patch.Offset + i - start;
                    if (at >= bytes.Length)
                    {
                        return;
                    }

                    if (at >= 0)
                    {
                        bytes[(int)at] = patch.Bytes[i];
                    }
                }
            }
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int wanted) => throw new NotSupportedException();
    }
}
