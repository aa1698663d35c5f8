using System;

namespace ApiLevel.Runner;

internal static class Program
{
    private static int Main(string[] args)
    {
        // The engine asks this variable once, when its first type is touched: nothing leaves the machine from here.
        Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");
        SystemTerminal terminal = new();
        try
        {
            return Application.Run(args, terminal, AppContext.BaseDirectory);
        }
        catch (Exception e)
        {
            // The last resort: what nobody foresaw is one line too, with its type, because its text alone may say little.
            Messages.Write(terminal.Error, "ERROR", e.GetType().Name, e.Message);
            return ExitCodes.Ended;
        }
    }
}
