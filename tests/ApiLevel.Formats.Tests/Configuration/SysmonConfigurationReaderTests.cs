using System;
using System.Linq;
using System.Text;
using ApiLevel.Formats.Configuration.Sysmon;

namespace ApiLevel.Formats.Tests.Configuration;

public sealed class SysmonConfigurationReaderTests
{
    private const string Small = """
        <!-- A comment -->
        <Sysmon schemaversion="4.90">
          <HashAlgorithms>md5,sha256</HashAlgorithms>
          <CheckRevocation/>
          <EventFiltering>
            <RuleGroup name="group" groupRelation="or">
              <ProcessCreate onmatch="include">
                <Image condition="end with" name="shell">\cmd.exe</Image>
                <Rule name="both" groupRelation="and">
                  <ParentImage condition="image">a&amp;b.exe</ParentImage>
                  <CommandLine><![CDATA[<x>]]></CommandLine>
                </Rule>
              </ProcessCreate>
              <FileCreate onmatch="exclude"/>
            </RuleGroup>
            <NetworkConnect default="exclude"/>
          </EventFiltering>
        </Sysmon>
        """;

    [Fact]
    public void Reads_settings_groups_sections_rules_and_filters_with_their_places()
    {
        SysmonConfigurationResult result = Read(Small);

        Assert.Null(result.Failure);
        Assert.Empty(result.Problems);
        SysmonConfiguration read = result.Configuration!;
        Assert.Equal("4.90", read.SchemaVersion);
        Assert.Equal(new SysmonPosition(2, 1), read.Position);
        Assert.Equal(
            [new SysmonSetting("HashAlgorithms", "md5,sha256", new(3, 3)), new SysmonSetting("CheckRevocation", "", new(4, 3))],
            read.Settings);
        SysmonRuleGroup group = Assert.Single(read.Groups);
        Assert.Equal(new SysmonRuleGroup("group", "or", new(6, 5)), group);

        Assert.Equal(["ProcessCreate", "FileCreate", "NetworkConnect"], read.Sections.Select(static section => section.Tag));
        Assert.Equal(["include", "exclude", null], read.Sections.Select(static section => section.OnMatch));
        Assert.Equal([null, null, "exclude"], read.Sections.Select(static section => section.Default));
        Assert.Equal([group, group, null], read.Sections.Select(static section => section.Group));
        Assert.Equal(new SysmonFilter("Image", "end with", "\\cmd.exe", "shell", new(8, 9)), read.Sections[0].Items[0]);
        SysmonRule rule = Assert.IsType<SysmonRule>(read.Sections[0].Items[1]);
        Assert.Equal(("both", "and", new SysmonPosition(9, 9)), (rule.Name, rule.GroupRelation, rule.Position));
        Assert.Equal(
            [
                new SysmonFilter("ParentImage", "image", "a&b.exe", null, new(10, 11)),
                new SysmonFilter("CommandLine", null, "<x>", null, new(11, 11)),
            ],
            rule.Filters);
    }

    [Theory]
    [InlineData("a", "a")]
    [InlineData("  a ", "  a ")]
    [InlineData("\r\na\r\n", "\na\n")]
    [InlineData("", "")]
    [InlineData("  \n ", "")]
    [InlineData("&#32;", " ")]
    [InlineData(" &#10; ", " \n ")]
    [InlineData("<!-- c -->a", "a")]
    [InlineData("  <!-- c -->a", "a")]
    [InlineData("<![CDATA[ ]]>", " ")]
    [InlineData("&lt;&#x41;&amp;", "<A&")]
    [InlineData("100%;%TEMP%", "100%;%TEMP%")]
    public void A_filters_value_is_its_first_text(string written, string expected)
    {
        SysmonConfigurationResult result = Read(Filter(written));

        Assert.Empty(result.Problems);
        Assert.Equal(expected, ((SysmonFilter)result.Configuration!.Sections[0].Items[0]).Value);
    }

    [Theory]
    [InlineData("a<!-- c -->b", "a")]
    [InlineData("a<![CDATA[b]]>", "a")]
    [InlineData("<![CDATA[]]>b", "")]
    public void A_text_behind_the_first_one_is_told_and_not_read(string written, string expected)
    {
        SysmonConfigurationResult result = Read(Filter(written));

        Problem problem = Assert.Single(result.Problems);
        Assert.Equal("line 1", problem.Where);
        Assert.Equal(expected, ((SysmonFilter)result.Configuration!.Sections[0].Items[0]).Value);
    }

    [Theory]
    [InlineData("utf-8", false)]
    [InlineData("utf-8", true)]
    [InlineData("utf-16", false)]
    [InlineData("utf-16", true)]
    [InlineData("utf-16BE", false)]
    [InlineData("utf-16BE", true)]
    public void Reads_each_encoding_with_and_without_a_byte_order_mark(string name, bool mark)
    {
        Encoding encoding = Encoding.GetEncoding(name);
        byte[] bytes = [.. mark ? encoding.GetPreamble() : [], .. encoding.GetBytes("\r\n " + Filter("日本é"))];

        SysmonConfigurationResult result = SysmonConfigurationReader.Read(ByteSource.FromMemory(bytes), "a.xml", TestContext.Current.CancellationToken);

        Assert.Empty(result.Problems);
        Assert.Equal("日本é", ((SysmonFilter)result.Configuration!.Sections[0].Items[0]).Value);
        Assert.Equal(new SysmonPosition(2, 2), result.Configuration.Position);
    }

    [Fact]
    public void The_declaration_counts_for_Latin_1_only_and_may_stand_behind_white_space()
    {
        byte[] latin = Encoding.Latin1.GetBytes("\n<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>" + Filter("é"));
        byte[] wrong = Encoding.UTF8.GetBytes("<?xml version=\"1.0\" encoding=\"UTF-16\"?>" + Filter("é"));
        foreach (byte[] bytes in (byte[][])[latin, wrong])
        {
            SysmonConfigurationResult result = SysmonConfigurationReader.Read(ByteSource.FromMemory(bytes), "a.xml", TestContext.Current.CancellationToken);
            Assert.Equal("é", ((SysmonFilter)result.Configuration!.Sections[0].Items[0]).Value);
        }
    }

    [Fact]
    public void Bytes_that_are_no_text_are_told_and_the_rest_is_read()
    {
        byte[] bytes = Encoding.Latin1.GetBytes(Filter("é"));

        SysmonConfigurationResult result = SysmonConfigurationReader.Read(ByteSource.FromMemory(bytes), "a.xml", TestContext.Current.CancellationToken);

        Assert.Contains("U+FFFD", Assert.Single(result.Problems).What, StringComparison.Ordinal);
        Assert.Equal("\uFFFD", ((SysmonFilter)result.Configuration!.Sections[0].Items[0]).Value);
    }

    [Theory]
    [InlineData("<Sysmon><EventFiltering><A onmatch=\"include\" color=\"red\"/></EventFiltering></Sysmon>", "A: the attribute color")]
    [InlineData("<Sysmon><EventFiltering><A onmatch=\"include\"><B><C/></B></A></EventFiltering></Sysmon>", "C: an element stands inside B")]
    [InlineData("<Sysmon><EventFiltering><A onmatch=\"include\">text</A></EventFiltering></Sysmon>", "A: it holds a text")]
    [InlineData("<Sysmon><EventFiltering><RuleGroup><RuleGroup><A onmatch=\"include\"/></RuleGroup></RuleGroup></EventFiltering></Sysmon>", "RuleGroup: a rule group stands inside")]
    public void What_does_not_belong_there_is_told_and_the_section_is_read(string text, string expected)
    {
        SysmonConfigurationResult result = Read(text);

        Assert.StartsWith(expected, Assert.Single(result.Problems).What, StringComparison.Ordinal);
        Assert.Equal("A", Assert.Single(result.Configuration!.Sections).Tag);
    }

    [Fact]
    public void A_section_in_an_odd_place_is_a_section_and_what_its_place_makes_it()
    {
        SysmonConfigurationResult result = Read(
            "<Sysmon><EventFiltering><A onmatch=\"include\"><B onmatch=\"exclude\"><C>x</C></B></A></EventFiltering></Sysmon>");

        Assert.Equal(["A", "B"], result.Configuration!.Sections.Select(static section => section.Tag));
        Assert.Equal("B", Assert.IsType<SysmonFilter>(Assert.Single(result.Configuration.Sections[0].Items)).Field);
        Assert.Equal("C", Assert.IsType<SysmonFilter>(Assert.Single(result.Configuration.Sections[1].Items)).Field);
        Assert.NotEmpty(result.Problems);
    }

    [Fact]
    public void Text_and_bytes_give_the_same()
    {
        SysmonConfiguration fromText = SysmonConfigurationReader.ReadText("\uFEFF" + Small, "a.xml", TestContext.Current.CancellationToken).Configuration!;
        SysmonConfiguration fromBytes = Read(Small).Configuration!;

        Assert.Equal(fromBytes.Sections.Select(static section => section.Position), fromText.Sections.Select(static section => section.Position));
        Assert.Equal(fromBytes.Settings, fromText.Settings);
    }

    [Theory]
    [InlineData("", ReadFailureKind.FileEmpty, "")]
    [InlineData("   ", ReadFailureKind.WrongFormat, "not well-formed")]
    [InlineData("MZ", ReadFailureKind.WrongFormat, "not well-formed XML, line 1, column 1")]
    [InlineData("<a/>", ReadFailureKind.WrongFormat, "its first element is a.")]
    [InlineData("<sysmon/>", ReadFailureKind.WrongFormat, "its first element is sysmon.")]
    [InlineData("\n\n <Sysmon><a></Sysmon>", ReadFailureKind.WrongFormat, "line 3, column 15")]
    public void What_is_no_configuration_is_one_failure(string text, ReadFailureKind kind, string expected)
    {
        SysmonConfigurationResult result = Read(text);

        Assert.Null(result.Configuration);
        Assert.Equal(kind, result.Failure!.Kind);
        Assert.Contains(expected, result.Failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_is_a_failure() =>
        Assert.Equal(ReadFailureKind.FileNotFound, SysmonConfigurationReader.Read("no such file.xml", TestContext.Current.CancellationToken).Failure!.Kind);

    private static string Filter(string value) =>
        "<Sysmon schemaversion=\"4.90\"><EventFiltering><A onmatch=\"include\"><B>" + value + "</B></A></EventFiltering></Sysmon>";

    private static SysmonConfigurationResult Read(string text) =>
        SysmonConfigurationReader.Read(ByteSource.FromMemory(Encoding.UTF8.GetBytes(text)), "a.xml", TestContext.Current.CancellationToken);
}
