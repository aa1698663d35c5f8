using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection.PortableExecutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Threading.Tasks;
using ApiLevel.Host.Tests.Support;

namespace ApiLevel.Host.Tests.Conventions;

/// <summary>What the Package target makes.</summary>
public sealed class PackageTests(PackageFixture package) : IClassFixture<PackageFixture>
{
    private const string Notices = "THIRD-PARTY-NOTICES.txt";
    private const string Bill = "ApiLevel.cdx.json";

    /// <summary>
    /// Imported in a process of its own: a process keeps the first ApiLevel.dll it loaded. The runner takes the module of the folder
    /// above its own, so a copy of it is put beside the package's files.
    /// </summary>
    [Fact]
    public async Task The_package_works_away_from_the_checkout()
    {
        using TemporaryFolder folder = new();
        string module = Path.Combine(folder.Path, "ApiLevel");
        Copy(package.Module, module);
        string runner = Path.Combine(module, "runner");
        Copy(AppContext.BaseDirectory, runner);
        (int code, string output) = await PackageFixture.RunAsync(
            Path.Combine(runner, "ApiLevel.Console.dll"),
            "-Command",
            "(Get-Module ApiLevel).ModuleBase; (Get-ApiEventMapping LogonUserA -Source Security -EventId 4624).Api; (Get-Help Get-ApiEventMapping).Name; " +
            "[AppDomain]::CurrentDomain.GetAssemblies().Where({ $_.GetName().Name -eq 'ApiLevel' }).Location");

        Assert.Equal(
            [module, "LogonUser", "Get-ApiEventMapping", Path.Combine(module, "bin", "net8.0", "ApiLevel.dll")],
            output.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(0, code);
    }

    [Fact]
    public void The_package_has_both_builds_without_symbols_and_without_code_for_one_kind_of_machine()
    {
        Assert.True(Directory.Exists(Path.Combine(package.Module, "bin", "netstandard2.0")));
        Assert.Empty(Directory.GetFiles(package.Module, "*.pdb", SearchOption.AllDirectories));
        Assert.All(OwnAssemblies(), file => Assert.True(RunsAnywhere(file), $"{file} has code for one kind of machine"));
    }

    [Fact]
    public void No_assembly_of_ours_tells_where_it_was_built()
    {
        Assert.Equal(12, OwnAssemblies().Length);
        Assert.All(
            OwnAssemblies(),
            file =>
            {
                byte[] bytes = File.ReadAllBytes(file);
                Assert.False(Contains(bytes, Repository.Root, Encoding.UTF8) || Contains(bytes, Repository.Root, Encoding.Unicode), $"{file} has the path of the checkout");
            });
    }

    [Fact]
    public async Task The_same_sources_in_another_folder_give_the_same_bytes()
    {
        using TemporaryFolder folder = new();
        string checkout = Path.Combine(folder.Path, "a checkout elsewhere");
        foreach (string part in (string[])["src", "en-US", ".github"])
        {
            Copy(Path.Combine(Repository.Root, part), Path.Combine(checkout, part));
        }

        foreach (string file in Directory.GetFiles(Repository.Root).Where(f => Path.GetFileName(f) != ".git"))
        {
            File.Copy(file, Path.Combine(checkout, Path.GetFileName(file)));
        }

        // Analyzers only report; without them the second build is done in half of the time.
        string module = Path.Combine(folder.Path, "package") + Path.DirectorySeparatorChar;
        await PackageFixture.MakeAsync(checkout, module, "-p:RunAnalyzers=false");

        Assert.Equal(PackageFixture.FilesOf(package.Module), PackageFixture.FilesOf(module));
        Assert.DoesNotContain(
            PackageFixture.FilesOf(module),
            file => !File.ReadAllBytes(Path.Combine(module, file)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(package.Module, file))));
    }

    [Fact]
    public void The_bill_of_materials_names_every_file_with_its_hash()
    {
        using JsonDocument bill = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(package.Module, Bill)));
        Assert.Equal("CycloneDX", bill.RootElement.GetProperty("bomFormat").GetString());
        Dictionary<string, string> hashes = Components(bill.RootElement)
            .Where(c => c.GetProperty("type").GetString() == "file")
            .ToDictionary(c => c.GetProperty("name").GetString()!, c => c.GetProperty("hashes")[0].GetProperty("content").GetString()!);

        Assert.Equal(PackageFixture.FilesOf(package.Module).Where(f => f != Bill), hashes.Keys.Order(StringComparer.Ordinal));
        Assert.All(
            hashes,
            file => Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(package.Module, file.Key)))), file.Value));
    }

    [Fact]
    public void Every_assembly_of_others_stands_in_the_bill_below_its_package_and_in_the_notices()
    {
        using JsonDocument bill = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(package.Module, Bill)));
        string notices = File.ReadAllText(Path.Combine(package.Module, Notices));
        List<JsonElement> packages = [.. Components(bill.RootElement).Where(c => c.TryGetProperty("purl", out _))];
        HashSet<string> ofPackages = [.. packages.SelectMany(Components).Select(c => c.GetProperty("name").GetString()!)];
        string[] foreign = [.. PackageFixture.FilesOf(package.Module).Where(f => f.EndsWith(".dll", StringComparison.Ordinal) && !Path.GetFileName(f).StartsWith("ApiLevel", StringComparison.Ordinal))];

        Assert.Contains("bin/private/net8.0/YamlDotNet.dll", foreign);
        Assert.Equal(foreign, ofPackages.Order(StringComparer.Ordinal));
        Assert.All(foreign, file => Assert.Contains(file, notices));
        Assert.All(
            packages,
            p =>
            {
                Assert.Contains($"{p.GetProperty("name").GetString()} {p.GetProperty("version").GetString()}\n", notices);
                Assert.NotEqual(0, p.GetProperty("licenses").GetArrayLength());
            });
        Assert.Contains("Copyright (c) Antoine Aubry and contributors", notices);
        Assert.Contains("The above copyright notice and this permission notice shall be included", notices);
    }

    private string[] OwnAssemblies() =>
        Directory.GetFiles(Path.Combine(package.Module, "bin"), "ApiLevel*.dll", SearchOption.AllDirectories);

    private static IEnumerable<JsonElement> Components(JsonElement of) =>
        of.TryGetProperty("components", out JsonElement components)
            ? components.EnumerateArray().SelectMany(c => Components(c).Prepend(c))
            : [];

    /// <summary>The checkout's own assemblies have native code for the machine that built them; another would refuse to load them.</summary>
    private static bool RunsAnywhere(string file)
    {
        using PEReader reader = new(File.OpenRead(file));
        return reader.PEHeaders.CorHeader is { } header && header.Flags.HasFlag(CorFlags.ILOnly) && header.ManagedNativeHeaderDirectory.Size == 0;
    }

    private static bool Contains(byte[] bytes, string text, Encoding encoding) => bytes.AsSpan().IndexOf(encoding.GetBytes(text)) >= 0;

    // Without what a build left in the source folders.
    private static void Copy(string from, string to)
    {
        bool isSource = from.StartsWith(Path.Combine(Repository.Root, "src"), StringComparison.Ordinal);
        foreach (string file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            string relative = Path.GetRelativePath(from, file);
            if (isSource && relative.Split(Path.DirectorySeparatorChar) is [_, "bin" or "obj", ..])
            {
                continue;
            }

            string target = Path.Combine(to, relative);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
