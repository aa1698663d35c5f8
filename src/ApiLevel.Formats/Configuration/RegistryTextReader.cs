using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using System.Threading;

namespace ApiLevel.Formats.Configuration;

/// <summary>Text of <c>reg export</c> (.reg, both versions) and of <c>reg query</c>.</summary>
internal static class RegistryTextReader
{
    private static readonly Dictionary<string, string> s_roots = new(StringComparer.OrdinalIgnoreCase)
    {
        ["HKLM"] = "HKEY_LOCAL_MACHINE",
        ["HKCU"] = "HKEY_CURRENT_USER",
        ["HKU"] = "HKEY_USERS",
        ["HKCR"] = "HKEY_CLASSES_ROOT",
        ["HKCC"] = "HKEY_CURRENT_CONFIG",
    };

    private static readonly Dictionary<string, RegistryValueType> s_types = new(StringComparer.OrdinalIgnoreCase)
    {
        ["REG_NONE"] = RegistryValueType.None,
        ["REG_SZ"] = RegistryValueType.Text,
        ["REG_EXPAND_SZ"] = RegistryValueType.ExpandText,
        ["REG_BINARY"] = RegistryValueType.Binary,
        ["REG_DWORD"] = RegistryValueType.DWord,
        ["REG_DWORD_BIG_ENDIAN"] = RegistryValueType.BigEndianDWord,
        ["REG_LINK"] = RegistryValueType.Link,
        ["REG_MULTI_SZ"] = RegistryValueType.MultiText,
        ["REG_QWORD"] = RegistryValueType.QWord,
    };

    public static void Read(string text, ConfigurationFile file, CancellationToken cancellation)
    {
        var entries = new List<RegistryEntry>();
        file.RegistryEntries = entries;
        string? key = null;
        // The first version of the format is ANSI, and so are the bytes of its texts.
        bool isAnsi = text.TrimStart('\uFEFF', ' ', '\r', '\n').StartsWith("REGEDIT4", StringComparison.OrdinalIgnoreCase);
        var joined = new StringBuilder();
        int first = 0;
        foreach ((int number, string raw) in ConfigurationText.Lines(text))
        {
            cancellation.ThrowIfCancellationRequested();
            if (joined.Length == 0)
            {
                first = number;
            }

            // Only bytes go on in the next line; a text that ends with a backslash ends with a quote behind it.
            string part = raw.TrimEnd();
            if (part.EndsWith("\\", StringComparison.Ordinal) && (joined.Length > 0 || part.IndexOf("=hex", StringComparison.OrdinalIgnoreCase) > 0))
            {
                joined.Append(part, 0, part.Length - 1);
                continue;
            }

            joined.Append(joined.Length > 0 ? part.TrimStart() : part);
            string line = joined.ToString();
            joined.Clear();
            ReadLine(line, new ConfigurationOrigin(file.Name, first), isAnsi, file, entries, ref key);
        }

        if (joined.Length > 0)
        {
            file.ProblemList.Add($"line {first}", "the value goes on where the file ends; it is left out");
        }
    }

    private static void ReadLine(
        string line, ConfigurationOrigin origin, bool isAnsi, ConfigurationFile file, List<RegistryEntry> entries, ref string? key)
    {
        string text = line.TrimStart();
        if (text.Length == 0 || text[0] == ';')
        {
            return;
        }

        if (text[0] == '[')
        {
            int end = text.LastIndexOf(']');
            if (end < 0)
            {
                file.ProblemList.Add($"line {origin.Line}", "the key's closing bracket is missing; the file may be cut off there");
                key = null;
                return;
            }

            string path = text.Substring(1, end - 1);
            bool isDeleted = path.StartsWith("-", StringComparison.Ordinal);
            key = Root(isDeleted ? path.Substring(1) : path);
            // An export has brackets; an answer of reg query may be one value.
            file.IsWholeBranch |= !isDeleted && entries.Count == 0;
            entries.Add(new RegistryEntry(isDeleted ? RegistryAction.DeleteKey : RegistryAction.Key, key, "", RegistryValueType.None, "", origin));
        }
        else if (text.StartsWith("HKEY_", StringComparison.OrdinalIgnoreCase) && line[0] is not ' ' and not '\t')
        {
            key = text.TrimEnd();
            entries.Add(new RegistryEntry(RegistryAction.Key, key, "", RegistryValueType.None, "", origin));
        }
        else if (key is null)
        {
            return; // the head
        }
        else if (text[0] is '"' or '@')
        {
            if (!TryReadValue(text, key, isAnsi, origin, out RegistryEntry? entry))
            {
                file.ProblemList.Add($"line {origin.Line}", "no value of a registry file; the file may be damaged or cut off there");
                return;
            }

            entries.Add(entry!);
        }
        else if (line.StartsWith("    ", StringComparison.Ordinal) && TryReadQueried(text, key, origin, out RegistryEntry? queried))
        {
            entries.Add(queried!);
        }
    }

    // "name"=dword:0000000a
    private static bool TryReadValue(string text, string key, bool isAnsi, ConfigurationOrigin origin, out RegistryEntry? entry)
    {
        entry = null;
        string name = "";
        int at = 1;
        if (text[0] == '"' && !TryUnquote(text, ref at, out name))
        {
            return false;
        }

        if (at >= text.Length || text[at] != '=')
        {
            return false;
        }

        string data = text.Substring(at + 1).Trim();
        if (data == "-")
        {
            entry = new RegistryEntry(RegistryAction.DeleteValue, key, name, RegistryValueType.None, "", origin);
            return true;
        }

        if (data.StartsWith("\"", StringComparison.Ordinal))
        {
            int start = 1;
            if (!TryUnquote(data, ref start, out string value))
            {
                return false;
            }

            entry = new RegistryEntry(RegistryAction.Set, key, name, RegistryValueType.Text, value, origin);
            return true;
        }

        int colon = data.IndexOf(':');
        if (colon < 0)
        {
            return false;
        }

        string kind = data.Substring(0, colon).ToUpperInvariant();
        string rest = data.Substring(colon + 1).Trim();
        if (kind == "DWORD")
        {
            if (!uint.TryParse(rest, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint number))
            {
                return false;
            }

            entry = new RegistryEntry(
                RegistryAction.Set, key, name, RegistryValueType.DWord, number.ToString(CultureInfo.InvariantCulture), origin);
            return true;
        }

        int type = (int)RegistryValueType.Binary;
        if (kind.StartsWith("HEX(", StringComparison.Ordinal) && kind.EndsWith(")", StringComparison.Ordinal))
        {
            if (!int.TryParse(kind.Substring(4, kind.Length - 5), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out type))
            {
                return false;
            }
        }
        else if (kind != "HEX")
        {
            return false;
        }

        if (!TryBytes(rest, out byte[] bytes))
        {
            return false;
        }

        if (isAnsi && type is (int)RegistryValueType.ExpandText or (int)RegistryValueType.MultiText && isAnsi)
        {
            bytes = Encoding.Unicode.GetBytes(Encoding.ASCII.GetString(bytes));
        }

        entry = new RegistryEntry(
            RegistryAction.Set, key, name, (RegistryValueType)type, RegistryData.ToText((RegistryValueType)type, bytes), origin);
        return true;
    }

    private static bool TryUnquote(string text, ref int at, out string value)
    {
        var result = new StringBuilder();
        for (; at < text.Length; at++)
        {
            char c = text[at];
            if (c == '\\' && at + 1 < text.Length)
            {
                result.Append(text[++at]);
            }
            else if (c == '"')
            {
                at++;
                value = result.ToString();
                return true;
            }
            else
            {
                result.Append(c);
            }
        }

        value = "";
        return false;
    }

    private static bool TryBytes(string text, out byte[] bytes)
    {
        bytes = [];
        if (text.Length == 0)
        {
            return true;
        }

        string[] parts = text.Split(',');
        var result = new byte[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (!byte.TryParse(parts[i].Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out result[i]))
            {
                return false;
            }
        }

        bytes = result;
        return true;
    }

    // "    EnableScriptBlockLogging    REG_DWORD    0x1" of reg query.
    private static bool TryReadQueried(string text, string key, ConfigurationOrigin origin, out RegistryEntry? entry)
    {
        entry = null;
        int at = text.IndexOf("    REG_", StringComparison.Ordinal);
        if (at < 0)
        {
            return false;
        }

        string rest = text.Substring(at + 4);
        int space = rest.IndexOf(' ');
        string word = space < 0 ? rest : rest.Substring(0, space);
        if (!s_types.TryGetValue(word, out RegistryValueType type))
        {
            return false;
        }

        string name = text.Substring(0, at);
        string data = space < 0 ? "" : rest.Substring(space).Trim();
        if (type is RegistryValueType.DWord or RegistryValueType.QWord)
        {
            if (!TextNumber.TryParse(data, out long number))
            {
                return false;
            }

            data = number.ToString(CultureInfo.InvariantCulture);
        }

        // The default value's name is in the machine's language, in parentheses; nothing here asks for it.
        string actual = name.StartsWith("(", StringComparison.Ordinal) && name.EndsWith(")", StringComparison.Ordinal) ? "" : name;
        entry = new RegistryEntry(RegistryAction.Set, key, actual, type, data.Replace("\\0", "\n"), origin);
        return true;
    }

    private static string Root(string path)
    {
        int slash = path.IndexOf('\\');
        string root = slash < 0 ? path : path.Substring(0, slash);
        return s_roots.TryGetValue(root, out string? whole) ? whole + (slash < 0 ? "" : path.Substring(slash)) : path;
    }
}
