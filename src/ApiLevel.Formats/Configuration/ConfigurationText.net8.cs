using System.Text;

namespace ApiLevel.Formats.Configuration;

/// <content>.NET brings code pages, and hands them out when asked by their provider.</content>
internal static partial class ConfigurationText
{
    private static Encoding Page(int page) => CodePagesEncodingProvider.Instance.GetEncoding(page) ?? Encoding.Latin1;
}
