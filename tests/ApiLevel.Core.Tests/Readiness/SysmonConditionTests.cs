using System;
using ApiLevel.Readiness.Sysmon;

namespace ApiLevel.Core.Tests.Readiness;

public sealed class SysmonConditionTests
{
    [Theory]
    [InlineData("is", "Cmd.exe", "cmd.EXE", true)]
    [InlineData("is", "cmd", "cmd.exe", false)]
    [InlineData("is not", "cmd.exe", "CMD.exe", false)]
    [InlineData("is not", "cmd.exe", "cmd", true)]
    [InlineData("is any", "a;B;c", "b", true)]
    [InlineData("is any", "a;b", "a;b", false)]
    [InlineData("is any", "a; b", "b", false)]
    [InlineData("is any", "a;;b", "", true)]
    [InlineData("contains", "WIN", "c:\\windows", true)]
    [InlineData("contains", "win", "w", false)]
    [InlineData("excludes", "win", "c:\\Windows", false)]
    [InlineData("excludes", "win", "w", true)]
    [InlineData("contains any", "x;y", "a Y b", true)]
    [InlineData("contains any", "x;y", "a b", false)]
    [InlineData("contains all", "x;y", "y and x", true)]
    [InlineData("contains all", "x;y", "just x", false)]
    [InlineData("excludes any", "x;y", "just x", false)]
    [InlineData("excludes any", "x;y", "none", true)]
    [InlineData("excludes all", "x;y", "just x", true)]
    [InlineData("excludes all", "x;y", "x and y", false)]
    [InlineData("begin with", "c:\\", "C:\\a", true)]
    [InlineData("begin with", "c:\\", "d:\\a", false)]
    [InlineData("not begin with", "c:\\", "C:\\a", false)]
    [InlineData("not begin with", "c:\\", "d:\\a", true)]
    [InlineData("end with", ".EXE", "a.exe", true)]
    [InlineData("end with", "longer", "er", false)]
    [InlineData("not end with", ".exe", "a.exe", false)]
    [InlineData("not end with", "longer", "er", true)]
    [InlineData("image", "cmd.exe", "C:\\Windows\\cmd.exe", true)]
    [InlineData("image", "cmd.exe", "cmd.exe", true)]
    [InlineData("image", "md.exe", "C:\\Windows\\cmd.exe", false)]
    [InlineData("image", "windows\\cmd.exe", "C:\\Windows\\cmd.exe", false)]
    [InlineData("image", "c:\\windows\\cmd.exe", "C:\\Windows\\cmd.exe", true)]
    [InlineData("Contains ANY", "x", "x", true)]
    [InlineData("", "x", "X", true)]
    public void Each_condition_compares_without_case(string condition, string value, string field, bool expected) =>
        Assert.Equal(expected, Matches(condition, value, field));

    [Theory]
    [InlineData("less than", "10", "9", false)]
    [InlineData("more than", "10", "9", true)]
    [InlineData("more than", "1000", "powershell.exe", true)]
    [InlineData("less than", "b", "A", true)]
    [InlineData("less than", "ab", "a", true)]
    [InlineData("more than", "a", "a", false)]
    public void Less_and_more_compare_texts_and_not_numbers(string condition, string value, string field, bool expected) =>
        Assert.Equal(expected, Matches(condition, value, field));

    [Theory]
    [InlineData(SysmonPlatform.Windows, true)]
    [InlineData(SysmonPlatform.Linux, false)]
    public void An_underscore_comes_before_letters_on_Windows_and_behind_them_on_Linux(SysmonPlatform platform, bool expected) =>
        Assert.Equal(expected, Matches("less than", "a", "_", new SysmonRuleOptions { Platform = platform }));

    [Theory]
    [InlineData("contains", "x", true)]
    [InlineData("contains", "", false)]
    [InlineData("excludes", "", true)]
    [InlineData("contains any", "x", true)]
    [InlineData("contains all", "", false)]
    [InlineData("is", "", true)]
    [InlineData("begin with", "x", true)]
    [InlineData("end with", "", true)]
    public void An_empty_value_is_contained_in_all_but_the_empty_text(string condition, string field, bool expected) =>
        Assert.Equal(expected, Matches(condition, "", field));

    [Theory]
    [InlineData("contains any", "zz;", "q", true)]
    [InlineData("contains all", "q;", "q", true)]
    [InlineData("contains any", ";zz", "q", false)]
    [InlineData("contains any", ";zz", "a;zz", true)]
    [InlineData("contains any", "a;;b", "x;by", true)]
    [InlineData("contains all", "a;;b", "a b", false)]
    [InlineData("excludes any", "zz;", "q", false)]
    public void An_empty_item_of_a_list_stands_for_the_rest_of_the_list(string condition, string value, string field, bool expected) =>
        Assert.Equal(expected, Matches(condition, value, field));

    [Fact]
    public void A_list_of_nothing_but_separators_costs_no_more_than_its_length()
    {
        string list = new string(';', 1 << 20) + "a";
        foreach (string condition in (string[])["contains any", "contains all", "excludes any", "excludes all", "is any"])
        {
            SysmonRules rules = SysmonCase.Filter(condition, list);
            Assert.Equal(condition is "contains any" or "excludes all", rules.Ask(1, ("CommandLine", "xax")).Included);
        }
    }

    [Theory]
    [InlineData("is", "É", "é", false)]
    [InlineData("is", "é", "é", true)]
    [InlineData("contains", "K", "\u212A", false)]
    [InlineData("is", "straße", "STRASSE", false)]
    [InlineData("is", "straße", "STRAßE", true)]
    public void Only_letters_of_English_have_a_case(string condition, string value, string field, bool expected) =>
        Assert.Equal(expected, Matches(condition, value, field));

    [Theory]
    [InlineData("UtcTime", "2026-01-02 03:04:05.678")]
    [InlineData("ProcessGuid", "{12345678-9ABC-DEF0-1234-56789ABCDEF0}")]
    [InlineData("ProcessId", "4711")]
    [InlineData("LogonId", "0x3e7")]
    [InlineData("TerminalSessionId", "0")]
    public void Values_are_compared_as_the_text_that_Sysmon_makes_of_them(string field, string text)
    {
        object value = field switch
        {
            "UtcTime" => new DateTime(2026, 1, 2, 3, 4, 5, 678, DateTimeKind.Utc),
            "ProcessGuid" => Guid.Parse("12345678-9abc-def0-1234-56789abcdef0"),
            "ProcessId" => 4711UL,
            "LogonId" => 999UL,
            _ => 0L,
        };
        Assert.True(SysmonCase.Filter("is", text, field: field).Ask(1, (field, value)).Included);
    }

    [Theory]
    [InlineData("<Initiated>true</Initiated>", "Initiated", 1UL)]
    [InlineData("<Initiated>true</Initiated>", "Initiated", true)]
    [InlineData("<Initiated>false</Initiated>", "Initiated", "False")]
    [InlineData("<DestinationPort>443</DestinationPort>", "DestinationPort", 443UL)]
    [InlineData("<DestinationPort condition=\"is any\">80;443</DestinationPort>", "DestinationPort", "443")]
    public void Flags_and_ports_are_texts_too(string filter, string field, object value) =>
        Assert.True(SysmonCase.Compile("<NetworkConnect onmatch=\"include\">" + filter + "</NetworkConnect>").Ask(3, (field, value)).Included);

    [Theory]
    [InlineData("4096")]
    [InlineData("0x1000")]
    [InlineData(4096L)]
    public void A_mask_is_hexadecimal_however_the_record_was_read(object value) => Assert.True(
        SysmonCase.Compile("<ProcessAccess onmatch=\"include\"><GrantedAccess>0x1000</GrantedAccess></ProcessAccess>").Ask(10, ("GrantedAccess", value)).Included);

    [Fact]
    public void Variables_are_expanded_into_lower_case()
    {
        var options = new SysmonRuleOptions { Environment = static name => name == "temp" ? "C:\\Users\\A\\Temp" : null };

        Assert.True(Matches("contains", "%TEMP%\\x.exe", "c:\\users\\a\\temp\\X.exe", options));
        Assert.True(Matches("image", "%temp%\\x.exe", "C:\\Users\\A\\Temp\\x.exe", options));
        Assert.True(Matches("contains any", "q;%temp%", "in C:\\USERS\\A\\TEMP", options));
        Assert.True(Matches("is", "%unknown%", "%unknown%", options));
        Assert.True(Matches("contains", "100%", "is 100%", options));
        Assert.False(Matches("contains", "%temp%", "echo %temp%", options));
    }

    [Fact]
    public void A_value_that_does_not_fit_after_expansion_matches_nothing()
    {
        var options = new SysmonRuleOptions { Environment = static name => name == "fits" ? new string('a', 259) : new string('a', 260) };

        Assert.True(Matches("contains", "%fits%", new string('a', 300), options));
        Assert.False(Matches("contains", "%long%", new string('a', 300), options));
        Assert.False(Matches("excludes", "%long%", "b", options));
    }

    [Fact]
    public void A_variable_without_a_known_value_is_a_doubt_only_where_it_could_matter()
    {
        SysmonRules rules = SysmonCase.Filter("end with", "%temp%\\x.exe");

        Assert.Null(rules.Ask(1, ("CommandLine", "C:\\Temp\\y.exe")).Doubt);
        SysmonDecision decision = rules.Ask(1, ("CommandLine", "C:\\Temp\\x.exe"));
        Assert.False(decision.Included);
        Assert.Contains("CommandLine", decision.Doubt, StringComparison.Ordinal);
        Assert.NotNull(SysmonCase.Filter("excludes", "%temp%").Ask(1, ("CommandLine", "a")).Doubt);
        Assert.Null(SysmonCase.Filter("contains", "100%").Ask(1, ("CommandLine", "is 100%")).Doubt);
    }

    [Fact]
    public void On_Linux_a_percent_sign_is_a_character() =>
        Assert.True(Matches("contains", "%temp%", "echo %TEMP%", new SysmonRuleOptions { Platform = SysmonPlatform.Linux }));

    [Fact]
    public void A_value_ends_at_a_zero() => Assert.True(Matches("is", "a", "a\0b"));

    private static bool Matches(string condition, string value, string field, SysmonRuleOptions? options = null) =>
        SysmonCase.Filter(condition, value, options).Ask(1, ("CommandLine", field)).Included;
}
