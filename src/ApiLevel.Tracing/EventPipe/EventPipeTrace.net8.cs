using System.Collections.Generic;
using System.Diagnostics;

namespace ApiLevel.Tracing.EventPipe;

/// <content>Arguments as a list, and the end of a whole process tree.</content>
internal sealed partial class EventPipeTrace
{
    private static void AddArguments(ProcessStartInfo info, IReadOnlyList<string> arguments)
    {
        foreach (string argument in arguments)
        {
            info.ArgumentList.Add(argument);
        }
    }

    private static void Kill(Process process) => process.Kill(entireProcessTree: true);
}
