using System.Collections.Concurrent;

namespace ApiLevel.Formats.EventLog;

/// <summary>
/// The templates of a whole log by their identifiers, for records whose own chunk has lost the definition. Safe for several threads.
/// </summary>
internal sealed class BinXmlTemplates
{
    // A log of many providers has some hundreds.
    private const int Maximum = 4096;

    private readonly ConcurrentDictionary<uint, BinXmlProgram> _byId = new();

    public bool TryGet(uint id, out BinXmlProgram? program) => _byId.TryGetValue(id, out program);

    public void Add(uint id, BinXmlProgram program)
    {
        if (!_byId.ContainsKey(id) && _byId.Count < Maximum)
        {
            _byId.TryAdd(id, program);
        }
    }
}
