using System;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;

namespace ApiLevel.Fixtures;

/// <summary>Writes the metadata of a small .NET assembly.</summary>
public static class ManagedMetadata
{
    /// <summary>
    /// A call into the image's own native code, without a module; P/Invokes kernel32.dll!CreateFileW (method Open), user32!MessageBoxW (no entry point of its own), ole32.dll!#42; members
    /// System.IO.File::ReadAllBytes, System.Environment+SpecialFolder::ToString, System.Collections.Generic.List`1::Add; type
    /// System.Object alone.
    /// </summary>
    public static byte[] Build()
    {
        var builder = new MetadataBuilder();
        builder.AddModule(0, builder.GetOrAddString("test.dll"), builder.GetOrAddGuid(Guid.Empty), default, default);
        builder.AddAssembly(builder.GetOrAddString("test"), new Version(1, 0), default, default, default, AssemblyHashAlgorithm.None);
        AssemblyReferenceHandle runtime = builder.AddAssemblyReference(
            builder.GetOrAddString("System.Runtime"), new Version(8, 0), default, default, default, default);
        TypeReferenceHandle root = Type("System", "Object");
        TypeReferenceHandle file = Type("System.IO", "File");
        TypeReferenceHandle environment = Type("System", "Environment");
        TypeReferenceHandle folder = builder.AddTypeReference(environment, default, builder.GetOrAddString("SpecialFolder"));
        TypeReferenceHandle list = Type("System.Collections.Generic", "List`1");

        var noArguments = new BlobBuilder();
        new BlobEncoder(noArguments).MethodSignature().Parameters(0, r => r.Void(), _ => { });
        BlobHandle signature = builder.GetOrAddBlob(noArguments);
        builder.AddMemberReference(file, builder.GetOrAddString("ReadAllBytes"), signature);
        builder.AddMemberReference(folder, builder.GetOrAddString("ToString"), signature);

        var listOfInt = new BlobBuilder();
        new BlobEncoder(listOfInt).TypeSpecificationSignature().GenericInstantiation(list, 1, false).AddArgument().Int32();
        builder.AddMemberReference(builder.AddTypeSpecification(builder.GetOrAddBlob(listOfInt)), builder.GetOrAddString("Add"), signature);

        MethodDefinitionHandle open = PInvoke("Open", "kernel32.dll", "CreateFileW");
        PInvoke("MessageBoxW", "user32", "");
        PInvoke("Numbered", "ole32.dll", "#42");
        PInvoke("OwnNativeCode", "", "OwnNativeCode");
        builder.AddTypeDefinition(default, default, builder.GetOrAddString("<Module>"), default, MetadataTokens.FieldDefinitionHandle(1), open);
        builder.AddTypeDefinition(
            TypeAttributes.Public, default, builder.GetOrAddString("Native"), root, MetadataTokens.FieldDefinitionHandle(1), open);

        var bytes = new BlobBuilder();
        new MetadataRootBuilder(builder).Serialize(bytes, 0, 0);
        return bytes.ToArray();

        TypeReferenceHandle Type(string space, string name) =>
            builder.AddTypeReference(runtime, builder.GetOrAddString(space), builder.GetOrAddString(name));

        MethodDefinitionHandle PInvoke(string method, string module, string entryPoint)
        {
            MethodDefinitionHandle handle = builder.AddMethodDefinition(
                MethodAttributes.Static | MethodAttributes.PinvokeImpl, default, builder.GetOrAddString(method), signature, -1, default);
            builder.AddMethodImport(
                handle,
                MethodImportAttributes.CallingConventionWinApi,
                entryPoint.Length == 0 ? default : builder.GetOrAddString(entryPoint),
                builder.AddModuleReference(builder.GetOrAddString(module)));
            return handle;
        }
    }
}
