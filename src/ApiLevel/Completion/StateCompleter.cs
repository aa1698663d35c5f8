using System.Collections;
using System.Collections.Generic;
using System.Linq;
using ApiLevel.Facts;
using ApiLevel.Readiness;

namespace ApiLevel.Completion;

/// <summary>Completes the names of snapshots that come with the module.</summary>
public sealed class StateCompleter : StoreCompleter
{
    private protected override IEnumerable<Candidate> Candidates(MappingStore store, string typed, IDictionary bound) => NamedStates.Names
        .Where(name => Begins(name, typed))
        .Select(name => new Candidate(name, name + ": what Windows audits as Microsoft delivers it"));
}
