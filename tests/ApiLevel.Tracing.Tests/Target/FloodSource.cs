using System.Diagnostics.Tracing;

namespace ApiLevel.Tracing.Target;

/// <summary>Writes many events.</summary>
[EventSource(Name = "ApiLevel-Test-Flood")]
internal sealed class FloodSource : EventSource
{
    public static readonly FloodSource Log = new();

    private FloodSource()
    {
    }

    /// <summary>One of many.</summary>
    [Event(7, Level = EventLevel.Informational)]
    public void Drop(int number, string text) => WriteEvent(7, number, text);
}
