namespace ApiLevel.Formats.EventTrace;

/// <summary>The clock of a recording.</summary>
internal enum EventTraceClock
{
    /// <summary>The performance counter: QueryPerformanceCounter.</summary>
    Performance = 1,

    /// <summary>The system time, as FILETIME.</summary>
    System = 2,

    /// <summary>The processor's cycle counter.</summary>
    Cycle = 3,
}
