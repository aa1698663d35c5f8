using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Management.Automation;
using ApiLevel.Errors;
using ApiLevel.Readiness;

namespace ApiLevel.Commands;

/// <content>A machine's snapshot, from -State and its shorter forms or taken live, and what -Readiness means.</content>
public abstract partial class ApiLevelCommand
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
                !int.TryParse(FieldText(item, "EventId"), NumberStyles.None, CultureInfo.InvariantCulture, out int id) ||
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
