using System;

namespace ApiLevel.Tracing;

/// <summary>
/// Names of sessions. They are fixed and descriptive, without random parts, so that a session left behind by a killed process is
/// found again.
/// </summary>
public static class TraceNames
{
    /// <summary>The name of a session that the user did not name.</summary>
    public const string Default = "ApiLevel";

    /// <summary>Most characters of the part that the user chooses.</summary>
    public const int MaximumLength = 200;

    private const string Prefix = Default + "-";

    /// <summary>The session's name for a user's name: ApiLevel, or ApiLevel-name.</summary>
    /// <param name="name">What the user chose; a full session name is taken as it is; null or empty for the plain one.</param>
    public static string ForSession(string? name)
    {
        if (string.IsNullOrEmpty(name))
        {
            return Default;
        }

        return IsOwn(name!) ? name! : Prefix + name;
    }

    /// <summary>Whether a session of this name is one of ours.</summary>
    /// <param name="sessionName">The session's full name.</param>
    public static bool IsOwn(string sessionName) =>
        string.Equals(sessionName, Default, StringComparison.OrdinalIgnoreCase)
        || (sessionName.Length > Prefix.Length && sessionName.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether a user may choose this name: letters, digits, blanks and <c>. _ -</c>, not too long.</summary>
    /// <param name="name">The candidate.</param>
    public static bool IsValid(string name)
    {
        if (name.Length is 0 or > MaximumLength || char.IsWhiteSpace(name[0]) || char.IsWhiteSpace(name[name.Length - 1]))
        {
            return false;
        }

        foreach (char c in name)
        {
            if (!char.IsLetterOrDigit(c) && c is not (' ' or '.' or '_' or '-'))
            {
                return false;
            }
        }

        return true;
    }
}
