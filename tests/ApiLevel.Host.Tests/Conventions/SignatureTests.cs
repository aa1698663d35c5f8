using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Reflection;
using ApiLevel.Host.Tests.Support;

namespace ApiLevel.Host.Tests.Conventions;

/// <summary>No type of somebody else's library is part of what a user of the module can see.</summary>
public sealed class SignatureTests(EngineFixture engine) : IClassFixture<EngineFixture>
{
    private static readonly string[] s_platform = ["System.", "Microsoft.Win32.", "netstandard", "mscorlib", "System.Management.Automation", "ApiLevel"];

    [Fact]
    public void Public_signatures_name_only_the_platform_PowerShell_and_us()
    {
        string[] names = ["ApiLevel", "ApiLevel.Core", "ApiLevel.Formats"];
        engine.Invoke("Get-ApiEventMapping LogonUserA").WithoutErrors();
        Assembly[] ours = [.. AppDomain.CurrentDomain.GetAssemblies().Where(a => names.Contains(a.GetName().Name, StringComparer.Ordinal))];
        Assert.Equal(names.Order(StringComparer.Ordinal), ours.Select(a => a.GetName().Name).Order(StringComparer.Ordinal));

        Assert.Empty(ours.SelectMany(a => a.GetExportedTypes()).SelectMany(Foreign));
    }

    [Fact]
    public void A_foreign_type_in_a_signature_is_found()
    {
        Assert.NotEmpty(Foreign(typeof(Leaky)));
        Assert.Empty(Foreign(typeof(PSObject)));
    }

    private static IEnumerable<string> Foreign(Type type)
    {
        const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        IEnumerable<(string Where, Type Type)> used =
        [
            .. type.GetInterfaces().Append(type.BaseType).OfType<Type>().Select(t => ("base", t)),
            .. type.GetFields(All).Where(f => f.IsPublic || f.IsFamily || f.IsFamilyOrAssembly).Select(f => (f.Name, f.FieldType)),
            .. type.GetMethods(All).Cast<MethodBase>().Concat(type.GetConstructors(All))
                .Where(m => m.IsPublic || m.IsFamily || m.IsFamilyOrAssembly)
                .SelectMany(m => m.GetParameters().Select(p => p.ParameterType).Append((m as MethodInfo)?.ReturnType ?? typeof(void)).Select(t => (m.Name, t))),
        ];
        return used.SelectMany(u => Parts(u.Type).Where(t => !IsAllowed(t)).Select(t => $"{type.FullName}.{u.Where} uses {t.FullName}")).Distinct();
    }

    private static IEnumerable<Type> Parts(Type type) =>
        type.HasElementType ? Parts(type.GetElementType()!)
        : type.IsGenericParameter ? []
        : type.IsGenericType ? type.GetGenericArguments().SelectMany(Parts).Append(type.GetGenericTypeDefinition())
        : [type];

    private static bool IsAllowed(Type type)
    {
        string name = type.Assembly.GetName().Name!;
        return s_platform.Any(p => name.StartsWith(p, StringComparison.Ordinal)) || name is "System" or "Microsoft.CSharp";
    }

    private sealed class Leaky
    {
        public static Markdig.MarkdownPipeline? Pipeline => null;
    }
}
