using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ApiLevel.Rules;

/// <summary>
/// Reads YAML from people we do not know: no anchors, aliases or tags, so that nothing can grow by reference or choose a type;
/// size, depth and the number of nodes are bounded.
/// </summary>
internal static class BoundedYaml
{
    /// <summary>The most characters a file may have. The largest file of the built-in facts has about 20,000.</summary>
    public const int MaximumCharacters = 4 * 1024 * 1024;

    private const int MaximumDepth = 8;
    private const int MaximumNodes = 400_000;

    /// <summary>Reads all documents, or tells the one thing that stopped it.</summary>
    public static List<YamlNode> ReadDocuments(TextReader input, out int errorLine, out string? error)
    {
        List<YamlNode> documents = [];
        errorLine = 0;
        error = null;
        string? text = ReadBounded(input);
        if (text is null)
        {
            error = string.Format(
                CultureInfo.InvariantCulture, "the file has more than {0} characters; split it", MaximumCharacters);
            return documents;
        }

        Parser parser = new(new Scanner(new StringReader(text), skipComments: true));
        try
        {
            int nodes = 0;
            while (parser.MoveNext())
            {
                if (parser.Current is DocumentStart)
                {
                    parser.MoveNext();
                    documents.Add(ReadNode(parser, 0, ref nodes));
                }
            }
        }
        catch (YamlException exception)
        {
            errorLine = (int)Math.Min(exception.Start.Line, int.MaxValue);
            error = "this is no YAML: " + OneLine(exception.InnerException?.Message ?? exception.Message);
        }
        catch (InvalidOperationException)
        {
            // YamlDotNet 18.1.0 throws this from its scanner for some damaged keys, where it should report a syntax error.
            errorLine = (int)Math.Min(parser.Current?.End.Line ?? 0, int.MaxValue);
            error = "this is no YAML: what follows cannot be read as a key";
        }
        catch (UnwantedYamlException exception)
        {
            errorLine = exception.Line;
            error = exception.Message;
        }

        return documents;
    }

    private static string? ReadBounded(TextReader input)
    {
        char[] buffer = new char[16 * 1024];
        System.Text.StringBuilder text = new();
        int count;
        while ((count = input.Read(buffer, 0, buffer.Length)) > 0)
        {
            if (text.Length + count > MaximumCharacters)
            {
                return null;
            }

            text.Append(buffer, 0, count);
        }

        return text.ToString();
    }

    private static YamlNode ReadNode(Parser parser, int depth, ref int nodes)
    {
        ParsingEvent current = parser.Current!;
        int line = (int)Math.Min(current.Start.Line, int.MaxValue);
        if (++nodes > MaximumNodes)
        {
            throw new UnwantedYamlException(line, "the file has too many values; split it");
        }

        if (depth > MaximumDepth)
        {
            throw new UnwantedYamlException(line, "values are nested too deep; a fact file needs three levels");
        }

        if (current is NodeEvent node)
        {
            if (!node.Anchor.IsEmpty || current is AnchorAlias)
            {
                throw new UnwantedYamlException(line, "anchors and aliases are not read; write the value out");
            }

            if (!node.Tag.IsEmpty)
            {
                throw new UnwantedYamlException(line, "tags are not read; the types of values are fixed");
            }
        }

        switch (current)
        {
            case AnchorAlias:
                throw new UnwantedYamlException(line, "anchors and aliases are not read; write the value out");
            case Scalar scalar:
                return new YamlNode { Line = line, Scalar = scalar.Value };
            case SequenceStart:
                List<YamlNode> items = [];
                while (parser.MoveNext() && parser.Current is not SequenceEnd)
                {
                    items.Add(ReadNode(parser, depth + 1, ref nodes));
                }

                return new YamlNode { Line = line, Items = items };
            case MappingStart:
                List<YamlEntry> entries = [];
                while (parser.MoveNext() && parser.Current is not MappingEnd)
                {
                    YamlNode key = ReadNode(parser, depth + 1, ref nodes);
                    if (key.Scalar is null)
                    {
                        throw new UnwantedYamlException(key.Line, "a key must be a plain word");
                    }

                    parser.MoveNext();
                    entries.Add(new YamlEntry(key.Scalar, key.Line, ReadNode(parser, depth + 1, ref nodes)));
                }

                return new YamlNode { Line = line, Entries = entries };
            default:
                throw new UnwantedYamlException(line, "a value is missing");
        }
    }

    private static string OneLine(string message) =>
        message.Replace('\r', ' ').Replace('\n', ' ');

    private sealed class UnwantedYamlException(int line, string message) : Exception(message)
    {
        public int Line { get; } = line;
    }
}
