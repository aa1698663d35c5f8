namespace ApiLevel.Formats;

/// <summary>Something in an input that could not be read as the format says; what could be read is still returned.</summary>
/// <param name="Where">The table, record or chunk, as the format's documentation calls it. Never null or empty.</param>
/// <param name="What">What is wrong with it and, where it matters, what was lost. Never null or empty.</param>
public readonly record struct Problem(string Where, string What)
{
    /// <summary>Gives "where: what".</summary>
    public override string ToString() => Where + ": " + What;
}
