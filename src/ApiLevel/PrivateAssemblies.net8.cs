using System;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.Loader;

namespace ApiLevel;

/// <content>One load context of its own; the engine is always the copy already loaded.</content>
internal static partial class PrivateAssemblies
{
    private static readonly Lazy<Context> s_context = new(() => new Context(Folder));

    private static Assembly Load(string assembly) => s_context.Value.LoadFromAssemblyName(new AssemblyName(assembly));

    private sealed class Context(string folder) : AssemblyLoadContext("ApiLevel private")
    {
        protected override Assembly? Load(AssemblyName assemblyName)
        {
            Assembly own = typeof(PrivateAssemblies).Assembly;
            Assembly? shared = GetLoadContext(own)!.Assemblies
                .FirstOrDefault(loaded => loaded.GetName().Name == assemblyName.Name && IsShared(assemblyName.Name));
            if (shared is not null)
            {
                return shared;
            }

            string path = Path.Combine(folder, assemblyName.Name + ".dll");
            return File.Exists(path) ? LoadFromAssemblyPath(path) : null;
        }

        private static bool IsShared(string? name) => name is "ApiLevel" or "ApiLevel.Core" or "ApiLevel.Formats";
    }
}
