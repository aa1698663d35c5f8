using System.IO;

namespace ApiLevel.Commands;

/// <content>Windows PowerShell's .NET cannot follow links; on Windows a link cannot lead to a pipe.</content>
internal static partial class LinkTarget
{
    private static partial FileInfo Follow(FileInfo link) => link;
}
