using System.Collections.Generic;

namespace ApiLevel.DataTool.Managed;

/// <summary>A method of the assemblies that are read.</summary>
internal sealed class ManagedMethod(ManagedType type, string name, string signature)
{
    public ManagedType Type { get; } = type;

    public string Name { get; } = name;

    public string Signature { get; } = signature;

    public bool IsPublic { get; init; }

    public bool IsVirtual { get; init; }

    /// <summary>True when no other method can be meant: not virtual, final, or of a sealed type.</summary>
    public bool IsExact { get; init; }

    public bool IsAbstract { get; init; }

    /// <summary>The native function that it is the declaration of, <c>module!Name</c> as it stands there; null for other methods.</summary>
    public string? Import { get; init; }

    /// <summary>The methods that take its place in derived types or implement it.</summary>
    public List<ManagedMethod> Overrides { get; } = [];

    public List<ManagedMethod> Calls { get; } = [];

    public override string ToString() => Type.Name + "::" + Name.TrimStart('.');
}

/// <summary>A type of the assemblies that are read.</summary>
internal sealed class ManagedType(string name, string assembly)
{
    public string Name { get; } = name;

    public string Assembly { get; } = assembly;

    /// <summary>True when it and the types around it are public.</summary>
    public bool IsPublic { get; init; }

    public ManagedType? Base { get; set; }

    /// <summary>The full name of the base type, also where its assembly is not among those read; empty where there is none.</summary>
    public string BaseName { get; set; } = "";

    public List<ManagedType> Interfaces { get; } = [];

    public Dictionary<(string Name, string Signature), ManagedMethod> Methods { get; } = [];
}
