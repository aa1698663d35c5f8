using System;
using System.Collections.Generic;

namespace ApiLevel.Formats.Configuration;

/// <summary>One entry of a system access control list that asks for audits.</summary>
/// <param name="Outcomes">Which outcomes; never none.</param>
/// <param name="IsInheritOnly">True when it holds for objects below only.</param>
/// <param name="Rights">The rights as they stand: words of SDDL or a number.</param>
/// <param name="Trustee">Who: a SID or the two letters of a well-known one.</param>
public readonly record struct AuditEntry(AuditOutcomes Outcomes, bool IsInheritOnly, string Rights, string Trustee);

/// <summary>Reads the system access control list of a security descriptor in SDDL.</summary>
public static class SecurityDescriptorText
{
    /// <summary>The audit entries of a descriptor. A descriptor without a system list has none, which is an answer.</summary>
    /// <param name="sddl">The descriptor; white space around is ignored.</param>
    /// <param name="entries">The entries that ask for audits, in order.</param>
    /// <param name="problem">What is wrong with it; empty when it could be read.</param>
    public static bool TryReadAudit(string sddl, out IReadOnlyList<AuditEntry> entries, out string problem)
    {
        if (sddl is null)
        {
            throw new ArgumentNullException(nameof(sddl));
        }

        var list = new List<AuditEntry>();
        entries = list;
        problem = "";
        string text = sddl.Trim();
        int at = FindPart(text, 'S');
        if (at < 0)
        {
            if (text.Length == 0 || LooksLike(text, 0))
            {
                return true;
            }

            problem = "no security descriptor";
            return false;
        }

        at += 2;
        while (at < text.Length && text[at] != '(')
        {
            if (text[at] == ':' || char.IsWhiteSpace(text[at]))
            {
                problem = "the system access control list has flags that are none";
                return false;
            }

            // Flags (P, AI, AR), or the next part of the descriptor.
            if (at + 1 < text.Length && text[at + 1] == ':')
            {
                return true;
            }

            at++;
        }

        while (at < text.Length && text[at] == '(')
        {
            int end = FindEnd(text, at);
            if (end < 0)
            {
                problem = "the system access control list is cut off";
                return false;
            }

            if (!ReadEntry(text.Substring(at + 1, end - at - 1), list))
            {
                problem = "an entry of the system access control list has fewer than six parts";
                return false;
            }

            at = end + 1;
        }

        return true;
    }

    /// <summary>Whether a descriptor begins at a place: a part's letter and what may follow it.</summary>
    internal static bool LooksLike(string text, int at)
    {
        if (at + 2 >= text.Length || text[at + 1] != ':')
        {
            return false;
        }

        string rest = text.Substring(at + 2, Math.Min(24, text.Length - at - 2));
        switch (text[at])
        {
            case 'O' or 'G':
                // A SID or two letters, and then another part, an end or a quote.
                return rest.StartsWith("S-1-", StringComparison.Ordinal) ||
                    (rest.Length >= 2 && IsUpper(rest[0]) && IsUpper(rest[1]) && (rest.Length == 2 || rest[2] is 'G' or 'D' or 'S' or '"'));
            case 'D' or 'S':
                int bracket = rest.IndexOf('(');
                string flags = (bracket < 0 ? rest : rest.Substring(0, bracket)).Trim('"', ' ');
                foreach (char c in flags)
                {
                    if (c is not ('P' or 'A' or 'I' or 'R' or 'N' or 'O' or '_' or 'C' or 'E' or 'S' or 'L' or 'T'))
                    {
                        return false;
                    }
                }

                return bracket >= 0 || flags.Length <= 8;
            default:
                return false;
        }
    }

    private static bool IsUpper(char c) => c is >= 'A' and <= 'Z';

    // Outside parentheses: conditions and SIDs inside have letters and colons of their own.
    private static int FindPart(string text, char letter)
    {
        int depth = 0;
        for (int i = 0; i + 1 < text.Length; i++)
        {
            depth += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
            if (depth == 0 && text[i] == letter && text[i + 1] == ':')
            {
                return i;
            }
        }

        return -1;
    }

    // A conditional entry has parentheses and quoted texts inside.
    private static int FindEnd(string text, int at)
    {
        int depth = 0;
        bool quoted = false;
        for (int i = at; i < text.Length; i++)
        {
            quoted ^= text[i] == '"';
            if (!quoted && text[i] == '(')
            {
                depth++;
            }
            else if (!quoted && text[i] == ')' && --depth == 0)
            {
                return i;
            }
        }

        return -1;
    }

    private static bool ReadEntry(string entry, List<AuditEntry> entries)
    {
        string[] parts = entry.Split(';');
        if (parts.Length < 6)
        {
            return false;
        }

        // AU audit, OU object audit, XU conditional audit; the other types of the list (mandatory label, resource attribute) audit nothing.
        if (parts[0].Trim().ToUpperInvariant() is not ("AU" or "OU" or "XU"))
        {
            return true;
        }

        AuditOutcomes outcomes = AuditOutcomes.None;
        bool inheritOnly = false;
        string flags = parts[1].Trim().ToUpperInvariant();
        for (int i = 0; i + 1 < flags.Length; i += 2)
        {
            switch (flags.Substring(i, 2))
            {
                case "SA":
                    outcomes |= AuditOutcomes.Success;
                    break;
                case "FA":
                    outcomes |= AuditOutcomes.Failure;
                    break;
                case "IO":
                    inheritOnly = true;
                    break;
            }
        }

        if (outcomes != AuditOutcomes.None)
        {
            entries.Add(new AuditEntry(outcomes, inheritOnly, parts[2].Trim(), parts[5].Trim()));
        }

        return true;
    }
}
