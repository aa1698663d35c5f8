using System;
using System.IO;
using ApiLevel.DataTool.Commands;

namespace ApiLevel.DataTool;

/// <summary>The tool that lints the facts and compiles the store.</summary>
internal static class Program
{
    private const int UsageError = 2;

    private const string Usage = """
        Lints the facts of ApiLevel and compiles them.

          lint     [--data <folder>]                    reads the facts and tells what is wrong
          build    [--data <folder>] --output <file>    lints, then writes the store
          stats    [--data <folder>] [--markdown]       counts by source, evidence and level, from the compiled store
          explain  <api> [--data <folder>]              what the facts say about one API, with file and line
          managed  --pack <folders> [--data <folder>] [--output <file>]
                                                derives catalogue/managed-calls.csv from the IL of unpacked packages
          package  --folder <package> --version <version> <project.assets.json>...
                                                writes notices and bill of materials into a package

        Without --data the facts are looked for in src/ApiLevel.Data of this folder and those above it.
        Exit code: 0; 1 when something is wrong with the facts; 2 when the command line is.
        """;

    private static int Main(string[] arguments)
    {
        if (arguments.Length == 0 || arguments[0] is "help" or "--help" or "-h")
        {
            Console.Out.WriteLine(Usage);
            return arguments.Length == 0 ? UsageError : 0;
        }

        try
        {
            Arguments line = Arguments.Parse(arguments.AsSpan(1).ToArray());
            return arguments[0] switch
            {
                "lint" => LintCommand.Run(line, Console.Out, Console.Error),
                "build" => BuildCommand.Run(line, Console.Out, Console.Error),
                "stats" => StatsCommand.Run(line, Console.Out, Console.Error),
                "explain" => ExplainCommand.Run(line, Console.Out, Console.Error),
                "managed" => ManagedCommand.Run(line, Console.Out),
                "package" => PackageCommand.Run(line, Console.Out),
                _ => throw new UsageException("'" + arguments[0] + "' is no command"),
            };
        }
        catch (UsageException exception)
        {
            Console.Error.WriteLine(exception.Message + ". Run the tool with --help.");
            return UsageError;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            Console.Error.WriteLine(exception.Message);
            return 1;
        }
    }
}
