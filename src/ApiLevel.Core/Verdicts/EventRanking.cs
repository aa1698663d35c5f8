using System;
using ApiLevel.Chains;
using ApiLevel.Facts;

namespace ApiLevel.Verdicts;

/// <summary>
/// Which of several events of one API serves a defender best: one that lies in an event log before one that needs a session
/// before one that only a protected process gets; then the better supported; then the one that is written more rarely; then the nearer;
/// then by name, so that the order is the same everywhere.
/// </summary>
internal static class EventRanking
{
    public static int Compare(ReachedEvent left, ReachedEvent right)
    {
        int order = left.Mapping.Delivery.Kind.CompareTo(right.Mapping.Delivery.Kind);
        order = order != 0 ? order : right.Evidence.CompareTo(left.Evidence);
        order = order != 0 ? order : left.Relation.CompareTo(right.Relation);
        order = order != 0 ? order : Flood(left.Mapping).CompareTo(Flood(right.Mapping));
        order = order != 0 ? order : left.Path.Count.CompareTo(right.Path.Count);
        order = order != 0 ? order : string.CompareOrdinal(left.Mapping.Source.Name, right.Mapping.Source.Name);
        return order != 0 ? order : left.Mapping.EventId.CompareTo(right.Mapping.EventId);
    }

    /// <summary>Of events that are written: a column nearer to the kernel first, then the better supported, then what is written more rarely, then as the others.</summary>
    public static int CompareRecorded(ReachedEvent left, ReachedEvent right)
    {
        int order = Place(left.Mapping.Event).CompareTo(Place(right.Mapping.Event));
        order = order != 0 ? order : right.Evidence.CompareTo(left.Evidence);
        order = order != 0 ? order : Flood(left.Mapping).CompareTo(Flood(right.Mapping));
        return order != 0 ? order : Compare(left, right);
    }

    private static int Place(EventEntry e)
    {
        int place = e.IsKnown && e.Columns.Count > 0 ? "KUA".IndexOf(e.Columns[0], StringComparison.Ordinal) : -1;
        return place < 0 ? 3 : place;
    }

    /// <summary>How much an event writes at worst; one of which no page says it lies in the middle.</summary>
    private static int Flood(MappingEntry mapping)
    {
        string volume = mapping.Store.VolumeOf(mapping.Source, mapping.EventId);
        return volume.EndsWith("VeryHigh", StringComparison.Ordinal) ? 4
            : volume.EndsWith("High", StringComparison.Ordinal) ? 3
            : volume == "Low" ? 1
            : 2;
    }
}
