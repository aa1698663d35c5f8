using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.IO;

namespace ApiLevel.Formats.JsonEvents;

/// <summary>
/// Reads events that tools have exported as JSON, one record in memory at a time. Which tool it was is told from the names of the
/// properties, record by record. An object that is no event is a problem with its line; the rest goes on.
/// </summary>
/// <remarks>Times without a zone are taken as UTC. Values keep the types that the JSON has; texts are not guessed at.</remarks>
public sealed class JsonEventReader : EventFileReader
{
    private readonly ByteSource _source;
    private readonly bool _ownsSource;
    private readonly EventReadOptions _options;
    private readonly JsonRecordSplitter _splitter;
    private readonly JsonEventMapper _mapper;
    private readonly ProblemList _problems = new();
    private bool _ended;

    internal JsonEventReader(ByteSource source, bool ownsSource, EventReadOptions options)
    {
        _source = source;
        _ownsSource = ownsSource;
        _options = options;
        _mapper = new JsonEventMapper(new TextPool(), options.Schemas);
        _splitter = new JsonRecordSplitter(source, options.Cancellation);
    }

    /// <inheritdoc/>
    public override long Length => _source.Length;

    /// <inheritdoc/>
    public override long Position => _splitter.Position;

    /// <inheritdoc/>
    public override IReadOnlyList<Problem> Problems => _problems;

    /// <inheritdoc/>
    public override long EventsLost => 0;

    /// <inheritdoc/>
    public override bool Complete => _ended && _problems.Count == 0;

    /// <inheritdoc/>
    public override bool TryRead([NotNullWhen(true)] out EventRecord? record)
    {
        while (!_ended)
        {
            _options.Cancellation.ThrowIfCancellationRequested();
            ReadOnlyMemory<byte> json;
            string? fault;
            try
            {
                if (!_splitter.TryNext(out json, out fault))
                {
                    break;
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                Report(exception.Message);
                break;
            }

            record = new EventRecord();
            fault ??= _mapper.TryHeader(json, record);
            if (fault is not null)
            {
                Report(fault);
                continue;
            }

            if (_options.HeaderFilter is { } filter && !filter(record))
            {
                continue;
            }

            _mapper.Payload(record);
            if (_options.KeepRawData)
            {
                record.RawData = json.ToArray();
            }

            return true;
        }

        _ended = true;
        record = null;
        return false;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (!disposing)
        {
            return;
        }

        _ended = true;
        _splitter.Dispose();
        if (_ownsSource)
        {
            _source.Dispose();
        }
    }

    private void Report(string what) => _problems.Add("line " + _splitter.Line.ToString(CultureInfo.InvariantCulture), what);
}
