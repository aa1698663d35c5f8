using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using ApiLevel.Formats.Configuration;

namespace ApiLevel.Readiness;

/// <summary>Which outcome of an operation an audit event tells: of 4624 success, of 4625 failure, of 4656 either.</summary>
internal static class AuditOutcomeTable
{
    private static readonly Lazy<Dictionary<(string, int), AuditOutcomes>> s_table = new(Read);

    /// <summary>The outcomes that the event is written for; null where the facts do not say it.</summary>
    public static AuditOutcomes? Find(string source, int eventId) =>
        s_table.Value.TryGetValue((source, eventId), out AuditOutcomes outcomes) ? outcomes : null;

    private static Dictionary<(string, int), AuditOutcomes> Read()
    {
        var table = new Dictionary<(string, int), AuditOutcomes>();
        using Stream stream = typeof(AuditOutcomeTable).Assembly.GetManifestResourceStream("audit-outcomes.csv")!;
        using var reader = new StreamReader(stream);
        reader.ReadLine();
        while (reader.ReadLine() is { } line)
        {
            string[] cells = line.Split(',');
            AuditOutcomes outcomes = AuditOutcomes.None;
            foreach (string word in cells[2].Split(';'))
            {
                outcomes |= word == "success" ? AuditOutcomes.Success : AuditOutcomes.Failure;
            }

            table.Add((cells[0], int.Parse(cells[1], CultureInfo.InvariantCulture)), outcomes);
        }

        return table;
    }
}
