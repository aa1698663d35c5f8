using System;
using System.Linq;
using System.Threading;

namespace ApiLevel.Formats.Configuration;

/// <summary>
/// Reads files that administrators collect from machines: audit policy, registry, channels, Sysmon, security descriptors. The content
/// decides what a file is, never its name.
/// </summary>
public static class ConfigurationFiles
{
    /// <summary>Bytes that such a file may have: a branch of the registry that decides here and the longest known Sysmon configuration stay far below.</summary>
    public const int MaximumLength = 64 << 20;

    /// <summary>Reads a file.</summary>
    /// <param name="path">A path of the operating system, taken literally.</param>
    /// <param name="name">What to call it in origins; null for the path.</param>
    /// <param name="cancellation">Ends the read.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static ConfigurationResult Read(string path, string? name = null, CancellationToken cancellation = default)
    {
        if (path is null)
        {
            throw new ArgumentNullException(nameof(path));
        }

        byte[] bytes;
        try
        {
            using ByteSource source = ByteSource.OpenFile(path);
            long length = source.Length;
            if (length == 0)
            {
                return new ConfigurationResult(null, new ReadFailure(ReadFailureKind.FileEmpty, path, "The file is empty."));
            }

            if (length > MaximumLength)
            {
                return Wrong(path, $"The file has more than {MaximumLength >> 20} MiB, which no file of this kind has.");
            }

            bytes = ReadAll(source, (int)length, cancellation);
        }
        catch (Exception exception) when (ReadFailure.FromException(path, exception) is { } failure)
        {
            return new ConfigurationResult(null, failure);
        }

        return Read(bytes, path, name ?? path, cancellation);
    }

    /// <summary>Reads bytes that are already in memory.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="name">What to call it in origins.</param>
    /// <param name="cancellation">Ends the read.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static ConfigurationResult Read(byte[] bytes, string name, CancellationToken cancellation = default) =>
        Read(bytes ?? throw new ArgumentNullException(nameof(bytes)), name, name, cancellation);

    private static ConfigurationResult Read(byte[] bytes, string path, string name, CancellationToken cancellation)
    {
        if (RegistryPolicyReader.HasSignature(bytes))
        {
            var policy = new ConfigurationFile(name, ConfigurationKind.RegistryPolicy);
            RegistryPolicyReader.Read(bytes, policy, cancellation);
            return new ConfigurationResult(policy, null);
        }

        ConfigurationFile? best = null;
        foreach ((string text, string encoding) in ConfigurationText.Decode(bytes))
        {
            cancellation.ThrowIfCancellationRequested();
            var file = new ConfigurationFile(name, Detect(text)) { Encoding = encoding };
            ReadText(text, file, cancellation);
            if (best is null || file.Problems.Count < best.Problems.Count)
            {
                best = file;
            }

            if (file.Problems.Count == 0)
            {
                break;
            }
        }

        return best is null or { Kind: ConfigurationKind.Unknown }
            ? Wrong(path, "The file is none of: auditpol /r or /backup, audit.csv, registry.pol, reg export, wevtutil gl, sysmon -c, Sysmon XML, lines of SDDL.")
            : new ConfigurationResult(best, null);
    }

    private static void ReadText(string text, ConfigurationFile file, CancellationToken cancellation)
    {
        switch (file.Kind)
        {
            case ConfigurationKind.AuditReport:
                AuditPolicyReader.Read(text, file, cancellation);
                break;
            case ConfigurationKind.RegistryText:
                RegistryTextReader.Read(text, file, cancellation);
                break;
            case ConfigurationKind.Channels:
                ChannelReader.Read(text, file, cancellation);
                break;
            case ConfigurationKind.SysmonReport:
                SysmonReportReader.Read(text, file, cancellation);
                break;
            case ConfigurationKind.SecurityDescriptors:
                SecuredObjectReader.Read(text, file, cancellation);
                break;
            case ConfigurationKind.SysmonConfiguration or ConfigurationKind.Json:
                file.Text = text;
                break;
        }
    }

    /// <summary>Tells a text by its first lines; a mail header or a prompt before them does not matter.</summary>
    private static ConfigurationKind Detect(string text)
    {
        int seen = 0;
        foreach ((_, string raw) in ConfigurationText.Lines(text))
        {
            string line = raw.Trim().Trim('\uFEFF');
            if (line.Length == 0)
            {
                continue;
            }

            if (seen == 0 && line[0] == '{' && !AuditPolicyReader.IsRow(line))
            {
                return ConfigurationKind.Json;
            }

            if (line[0] == '<')
            {
                return DetectXml(text);
            }

            if (line.StartsWith("Windows Registry Editor Version", StringComparison.OrdinalIgnoreCase) || line == "REGEDIT4" ||
                line.StartsWith("HKEY_", StringComparison.OrdinalIgnoreCase) || line.StartsWith("[HKEY_", StringComparison.OrdinalIgnoreCase))
            {
                return SecuredObjectReader.IsRow(line) ? ConfigurationKind.SecurityDescriptors : ConfigurationKind.RegistryText;
            }

            if (SysmonReportReader.IsHead(line))
            {
                return ConfigurationKind.SysmonReport;
            }

            if (AuditPolicyReader.IsHead(line) || AuditPolicyReader.IsRow(line))
            {
                return ConfigurationKind.AuditReport;
            }

            if (ChannelReader.IsHead(line))
            {
                return ConfigurationKind.Channels;
            }

            // Policy templates and reports have descriptors among other lines; a list of them begins with one.
            if (seen == 0 && !line.StartsWith("[", StringComparison.Ordinal) && (SecuredObjectReader.IsHead(line) || SecuredObjectReader.IsRow(line)))
            {
                return ConfigurationKind.SecurityDescriptors;
            }

            if (++seen == 40)
            {
                break;
            }
        }

        return ConfigurationKind.Unknown;
    }

    private static ConfigurationKind DetectXml(string text)
    {
        string head = text.Length > 65536 ? text.Substring(0, 65536) : text;
        int channel = head.IndexOf("<channel", StringComparison.Ordinal);
        int sysmon = head.IndexOf("<Sysmon", StringComparison.OrdinalIgnoreCase);
        return sysmon >= 0 && (channel < 0 || sysmon < channel) ? ConfigurationKind.SysmonConfiguration
            : channel >= 0 ? ConfigurationKind.Channels
            : ConfigurationKind.Unknown;
    }

    private static byte[] ReadAll(ByteSource source, int length, CancellationToken cancellation)
    {
        var bytes = new byte[length];
        int done = 0;
        while (done < length)
        {
            cancellation.ThrowIfCancellationRequested();
            int count = source.Read(done, bytes.AsSpan(done, Math.Min(length - done, 1 << 20)));
            if (count == 0)
            {
                break;
            }

            done += count;
        }

        return done == length ? bytes : bytes.Take(done).ToArray();
    }

    private static ConfigurationResult Wrong(string path, string message) =>
        new(null, new ReadFailure(ReadFailureKind.WrongFormat, path, message));
}
