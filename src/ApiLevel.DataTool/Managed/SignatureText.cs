using System.Collections.Immutable;
using System.Globalization;
using System.Reflection.Metadata;

namespace ApiLevel.DataTool.Managed;

/// <summary>Signatures as text, so that a reference in one assembly can be matched with the definition in another.</summary>
internal sealed class SignatureText : ISignatureTypeProvider<string, object?>
{
    public static readonly SignatureText Instance = new();

    public static string Of(MethodSignature<string> signature) =>
        (signature.Header.IsInstance ? "i" : "s")
        + signature.GenericParameterCount.ToString(CultureInfo.InvariantCulture)
        + "(" + string.Join(',', signature.ParameterTypes) + ")" + signature.ReturnType;

    /// <summary>The full name of a type, a plus sign before a nested one.</summary>
    public static string Name(MetadataReader reader, TypeDefinitionHandle handle)
    {
        TypeDefinition type = reader.GetTypeDefinition(handle);
        string name = reader.GetString(type.Name);
        if (!type.GetDeclaringType().IsNil)
        {
            return Name(reader, type.GetDeclaringType()) + "+" + name;
        }

        string space = reader.GetString(type.Namespace);
        return space.Length == 0 ? name : space + "." + name;
    }

    /// <summary>The full name of a type that is referred to.</summary>
    public static string Name(MetadataReader reader, TypeReferenceHandle handle)
    {
        TypeReference type = reader.GetTypeReference(handle);
        string name = reader.GetString(type.Name);
        if (type.ResolutionScope.Kind == HandleKind.TypeReference)
        {
            return Name(reader, (TypeReferenceHandle)type.ResolutionScope) + "+" + name;
        }

        string space = reader.GetString(type.Namespace);
        return space.Length == 0 ? name : space + "." + name;
    }

    public string GetArrayType(string elementType, ArrayShape shape) =>
        elementType + "[" + shape.Rank.ToString(CultureInfo.InvariantCulture) + "]";

    public string GetByReferenceType(string elementType) => elementType + "&";

    public string GetFunctionPointerType(MethodSignature<string> signature) => "fn" + Of(signature);

    public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments) =>
        genericType + "<" + string.Join(',', typeArguments) + ">";

    public string GetGenericMethodParameter(object? genericContext, int index) => "!!" + index.ToString(CultureInfo.InvariantCulture);

    public string GetGenericTypeParameter(object? genericContext, int index) => "!" + index.ToString(CultureInfo.InvariantCulture);

    // A modifier (in, volatile) is part of the type's identity.
    public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => unmodifiedType + "!" + modifier;

    public string GetPinnedType(string elementType) => elementType;

    public string GetPointerType(string elementType) => elementType + "*";

    public string GetPrimitiveType(PrimitiveTypeCode typeCode) => typeCode.ToString();

    public string GetSZArrayType(string elementType) => elementType + "[]";

    public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) => Name(reader, handle);

    public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) => Name(reader, handle);

    public string GetTypeFromSpecification(
        MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
        reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);
}
