using System;

namespace ApiLevel.Runner;

internal static class Program
{
    private static int Main(string[] args)
    {
        // The engine asks this variable once, when its first type is touched: nothing leaves the machine from here.
        Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");
        return Application.Run(args, new SystemTerminal(), AppContext.BaseDirectory);
    }
}
