using System;
using System.IO;
using System.Reflection;

namespace ApiLevel;

/// <summary>
/// Loads the parts of the module that use third-party libraries, at first use and out of the way of other modules, which load other
/// versions of the same libraries.
/// </summary>
internal static partial class PrivateAssemblies
{
    /// <summary>Makes an object of a type in one of those parts.</summary>
    /// <typeparam name="T">An interface of the engine that the type implements.</typeparam>
    /// <param name="assembly">The assembly's name, "ApiLevel.Rules".</param>
    /// <param name="type">The type's full name.</param>
    /// <exception cref="FileNotFoundException">The part is missing.</exception>
    /// <exception cref="FileLoadException">The part cannot be loaded.</exception>
    public static T Create<T>(string assembly, string type)
        where T : class
    {
        Assembly loaded = Load(assembly);
        return (T)Activator.CreateInstance(loaded.GetType(type, throwOnError: true)!)!;
    }

    /// <summary>The folder of those parts for the running framework.</summary>
    public static string Folder { get; } =
        Path.Combine(ModuleState.BinFolder, "private", Path.GetFileName(Path.GetDirectoryName(typeof(PrivateAssemblies).Assembly.Location)!));
}
