using System;
using System.Linq;
using System.Reflection;
using ApiLevel.Rules;

namespace ApiLevel.Data.Tests;

public class SignatureTests
{
    [Fact]
    public void No_type_of_another_library_stands_in_a_public_signature_of_the_rules()
    {
        Assembly[] own = [typeof(FactYamlReader).Assembly, typeof(ApiLevel.Facts.FactSet).Assembly];
        Type[] foreign =
        [
            .. typeof(FactYamlReader).Assembly.GetExportedTypes()
                .SelectMany(static type => type.GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static))
                .SelectMany(static member => member switch
                {
                    MethodInfo method => method.GetParameters().Select(static parameter => parameter.ParameterType).Append(method.ReturnType),
                    ConstructorInfo constructor => constructor.GetParameters().Select(static parameter => parameter.ParameterType),
                    PropertyInfo property => [property.PropertyType],
                    _ => Array.Empty<Type>(),
                })
                .SelectMany(static type => type.IsGenericType ? type.GetGenericArguments().Append(type) : [type])
                .Where(type => !own.Contains(type.Assembly) && type.Assembly.GetName().Name is not ("System.Private.CoreLib" or "System.Runtime"))
                .Distinct(),
        ];
        Assert.DoesNotContain(foreign, static type => type.Assembly.GetName().Name!.StartsWith("YamlDotNet", StringComparison.Ordinal));
        Assert.Empty(foreign);
    }
}
