using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using ApiLevel.Readiness.Sysmon;

namespace ApiLevel.Core.Tests.Readiness;

/// <summary>The schema from the catalogue's own tables, as they lie in the repository. No cell of them is quoted.</summary>
internal static class SysmonTables
{
    public static SysmonSchema Load()
    {
        string folder = Path.Combine(Root(), "src", "ApiLevel.Data", "catalogue");
        return new SysmonSchema(
            Rows(Path.Combine(folder, "sysmon-schema.csv")).Select(static cell => new SysmonSchemaRow(
                cell[0], Number(cell[1]), cell[2], cell[3], Number(cell[4]), cell[5], cell[6])),
            Rows(Path.Combine(folder, "sysmon-options.csv")).Select(static cell => new SysmonOptionRow(cell[0], cell[1], cell[2])));
    }

    private static IEnumerable<string[]> Rows(string path) => File.ReadLines(path).Skip(1).Select(static line => line.Split(','));

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static string Root()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "ApiLevel.sln")))
            {
                return at.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No ApiLevel.sln above {AppContext.BaseDirectory}.");
    }
}
