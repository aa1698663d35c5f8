using System.Collections.Generic;
using System.Linq;

namespace ApiLevel.Facts;

/// <summary>The easiest way in which an event reaches a reader, easiest first.</summary>
public enum DeliveryKind
{
    /// <summary>It lies in an event log channel.</summary>
    Channel,

    /// <summary>A real-time ETW session receives it.</summary>
    Session,

    /// <summary>Only a protected antimalware process receives it.</summary>
    Protected,
}

/// <summary>How an event reaches a reader.</summary>
public sealed class Delivery
{
    private Delivery(DeliveryKind kind, IReadOnlyList<string> channels, string log, bool bySession, bool systemOnly)
    {
        Kind = kind;
        Channels = channels;
        Log = log;
        BySession = bySession;
        SystemOnly = systemOnly;
    }

    /// <summary>The easiest way.</summary>
    public DeliveryKind Kind { get; }

    /// <summary>The channels it is written to; empty where none is known to hold it.</summary>
    public IReadOnlyList<string> Channels { get; }

    /// <summary>The event log to look into: the event's own channel, else one of its source; empty where there is none.</summary>
    public string Log { get; }

    /// <summary>True where a real-time session of any controller receives it.</summary>
    public bool BySession { get; }

    /// <summary>True where live it goes to the session EventLog-Security alone, which only SYSTEM may read.</summary>
    public bool SystemOnly { get; }

    /// <summary>True where only a protected antimalware process receives it.</summary>
    public bool IsProtected => Kind == DeliveryKind.Protected;

    /// <summary>Works out how an event reaches a reader.</summary>
    /// <param name="source">The event's source.</param>
    /// <param name="e">The event; may be unknown.</param>
    internal static Delivery Of(SourceEntry source, EventEntry e)
    {
        string[] ways = ListText.Split(source.Fact.Delivery);
        string[] ofSource = ListText.Split(source.Fact.Channel);
        IReadOnlyList<Requirement> requirements = e.IsKnown ? e.Requirements : [];
        IReadOnlyList<string> channels = e.IsKnown ? e.Channels : [];
        string log = channels.Count > 0 ? channels[0] : ofSource.FirstOrDefault() ?? "";
        if (channels.Count == 0 && !requirements.Any(requirement => requirement.Kind == RequirementKind.Session))
        {
            channels = ofSource;
        }

        DeliveryKind kind = ways.Contains("ppl") || requirements.Any(requirement => requirement.IsProtectedConsumer)
            ? DeliveryKind.Protected
            : channels.Count > 0 ? DeliveryKind.Channel : DeliveryKind.Session;
        return new Delivery(kind, channels, log, ways.Contains("session"), ways.Contains("system"));
    }

    /// <summary>Gives the words for people: <c>channel NAME</c>, <c>ETW session</c>, <c>PPL antimalware consumer</c>.</summary>
    public override string ToString() => Kind switch
    {
        DeliveryKind.Protected => "PPL antimalware consumer",
        DeliveryKind.Channel => "channel " + string.Join(", ", Channels),
        _ => "ETW session",
    };
}
