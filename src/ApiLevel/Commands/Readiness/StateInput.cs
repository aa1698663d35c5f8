using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
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

/// <summary>A command that asks a machine's snapshot, from -State and its shorter forms, or takes it live.</summary>
public abstract class StateCommand : ApiLevelCommand
{
    /// <summary>The snapshot that names and paths give. Ends the command where there is none and this is no Windows.</summary>
    /// <param name="states">Snapshots, collected files, folders of them, or names of baselines; null for none.</param>
    /// <param name="files">Further files; null for none.</param>
    private protected TelemetryState ReadState(IEnumerable<string>? states, params IEnumerable<string>?[] files)
    {
        var input = new StateInput(WriteError, WriteVerbose, WriteWarning, ThrowIfStopped);
        bool isAsked = false;
        foreach (string name in states ?? [])
        {
            isAsked = true;
            if (NamedStates.Find(name) is { } known)
            {
                input.Add(known);
                continue;
            }

            AddPath(input, name, canBeName: true);
        }

        foreach (string path in files.SelectMany(list => list ?? []))
        {
            isAsked = true;
            AddPath(input, path, canBeName: false);
        }

        if (!isAsked && input.TakeLive() is null)
        {
            ThrowTerminatingError(ApiLevelErrors.StateNotCollected(NamedStates.Names));
        }

        input.WarnOfProblems();
        if (input.State is null)
        {
            // The errors that say why are written.
            ThrowTerminatingError(ApiLevelErrors.StateEmpty(string.Join(", ", (states ?? []).Concat(files.SelectMany(list => list ?? [])))));
        }

        return input.State!;
    }

    private void AddPath(StateInput input, string name, bool canBeName)
    {
        IReadOnlyList<string> paths = ResolvePath(name, isLiteral: false, out bool isPattern);
        if (paths.Count == 1 && !isPattern && canBeName && name.IndexOfAny(['/', '\\', '.']) < 0 && !File.Exists(paths[0]) && !Directory.Exists(paths[0]))
        {
            WriteError(ApiLevelErrors.StateNotFound(name, NamedStates.Names));
            return;
        }

        foreach (string path in paths)
        {
            input.Add(path);
        }
    }

    /// <summary>The answers that -Readiness gives: rows of Test-ApiTelemetryReadiness, or what -State takes. Ends the command where a row is none.</summary>
    /// <param name="readiness">As the parameter has it; null to ask this machine.</param>
    private protected ReadinessTable ReadReadiness(PSObject[]? readiness)
    {
        if (readiness is null || readiness.All(item => item?.BaseObject is string))
        {
            return new ReadinessTable(new ReadinessEvaluator(Store, ReadState(readiness?.Select(item => (string)item.BaseObject))));
        }

        var rows = new List<(string, int, ReadinessState, string)>();
        foreach (PSObject item in readiness)
        {
            if (item is null || FieldText(item, "Source") is not { Length: > 0 } source ||
                !int.TryParse(FieldText(item, "EventId"), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int id) ||
                !Enum.TryParse(FieldText(item, "State"), ignoreCase: true, out ReadinessState state))
            {
                ThrowTerminatingError(ApiLevelErrors.InputObjectUnknown(item, "Source, EventId and State, as Test-ApiTelemetryReadiness writes them"));
                throw new PipelineStoppedException();
            }

            rows.Add((source, id, state, FieldText(item, "Remediation")));
        }

        return new ReadinessTable(rows);
    }
}
