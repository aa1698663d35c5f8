using System.Collections.Generic;
using System.Linq;
using ApiLevel.Facts;

namespace ApiLevel.Chains;

/// <summary>An event that an API leads to, by its own mapping or through calls below it.</summary>
/// <param name="Mapping">The mapping of the API that stands at the end of the path.</param>
/// <param name="Path">The lower calls from the first to the one that has the mapping; empty where the API itself has it.</param>
/// <param name="Evidence">The mapping's own, or the weakest along the path and never above Derived.</param>
/// <param name="Condition">The conditions of the path and of the mapping, joined with <c>; </c>; empty for always.</param>
// A class, like the nodes of the walk: lists of structs would be compiled anew in each process, and the first answer would wait for that.
public sealed record ReachedEvent(MappingEntry Mapping, IReadOnlyList<ApiEntry> Path, Evidence Evidence, string Condition)
{
    /// <summary>"Sysmon 10", the event in lists.</summary>
    public string Label => EventLabel.Of(Mapping.Source.Name, Mapping.EventId);

    /// <summary>The event of an API's own mapping.</summary>
    /// <param name="mapping">The mapping.</param>
    public static ReachedEvent Own(MappingEntry mapping) => new(mapping, [], mapping.Evidence, mapping.Condition);

    /// <summary>How the asked API leads to the event.</summary>
    public Relation Relation => Path.Count == 0 || Mapping.Relation == Relation.Conditional ? Mapping.Relation : Relation.ViaLowerCall;

    /// <summary>The lower calls, nearest first, joined with <c>; </c>; the mapping's own word where the API itself has it.</summary>
    public string Via => Path.Count == 0 ? string.Join("; ", Mapping.Via) : string.Join("; ", Path.Select(api => api.Key));
}
