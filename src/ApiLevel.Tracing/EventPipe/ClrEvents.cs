using System;
using System.Diagnostics.CodeAnalysis;

namespace ApiLevel.Tracing.EventPipe;

/// <summary>
/// The few events of the .NET runtime that name what a program calls. They carry no description of their payload; it is read here
/// with every length checked, because a .nettrace file may come from anywhere.
/// </summary>
internal static class ClrEvents
{
    public const string RuntimeProvider = "Microsoft-Windows-DotNETRuntime";
    public const string RundownProvider = "Microsoft-Windows-DotNETRuntimeRundown";

    public const long LoaderKeyword = 0x8;
    public const long JitKeyword = 0x10;
    public const long InteropKeyword = 0x2000;
    public const long CompilationDiagnosticKeyword = 0x20_0000_0000;

    public const int StubGenerated = 88;
    public const int MethodLoadVerbose = 143;
    public const int ModuleLoad = 152;
    public const int EntryPointFound = 159;
    public const int RundownModuleStart = 153;
    public const int RundownModuleEnd = 154;

    public static readonly Guid RuntimeProviderId = new("e13c0d23-ccbc-4e12-931b-d9cc2eee27e4");
    public static readonly Guid RundownProviderId = new("a669021c-c450-4609-a035-5af59af4df18");
    public static readonly Guid EventPipeProviderId = new("92f528a6-f5b8-5160-a7ee-b33da7739e29");

    /// <summary>Reads ILStub/StubGenerated.</summary>
    public static bool TryReadStub(ReadOnlySpan<byte> payload, [NotNullWhen(true)] out StubGeneratedEvent? stub)
    {
        stub = null;
        ByteCursor reader = new(payload);
        if (!reader.TryReadUInt16(out _)
            || !reader.TryReadUInt64(out ulong module)
            || !reader.TryReadUInt64(out _)
            || !reader.TryReadInt32(out int flags)
            || !reader.TryReadInt32(out int token)
            || !reader.TryReadUtf16(out string? space)
            || !reader.TryReadUtf16(out string? name)
            || !reader.TryReadUtf16(out _)
            || !reader.TryReadUtf16(out string? signature))
        {
            return false;
        }

        stub = new StubGeneratedEvent(module, (uint)flags, token, space, name, signature);
        return true;
    }

    /// <summary>Reads Loader/ModuleLoad and its rundown forms.</summary>
    public static bool TryReadModule(ReadOnlySpan<byte> payload, out ulong module, [NotNullWhen(true)] out string? path)
    {
        path = null;
        ByteCursor reader = new(payload);
        return reader.TryReadUInt64(out module)
            && reader.TryReadUInt64(out _)
            && reader.TryReadInt32(out _)
            && reader.TryReadInt32(out _)
            && reader.TryReadUtf16(out path);
    }

    /// <summary>Reads Method/LoadVerbose.</summary>
    public static bool TryReadMethod(ReadOnlySpan<byte> payload, [NotNullWhen(true)] out MethodEvent? method)
    {
        method = null;
        ByteCursor reader = new(payload);
        if (!reader.TryReadUInt64(out _)
            || !reader.TryReadUInt64(out ulong module)
            || !reader.TryReadUInt64(out _)
            || !reader.TryReadInt32(out _)
            || !reader.TryReadInt32(out int token)
            || !reader.TryReadInt32(out _)
            || !reader.TryReadUtf16(out string? space)
            || !reader.TryReadUtf16(out string? name)
            || !reader.TryReadUtf16(out string? signature))
        {
            return false;
        }

        method = new MethodEvent(module, token, space, name, signature);
        return true;
    }

    /// <summary>Reads Method/R2RGetEntryPoint: a precompiled method is about to run for the first time.</summary>
    public static bool TryReadEntryPoint(ReadOnlySpan<byte> payload, [NotNullWhen(true)] out MethodEvent? method)
    {
        method = null;
        ByteCursor reader = new(payload);
        if (!reader.TryReadUInt64(out _)
            || !reader.TryReadUtf16(out string? space)
            || !reader.TryReadUtf16(out string? name)
            || !reader.TryReadUtf16(out string? signature))
        {
            return false;
        }

        method = new MethodEvent(0, 0, space, name, signature);
        return true;
    }
}

/// <summary>A stub between managed and native code was made.</summary>
/// <param name="ModuleId">The runtime's number of the module that declares the function.</param>
/// <param name="Flags">1 reverse, 2 COM, 4 precompiled, 8 delegate, 16 variable arguments, 32 unmanaged callee.</param>
/// <param name="Token">The method's metadata token.</param>
/// <param name="Type">The declaring type's full name.</param>
/// <param name="Method">The managed method's name.</param>
/// <param name="NativeSignature">The native signature as the runtime writes it.</param>
internal sealed record StubGeneratedEvent(ulong ModuleId, uint Flags, int Token, string Type, string Method, string NativeSignature);

/// <summary>A managed method was compiled or its precompiled code was found.</summary>
/// <param name="ModuleId">The runtime's number of its module; 0 where the event has none.</param>
/// <param name="Token">Its metadata token; 0 where the event has none.</param>
/// <param name="Type">The declaring type's full name.</param>
/// <param name="Method">Its name.</param>
/// <param name="Signature">Its signature as the runtime writes it.</param>
internal sealed record MethodEvent(ulong ModuleId, int Token, string Type, string Method, string Signature);
