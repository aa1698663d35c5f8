using System;
using System.Collections;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Threading;

namespace ApiLevel.Formats;

/// <summary>What a reader of recorded events is told.</summary>
public sealed class EventReadOptions
{
    /// <summary>
    /// Decides from a record whose header alone is filled whether its payload is decoded and the record returned. Null returns all.
    /// The reader may use the same record object again for the next header when the answer is false.
    /// </summary>
    public Func<EventRecord, bool>? HeaderFilter { get; init; }

    /// <summary>Keep the payload's bytes also where it was decoded.</summary>
    public bool KeepRawData { get; init; }

    /// <summary>
    /// Also search for records outside of the file's tables: in slack, behind damaged headers, in files that were cut. They come after
    /// all others, have <see cref="EventRecord.Recovered"/> set, and are not repeated where the file has them already. Of .evtx and .etl.
    /// </summary>
    public bool Recover { get; init; }

    /// <summary>
    /// How many threads may decode one file, where its parts are independent (.evtx); the order of the records stays. Above 1 the
    /// <see cref="HeaderFilter"/> is called by several threads at once.
    /// </summary>
    public int Parallelism { get; init; } = 1;

    /// <summary>Describes payloads that carry no description of themselves; null leaves those undecoded.</summary>
    public IEventSchemaSource? Schemas { get; init; }

    /// <summary>Ends the read from outside.</summary>
    public CancellationToken Cancellation { get; init; }
}

/// <summary>One field of an event's payload, as its manifest describes it.</summary>
/// <param name="Name">The field's name.</param>
/// <param name="Type">
/// The in-type with the names of the reference tables: UnicodeString, AnsiString, Int8 to UInt64, HexInt32, HexInt64, Pointer,
/// Boolean, GUID, FILETIME, SYSTEMTIME, SID, Binary, Float, Double, SizeT; empty where unknown.
/// </param>
public readonly record struct EventFieldSchema(string Name, string Type);

/// <summary>Describes the payloads of manifest-based events. This library knows no facts; its caller brings them.</summary>
public interface IEventSchemaSource
{
    /// <summary>Finds a payload's description.</summary>
    /// <param name="providerId">The provider's GUID.</param>
    /// <param name="eventId">The event id.</param>
    /// <param name="version">The event's version; an implementation answers for exactly this one.</param>
    /// <param name="provider">The provider's name.</param>
    /// <param name="eventName">The event's name; empty where unknown.</param>
    /// <param name="fields">The fields in order; empty for an event without payload.</param>
    bool TryGetSchema(
        Guid providerId,
        int eventId,
        int version,
        out string provider,
        out string eventName,
        out IReadOnlyList<EventFieldSchema> fields);
}

/// <summary>
/// A file of recorded events, read forward once. Damage never throws: it is listed in <see cref="Problems"/>, and what can be
/// read goes on. Not safe for several threads.
/// </summary>
public abstract class EventFileReader : IEnumerable<EventRecord>, IDisposable
{
    /// <summary>The file's length in bytes.</summary>
    public abstract long Length { get; }

    /// <summary>How far the file was read, in bytes; for progress.</summary>
    public abstract long Position { get; }

    /// <summary>What could not be read so far, each with its place. Never null. Bounded in number; the last one then says how many more there were.</summary>
    public abstract IReadOnlyList<Problem> Problems { get; }

    /// <summary>Events that the recording itself says were lost; 0 where the format does not count them.</summary>
    public abstract long EventsLost { get; }

    /// <summary>True after the end when nothing was lost and no problem was found.</summary>
    public abstract bool Complete { get; }

    /// <summary>The file inside of an archive that the last record came from; null where the file itself is the recording.</summary>
    public virtual string? Entry => null;

    /// <summary>Reads the next record that passes the filter.</summary>
    /// <param name="record">The record, owned by the caller; null at the end.</param>
    /// <exception cref="OperationCanceledException">The token of the options was cancelled.</exception>
    public abstract bool TryRead([NotNullWhen(true)] out EventRecord? record);

    /// <inheritdoc/>
    public IEnumerator<EventRecord> GetEnumerator()
    {
        while (TryRead(out EventRecord? record))
        {
            yield return record;
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes what is open.</summary>
    /// <param name="disposing">True when called from <see cref="Dispose()"/>.</param>
    protected abstract void Dispose(bool disposing);
}
