using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using ApiLevel.Attribution;
using ApiLevel.Errors;
using ApiLevel.Tracing;

namespace ApiLevel.Commands;

/// <summary>Starts a trace of APIs and returns at once; Receive-ApiTelemetryTrace gets the events.</summary>
[Cmdlet(VerbsLifecycle.Start, "ApiTelemetryTrace", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(ApiTelemetryTrace))]
[OutputType(typeof(ApiTracePlan))]
public sealed class StartApiTelemetryTraceCommand : TracePlanCommand
{
    /// <summary>A name for the session; its full name is ApiLevel-name.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>A .NET program to start, traced from its first managed instruction.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? FilePath { get; set; }

    /// <summary>Arguments for the program, each as it shall see it.</summary>
    [Parameter]
    [Alias("Args")]
    public string[]? ArgumentList { get; set; }

    /// <summary>Trace the .NET processes that the program starts, too.</summary>
    [Parameter]
    public SwitchParameter FollowChildren { get; set; }

    /// <summary>A file (.etl or .nettrace) to write beside the live events.</summary>
    [Parameter]
    [Alias("LocalFilePath")]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>Where the file stops growing, in MiB.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int MaximumFileSize { get; set; }

    /// <summary>The size of one buffer in KB. An event larger than a buffer is never delivered.</summary>
    [Parameter]
    [ValidateRange(4, 16384)]
    public int BufferSize { get; set; } = 64;

    /// <summary>After how long it stops by itself; a bare number is seconds.</summary>
    [Parameter]
    [Seconds]
    public TimeSpan? Duration { get; set; }

    /// <summary>After how many events it stops by itself.</summary>
    [Parameter]
    [ValidateRange(1, long.MaxValue)]
    public long? MaxEvents { get; set; }

    /// <summary>Record the call stack with each event.</summary>
    [Parameter]
    public SwitchParameter StackTrace { get; set; }

    /// <summary>Stop a session of this module that has the name already. Sessions of others are never stopped.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private string SessionName => TraceNames.ForSession(Name);

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        if (Name is not null && !TraceNames.IsValid(Name))
        {
            ThrowTerminatingError(ApiLevelErrors.TraceNameInvalid(Name));
        }

        if (Duration is { } time && (time <= TimeSpan.Zero || time.TotalMilliseconds > uint.MaxValue - 1))
        {
            ThrowTerminatingError(ApiLevelErrors.TraceSettingInvalid(SessionName, "The duration must be positive and below 49 days."));
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (NothingFound)
        {
            return;
        }

        TraceKind kind = ChooseKind(FilePath is not null);
        if (kind == TraceKind.EventPipe && FilePath is null)
        {
            ResolveProcessNames();
            if (ProcessIds.Count == 0)
            {
                ThrowTerminatingError(ApiLevelErrors.TraceNothingAsked());
            }
        }

        TracePlan plan = MakePlan(kind, Name);
        if (plan.Rows.Count == 0)
        {
            ThrowTerminatingError(ApiLevelErrors.TraceNothingAsked());
        }

        if (!ShouldProcess(
            $"Start the session '{SessionName}' ({kind}) with {string.Join(", ", Delivered(plan))}.",
            $"Start the session '{SessionName}' ({kind})?",
            "Start-ApiTelemetryTrace",
            out ShouldProcessReason reason))
        {
            if (reason == ShouldProcessReason.WhatIf)
            {
                WriteObject(plan.Rows, enumerateCollection: true);
            }

            return;
        }

        ReportUndelivered(plan);
        if (plan.IsEmpty)
        {
            ThrowTerminatingError(ApiLevelErrors.TraceNothingDelivered(SessionName, string.Join(" ", Undelivered(plan))));
        }

        if (StartTrace(plan) is { } trace)
        {
            Report(trace);
            HandOver(new ApiTelemetryTrace(trace));
        }
    }

    private static IEnumerable<string> Delivered(TracePlan plan) => plan.Rows
        .Where(static row => row.Deliverable && row.Source is not null)
        .GroupBy(static row => row.Source!)
        .Select(static group => group.Key + string.Concat(group
            .Where(static row => row.EventId is not null).Select(static row => row.EventId).Distinct().Take(10).Select(static id => " " + id)));

    private static IEnumerable<string> Undelivered(TracePlan plan) => plan.Rows
        .GroupBy(static row => (row.Module, row.Api, Source: row.Api.Length == 0 ? row.Source : ""))
        .Where(static group => !group.Any(static row => row.Deliverable))
        .Select(static group => group.First())
        .Select(static row =>
            $"{(row.Api.Length == 0 ? row.Source : row.Module.Length == 0 ? row.Api : row.Module + "!" + row.Api)}: {row.Reason}."
            + (row.Alternative.Length == 0 ? "" : $" Instead: {row.Alternative}"));

    private void ReportUndelivered(TracePlan plan)
    {
        if (plan.IsEmpty)
        {
            return;
        }

        foreach (string text in Undelivered(plan))
        {
            WriteWarning(text);
        }
    }

    private TelemetryTrace? StartTrace(TracePlan plan)
    {
        TraceRequest request = new()
        {
            Name = Name,
            Kind = plan.Kind,
            Providers = plan.Providers,
            ManagedMembers = plan.ManagedMembers,
            Accept = plan.Accept,
            ProcessIds = ProcessIds,
            ProcessNames = ProcessName ?? [],
            StackTrace = StackTrace,
            Path = Path is null ? null : FileSystemPath(Path),
            MaximumFileSizeMB = MaximumFileSize,
            BufferSizeKB = BufferSize,
            FilePath = FilePath is null ? null : ProgramPath(FilePath),
            Arguments = ArgumentList ?? [],
            WorkingDirectory = SessionState.Path.CurrentFileSystemLocation.ProviderPath,
            FollowChildren = FollowChildren,
            Schemas = new StoreSchemas(Store),
            ReplaceOwn = Force,
        };
        try
        {
            WriteVerbose($"Starting the session '{SessionName}' with {request.Providers.Count} providers.");
            return TelemetryTrace.Start(TraceModule.Provider, request, Duration, MaxEvents, TraceModule.Owner());
        }
        catch (TraceException exception)
        {
            ThrowTerminatingError(ApiLevelErrors.ForTrace(exception.Failure));
        }
        catch (Exception exception) when (exception is FileNotFoundException or FileLoadException or BadImageFormatException)
        {
            ThrowTerminatingError(ApiLevelErrors.ModuleIncomplete(PrivateAssemblies.Folder, exception));
        }

        return null;
    }

    private void Report(TelemetryTrace trace)
    {
        foreach (TraceFailure problem in trace.Problems)
        {
            WriteError(ApiLevelErrors.ForTrace(problem));
        }
    }

    private void HandOver(ApiTelemetryTrace trace)
    {
        // While this runs, the next command of the pipeline handles the object. If that one receives the events, the trace is its own.
        using (TraceModule.HandOver(trace))
        {
            WriteObject(trace);
        }
    }

    private string FileSystemPath(string path)
    {
        string resolved = SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out ProviderInfo provider, out _);
        if (provider.Name != "FileSystem")
        {
            ThrowTerminatingError(ApiLevelErrors.TracePathInvalid(path, "The path is not in the file system."));
        }

        return resolved;
    }

    // A path stands as it is; a bare name is looked up as the shell would.
    private string ProgramPath(string program)
    {
        string path = FileSystemPath(program);
        if (File.Exists(path) || program.IndexOfAny(['/', '\\']) >= 0)
        {
            return path;
        }

        return InvokeCommand.GetCommand(program, CommandTypes.Application) is ApplicationInfo found ? found.Path : program;
    }
}
