using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.IO;
using System.IO.Compression;

namespace ApiLevel.Formats.Archives;

/// <summary>
/// Reads the recordings in an archive (.zip) or a compressed file (.gz), one after the other in the archive's order. Nothing is written to
/// the disk. Files that are no recordings are passed over, unless their names say that they should be.
/// </summary>
/// <remarks>
/// A trace (.etl, .nettrace), or any recording with <see cref="EventReadOptions.Recover"/>, is unpacked into memory, of 512 MiB at most. Archives inside of
/// archives are not opened.
/// </remarks>
public sealed class ArchiveReader : EventFileReader
{
    private const int MaximumEntries = 100_000;
    private const int MaximumDirectory = 64 << 20;

    private static readonly string[] s_recordings = [".evtx", ".etl", ".json", ".jsonl", ".ndjson", ".nettrace"];

    private readonly ByteSource _source;
    private readonly ByteSourceStream _stream;
    private readonly NetTraceOpener? _openNetTrace;
    private readonly EventReadOptions _options;
    private readonly ZipArchive? _zip;
    private readonly UnpackLimit _limit;
    private readonly IEnumerator<(string Name, Func<Stream> Open)> _entries;
    private readonly ProblemList _problems = new();
    private EventFileReader? _current;
    private string? _name;
    private long _lost;
    private bool _ended;
    private bool _sawRecording;
    private bool _allComplete = true;

    private ArchiveReader(ByteSource source, string path, bool isZip, EventReadOptions options, NetTraceOpener? openNetTrace)
    {
        _source = source;
        _openNetTrace = openNetTrace;
        _options = options;
        _limit = UnpackLimit.For(source.Length);
        _stream = new ByteSourceStream(source);
        if (isZip)
        {
            _zip = new ZipArchive(_stream, ZipArchiveMode.Read, leaveOpen: true);
            _ = _zip.Entries.Count;
        }

        _entries = (isZip ? Entries(_zip!) : Single(path)).GetEnumerator();
    }

    /// <inheritdoc/>
    public override long Length => _source.Length;

    /// <inheritdoc/>
    public override long Position => _ended ? Length : Math.Min(_stream.Position, Length);

    /// <inheritdoc/>
    public override IReadOnlyList<Problem> Problems => _problems;

    /// <inheritdoc/>
    public override long EventsLost => _lost + (_current?.EventsLost ?? 0);

    /// <inheritdoc/>
    public override bool Complete => _ended && _allComplete && _problems.Count == 0;

    /// <inheritdoc/>
    public override string? Entry => _name;

    /// <inheritdoc/>
    public override bool TryRead([NotNullWhen(true)] out EventRecord? record)
    {
        while (!_ended)
        {
            _options.Cancellation.ThrowIfCancellationRequested();
            if (_current is null)
            {
                if (!TryNextEntry())
                {
                    break;
                }
            }
            else if (_current.TryRead(out record))
            {
                return true;
            }
            else
            {
                EndEntry();
            }
        }

        _ended = true;
        record = null;
        return false;
    }

    internal static bool IsZip(ReadOnlySpan<byte> head) => head.StartsWith("PK\x3\x4"u8) || head.StartsWith("PK\x5\x6"u8);

    internal static bool IsGZip(ReadOnlySpan<byte> head) => head.StartsWith("\u001F"u8) && head.Length > 2 && head[1] == 0x8B && head[2] == 8;

    internal static EventFileResult Open(ByteSource source, string path, EventReadOptions? options, NetTraceOpener? openNetTrace = null)
    {
        ReadFailure failure;
        try
        {
            var head = new byte[4];
            bool isZip = IsZip(head.AsSpan(0, source.Read(0, head)));
            if (!isZip || HasSmallDirectory(source))
            {
                return new EventFileResult(new ArchiveReader(source, path, isZip, options ?? new EventReadOptions(), openNetTrace), null);
            }

            failure = new ReadFailure(ReadFailureKind.WrongFormat, path, "The archive's directory is larger than any real one.");
        }
        catch (InvalidDataException exception)
        {
            failure = new ReadFailure(ReadFailureKind.WrongFormat, path, "The archive is damaged: " + exception.Message, exception);
        }
        catch (Exception exception) when (ReadFailure.FromException(path, exception) is { } known)
        {
            failure = known;
        }

        source.Dispose();
        return new EventFileResult(null, failure);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (!disposing)
        {
            return;
        }

        _ended = true;
        _current?.Dispose();
        _current = null;
        _entries.Dispose();
        _zip?.Dispose();
        _stream.Dispose(); // and the source with it
    }

    // ZipArchive makes an object of each entry, so that the directory's size decides how much memory it takes.
    private static bool HasSmallDirectory(ByteSource source)
    {
        const int EndSize = 22;
        const int MaximumComment = ushort.MaxValue;
        var tail = new byte[Math.Min(source.Length, EndSize + MaximumComment)];
        int at = tail.AsSpan(0, source.Read(source.Length - tail.Length, tail)).LastIndexOf("PK\x5\x6"u8);
        return at < 0 || tail.Length - at < EndSize
            || System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(at + 12)) <= MaximumDirectory;
    }

    private IEnumerable<(string Name, Func<Stream> Open)> Single(string path)
    {
        string name = Path.GetFileName(path);
        yield return (
            name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? name.Substring(0, name.Length - 3) : name,
            () => new GZipStream(_stream, CompressionMode.Decompress, leaveOpen: true));
    }

    private IEnumerable<(string Name, Func<Stream> Open)> Entries(ZipArchive zip)
    {
        int count = 0;
        foreach (ZipArchiveEntry entry in zip.Entries)
        {
            if (count++ == MaximumEntries)
            {
                _problems.Add("archive", "it has more entries than are read");
                yield break;
            }

            // A folder has no name behind its last slash.
            if (entry.Name.Length > 0)
            {
                yield return (entry.FullName, entry.Open);
            }
        }
    }

    private bool TryNextEntry()
    {
        if (!_entries.MoveNext())
        {
            if (!_sawRecording && _problems.Count == 0)
            {
                _problems.Add("archive", "no recording is in it");
            }

            return false;
        }

        _name = _entries.Current.Name;
        StreamByteSource? source = null;
        try
        {
            source = new StreamByteSource(_entries.Current.Open(), _limit, _options.Cancellation);
            EventFileResult result = EventFiles.OpenForward(source, _name, _options, _openNetTrace);
            if (result.Reader is { } reader)
            {
                _current = reader;
                _sawRecording = true;
                return true;
            }

            // What is no recording and does not claim to be one is somebody else's file.
            if (result.Failure!.Kind != ReadFailureKind.WrongFormat || _zip is null || IsRecordingName(_name))
            {
                _problems.Add(_name, result.Failure.Message);
            }
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException or NotSupportedException)
        {
            source?.Dispose();
            _problems.Add(_name, exception.Message);
        }

        return true;
    }

    private void EndEntry()
    {
        foreach (Problem problem in _current!.Problems)
        {
            _problems.Add(_name + ": " + problem.Where, problem.What);
        }

        _lost += _current.EventsLost;
        _allComplete &= _current.Complete;
        _current.Dispose();
        _current = null;
    }

    private static bool IsRecordingName(string name)
    {
        foreach (string extension in s_recordings)
        {
            if (name.EndsWith(extension, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
