using System;
using System.Text;

namespace ApiLevel.Formats;

internal sealed partial class TextPool
{
    private static string Decode(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);
}
