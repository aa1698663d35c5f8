using System;
using System.Collections.Generic;
using System.IO;
using System.Management.Automation;
using DriveNotFoundException = System.Management.Automation.DriveNotFoundException;
using System.Threading;
using System.Threading.Tasks;
using ApiLevel.Errors;

namespace ApiLevel.Commands;

/// <summary>
/// A command that reads files: -Path with wildcards, -LiteralPath, -Recurse. Files are read ahead by several workers and written in
/// the order they came in; one that cannot be read is one error and the next follows.
/// </summary>
/// <typeparam name="T">What a worker gets out of one file.</typeparam>
public abstract class FileInputCommand<T> : ApiLevelCommand
{
    /// <summary>The parameter set of -Path.</summary>
    protected const string PathSet = "Path";

    /// <summary>The parameter set of -LiteralPath.</summary>
    protected const string LiteralPathSet = "LiteralPath";

    private readonly Queue<Pending> _pending = new();
    private readonly ProgressClock _clock = new();
    private long _written;

    /// <summary>Files; wildcards work, and what exists as written is taken literally.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = PathSet)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>Files, taken literally.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = LiteralPathSet)]
    [Alias("PSPath", "LP", "FullName", "ExecutablePath")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>Read the files in directories and in the directories below them; files of other formats are passed over.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = LiteralPathSet)]
    public SwitchParameter Recurse { get; set; }

    /// <summary>Reads one file. Runs on a worker: no member of the command that writes may be called.</summary>
    protected abstract T ReadFile(string path, CancellationToken cancellation);

    /// <summary>Writes what was read. Runs on the pipeline's thread.</summary>
    /// <param name="path">The file.</param>
    /// <param name="result">What the worker gave.</param>
    /// <param name="found">True where the file was found in a directory: one of another format is then passed over.</param>
    protected abstract void WriteFile(string path, T result, bool found);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == LiteralPathSet)
        {
            foreach (string path in LiteralPath)
            {
                AddLiteral(path);
            }
        }
        else if (ParameterSetName == PathSet)
        {
            foreach (string path in Path)
            {
                AddPath(path);
            }
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing() => Drain(all: true);

    private void AddPath(string path)
    {
        // A path that exists as written is that file, brackets and all.
        if (!WildcardPattern.ContainsWildcardCharacters(path) || ExistsAsWritten(path))
        {
            AddLiteral(path);
            return;
        }

        ProviderInfo provider;
        System.Collections.ObjectModel.Collection<string> resolved;
        try
        {
            resolved = GetResolvedProviderPathFromPSPath(path, out provider);
        }
        catch (ItemNotFoundException)
        {
            // A pattern whose folder does not exist matches nothing, like one whose folder is empty.
            WriteVerbose($"Nothing matches '{path}'.");
            return;
        }
        catch (Exception exception) when (exception is DriveNotFoundException or ProviderNotFoundException or PSInvalidOperationException)
        {
            WriteError(ApiLevelErrors.FileNotFound(path, exception));
            return;
        }

        if (!IsFileSystem(provider, path))
        {
            return;
        }

        foreach (string file in resolved)
        {
            Add(file, found: false);
        }
    }

    private bool ExistsAsWritten(string path)
    {
        try
        {
            string literal = SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out ProviderInfo provider, out _);
            return provider.Name == "FileSystem" && (File.Exists(literal) || Directory.Exists(literal));
        }
        catch (Exception exception) when (exception is DriveNotFoundException or ProviderNotFoundException or ItemNotFoundException or PSArgumentException)
        {
            return false;
        }
    }

    private void AddLiteral(string path)
    {
        try
        {
            string file = SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out ProviderInfo provider, out _);
            if (IsFileSystem(provider, path))
            {
                Add(file, found: false);
            }
        }
        catch (Exception exception) when (exception is DriveNotFoundException or ProviderNotFoundException or ItemNotFoundException or PSArgumentException)
        {
            WriteError(ApiLevelErrors.FileNotFound(path, exception));
        }
    }

    private bool IsFileSystem(ProviderInfo provider, string path)
    {
        if (provider.Name == "FileSystem")
        {
            return true;
        }

        WriteError(ApiLevelErrors.FileUnreadable(path, $"it is a path of the provider {provider.Name}."));
        return false;
    }

    private void Add(string path, bool found)
    {
        StopToken.ThrowIfCancellationRequested();
        if (Directory.Exists(path))
        {
            if (Recurse)
            {
                foreach (string file in DirectoryWalk.Files(path, (folder, exception) => WriteError(exception is UnauthorizedAccessException
                    ? ApiLevelErrors.FileAccessDenied(folder, exception)
                    : ApiLevelErrors.FileUnreadable(folder, exception.Message, exception))))
                {
                    Enqueue(file, found: true);
                }
            }
            else
            {
                WriteError(ApiLevelErrors.PathIsDirectory(path));
            }

            return;
        }

        Enqueue(path, found);
    }

    private void Enqueue(string path, bool found)
    {
        CancellationToken token = StopToken;
        _pending.Enqueue(new Pending(path, found, Task.Run(() => ReadFile(path, token), token)));
        Drain(all: false);
    }

    /// <summary>Writes what is ready at the head of the queue; waits where the queue is full or everything is asked for.</summary>
    private void Drain(bool all)
    {
        while (_pending.Count > 0)
        {
            Pending head = _pending.Peek();
            if (!all && !head.Reading.IsCompleted && _pending.Count < s_readAhead)
            {
                return;
            }

            T result;
            try
            {
                head.Reading.Wait(StopToken);
                result = head.Reading.Result;
            }
            catch (OperationCanceledException)
            {
                throw new PipelineStoppedException();
            }
            catch (AggregateException exception) when (exception.InnerException is OperationCanceledException)
            {
                throw new PipelineStoppedException();
            }

            _pending.Dequeue();
            _written++;
            if (_clock.IsDue)
            {
                WriteProgress(new ProgressRecord(1, MyInvocation.MyCommand.Name, head.Path)
                {
                    CurrentOperation = $"{_written} files read",
                });
            }

            WriteFile(head.Path, result, head.Found);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && _pending.Count > 0)
        {
            // What was read ahead for a pipeline that ended early: the reads end by the token, their files close with them.
            StopProcessing();
            foreach (Pending pending in _pending)
            {
                try
                {
                    pending.Reading.Wait();
                }
                catch (AggregateException)
                {
                    // Nobody is left to be told.
                }
            }

            _pending.Clear();
        }

        base.Dispose(disposing);
    }

    private static readonly int s_readAhead = Math.Max(8, 4 * Environment.ProcessorCount);

    private sealed record Pending(string Path, bool Found, Task<T> Reading);
}

/// <summary>Says at most five times a second, and not in the first second, that progress should be written.</summary>
internal sealed class ProgressClock
{
    private readonly System.Diagnostics.Stopwatch _watch = System.Diagnostics.Stopwatch.StartNew();
    private long _next = 1000;

    public bool IsDue
    {
        get
        {
            if (_watch.ElapsedMilliseconds < _next)
            {
                return false;
            }

            _next = _watch.ElapsedMilliseconds + 200;
            return true;
        }
    }
}

/// <summary>Walks directories in the order of names without following links, which may lead in circles.</summary>
internal static class DirectoryWalk
{
    public static IEnumerable<string> Files(string root, Action<string, Exception> failed)
    {
        var folders = new Stack<string>();
        folders.Push(root);
        while (folders.Count > 0)
        {
            string folder = folders.Pop();
            string[] files;
            string[] children;
            try
            {
                files = Directory.GetFiles(folder);
                children = Directory.GetDirectories(folder);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                failed(folder, exception);
                continue;
            }

            Array.Sort(files, StringComparer.Ordinal);
            foreach (string file in files)
            {
                yield return file;
            }

            Array.Sort(children, StringComparer.Ordinal);
            for (int i = children.Length - 1; i >= 0; i--)
            {
                if ((File.GetAttributes(children[i]) & FileAttributes.ReparsePoint) == 0)
                {
                    folders.Push(children[i]);
                }
            }
        }
    }
}
