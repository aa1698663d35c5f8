using System;

namespace ApiLevel.Facts;

/// <summary>Lists that stand in one cell, joined with semicolons.</summary>
public static class ListText
{
    /// <summary>The parts without the blanks around them; empty parts are left out.</summary>
    /// <param name="joined">The cell.</param>
    public static string[] Split(string joined)
    {
        if (joined.Length == 0)
        {
            return [];
        }

        string[] parts = joined.Split(';');
        int count = 0;
        foreach (string part in parts)
        {
            string trimmed = part.Trim();
            if (trimmed.Length > 0)
            {
                parts[count++] = trimmed;
            }
        }

        Array.Resize(ref parts, count);
        return parts;
    }

    /// <summary>The parts joined with a bare semicolon.</summary>
    /// <param name="joined">The cell.</param>
    public static string Normalize(string joined) => joined.IndexOf(';') < 0 ? joined.Trim() : string.Join(";", Split(joined));
}
