using System;
using System.Collections.Generic;

namespace ApiLevel.Formats.EventTrace;

/// <summary>The descriptions of one file's events: those found in the file, those that the caller's source knows. Bounded.</summary>
internal sealed class EtlSchemaCache(IEventSchemaSource? source)
{
    private const int MaximumExternal = 16384;
    private const int MaximumEmbeddedWeight = 32 << 20;
    private const int MaximumManifest = 4 << 20;
    private const int MaximumManifestWork = 64 << 20;
    private const int MaximumOpenManifests = 32;
    private const int ManifestHeader = 8;
    private const byte ManifestMagic = 0x5B;
    private const int TraceLoggingSlots = 256;
    private const int TraceLoggingCached = 2048;

    private readonly Dictionary<SchemaKey, PayloadSchema> _embedded = [];
    private readonly Dictionary<SchemaKey, PayloadSchema?> _external = [];
    private readonly Dictionary<(Guid Provider, int Process), ManifestPieces> _manifests = [];
    private readonly Dictionary<Guid, PayloadSchema> _manifestSchemas = [];
    private readonly TraceLoggingEntry?[] _traceLogging = new TraceLoggingEntry?[TraceLoggingSlots];
    private long _embeddedWeight;
    private long _manifestWork;

    /// <summary>The description for an event with an id; what the file itself says comes first.</summary>
    public PayloadSchema? Find(Guid provider, int id, int version)
    {
        var key = new SchemaKey(provider, id, version, false);
        if (_embedded.TryGetValue(key, out PayloadSchema? found))
        {
            return found;
        }

        if (source is null)
        {
            return null;
        }

        if (!_external.TryGetValue(key, out found))
        {
            if (_external.Count >= MaximumExternal)
            {
                _external.Clear();
            }

            found = source.TryGetSchema(provider, id, version, out string name, out string eventName, out IReadOnlyList<EventFieldSchema> fields)
                ? PayloadSchema.FromFields(name, eventName.Length == 0 ? null : eventName, fields)
                : null;
            _external[key] = found;
        }

        return found;
    }

    /// <summary>The description for a classic event that the file itself carries; null when it has none.</summary>
    public PayloadSchema? FindClassic(Guid provider, int opcode, int version) =>
        _embedded.TryGetValue(new SchemaKey(provider, opcode, version, true), out PayloadSchema? found) ? found : null;

    /// <summary>Keeps a TRACE_EVENT_INFO.</summary>
    public void AddInformation(ReadOnlySpan<byte> payload)
    {
        if (TraceEventInformation.TryParse(payload, out SchemaKey key, out PayloadSchema? schema))
        {
            Add(key, schema!);
        }
    }

    /// <summary>Keeps a piece of an EventSource's manifest; after the last one its events are known.</summary>
    /// <returns>The description of the piece itself; null when it is none.</returns>
    public PayloadSchema? AddManifestPiece(Guid provider, int process, ReadOnlySpan<byte> payload)
    {
        if (payload.Length <= ManifestHeader || payload[3] != ManifestMagic)
        {
            return null;
        }

        int total = EtlBytes.UInt16(payload, 4);
        int number = EtlBytes.UInt16(payload, 6);
        ReadOnlySpan<byte> text = payload.Slice(ManifestHeader);
        (Guid, int) key = (provider, process);
        if (number == 0)
        {
            if (_manifests.Count >= MaximumOpenManifests)
            {
                _manifests.Clear();
            }

            _manifests[key] = new ManifestPieces();
        }

        if (_manifests.TryGetValue(key, out ManifestPieces? pieces)
            && number == pieces.Count && pieces.Length + text.Length <= MaximumManifest)
        {
            pieces.Append(text);
            if (pieces.Count >= total)
            {
                _manifests.Remove(key);
                AddManifest(provider, pieces);
            }
        }
        else
        {
            _manifests.Remove(key);
        }

        _manifestSchemas.TryGetValue(provider, out PayloadSchema? schema);
        return schema ?? EventSourceManifest.Piece("");
    }

    private void AddManifest(Guid provider, ManifestPieces pieces)
    {
        _manifestWork += pieces.Length;
        if (_manifestWork > MaximumManifestWork
            || EventSourceManifest.Parse(provider, pieces.Bytes, pieces.Length, out string name) is not { } events)
        {
            return;
        }

        if (_manifestSchemas.Count < MaximumExternal)
        {
            _manifestSchemas[provider] = EventSourceManifest.Piece(name);
        }

        foreach (KeyValuePair<SchemaKey, PayloadSchema> one in events)
        {
            Add(one.Key, one.Value);
        }
    }

    /// <summary>The description that a TraceLogging event brings; the last ones are kept, because events come in rows.</summary>
    public PayloadSchema TraceLogging(ReadOnlySpan<byte> traits, ReadOnlySpan<byte> metadata)
    {
        if (metadata.Length > TraceLoggingCached)
        {
            return TraceLoggingSchema.Parse(TraceLoggingSchema.ProviderName(traits), metadata);
        }

        uint hash = 2166136261;
        foreach (byte b in metadata)
        {
            hash = (hash ^ b) * 16777619;
        }

        ref TraceLoggingEntry? entry = ref _traceLogging[hash % TraceLoggingSlots];
        if (entry is null || !metadata.SequenceEqual(entry.Metadata) || !traits.SequenceEqual(entry.Traits))
        {
            entry = new TraceLoggingEntry(
                traits.ToArray(), metadata.ToArray(), TraceLoggingSchema.Parse(TraceLoggingSchema.ProviderName(traits), metadata));
        }

        return entry.Schema;
    }

    private void Add(SchemaKey key, PayloadSchema schema)
    {
        if (_embeddedWeight + schema.Weight > MaximumEmbeddedWeight)
        {
            return;
        }

        _embeddedWeight += schema.Weight;
        _embedded[key] = schema;
    }

    private sealed record TraceLoggingEntry(byte[] Traits, byte[] Metadata, PayloadSchema Schema);

    private sealed class ManifestPieces
    {
        public byte[] Bytes { get; private set; } = [];

        public int Length { get; private set; }

        public int Count { get; private set; }

        public void Append(ReadOnlySpan<byte> text)
        {
            if (Length + text.Length > Bytes.Length)
            {
                byte[] larger = Bytes;
                Array.Resize(ref larger, Math.Max(Length + text.Length, Bytes.Length * 2));
                Bytes = larger;
            }

            text.CopyTo(Bytes.AsSpan(Length));
            Length += text.Length;
            Count++;
        }
    }
}
