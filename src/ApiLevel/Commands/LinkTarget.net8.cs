using System.IO;

namespace ApiLevel.Commands;

/// <content>Links are followed by .NET.</content>
internal static partial class LinkTarget
{
    private static partial FileInfo Follow(FileInfo link) => link.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? link;
}
