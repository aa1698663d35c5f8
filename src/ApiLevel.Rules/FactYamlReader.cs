using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using ApiLevel.Facts;

namespace ApiLevel.Rules;

/// <summary>
/// Reads fact files in YAML, strictly: the schema gives the types, and an unknown key, a missing key or a value of the wrong type is
/// a problem with file, line and field. A file holds one or more documents; a document is a source, an event with its APIs, or a
/// list of such.
/// </summary>
public static class FactYamlReader
{
    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="displayName">How the file is called in problems and origins; null for <paramref name="path"/>.</param>
    /// <returns>Facts and problems.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static FactReadResult ReadFile(string path, string? displayName = null)
    {
        using StreamReader reader = new(path, new UTF8Encoding(false, throwOnInvalidBytes: false));
        return Read(reader, displayName ?? path);
    }

    /// <summary>Reads facts from text.</summary>
    /// <param name="input">The text.</param>
    /// <param name="displayName">How it is called in problems and origins.</param>
    /// <returns>Facts and problems.</returns>
    public static FactReadResult Read(TextReader input, string displayName)
    {
        if (input is null)
        {
            throw new ArgumentNullException(nameof(input));
        }

        List<FactProblem> problems = [];
        FactSet facts = new();
        List<YamlNode> documents = BoundedYaml.ReadDocuments(input, out int errorLine, out string? error);
        if (error is not null)
        {
            problems.Add(new FactProblem(new FactOrigin(displayName, errorLine), "", error));
            return new FactReadResult(facts, problems);
        }

        foreach (YamlNode document in documents)
        {
            foreach (YamlNode node in document.Items ?? [document])
            {
                ReadDocument(node, displayName, facts, problems);
            }
        }

        if (documents.Count == 0)
        {
            problems.Add(new FactProblem(new FactOrigin(displayName, 1), "", "the file holds no document"));
        }

        return new FactReadResult(facts, problems);
    }

    private static void ReadDocument(YamlNode node, string file, FactSet facts, List<FactProblem> problems)
    {
        if (node.Entries is null)
        {
            problems.Add(new FactProblem(
                new FactOrigin(file, node.Line), "", "a source or an event is expected: lines of the form `key: value`"));
            return;
        }

        bool isEvent = false;
        bool isSource = false;
        foreach (YamlEntry entry in node.Entries)
        {
            isEvent |= entry.Key == "event";
            isSource |= entry.Key == "provider";
        }

        if (isEvent)
        {
            ReadEvent(node, file, facts, problems);
        }
        else if (isSource)
        {
            ReadSource(node, file, facts, problems);
        }
        else
        {
            problems.Add(new FactProblem(
                new FactOrigin(file, node.Line),
                "event",
                "the key is missing: an event has `source` and `event`, a source has `name` and `provider`"));
        }
    }

    private static void ReadSource(YamlNode node, string file, FactSet facts, List<FactProblem> problems)
    {
        FactKeys keys = new(node, file, problems, SourceColumns.Table);
        SourceFact source = new() { Origin = new FactOrigin(file, node.Line) };
        keys.Fill(source);
        if (keys.IsGood)
        {
            facts.Sources.Add(source);
        }
    }

    private static void ReadEvent(YamlNode node, string file, FactSet facts, List<FactProblem> problems)
    {
        FactKeys keys = new(node, file, problems, EventColumns.Table, listKey: "apis");
        EventFact fact = new() { Origin = new FactOrigin(file, node.Line) };
        keys.Fill(fact);
        List<MappingFact> mappings = [];
        foreach (YamlNode item in keys.Items("apis"))
        {
            ReadMapping(item, file, fact, mappings, problems, keys);
        }

        if (keys.IsGood)
        {
            facts.Events.Add(fact);
            facts.Mappings.AddRange(mappings);
        }
    }

    private static void ReadMapping(
        YamlNode node, string file, EventFact e, List<MappingFact> mappings, List<FactProblem> problems, FactKeys parent)
    {
        if (node.Entries is null)
        {
            parent.Report("apis", node.Line, "an entry of the list is `- api: module!Name` with its keys below");
            return;
        }

        FactKeys keys = new(node, file, problems, MappingColumns.Table);
        MappingFact fact = new() { Source = e.Source, EventId = e.Id, Origin = new FactOrigin(file, node.Line) };
        keys.Fill(fact);
        if (keys.IsGood)
        {
            mappings.Add(fact);
        }
        else
        {
            parent.Spoil();
        }
    }
}
