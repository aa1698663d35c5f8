using ApiLevel.Fixtures;

namespace ApiLevel.Host.Tests.Commands;

/// <summary>Programs that the commands are tried on.</summary>
internal static class Images
{
    /// <summary>Imports from Windows by name and by ordinal, from a module of nobody, and by delay.</summary>
    public static byte[] Tool(bool is64 = true) => new PortableImageBuilder { Is64 = is64 }
        .Import("KERNEL32.dll", "OpenProcess", "CreateRemoteThread", "GetTickCount")
        .Import("ntdll.dll", "NtUnmapViewOfSection")
        .Import("api-ms-win-core-memory-l1-1-1.dll", "WriteProcessMemory")
        .Import("WS2_32.dll", "#115")
        .Import("ourlib.dll", "OurFunction", "#7")
        .DelayImport("ADVAPI32.dll", false, "LogonUserW")
        .Build().Bytes;
}
