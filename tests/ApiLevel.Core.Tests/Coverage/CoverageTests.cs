using System.Collections.Generic;
using System.Linq;
using ApiLevel.Core.Tests.Support;
using ApiLevel.Coverage;
using ApiLevel.Facts;
using ApiLevel.Formats;
using ApiLevel.Formats.Portable;
using ApiLevel.Names;
using ApiLevel.Verdicts;

namespace ApiLevel.Core.Tests.Coverage;

public sealed class CoverageTests
{
    private readonly MappingStore _store = TestFacts.Open();

    [Theory]
    [InlineData("kernel32!OpenProcess", Verdict.Recordable)]
    [InlineData("kernel32!Silent", Verdict.Invisible)]
    [InlineData("gdi32!LineDDA", Verdict.Untracked)]
    [InlineData("user32!SetClipboardData", Verdict.Unknown)]
    [InlineData("kernel32!HalfKnown", Verdict.Unknown)]
    [InlineData("kernel32!CreateThing", Verdict.Unknown)]
    [InlineData("user32!OtherClass", Verdict.Unknown)]
    [InlineData("user32!AsksService", Verdict.Unknown)]
    public void Each_verdict_is_given_for_its_own_reason(string key, Verdict expected)
    {
        ApiName name = ApiName.Parse(key);
        ApiJudgement judgement = new ApiJudge(_store).Judge(_store.Resolve(name.Module, name.Name).Api);

        Assert.Equal(expected, judgement.Verdict);
        Assert.EndsWith("facts " + _store.DataVersion, judgement.Reason, System.StringComparison.Ordinal);
    }

    [Fact]
    public void Invisible_rests_on_a_row_of_its_own_and_its_evidence_counts()
    {
        ApiEntry api = _store.Resolve("kernel32", "Silent").Api;

        Assert.Contains("It reads memory; searched: everything", new ApiJudge(_store).Judge(api).Reason, System.StringComparison.Ordinal);
        Assert.Equal(Verdict.Unknown, new ApiJudge(_store, Evidence.High).Judge(api).Verdict);
        Assert.Contains("the other half", new ApiJudge(_store).Judge(_store.Resolve("kernel32", "HalfKnown").Api).Reason, System.StringComparison.Ordinal);
    }

    [Fact]
    public void Weak_evidence_counts_when_it_is_asked_for()
    {
        ApiEntry api = _store.Resolve("user32", "SetClipboardData").Api;

        Assert.Equal(Verdict.Recordable, new ApiJudge(_store, Evidence.Low).Judge(api).Verdict);
        Assert.Contains("below Derived", new ApiJudge(_store).Judge(api).Reason, System.StringComparison.Ordinal);
    }

    [Fact]
    public void Without_its_source_an_event_is_not_seen_and_the_reason_names_it()
    {
        ApiJudgement judgement = new ApiJudge(_store, sources: source => source.Name == "Sysmon").Judge(_store.Resolve("advapi32", "LogonUser").Api);

        Assert.Equal(Verdict.Unknown, judgement.Verdict);
        Assert.Contains("Security 4624", judgement.Reason, System.StringComparison.Ordinal);
    }

    [Fact]
    public void Each_import_gets_a_row_in_file_order_with_what_stands_in_the_file()
    {
        ApiCoverage[] rows = Rows(Image());

        Assert.Equal(
            ["kernel32!OpenProcess Recordable", "advapi32!LogonUser Recordable", "gdi32!LineDDA Untracked", "evil!OpenProcess Untracked", "kernel32!Silent Invisible", "ws2_32!#77 Untracked"],
            rows.Select(row => $"{row.Module}!{row.Api} {row.Verdict}"));
        Assert.Equal("LogonUserW", rows[1].ImportedName);
        Assert.Equal("Sysmon 10; Security 4663; Kernel-Audit 5", rows[0].Events);
    }

    [Fact]
    public void The_percentage_leaves_untracked_imports_out()
    {
        ApiCoverageSummary summary = Summary(Image());

        Assert.Equal((6, 3, 2, 1, 3), (summary.Imports, summary.Tracked, summary.Recordable, summary.Invisible, summary.Untracked));
        Assert.Equal(66.7, summary.CoveragePercent);
    }

    [Fact]
    public void A_damaged_table_is_one_unknown_row_and_no_percentage()
    {
        PortableImage image = Image(problems: [new Problem("import table", "points outside")]);

        ApiCoverage last = Rows(image).Last();
        Assert.Equal(("Unknown", "import table: points outside; what it holds is not known"), (last.Verdict, last.Reason));
        Assert.Null(Summary(image).CoveragePercent);
        Assert.False(Summary(image).Complete);
    }

    [Fact]
    public void A_packed_file_is_not_judged_by_the_imports_of_its_packer()
    {
        PortableImage image = Image(packed: "UPX (section names)");

        Assert.Contains("UPX", Rows(image).Last().Reason, System.StringComparison.Ordinal);
        Assert.Null(Summary(image).CoveragePercent);
        Assert.Equal(1, Summary(image).Unknown);
    }

    [Fact]
    public void An_image_without_tracked_imports_has_no_percentage()
    {
        Assert.Null(Summary(new PortableImage()).CoveragePercent);
    }

    [Fact]
    public void An_import_that_was_listed_before_is_judged_like_the_one_in_the_file()
    {
        var evaluator = new CoverageEvaluator(new ApiJudge(_store));
        ApiImport[] imports = [.. new ImageReferences(_store).Resolve(Image()).Select(reference => reference.ToImport("x.exe"))];

        Assert.Equal(
            evaluator.Evaluate(Image()).Select(row => (row.Name, row.Module, row.Judgement)),
            imports.Select(evaluator.Evaluate).Select(row => (row.Name, row.Module, row.Judgement)));
    }

    [Fact]
    public void Managed_members_that_the_facts_do_not_know_are_no_windows_apis()
    {
        PortableImage image = Image(more: [new PortableReference(ReferenceKind.ManagedReference, "mscorlib", "System.Object::ToString")]);

        Assert.DoesNotContain(new ImageReferences(_store).Resolve(image), reference => reference.Reference.Kind == ReferenceKind.ManagedReference);
    }

    private ApiCoverage[] Rows(PortableImage image)
    {
        var rows = new CoverageRows(_store);
        return [.. new CoverageEvaluator(new ApiJudge(_store)).Evaluate(image).Select(reference => rows.Describe("x.exe", reference))];
    }

    private ApiCoverageSummary Summary(PortableImage image) =>
        new CoverageRows(_store).Describe("x.exe", image, new CoverageEvaluator(new ApiJudge(_store)).Count(image));

    [Theory]
    [InlineData("ror13", "LoadLibraryA", 0xEC0E4E8Eu)]
    [InlineData("djb2", "LoadLibraryA", 0x5FBFF0FBu)]
    [InlineData("fnv1a", "LoadLibraryA", 0x53B2070Fu)]
    [InlineData("crc32", "LoadLibraryA", 0x3FC1BD8Du)]
    public void Hashes_are_those_that_shellcode_uses(string algorithm, string name, uint expected)
    {
        FactSet facts = TestFacts.Create();
        facts.Exports.Add(new ExportFact { Module = "kernel32", Name = name, BaseName = "LoadLibrary", Namespace = "System", Reference = "test" });
        facts.Techniques.Add(new TechniqueFact { Api = "kernel32!LoadLibrary", Technique = "T1129", Relation = "any", Evidence = Evidence.Medium, Reference = "test" });
        var inference = new StoreInference(TestFacts.Open(facts), InferenceKinds.Hash);

        Assert.True(inference.TryGetHash(expected, out string found, out string module, out string function));
        Assert.Equal((algorithm, "kernel32", name), (found, module, function));
    }

    private static PortableImage Image(
        IReadOnlyList<Problem>? problems = null, string? packed = null, IReadOnlyList<PortableReference>? more = null) => new()
        {
            Format = "PE32+",
            Machine = "x64",
            Packed = packed,
            Problems = problems ?? [],
            References =
            [
                new PortableReference(ReferenceKind.Import, "KERNEL32.dll", "OpenProcess"),
                new PortableReference(ReferenceKind.Import, "ADVAPI32.dll", "LogonUserW"),
                new PortableReference(ReferenceKind.Import, "GDI32.dll", "LineDDA"),
                new PortableReference(ReferenceKind.Import, "evil.dll", "OpenProcess"),
                new PortableReference(ReferenceKind.DelayImport, "KERNEL32.dll", "Silent"),
                new PortableReference(ReferenceKind.Import, "WS2_32.dll", "", 77),
                .. more ?? [],
            ],
        };
}
