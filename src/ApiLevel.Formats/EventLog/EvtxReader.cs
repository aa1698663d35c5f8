using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.IO;

namespace ApiLevel.Formats.EventLog;

/// <summary>
/// Reads a Windows event log chunk by chunk, in the order of the file. All chunks up to the file's end are read, whatever number
/// the header has: it is stale in a log that was copied while it was in use. What lies behind a chunk's free-space offset is slack
/// and read only where <see cref="EventReadOptions.Recover"/> asks for it.
/// </summary>
public sealed class EvtxReader : EventFileReader
{
    internal const int FileHeaderSize = 128;
    internal const int HeaderBlock = 4096;

    private const int FlagNoChecksums = 4;

    private readonly ByteSource _source;
    private readonly bool _ownsSource;
    private readonly EventReadOptions _options;
    private readonly ProblemList _problems = new();
    private readonly BinXmlTemplates? _templates;
    private readonly List<EvtxTable> _tables = [];
    private readonly List<long> _headless = [];
    private readonly EvtxReadAhead _chunks;
    private readonly bool _unchecked;
    private readonly long _countedEnd;
    private readonly long _origin;
    private EvtxChunkReader? _chunk;
    private EvtxRecovery? _recovery;
    private readonly ulong _nextId;
    private bool _sawRecord;
    private bool _hasCurrent;
    private bool _ended;

    /// <param name="source">The log.</param>
    /// <param name="ownsSource">Whether to close it at the end.</param>
    /// <param name="header">The file's first bytes; empty where the file has lost its beginning.</param>
    /// <param name="origin">Where the first chunk is expected.</param>
    /// <param name="options">What to read.</param>
    internal EvtxReader(ByteSource source, bool ownsSource, ReadOnlySpan<byte> header, long origin, EventReadOptions options)
    {
        _source = source;
        _ownsSource = ownsSource;
        _options = options;
        _origin = origin;
        _templates = options.Recover ? new BinXmlTemplates() : null;
        if (header.Length < FileHeaderSize)
        {
            _problems.Add("file header", header.IsEmpty ? "it is missing" : "the file ends inside it");
        }
        else
        {
            _unchecked = (BinaryPrimitives.ReadUInt32LittleEndian(header.Slice(120)) & FlagNoChecksums) != 0;
            _countedEnd = HeaderBlock + ((long)EvtxChunkReader.ChunkSize * BinaryPrimitives.ReadUInt16LittleEndian(header.Slice(42)));
            _nextId = BinaryPrimitives.ReadUInt64LittleEndian(header.Slice(24));
            CheckHeader(header);
        }

        _chunks = new EvtxReadAhead(source, origin, _unchecked, options, _templates);
    }

    /// <inheritdoc/>
    public override long Length => _source.Length;

    /// <inheritdoc/>
    public override long Position => Math.Min(
        _recovery is not null ? _source.Length : _chunk is { } chunk ? chunk.Position + chunk.Next : _chunks.Position,
        _source.Length);

    /// <inheritdoc/>
    public override IReadOnlyList<Problem> Problems => _problems;

    /// <inheritdoc/>
    public override long EventsLost => 0;

    /// <inheritdoc/>
    public override bool Complete => _ended && _problems.Count == 0;

    internal static bool HasMagic(ReadOnlySpan<byte> bytes) => bytes.StartsWith("ElfFile\0"u8);

    /// <inheritdoc/>
    public override bool TryRead([NotNullWhen(true)] out EventRecord? record)
    {
        _hasCurrent = false;
        while (!_ended)
        {
            _options.Cancellation.ThrowIfCancellationRequested();
            if (_recovery is not null)
            {
                if (!_recovery.TryRead(out record))
                {
                    break;
                }

                _hasCurrent = true;
                return true;
            }

            if (_chunk is null)
            {
                if (!TryNextChunk())
                {
                    CheckRecords();
                    if (!TryBeginRecovery())
                    {
                        break;
                    }
                }
            }
            else if (_chunk.TryRead(out record))
            {
                _hasCurrent = true;
                return true;
            }
            else
            {
                EndChunk();
            }
        }

        _ended = true;
        record = null;
        return false;
    }

    /// <summary>
    /// The XML of the record that <see cref="TryRead"/> returned last: what Windows shows under Details, without the rendered message.
    /// Values have the usual forms (hexadecimal types with 0x, times in UTC with seven digits); characters that XML cannot hold are U+FFFD.
    /// </summary>
    /// <exception cref="InvalidOperationException">No record was returned, or the end was reached.</exception>
    public string GetXml() =>
        !_hasCurrent ? throw new InvalidOperationException("There is no current record.") : _recovery?.GetXml() ?? _chunk!.GetXml();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _ended = true;
        _hasCurrent = false;
        if (!disposing)
        {
            return;
        }

        _chunk?.Dispose();
        _chunk = null;
        _chunks.Dispose();
        _recovery?.Dispose();
        if (_ownsSource)
        {
            _source.Dispose();
        }
    }

    private void CheckHeader(ReadOnlySpan<byte> header)
    {
        if (BinaryPrimitives.ReadUInt16LittleEndian(header.Slice(40)) != HeaderBlock)
        {
            _problems.Add("file header", "its size field has a value that no log has; 4096 bytes are assumed");
        }

        if (BinaryPrimitives.ReadUInt16LittleEndian(header.Slice(38)) != 3)
        {
            _problems.Add("file header", "an unknown version of the format");
        }

        if (!_unchecked && Crc32.Append(0, header.Slice(0, 120)) != BinaryPrimitives.ReadUInt32LittleEndian(header.Slice(124)))
        {
            _problems.Add("file header", "its checksum is wrong");
        }
    }

    /// <summary>Goes to the next chunk, or past a block that is none. False at the end of the file.</summary>
    private bool TryNextChunk()
    {
        EvtxChunkReader chunk;
        try
        {
            if (!_chunks.TryNext(_problems, out chunk!))
            {
                return false;
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Report(_chunks.Position, exception.Message);
            return false;
        }

        if (!chunk.HasHeader)
        {
            // Windows reserves space ahead, which may still hold older content. It is damage only where a chunk must be: inside of the
            // header's count, or before another valid chunk.
            if (!IsZero(chunk.Bytes))
            {
                if (chunk.Position < _countedEnd)
                {
                    ReportHeadless(chunk.Position);
                }
                else if (_headless.Count < ProblemList.Maximum)
                {
                    _headless.Add(chunk.Position);
                }
            }

            _chunks.Return(chunk);
            return true;
        }

        foreach (long headless in _headless)
        {
            ReportHeadless(headless);
        }

        _headless.Clear();
        if (chunk.Problems != _problems)
        {
            _problems.AddAll(chunk.Problems);
        }

        _chunks.Begin(chunk);
        _chunk = chunk;
        return true;
    }

    // A log that was wiped: its header remembers what its chunks no longer have.
    private void CheckRecords()
    {
        if (!_sawRecord && _nextId > 1)
        {
            _problems.Add("file header", string.Format(CultureInfo.InvariantCulture, "it counts records up to number {0}, none is in the file", _nextId - 1));
        }
    }

    private void EndChunk()
    {
        _sawRecord |= _chunk!.FirstId <= _chunk.LastId;
        if (_options.Recover)
        {
            _tables.Add(new EvtxTable(_chunk.Position, _chunk.FirstId, _chunk.LastId));
        }

        _chunks.Return(_chunk);
        _chunk = null;
    }

    private bool TryBeginRecovery()
    {
        if (!_options.Recover)
        {
            return false;
        }

        _recovery = new EvtxRecovery(_source, _origin, _tables, _unchecked, _options, _templates!, _problems);
        return true;
    }

    private void ReportHeadless(long position) => Report(position, "it does not begin with a chunk header; it was skipped");

    private static bool IsZero(ReadOnlySpan<byte> bytes)
    {
        foreach (byte b in bytes)
        {
            if (b != 0)
            {
                return false;
            }
        }

        return true;
    }

    private void Report(long position, string problem) =>
        _problems.Add(string.Format(CultureInfo.InvariantCulture, "chunk at offset {0}", position), problem);
}
