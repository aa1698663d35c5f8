using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Threading.Tasks;
using ApiLevel.DataTool.Commands;
using ApiLevel.DataTool.Managed;
using ApiLevel.Facts;

namespace ApiLevel.Data.Tests;

public class ManagedCallTests
{
    private static readonly Lazy<List<CallFact>> s_rows = new(static () =>
    {
        using ManagedCallGraph graph = new([typeof(ManagedCallTests).Assembly.Location]);
        MappingStore store = MappingStore.FromBytes(BuildCommand.Compile(TestFolders.Facts));
        return ManagedCallTable.Derive(graph, store, static assembly => assembly);
    });

    [Theory]
    [InlineData("Direct", "")]
    [InlineData("Deep", "through CallSamples::Middle > Bottom")]
    [InlineData("OverSoleOverride", "through CallSamples+OnlyShape::Draw")]
    [InlineData("OverInterface", "through CallSamples+OnlyTool::Use")]
    [InlineData("InAsync", "through CallSamples+<InAsync>d")]
    [InlineData("ctor", "")]
    public void Finds_what_the_code_says_for_certain(string member, string way)
    {
        CallFact row = Assert.Single(s_rows.Value, row => row.Caller == "ApiLevel.Data.Tests.CallSamples::" + member);
        Assert.Equal("kernel32!OpenProcess", row.Callee);
        Assert.Equal(Evidence.Derived, row.Evidence);
        Assert.StartsWith(way, row.Context, StringComparison.Ordinal);
        Assert.True(row.IsPrimary);
    }

    [Theory]
    [InlineData("OverTwoOverrides")]
    [InlineData("OverDelegate")]
    [InlineData("Unmapped")]
    [InlineData("TooDeep")]
    [InlineData("OnlyInAnException")]
    public void Leaves_out_what_is_not_certain(string member) =>
        Assert.DoesNotContain(s_rows.Value, row => row.Caller.EndsWith("::" + member, StringComparison.Ordinal));

    [Theory]
    [InlineData("System.Diagnostics.Process::Start", "kernel32!CreateProcess")]
    [InlineData("System.Diagnostics.Process::Kill", "kernel32!TerminateProcess")]
    [InlineData("System.IO.File::Delete", "kernel32!DeleteFile")]
    [InlineData("System.IO.File::WriteAllText", "kernel32!CreateFile")]
    [InlineData("Microsoft.Win32.RegistryKey::SetValue", "advapi32!RegSetValueEx")]
    [InlineData("System.Net.Sockets.Socket::Connect", "ws2_32!WSAConnect")]
    [InlineData("System.ServiceProcess.ServiceController::Start", "advapi32!StartService")]
    [InlineData("System.Security.Principal.WindowsIdentity::ctor", "secur32!LsaLogonUser")]
    public void The_committed_table_reaches_what_a_defender_asks_for(string member, string native) =>
        Assert.Contains(TestFolders.Facts.Facts.ManagedCalls, row => row.Caller == member && row.Callee == native);

    [Fact]
    public void The_committed_table_names_its_packages_and_is_derived()
    {
        Assert.InRange(TestFolders.Facts.Facts.ManagedCalls.Count, 1000, 6000);
        Assert.All(TestFolders.Facts.Facts.ManagedCalls, static row =>
        {
            Assert.Equal(Evidence.Derived, row.Evidence);
            Assert.Matches(@"^IL of [A-Za-z0-9.-]+ \d+\.\d+\.\d+, [A-Za-z0-9.]+\.dll$", row.Reference);
        });
    }

    [Fact]
    public void A_folder_that_is_no_package_is_refused() =>
        Assert.Throws<System.IO.InvalidDataException>(static () => PackFolder.Open(TestFolders.Fixtures));
}

#pragma warning disable CA1806, CA1859, CA1401, CA1822, CA2101, CA5392, CA1062, SYSLIB1054, CA1032, CA1064 // Samples that are read and never run.

/// <summary>Code whose IL the tests read.</summary>
public class CallSamples
{
    private readonly Shape _shape = new OnlyShape();
    private readonly ITool _tool = new OnlyTool();

    public CallSamples(int process) => OpenProcess(0, false, process);

    public delegate void Handler();

    private interface ITool
    {
        void Use();
    }

    public static void Direct() => OpenProcess(0, false, 1);

    public static void Deep() => Middle();

    public void OverSoleOverride() => _shape.Draw();

    public void OverInterface() => _tool.Use();

    public static async Task InAsync()
    {
        await Task.Yield();
        OpenProcess(0, false, 1);
    }

    public static void OverTwoOverrides(bool first)
    {
        Animal animal = first ? new Cat() : new Dog();
        animal.Speak();
    }

    public static void OverDelegate(Handler handler) => handler();

    public static void Unmapped() => GetTickCount();

    public static void TooDeep() => Step1();

    public static void OnlyInAnException() => throw new LoudException();

    [DllImport("kernel32.dll")]
    private static extern nint OpenProcess(int access, bool inherit, int process);

    [DllImport("kernel32.dll")]
    private static extern uint GetTickCount();

    private static void Middle() => Bottom();

    private static void Bottom() => OpenProcess(0, false, 1);

    private static void Step1() => Step2();

    private static void Step2() => Step3();

    private static void Step3() => Step4();

    private static void Step4() => Step5();

    private static void Step5() => Step6();

    private static void Step6() => Step7();

    private static void Step7() => Step8();

    private static void Step8() => OpenProcess(0, false, 1);

    private abstract class Shape
    {
        public abstract void Draw();
    }

    private sealed class OnlyShape : Shape
    {
        public override void Draw() => OpenProcess(0, false, 1);
    }

    private sealed class OnlyTool : ITool
    {
        public void Use() => OpenProcess(0, false, 1);
    }

    private abstract class Animal
    {
        public abstract void Speak();
    }

    private sealed class Cat : Animal
    {
        public override void Speak() => OpenProcess(0, false, 1);
    }

    private sealed class Dog : Animal
    {
        public override void Speak() => OpenProcess(0, false, 2);
    }

    private sealed class LoudException : Exception
    {
        public LoudException() => OpenProcess(0, false, 1);
    }
}
