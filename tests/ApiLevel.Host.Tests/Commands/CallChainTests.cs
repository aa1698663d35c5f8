using System;
using System.Linq;
using System.Management.Automation;
using ApiLevel.Host.Tests.Support;

namespace ApiLevel.Host.Tests.Commands;

/// <summary>Get-ApiCallChain and Get-ApiDefinition.</summary>
public sealed class CallChainTests(EngineFixture engine) : IClassFixture<EngineFixture>
{
    [Fact]
    public void CreateService_ends_at_the_service_managers_rpc_method_and_its_events()
    {
        PSObject[] steps = [.. engine.Invoke("Get-ApiCallChain CreateService").WithoutErrors()];
        PSObject method = steps.First(step => Text(step, "Api") == "RCreateService");

        Assert.Equal(("services.exe", "RpcMethod", "12"), (Text(method, "Module"), Text(method, "Layer"), Text(method, "Opnum")));
        Assert.Equal("367abb81-9844-35f1-ad32-98f038001003", Text(method, "RpcInterface"), ignoreCase: true);
        Assert.Contains(steps, step => Text(step, "Events").Contains("Security 4697", StringComparison.Ordinal));
        Assert.Contains(steps, step => Text(step, "Events").Contains("Service Control Manager 7045", StringComparison.Ordinal));
    }

    [Fact]
    public void WriteProcessMemory_reaches_the_system_call_and_says_who_may_read_its_events()
    {
        PSObject step = engine.Invoke("Get-ApiCallChain WriteProcessMemory").WithoutErrors().First(o => Text(o, "Api") == "NtWriteVirtualMemory");

        Assert.Equal(("ntdll", "Syscall", "6"), (Text(step, "Module"), Text(step, "Layer"), Text(step, "Level")));
        Assert.Contains("Microsoft-Windows-Threat-Intelligence 14 (PPL antimalware consumer)", Text(step, "Events"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("System.Diagnostics.Process::Start")]
    [InlineData("Process::Start")]
    public void Process_Start_reaches_CreateProcess_and_Sysmon_1(string name)
    {
        PSObject[] steps = [.. engine.Invoke($"Get-ApiCallChain '{name}'").WithoutErrors()];

        Assert.Equal(("0", "Managed", "4"), (Text(steps[0], "Depth"), Text(steps[0], "Layer"), Text(steps[0], "Level")));
        Assert.StartsWith("Sysmon 1;", Text(steps.First(step => Text(step, "Api") == "CreateProcess"), "Events"), StringComparison.Ordinal);
        Assert.Contains(
            engine.Invoke($"Get-ApiEventMapping '{name}' -Source Sysmon -EventId 1").WithoutErrors(),
            row => Text(row, "Relation") == "ViaLowerCall" && Text(row, "Evidence") is "Derived" or "Low");
    }

    [Fact]
    public void Depth_cuts_and_All_adds_side_calls()
    {
        Assert.All(engine.Invoke("Get-ApiCallChain CreateService -Depth 1").WithoutErrors(), step => Assert.InRange(int.Parse(Text(step, "Depth")), 0, 1));
        Assert.True(
            engine.Invoke("Get-ApiCallChain CreateService -All").WithoutErrors().Count > engine.Invoke("Get-ApiCallChain CreateService").WithoutErrors().Count);
    }

    [Fact]
    public void Each_parent_stands_above_its_call()
    {
        var seen = new System.Collections.Generic.HashSet<string>();
        foreach (PSObject step in engine.Invoke("Get-ApiCallChain Process::Start -All").WithoutErrors())
        {
            Assert.True(Text(step, "Parent").Length == 0 || seen.Contains(Text(step, "Parent")), Text(step, "Parent"));
            seen.Add((Text(step, "Module").Length == 0 ? "" : Text(step, "Module") + "!") + Text(step, "Api"));
        }
    }

    [Fact]
    public void Mermaid_is_one_chart_an_api_with_every_call_in_it()
    {
        string chart = (string)Assert.Single(engine.Invoke("Get-ApiCallChain CreateService -Mermaid").WithoutErrors()).BaseObject;

        Assert.StartsWith("flowchart TD\n", chart, StringComparison.Ordinal);
        Assert.Contains("opnum 12", chart, StringComparison.Ordinal);
        Assert.Contains("services.exe!RCreateService", chart, StringComparison.Ordinal);
        Assert.Equal(2, engine.Invoke("'OpenProcess', 'CreateService' | Get-ApiCallChain -Mermaid").WithoutErrors().Count);
    }

    [Fact]
    public void A_definition_tells_spellings_native_call_and_events()
    {
        PSObject row = Assert.Single(engine.Invoke("Get-ApiDefinition OpenProcess").WithoutErrors());

        Assert.Equal("ntdll!NtOpenProcess", Text(row, "NativeApi"));
        Assert.NotEmpty(Text(row, "SyscallNumbers"));
        Assert.Contains("api-ms-win-core-processthreads-l1-1-", Text(row, "ApiSets"), StringComparison.Ordinal);
        Assert.Contains("Sysmon 10", Text(row, "Events"), StringComparison.Ordinal);
        Assert.Contains("LogonUserW", Text(Assert.Single(engine.Invoke("Get-ApiDefinition LogonUserA").WithoutErrors()), "Variants"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_store_says_what_it_holds()
    {
        PSObject row = Assert.Single(engine.Invoke("Get-ApiMappingStore").WithoutErrors());

        Assert.All(new[] { "Apis", "Events", "Mappings", "CallEdges" }, name => Assert.True((int)row.Properties[name].Value > 500, name));
        Assert.All(new[] { "DataVersion", "WindowsBuilds", "SysmonVersion", "AttackVersion" }, name => Assert.NotEmpty(Text(row, name)));
    }

    private static string Text(PSObject row, string property) =>
        Convert.ToString(row.Properties[property].Value, System.Globalization.CultureInfo.InvariantCulture) ?? "";
}
