using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using ApiLevel.Mapping;
using CsvHelper;

namespace ApiLevel.DataTool.Facts;

/// <summary>One table of the catalogue: its columns, its key, and what a row becomes.</summary>
/// <param name="Name">The file's name without extension.</param>
/// <param name="Columns">The header, in order.</param>
/// <param name="Key">The columns that tell rows apart and by which they are sorted; a number sign before a name means by number.</param>
/// <param name="Required">Columns that are never empty.</param>
/// <param name="Add">Puts a row into the facts.</param>
internal sealed record CatalogueTable(
    string Name, string[] Columns, string[] Key, string[] Required, Action<CatalogueRow, FactSet> Add)
{
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
            if (!reader.Headers.SequenceEqual(Columns, StringComparer.Ordinal))
            {
                findings.Add(new Finding(
                    new FactOrigin(FileName, 1), FindingLevel.Error, "format", "the header must be " + string.Join(',', Columns)));
                return rows;
            }

            while (reader.Read())
            {
                ReadRow(reader, rows, facts, findings);
            }
        }
        catch (CsvFormatException exception)
        {
            findings.Add(new Finding(
                new FactOrigin(FileName, (int)reader.LineNumber), FindingLevel.Error, "format", "this is no CSV: " + exception.Message));
        }

        return rows;
    }

    private void ReadRow(CsvReader reader, List<CatalogueRow> rows, FactSet facts, List<Finding> findings)
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
            cells[i] = reader.GetString(i);
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

    public int Number(string column) => OptionalNumber(column) ?? -1;

    public int? OptionalNumber(string column)
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

    public bool? Flag(string column)
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

    public Evidence Evidence(string column)
    {
        if (!FactWords.TryParseEvidence(this[column], out Evidence evidence))
        {
            Report(column, "`" + this[column] + "` is none of high, medium, derived, low, disputed");
        }

        return evidence;
    }

    public ApiLayer Layer(string column)
    {
        if (!FactWords.TryParseLayer(this[column], out ApiLayer layer))
        {
            Report(column, "`" + this[column] + "` is none of win32, native, syscall, kernel, rpc, com, service, managed");
        }

        return layer;
    }

    public string GuidText(string column)
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
