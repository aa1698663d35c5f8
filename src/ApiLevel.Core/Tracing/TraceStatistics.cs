namespace ApiLevel.Tracing;

/// <summary>What a session has seen so far.</summary>
/// <param name="Seen">Events that passed the session's filters.</param>
/// <param name="Lost">Events that the system could not hand to the session, as the system counts them.</param>
/// <param name="Dropped">Events that the session had and nobody took in time.</param>
/// <param name="Failed">Events whose handling failed.</param>
public readonly record struct TraceStatistics(long Seen, long Lost, long Dropped, long Failed)
{
    /// <summary>True while nothing was lost, dropped or failed.</summary>
    public bool Complete => Lost == 0 && Dropped == 0 && Failed == 0;
}
