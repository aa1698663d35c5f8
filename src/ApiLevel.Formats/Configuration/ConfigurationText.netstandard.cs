using System;
using System.Text;

namespace ApiLevel.Formats.Configuration;

/// <content>.NET Framework has the code pages of Windows.</content>
internal static partial class ConfigurationText
{
    private static Encoding Page(int page)
    {
        try
        {
            return Encoding.GetEncoding(page);
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            return Encoding.GetEncoding("iso-8859-1");
        }
    }
}
