using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using System.Threading;

namespace ApiLevel.Formats.Configuration;

/// <summary>registry.pol of a group policy: "PReg", version 1, then [key;value;type;size;data] in UTF-16.</summary>
internal static class RegistryPolicyReader
{
    private const int Header = 8;

    public static bool HasSignature(ReadOnlySpan<byte> bytes) => bytes.StartsWith("PReg"u8);

    public static void Read(byte[] bytes, ConfigurationFile file, CancellationToken cancellation)
    {
        var entries = new List<RegistryEntry>();
        file.RegistryEntries = entries;
        if (bytes.Length < Header || BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(4)) != 1)
        {
            file.ProblemList.Add("header", "the version is not 1, the only one there is");
            return;
        }

        int at = Header;
        while (at < bytes.Length)
        {
            cancellation.ThrowIfCancellationRequested();
            int start = at;
            if (!TryReadEntry(bytes, ref at, out string key, out string name, out int type, out ReadOnlySpan<byte> data))
            {
                file.ProblemList.Add($"byte 0x{start:x}", "no whole entry; the file is damaged or cut off there, and the rest is not read");
                return;
            }

            Add(entries, key, name, type, data, new ConfigurationOrigin(file.Name, 0, start));
        }
    }

    private static bool TryReadEntry(
        byte[] bytes, ref int at, out string key, out string name, out int type, out ReadOnlySpan<byte> data)
    {
        key = name = "";
        type = 0;
        data = default;
        return TryMark(bytes, ref at, '[')
            && TryText(bytes, ref at, out key) && TryMark(bytes, ref at, ';')
            && TryText(bytes, ref at, out name) && TryMark(bytes, ref at, ';')
            && TryNumber(bytes, ref at, out type) && TryMark(bytes, ref at, ';')
            && TryNumber(bytes, ref at, out int size) && TryMark(bytes, ref at, ';')
            && TryData(bytes, ref at, size, out data) && TryMark(bytes, ref at, ']');
    }

    private static bool TryMark(byte[] bytes, ref int at, char mark)
    {
        if (at > bytes.Length - 2 || BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at)) != mark)
        {
            return false;
        }

        at += 2;
        return true;
    }

    // Ends with a NUL; the page about the format allows a value name without one before its separator.
    private static bool TryText(byte[] bytes, ref int at, out string text)
    {
        for (int i = at; i <= bytes.Length - 2; i += 2)
        {
            ushort unit = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(i));
            if (unit is 0 or ';')
            {
                text = Encoding.Unicode.GetString(bytes, at, i - at);
                at = unit == 0 ? i + 2 : i;
                return true;
            }
        }

        text = "";
        return false;
    }

    private static bool TryNumber(byte[] bytes, ref int at, out int number)
    {
        number = 0;
        if (at > bytes.Length - 4)
        {
            return false;
        }

        number = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at));
        at += 4;
        return true;
    }

    private static bool TryData(byte[] bytes, ref int at, int size, out ReadOnlySpan<byte> data)
    {
        data = default;
        if (size < 0 || size > bytes.Length - at)
        {
            return false;
        }

        data = bytes.AsSpan(at, size);
        at += size;
        return true;
    }

    private static void Add(
        List<RegistryEntry> entries, string key, string name, int type, ReadOnlySpan<byte> data, ConfigurationOrigin origin)
    {
        var valueType = (RegistryValueType)type;
        if (!name.StartsWith("**", StringComparison.Ordinal))
        {
            string text = RegistryData.ToText(valueType, data);
            entries.Add(new RegistryEntry(
                name.Length == 0 && type == 0 && data.IsEmpty ? RegistryAction.Key : RegistryAction.Set, key, name, valueType, text, origin));
        }
        else if (Directive(name, "**del.") is { } deleted)
        {
            entries.Add(new RegistryEntry(RegistryAction.DeleteValue, key, deleted, valueType, "", origin));
        }
        else if (Directive(name, "**soft.") is { } soft)
        {
            // Set only where nothing is set yet.
            entries.Add(new RegistryEntry(RegistryAction.Set, key, soft, valueType, RegistryData.ToText(valueType, data), origin));
        }
        else if (Directive(name, "**delvals") is not null)
        {
            entries.Add(new RegistryEntry(RegistryAction.DeleteValues, key, "", valueType, "", origin));
        }
        else if (Directive(name, "**deletevalues") is not null)
        {
            foreach (string value in RegistryData.ToText(RegistryValueType.Text, data).Split(';'))
            {
                entries.Add(new RegistryEntry(RegistryAction.DeleteValue, key, value.Trim(), valueType, "", origin));
            }
        }
        else if (Directive(name, "**deletekeys") is not null)
        {
            foreach (string child in RegistryData.ToText(RegistryValueType.Text, data).Split(';'))
            {
                entries.Add(new RegistryEntry(RegistryAction.DeleteKey, key + "\\" + child.Trim(), "", valueType, "", origin));
            }
        }
    }

    private static string? Directive(string name, string directive) =>
        name.StartsWith(directive, StringComparison.OrdinalIgnoreCase) ? name.Substring(directive.Length) : null;
}

/// <summary>Registry data as text.</summary>
internal static class RegistryData
{
    public static string ToText(RegistryValueType type, ReadOnlySpan<byte> data) => type switch
    {
        RegistryValueType.Text or RegistryValueType.ExpandText or RegistryValueType.Link => Unicode(data).TrimEnd('\0'),
        RegistryValueType.MultiText => string.Join("\n", Unicode(data).TrimEnd('\0').Split('\0')),
        RegistryValueType.DWord when data.Length >= 4 => BinaryPrimitives.ReadUInt32LittleEndian(data).ToString(CultureInfo.InvariantCulture),
        RegistryValueType.BigEndianDWord when data.Length >= 4 => BinaryPrimitives.ReadUInt32BigEndian(data).ToString(CultureInfo.InvariantCulture),
        RegistryValueType.QWord when data.Length >= 8 => BinaryPrimitives.ReadUInt64LittleEndian(data).ToString(CultureInfo.InvariantCulture),
        _ => EventPayload.ToText(data.ToArray()),
    };

    private static string Unicode(ReadOnlySpan<byte> data) => Encoding.Unicode.GetString(data.Slice(0, data.Length & ~1).ToArray());
}
