using System.Linq;
using ApiLevel.Core.Tests.Support;
using ApiLevel.Facts;
using ApiLevel.Names;

namespace ApiLevel.Core.Tests.Mapping;

public sealed class NameTests
{
    private readonly MappingStore _store = TestFacts.Open();

    [Theory]
    [InlineData("kernel32", "OpenProcess", "kernel32!OpenProcess", ResolutionRule.Exact)]
    [InlineData("KERNEL32.dll", "openprocess", "kernel32!OpenProcess", ResolutionRule.Exact)]
    [InlineData("", "OpenProcess", "kernel32!OpenProcess", ResolutionRule.Exact)]
    [InlineData("kernel32", "CreateThingA", "kernel32!CreateThing", ResolutionRule.CharacterSet)]
    [InlineData("kernel32", "CreateThingW", "kernel32!CreateThing", ResolutionRule.CharacterSet)]
    [InlineData("", "LogonUserW", "advapi32!LogonUser", ResolutionRule.CharacterSet)]
    [InlineData("ntdll", "ZwOpenProcess", "ntdll!NtOpenProcess", ResolutionRule.NtZw)]
    [InlineData("kernel32", "K32EnumThings", "psapi!EnumThings", ResolutionRule.SameFunction)]
    [InlineData("kernelbase", "OpenProcess", "kernel32!OpenProcess", ResolutionRule.HostModule)]
    [InlineData("kernelbase", "LogonUserA", "advapi32!LogonUser", ResolutionRule.HostModule)]
    [InlineData("api-ms-win-core-thing-l1-1-0", "OpenProcess", "kernel32!OpenProcess", ResolutionRule.ApiSet)]
    [InlineData("api-ms-win-core-thing-l1-1-7.dll", "OpenProcess", "kernel32!OpenProcess", ResolutionRule.ApiSet)]
    [InlineData("ws2_32", "#4", "ws2_32!connect", ResolutionRule.Ordinal)]
    [InlineData("kernel32", "_OpenProcess@12", "kernel32!OpenProcess", ResolutionRule.Decoration)]
    public void Each_spelling_leads_to_the_one_entry(string module, string name, string expected, ResolutionRule rule)
    {
        ApiResolution resolution = _store.Resolve(module, name);

        Assert.Equal(expected, resolution.Api.ToString());
        Assert.Equal(rule, resolution.Rule);
    }

    [Theory]
    [InlineData("gdi32", "LineDD")]
    [InlineData("kernel32", "OpenProcessA")]
    [InlineData("evil", "OpenProcess")]
    [InlineData("kernel32", "connect")]
    [InlineData("ws2_32", "#5")]
    [InlineData("ws2_32", "#99")]
    [InlineData("kernel32", "")]
    public void A_name_that_no_rule_covers_leads_nowhere(string module, string name)
    {
        Assert.Equal(ResolutionRule.None, _store.Resolve(module, name).Rule);
        Assert.False(_store.Resolve(module, name).Api.IsKnown);
    }

    [Fact]
    public void A_letter_at_the_end_is_no_variant_where_the_table_does_not_say_so()
    {
        Assert.Equal("gdi32!LineDDA", _store.Resolve("gdi32", "LineDDA").Api.Key);
        Assert.Equal("LineDDA", _store.Resolve("gdi32", "LineDDA").Api.Name);
    }

    [Fact]
    public void An_unknown_ordinal_keeps_its_number_as_name()
    {
        Assert.Equal("#99", _store.Resolve("ws2_32", "", 99).Name);
    }

    [Fact]
    public void A_module_to_which_calls_are_forwarded_is_no_second_function()
    {
        Assert.Equal(["kernel32!OpenProcess"], _store.Find(ApiName.Parse("OpenProcess")).Select(api => api.Key));
    }

    [Fact]
    public void A_pattern_matches_names_and_spellings_in_the_order_of_names()
    {
        string[] names = [.. _store.Match(name => name.StartsWith("Create", System.StringComparison.Ordinal), null, "Create").Select(api => api.Key)];

        Assert.Equal(["kernel32!CreateThing"], names);
        Assert.Contains("kernel32!CreateThing", _store.Match(name => name == "CreateThingW", null).Select(api => api.Key));
    }

    [Theory]
    [InlineData("OpenProces", "kernel32!OpenProcess")]
    [InlineData("LogonUsr", "advapi32!LogonUser")]
    [InlineData("NtOpenProccess", "ntdll!NtOpenProcess")]
    public void A_misspelt_name_finds_its_neighbour_first(string typed, string expected)
    {
        Assert.Equal(expected, _store.Suggest(ApiName.Parse(typed))[0]);
    }

    [Theory]
    [InlineData("kernel32.dll!OpenProcess", "kernel32", "OpenProcess", null)]
    [InlineData(@"C:\Windows\System32\KERNEL32.DLL!OpenProcess", "kernel32", "OpenProcess", null)]
    [InlineData("ws2_32!#115", "ws2_32", "#115", 115)]
    [InlineData("winspool.drv!AddPrinter", "winspool.drv", "AddPrinter", null)]
    [InlineData("System.Diagnostics.Process::Start", "", "System.Diagnostics.Process::Start", null)]
    [InlineData(null, "", "", null)]
    public void A_name_is_read_as_people_write_it(string? text, string module, string name, int? ordinal)
    {
        ApiName parsed = ApiName.Parse(text);

        Assert.Equal((module, name, ordinal), (parsed.Module, parsed.Name, parsed.Ordinal));
    }

    [Theory]
    [InlineData("Sysmon")]
    [InlineData("microsoft-windows-sysmon")]
    [InlineData("{5770385F-C22A-43E0-BF4C-06F5698FFBD9}")]
    [InlineData("5770385f-c22a-43e0-bf4c-06f5698ffbd9")]
    [InlineData("Microsoft-Windows-Sysmon/Operational")]
    public void A_source_is_found_by_each_of_its_names(string text)
    {
        Assert.Equal("Sysmon", _store.FindSource(text)?.Name);
    }
}
