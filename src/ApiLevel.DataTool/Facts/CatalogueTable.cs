using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using ApiLevel.Facts;
using CsvHelper;

namespace ApiLevel.DataTool.Facts;

/// <summary>One table of the catalogue: its columns, its key, and what a row becomes.</summary>
/// <param name="Name">The file's name without extension.</param>
/// <param name="Columns">The columns of the header.</param>
/// <param name="Key">The columns that tell rows apart and by which they are sorted; a number sign before a name means by number.</param>
/// <param name="Required">Columns that are never empty.</param>
/// <param name="Add">Puts a row into the facts.</param>
internal sealed record CatalogueTable(
    string Name, string[] Columns, IReadOnlyList<string> Key, string[] Required, Action<CatalogueRow, FactSet> Add)
{
    /// <summary>A table whose rows are facts: their columns say everything.</summary>
    public static CatalogueTable Of<T>(FactTable table, Func<FactSet, List<T>> facts, string? name = null)
        where T : Fact, new()
    {
        FactColumn[] columns = [.. table.Columns.Where(static column => column.InCatalogue)];
        return new CatalogueTable(
            name ?? table.Name,
            [.. columns.Select(static column => column.Name)],
            table.Key,
            [.. columns.Where(static column => column.IsNeeded).Select(static column => column.Name)],
            (row, set) =>
            {
                T fact = new() { Origin = row.Origin };
                foreach (FactColumn column in columns)
                {
                    fact[column] = row.Value(column);
                }

                facts(set).Add(fact);
            });
    }

    public string FileName => "catalogue/" + Name + ".csv";

    /// <summary>Reads the table; what is wrong with a row is a finding, and the row is left out.</summary>
    public List<CatalogueRow> Read(string root, FactSet facts, List<Finding> findings)
    {
        List<CatalogueRow> rows = [];
        string path = Path.Combine(root, "catalogue", Name + ".csv");
        if (!File.Exists(path))
        {
            findings.Add(new Finding(new FactOrigin(FileName, 0), FindingLevel.Error, "format", "the file is missing"));
            return rows;
        }

        CsvReaderOptions options = new()
        {
            Separator = ',',
            TrackLineNumbers = true,
            MalformedData = CsvMalformedDataHandling.Throw,
            PoolStrings = true,
        };
        using CsvReader reader = CsvReader.Create(File.ReadAllBytes(path), options);
        try
        {
            int[] places = [.. Columns.Select(column => reader.Headers.ToList().IndexOf(column))];
            if (reader.Headers.Count != Columns.Length || places.Contains(-1))
            {
                findings.Add(new Finding(
                    new FactOrigin(FileName, 1), FindingLevel.Error, "format", "the header must have the columns " + string.Join(',', Columns)));
                return rows;
            }

            while (reader.Read())
            {
                ReadRow(reader, places, rows, facts, findings);
            }
        }
        catch (CsvFormatException exception)
        {
            findings.Add(new Finding(
                new FactOrigin(FileName, (int)reader.LineNumber), FindingLevel.Error, "format", "this is no CSV: " + exception.Message));
        }

        return rows;
    }

    private void ReadRow(CsvReader reader, int[] places, List<CatalogueRow> rows, FactSet facts, List<Finding> findings)
    {
        int line = (int)reader.LineNumber;
        if (reader.FieldCount != Columns.Length)
        {
            findings.Add(new Finding(
                new FactOrigin(FileName, line),
                FindingLevel.Error,
                "format",
                string.Create(CultureInfo.InvariantCulture, $"the row has {reader.FieldCount} cells; {Columns.Length} are expected")));
            return;
        }

        string[] cells = new string[Columns.Length];
        for (int i = 0; i < cells.Length; i++)
        {
            cells[i] = reader.GetString(places[i]);
        }

        CatalogueRow row = new(this, line, cells, findings);
        row.CheckRequired();
        Add(row, facts);
        rows.Add(row);
    }
}

/// <summary>One row of a table of the catalogue.</summary>
internal sealed class CatalogueRow(CatalogueTable table, int line, string[] cells, List<Finding> findings)
{
    public CatalogueTable Table => table;

    public FactOrigin Origin => new(table.FileName, line);

    public string this[string column] => cells[Array.IndexOf(table.Columns, column)];

    public void CheckRequired()
    {
        foreach (string column in table.Required)
        {
            if (string.IsNullOrWhiteSpace(this[column]))
            {
                Report(column, "the cell is empty");
            }
        }
    }

    /// <summary>A cell by the column's kind; null for an empty one that holds no text.</summary>
    public object? Value(FactColumn column) => column.Kind switch
    {
        FactKind.Number => Number(column.Name),
        FactKind.Flag => Flag(column.Name),
        FactKind.Evidence => Evidence(column.Name),
        FactKind.Layer => Layer(column.Name),
        FactKind.Guid => GuidText(column.Name),
        _ => this[column.Name],
    };

    public int? Number(string column)
    {
        string text = this[column];
        if (text.Length == 0)
        {
            return null;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value))
        {
            return value;
        }

        Report(column, "`" + text + "` is no number");
        return null;
    }

    private bool? Flag(string column)
    {
        switch (this[column])
        {
            case "":
                return null;
            case "true":
                return true;
            case "false":
                return false;
            default:
                Report(column, "`" + this[column] + "` is none of true, false and nothing");
                return null;
        }
    }

    private Evidence Evidence(string column)
    {
        if (!FactWords.TryParseEvidence(this[column], out Evidence evidence))
        {
            Report(column, "`" + this[column] + "` is none of observed, high, medium, paired, derived, low, disputed");
        }

        return evidence;
    }

    private ApiLayer Layer(string column)
    {
        if (!FactWords.TryParseLayer(this[column], out ApiLayer layer))
        {
            Report(column, "`" + this[column] + "` is none of win32, native, syscall, kernel, rpc, com, service, managed");
        }

        return layer;
    }

    private string GuidText(string column)
    {
        string text = this[column];
        if (text.Length > 0 && (!Guid.TryParseExact(text, "D", out Guid guid) || guid.ToString("D") != text))
        {
            Report(column, "`" + text + "` is no GUID in lower case with hyphens");
        }

        return text;
    }

    /// <summary>Compares by the table's key.</summary>
    public int CompareKey(CatalogueRow other)
    {
        foreach (string key in table.Key)
        {
            string column = key.TrimStart('#');
            int order = key[0] == '#'
                ? ReadNumber(this[column]).CompareTo(ReadNumber(other[column]))
                : string.CompareOrdinal(this[column], other[column]);
            if (order != 0)
            {
                return order;
            }
        }

        return 0;
    }

    private static int ReadNumber(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : -1;

    private void Report(string column, string message) =>
        findings.Add(new Finding(Origin, FindingLevel.Error, "format", column + ": " + message));
}
