using System.Collections.Generic;
using System.Diagnostics;
using System.Text;

namespace ApiLevel.Tracing.EventPipe;

/// <content>One command line, quoted by the rules of the C runtime on Windows.</content>
internal sealed partial class EventPipeTrace
{
    private static void AddArguments(ProcessStartInfo info, IReadOnlyList<string> arguments)
    {
        StringBuilder line = new();
        foreach (string argument in arguments)
        {
            if (line.Length > 0)
            {
                line.Append(' ');
            }

            Quote(line, argument);
        }

        info.Arguments = line.ToString();
    }

    private static void Quote(StringBuilder line, string argument)
    {
        line.Append('"');
        int backslashes = 0;
        foreach (char c in argument)
        {
            if (c == '\\')
            {
                backslashes++;
                continue;
            }

            // Backslashes count double in front of a quote only.
            line.Append('\\', c == '"' ? (backslashes * 2) + 1 : backslashes).Append(c);
            backslashes = 0;
        }

        line.Append('\\', backslashes * 2).Append('"');
    }

    private static void Kill(Process process) => process.Kill();
}
