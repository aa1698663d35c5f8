namespace ApiLevel.Formats;

/// <summary>What opening a file of recorded events gave: a reader, or the reason why there is none.</summary>
/// <param name="Reader">Reads the file; the caller disposes it. Null when the file could not be opened.</param>
/// <param name="Failure">Why there is no reader; null when there is one.</param>
public readonly record struct EventFileResult(EventFileReader? Reader, ReadFailure? Failure);
