using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace ApiLevel.DataTool.Managed;

/// <summary>
/// Who calls whom in a set of assemblies, as far as the IL says it for certain: a call of a virtual method counts where it has one
/// body, and nothing is followed through delegates, reflection and static constructors.
/// </summary>
internal sealed class ManagedCallGraph : IDisposable
{
    private readonly Dictionary<string, LoadedAssembly> _assemblies = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads assemblies; files that hold no IL are passed over.</summary>
    public ManagedCallGraph(IEnumerable<string> files)
    {
        foreach (string file in files)
        {
            Load(file);
        }

        foreach (LoadedAssembly assembly in _assemblies.Values)
        {
            assembly.LinkTypes(this);
        }

        foreach (LoadedAssembly assembly in _assemblies.Values)
        {
            assembly.LinkOverrides(this);
        }

        foreach (LoadedAssembly assembly in _assemblies.Values)
        {
            assembly.LinkCalls(this);
        }
    }

    public int AssemblyCount => _assemblies.Count;

    /// <summary>All methods, by assembly and in the order of the metadata.</summary>
    public IEnumerable<ManagedMethod> Methods => _assemblies.Values
        .OrderBy(static assembly => assembly.Name, StringComparer.Ordinal)
        .SelectMany(static assembly => assembly.Methods.Values);

    public void Dispose()
    {
        foreach (LoadedAssembly assembly in _assemblies.Values)
        {
            assembly.File.Dispose();
        }
    }

    private void Load(string path)
    {
        PEReader file = new(new MemoryStream(File.ReadAllBytes(path)));
        if (!file.HasMetadata || !file.GetMetadataReader().IsAssembly)
        {
            file.Dispose();
            return;
        }

        LoadedAssembly assembly = new(file);

        // A package beside the runtime may bring an assembly that the runtime has; the first one counts.
        if (!_assemblies.TryAdd(assembly.Name, assembly))
        {
            file.Dispose();
        }
    }

    private ManagedType? FindType(string assembly, string name)
    {
        // A chain of forwarders ends after a few steps.
        for (int step = 0; step < 8 && _assemblies.TryGetValue(assembly, out LoadedAssembly? loaded); step++)
        {
            if (loaded.TypesByName.TryGetValue(name, out ManagedType? type))
            {
                return type;
            }

            if (!loaded.Forwarders.TryGetValue(name.Split('+')[0], out string? next))
            {
                return null;
            }

            assembly = next;
        }

        return null;
    }

    private sealed class LoadedAssembly
    {
        private readonly MetadataReader _reader;
        private readonly Dictionary<TypeDefinitionHandle, ManagedType> _types = [];

        public LoadedAssembly(PEReader file)
        {
            File = file;
            _reader = file.GetMetadataReader();
            Name = _reader.GetString(_reader.GetAssemblyDefinition().Name);
            foreach (TypeDefinitionHandle handle in _reader.TypeDefinitions)
            {
                AddType(handle);
            }

            foreach (ExportedTypeHandle handle in _reader.ExportedTypes)
            {
                ExportedType type = _reader.GetExportedType(handle);
                if (type.Implementation.Kind == HandleKind.AssemblyReference)
                {
                    string space = _reader.GetString(type.Namespace);
                    string name = _reader.GetString(type.Name);
                    AssemblyReference target = _reader.GetAssemblyReference((AssemblyReferenceHandle)type.Implementation);
                    Forwarders[space.Length == 0 ? name : space + "." + name] = _reader.GetString(target.Name);
                }
            }
        }

        public PEReader File { get; }

        public string Name { get; }

        public Dictionary<string, ManagedType> TypesByName { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, string> Forwarders { get; } = new(StringComparer.Ordinal);

        public Dictionary<MethodDefinitionHandle, ManagedMethod> Methods { get; } = [];

        /// <summary>Base types and interfaces.</summary>
        public void LinkTypes(ManagedCallGraph graph)
        {
            foreach ((TypeDefinitionHandle handle, ManagedType type) in _types)
            {
                TypeDefinition definition = _reader.GetTypeDefinition(handle);
                type.Base = ResolveType(graph, definition.BaseType);
                type.BaseName = type.Base?.Name ?? (definition.BaseType.Kind == HandleKind.TypeReference
                    ? SignatureText.Name(_reader, (TypeReferenceHandle)definition.BaseType)
                    : "");
                foreach (InterfaceImplementationHandle implementation in definition.GetInterfaceImplementations())
                {
                    if (ResolveType(graph, _reader.GetInterfaceImplementation(implementation).Interface) is { } contract)
                    {
                        type.Interfaces.Add(contract);
                    }
                }
            }
        }

        /// <summary>Which method takes the place of which.</summary>
        public void LinkOverrides(ManagedCallGraph graph)
        {
            foreach ((TypeDefinitionHandle handle, ManagedType type) in _types)
            {
                foreach (MethodImplementationHandle implementation in _reader.GetTypeDefinition(handle).GetMethodImplementations())
                {
                    MethodImplementation pair = _reader.GetMethodImplementation(implementation);
                    if (Resolve(graph, pair.MethodDeclaration) is { } declaration && Resolve(graph, pair.MethodBody) is { } body)
                    {
                        declaration.Overrides.Add(body);
                    }
                }

                foreach (ManagedMethod method in type.Methods.Values.Where(static method => method.IsVirtual))
                {
                    for (ManagedType? parent = type.Base; parent is not null; parent = parent.Base)
                    {
                        if (parent.Methods.TryGetValue((method.Name, method.Signature), out ManagedMethod? overridden) && overridden.IsVirtual)
                        {
                            overridden.Overrides.Add(method);
                        }
                    }
                }

                foreach (ManagedMethod contract in type.Interfaces.SelectMany(static contract => contract.Methods.Values))
                {
                    for (ManagedType? holder = type; holder is not null; holder = holder.Base)
                    {
                        if (holder.Methods.TryGetValue((contract.Name, contract.Signature), out ManagedMethod? body))
                        {
                            contract.Overrides.Add(body);
                            break;
                        }
                    }
                }
            }
        }

        public void LinkCalls(ManagedCallGraph graph)
        {
            foreach ((MethodDefinitionHandle handle, ManagedMethod method) in Methods)
            {
                MethodDefinition definition = _reader.GetMethodDefinition(handle);
                if (definition.RelativeVirtualAddress == 0)
                {
                    continue;
                }

                HashSet<ManagedMethod> seen = [];
                foreach ((EntityHandle target, bool isVirtual) in IlCalls.Read(File.GetMethodBody(definition.RelativeVirtualAddress)))
                {
                    if (Resolve(graph, target) is { } called && Body(called, isVirtual) is { } body && seen.Add(body))
                    {
                        method.Calls.Add(body);
                    }
                }

                // The compiler moved the body of an async method or an iterator into a type of its own, named after it.
                if (StateMachine(definition) is { } machine
                    && TypesByName.TryGetValue(machine, out ManagedType? type)
                    && type.Methods.Values.FirstOrDefault(static candidate => candidate.Name == "MoveNext") is { } moveNext
                    && seen.Add(moveNext))
                {
                    method.Calls.Add(moveNext);
                }
            }
        }

        // The one body that a call can reach, or null when there are several.
        private static ManagedMethod? Body(ManagedMethod called, bool isVirtual)
        {
            if (!isVirtual || called.IsExact)
            {
                return called.IsAbstract ? null : called;
            }

            ManagedMethod[] bodies = [.. called.Overrides.Where(static method => !method.IsAbstract).Distinct()];
            if (called.IsAbstract)
            {
                return bodies.Length == 1 ? bodies[0] : null;
            }

            return bodies.Length == 0 ? called : null;
        }

        private string? StateMachine(MethodDefinition definition)
        {
            foreach (CustomAttributeHandle handle in definition.GetCustomAttributes())
            {
                CustomAttribute attribute = _reader.GetCustomAttribute(handle);
                if (attribute.Constructor.Kind != HandleKind.MemberReference
                    || _reader.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent is not { Kind: HandleKind.TypeReference } parent)
                {
                    continue;
                }

                string name = _reader.GetString(_reader.GetTypeReference((TypeReferenceHandle)parent).Name);
                if (name is "AsyncStateMachineAttribute" or "IteratorStateMachineAttribute" or "AsyncIteratorStateMachineAttribute")
                {
                    BlobReader value = _reader.GetBlobReader(attribute.Value);
                    value.ReadUInt16();
                    return value.ReadSerializedString()?.Split(',')[0];
                }
            }

            return null;
        }

        private void AddType(TypeDefinitionHandle handle)
        {
            TypeDefinition definition = _reader.GetTypeDefinition(handle);
            string name = SignatureText.Name(_reader, handle);
            ManagedType type = new(name, Name) { IsPublic = IsPublic(definition) };
            _types.Add(handle, type);
            TypesByName.TryAdd(name, type);
            bool isSealed = (definition.Attributes & TypeAttributes.Sealed) != 0;
            foreach (MethodDefinitionHandle methodHandle in definition.GetMethods())
            {
                MethodDefinition method = _reader.GetMethodDefinition(methodHandle);
                MethodAttributes attributes = method.Attributes;
                bool isVirtual = (attributes & MethodAttributes.Virtual) != 0;
                ManagedMethod added = new(
                    type,
                    _reader.GetString(method.Name),
                    SignatureText.Of(method.DecodeSignature(SignatureText.Instance, null)))
                {
                    IsPublic = type.IsPublic && (attributes & MethodAttributes.MemberAccessMask) == MethodAttributes.Public,
                    IsVirtual = isVirtual,
                    IsExact = !isVirtual || isSealed || (attributes & MethodAttributes.Final) != 0,
                    IsAbstract = (attributes & MethodAttributes.Abstract) != 0,
                    Import = Import(method),
                };
                Methods.Add(methodHandle, added);
                type.Methods.TryAdd((added.Name, added.Signature), added);
            }
        }

        private string? Import(MethodDefinition method)
        {
            if ((method.Attributes & MethodAttributes.PinvokeImpl) == 0)
            {
                return null;
            }

            MethodImport import = method.GetImport();
            return import.Module.IsNil
                ? null
                : _reader.GetString(_reader.GetModuleReference(import.Module).Name) + "!" + _reader.GetString(import.Name);
        }

        private bool IsPublic(TypeDefinition definition)
        {
            TypeAttributes visibility = definition.Attributes & TypeAttributes.VisibilityMask;
            return definition.GetDeclaringType().IsNil
                ? visibility == TypeAttributes.Public
                : visibility == TypeAttributes.NestedPublic && IsPublic(_reader.GetTypeDefinition(definition.GetDeclaringType()));
        }

        private ManagedType? ResolveType(ManagedCallGraph graph, EntityHandle handle)
        {
            if (handle.IsNil)
            {
                return null;
            }

            switch (handle.Kind)
            {
                case HandleKind.TypeDefinition:
                    return _types.GetValueOrDefault((TypeDefinitionHandle)handle);
                case HandleKind.TypeReference:
                    TypeReferenceHandle reference = (TypeReferenceHandle)handle;
                    return ScopeAssembly(reference) is { } assembly
                        ? graph.FindType(assembly, SignatureText.Name(_reader, reference))
                        : null;
                case HandleKind.TypeSpecification:
                    return ResolveGeneric(graph, (TypeSpecificationHandle)handle);
                default:
                    return null;
            }
        }

        private string? ScopeAssembly(TypeReferenceHandle handle)
        {
            EntityHandle scope = _reader.GetTypeReference(handle).ResolutionScope;
            return scope.Kind switch
            {
                HandleKind.TypeReference => ScopeAssembly((TypeReferenceHandle)scope),
                HandleKind.AssemblyReference => _reader.GetString(_reader.GetAssemblyReference((AssemblyReferenceHandle)scope).Name),
                HandleKind.ModuleDefinition => Name,
                _ => null,
            };
        }

        // An instance of a generic type: the first type in its signature is the definition.
        private ManagedType? ResolveGeneric(ManagedCallGraph graph, TypeSpecificationHandle handle)
        {
            BlobReader blob = _reader.GetBlobReader(_reader.GetTypeSpecification(handle).Signature);
            if (blob.ReadSignatureTypeCode() != SignatureTypeCode.GenericTypeInstance)
            {
                return null;
            }

            blob.ReadCompressedInteger();
            return ResolveType(graph, blob.ReadTypeHandle());
        }

        private ManagedMethod? Resolve(ManagedCallGraph graph, EntityHandle handle)
        {
            switch (handle.Kind)
            {
                case HandleKind.MethodDefinition:
                    return Methods.GetValueOrDefault((MethodDefinitionHandle)handle);
                case HandleKind.MethodSpecification:
                    return Resolve(graph, _reader.GetMethodSpecification((MethodSpecificationHandle)handle).Method);
                case HandleKind.MemberReference:
                    MemberReference member = _reader.GetMemberReference((MemberReferenceHandle)handle);
                    if (member.GetKind() != MemberReferenceKind.Method || member.Parent.Kind == HandleKind.MethodDefinition)
                    {
                        return null;
                    }

                    (string, string) key = (
                        _reader.GetString(member.Name),
                        SignatureText.Of(member.DecodeMethodSignature(SignatureText.Instance, null)));
                    for (ManagedType? type = ResolveType(graph, member.Parent); type is not null; type = type.Base)
                    {
                        if (type.Methods.TryGetValue(key, out ManagedMethod? method))
                        {
                            return method;
                        }
                    }

                    return null;
                default:
                    return null;
            }
        }
    }
}
