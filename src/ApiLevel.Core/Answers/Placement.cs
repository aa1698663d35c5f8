using System.Collections.Generic;
using ApiLevel.Facts;

namespace ApiLevel.Answers;

/// <summary>Where Summiting the Pyramid places an event.</summary>
internal static class Placement
{
    private const string Unplaced = "none";

    /// <summary>The draft's level without the draft's version.</summary>
    public static string Level(EventEntry e) => e.IsKnown ? Values(e.DraftLevels) : Unplaced;

    /// <summary>The published columns, newest first.</summary>
    public static string Column(EventEntry e) => e.IsKnown ? Values(e.Columns) : Unplaced;

    private static string Values(IReadOnlyList<string> placed)
    {
        var values = new List<string>();
        foreach (string item in placed)
        {
            int at = item.IndexOf('@');
            string value = at < 0 ? item : item.Substring(0, at);
            if (!values.Contains(value))
            {
                values.Add(value);
            }
        }

        return values.Count == 0 ? Unplaced : string.Join("; ", values);
    }
}
