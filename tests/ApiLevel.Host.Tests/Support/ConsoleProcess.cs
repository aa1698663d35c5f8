using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Text;
using System.Threading.Tasks;

namespace ApiLevel.Host.Tests.Support;

/// <summary>What a finished run of the runner left.</summary>
public sealed record ConsoleResult(int ExitCode, string Output, string Error)
{
    public IReadOnlyList<string> ErrorLines =>
        Error.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public IReadOnlyList<string> OutputLines =>
        Output.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>The runner in a process of its own, as a user starts it.</summary>
public static class ConsoleProcess
{
    private static readonly TimeSpan s_hangGuard = TimeSpan.FromMinutes(3);

    public static string Assembly { get; } = Path.Combine(AppContext.BaseDirectory, "ApiLevel.Console.dll");

    public static Task<ConsoleResult> RunAsync(params string[] args) => RunAsync(null, args);

    public static async Task<ConsoleResult> RunAsync(string? input, string[] args)
    {
        using Process process = Start(input is not null, args);
        if (input is not null)
        {
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
        }

        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        try
        {
            await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(s_hangGuard, TestContext.Current.CancellationToken);
        }
        catch
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return new ConsoleResult(process.ExitCode, await output, await error);
    }

    /// <summary>Starts it in the repository's root; the caller reads, waits and disposes.</summary>
    public static Process Start(bool withInput, params string[] args)
    {
        ProcessStartInfo start = new(Environment.ProcessPath is { } own && Path.GetFileNameWithoutExtension(own) == "dotnet" ? own : "dotnet")
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = withInput,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        start.ArgumentList.Add(Assembly);
        foreach (string arg in args)
        {
            start.ArgumentList.Add(arg);
        }

        return Process.Start(start)!;
    }
}
