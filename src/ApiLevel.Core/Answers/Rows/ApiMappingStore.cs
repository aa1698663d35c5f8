namespace ApiLevel;

/// <summary>The facts this session answers from.</summary>
public sealed class ApiMappingStore
{
    /// <summary>The compiled file.</summary>
    public string Path { get; init; } = "";

    /// <summary>The version of the facts and the first digits of their hash.</summary>
    public string DataVersion { get; init; } = "";

    /// <summary>The version of the file's layout.</summary>
    public int FormatVersion { get; init; }

    /// <summary>APIs in the catalogue.</summary>
    public int Apis { get; init; }

    /// <summary>Events, each id once.</summary>
    public int Events { get; init; }

    /// <summary>APIs that lead to an event, pair by pair.</summary>
    public int Mappings { get; init; }

    /// <summary>Edges of the call chains.</summary>
    public int CallEdges { get; init; }

    /// <summary>The Windows releases the event catalogue covers.</summary>
    public string WindowsBuilds { get; init; } = "";

    /// <summary>The Sysmon schema the events come from.</summary>
    public string SysmonVersion { get; init; } = "";

    /// <summary>The ATT&amp;CK version the techniques were checked against.</summary>
    public string AttackVersion { get; init; } = "";

    /// <summary>Files laid over the compiled facts, in order; empty when none.</summary>
    public string Overlays { get; init; } = "";

    /// <summary>A short form for messages.</summary>
    public override string ToString() => $"{DataVersion} ({Path})";
}
