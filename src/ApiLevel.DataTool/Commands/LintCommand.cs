using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using ApiLevel.DataTool.Facts;
using ApiLevel.DataTool.Lints;

namespace ApiLevel.DataTool.Commands;

/// <summary><c>lint</c>: reads the facts and tells what is wrong.</summary>
internal static class LintCommand
{
    public static int Run(Arguments line, TextWriter output, TextWriter error)
    {
        FactFolder folder = FactFolder.Read(line.DataFolder());
        if (!Passes(folder, error))
        {
            return 1;
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{folder.Files.Count} files, {AllLints.Lints.Length} lints: {folder.Facts.Mappings.Count} mappings, no error"));
        return 0;
    }

    /// <summary>Lints and prints; false when there is an error.</summary>
    public static bool Passes(FactFolder folder, TextWriter error)
    {
        List<Finding> findings = AllLints.Run(folder);
        foreach (Finding finding in findings)
        {
            error.WriteLine(finding);
        }

        return findings.All(static finding => finding.Level != FindingLevel.Error);
    }
}
