using System.Globalization;

namespace ApiLevel.Facts;

/// <summary>"Sysmon 10", an event in lists.</summary>
public static class EventLabel
{
    /// <summary>The label of an event.</summary>
    /// <param name="source">The source's short name.</param>
    /// <param name="eventId">The event id.</param>
    public static string Of(string source, int eventId) => source + " " + eventId.ToString(CultureInfo.InvariantCulture);
}
