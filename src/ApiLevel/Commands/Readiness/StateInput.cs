using System;
using System.Collections.Generic;
using System.IO;
using System.Management.Automation;
using System.Runtime.InteropServices;
using ApiLevel.Errors;
using ApiLevel.Formats;
using ApiLevel.Formats.Configuration;
using ApiLevel.Readiness;

namespace ApiLevel.Commands;

/// <summary>Puts a snapshot together from what a user names: snapshots, collected files and folders of them, names of baselines; or takes it live.</summary>
internal sealed class StateInput(Action<ErrorRecord> writeError, Action<string> writeVerbose, Action<string> writeWarning, Action throwIfStopped)
{
    private const string Assembly = "ApiLevel.Windows";
    private const string Reader = "ApiLevel.Windows.MachineReader";

    private readonly TelemetryStateBuilder _builder = new();
    private bool _any;

    /// <summary>The snapshot; null where nothing gave any.</summary>
    public TelemetryState? State => _any ? _builder.State : null;

    /// <summary>Adds a file, or the files of a folder and below it.</summary>
    /// <param name="path">As the operating system names it.</param>
    /// <returns>False where it is no snapshot and no file that is known; the error is written.</returns>
    public bool Add(string path)
    {
        if (!Directory.Exists(path))
        {
            return AddFile(path, Path.GetFileName(path), found: false);
        }

        bool any = false;
        foreach (string file in DirectoryWalk.Files(path, (folder, exception) => writeError(exception is UnauthorizedAccessException
            ? ApiLevelErrors.FileAccessDenied(folder, exception)
            : ApiLevelErrors.FileUnreadable(folder, ReadFailure.Describe(exception), exception))))
        {
            any |= AddFile(file, file.Substring(path.Length).TrimStart(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar), found: true);
        }

        return any;
    }

    /// <summary>Adds a snapshot that comes with the module.</summary>
    /// <param name="state">The snapshot.</param>
    public void Add(TelemetryState state)
    {
        _builder.Add(state);
        _any = true;
    }

    /// <summary>Takes a snapshot of this Windows; null elsewhere.</summary>
    public TelemetryState? TakeLive()
    {
        if (!RuntimeInformation.IsOSPlatform(OSPlatform.Windows))
        {
            return null;
        }

        TelemetryState state = LiveState.Take(PrivateAssemblies.Create<IMachineReader>(Assembly, Reader), out IReadOnlyList<Problem> problems);
        foreach (Problem problem in problems)
        {
            writeWarning($"Not read: {problem.Where}. {problem.What}.");
        }

        Add(state);
        return state;
    }

    /// <summary>Tells what could not be read of the files, one warning each.</summary>
    public void WarnOfProblems()
    {
        foreach (Problem problem in _builder.Problems)
        {
            writeWarning(problem.ToString());
        }
    }

    private bool AddFile(string path, string name, bool found)
    {
        throwIfStopped();
        if (found && IsUserPolicy(path))
        {
            writeVerbose($"Passed over '{path}': a policy of users.");
            return false;
        }

        ConfigurationResult result = ConfigurationFiles.Read(path, name);
        if (result.Failure is { } failure)
        {
            if (found && failure.Kind is ReadFailureKind.WrongFormat or ReadFailureKind.FileEmpty)
            {
                writeVerbose($"Passed over '{path}': {failure.Message}");
            }
            else
            {
                writeError(failure.Kind == ReadFailureKind.WrongFormat
                    ? ApiLevelErrors.NotAConfigurationFile(path, failure.Message)
                    : ApiLevelErrors.ForFile(path, failure));
            }

            return false;
        }

        try
        {
            if (result.File!.Kind == ConfigurationKind.Json)
            {
                _builder.Add(TelemetryStateFile.Read(result.File.Text!));
            }
            else
            {
                _builder.Add(result.File);
            }
        }
        catch (InvalidDataException exception)
        {
            if (found)
            {
                writeVerbose($"Passed over '{path}': {exception.Message}.");
            }
            else
            {
                writeError(ApiLevelErrors.NotAConfigurationFile(path, "The file is JSON, and " + exception.Message + "."));
            }

            return false;
        }

        writeVerbose($"Read '{path}': {result.File.Kind}.");
        _any = true;
        return true;
    }

    // User\registry.pol of a group policy sets values of users, not of the machine.
    private static bool IsUserPolicy(string path) =>
        string.Equals(Path.GetFileName(path), "registry.pol", StringComparison.OrdinalIgnoreCase) &&
        string.Equals(Path.GetFileName(Path.GetDirectoryName(path)), "User", StringComparison.OrdinalIgnoreCase);
}
