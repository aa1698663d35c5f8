using System;
using System.Collections.Generic;
using System.IO;
using System.Management.Automation;
using System.Text;
using ApiLevel.Errors;
using ApiLevel.Formats;
using ApiLevel.Readiness;

namespace ApiLevel.Commands;

/// <summary>Writes a snapshot of what decides on a machine whether events are written: of this Windows, or from files that were collected elsewhere.</summary>
[Cmdlet(VerbsData.Export, "ApiTelemetryState", SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo))]
public sealed class ExportApiTelemetryStateCommand : ApiLevelCommand
{
    /// <summary>Files and folders that were collected: audit policy, registry, channels, Sysmon, security descriptors. Without any this Windows is read.</summary>
    [Parameter(Position = 1, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "LP", "FullName")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Path { get; set; }

    /// <summary>The JSON file to write.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Destination { get; set; } = "";

    /// <summary>Do not replace a file that is there.</summary>
    [Parameter]
    public SwitchParameter NoClobber { get; set; }

    /// <summary>Replace a file that is there even when it is read-only.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private readonly List<string> _paths = [];

    /// <inheritdoc/>
    protected override void ProcessRecord() => _paths.AddRange(Path ?? []);

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (ResolvePath(Destination, isLiteral: true, out _) is not [string file])
        {
            return;
        }

        TelemetryState state = ReadState(null, IsBound(nameof(Path)) || _paths.Count > 0 ? _paths : null);
        if (NoClobber && File.Exists(file))
        {
            ThrowTerminatingError(ApiLevelErrors.FileExists(file));
        }

        if (!ShouldProcess(file, $"Write the snapshot of '{state}'"))
        {
            return;
        }

        try
        {
            WriteWhole(file, TelemetryStateFile.Write(state), Force);
        }
        catch (Exception exception) when (ReadFailure.FromException(file, exception) is not null)
        {
            ThrowTerminatingError(ApiLevelErrors.FileNotWritable(file, exception));
        }

        WriteObject(new FileInfo(file));
    }

    // Beside the file first: who is stopped half way leaves the old one as it was.
    private static void WriteWhole(string file, string text, bool force)
    {
        string draft = file + ".new";
        try
        {
            File.WriteAllText(draft, text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
            if (force && File.Exists(file))
            {
                File.SetAttributes(file, FileAttributes.Normal);
            }

            if (File.Exists(file))
            {
                if ((File.GetAttributes(file) & FileAttributes.ReadOnly) != 0)
                {
                    throw new UnauthorizedAccessException("The file is read-only; -Force replaces it.");
                }

                File.Delete(file);
            }

            File.Move(draft, file);
        }
        finally
        {
            File.Delete(draft);
        }
    }
}
