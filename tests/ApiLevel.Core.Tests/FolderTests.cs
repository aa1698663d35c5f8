using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using ApiLevel.Facts;

namespace ApiLevel.Core.Tests;

/// <summary>The folders of the engine are layers: each uses only those before it. What the compiled code refers to decides.</summary>
public sealed class FolderTests
{
    private static readonly string[] s_order =
        ["Facts", "Names", "Chains", "Verdicts", "Answers", "Attribution", "Coverage", "Readiness", "Analytics", "Tracing"];

    [Fact]
    public void A_folder_of_the_engine_uses_only_those_before_it()
    {
        var uses = new Uses(typeof(MappingStore).Assembly.Location);

        Assert.Empty(uses.Found
            .Where(pair => Place(pair.From) is var from and >= 0 && Place(pair.To) is var to and >= 0 && to > from)
            .Select(pair => $"{pair.From} uses {pair.To}: {pair.Where}")
            .Distinct());
    }

    [Fact]
    public void Every_namespace_of_the_engine_is_one_of_the_folders()
    {
        var uses = new Uses(typeof(MappingStore).Assembly.Location);

        Assert.Empty(uses.Folders.Except(s_order));

        // The test itself: it sees that answers need facts, so it would see the other direction.
        Assert.Contains(uses.Found, pair => pair is { From: "Answers", To: "Facts" });
    }

    private static int Place(string folder) => Array.IndexOf(s_order, folder);

    /// <summary>Which namespace's code refers to which, read from signatures and method bodies.</summary>
    private sealed class Uses
    {
        private static readonly Dictionary<short, OpCode> s_codes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => (OpCode)field.GetValue(null)!)
            .ToDictionary(code => code.Value);

        private readonly MetadataReader _reader;
        private readonly HashSet<(string From, string To, string Where)> _found = [];

        public Uses(string path)
        {
            using var file = new PEReader(File.OpenRead(path));
            _reader = file.GetMetadataReader();
            Folders = [.. _reader.TypeDefinitions.Select(Folder).Where(folder => folder.Length > 0).Distinct()];
            foreach (TypeDefinitionHandle handle in _reader.TypeDefinitions)
            {
                TypeDefinition type = _reader.GetTypeDefinition(handle);
                string from = Folder(handle);
                string name = _reader.GetString(type.Name);
                if (from.Length == 0)
                {
                    continue;
                }

                Add(from, type.BaseType, name);
                foreach (FieldDefinitionHandle field in type.GetFields())
                {
                    Add(from, _reader.GetFieldDefinition(field).DecodeSignature(new Names(this), null), name);
                }

                foreach (MethodDefinitionHandle method in type.GetMethods())
                {
                    MethodDefinition definition = _reader.GetMethodDefinition(method);
                    string where = name + "." + _reader.GetString(definition.Name);
                    MethodSignature<ImmutableHashSet<string>> signature = definition.DecodeSignature(new Names(this), null);
                    foreach (ImmutableHashSet<string> part in signature.ParameterTypes.Append(signature.ReturnType))
                    {
                        Add(from, part, where);
                    }

                    if (definition.RelativeVirtualAddress != 0)
                    {
                        ReadBody(file.GetMethodBody(definition.RelativeVirtualAddress).GetILBytes()!, from, where);
                    }
                }
            }
        }

        public IEnumerable<(string From, string To, string Where)> Found => _found;

        public IReadOnlyList<string> Folders { get; }

        private void ReadBody(byte[] code, string from, string where)
        {
            int at = 0;
            while (at < code.Length)
            {
                short value = code[at++];
                if (value == 0xFE)
                {
                    value = unchecked((short)(0xFE00 | code[at++]));
                }

                OpCode operation = s_codes[value];
                switch (operation.OperandType)
                {
                    case OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType:
                        Add(from, MetadataTokens.EntityHandle(BitConverter.ToInt32(code, at)), where);
                        at += 4;
                        break;
                    case OperandType.InlineSwitch:
                        at += 4 + (4 * BitConverter.ToInt32(code, at));
                        break;
                    case OperandType.InlineNone:
                        break;
                    case OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar:
                        at += 1;
                        break;
                    case OperandType.InlineVar:
                        at += 2;
                        break;
                    case OperandType.InlineI8 or OperandType.InlineR:
                        at += 8;
                        break;
                    default:
                        at += 4;
                        break;
                }
            }
        }

        private void Add(string from, EntityHandle handle, string where)
        {
            if (handle.IsNil)
            {
                return;
            }

            switch (handle.Kind)
            {
                case HandleKind.TypeDefinition:
                    Add(from, [Folder((TypeDefinitionHandle)handle)], where);
                    break;
                case HandleKind.MethodDefinition:
                    Add(from, [Folder(_reader.GetMethodDefinition((MethodDefinitionHandle)handle).GetDeclaringType())], where);
                    break;
                case HandleKind.FieldDefinition:
                    Add(from, [Folder(_reader.GetFieldDefinition((FieldDefinitionHandle)handle).GetDeclaringType())], where);
                    break;
                case HandleKind.TypeSpecification:
                    Add(from, _reader.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(new Names(this), null), where);
                    break;
                case HandleKind.MethodSpecification:
                    MethodSpecification specification = _reader.GetMethodSpecification((MethodSpecificationHandle)handle);
                    Add(from, specification.Method, where);
                    foreach (ImmutableHashSet<string> argument in specification.DecodeSignature(new Names(this), null))
                    {
                        Add(from, argument, where);
                    }

                    break;
                case HandleKind.MemberReference:
                    Add(from, _reader.GetMemberReference((MemberReferenceHandle)handle).Parent, where);
                    break;
            }
        }

        private void Add(string from, IEnumerable<string> folders, string where)
        {
            foreach (string to in folders.Where(to => to.Length > 0 && to != from))
            {
                _found.Add((from, to, where));
            }
        }

        /// <summary>The last part of a namespace below the engine's own; empty for the root, whose types are rows and words.</summary>
        private string Folder(TypeDefinitionHandle handle)
        {
            TypeDefinition type = _reader.GetTypeDefinition(handle);
            while (!type.GetDeclaringType().IsNil)
            {
                type = _reader.GetTypeDefinition(type.GetDeclaringType());
            }

            string space = _reader.GetString(type.Namespace);
            return space.StartsWith("ApiLevel.", StringComparison.Ordinal) ? space.Split('.')[1] : "";
        }

        private sealed class Names(Uses uses) : ISignatureTypeProvider<ImmutableHashSet<string>, object?>
        {
            public ImmutableHashSet<string> GetArrayType(ImmutableHashSet<string> elementType, ArrayShape shape) => elementType;

            public ImmutableHashSet<string> GetByReferenceType(ImmutableHashSet<string> elementType) => elementType;

            public ImmutableHashSet<string> GetFunctionPointerType(MethodSignature<ImmutableHashSet<string>> signature) => signature.ReturnType;

            public ImmutableHashSet<string> GetGenericInstantiation(ImmutableHashSet<string> genericType, ImmutableArray<ImmutableHashSet<string>> typeArguments) =>
                typeArguments.Aggregate(genericType, (all, one) => all.Union(one));

            public ImmutableHashSet<string> GetGenericMethodParameter(object? genericContext, int index) => [];

            public ImmutableHashSet<string> GetGenericTypeParameter(object? genericContext, int index) => [];

            public ImmutableHashSet<string> GetModifiedType(ImmutableHashSet<string> modifier, ImmutableHashSet<string> unmodifiedType, bool isRequired) => unmodifiedType;

            public ImmutableHashSet<string> GetPinnedType(ImmutableHashSet<string> elementType) => elementType;

            public ImmutableHashSet<string> GetPointerType(ImmutableHashSet<string> elementType) => elementType;

            public ImmutableHashSet<string> GetPrimitiveType(PrimitiveTypeCode typeCode) => [];

            public ImmutableHashSet<string> GetSZArrayType(ImmutableHashSet<string> elementType) => elementType;

            public ImmutableHashSet<string> GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) => [uses.Folder(handle)];

            public ImmutableHashSet<string> GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) => [];

            public ImmutableHashSet<string> GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
                reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);
        }
    }
}
