using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;

namespace ApiLevel.Tracing.EventPipe;

/// <summary>A native function that a module declares.</summary>
/// <param name="Token">The metadata token of the managed method that stands for it.</param>
/// <param name="Library">The library as the module names it.</param>
/// <param name="EntryPoint">The function as the module names it.</param>
/// <param name="StubKey">Equal for declarations that the runtime may serve with one stub.</param>
/// <param name="MayNeedNoStub">True where nothing is to be converted: optimized code then calls the function without a stub.</param>
internal sealed record PInvokeDeclaration(int Token, string Library, string EntryPoint, string StubKey, bool MayNeedNoStub)
{
    /// <summary>The function as <c>library!name</c>, the library in lower case without .dll.</summary>
    public string Api
    {
        get
        {
            string library = Library.Substring(Library.LastIndexOfAny(['/', '\\']) + 1).ToLowerInvariant();
            library = library.EndsWith(".dll", StringComparison.Ordinal) ? library.Substring(0, library.Length - 4) : library;
            return library + "!" + EntryPoint;
        }
    }
}

/// <summary>
/// The P/Invoke declarations (ImplMap rows) of one managed module, read from its file. The path may come from a recording that
/// somebody else made, so only plain local files are opened and nothing in them is trusted.
/// </summary>
internal sealed class PInvokeModule
{
    private const long MaximumLength = 512L << 20;
    private const int MaximumBody = 1 << 20;

    private readonly PEReader _reader;
    private readonly MetadataReader _metadata;
    private readonly Dictionary<int, PInvokeDeclaration> _declarations = [];

    private PInvokeModule(PEReader reader, MetadataReader metadata)
    {
        _reader = reader;
        _metadata = metadata;
    }

    /// <summary>How many functions it declares.</summary>
    public int Count => _declarations.Count;

    /// <summary>Reads a module; null where there is none at this path that can be read.</summary>
    public static PInvokeModule? TryOpen(string path)
    {
        if (!IsPlainLocalFile(path))
        {
            return null;
        }

        PEReader? reader = null;
        try
        {
            FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            reader = new PEReader(stream);
            if (!reader.HasMetadata)
            {
                reader.Dispose();
                return null;
            }

            PInvokeModule module = new(reader, reader.GetMetadataReader());
            module.ReadDeclarations();
            return module;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or BadImageFormatException
            or ArgumentException or InvalidOperationException or NotSupportedException or OverflowException)
        {
            // Unreadable is the same as absent here: the event itself still names the managed method.
            reader?.Dispose();
            return null;
        }
    }

    /// <summary>The declaration behind a token, when the method there has the name that the event says.</summary>
    public PInvokeDeclaration? Find(int token, string methodName)
    {
        try
        {
            return _declarations.TryGetValue(token, out PInvokeDeclaration? found)
                && MetadataTokens.EntityHandle(token) is { Kind: HandleKind.MethodDefinition } handle
                && _metadata.StringComparer.Equals(_metadata.GetMethodDefinition((MethodDefinitionHandle)handle).Name, methodName)
                ? found
                : null;
        }
        catch (BadImageFormatException)
        {
            return null;
        }
    }

    /// <summary>Declarations that a method's body calls or takes the address of. Never null.</summary>
    public IReadOnlyList<PInvokeDeclaration> FindCalls(int methodToken)
    {
        if (_declarations.Count == 0)
        {
            return [];
        }

        try
        {
            EntityHandle handle = MetadataTokens.EntityHandle(methodToken);
            if (handle.Kind != HandleKind.MethodDefinition)
            {
                return [];
            }

            MethodDefinition method = _metadata.GetMethodDefinition((MethodDefinitionHandle)handle);
            if (method.RelativeVirtualAddress == 0)
            {
                return [];
            }

            BlobReader code = _reader.GetMethodBody(method.RelativeVirtualAddress).GetILReader();
            return code.Length > MaximumBody ? [] : FindCalls(ref code);
        }
        catch (Exception exception) when (exception is BadImageFormatException or InvalidOperationException or IOException
            or ArgumentException or OverflowException)
        {
            return [];
        }
    }

    public void Close() => _reader.Dispose();

    private static bool IsPlainLocalFile(string path)
    {
        try
        {
            if (path.Length < 3 || !Path.IsPathRooted(path)
                || path.StartsWith("\\\\", StringComparison.Ordinal) || path.StartsWith("//", StringComparison.Ordinal))
            {
                return false;
            }

            if (RuntimeInformation.IsOSPlatform(OSPlatform.Windows)
                && new DriveInfo(Path.GetPathRoot(path)!).DriveType is not (DriveType.Fixed or DriveType.Removable or DriveType.Ram))
            {
                return false;
            }

            // Pipes and devices have no length; opening one could block or never end.
            FileInfo file = new(path);
            return file.Exists && file.Length is > 0 and <= MaximumLength;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException
            or NotSupportedException)
        {
            return false;
        }
    }

    private void ReadDeclarations()
    {
        foreach (MethodDefinitionHandle handle in _metadata.MethodDefinitions)
        {
            MethodDefinition method = _metadata.GetMethodDefinition(handle);
            if ((method.Attributes & System.Reflection.MethodAttributes.PinvokeImpl) == 0)
            {
                continue;
            }

            MethodImport import = method.GetImport();
            if (import.Module.IsNil)
            {
                continue;
            }

            string entryPoint = _metadata.GetString(import.Name);
            int token = MetadataTokens.GetToken(handle);
            _declarations[token] = new PInvokeDeclaration(
                token,
                _metadata.GetString(_metadata.GetModuleReference(import.Module).Name),
                entryPoint.Length == 0 ? _metadata.GetString(method.Name) : entryPoint,
                (int)import.Attributes + ":" + (int)method.ImplAttributes + ":" + ToHex(_metadata.GetBlobContent(method.Signature)),
                (import.Attributes & System.Reflection.MethodImportAttributes.SetLastError) == 0
                    && (method.ImplAttributes & System.Reflection.MethodImplAttributes.PreserveSig) != 0
                    && IsPlain(_metadata.GetBlobReader(method.Signature)));
        }
    }

    // Numbers, pointers and value types: what passes between managed and native code as it is.
    private static bool IsPlain(BlobReader signature)
    {
        signature.ReadSignatureHeader();
        int count = signature.ReadCompressedInteger();
        for (int i = 0; i <= count && signature.RemainingBytes > 0; i++)
        {
            switch (signature.ReadCompressedInteger())
            {
                case 0x01 or (>= 0x04 and <= 0x0D) or 0x18 or 0x19:
                    break;
                case 0x11:
                    signature.ReadTypeHandle();
                    break;
                case 0x0F:
                    int target = signature.ReadCompressedInteger();
                    while (target == 0x0F && signature.RemainingBytes > 0)
                    {
                        target = signature.ReadCompressedInteger();
                    }

                    if (target is 0x11 or 0x12)
                    {
                        signature.ReadTypeHandle();
                    }

                    break;
                default:
                    return false;
            }
        }

        return true;
    }

    private static string ToHex(ImmutableArray<byte> bytes)
    {
        byte[] copy = new byte[bytes.Length];
        bytes.CopyTo(copy);
        return BitConverter.ToString(copy);
    }

    private List<PInvokeDeclaration> FindCalls(ref BlobReader code)
    {
        List<PInvokeDeclaration> found = [];
        while (code.RemainingBytes > 0)
        {
            int operation = code.ReadByte();
            operation = operation == 0xFE && code.RemainingBytes > 0 ? 0xFE00 | code.ReadByte() : operation;
            const int Call = 0x28;
            const int LoadFunction = 0xFE06;
            if (operation is Call or LoadFunction)
            {
                if (_declarations.TryGetValue(code.ReadInt32(), out PInvokeDeclaration? declaration) && !found.Contains(declaration))
                {
                    found.Add(declaration);
                }

                continue;
            }

            Skip(ref code, operation);
        }

        return found;
    }

    private static void Skip(ref BlobReader code, int operation)
    {
        // The sizes of operands, ECMA-335 partition III.
        int size = operation switch
        {
            0x45 => -1,
            >= 0x0E and <= 0x13 or 0x1F or (>= 0x2B and <= 0x37) or 0xDE or 0xFE12 or 0xFE19 => 1,
            0x20 or 0x22 or 0x27 or 0x29 or (>= 0x38 and <= 0x44) or (>= 0x6F and <= 0x75) or 0x79 or (>= 0x7B and <= 0x81)
                or 0x8C or 0x8D or 0x8F or (>= 0xA3 and <= 0xA5) or 0xC2 or 0xC6 or 0xD0 or 0xDD
                or 0xFE07 or 0xFE15 or 0xFE16 or 0xFE1C => 4,
            >= 0xFE09 and <= 0xFE0E => 2,
            0x21 or 0x23 => 8,
            _ => 0,
        };
        if (size < 0)
        {
            uint count = code.ReadUInt32();
            if (count > code.RemainingBytes / sizeof(int))
            {
                throw new BadImageFormatException();
            }

            size = (int)count * sizeof(int);
        }

        code.Offset += Math.Min(size, code.RemainingBytes);
    }
}
