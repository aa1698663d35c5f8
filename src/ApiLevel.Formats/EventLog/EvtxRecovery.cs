using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.IO;
using static ApiLevel.Formats.EventLog.EvtxChunkReader;

namespace ApiLevel.Formats.EventLog;

/// <summary>A chunk whose records were read by its header.</summary>
/// <param name="Position">Where it begins in the file.</param>
/// <param name="First">The lowest number of a record in it.</param>
/// <param name="Last">The highest one; lower than <paramref name="First"/> when there is no record.</param>
internal readonly record struct EvtxTable(long Position, long First, long Last);

/// <summary>
/// Finds records that no chunk header leads to: in the slack of chunks, in chunks without a header, at the broken ends of a file that was
/// cut. A second pass over the file, in its order; a record that a table has, or that was found before, is not given again.
/// </summary>
internal sealed class EvtxRecovery : IDisposable
{
    // A record takes at least 28 bytes, but what is remembered of them has to end somewhere.
    private const int MaximumFound = 1 << 20;

    // A file that was cut has one chunk header off its place in a block; made-up ones would have the same bytes read again for each.
    private const int MaximumHeaders = 4;

    private readonly ByteSource _source;
    private readonly bool _unchecked;
    private readonly EventReadOptions _options;
    private readonly ProblemList _problems;
    private readonly EvtxTableIndex _tables;
    private readonly EvtxChunkReader _chunk;
    private readonly EvtxChunkReader _other;
    private readonly byte[] _block = new byte[ChunkSize + 8];
    private readonly List<RecordPlace> _inTable = [];
    private readonly List<RecordPlace> _inOther = [];
    private readonly HashSet<(long Id, uint CheckSum)> _found = [];
    private readonly IEnumerator<EventRecord> _records;
    private long _loaded = long.MinValue;
    private long _comparisons; // how many chunks may still be read again to look for a record in them
    private long _otherLoaded = long.MinValue;

    public EvtxRecovery(
        ByteSource source,
        long origin,
        List<EvtxTable> tables,
        bool isUnchecked,
        EventReadOptions options,
        BinXmlTemplates templates,
        ProblemList problems)
    {
        _source = source;
        _unchecked = isUnchecked;
        _options = options;
        _problems = problems;
        _tables = new EvtxTableIndex(tables);
        _chunk = new EvtxChunkReader(options, templates);
        _other = new EvtxChunkReader(options, templates);
        _comparisons = 64 + (4 * (source.Length / ChunkSize));
        _records = Read(origin).GetEnumerator();
    }

    /// <summary>Where the chunks of a file begin that has lost its beginning: the first header, in the first 64 KiB. Null without one.</summary>
    public static long? FindChunk(ByteSource source)
    {
        var head = new byte[ChunkSize + 8];
        int found = head.AsSpan(0, source.Read(0, head)).IndexOf("ElfChnk\0"u8);
        return found < 0 ? null : found;
    }

    public bool TryRead([NotNullWhen(true)] out EventRecord? record)
    {
        record = null;
        try
        {
            if (_records.MoveNext())
            {
                record = _records.Current;
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _problems.Add("recovery", exception.Message);
        }

        return record is not null;
    }

    public string GetXml() => _chunk.GetXml();

    public void Dispose()
    {
        _records.Dispose();
        _chunk.Dispose();
        _other.Dispose();
    }

    private IEnumerable<EventRecord> Read(long origin)
    {
        var pieces = new List<Piece>();
        var places = new List<int>();
        long carried = long.MinValue; // where a chunk begins that reaches into the next block
        long length = _source.Length;
        for (long block = origin % ChunkSize == 0 || origin == EvtxReader.HeaderBlock ? origin : origin - ChunkSize; block < length; block += ChunkSize)
        {
            _options.Cancellation.ThrowIfCancellationRequested();
            FindPieces(Math.Max(block, 0), block + ChunkSize, ref carried, pieces);
            foreach (Piece piece in pieces)
            {
                Load(piece.Base);
                FindPlaces(piece, places);
                int next = 0;
                foreach (int place in places)
                {
                    // Inside of a record that was found, the same bytes are a part of a value.
                    if (place < next)
                    {
                        continue;
                    }

                    if (_chunk.IsExhausted)
                    {
                        _problems.Add(
                            string.Format(CultureInfo.InvariantCulture, "chunk at offset {0}", piece.Base),
                            "its search for deleted records needs more work than a chunk may cost; the rest of it was skipped");
                        break;
                    }

                    int limit = (int)Math.Min(piece.Limit - piece.Base, _chunk.Length);
                    if (TryRecover(place, limit, out int size, out EventRecord? record))
                    {
                        yield return record;
                    }

                    next = place + size;
                }
            }
        }
    }

    /// <summary>Reads a record, and refuses one that is known or not wanted. The size is 0 for a place where there is none.</summary>
    private bool TryRecover(int place, int limit, out int size, [NotNullWhen(true)] out EventRecord? record)
    {
        if (!_chunk.TryRecover(place, limit, out size, out record))
        {
            size = 0;
            return false;
        }

        long id = _chunk.IdAt(place);
        uint checkSum = _chunk.CheckSum(place, size);
        if (!IsNew(id, checkSum) || (_options.HeaderFilter is { } filter && !filter(record)))
        {
            _chunk.Reuse(record);
            record = null;
            return false;
        }

        _chunk.FillRecovered(record);
        return true;
    }

    private bool IsNew(long id, uint checkSum)
    {
        foreach (EvtxTable table in _tables.Find(id))
        {
            if (_otherLoaded != table.Position)
            {
                if (--_comparisons < 0)
                {
                    _problems.Add("recovery", "the numbers of its records overlap too often; deleted ones may be given twice");
                    break;
                }

                _otherLoaded = table.Position;
                LoadTable(_other, table.Position, _inOther);
            }

            foreach (RecordPlace record in _inOther)
            {
                if (record.Id == id && record.CheckSum == checkSum)
                {
                    return false;
                }
            }
        }

        if (_found.Count < MaximumFound)
        {
            return _found.Add((id, checkSum));
        }

        if (!_found.Contains((id, checkSum)))
        {
            _problems.Add("recovery", "more deleted records than are kept apart; some may be given twice");
        }

        return true;
    }

    private void LoadTable(EvtxChunkReader chunk, long position, List<RecordPlace> found)
    {
        chunk.Problems = new ProblemList(); // they were reported when the chunk was read
        chunk.Load(_source, position);
        found.Clear();
        if (chunk.HasHeader)
        {
            chunk.Begin(_unchecked);
            chunk.FindRecords(found);
        }
    }

    private void Load(long position)
    {
        if (_loaded == position)
        {
            return;
        }

        _loaded = position;
        if (_tables.Has(position))
        {
            LoadTable(_chunk, position, _inTable);
        }
        else
        {
            _inTable.Clear();
            _chunk.Load(_source, position);
        }
    }

    /// <summary>Divides a block at the chunk headers in it. Each piece belongs to a chunk that begins there, in a block before, or nowhere.</summary>
    private void FindPieces(long start, long end, ref long carried, List<Piece> pieces)
    {
        pieces.Clear();
        Span<byte> block = _block.AsSpan(0, (int)(end - start) + 7);
        block = block.Slice(0, _source.Read(start, block));
        end = Math.Min(end, start + block.Length);
        long at = start;
        int headers = 0;
        while (at < end)
        {
            int from = (int)(at - start);
            bool isChunk = HasMagic(block.Slice(from));
            int found = headers++ < MaximumHeaders ? block.Slice(from + 1).IndexOf("ElfChnk\0"u8) : -1;
            long next = found < 0 ? end : Math.Min(end, at + 1 + found);
            if (isChunk)
            {
                carried = at;
            }

            if (carried > at - ChunkSize && carried != long.MinValue)
            {
                long reach = Math.Min(next, carried + ChunkSize);
                pieces.Add(new Piece(carried, at, reach, reach == end ? carried + ChunkSize : reach));
                at = reach;
            }
            else
            {
                long position = FindBase(block.Slice(from, (int)(next - at)), at) ?? at;
                pieces.Add(new Piece(position, at, next, next == end ? position + ChunkSize : next));
                at = next;
            }
        }
    }

    /// <summary>
    /// Where the chunk began that a piece is left of: a record with its template's definition in it says how far both are from there. Null
    /// where no record says so.
    /// </summary>
    private static long? FindBase(ReadOnlySpan<byte> piece, long start)
    {
        const int InstanceAt = RecordHeaderSize + BinXmlToken.FragmentHeaderSize;
        const int DefinitionAt = InstanceAt + 10;
        Dictionary<long, int>? votes = null;
        long? best = null;
        for (int at = 0; ; at++)
        {
            int found = piece.Slice(at).IndexOf("**\0\0"u8);
            if (found < 0 || piece.Length - at - found < DefinitionAt + 24)
            {
                return best;
            }

            at += found;
            ReadOnlySpan<byte> record = piece.Slice(at);
            if (record[RecordHeaderSize] == BinXmlToken.FragmentHeader && record[InstanceAt] == BinXmlToken.TemplateInstance
                && record.Slice(InstanceAt + 2, 4).SequenceEqual(record.Slice(DefinitionAt + 4, 4)))
            {
                uint offset = System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(record.Slice(InstanceAt + 6));
                if (offset < ChunkSize)
                {
                    long position = start + at + DefinitionAt - offset;
                    votes ??= [];
                    votes.TryGetValue(position, out int count);
                    votes[position] = count + 1;
                    best = best is null || count + 1 > votes[best.Value] ? position : best;
                }
            }
        }
    }

    /// <summary>The places of a piece where a record's signature stands outside of the records that a table has.</summary>
    private void FindPlaces(in Piece piece, List<int> places)
    {
        places.Clear();
        int at = (int)(piece.Start - piece.Base);
        int end = (int)Math.Min(piece.End - piece.Base, _chunk.Length);
        ReadOnlySpan<byte> bytes = _chunk.Bytes;
        int known = 0;
        while (at >= 0 && at < end)
        {
            int found = bytes.Slice(at, end - at).IndexOf("**\0\0"u8);
            if (found < 0)
            {
                return;
            }

            at += found;
            while (known < _inTable.Count && _inTable[known].Start + _inTable[known].Size <= at)
            {
                known++;
            }

            if (known < _inTable.Count && _inTable[known].Start <= at)
            {
                at = _inTable[known].Start + _inTable[known].Size;
            }
            else
            {
                places.Add(at++);
            }
        }
    }

    /// <param name="Base">Where the chunk begins, or would begin.</param>
    /// <param name="Start">Where the piece begins.</param>
    /// <param name="End">Where it ends.</param>
    /// <param name="Limit">Where the last record that begins in it ends at the latest: it may reach into the next block.</param>
    private readonly record struct Piece(long Base, long Start, long End, long Limit);
}

/// <summary>Finds the chunks that may have a record with a number.</summary>
internal sealed class EvtxTableIndex
{
    private readonly EvtxTable[] _byFirst;
    private readonly long[] _highest; // the highest number up to and with each
    private readonly HashSet<long> _positions = [];

    public EvtxTableIndex(List<EvtxTable> tables)
    {
        _byFirst = tables.ToArray();
        Array.Sort(_byFirst, static (a, b) => a.First != b.First ? a.First.CompareTo(b.First) : a.Position.CompareTo(b.Position));
        _highest = new long[_byFirst.Length];
        long highest = long.MinValue;
        for (int i = 0; i < _byFirst.Length; i++)
        {
            _positions.Add(_byFirst[i].Position);
            _highest[i] = highest = Math.Max(highest, _byFirst[i].Last);
        }
    }

    public bool Has(long position) => _positions.Contains(position);

    public IEnumerable<EvtxTable> Find(long id)
    {
        int low = 0;
        int high = _byFirst.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_byFirst[middle].First <= id)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        for (int i = low - 1; i >= 0 && _highest[i] >= id; i--)
        {
            if (_byFirst[i].Last >= id)
            {
                yield return _byFirst[i];
            }
        }
    }
}
