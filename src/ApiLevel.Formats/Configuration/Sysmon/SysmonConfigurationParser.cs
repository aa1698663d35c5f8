using System;
using System.Collections.Generic;
using System.Globalization;
using System.Threading;
using System.Xml;

namespace ApiLevel.Formats.Configuration.Sysmon;

/// <summary>
/// The walk over the elements of one configuration. Where elements may stand is known here, which names they may have is not.
/// Sysmon finds sections at any depth below EventFiltering, so an element in an odd place that looks like a section (it has onmatch
/// or default) is one.
/// </summary>
internal sealed class SysmonConfigurationParser(XmlReader xml, ConfigurationText origin, CancellationToken cancellation)
{
    private const int MaximumDepth = 64;
    private const int LongestSharedText = 128;
    private const int MostSharedTexts = 4096;

    private readonly IXmlLineInfo _place = (IXmlLineInfo)xml;
    private readonly ProblemList _problems = new();
    private readonly List<SysmonSetting> _settings = [];
    private readonly List<SysmonRuleGroup> _groups = [];
    private readonly List<SysmonEventSection> _sections = [];
    private readonly List<Element> _open = [];
    private readonly Dictionary<string, string> _texts = new(StringComparer.Ordinal);
    private int _used;
    private string? _space;
    private int _spaceLine;
    private int _spaceColumn;
    private string? _version;
    private SysmonPosition _rootPosition;
    private SysmonConfiguration? _configuration;

    private enum Kind
    {
        Root,
        Setting,
        Filtering,
        Group,
        Section,
        Rule,
        Filter,
        Stray,
    }

    public SysmonConfiguration Configuration => _configuration!;

    public IReadOnlyList<Problem> Problems => _problems;

    /// <summary>Reads to the end. Returns why this is no Sysmon configuration, as a sentence; null when it is one.</summary>
    public string? Parse()
    {
        int steps = 0;
        while (xml.Read())
        {
            if ((++steps & 0xFFF) == 0)
            {
                cancellation.ThrowIfCancellationRequested();
            }

            switch (xml.NodeType)
            {
                case XmlNodeType.Element:
                    if (_used == 0 && xml.Name != "Sysmon")
                    {
                        return "The file is XML but no Sysmon configuration: its first element is " + Shorten(xml.Name) + ".";
                    }

                    if (_used == MaximumDepth)
                    {
                        return "The file has deeper nesting than a Sysmon configuration, " + Position() + ".";
                    }

                    Open();
                    if (xml.IsEmptyElement)
                    {
                        Close();
                    }

                    break;
                case XmlNodeType.EndElement:
                    EndWhiteSpace();
                    Close();
                    break;
                case XmlNodeType.Text or XmlNodeType.CDATA:
                    Text();
                    break;
                case XmlNodeType.Whitespace or XmlNodeType.SignificantWhitespace:
                    _space = xml.Value;
                    _spaceLine = _place.LineNumber;
                    _spaceColumn = _place.LinePosition;
                    continue;
            }

            _space = null;
        }

        if (origin.HasBadBytes)
        {
            _problems.Add("file", "it has bytes that are no text in its encoding; each is read as U+FFFD");
        }

        _configuration = new SysmonConfiguration(_version, _settings, _groups, _sections, _rootPosition);
        return null;
    }

    private static string Shorten(string name) => name.Length <= 64 ? name : name.Substring(0, 64) + "...";

    private static bool Is(string name, string expected) => string.Equals(name, expected, StringComparison.OrdinalIgnoreCase);

    private SysmonPosition Position()
    {
        int line = _place.LineNumber;
        // The reader points behind the opening angle bracket.
        return new SysmonPosition(line + origin.SkippedLines, _place.LinePosition - 1 + (line == 1 ? origin.SkippedColumns : 0));
    }

    // Conditions and names repeat thousands of times; each occurrence would be a string of its own.
    private string Share(string text)
    {
        if (text.Length > LongestSharedText)
        {
            return text;
        }

        if (_texts.TryGetValue(text, out string? known))
        {
            return known;
        }

        if (_texts.Count < MostSharedTexts)
        {
            _texts.Add(text, text);
        }

        return text;
    }

    private void Open()
    {
        if (_open.Count == _used)
        {
            _open.Add(new Element());
        }

        Element element = _open[_used++];
        Element? parent = _used > 1 ? _open[_used - 2] : null;
        element.Reset(xml.Name, Position());
        element.Kind = Place(element, parent);
        ReadAttributes(element);
        switch (element.Kind)
        {
            case Kind.Root:
                _rootPosition = element.Position;
                break;
            case Kind.Group:
                element.Group = new SysmonRuleGroup(element.NameText, element.GroupRelation, element.Position);
                _groups.Add(element.Group);
                break;
            case Kind.Section:
                StartSection(element, parent);
                break;
            case Kind.Filter or Kind.Stray when element.OnMatch is not null || element.Default is not null:
                // Below a section or a filter, where the schema has no section; Sysmon's search finds it all the same.
                element.IsAlsoSection = true;
                StartSection(element, parent);
                break;
        }
    }

    private void StartSection(Element element, Element? parent)
    {
        element.Section = new SysmonEventSection(
            element.Name,
            element.OnMatch,
            element.Default,
            parent is { Kind: Kind.Group } ? parent.Group : null,
            element.Items = [],
            element.Position);
        _sections.Add(element.Section);
    }

    private Kind Place(Element element, Element? parent)
    {
        switch (parent?.Kind)
        {
            case null:
                return Kind.Root;
            case Kind.Root:
                return element.Name == "EventFiltering" ? Kind.Filtering : Kind.Setting;
            case Kind.Filtering or Kind.Group:
                if (!Is(element.Name, "RuleGroup"))
                {
                    return Kind.Section;
                }

                if (parent.Kind == Kind.Group)
                {
                    Report(element, "a rule group stands inside a rule group");
                }

                return Kind.Group;
            case Kind.Section:
                return Is(element.Name, "Rule") ? Kind.Rule : Kind.Filter;
            case Kind.Rule:
                return Kind.Filter;
            default:
                if (parent.IsAlsoSection)
                {
                    return Is(element.Name, "Rule") ? Kind.Rule : Kind.Filter;
                }

                Report(element, "an element stands inside " + Shorten(parent.Name) + ", which holds text only");
                return Kind.Stray;
        }
    }

    private void ReadAttributes(Element element)
    {
        if (!xml.MoveToFirstAttribute())
        {
            return;
        }

        do
        {
            string name = xml.Name;
            bool known = true;
            switch (name)
            {
                case "schemaversion" when element.Kind == Kind.Root:
                    _version = xml.Value;
                    break;
                case "name" when element.Kind is Kind.Group or Kind.Rule or Kind.Filter:
                    element.NameText = Share(xml.Value);
                    break;
                case "groupRelation" when element.Kind is Kind.Group or Kind.Rule:
                    element.GroupRelation = Share(xml.Value);
                    break;
                case "condition" when element.Kind == Kind.Filter:
                    element.Condition = Share(xml.Value);
                    break;
                case "onmatch" when element.Kind is Kind.Section or Kind.Filter or Kind.Stray:
                    element.OnMatch = Share(xml.Value);
                    known = element.Kind == Kind.Section;
                    break;
                case "default" when element.Kind is Kind.Section or Kind.Filter or Kind.Stray:
                    element.Default = Share(xml.Value);
                    known = element.Kind == Kind.Section;
                    break;
                default:
                    known = false;
                    break;
            }

            if (!known)
            {
                Report(element, "the attribute " + Shorten(name) + " does not belong there");
            }
        }
        while (xml.MoveToNextAttribute());

        xml.MoveToElement();
    }

    // White space alone is no text to Sysmon, unless a part of it is written as a reference (&#32;): then it takes more room than its
    // characters do.
    private void EndWhiteSpace()
    {
        if (_space is null || _open[_used - 1] is not { Kind: Kind.Setting or Kind.Filter, Value: null } element)
        {
            return;
        }

        int line = _spaceLine;
        int column = _spaceColumn;
        foreach (char c in _space)
        {
            line += c == '\n' ? 1 : 0;
            column = c == '\n' ? 1 : column + 1;
        }

        // The place of a closing element is behind its </.
        if (line != _place.LineNumber || column != _place.LinePosition - 2)
        {
            element.Value = _space;
        }
    }

    private void Text()
    {
        if (_used == 0)
        {
            return;
        }

        // Sysmon takes an element's first text; a comment or an element ends it, and white space alone is none.
        Element element = _open[_used - 1];
        switch (element.Kind)
        {
            case Kind.Setting or Kind.Filter:
                if (element.Value is null)
                {
                    element.Value = xml.Value;
                }
                else
                {
                    Report(element, "it has a second text behind a comment or an element, which Sysmon does not read");
                }

                break;
            case Kind.Stray:
                break;
            default:
                Report(element, "it holds a text where elements belong");
                break;
        }
    }

    private void Close()
    {
        Element element = _open[--_used];
        Element? parent = _used > 0 ? _open[_used - 1] : null;
        switch (element.Kind)
        {
            case Kind.Setting:
                _settings.Add(new SysmonSetting(element.Name, element.Value ?? "", element.Position));
                break;
            case Kind.Rule:
                parent!.Items!.Add(new SysmonRule(
                    element.NameText, element.GroupRelation, (IReadOnlyList<SysmonFilter>?)element.Filters ?? [], element.Position));
                break;
            case Kind.Filter:
                SysmonFilter filter = new(element.Name, element.Condition, element.Value ?? "", element.NameText, element.Position);
                if (parent!.Kind == Kind.Rule)
                {
                    (parent.Filters ??= []).Add(filter);
                }
                else
                {
                    parent.Items!.Add(filter);
                }

                break;
        }

        element.Release();
    }

    private void Report(Element element, string what) => _problems.Add(
        string.Format(CultureInfo.InvariantCulture, "line {0}", element.Position.Line), Shorten(element.Name) + ": " + what);

    private sealed class Element
    {
        public Kind Kind { get; set; }

        public string Name { get; private set; } = "";

        public SysmonPosition Position { get; private set; }

        public string? NameText { get; set; }

        public string? GroupRelation { get; set; }

        public string? Condition { get; set; }

        public string? OnMatch { get; set; }

        public string? Default { get; set; }

        public string? Value { get; set; }

        public bool IsAlsoSection { get; set; }

        public SysmonRuleGroup? Group { get; set; }

        public SysmonEventSection? Section { get; set; }

        public List<SysmonRuleItem>? Items { get; set; }

        public List<SysmonFilter>? Filters { get; set; }

        public void Reset(string name, SysmonPosition position)
        {
            Release();
            Name = name;
            Position = position;
            NameText = null;
            GroupRelation = null;
            Condition = null;
            OnMatch = null;
            Default = null;
            IsAlsoSection = false;
        }

        public void Release()
        {
            Value = null;
            Group = null;
            Section = null;
            Items = null;
            Filters = null;
        }
    }
}
