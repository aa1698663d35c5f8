using System;
using System.Collections.Generic;
using System.IO;
using System.Management.Automation;
using ApiLevel.Errors;
using ApiLevel.Formats;

namespace ApiLevel.Commands;

/// <summary>A command that is given files: -Path with wildcards, -LiteralPath, -Recurse. It tells each file once, in the order given.</summary>
public abstract class PathInputCommand : ApiLevelCommand
{
    /// <summary>The parameter set of -Path.</summary>
    protected const string PathSet = "Path";

    /// <summary>The parameter set of -LiteralPath.</summary>
    protected const string LiteralPathSet = "LiteralPath";

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

    /// <summary>Takes a file. Runs on the pipeline's thread.</summary>
    /// <param name="path">The file, as the operating system names it.</param>
    /// <param name="found">True where it was found in a directory: one of another format is then passed over.</param>
    protected abstract void AddFile(string path, bool found);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName is not (PathSet or LiteralPathSet))
        {
            return;
        }

        bool isLiteral = ParameterSetName == LiteralPathSet;
        foreach (string path in isLiteral ? LiteralPath : Path)
        {
            foreach (string file in ResolvePath(path, isLiteral, out bool isPattern))
            {
                // A directory that a pattern happens to match was not asked for.
                if (isPattern && !Recurse && Directory.Exists(file))
                {
                    WriteVerbose($"Passed over the directory '{file}'.");
                    continue;
                }

                Add(file, found: false);
            }
        }
    }

    private void Add(string path, bool found)
    {
        ThrowIfStopped();
        if (Directory.Exists(path))
        {
            if (Recurse)
            {
                foreach (string file in DirectoryWalk.Files(path, (folder, exception) => WriteError(exception is UnauthorizedAccessException
                    ? ApiLevelErrors.FileAccessDenied(folder, exception)
                    : ApiLevelErrors.FileUnreadable(folder, ReadFailure.Describe(exception), exception))))
                {
                    ThrowIfStopped();
                    Open(file, found: true);
                }
            }
            else
            {
                WriteError(ApiLevelErrors.PathIsDirectory(path));
            }

            return;
        }

        Open(path, found);
    }

    /// <summary>
    /// Pipes and devices have no length, and opening a pipe that nobody writes to would wait for ever: what has no bytes is not opened.
    /// </summary>
    private void Open(string path, bool found)
    {
        long length;
        try
        {
            length = LinkTarget.LengthOf(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            // The reader says what is wrong with it.
            length = -1;
        }

        if (length != 0)
        {
            AddFile(path, found);
        }
        else if (found)
        {
            WriteVerbose($"Passed over '{path}': it is empty.");
        }
        else
        {
            WriteError(ApiLevelErrors.FileEmpty(path));
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
                // A folder that is gone by now has attributes too: all bits set, so it is passed over.
                if ((new DirectoryInfo(children[i]).Attributes & FileAttributes.ReparsePoint) == 0)
                {
                    folders.Push(children[i]);
                }
            }
        }
    }
}
