namespace ApiLevel.Facts;

/// <summary>Why a spelling stands for an API.</summary>
internal enum AliasRule
{
    Variant = 1,
    NtZw = 2,
    SameFunction = 3,
    Forwarded = 4,
}
