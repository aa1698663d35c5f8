using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;

namespace ApiLevel.Host.Tests.Help;

/// <summary>One parameter in the sets where it is bound the same way: what a YAML block of a page says.</summary>
internal sealed record ParameterReference(
    string Name,
    string Type,
    bool IsSwitch,
    IReadOnlyList<string> Sets,
    IReadOnlyList<string> Aliases,
    IReadOnlyList<string> AcceptedValues,
    bool Required,
    string Position,
    string DefaultValue,
    string PipelineInput,
    bool Wildcards)
{
    /// <summary>The block as a page shows it.</summary>
    public IEnumerable<string> Yaml
    {
        get
        {
            yield return "Type: " + Type;
            yield return "Parameter Sets: " + string.Join(", ", Sets);
            yield return ("Aliases: " + string.Join(", ", Aliases)).TrimEnd();
            if (AcceptedValues.Count > 0)
            {
                yield return "Accepted values: " + string.Join(", ", AcceptedValues);
            }

            yield return string.Empty;
            yield return "Required: " + Required;
            yield return "Position: " + Position;
            yield return "Default value: " + DefaultValue;
            yield return "Accept pipeline input: " + PipelineInput;
            yield return "Accept wildcard characters: " + Wildcards;
        }
    }
}

/// <summary>A parameter set and how it is called.</summary>
internal sealed record SyntaxReference(string Set, bool IsDefault, IReadOnlyList<ParameterReference> Parameters);

/// <summary>What a cmdlet says about itself: the part of its page that nobody writes by hand.</summary>
internal sealed class CommandReference
{
    private const string AllSets = "(All)";
    private const int SyntaxWidth = 110;

    private CommandReference(CmdletInfo cmdlet)
    {
        Cmdlet = cmdlet;
        object defaults = Activator.CreateInstance(cmdlet.ImplementingType)!;
        Syntax = [.. cmdlet.ParameterSets
            .OrderByDescending(s => s.IsDefault)
            .Select(s => new SyntaxReference(
                s.Name == ParameterAttribute.AllParameterSets ? AllSets : s.Name,
                s.IsDefault && cmdlet.ParameterSets.Count > 1,
                [.. s.Parameters.Where(IsOwn).OrderBy(p => p.Position < 0 ? int.MaxValue : p.Position)
                    .ThenByDescending(p => p.IsMandatory)
                    .Select(p => Reference(p, [s.Name], defaults))]))];
        Parameters = [.. cmdlet.ParameterSets
            .SelectMany(s => s.Parameters.Where(IsOwn).Select(p => (Set: s.Name, Parameter: p)))
            .GroupBy(x => x.Parameter.Name, StringComparer.Ordinal)
            .OrderBy(g => g.Key, StringComparer.Ordinal)
            .SelectMany(g => g
                .GroupBy(x => (x.Parameter.IsMandatory, x.Parameter.Position, x.Parameter.ValueFromPipeline, x.Parameter.ValueFromPipelineByPropertyName))
                .Select(same => Reference(
                    same.First().Parameter,
                    same.Count() == cmdlet.ParameterSets.Count ? [AllSets] : [.. same.Select(x => x.Set)],
                    defaults)))];
    }

    public CmdletInfo Cmdlet { get; }

    public string Name => Cmdlet.Name;

    public IReadOnlyList<SyntaxReference> Syntax { get; }

    /// <summary>By name; several for a parameter that its sets bind in different ways.</summary>
    public IReadOnlyList<ParameterReference> Parameters { get; }

    public IReadOnlyList<string> OutputTypes => [.. Cmdlet.OutputType.Select(t => t.Name)];

    public static CommandReference Of(CmdletInfo cmdlet) => new(cmdlet);

    /// <summary>The call of a parameter set, broken into lines as a page shows them.</summary>
    public IEnumerable<string> SyntaxLines(SyntaxReference set)
    {
        string line = Name;
        foreach (string word in set.Parameters.Select(SyntaxOf).Append("[<CommonParameters>]"))
        {
            if (line.Length + 1 + word.Length > SyntaxWidth)
            {
                yield return line;
                line = string.Empty;
            }

            line += " " + word;
        }

        yield return line;
    }

    private static string SyntaxOf(ParameterReference parameter)
    {
        string name = parameter.Position == "Named" ? "-" + parameter.Name : $"[-{parameter.Name}]";
        string text = parameter.IsSwitch ? name : $"{name} <{parameter.Type}>";
        return parameter.Required ? text : $"[{text}]";
    }

    private static bool IsOwn(CommandParameterInfo parameter) => !System.Management.Automation.Cmdlet.CommonParameters.Contains(parameter.Name);

    private static ParameterReference Reference(CommandParameterInfo parameter, IReadOnlyList<string> sets, object defaults)
    {
        Type type = parameter.ParameterType;
        Type element = type.IsArray ? type.GetElementType()! : Nullable.GetUnderlyingType(type) ?? type;
        string[] accepted = element.IsEnum ? Enum.GetNames(element) : parameter.Attributes.OfType<ValidateSetAttribute>().SelectMany(v => v.ValidValues).ToArray() is { } values ? values : [];
        return new ParameterReference(
            parameter.Name,
            type.IsArray ? element.Name + "[]" : element.Name,
            type == typeof(SwitchParameter),
            sets,
            [.. parameter.Aliases],
            accepted,
            parameter.IsMandatory,
            parameter.Position < 0 ? "Named" : parameter.Position.ToString(CultureInfo.InvariantCulture),
            DefaultOf(parameter, defaults),
            PipelineInputOf(parameter),
            parameter.Attributes.OfType<SupportsWildcardsAttribute>().Any());
    }

    private static string PipelineInputOf(CommandParameterInfo parameter) =>
        (parameter.ValueFromPipelineByPropertyName, parameter.ValueFromPipeline) switch
        {
            (true, true) => "True (ByPropertyName, ByValue)",
            (true, false) => "True (ByPropertyName)",
            (false, true) => "True (ByValue)",
            _ => "False",
        };

    private static string DefaultOf(CommandParameterInfo parameter, object defaults)
    {
        if (defaults.GetType().GetProperty(parameter.Name) is not { } property)
        {
            return "None"; // WhatIf and Confirm are the engine's
        }

        return property.GetValue(defaults) switch
        {
            null => "None",
            SwitchParameter => "False",
            string { Length: 0 } => "None",
            string text => text,
            IEnumerable list => string.Join(", ", list.Cast<object>()) is { Length: > 0 } items ? items : "None",
            IFormattable value => value.ToString(null, CultureInfo.InvariantCulture),
            { } other => other.ToString()!,
        };
    }
}
