using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;

namespace ApiLevel.Formats.Portable;

/// <summary>.NET: the CLR header, P/Invokes and references to members of other assemblies.</summary>
internal sealed partial class ImageParser
{
    private const string Clr = ".NET header";
    private const string Metadata = ".NET metadata";

    /// <summary>More metadata than any compiler writes; larger claims are not read.</summary>
    private const int MaximumMetadata = 48 << 20;

    private const int MaximumNesting = 16;

    /// <summary>Reads what a .NET image says. Null when it is none; otherwise the runtime's description.</summary>
    private string? ReadManaged()
    {
        DataDirectory directory = _headers[DirectoryIndex.ClrHeader];
        if (directory.Rva == 0)
        {
            return null;
        }

        Span<byte> header = stackalloc byte[72];
        if (!TryFill(Window.Other, directory.Rva, header))
        {
            _problems.Add(Clr, "the directory points outside the file");
            return null;
        }

        uint metadata = BinaryPrimitives.ReadUInt32LittleEndian(header.Slice(8));
        uint size = BinaryPrimitives.ReadUInt32LittleEndian(header.Slice(12));
        uint flags = BinaryPrimitives.ReadUInt32LittleEndian(header.Slice(16));
        uint native = BinaryPrimitives.ReadUInt32LittleEndian(header.Slice(64));
        uint headerSize = BinaryPrimitives.ReadUInt32LittleEndian(header);
        if (headerSize < 72 && metadata == 0)
        {
            _problems.Add(Clr, "it is not one");
            return null;
        }

        ReadMetadata(metadata, size);
        Span<byte> signature = stackalloc byte[4];
        if (native != 0 && TryFill(Window.Other, native, signature))
        {
            return signature.SequenceEqual("RTR\0"u8) ? ".NET (ReadyToRun)" : ".NET (NGen)";
        }

        return (flags & 1) != 0 ? ".NET (IL only)" : ".NET (mixed mode)";
    }

    private void ReadMetadata(uint rva, uint size)
    {
        if (_headers.Map.Find(rva, out long offset, out long available) != Backing.File)
        {
            _problems.Add(Metadata, "it points outside the file");
            return;
        }

        if (available < size)
        {
            _problems.Add(Metadata, "it is longer than its section");
            size = (uint)available;
        }

        if (size > MaximumMetadata)
        {
            _problems.Add(Metadata, "it is larger than any real one and is not read");
            return;
        }

        bool wantsReferences = IsWanted(ReferenceKind.ManagedReference);
        if (!wantsReferences && !MayHavePInvokes(offset, (int)size))
        {
            return;
        }

        if (!_budget.CheckTime() || !_budget.TrySpend(size))
        {
            _problems.Add(Metadata, "not read: " + _budget.Exhausted);
            return;
        }

        try
        {
            // Into memory outside the collected heap, which is given back at once.
            using Stream stream = _bytes.OpenPart(offset, (int)size);
            using var provider = MetadataReaderProvider.FromMetadataStream(stream, MetadataStreamOptions.PrefetchMetadata, (int)size);
            MetadataReader reader = provider.GetMetadataReader(MetadataReaderOptions.None);
            ReadPInvokes(reader);
            if (wantsReferences)
            {
                ReadManagedReferences(reader);
            }
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or OutOfMemoryException))
        {
            // MetadataReader reports damage by exceptions of many types. What was read until then is kept.
            _problems.Add(Metadata, exception.Message);
        }
    }

    /// <summary>Looks into the tables' header, in the first bytes of the metadata: most assemblies have no P/Invoke at all.</summary>
    private bool MayHavePInvokes(long offset, int size)
    {
        ReadOnlySpan<byte> start = _bytes.Get(Window.Other, offset, Math.Min(size, 512));
        if (start.Length < 20 || BinaryPrimitives.ReadUInt32LittleEndian(start) != 0x424A5342)
        {
            return true;
        }

        long at = 16L + BinaryPrimitives.ReadUInt32LittleEndian(start.Slice(12));
        if (at + 4 > start.Length)
        {
            return true;
        }

        int streams = BinaryPrimitives.ReadUInt16LittleEndian(start.Slice((int)at + 2));
        at += 4;
        for (int i = 0; i < streams && at + 12 <= start.Length; i++)
        {
            ReadOnlySpan<byte> stream = start.Slice((int)at);
            int length = stream.Slice(8).IndexOf((byte)0);
            if (length < 0)
            {
                return true;
            }

            if (stream.Slice(8, length).SequenceEqual("#~"u8))
            {
                long tables = offset + BinaryPrimitives.ReadUInt32LittleEndian(stream);
                ReadOnlySpan<byte> header = _bytes.Get(Window.Other, tables, 24);
                const int ImplMap = 0x1C;
                return header.Length < 24 || ((BinaryPrimitives.ReadUInt64LittleEndian(header.Slice(8)) >> ImplMap) & 1) != 0;
            }

            at += 8 + ((length + 4) & ~3);
        }

        return true;
    }

    private void ReadPInvokes(MetadataReader reader)
    {
        bool isWanted = IsWanted(ReferenceKind.PInvoke);
        int count = reader.GetTableRowCount(TableIndex.ImplMap);
        if (count == 0)
        {
            return;
        }

        int skipped = 0;

        // The table of ImplMap rows is not public in MetadataReader: it is reached from the methods that are imported.
        foreach (MethodDefinitionHandle handle in reader.MethodDefinitions)
        {
            if (!_budget.TrySpend(8))
            {
                _problems.Add(Metadata, "P/Invokes: " + _budget.Exhausted);
                return;
            }

            MethodDefinition method = reader.GetMethodDefinition(handle);
            if ((method.Attributes & MethodAttributes.PinvokeImpl) == 0)
            {
                continue;
            }

            MethodImport import = method.GetImport();
            if (import.Module.IsNil)
            {
                continue;
            }

            string module = reader.GetString(reader.GetModuleReference(import.Module).Name);
            string entryPoint = import.Name.IsNil ? "" : reader.GetString(import.Name);
            if (entryPoint.Length == 0)
            {
                entryPoint = reader.GetString(method.Name);
            }

            if (module.Length == 0)
            {
                // C++/CLI writes its calls into the image's own native code like this; they lead nowhere outside.
                continue;
            }

            if (!IsText(module) || !IsText(entryPoint))
            {
                skipped++;
                continue;
            }

            _pInvokeCount++;
            int? ordinal = null;
            if (entryPoint.Length > 1 && entryPoint[0] == '#' && int.TryParse(entryPoint.Substring(1), out int number) && number is >= 0 and <= 0xFFFF)
            {
                ordinal = number;
                entryPoint = "";
            }

            if (isWanted && !TryKeep(new PortableReference(ReferenceKind.PInvoke, module, entryPoint, ordinal), Metadata))
            {
                return;
            }
        }

        if (skipped > 0)
        {
            _problems.Add(Metadata, string.Format(CultureInfo.InvariantCulture, "{0} P/Invokes skipped: a name is missing or not text", skipped));
        }
    }

    /// <summary>Control characters in a name would reach a terminal; no real name has them.</summary>
    private static bool IsText(string name)
    {
        foreach (char c in name)
        {
            if (char.IsControl(c))
            {
                return false;
            }
        }

        return name.Length > 0;
    }

    private void ReadManagedReferences(MetadataReader reader)
    {
        var types = new Dictionary<EntityHandle, (string Assembly, string Name)>();
        foreach (MemberReferenceHandle handle in reader.MemberReferences)
        {
            if (!_budget.TrySpend(16))
            {
                _problems.Add(Metadata, "member references: " + _budget.Exhausted);
                return;
            }

            MemberReference member = reader.GetMemberReference(handle);
            EntityHandle parent = member.Parent;
            if (parent.Kind == HandleKind.TypeSpecification)
            {
                parent = FindGenericType(reader, (TypeSpecificationHandle)parent);
            }

            if (parent.Kind != HandleKind.TypeReference || parent.IsNil)
            {
                continue;
            }

            if (!types.TryGetValue(parent, out (string Assembly, string Name) type))
            {
                types[parent] = type = DescribeType(reader, (TypeReferenceHandle)parent);
            }

            string name = reader.GetString(member.Name);
            if (IsText(type.Assembly) && IsText(type.Name) && IsText(name) &&
                !TryKeep(new PortableReference(ReferenceKind.ManagedReference, type.Assembly, type.Name + "::" + name), Metadata))
            {
                return;
            }
        }

        // A type that is used without one of its members (a base class, a field's type) is named alone.
        foreach (TypeReferenceHandle handle in reader.TypeReferences)
        {
            if (!_budget.TrySpend(16))
            {
                _problems.Add(Metadata, "type references: " + _budget.Exhausted);
                return;
            }

            if (types.ContainsKey(handle))
            {
                continue;
            }

            (string assembly, string name) = DescribeType(reader, handle);
            if (IsText(assembly) && IsText(name) && !TryKeep(new PortableReference(ReferenceKind.ManagedReference, assembly, name), Metadata))
            {
                return;
            }
        }
    }

    /// <summary>The type reference of an instantiated generic type ("List of int"): the first token of its signature.</summary>
    private static EntityHandle FindGenericType(MetadataReader reader, TypeSpecificationHandle handle)
    {
        BlobReader signature = reader.GetBlobReader(reader.GetTypeSpecification(handle).Signature);
        const byte GenericInstance = 0x15;
        if (signature.Length < 3 || signature.ReadByte() != GenericInstance)
        {
            return default;
        }

        signature.ReadByte();
        return signature.ReadTypeHandle();
    }

    private static (string Assembly, string Name) DescribeType(MetadataReader reader, TypeReferenceHandle handle)
    {
        string name = "";
        for (int depth = 0; depth < MaximumNesting; depth++)
        {
            TypeReference type = reader.GetTypeReference(handle);
            string own = reader.GetString(type.Name);
            string space = reader.GetString(type.Namespace);
            name = (space.Length > 0 ? space + "." + own : own) + (name.Length > 0 ? "+" + name : "");
            EntityHandle scope = type.ResolutionScope;
            switch (scope.Kind)
            {
                case HandleKind.AssemblyReference when !scope.IsNil:
                    return (reader.GetString(reader.GetAssemblyReference((AssemblyReferenceHandle)scope).Name), name);
                case HandleKind.ModuleReference when !scope.IsNil:
                    return (reader.GetString(reader.GetModuleReference((ModuleReferenceHandle)scope).Name), name);
                case HandleKind.TypeReference when !scope.IsNil:
                    handle = (TypeReferenceHandle)scope;
                    continue;
                default:
                    return ("", name);
            }
        }

        return ("", name);
    }
}
