using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace ApiLevel.Host.Tests.Help;

/// <summary>Makes the file that Get-Help reads from pages and commands.</summary>
internal static class MamlWriter
{
    private static readonly XNamespace s_maml = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace s_command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace s_dev = "http://schemas.microsoft.com/maml/dev/2004/10";
    private static readonly XNamespace s_help = "http://msh";

    /// <summary>The whole file's text; the same pages and commands give the same text.</summary>
    public static string Write(IEnumerable<(HelpPage Page, CommandReference Command)> cmdlets)
    {
        XElement root = new(
            s_help + "helpItems",
            new XAttribute("schema", "maml"),
            cmdlets.OrderBy(c => c.Command.Name, System.StringComparer.Ordinal).Select(c => Command(c.Page, c.Command)));
        StringBuilder text = new();
        using (XmlWriter writer = XmlWriter.Create(text, new XmlWriterSettings { Indent = true, NewLineChars = "\n", OmitXmlDeclaration = true }))
        {
            root.Save(writer);
        }

        return $"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n{text}\n";
    }

    private static XElement Command(HelpPage page, CommandReference command)
    {
        Dictionary<string, HelpParameter> texts = page.Parameters.ToDictionary(p => p.Name, System.StringComparer.Ordinal);
        return new XElement(
            s_command + "command",
            new XAttribute(XNamespace.Xmlns + "maml", s_maml),
            new XAttribute(XNamespace.Xmlns + "command", s_command),
            new XAttribute(XNamespace.Xmlns + "dev", s_dev),
            new XElement(
                s_command + "details",
                new XElement(s_command + "name", command.Name),
                new XElement(s_command + "verb", command.Cmdlet.Verb),
                new XElement(s_command + "noun", command.Cmdlet.Noun),
                Description(page.Synopsis)),
            Description(page.Description),
            new XElement(
                s_command + "syntax",
                command.Syntax.Select(set => new XElement(
                    s_command + "syntaxItem",
                    new XElement(s_maml + "name", command.Name),
                    set.Parameters.Select(p => Parameter(p, texts.GetValueOrDefault(p.Name)))))),
            new XElement(
                s_command + "parameters",
                command.Parameters.GroupBy(p => p.Name, System.StringComparer.Ordinal).Select(g => Parameter(g.First(), texts.GetValueOrDefault(g.Key)))),
            new XElement(s_command + "inputTypes", page.Inputs.Select(i => Type(s_command + "inputType", i))),
            new XElement(s_command + "returnValues", page.Outputs.Select(o => Type(s_command + "returnValue", o))),
            new XElement(s_maml + "alertSet", new XElement(s_maml + "alert", Paragraphs(page.Notes))),
            new XElement(
                s_command + "examples",
                page.Examples.Select(e => new XElement(
                    s_command + "example",
                    new XElement(s_maml + "title", $"-------- {e.Title} --------"),
                    new XElement(s_dev + "code", string.Join('\n', e.Lines)),
                    new XElement(s_dev + "remarks", Paragraphs(e.Remarks))))),
            new XElement(
                s_command + "relatedLinks",
                page.Links.Select(l => new XElement(
                    s_maml + "navigationLink",
                    new XElement(s_maml + "linkText", l.Text),
                    new XElement(s_maml + "uri", l.Uri.StartsWith("http", System.StringComparison.Ordinal) ? l.Uri : string.Empty)))));
    }

    private static XElement Parameter(ParameterReference parameter, HelpParameter? text) => new(
        s_command + "parameter",
        new XAttribute("required", Lower(parameter.Required)),
        new XAttribute("variableLength", "true"),
        new XAttribute("globbing", Lower(parameter.Wildcards)),
        new XAttribute("pipelineInput", parameter.PipelineInput),
        new XAttribute("position", parameter.Position.ToLowerInvariant()),
        new XAttribute("aliases", parameter.Aliases.Count == 0 ? "none" : string.Join(", ", parameter.Aliases)),
        new XElement(s_maml + "name", parameter.Name),
        Description(text?.Text ?? []),
        parameter.AcceptedValues.Count == 0
            ? null
            : new XElement(
                s_command + "parameterValueGroup",
                parameter.AcceptedValues.Select(v => new XElement(
                    s_command + "parameterValue",
                    new XAttribute("required", "false"),
                    new XAttribute("variableLength", "false"),
                    v))),
        parameter.IsSwitch
            ? null
            : new XElement(
                s_command + "parameterValue",
                new XAttribute("required", "true"),
                new XAttribute("variableLength", Lower(parameter.Type.EndsWith("[]", System.StringComparison.Ordinal))),
                parameter.Type),
        new XElement(s_dev + "type", new XElement(s_maml + "name", parameter.Type), new XElement(s_maml + "uri")),
        new XElement(s_dev + "defaultValue", parameter.DefaultValue));

    private static XElement Type(XName element, HelpItem item) => new(
        element,
        new XElement(s_dev + "type", new XElement(s_maml + "name", item.Title)),
        Description(item.Text));

    private static XElement Description(IEnumerable<string> paragraphs) => new(s_maml + "description", Paragraphs(paragraphs));

    private static IEnumerable<XElement> Paragraphs(IEnumerable<string> paragraphs) => paragraphs.Select(p => new XElement(s_maml + "para", p));

    private static string Lower(bool value) => value.ToString(CultureInfo.InvariantCulture).ToLowerInvariant();
}
