using System;
using System.Collections.Generic;
using System.Threading;

namespace ApiLevel.Formats.Configuration;

/// <summary>Lines of a path and a security descriptor as SDDL: Path,Sddl or Kind,Path,Sddl with or without quotes, or the SDDL alone.</summary>
internal static class SecuredObjectReader
{
    private static readonly string[] s_starts = ["O:", "G:", "D:", "S:"];

    public static bool IsHead(string line) => line.IndexOf("Sddl", StringComparison.OrdinalIgnoreCase) is >= 0 and < 64 && line.Length < 128 &&
        line.IndexOf("Path", StringComparison.OrdinalIgnoreCase) >= 0;

    public static bool IsRow(string line) => line.Length < 65536 && FindDescriptor(line) >= 0;

    public static void Read(string text, ConfigurationFile file, CancellationToken cancellation)
    {
        var objects = new List<SecuredObject>();
        foreach ((int number, string line) in ConfigurationText.Lines(text))
        {
            cancellation.ThrowIfCancellationRequested();
            if (line.Trim().Length == 0 || line.StartsWith("#", StringComparison.Ordinal) || IsHead(line))
            {
                continue;
            }

            int at = line.Length < 65536 ? FindDescriptor(line) : -1;
            if (at < 0)
            {
                file.ProblemList.Add($"line {number}", "no security descriptor; the line is left out");
                continue;
            }

            string sddl = line.Substring(at).Trim().Trim('"');
            if (!SecurityDescriptorText.TryReadAudit(sddl, out _, out string problem))
            {
                file.ProblemList.Add($"line {number}", problem);
                continue;
            }

            List<string> cells = AuditPolicyReader.Split(line.Substring(0, at).Trim().TrimEnd('"', ',', ';', '\t'));
            string path = cells[cells.Count - 1];
            SecuredObjectKind kind = cells.Count > 1 && Enum.TryParse(cells[0], ignoreCase: true, out SecuredObjectKind told) ? told : KindOf(path);
            objects.Add(new SecuredObject(kind, path, sddl, new ConfigurationOrigin(file.Name, number)));
        }

        file.SecuredObjects = objects;
    }

    private static SecuredObjectKind KindOf(string path) =>
        path.StartsWith("HK", StringComparison.OrdinalIgnoreCase) || path.StartsWith("MACHINE\\", StringComparison.OrdinalIgnoreCase) ||
        path.IndexOf("Registry::", StringComparison.OrdinalIgnoreCase) >= 0 ? SecuredObjectKind.Key
        : path.StartsWith("\\\\", StringComparison.Ordinal) || (path.Length > 2 && path[1] == ':') || path.IndexOf("FileSystem::", StringComparison.OrdinalIgnoreCase) >= 0
            ? SecuredObjectKind.File
        : path.EndsWith(".exe", StringComparison.OrdinalIgnoreCase) ? SecuredObjectKind.Kernel
        : SecuredObjectKind.Unknown;

    // The first part of a descriptor that stands at the start of a cell and after which another part or a list follows.
    private static int FindDescriptor(string line)
    {
        for (int i = 0; i + 2 < line.Length; i++)
        {
            if (i > 0 && line[i - 1] is not (',' or '"' or ' ' or '\t' or ';'))
            {
                continue;
            }

            foreach (string start in s_starts)
            {
                if (string.CompareOrdinal(line, i, start, 0, 2) == 0 && !IsDrive(line, i) && SecurityDescriptorText.LooksLike(line, i))
                {
                    return i;
                }
            }
        }

        return -1;
    }

    private static bool IsDrive(string line, int at) => line[at + 2] is '\\' or '/';
}
