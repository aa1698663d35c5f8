using System;
using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Reflection.Metadata;

namespace ApiLevel.Formats.Portable;

/// <summary>.NET: the CLR header, P/Invokes and references to members of other assemblies.</summary>
internal sealed class ManagedParser(ImageContext image)
{
    private const string Clr = ".NET header";
    private const string Metadata = ".NET metadata";

    /// <summary>More metadata than any compiler writes; larger claims are not read.</summary>
    private const int MaximumMetadata = 48 << 20;

    private const int MaximumNesting = 16;

    private readonly MetadataTables _metadata = new();
    private int _namesSize;
    private int _pInvokeCount;
    private int _untold;

    /// <summary>Reads the image's header, its P/Invokes and, where they are asked for, its references.</summary>
    /// <param name="pInvokeCount">How many P/Invokes name a module.</param>
    /// <returns>What it was built for; null when it is no .NET image.</returns>
    public string? Read(out int pInvokeCount)
    {
        _pInvokeCount = 0;
        string? runtime = ReadHeader();
        pInvokeCount = _pInvokeCount;
        return runtime;
    }

    private string? ReadHeader()
    {
        DataDirectory directory = image.Headers[DirectoryIndex.ClrHeader];
        if (directory.Rva == 0)
        {
            return null;
        }

        Span<byte> header = stackalloc byte[72];
        if (!image.TryFill(Window.Other, directory.Rva, header))
        {
            image.Problems.Add(Clr, "the directory points outside the file");
            return null;
        }

        uint metadata = BinaryPrimitives.ReadUInt32LittleEndian(header.Slice(8));
        uint size = BinaryPrimitives.ReadUInt32LittleEndian(header.Slice(12));
        uint flags = BinaryPrimitives.ReadUInt32LittleEndian(header.Slice(16));
        uint native = BinaryPrimitives.ReadUInt32LittleEndian(header.Slice(64));
        uint headerSize = BinaryPrimitives.ReadUInt32LittleEndian(header);
        if (headerSize < 72 && metadata == 0)
        {
            image.Problems.Add(Clr, "it is not one");
            return null;
        }

        ReadMetadata(metadata, size);
        Span<byte> signature = stackalloc byte[4];
        if (native != 0 && image.TryFill(Window.Other, native, signature))
        {
            return signature.SequenceEqual("RTR\0"u8) ? ".NET (ReadyToRun)" : ".NET (NGen)";
        }

        return (flags & 1) != 0 ? ".NET (IL only)" : ".NET (mixed mode)";
    }

    private void ReadMetadata(uint rva, uint size)
    {
        if (image.Headers.Map.Find(rva, out long offset, out long available) != Backing.File)
        {
            image.Problems.Add(Metadata, "it points outside the file");
            return;
        }

        if (available < size)
        {
            image.Problems.Add(Metadata, "it is longer than its section");
            size = (uint)available;
        }

        if (size > MaximumMetadata)
        {
            image.Problems.Add(Metadata, "it is larger than any real one and is not read");
            return;
        }

        if (_metadata.Read(image.Bytes, offset, (int)size) is { } reason)
        {
            image.Problems.Add(Metadata, image.Bytes.OutOfTime ? "not read: " + image.Budget.Exhausted : reason);
            return;
        }

        if (_metadata.HasAlternatives)
        {
            image.Problems.Add(Metadata, "a stream stands in it more than once: which one counts is each reader's own choice");
        }

        ReadPInvokes();
        if (image.IsWanted(ReferenceKind.ManagedReference))
        {
            ReadManagedReferences(offset, (int)size);
        }
    }

    private void ReadPInvokes()
    {
        MetadataTable imports = _metadata.Find(MetadataTables.ImplMap);
        if (imports.IsCut)
        {
            image.Problems.Add(Metadata, "P/Invokes: the table is longer than the metadata");
        }

        if (imports.Count == 0)
        {
            return;
        }

        // A count needs the modules' names, which are few; a list needs all, and they lie anywhere in the heap.
        byte[]? heap = image.IsWanted(ReferenceKind.PInvoke) ? ReadNames() : null;
        try
        {
            ReadPInvokes(in imports, heap);
        }
        finally
        {
            if (heap is not null)
            {
                ArrayPool<byte>.Shared.Return(heap);
            }
        }
    }

    private void ReadPInvokes(in MetadataTable imports, byte[]? heap)
    {
        const int MaximumKeptModules = 256;
        const int FlagsInMethod = 6;
        const int PInvokeImpl = 0x2000;
        MetadataTable modules = _metadata.Find(MetadataTables.ModuleRef);
        MetadataTable methods = _metadata.Find(MetadataTables.MethodDef);
        var kept = new string?[Math.Min(modules.Count, MaximumKeptModules) + 1];
        int nameAt = 2 + _metadata.ForwardedIndexSize;
        int scopeAt = nameAt + _metadata.StringIndexSize;
        int skipped = 0;
        for (int i = 0; i < imports.Count;)
        {
            int wanted = Math.Min(imports.Count - i, ImageBytes.MaximumCount / imports.RowSize);
            ReadOnlySpan<byte> rows = image.Bytes.Get(Window.Thunks, imports.Offset + ((long)i * imports.RowSize), wanted * imports.RowSize);
            if (rows.Length < imports.RowSize)
            {
                image.Problems.Add(Metadata, "P/Invokes: " + (image.Budget.Exhausted ?? "the table cannot be read to its end"));
                break;
            }

            for (; rows.Length >= imports.RowSize; rows = rows.Slice(imports.RowSize), i++)
            {
                if (!image.Budget.TrySpend(imports.RowSize))
                {
                    image.Problems.Add(Metadata, "P/Invokes: " + image.Budget.Exhausted);
                    return;
                }

                // The lowest bit says that a method is imported; the format has fields as well, which no runtime takes. A method has one
                // import; of several rows a runtime takes the one that its search meets first, so each of them counts.
                uint member = ReadIndex(rows.Slice(2, nameAt - 2));
                uint scope = ReadIndex(rows.Slice(scopeAt, imports.RowSize - scopeAt));
                if ((member & 1) == 0 || scope == 0)
                {
                    continue;
                }

                long method = methods[member >> 1];
                ReadOnlySpan<byte> flags = method < 0 ? default : image.Bytes.Get(Window.Other, method + FlagsInMethod, sizeof(ushort));
                if (flags.Length < sizeof(ushort))
                {
                    skipped++;
                    continue;
                }

                if ((BinaryPrimitives.ReadUInt16LittleEndian(flags) & PInvokeImpl) == 0)
                {
                    continue;
                }

                string? module = scope < kept.Length
                    ? kept[scope] ??= ReadName(heap, modules[scope])
                    : ReadName(heap, modules[scope]);
                if (module is { Length: 0 })
                {
                    // C++/CLI writes its calls into the image's own native code like this; they lead nowhere outside.
                    continue;
                }

                if (module is null)
                {
                    skipped++;
                }
                else if (!image.IsWanted(ReferenceKind.PInvoke))
                {
                    _pInvokeCount++;
                }
                else if (ReadEntryPoint(ReadIndex(rows.Slice(nameAt, scopeAt - nameAt)), method, heap) is not { Length: > 0 } entryPoint)
                {
                    skipped++;
                }
                else if (!TryKeepPInvoke(module, entryPoint))
                {
                    return;
                }
            }
        }

        if (skipped > 0)
        {
            image.Problems.Add(Metadata, string.Format(CultureInfo.InvariantCulture, "{0} P/Invokes skipped: a name is missing or not text", skipped));
        }
    }

    private bool TryKeepPInvoke(string module, string entryPoint)
    {
        _pInvokeCount++;
        bool isOrdinal = ushort.TryParse(
            entryPoint[0] == '#' ? entryPoint.Substring(1) : "", NumberStyles.None, CultureInfo.InvariantCulture, out ushort ordinal);
        return image.TryKeep(new PortableReference(ReferenceKind.PInvoke, module, isOrdinal ? "" : entryPoint, isOrdinal ? ordinal : null), Metadata);
    }

    /// <summary>The name of the imported function: its own, or the method's. Null or empty when neither is text.</summary>
    private string? ReadEntryPoint(uint name, long method, byte[]? heap)
    {
        const int NameInMethod = 8;
        string? entryPoint = GetName(heap, name);
        return entryPoint is { Length: 0 } ? ReadName(heap, method + NameInMethod) : entryPoint;
    }

    private static uint ReadIndex(ReadOnlySpan<byte> bytes) =>
        bytes.Length < 4 ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    /// <summary>The heap of names in a rented array; null where it cannot be had, and the names are read one by one.</summary>
    private byte[]? ReadNames()
    {
        int size = _metadata.StringsSize;
        if (size == 0 || !image.Budget.CheckTime() || !image.Budget.TrySpend(size))
        {
            return null;
        }

        byte[] heap = ArrayPool<byte>.Shared.Rent(size);
        _namesSize = image.Bytes.ReadPart(_metadata.StringsOffset, heap.AsSpan(0, size));
        if (_namesSize < size)
        {
            image.Problems.Add(Metadata, "the names cannot be read to their end");
        }

        return heap;
    }

    /// <summary>The name that a column says, as <see cref="GetName"/>; null for a column that is not there.</summary>
    private string? ReadName(byte[]? heap, long column)
    {
        ReadOnlySpan<byte> index = column < 0 ? default : image.Bytes.Get(Window.Descriptors, column, _metadata.StringIndexSize);
        return index.Length < _metadata.StringIndexSize ? null : GetName(heap, ReadIndex(index));
    }

    /// <summary>The name at a place of the heap: empty when there is none, null when it is outside or no text.</summary>
    private string? GetName(byte[]? heap, uint index)
    {
        // Without the heap in memory each name may cost the read of a page.
        const int Page = 4096;
        int size = heap is null ? _metadata.StringsSize : _namesSize;
        if (index >= size || !image.Budget.TrySpend(heap is null ? Page : 1))
        {
            return null;
        }

        int limit = (int)Math.Min(ImageContext.MaximumName + 1, size - index);
        ReadOnlySpan<byte> text = heap is null
            ? image.Bytes.GetString(Window.Names, _metadata.StringsOffset + index, limit, out bool isTerminated)
            : Cut(heap.AsSpan((int)index, limit), out isTerminated);
        return !isTerminated ? null : text.IsEmpty ? "" : image.Budget.TrySpend(text.Length) ? Names.GetName(text) : null;
    }

    private static ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> text, out bool isTerminated)
    {
        int end = text.IndexOf((byte)0);
        isTerminated = end >= 0;
        return isTerminated ? text.Slice(0, end) : text;
    }

    private void ReadManagedReferences(long offset, int size)
    {
        if (!image.Budget.CheckTime() || !image.Budget.TrySpend(size))
        {
            image.Problems.Add(Metadata, "not read: " + image.Budget.Exhausted);
            return;
        }

        try
        {
            // Into memory outside the collected heap, which is given back at once.
            using Stream stream = image.Bytes.OpenPart(offset, size);
            using var provider = MetadataReaderProvider.FromMetadataStream(stream, MetadataStreamOptions.PrefetchMetadata, size);
            _untold = 0;
            ReadManagedReferences(provider.GetMetadataReader(MetadataReaderOptions.None));
            if (_untold > 0)
            {
                image.Problems.Add(Metadata, string.Format(CultureInfo.InvariantCulture, "{0} names of types and members skipped: too long or not text", _untold));
            }
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or OutOfMemoryException))
        {
            // MetadataReader reports damage by exceptions of many types. What was read until then is kept.
            image.Problems.Add(Metadata, exception.Message);
        }
    }

    private void ReadManagedReferences(MetadataReader reader)
    {
        // No name: one that cannot be told, for it is too long, no text, or in no assembly.
        var types = new Dictionary<EntityHandle, (string Assembly, string Name)>();
        foreach (MemberReferenceHandle handle in reader.MemberReferences)
        {
            if (!image.Budget.TrySpend(16))
            {
                image.Problems.Add(Metadata, "member references: " + image.Budget.Exhausted);
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
                type = DescribeType(reader, (TypeReferenceHandle)parent);
                if (!image.TryEmit(type.Name.Length, Metadata))
                {
                    return;
                }

                types[parent] = type;
            }

            if (type.Name.Length > 0 && ReadName(reader, member.Name) is { Length: > 0 } name &&
                !image.TryKeep(new PortableReference(ReferenceKind.ManagedReference, type.Assembly, type.Name + "::" + name), Metadata))
            {
                return;
            }
        }

        // A type that is used without one of its members (a base class, a field's type) is named alone.
        foreach (TypeReferenceHandle handle in reader.TypeReferences)
        {
            if (!image.Budget.TrySpend(16))
            {
                image.Problems.Add(Metadata, "type references: " + image.Budget.Exhausted);
                return;
            }

            if (types.ContainsKey(handle))
            {
                continue;
            }

            (string assembly, string name) = DescribeType(reader, handle);
            if (name.Length > 0 && !image.TryKeep(new PortableReference(ReferenceKind.ManagedReference, assembly, name), Metadata))
            {
                return;
            }
        }
    }

    /// <summary>A name of the heap; null where it is no text, or longer than any name, or too much was read already.</summary>
    private string? ReadName(MetadataReader reader, StringHandle handle)
    {
        // Its length is known before the string is made: a heap may be one name, and each row may have it.
        int length = handle.IsNil ? 0 : reader.GetBlobReader(handle).Length;
        if (length == 0)
        {
            return "";
        }

        if (image.Budget.TrySpend(length) && length <= ImageContext.MaximumName && reader.GetString(handle) is var name && Names.IsText(name))
        {
            return name;
        }

        _untold++;
        return null;
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

    /// <summary>The assembly or module of a type and its full name; both empty where that cannot be told.</summary>
    private (string Assembly, string Name) DescribeType(MetadataReader reader, TypeReferenceHandle handle)
    {
        string name = "";
        for (int depth = 0; depth < MaximumNesting; depth++)
        {
            TypeReference type = reader.GetTypeReference(handle);
            if (ReadName(reader, type.Name) is not { } own || ReadName(reader, type.Namespace) is not { } space)
            {
                break;
            }

            name = (space.Length > 0 ? space + "." + own : own) + (name.Length > 0 ? "+" + name : "");
            if (name.Length > ImageContext.MaximumName)
            {
                _untold++;
                break;
            }

            EntityHandle scope = type.ResolutionScope;
            if (scope.Kind == HandleKind.TypeReference && !scope.IsNil)
            {
                handle = (TypeReferenceHandle)scope;
                continue;
            }

            StringHandle owner = scope switch
            {
                { IsNil: true } => default,
                { Kind: HandleKind.AssemblyReference } => reader.GetAssemblyReference((AssemblyReferenceHandle)scope).Name,
                { Kind: HandleKind.ModuleReference } => reader.GetModuleReference((ModuleReferenceHandle)scope).Name,
                _ => default,
            };
            return name.Length > 0 && ReadName(reader, owner) is { Length: > 0 } assembly ? (assembly, name) : ("", "");
        }

        return ("", "");
    }
}
