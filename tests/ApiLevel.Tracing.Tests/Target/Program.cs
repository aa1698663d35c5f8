using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Threading;

namespace ApiLevel.Tracing.Target;

/// <summary>
/// Makes its native calls when it is told to, and says so on its output. Verbs: <c>now</c>, <c>wait</c> (on a line of input, twice),
/// <c>file</c> (when a file exists), <c>child</c> (starts itself with "now"), <c>flood</c> (events of its own source).
/// </summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        switch (arguments.Length == 0 ? "now" : arguments[0])
        {
            case "now":
                NativeCalls.All();
                return 0;
            case "wait":
                Console.WriteLine("ready");
                Console.ReadLine();
                NativeCalls.All();
                Console.WriteLine("done");
                Console.ReadLine();
                return 0;
            case "file":
                while (!File.Exists(arguments[1]))
                {
                    Thread.Sleep(20);
                }

                NativeCalls.All();
                return 0;
            case "child":
                using (Process child = Process.Start(Environment.ProcessPath!, "now"))
                {
                    child.WaitForExit();
                    File.WriteAllText(arguments[1], "child " + child.ExitCode.ToString(CultureInfo.InvariantCulture));
                }

                return 0;
            case "flood":
                Console.WriteLine("ready");
                Console.ReadLine();
                int count = int.Parse(arguments[1], CultureInfo.InvariantCulture);
                for (int i = 0; i < count; i++)
                {
                    FloodSource.Log.Drop(i, "drop");
                }

                Console.WriteLine("done");
                Console.ReadLine();
                return 0;
            default:
                return 2;
        }
    }
}
