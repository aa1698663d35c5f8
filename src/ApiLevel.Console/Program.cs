using System;

namespace ApiLevel.Runner;

internal static class Program
{
    private static int Main(string[] args)
    {
        // Switches the engine's telemetry off; it reads the variable once, when its first type is loaded.
        Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");
        SystemTerminal terminal = new();
        try
        {
            return Application.Run(args, terminal, AppContext.BaseDirectory);
        }
        catch (Exception e)
        {
            // An unexpected exception is one line, too: with its type, because the text alone may not be enough.
            Messages.Write(terminal.Error, "ERROR", e.GetType().Name, e.Message);
            return ExitCodes.Ended;
        }
    }
}
