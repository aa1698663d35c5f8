using System;
using System.Collections;
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

    /// <summary>Stopped by Ctrl+C (SIGINT): 128 and the signal's number, as shells report it.</summary>
    public const int Interrupted = 130;

    /// <summary>The reader of the standard output has closed it (SIGPIPE): 128 and the signal's number.</summary>
    public const int OutputClosed = 141;

    /// <summary>Ended by SIGTERM: 128 and the signal's number.</summary>
    public const int Terminated = 143;
}

/// <summary>The engine with the module loaded. Runs one script after the other and returns an exit code for each.</summary>
internal sealed class Session : IDisposable
{
    private readonly ITerminal _terminal;
    private readonly OutputFormat _format;
    private readonly RunnerHost _host;
    private readonly ArrayList _knownErrors;
    private volatile PowerShell? _running;
    private volatile int _stopCode;

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

    /// <summary>The argument of <c>exit</c>; null until a command has called it.</summary>
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

    /// <summary>Runs a script, writes each output object when it arrives, and returns the exit code.</summary>
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

            // Raised on the pipeline's thread: an object is written before the next one is made, and none is kept.
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
                    // The engine swallows an exception of this handler, and the pipeline would run to its end.
                    closed = true;
                    shell.BeginStop(null, null);
                }
            };
        }

        _stopCode = 0;
        _running = shell;
        try
        {
            shell.Invoke(null, output, new PSInvocationSettings { AddToHistory = addToHistory });
        }
        catch (PipelineStoppedException)
        {
            // Usually Invoke returns normally after a stop; the result is the same.
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

        if (closed)
        {
            return ExitCodes.OutputClosed;
        }

        // SIGTERM ends the process even when the command was done before it could be stopped.
        return _stopCode == ExitCodes.Terminated || shell.InvocationStateInfo.State == PSInvocationState.Stopped
            ? Math.Max(_stopCode, ExitCodes.Interrupted)
            : ExitCode ?? code;
    }

    /// <summary>Stops the running command, which then returns <paramref name="code"/>; false when none runs.</summary>
    public bool Stop(int code)
    {
        if (_running is not { } shell)
        {
            return false;
        }

        // Of Ctrl+C and SIGTERM the latter counts, in whatever order they come.
        _stopCode = Math.Max(_stopCode, code);
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

        // The exception for a pipe without a reader is recognised by its code; its text differs by system.
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
