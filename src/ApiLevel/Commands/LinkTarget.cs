using System.IO;

namespace ApiLevel.Commands;

/// <summary>The length of a file, where a link has a length of its own.</summary>
internal static partial class LinkTarget
{
    /// <summary>The length of what a path leads to, in bytes; -1 where there is nothing or the length is not known.</summary>
    /// <exception cref="IOException">The system cannot tell, or the link leads in a circle.</exception>
    public static long LengthOf(string path)
    {
        FileInfo file = new(path);
        if (file.Exists && (file.Attributes & FileAttributes.ReparsePoint) != 0)
        {
            file = Follow(file);
        }

        return file.Exists ? file.Length : -1;
    }

    private static partial FileInfo Follow(FileInfo link);
}
