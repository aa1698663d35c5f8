namespace ApiLevel.Facts;

/// <summary>One API and technique.</summary>
/// <param name="Api">The API.</param>
/// <param name="Technique">T1055.012 and the like.</param>
/// <param name="Relation">How strongly it speaks for it.</param>
/// <param name="Evidence">How well it is supported.</param>
public readonly record struct TechniqueEntry(ApiEntry Api, string Technique, string Relation, Evidence Evidence);
