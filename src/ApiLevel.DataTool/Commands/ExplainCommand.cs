using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using ApiLevel.Chains;
using ApiLevel.DataTool.Facts;
using ApiLevel.Facts;
using ApiLevel.Names;

namespace ApiLevel.DataTool.Commands;

/// <summary><c>explain</c>: what the facts say about one API, each with its file and line.</summary>
internal static class ExplainCommand
{
    public static int Run(Arguments line, TextWriter output, TextWriter error)
    {
        if (line.Values.Count != 1)
        {
            throw new UsageException("explain needs the name of one API");
        }

        FactFolder folder = FactFolder.Read(line.DataFolder());
        MappingStore store = MappingStore.FromBytes(BuildCommand.Compile(folder));
        ApiName asked = ApiName.Parse(line.Values[0]);
        IReadOnlyList<ApiEntry> apis = store.Find(asked);
        if (apis.Count == 0)
        {
            error.WriteLine("'" + asked + "' is in no table. Near names: " + string.Join(", ", store.Suggest(asked)));
            return 1;
        }

        foreach (ApiEntry api in apis)
        {
            output.WriteLine(api.Key + "  (" + FactWords.ToWord(api.Layer) + ")");
            Explain(folder, store, api, output);
        }

        return 0;
    }

    private static void Explain(FactFolder folder, MappingStore store, ApiEntry api, TextWriter output)
    {
        WriteList(output, "variants", api.Variants.Where(name => name != api.Name));
        WriteList(output, "techniques", store.TechniqueNamesOf(api));
        WriteList(output, "categories", store.CategoriesOf(api));
        foreach (MappingFact fact in folder.Facts.Mappings.Where(fact => Names(fact.Api, api)))
        {
            EventEntry found = store.FindSource(fact.Source) is { } source ? store.FindEvent(source, fact.EventId) : default;
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {fact.Source} {fact.EventId} {(found.IsKnown ? found.Name : "")}: {fact.Relation}, {Word(fact.Evidence)}"));
            WriteLine(output, "via", fact.Via.Replace(";", "; ", StringComparison.Ordinal));
            WriteLine(output, "condition", fact.Condition);
            WriteLine(output, "requirement", found.IsKnown ? string.Join("; ", found.Requirements) : "");
            WriteLine(output, "emitter", fact.Emitter.Length > 0 ? fact.Emitter : found.IsKnown ? found.Emitter : "");
            WriteLine(output, "reference", fact.Reference);
            WriteLine(output, "at", fact.Origin.ToString());
        }

        foreach (string table in (string[])["calls", "managed-calls"])
        {
            foreach (CatalogueRow row in folder.Rows[table].Where(row => Names(row["caller"], api)))
            {
                string rpc = row["rpc-interface"].Length == 0 ? "" : " " + row["rpc-interface"] + " opnum " + row["opnum"];
                string side = row["primary"] == "true" ? "" : ", side call";
                output.WriteLine($"  {row["kind"]} {row["callee"]}{rpc} ({row["evidence"]}{side})  {row.Origin}");
            }
        }

        foreach (ReachedEvent reached in store.EventsOf(api).Where(static reached => reached.Path.Count > 0))
        {
            output.WriteLine($"  below it: {reached.Mapping} ({Word(reached.Evidence)}) through {reached.Via}");
        }
    }

    private static bool Names(string name, ApiEntry api) => string.Equals(name, api.Key, StringComparison.OrdinalIgnoreCase);

    private static string Word(Evidence evidence) => evidence.ToString().ToLowerInvariant();

    private static void WriteList(TextWriter output, string key, IEnumerable<string> values) =>
        WriteLine(output, key, string.Join(", ", values), "  ");

    private static void WriteLine(TextWriter output, string key, string value, string indent = "    ")
    {
        if (value.Length > 0)
        {
            output.WriteLine(indent + key + ": " + value);
        }
    }
}
