using ApiLevel.Errors;
using ApiLevel.Formats;
using ApiLevel.Formats.Portable;

namespace ApiLevel.Commands;

/// <summary>A command that reads Portable Executable files.</summary>
public abstract class ImageInputCommand : FileInputCommand<PortableReadResult>
{
    /// <summary>Writes an image that was read.</summary>
    /// <param name="path">The file.</param>
    /// <param name="image">The image.</param>
    protected abstract void WriteImage(string path, PortableImage image);

    /// <summary>Tells that a parameter does nothing without another.</summary>
    private protected void WarnWithout(string parameter, bool isSet, string other, bool otherIsSet)
    {
        if (isSet && !otherIsSet)
        {
            WriteWarning($"-{parameter} changes nothing without -{other}.");
        }
    }

    /// <inheritdoc/>
    protected override void WriteFile(string path, PortableReadResult result, bool found)
    {
        if (result.Image is { } image)
        {
            if (!image.Complete)
            {
                WriteWarning($"{path}: not read whole: {string.Join("; ", image.Problems)}");
            }

            WriteImage(path, image);
            return;
        }

        ReadFailure failure = result.Failure!;
        if (found && failure.Kind is ReadFailureKind.WrongFormat or ReadFailureKind.FileEmpty)
        {
            WriteVerbose($"Passed over '{path}': {failure.Message}");
            return;
        }

        WriteError(ApiLevelErrors.ForFile(path, failure));
    }
}
