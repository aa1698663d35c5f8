using System;
using System.Collections;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace ApiLevel.Runner;

/// <summary>The exit codes that the runner gives by itself.</summary>
internal static class ExitCodes
{
    public const int Success = 0;

    /// <summary>An error record reached the error stream.</summary>
    public const int ErrorsWritten = 1;

    /// <summary>A syntax error, or an error that ended a command.</summary>
    public const int Ended = 2;

    /// <summary>Stopped by Ctrl+C: 128 and the signal's number, as shells count.</summary>
    public const int Stopped = 130;

    /// <summary>Nobody reads the output any more: 128 and the signal's number.</summary>
    public const int OutputClosed = 141;
}

/// <summary>The engine with the module loaded. Runs one script after the other and says how each went.</summary>
internal sealed class Session : IDisposable
{
    private readonly ITerminal _terminal;
    private readonly OutputFormat _format;
    private readonly RunnerHost _host;
    private readonly ArrayList _knownErrors;
    private volatile PowerShell? _running;

    private Session(ITerminal terminal, OutputFormat format)
    {
        _terminal = terminal;
        _format = format;
        _host = new RunnerHost(terminal);
        InitialSessionState state = InitialSessionState.CreateDefault2();
        if (OperatingSystem.IsWindows())
        {
            // What PowerShell itself starts with; a machine's or user's own policy still goes before it.
            state.ExecutionPolicy = Microsoft.PowerShell.ExecutionPolicy.RemoteSigned;
        }

        Runspace = RunspaceFactory.CreateRunspace(_host, state);
        Runspace.Open();
        _knownErrors = (ArrayList)Runspace.SessionStateProxy.GetVariable("Error");
    }

    public Runspace Runspace { get; }

    /// <summary>What <c>exit N</c> said; null while nothing did.</summary>
    public int? ExitCode => _host.ExitCode;

    /// <summary>Starts the engine and loads the module; an error while loading is thrown.</summary>
    public static Session Open(ITerminal terminal, OutputFormat format, string manifest)
    {
        Session session = new(terminal, format);
        try
        {
            using PowerShell shell = PowerShell.Create(session.Runspace);
            shell.AddCommand("Import-Module").AddParameter("Name", manifest).AddParameter("ErrorAction", ActionPreference.Stop).Invoke();
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Runs a script, writes what comes out as it comes, and returns the exit code it deserves.</summary>
    public int Execute(string script, IDictionary? parameters = null, bool addToHistory = false)
    {
        using PowerShell shell = PowerShell.Create(Runspace);
        shell.AddScript(script);
        if (parameters is not null)
        {
            shell.AddParameters(parameters);
        }

        int code = ExitCodes.Success;
        shell.Streams.Error.DataAdding += (_, added) =>
        {
            if (added.ItemAdded is ErrorRecord error)
            {
                code = Math.Max(code, EndedItsCommand(error) ? ExitCodes.Ended : ExitCodes.ErrorsWritten);
                Tell(error);
            }
        };

        bool closed = false;
        using PSDataCollection<PSObject> output = [];
        if (_format == OutputFormat.Text)
        {
            shell.AddCommand("Out-Default");
        }
        else
        {
            IRecordWriter writer = _format == OutputFormat.Json
                ? new JsonRecordWriter(_terminal.Out)
                : new CsvRecordWriter(_terminal.Out, _terminal.Error);

            // Raised on the pipeline's thread: the next object is made when this one is written, and none is kept.
            output.DataAdded += (_, _) =>
            {
                try
                {
                    foreach (PSObject? record in output.ReadAll())
                    {
                        writer.Write(record);
                    }
                }
                catch (IOException e) when (IsClosedOutput(e))
                {
                    // Thrown on, it would be lost in the engine, and the pipeline would run to its end.
                    closed = true;
                    shell.BeginStop(null, null);
                }
            };
        }

        _running = shell;
        try
        {
            shell.Invoke(null, output, new PSInvocationSettings { AddToHistory = addToHistory });
        }
        catch (PipelineStoppedException)
        {
            // Mostly the engine just returns when it was stopped; both ways end below.
        }
        catch (Exception e) when (IsClosedOutput(e))
        {
            closed = true;
        }
        catch (ParseException e)
        {
            foreach (System.Management.Automation.Language.ParseError error in e.Errors)
            {
                Messages.Write(_terminal.Error, error);
            }

            code = ExitCodes.Ended;
        }
        catch (RuntimeException e)
        {
            Tell(e.ErrorRecord);
            code = ExitCodes.Ended;
        }
        finally
        {
            _running = null;
            ((RunnerUserInterface)_host.UI).EndProgress();
        }

        return closed
            ? ExitCodes.OutputClosed
            : shell.InvocationStateInfo.State == PSInvocationState.Stopped ? ExitCodes.Stopped : ExitCode ?? code;
    }

    /// <summary>Stops what runs; false when nothing does.</summary>
    public bool Stop()
    {
        if (_running is not { } shell)
        {
            return false;
        }

        shell.BeginStop(null, null);
        return true;
    }

    public void Dispose() => Runspace.Dispose();

    private static bool IsClosedOutput(Exception? exception)
    {
        while (exception is not null and not IOException)
        {
            exception = exception.InnerException;
        }

        // The runtime's text for a pipe whose reader has gone differs by system; its code does not.
        const int BrokenPipeUnix = 32;
        const int BrokenPipeWindows = unchecked((int)0x8007006D);
        const int NoDataWindows = unchecked((int)0x800700E8);
        return exception?.HResult is BrokenPipeUnix or BrokenPipeWindows or NoDataWindows;
    }

    // A cmdlet's own errors are the objects that $Error holds. For an error that ended a command or statement the engine
    // reports a copy made on the way out (seen on 7.6.9; a test holds it). Nothing else tells the two apart afterwards.
    private bool EndedItsCommand(ErrorRecord error) =>
        !_knownErrors.Cast<object>().Any(e => ReferenceEquals(e is PSObject wrapped ? wrapped.BaseObject : e, error));

    private void Tell(ErrorRecord error)
    {
        ((RunnerUserInterface)_host.UI).EndProgress();
        Messages.Write(_terminal.Error, error);
    }
}
