namespace ApiLevel.Mapping;

/// <summary>
/// The tables of the store and their columns. S = string number, L = list number, A = row of the API table, N = number plus one
/// (0 = none). Tables are sorted by their columns from left to right; a table named ...By... is the other direction.
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

    internal static class Property
    {
        public const int Name = 0, Value = 1, Count = 2;
    }

    internal static class Source
    {
        public const int Name = 0, Provider = 1, Guid = 2, Channel = 3, Delivery = 4, Privileges = 5, DefaultState = 6, Description = 7,
            Documentation = 8, Count = 9;
    }

    internal static class SourceAlias
    {
        public const int Alias = 0, Source = 1, Count = 2;
    }

    internal static class Event
    {
        public const int Source = 0, Id = 1, Version = 2, IsLatest = 3, Name = 4, Fields = 5, Channel = 6, KeywordMask = 7, Opcode = 8, Task = 9,
            Severity = 10, Requirement = 11, FirstBuild = 12, Car = 13, CarReference = 14, DataComponent = 15, AuditSubcategory = 16, Column = 17,
            ColumnReference = 18, DraftLevel = 19, Fires = 20, Emitter = 21, Evidence = 22, Reference = 23, Symbol = 24, Keywords = 25, AuditReference = 26, Count = 27;
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

    internal static class Mapping
    {
        public const int Api = 0, Source = 1, EventId = 2, Relation = 3, Via = 4, Condition = 5, Emitter = 6, Mechanism = 7, Evidence = 8,
            Reference = 9, Count = 10;
    }

    internal static class MappingByEvent
    {
        public const int Source = 0, EventId = 1, Mapping = 2, Count = 3;
    }

    internal static class Call
    {
        public const int Caller = 0, NotPrimary = 1, Callee = 2, Kind = 3, RpcInterface = 4, Opnum = 5, Context = 6, Evidence = 7, Reference = 8,
            Count = 9;
    }

    internal static class CallByCallee
    {
        public const int Callee = 0, Call = 1, Count = 2;
    }

    internal static class Technique
    {
        public const int Api = 0, Name = 1, Relation = 2, Context = 3, Evidence = 4, Reference = 5, Count = 6;
    }

    internal static class Category
    {
        public const int Api = 0, Name = 1, Scheme = 2, Context = 3, Reference = 4, Count = 5;
    }

    internal static class ByName
    {
        public const int Name = 0, Row = 1, Count = 2;
    }

    internal static class ApiSet
    {
        public const int LookupKey = 0, Contract = 1, Host = 2, Builds = 3, Reference = 4, IsInNewestSchema = 5, Override = 6, Count = 7;
    }

    internal static class Ordinal
    {
        public const int Module = 0, Number = 1, Name = 2, Stable = 3, Evidence = 4, Reference = 5, Count = 6;
    }

    internal static class Com
    {
        public const int Id = 0, Name = 1, Base = 2, Namespace = 3, MinimumPlatform = 4, Methods = 5, Reference = 6, MethodCount = 7, Count = 8;
    }

    internal static class RpcMethod
    {
        public const int Interface = 0, Opnum = 1, InterfaceName = 2, Method = 3, Protocol = 4, Reference = 5, Count = 6;
    }

    internal static class AuditSubcategory
    {
        public const int Guid = 0, Name = 1, Category = 2, DefaultSetting = 3, Volume = 4, EventIds = 5, Reference = 6, Count = 7;
    }

    internal static class Observable
    {
        public const int ModelVersion = 0, Kind = 1, Place = 2, PlaceName = 3, Category = 4, Field = 5, Value = 6, Source = 7, EventId = 8,
            Reference = 9, Commit = 10, Count = 11;
    }

    internal static class Exclusion
    {
        public const int Table = 0, Row = 1, Reason = 2, Count = 3;
    }

    internal static class Attribution
    {
        public const int Source = 0, EventId = 1, Api = 2, Field = 3, Values = 4, Reference = 5, Count = 6;
    }

    /// <summary>An event id of 0 is all events of the source, otherwise it is the id plus one.</summary>
    internal static class EventRole
    {
        public const int Source = 0, EventId = 1, Role = 2, Field = 3, Value = 4, Reference = 5, Count = 6;
    }

    internal static class AccessRight
    {
        public const int Kind = 0, Mask = 1, Name = 2, Reference = 3, Count = 4;
    }
}
