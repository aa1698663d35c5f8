using System;
using System.Collections.Generic;

namespace ApiLevel.Formats.EventLog;

/// <summary>Names that decide what a value is; looked up once, when a template is compiled.</summary>
internal enum KnownName : byte
{
    Other,
    ActivityID,
    Binary,
    Channel,
    Computer,
    Correlation,
    Data,
    Event,
    EventData,
    EventID,
    EventRecordID,
    Execution,
    Guid,
    Keywords,
    Level,
    Name,
    Opcode,
    ProcessID,
    Provider,
    RenderingInfo,
    Security,
    System,
    SystemTime,
    Task,
    ThreadID,
    TimeCreated,
    UserData,
    UserID,
    Version,
    Xmlns,
}

internal enum BinXmlNodeKind : byte
{
    Element,
    Attribute,
    Text,
    Substitution,
    ProcessingInstruction,
}

/// <summary>One node of compiled BinXML. Nodes stand in document order; children are the nodes up to <see cref="End"/>.</summary>
internal struct BinXmlNode
{
    public BinXmlNodeKind Kind;
    public KnownName Known;

    /// <summary>A substitution whose attribute or element is left out when its value is null.</summary>
    public bool Optional;

    /// <summary>The substitution's number; for an element the substitution it depends on, <see cref="BinXmlProgram.NoDependency"/> without.</summary>
    public ushort Value;

    /// <summary>The index after the node and everything in it.</summary>
    public int End;

    /// <summary>Of an element: the index after its attributes, where its content begins.</summary>
    public int Content;

    /// <summary>The name, or the text.</summary>
    public string Text;

    /// <summary>Of an element: its Name attribute where that is plain text.</summary>
    public string? Label;
}

/// <summary>A template, or a piece of BinXML outside of one, ready to be walked any number of times.</summary>
internal sealed class BinXmlProgram(BinXmlNode[] nodes)
{
    public const ushort NoDependency = 0xFFFF;

    private static readonly Dictionary<string, KnownName> s_known = MakeKnown();

    public BinXmlNode[] Nodes { get; } = nodes;

    public static KnownName Recognise(string name) => s_known.TryGetValue(name, out KnownName known) ? known : KnownName.Other;

    private static Dictionary<string, KnownName> MakeKnown()
    {
        var known = new Dictionary<string, KnownName>(StringComparer.Ordinal);
        foreach (KnownName name in (KnownName[])Enum.GetValues(typeof(KnownName)))
        {
            known.Add(name.ToString(), name);
        }

        known.Remove(nameof(KnownName.Other));
        known.Remove(nameof(KnownName.Xmlns));
        known.Add("xmlns", KnownName.Xmlns);
        return known;
    }
}
