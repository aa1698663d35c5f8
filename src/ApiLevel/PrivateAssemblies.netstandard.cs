using System;
using System.IO;
using System.Linq;
using System.Reflection;

namespace ApiLevel;

/// <content>
/// .NET Framework has no load contexts: LoadFrom keeps the folder's assemblies in a context of their own, and a resolver limited to
/// requests that come from that folder finds what version policy would not.
/// </content>
internal static partial class PrivateAssemblies
{
    private static bool s_resolving;

    private static Assembly Load(string assembly)
    {
        if (!s_resolving)
        {
            s_resolving = true;
            AppDomain.CurrentDomain.AssemblyResolve += Resolve;
        }

        return Assembly.LoadFrom(Path.Combine(Folder, assembly + ".dll"));
    }

    private static Assembly? Resolve(object? sender, ResolveEventArgs args)
    {
        string? requester = args.RequestingAssembly?.Location;
        if (string.IsNullOrEmpty(requester) ||
            (!IsIn(requester!, Folder) && !IsIn(requester!, Path.GetDirectoryName(typeof(PrivateAssemblies).Assembly.Location)!)))
        {
            return null;
        }

        string name = new AssemblyName(args.Name).Name ?? "";
        if (name is "ApiLevel" or "ApiLevel.Core" or "ApiLevel.Formats")
        {
            return AppDomain.CurrentDomain.GetAssemblies().FirstOrDefault(loaded => loaded.GetName().Name == name);
        }

        string path = Path.Combine(Path.GetDirectoryName(requester!)!, name + ".dll");
        return File.Exists(path) ? Assembly.LoadFrom(path) : null;
    }

    private static bool IsIn(string file, string folder) =>
        string.Equals(Path.GetDirectoryName(file), folder, StringComparison.OrdinalIgnoreCase);
}
