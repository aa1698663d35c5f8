namespace ApiLevel.Facts;

/// <summary>
/// The numbers of the store's tables, and the columns of those that the compiler makes itself; the columns of facts stand with their kind
/// (<see cref="FactTable"/>). Tables are sorted by their columns from left to right; a table named ...By... is the other direction.
/// Changing a column or an order raises <see cref="StoreFile.FormatVersion"/>.
/// </summary>
internal static class StoreTables
{
    public const int Properties = 0;
    public const int Sources = 1;
    public const int Events = 2;
    public const int Apis = 3;
    public const int Aliases = 4;
    public const int Mappings = 5;
    public const int MappingsByEvent = 6;
    public const int Calls = 7;
    public const int CallsByCallee = 8;
    public const int Techniques = 9;
    public const int TechniquesByName = 10;
    public const int Categories = 11;
    public const int CategoriesByName = 12;
    public const int ApiSets = 13;
    public const int Ordinals = 14;
    public const int ComInterfaces = 15;
    public const int RpcMethods = 16;
    public const int AuditSubcategories = 17;
    public const int Observables = 18;
    public const int SourcesByAlias = 19;
    public const int ComByName = 20;
    public const int Exclusions = 21;
    public const int ApiTraits = 22;
    public const int ApiNatives = 23;
    public const int Attributions = 24;
    public const int EventRoles = 25;
    public const int AccessRights = 26;
    public const int Invisible = 27;
    public const int Unsettled = 28;
    public const int Denied = 29;
    public const int Arguments = 30;
    public const int Conditions = 31;
    public const int EventVolumes = 32;
    public const int WindowsReleases = 33;
    public const int SysmonVersions = 34;
    public const int TellingFields = 35;

    internal static class Property
    {
        public const int Name = 0, Value = 1, Count = 2;
    }

    internal static class SourceAlias
    {
        public const int Alias = 0, Source = 1, Count = 2;
    }

    internal static class Api
    {
        public const int Name = 0, Module = 1, Layer = 2, Variants = 3, Traits = 4, Native = 5, Ordinals = 6, Count = 7;
    }

    /// <summary>What many APIs have in common, once for all of them.</summary>
    internal static class ApiTrait
    {
        public const int Namespace = 0, MinimumPlatform = 1, Architectures = 2, Contract = 3, SetsLastError = 4, NativeKind = 5, FirstBuild = 6,
            LastBuild = 7, Reference = 8, Count = 9;
    }

    /// <summary>What only native functions have; row zero is the empty one.</summary>
    internal static class ApiNative
    {
        public const int ZwName = 0, Syscalls = 1, Count = 2;
    }

    internal static class Alias
    {
        public const int Name = 0, Module = 1, Api = 2, Rule = 3, Count = 4;
    }

    internal static class MappingByEvent
    {
        public const int Source = 0, EventId = 1, Mapping = 2, Count = 3;
    }

    internal static class CallByCallee
    {
        public const int Callee = 0, Call = 1, Count = 2;
    }

    internal static class ByName
    {
        public const int Name = 0, Row = 1, Count = 2;
    }
}
