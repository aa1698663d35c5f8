namespace ApiLevel.Formats;

/// <summary>What opening a file of recorded events gave: exactly one of the two is not null.</summary>
/// <param name="Reader">The reader, to be disposed by the caller.</param>
/// <param name="Failure">Why there is none.</param>
public readonly record struct EventFileResult(EventFileReader? Reader, ReadFailure? Failure);
