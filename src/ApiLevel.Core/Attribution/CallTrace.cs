using System;
using System.Collections.Generic;

namespace ApiLevel.Attribution;

/// <summary>The call stack that Sysmon writes: "module+offset", innermost first, with bars between them.</summary>
internal static class CallTrace
{
    private const int MaximumFrames = 256;

    /// <summary>The modules above the system call stubs, each once in a row, innermost first; null for a text that is no call stack.</summary>
    /// <param name="text">The field.</param>
    /// <param name="stubs">Modules that the stack begins in.</param>
    public static IReadOnlyList<string>? Modules(string text, string[] stubs)
    {
        string[] frames = text.Split(['|'], MaximumFrames + 1);
        var modules = new List<string>();
        bool inStub = true;
        for (int i = 0; i < frames.Length && i < MaximumFrames; i++)
        {
            string frame = frames[i];
            int plus = frame.LastIndexOf('+');
            string path = plus > 0 ? frame.Substring(0, plus) : frame;
            int parenthesis = path.IndexOf('(');
            string name = parenthesis > 0 && path.StartsWith("UNKNOWN", StringComparison.OrdinalIgnoreCase)
                ? "UNKNOWN"
                : plus > 0 ? path.Substring(path.LastIndexOfAny(s_separators) + 1) : "";
            if (name.Length == 0)
            {
                if (i == 0)
                {
                    return null;
                }

                continue;
            }

            string module = name == "UNKNOWN" ? name : ApiName.NormalizeModule(name);
            inStub &= Array.IndexOf(stubs, module) >= 0;
            if (!inStub && (modules.Count == 0 || modules[modules.Count - 1] != module))
            {
                modules.Add(module);
            }
        }

        return modules;
    }

    private static readonly char[] s_separators = ['\\', '/'];
}
