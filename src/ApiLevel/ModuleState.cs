using System;
using System.Collections.Generic;
using System.IO;
using System.Management.Automation;
using System.Threading;
using ApiLevel.Facts;

namespace ApiLevel;

/// <summary>What the module keeps between commands: the opened facts. One for the process, as the assembly is.</summary>
internal static class ModuleState
{
    private static readonly object s_lock = new();
    private static readonly List<string> s_warnings = [];
    private static MappingStore? s_store;

    /// <summary>The folder of the built module: the parent of this assembly's.</summary>
    public static string BinFolder { get; } = Path.GetDirectoryName(Path.GetDirectoryName(typeof(ModuleState).Assembly.Location)) ?? "";

    /// <summary>The compiled facts.</summary>
    public static string StorePath => Path.Combine(BinFolder, "ApiLevel.facts");

    /// <summary>The facts, opened on first use.</summary>
    /// <exception cref="InvalidDataException">The file is no store or of another version.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static MappingStore Store
    {
        get
        {
            MappingStore? store = Volatile.Read(ref s_store);
            if (store is not null)
            {
                return store;
            }

            lock (s_lock)
            {
                return s_store ??= Open();
            }
        }
    }

    /// <summary>What went wrong with overlays when the facts were opened; taken once, by the command that opened them.</summary>
    public static IReadOnlyList<string> TakeWarnings()
    {
        lock (s_lock)
        {
            string[] warnings = [.. s_warnings];
            s_warnings.Clear();
            return warnings;
        }
    }

    /// <summary>Whether the facts are open.</summary>
    public static bool IsStoreOpen => Volatile.Read(ref s_store) is not null;

    /// <summary>Puts another view of the facts in place: an overlay more.</summary>
    public static void Replace(Func<MappingStore, MappingStore> change)
    {
        lock (s_lock)
        {
            s_store = change(s_store ??= Open());
        }
    }

    /// <summary>Closes the facts; the next question opens them again without overlays.</summary>
    public static void Reset() => Volatile.Write(ref s_store, null);

    private static MappingStore Open() => Overlays.FromEnvironment(MappingStore.Open(StorePath), s_warnings);
}

/// <summary>Runs when the module is imported and removed.</summary>
public sealed class ModuleLifetime : IModuleAssemblyCleanup
{
    /// <summary>Forgets the opened facts and what was laid over them.</summary>
    /// <param name="psModuleInfo">The module.</param>
    public void OnRemove(PSModuleInfo psModuleInfo) => ModuleState.Reset();
}
